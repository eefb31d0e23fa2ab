//! A word in a pattern with an x, n or z that stands for digits.

use super::within;
use crate::{
    diagnostic::Severity,
    lint::{Check, Edit, Findings, Fix, Group, Origin, Safety, Subject, rule::rule},
};

rule! {
    /// # What it finds
    /// A word of small letters in a pattern with an `x`, `n` or `z` among them, as in `_conf-.`.
    ///
    /// # Why it hurts
    /// In a pattern these letters stand for digits in either case: `n` is any of 2 to 9. `_conf-.` takes
    /// `co3f-1` and never `conf-1`, so a jump to `conf-1` misses and the call ends or goes to `i`.
    ///
    /// # Example
    /// ```text
    /// exten => _conf-.,1,ConfBridge(${EXTEN:5})
    /// ```
    /// Better, with a set of one letter:
    /// ```text
    /// exten => _co[n]f-.,1,ConfBridge(${EXTEN:5})
    /// ```
    pub(super) static RULE = {
        name: "letter-taken-for-digits",
        code: "D007",
        group: Group::Digits,
        severity: Severity::Error,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for spelling in subject.spellings() {
        let name = spelling.bytes(subject);
        let Some(at) = letter(name) else { continue };
        let (shown, digits) = (char::from(name[at]), digits(name[at]));
        let finding = findings.report(
            within(spelling.place(), name, at..at + 1),
            format!("`{shown}` is no letter in a pattern, but a digit from {digits}"),
        );
        finding.help(format!("write `[{shown}]`"));
        let edits = spelling.places.iter().map(|&place| Edit {
            place: within(place, name, at..at + 1),
            text: format!("[{shown}]").into_bytes(),
        });
        finding.fix = Some(Fix {
            title: "put the letter into a set".to_owned(),
            safety: Safety::Unsafe,
            edits: edits.collect(),
        });
    }
}

/// The first `x`, `n` or `z` that other letters of a word follow. At the end of a word it may be
/// meant: `_sipxx`.
fn letter(name: &[u8]) -> Option<usize> {
    let counted = name.iter().position(|byte| b".!".contains(byte)).unwrap_or(name.len());
    let pattern = name[..counted].strip_prefix(b"_")?;
    let is_wild = |byte: &u8| b"xnz".contains(byte);
    let mut at = 0;
    while at < pattern.len() {
        let word = pattern[at..].iter().take_while(|byte| byte.is_ascii_lowercase()).count();
        let letters = &pattern[at..at + word];
        let others = letters.iter().filter(|byte| !is_wild(byte)).count();
        let last = letters.iter().rposition(|byte| !is_wild(byte)).unwrap_or(0);
        if let Some(found) = letters[..last].iter().position(is_wild).filter(|_| others >= 2) {
            return Some(1 + at + found);
        }
        at += word;
        at += if pattern.get(at) == Some(&b'[') {
            pattern[at..].iter().position(|&byte| byte == b']').unwrap_or(pattern.len() - at)
        } else {
            1
        };
    }
    None
}

fn digits(letter: u8) -> &'static str {
    match letter {
        b'x' => "0 to 9",
        b'z' => "1 to 9",
        _ => "2 to 9",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn letters_of_words_are_found() {
        check(
            &RULE,
            "
            [a]
            exten => _conf-.,1,NoOp()
                        ^ `n` is no letter in a pattern, but a digit from 2 to 9
            exten => _bob-ext[46].,1,NoOp()
                           ^ `x` is no letter in a pattern, but a digit from 0 to 9
            exten => _co[n]f-.,1,NoOp()
            exten => _sipxx,1,NoOp()
            exten => _5xx,1,NoOp()
            exten => _X.and,1,NoOp()
            exten => conf,1,NoOp()
            ",
        );
    }

    #[test]
    fn the_fix_makes_it_a_letter() {
        check_fix(
            &RULE,
            "
            [a]
            exten => _conf-.,1,NoOp()
            ",
            "
            [a]
            exten => _co[n]f-.,1,NoOp()
            ",
        );
    }
}
