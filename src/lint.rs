//! The linter at work: which files, under which settings; and what becomes of its findings: places
//! for people, a baseline, fixes.
//!
//! Must not find anything itself (that is `ivrkit_dialplan::lint`'s), nor decide how findings look
//! (that is [`crate::report`]'s) or how a command ends.

pub mod config;
mod fingerprint;
pub mod inputs;
mod located;
pub mod manual;
pub mod modules;
pub mod names;
pub mod rule_names;
pub mod run;
pub mod spot;

pub use fingerprint::fingerprints;
pub use located::{Located, LocatedEdit, LocatedFinding, LocatedFix, LocatedNote, Shown, located};
pub(crate) use located::{safety_name, severity_name};
