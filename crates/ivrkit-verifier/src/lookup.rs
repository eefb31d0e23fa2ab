//! Where entered digits are looked up: one arm per kind that a scenario can name.
//!
//! A look-up that the store itself can do is done within the transaction that records the verdict,
//! so that code and call cannot disagree after a crash. Must not decide what a verdict leads to.

use crate::store::{Failure, Writing, codes::Question};
use ivrkit_dialplan::{
    scenario::Lookup,
    verification::{TimeMs, Verdict},
};

/// Judges an entry.
pub(crate) fn judge(
    lookup: Lookup,
    writing: &Writing<'_>,
    question: &Question<'_>,
    now: TimeMs,
) -> Result<Verdict, Failure> {
    match lookup {
        Lookup::Codes => writing.judge(question, now),
    }
}
