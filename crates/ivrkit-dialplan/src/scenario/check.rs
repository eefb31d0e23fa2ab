//! Whether a scenario makes sense: all that needs a look at two places at once.
//!
//! One file per family of mistakes, one line here for each. The checks see an
//! [outline](super::outline) and so work on scenarios that have other mistakes as well. Must not
//! repeat what the schema says.

mod attempts;
mod digits;
mod hold;
mod keys;
mod loops;
mod parts;
mod paths;
mod per_callee;
mod prompt_names;
mod prompts;
mod push_to;
mod reach;
mod sound_formats;
mod targets;
mod tts;
mod verifications;

use super::outline::Outline;
use crate::diagnostic::Diagnostic;

type Check = fn(&Outline, &mut Vec<Diagnostic>);

const CHECKS: [Check; 16] = [
    targets::check,
    prompts::check,
    verifications::check,
    reach::check,
    loops::check,
    keys::check,
    digits::check,
    attempts::check,
    hold::check,
    prompt_names::check,
    per_callee::check,
    parts::check,
    paths::check,
    push_to::check,
    sound_formats::check,
    tts::check,
];

/// Everything that does not make sense, in no particular order.
pub(super) fn findings(outline: &Outline) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for check in CHECKS {
        check(outline, &mut findings);
    }
    findings
}
