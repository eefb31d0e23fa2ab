//! Something in a set that no keypad has.

use super::{sets, within};
use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
};

rule! {
    /// # What it finds
    /// `X`, `Z` or `N` in a set, a comma, a blank, or a `-` at its edge.
    ///
    /// # Why it hurts
    /// In a set every character but the `-` between two others is itself. `[X]` takes the letter X and no
    /// digit, so the extension never answers what was meant. A comma or a blank is a key that no phone
    /// has; a dialled `-` counts as nothing, so that one in a set is never asked for.
    ///
    /// # Example
    /// ```text
    /// exten => _[1-3X],1,Goto(menu,s,1)
    /// exten => _[1,2,3],1,Goto(menu,s,1)
    /// ```
    /// Better:
    /// ```text
    /// exten => _X,1,Goto(menu,s,1)
    /// exten => _[123],1,Goto(menu,s,1)
    /// ```
    pub(super) static RULE = {
        name: "odd-set-member",
        code: "D005",
        group: Group::Digits,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for spelling in subject.spellings() {
        for (text, places) in spelling.both() {
            let bytes = subject.bytes(text);
            for set in sets(bytes) {
                if let Some((at, message)) = odd_member(&bytes[set.clone()]) {
                    let at = set.start + at;
                    findings.report(within(places[0], bytes, at..at + 1), message);
                }
            }
        }
    }
}

fn odd_member(set: &[u8]) -> Option<(usize, String)> {
    // Among other letters an X is one of them.
    let is_word = set.iter().any(|byte| byte.is_ascii_alphabetic() && !b"XNZ".contains(byte));
    let last = set.len().checked_sub(1)?;
    set.iter().enumerate().find_map(|(at, &byte)| match byte {
        b'X' | b'N' | b'Z' if !is_word => {
            Some((at, format!("in a set, `{}` is a letter, not a digit", char::from(byte))))
        }
        b',' => Some((at, "in a set, a comma is a key that no phone has".to_owned())),
        b' ' => Some((at, "in a set, a blank is a key that no phone has".to_owned())),
        b'-' if at == 0 || at == last => {
            Some((at, "a `-` is never dialled, so that it has no use in a set".to_owned()))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn members_that_nobody_can_press_are_found() {
        check(
            &RULE,
            "
            [a]
            exten => _1[1-3X],1,NoOp()
                           ^ in a set, `X` is a letter, not a digit
            exten => _2[1,2],1,NoOp()
                         ^ in a set, a comma is a key that no phone has
            exten => _3[1 2],1,NoOp()
                         ^ in a set, a blank is a key that no phone has
            exten => _4[12-],1,NoOp()
                          ^ a `-` is never dialled, so that it has no use in a set
            exten => _5[a-zA-Z],1,NoOp()
            exten => _[Xx]ray,1,NoOp()
            exten => _6[1-35*#],1,NoOp()
            ",
        );
    }
}
