//! A pattern without its `_`.

use crate::{
    diagnostic::Severity,
    lint::{Check, Edit, Findings, Fix, Group, Origin, Safety, Subject, rule::rule},
    syntax::Place,
};

rule! {
    /// # What it finds
    /// A name such as `1XX`, `NXXXXXX`, `[12]X` or `9.` that is no pattern, as it does not begin with `_`; the
    /// same in the caller id after `/`.
    ///
    /// # Why it hurts
    /// Without `_` every character is itself: the extension answers only who dials the letter X, which no
    /// keypad has. Everybody else is told that the number does not exist.
    ///
    /// # Example
    /// ```text
    /// exten => 1XX,1,Dial(PJSIP/${EXTEN})
    /// ```
    /// Better:
    /// ```text
    /// exten => _1XX,1,Dial(PJSIP/${EXTEN})
    /// ```
    pub(super) static RULE = {
        name: "forgotten-underscore",
        code: "D006",
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
            if !is_meant_as_pattern(bytes) {
                continue;
            }
            let name = bytes.escape_ascii();
            let finding = findings.report(
                places[0],
                format!("`{name}` is no pattern without `_`: nobody can dial it"),
            );
            finding.help(format!("write `_{name}`"));
            if !has_wildcard(bytes) {
                // A telephone that sends whole numbers could send the dot as well.
                finding.severity = finding.severity.max(Severity::Warning);
            }
            let edits = places.iter().map(|&place| Edit {
                place: Place { end: place.start, ..place },
                text: b"_".to_vec(),
            });
            finding.fix = Some(Fix {
                title: "add the `_`".to_owned(),
                safety: Safety::Unsafe,
                edits: edits.collect(),
            });
        }
    }
}

/// Whether a plain name has what only patterns have: wildcards among digits, sets, or an open end
/// after digits.
fn is_meant_as_pattern(name: &[u8]) -> bool {
    let is_of_patterns = |byte: &u8| byte.is_ascii_digit() || b"XNZ*#[]-+.!".contains(byte);
    let is_open =
        name.split_last().is_some_and(|(last, rest)| b".!".contains(last) && is_number(rest));
    name.iter().all(is_of_patterns) && (is_open || has_wildcard(name))
}

fn is_number(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|byte| byte.is_ascii_digit() || b"*#+".contains(byte))
}

fn has_wildcard(name: &[u8]) -> bool {
    let wildcards = name.iter().filter(|byte| b"XNZ".contains(byte)).count();
    let has_digit = name.iter().any(u8::is_ascii_digit);
    let has_set =
        name.iter().position(|&byte| byte == b'[').is_some_and(|open| name[open..].contains(&b']'));
    has_set || wildcards >= 2 || (wildcards == 1 && (has_digit || name.ends_with(b".")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn a_pattern_needs_its_underscore() {
        check(
            &RULE,
            "
            [a]
            exten => 1XX,1,NoOp()
                     ^^^ `1XX` is no pattern without `_`: nobody can dial it
            exten => X.,1,NoOp()
                     ^^ `X.` is no pattern without `_`: nobody can dial it
            exten => [12]5,1,NoOp()
                     ^^^^^ `[12]5` is no pattern without `_`: nobody can dial it
            exten => 12/5XX,1,NoOp()
                        ^^^ `5XX` is no pattern without `_`: nobody can dial it
            exten => 9.,1,NoOp()
                     ^^ `9.` is no pattern without `_`: nobody can dial it
            exten => _1XX,1,NoOp()
            exten => X,1,NoOp()
            exten => 1-800,1,NoOp()
            exten => .,1,NoOp()
            exten => FAX,1,NoOp()
            exten => 1.5,1,NoOp()
            exten => NOC,1,NoOp()
            ",
        );
    }

    #[test]
    fn the_fix_adds_it() {
        check_fix(
            &RULE,
            "
            [a]
            exten => 1XX,1,NoOp()
            exten => 1XX,n,NoOp()
            ",
            "
            [a]
            exten => _1XX,1,NoOp()
            exten => _1XX,n,NoOp()
            ",
        );
    }
}
