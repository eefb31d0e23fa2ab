//! A range of a set that runs backwards.

use super::{sets, within};
use crate::{
    diagnostic::Severity,
    lint::{Check, Edit, Findings, Fix, Group, Origin, Safety, Subject, rule::rule},
};
use std::ops::Range;

rule! {
    /// # What it finds
    /// A range in a set whose end comes before its beginning, as `[9-2]`.
    ///
    /// # Why it hurts
    /// Such a range takes no key at all. If the set has nothing else, the extension never answers: who
    /// dials it is told that the number does not exist, or ends up at `i`.
    ///
    /// # Example
    /// ```text
    /// exten => _[9-2]XX,1,Dial(PJSIP/${EXTEN})
    /// ```
    /// Better:
    /// ```text
    /// exten => _[2-9]XX,1,Dial(PJSIP/${EXTEN})
    /// ```
    pub(super) static RULE = {
        name: "reversed-range",
        code: "D002",
        group: Group::Digits,
        severity: Severity::Error,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for spelling in subject.spellings() {
        for (text, places) in spelling.both() {
            let bytes = subject.bytes(text);
            for set in sets(bytes) {
                for range in reversed(bytes, set) {
                    let place = within(places[0], bytes, range.clone());
                    let shown = bytes[range.clone()].escape_ascii();
                    let turned: Vec<u8> = bytes[range.clone()].iter().rev().copied().collect();
                    let message = format!("the range `{shown}` runs backwards and takes no key");
                    let finding = findings.report(place, message);
                    finding.help(format!("write `{}`", turned.escape_ascii()));
                    let edits = places.iter().map(|&place| Edit {
                        place: within(place, bytes, range.clone()),
                        text: turned.clone(),
                    });
                    finding.fix = Some(Fix {
                        title: "turn the range round".to_owned(),
                        safety: Safety::Unsafe,
                        edits: edits.collect(),
                    });
                }
            }
        }
    }
}

/// The ranges of a set that take nothing.
fn reversed(name: &[u8], set: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut at = set.start;
    std::iter::from_fn(move || {
        while at < set.end {
            let from = at;
            let rest = &name[from..set.end];
            at += if rest.len() >= 3 && rest[1] == b'-' { 3 } else { 1 };
            if at - from == 3 && rest[0].cast_signed() > rest[2].cast_signed() {
                return Some(from..at);
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn a_range_that_runs_backwards_is_found() {
        check(
            &RULE,
            "
            [a]
            exten => _1[9-2]X,1,NoOp()
                        ^^^ the range `9-2` runs backwards and takes no key
            exten => _1[2-9]X,1,NoOp()
            exten => _1[1-3-5],1,NoOp()
            exten => _1[5-],1,NoOp()
            exten => 1/_5[3-1],1,NoOp()
                          ^^^ the range `3-1` runs backwards and takes no key
            exten => 1[9-2],1,NoOp()
            ",
        );
    }

    #[test]
    fn the_fix_turns_it_round() {
        check_fix(
            &RULE,
            "
            [a]
            exten => _1[9-2],1,NoOp()
            exten => _1[9-2],2,NoOp()
            ",
            "
            [a]
            exten => _1[2-9],1,NoOp()
            exten => _1[2-9],2,NoOp()
            ",
        );
    }
}
