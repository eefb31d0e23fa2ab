//! What a simulated call begins with, and the PBX it runs on.

use super::{
    scripted::{ScriptedFunction, ScriptedOutcome},
    sounds::Sounds,
};
use crate::{
    application::Version,
    dialplan::{
        Dialplan, Extension,
        matching::{self, Found, Question},
    },
};
use hashbrown::HashMap;
use std::{fmt, sync::Arc};

/// A PBX: what all calls share.
#[derive(Clone)]
pub struct Pbx {
    pub(super) dialplan: Arc<Dialplan>,
    /// The place of each context in the dialplan's list.
    pub(super) contexts: Arc<HashMap<Vec<u8>, usize>>,
    pub(super) version: Version,
    pub(super) sounds: Arc<dyn Sounds>,
    /// `autofallthrough` of `[general]`: whether a call ends after the last priority instead of
    /// waiting for keys.
    pub(super) falls_through: bool,
}

/// A call's beginning.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Where it enters.
    pub context: Vec<u8>,
    /// Where it enters.
    pub exten: Vec<u8>,
    /// Where it enters.
    pub priority: i32,
    /// `CALLERID(num)`; none if the caller's number is not known.
    pub caller_number: Option<Vec<u8>>,
    /// `CALLERID(name)`.
    pub caller_name: Option<Vec<u8>>,
    /// Channel variables, as an origination sets them: in order, `_` and `__` for inheritance,
    /// functions too.
    pub variables: Vec<(Vec<u8>, Vec<u8>)>,
    /// `${CHANNEL}`.
    pub channel: Vec<u8>,
    /// `${UNIQUEID}`.
    pub unique_id: Vec<u8>,
    /// The language of sounds.
    pub language: Vec<u8>,
    /// Whether the call is already answered when it enters.
    pub is_answered: bool,
    /// Seconds since 1970 at the beginning of the call, in UTC.
    pub epoch_s: i64,
    /// How many milliseconds of that second had gone by.
    pub epoch_part_ms: u16,
    /// How far the PBX's local time is ahead of UTC, in seconds.
    pub utc_offset_s: i32,
    /// Seed of `RAND` and its like.
    pub seed: u64,
    /// What comes of applications that cannot run here: the first that fits and is not used up
    /// counts.
    pub outcomes: Vec<ScriptedOutcome>,
    /// What functions are worth that cannot run here, likewise.
    pub functions: Vec<ScriptedFunction>,
    /// What ends a call that goes on for ever.
    pub limits: Limits,
}

/// Limits of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most steps.
    pub steps: u32,
    /// Longest time in milliseconds.
    pub time_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 100_000, time_ms: 4 * 3_600_000 }
    }
}

impl Default for Setup {
    /// A call from nobody to `s` of `default`, answered, at the beginning of 2024.
    fn default() -> Self {
        Self {
            context: b"default".to_vec(),
            exten: b"s".to_vec(),
            priority: 1,
            caller_number: None,
            caller_name: None,
            variables: Vec::new(),
            channel: b"Simulated/1".to_vec(),
            unique_id: b"1704067200.1".to_vec(),
            language: b"en".to_vec(),
            is_answered: true,
            epoch_s: 1_704_067_200,
            epoch_part_ms: 0,
            utc_offset_s: 0,
            seed: 1,
            outcomes: Vec::new(),
            functions: Vec::new(),
            limits: Limits::default(),
        }
    }
}

impl Pbx {
    /// A PBX with a dialplan and sounds.
    pub fn new(dialplan: Dialplan, version: Version, sounds: Arc<dyn Sounds>) -> Self {
        let names = dialplan.contexts.iter().map(|context| dialplan.files.bytes(context.name));
        let contexts = names.enumerate().map(|(at, name)| (name.to_vec(), at)).collect();
        let falls_through = dialplan.falls_through;
        let (dialplan, contexts) = (Arc::new(dialplan), Arc::new(contexts));
        Self { dialplan, contexts, version, sounds, falls_through }
    }

    /// The same PBX with other sounds; the dialplan is shared.
    #[must_use]
    pub fn with_sounds(&self, sounds: Arc<dyn Sounds>) -> Self {
        Self { sounds, ..self.clone() }
    }

    /// The number of the priority that has a label, as the manager interface looks it up for a
    /// redirect: for nobody in particular, includes whatever their times.
    pub fn label(&self, context: &[u8], exten: &[u8], label: &[u8]) -> Option<i32> {
        let question = Question { context, digits: exten, caller: b"", priority: 0 };
        let number = |extension: &Extension| super::lookup::labelled(self, extension, label);
        let is_it = |extension: &Extension| number(extension).is_some();
        match matching::find_where(&*self.dialplan, &question, is_it) {
            Found::Extension(extension) => number(extension),
            Found::Switch(_) | Found::Nothing => None,
        }
    }

    /// The dialplan.
    pub fn dialplan(&self) -> &Dialplan {
        &self.dialplan
    }
}

impl fmt::Debug for Pbx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pbx").field("contexts", &self.contexts.len()).finish_non_exhaustive()
    }
}
