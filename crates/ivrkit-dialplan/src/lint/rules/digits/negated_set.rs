//! A `^` at the beginning of a set.

use super::{sets, within};
use crate::{
    diagnostic::Severity,
    dialplan::pattern::{Language, Pattern},
    lint::{Check, Edit, Findings, Fix, Group, Origin, Safety, Subject, rule::rule},
};

rule! {
    /// # What it finds
    /// A set that begins with `^`.
    ///
    /// # Why it hurts
    /// Asterisk has no sets of what is *not* meant. `[^1]` takes `1`, and `^` which no phone has: just
    /// the key that was to be left out.
    ///
    /// # Example
    /// ```text
    /// exten => _[^0]XX,1,Dial(PJSIP/${EXTEN})
    /// ```
    /// Better:
    /// ```text
    /// exten => _[1-9]XX,1,Dial(PJSIP/${EXTEN})
    /// ```
    pub(super) static RULE = {
        name: "negated-set",
        code: "D004",
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
            for set in sets(bytes).filter(|set| bytes[set.clone()].first() == Some(&b'^')) {
                let shown = bytes[set.start - 1..=set.end].escape_ascii();
                let taken = bytes[set.start + 1..set.end].escape_ascii();
                let finding = findings.report(
                    within(places[0], bytes, set.start..set.end),
                    format!("`{shown}` takes `{taken}`, not everything else"),
                );
                let Some(others) = others(&bytes[set.start + 1..set.end]) else { continue };
                finding.help(format!("write `[{others}]`"));
                let edits = places.iter().map(|&place| Edit {
                    place: within(place, bytes, set.clone()),
                    text: others.clone().into_bytes(),
                });
                finding.fix = Some(Fix {
                    title: "name the keys that are meant".to_owned(),
                    safety: Safety::Unsafe,
                    edits: edits.collect(),
                });
            }
        }
    }
}

/// The digits that a set of digits does not have, as a set.
fn others(set: &[u8]) -> Option<String> {
    let taken = Language::new(&Pattern::new(&[b"_[", set, b"]"].concat()));
    let class = taken
        .places
        .first()
        .copied()
        .filter(|class| class.bytes().all(|byte| byte.is_ascii_digit()))?;
    let left: Vec<char> = ('0'..='9').filter(|&digit| !class.has(digit as u8)).collect();
    let mut runs: Vec<(char, char)> = Vec::new();
    for digit in left {
        match runs.last_mut() {
            Some((_, last)) if *last as u32 + 1 == digit as u32 => *last = digit,
            _ => runs.push((digit, digit)),
        }
    }
    let shown = runs.iter().map(|&(first, last)| match last as u32 - first as u32 {
        0 => format!("{first}"),
        1 => format!("{first}{last}"),
        _ => format!("{first}-{last}"),
    });
    let shown: String = shown.collect();
    (!shown.is_empty()).then_some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn there_is_no_negation() {
        check(
            &RULE,
            "
            [a]
            exten => _[^1]X,1,NoOp()
                       ^^ `[^1]` takes `1`, not everything else
            exten => _[1^]X,1,NoOp()
            exten => _^1X,1,NoOp()
            ",
        );
    }

    #[test]
    fn the_fix_names_the_other_digits() {
        check_fix(
            &RULE,
            "
            [a]
            exten => _[^02-4]X,1,NoOp()
            ",
            "
            [a]
            exten => _[15-9]X,1,NoOp()
            ",
        );
    }
}
