//! Findings as people and machines read them; one file for each form.
//!
//! Must not find anything itself, nor decide how a command ends.

mod dialplan;
pub mod findings;
mod json;
mod listing;
pub mod test_results;
mod text;
pub mod transcript;

pub use dialplan::{Located, located, write_messages};
pub use json::write_json;
pub use listing::{Listing, write_listing};
pub use text::{Look, write_summary, write_text};

use ivrkit_dialplan::{diagnostic::Severity, scenario::Reading};

/// How many findings are errors, and how many warnings.
pub(crate) fn counts(reading: &Reading) -> (usize, usize) {
    let errors =
        reading.diagnostics.iter().filter(|finding| finding.severity == Severity::Error).count();
    (errors, reading.diagnostics.len() - errors)
}
