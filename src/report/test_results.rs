//! What became of tests, as people and machines read it; one file for each form.
//!
//! Must not run anything.

mod coverage;
mod json;
mod junit;
mod text;

pub use coverage::{write_lcov, write_missed};
pub use json::write_json;
pub use junit::write_junit;
pub use text::write_text;

use crate::test_run::Suite;

/// The test file and, for a scenario, the kind of PBX.
fn suite_name(suite: &Suite) -> String {
    match suite.profile {
        Some(profile) => format!("{} ({profile})", suite.path.display()),
        None => suite.path.display().to_string(),
    }
}
