//! `[]` in a pattern.

use super::{sets, within};
use crate::{
    diagnostic::Severity,
    dialplan::pattern::{Language, Pattern},
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
};
use std::ops::Range;

rule! {
    /// # What it finds
    /// A set without anything in it: `[]`.
    ///
    /// # Why it hurts
    /// At the end of a pattern it makes the extension one that never answers. Before other places it
    /// counts as nothing, so the extension is one key shorter than it looks.
    ///
    /// # Example
    /// ```text
    /// exten => _6[],1,Dial(PJSIP/${EXTEN})
    /// ```
    /// Write the keys that are meant: `_6[0-5]`.
    pub(super) static RULE = {
        name: "empty-set",
        code: "D003",
        group: Group::Digits,
        severity: Severity::Error,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for spelling in subject.spellings() {
        for (text, places) in spelling.both() {
            let bytes = subject.bytes(text);
            for set in sets(bytes).filter(Range::is_empty) {
                let place = within(places[0], bytes, set.start - 1..set.end + 1);
                let is_dead = Language::new(&Pattern::new(bytes)).is_empty;
                let message = if is_dead {
                    "the set has no key in it: this extension never answers"
                } else {
                    "the set has no key in it and counts as nothing"
                };
                findings
                    .report(place, message)
                    .help("write the keys that are meant, or take it away");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn an_empty_set_is_found() {
        check(
            &RULE,
            "
            [a]
            exten => _6[],1,NoOp()
                       ^^ the set has no key in it: this extension never answers
            exten => _9[]5[0-5],1,NoOp()
                       ^^ the set has no key in it and counts as nothing
            exten => 6[],1,NoOp()
            exten => _6[1],1,NoOp()
            ",
        );
    }
}
