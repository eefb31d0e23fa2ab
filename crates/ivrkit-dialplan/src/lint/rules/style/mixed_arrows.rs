//! `=` and `=>` mixed in one file.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Safety, Subject, Written, rule::rule},
    syntax::File,
};

rule! {
    /// # What it finds
    /// `exten` and `same` lines with `=` in a file whose other ones have `=>`, or the other way
    /// round.
    ///
    /// # Why it hurts
    /// Asterisk takes both. Searching a file for `exten =>` misses the others.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,1,Answer()
    /// exten = 6500,n,Hangup()
    /// ```
    /// Use one of them in a file; the usual one is `=>`.
    pub(super) static RULE = {
        name: "mixed-arrows",
        code: "Y007",
        group: Group::Style,
        severity: Severity::Hint,
        origin: Origin::Asterisklint,
        fix: Some(Safety::Safe),
        check: Check::File(check),
    }
}

fn check(subject: &Subject<'_>, number: u32, file: &File, findings: &mut Findings<'_>) {
    let (mut arrows, mut signs) = (Vec::new(), Vec::new());
    for line in Written::all(subject, number, file) {
        let code = line.code();
        if !begins_step(code) {
            continue;
        }
        let Some(equals) = memchr::memchr(b'=', code) else { continue };
        let at = line.code.start + equals;
        if code.get(equals + 1) == Some(&b'>') {
            arrows.push(line.place(at..at + 2));
        } else if equals > 0 && code[equals - 1] != b'+' {
            signs.push(line.place(at..at + 1));
        }
    }
    let is_arrow = signs.len() <= arrows.len();
    let (few, many, better) = if is_arrow { (signs, arrows, "=>") } else { (arrows, signs, "=") };
    for place in few {
        let text = format!("{} other lines of this file have `{better}`", many.len());
        let title = format!("write {better}");
        findings.report(place, text).fix(Safety::Safe, title, place, better);
    }
}

fn begins_step(code: &[u8]) -> bool {
    let begins =
        |word: &[u8]| code.len() > word.len() && code[..word.len()].eq_ignore_ascii_case(word);
    begins(b"exten") || begins(b"same")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn the_many_win() {
        check(
            &RULE,
            "
                [a]
                exten => 1,1,Answer()
                 same = n,Hangup()
                      ^ 2 other lines of this file have `=>`
                include = b
                exten => 2,1,Answer()
                ",
        );
        check(
            &RULE,
            "
                [a]
                exten = 1,1,Answer()
                 same = n,Hangup()
                ",
        );
    }

    #[test]
    fn they_become_alike() {
        check_fix(
            &RULE,
            "
                [a]
                exten = 1,1,Answer()
                 same = n,Wait(1)
                 same=>n,Hangup()
                ",
            "
                [a]
                exten = 1,1,Answer()
                 same = n,Wait(1)
                 same=n,Hangup()
                ",
        );
    }
}
