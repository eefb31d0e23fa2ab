//! What a simulated call begins with, and the PBX it runs on.

use crate::{
    application::Version,
    dialplan::{
        Dialplan, Extension,
        matching::{self, Found, Question},
    },
};
use std::{collections::HashMap, fmt, sync::Arc};

/// A PBX: what all calls share.
pub struct Pbx {
    pub(super) dialplan: Dialplan,
    /// The place of each context in the dialplan's list.
    pub(super) contexts: HashMap<Vec<u8>, usize>,
    pub(super) version: Version,
    pub(super) sounds: Arc<dyn Sounds>,
    /// `autofallthrough` of `[general]`: whether a call ends after the last priority instead of
    /// waiting for keys.
    pub(super) falls_through: bool,
}

/// The sounds of a PBX.
pub trait Sounds: Send + Sync {
    /// How long a sound is in milliseconds, named as the dialplan names it, without the ending of
    /// its file; none if there is no such sound in that language or without one.
    fn length_ms(&self, name: &[u8], language: &[u8]) -> Option<u64>;
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
    /// What comes of applications that cannot run here, the first that fits counts.
    pub outcomes: Vec<ScriptedOutcome>,
    /// What ends a call that goes on for ever.
    pub limits: Limits,
}

/// What comes of an application that is not run, such as `Dial` or `AGI`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptedOutcome {
    /// The application's name; letter case does not count.
    pub application: String,
    /// What its data must contain; empty for anything.
    pub data_contains: Vec<u8>,
    /// How long it takes.
    pub takes_ms: u64,
    /// The variables and functions that it sets.
    pub sets: Vec<(Vec<u8>, Vec<u8>)>,
    /// Whether the call ends with it; else it goes on.
    pub hangs_up: bool,
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
        Self { dialplan, contexts, version, sounds, falls_through }
    }

    /// The number of the priority that has a label, as the manager interface looks it up for a
    /// redirect: for nobody in particular, includes whatever their times.
    pub fn label(&self, context: &[u8], exten: &[u8], label: &[u8]) -> Option<i32> {
        let question = Question { context, digits: exten, caller: b"", priority: 0 };
        let number = |extension: &Extension| super::lookup::labelled(self, extension, label);
        let is_it = |extension: &Extension| number(extension).is_some();
        match matching::find_where(&self.dialplan, &question, is_it) {
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
