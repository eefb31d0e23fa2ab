//! What is known of the applications that a dialplan names: asked once for each name, for a dialplan
//! has a hundred names and a hundred thousand calls.

use super::Subject;
use crate::application::{
    self, Entry,
    behaviour::{self, Behaviour},
    target,
};
use hashbrown::HashMap;

/// What is known of an application by its name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meant {
    /// What the catalogue knows of it, in any version.
    pub(super) entry: Option<&'static Entry>,
    /// What it does to the call that runs it.
    pub(super) behaviour: Option<&'static Behaviour>,
    /// Whether it names places of the dialplan, or runs other applications.
    pub(super) names_places: bool,
}

/// The applications of a dialplan by their names as written, without blanks around them.
#[derive(Debug)]
pub(super) struct Applications(HashMap<Vec<u8>, Meant>);

impl Applications {
    pub(super) fn of(subject: &Subject<'_>) -> Self {
        let mut known = HashMap::new();
        for context in &subject.dialplan.contexts {
            for priority in context.extensions.iter().flat_map(|one| &one.priorities) {
                let name = subject.bytes(priority.application).trim_ascii();
                if !known.contains_key(name) {
                    known.insert(name.to_vec(), Meant::new(name));
                }
            }
        }
        Self(known)
    }

    /// What is known of that name; those inside of other calls are looked up anew.
    pub(super) fn meant(&self, name: &[u8]) -> Meant {
        self.0.get(name).copied().unwrap_or_else(|| Meant::new(name))
    }
}

impl Meant {
    fn new(name: &[u8]) -> Self {
        Self {
            entry: application::application(name),
            behaviour: behaviour::behaviour(name),
            names_places: target::names_places(name),
        }
    }
}
