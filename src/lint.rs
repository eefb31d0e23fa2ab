//! What becomes of the linter's findings: places for people, a baseline, fixes.
//!
//! Must not find anything itself (that is `ivrkit_dialplan::lint`'s), nor decide how findings look
//! (that is [`crate::report`]'s) or how a command ends.

pub mod baseline;
mod fingerprint;
pub mod fixing;
mod located;
mod merging;

pub use baseline::Baseline;
pub use fingerprint::fingerprints;
pub use fixing::Fixing;
pub use located::{Located, LocatedEdit, LocatedFinding, LocatedFix, LocatedNote, Shown, located};
pub(crate) use located::{safety_name, severity_name};
pub use merging::{Linted, merged};
