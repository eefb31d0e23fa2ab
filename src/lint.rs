//! The linter at work: which files, under which settings; and what becomes of its findings: places
//! for people, a baseline, fixes.
//!
//! Must not find anything itself (that is `ivrkit_dialplan::lint`'s), nor decide how findings look
//! (that is [`crate::report`]'s) or how a command ends.

pub mod baseline;
pub mod config;
mod cores;
mod fingerprint;
pub mod fixing;
pub mod inputs;
mod located;
pub mod manual;
mod merging;
pub mod modules;
pub mod names;
pub mod neighbours;
pub mod rule_names;
pub mod run;
mod secrets;
pub mod sounds;
pub mod spot;
mod surroundings;

pub use baseline::Baseline;
pub use fingerprint::fingerprints;
pub use fixing::Fixing;
pub use located::{
    Kept, Located, LocatedEdit, LocatedFinding, LocatedFix, LocatedNote, Shown, located,
};
pub(crate) use located::{safety_name, severity_name};
pub use merging::{Linted, merged};
