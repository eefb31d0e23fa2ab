//! The dialplan that is linted, with what rules ask of it.

use super::{
    Reading, Settings, Step, Variables,
    flow::Flow,
    menu::Menus,
    spelling::{self, Spelling},
    target::Index,
};
use crate::{
    dialplan::{Context, Dialplan},
    syntax::{Section, Text},
};
use hashbrown::HashMap;
use std::sync::OnceLock;

/// The dialplan that is linted.
#[derive(Debug)]
pub struct Subject<'a> {
    /// What Asterisk loads.
    pub dialplan: &'a Dialplan,
    /// The lines it loads that from.
    pub sections: &'a [Section],
    /// What the operator says.
    pub settings: &'a Settings,
    /// The contexts by name, as their place in the dialplan.
    contexts: HashMap<&'a [u8], u32>,
    index: OnceLock<Index>,
    spellings: OnceLock<Vec<Spelling>>,
    menus: OnceLock<Menus>,
    flow: OnceLock<Flow>,
    variables: OnceLock<Variables>,
}

impl<'a> Subject<'a> {
    /// A dialplan under some settings.
    pub fn new(reading: &'a Reading, settings: &'a Settings) -> Self {
        let Reading { sections, dialplan } = reading;
        let names = dialplan.contexts.iter().map(|one| dialplan.files.bytes(one.name));
        let contexts = names.zip(0..).collect();
        Self {
            dialplan,
            sections,
            settings,
            contexts,
            index: OnceLock::new(),
            spellings: OnceLock::new(),
            menus: OnceLock::new(),
            flow: OnceLock::new(),
            variables: OnceLock::new(),
        }
    }

    /// The bytes of a text.
    pub fn bytes(&self, text: Text) -> &'a [u8] {
        self.dialplan.files.bytes(text)
    }

    /// A text as messages show it.
    pub fn shown(&self, text: Text) -> String {
        String::from_utf8_lossy(self.bytes(text)).into_owned()
    }

    /// The context of exactly this name.
    pub fn context(&self, name: &[u8]) -> Option<&'a Context> {
        self.context_number(name).map(|number| &self.dialplan.contexts[number])
    }

    /// The place of a context among those of the dialplan.
    pub(super) fn context_number(&self, name: &[u8]) -> Option<usize> {
        self.contexts.get(name).map(|&number| number as usize)
    }

    /// What is looked up again and again, made when it is first asked for.
    pub(super) fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::new(self))
    }

    /// Whether the operator says that the PBX has this context, although no file shows it.
    pub fn is_external(&self, name: &[u8]) -> bool {
        self.settings.external_contexts.iter().any(|known| known.as_bytes() == name)
    }

    /// Which variables are set and read.
    pub fn variables(&self) -> &Variables {
        self.variables.get_or_init(|| Variables::of(self))
    }

    /// The names of extensions that are patterns, or look as if they should be.
    pub(super) fn spellings(&self) -> &[Spelling] {
        self.spellings.get_or_init(|| spelling::spellings(self))
    }

    /// How calls move through the dialplan.
    pub(super) fn flow(&'a self) -> &'a Flow {
        self.flow.get_or_init(|| Flow::new(self))
    }

    /// Where callers type extensions.
    pub(super) fn menus(&self) -> &Menus {
        self.menus.get_or_init(|| Menus::new(self))
    }

    /// All steps, context by context in the order of the listing's extensions; hints are none.
    pub fn steps(&self) -> impl Iterator<Item = Step<'_>> {
        self.dialplan.contexts.iter().flat_map(move |context| {
            context.extensions.iter().flat_map(move |extension| {
                let steps = extension.priorities.iter().filter(|one| one.number > 0);
                steps.map(move |priority| Step { subject: self, context, extension, priority })
            })
        })
    }
}
