//! What becomes of the linter's findings: places for people, a baseline, fixes.
//!
//! Must not find anything itself (that is `ivrkit_dialplan::lint`'s), nor decide how findings look
//! (that is [`crate::report`]'s) or how a command ends.

mod fingerprint;
mod located;

pub use fingerprint::fingerprints;
pub use located::{Located, LocatedEdit, LocatedFinding, LocatedFix, LocatedNote, Shown, located};
pub(crate) use located::{safety_name, severity_name};
