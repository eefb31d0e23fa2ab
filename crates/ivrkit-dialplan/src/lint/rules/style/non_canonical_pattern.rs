//! A pattern that can be written plainer.

use crate::{
    diagnostic::Severity,
    dialplan::pattern::Pattern,
    lint::{Check, ExtensionLine, Findings, Group, Origin, Safety, rule::rule, subject::shown},
};

rule! {
    /// # What it finds
    /// Lower-case `x`, `z` and `n` in a pattern, and sets of one digit.
    ///
    /// # Why it hurts
    /// Asterisk lists `_x.` and `_X.` as the same extension, and so `_[1]X` and `_1X`. A second
    /// spelling of the same pattern hides that steps collide.
    ///
    /// # Example
    /// ```text
    /// exten => _[1]xx,1,Answer()
    /// ```
    /// Better:
    /// ```text
    /// exten => _1XX,1,Answer()
    /// ```
    pub(super) static RULE = {
        name: "non-canonical-pattern",
        code: "Y010",
        group: Group::Style,
        severity: Severity::Hint,
        origin: Origin::Asterisklint,
        fix: Some(Safety::Safe),
        check: Check::Extension(check),
    }
}

fn check(line: &ExtensionLine<'_>, findings: &mut Findings<'_>) {
    let Some(name) = line.name else { return };
    let bytes = line.bytes(name);
    let end = bytes.iter().position(|&byte| byte == b'/').unwrap_or(bytes.len());
    let Some(better) = bytes[..end].strip_prefix(b"_").and_then(plainer) else { return };
    if Pattern::new(&better) == Pattern::new(&bytes[..end]) {
        let place = line.place(name.slice(0, end));
        let better_shown = shown(&better);
        findings.report(place, format!("this is the pattern `{better_shown}`")).fix(
            Safety::Safe,
            format!("write {better_shown}"),
            place,
            better,
        );
    }
}

/// A pattern with its letters in upper case and its sets of one digit taken apart; none if nothing
/// changes.
fn plainer(pattern: &[u8]) -> Option<Vec<u8>> {
    let mut plain = vec![b'_'];
    let mut rest = pattern;
    while let [byte, tail @ ..] = rest {
        let (next, after) = match (byte, tail) {
            (b'[', [digit, b']', tail @ ..]) if digit.is_ascii_digit() => (*digit, tail),
            (b'[', _) => {
                let end = tail.iter().position(|&byte| byte == b']')?;
                plain.push(b'[');
                plain.extend(&tail[..end]);
                (b']', &tail[end + 1..])
            }
            (b'x' | b'n' | b'z', _) => (byte.to_ascii_uppercase(), tail),
            _ => (*byte, tail),
        };
        plain.push(next);
        rest = after;
    }
    (plain[1..] != *pattern).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn one_pattern_has_one_spelling() {
        check(
            &RULE,
            "
                [a]
                exten => _[1]xx,1,Answer()
                         ^^^^^^ this is the pattern `_1XX`
                exten => _[12]X.,1,Answer()
                exten => next,1,Answer()
                exten => _nxx/_x,1,Answer()
                         ^^^^ this is the pattern `_NXX`
                ",
        );
    }

    #[test]
    fn it_gets_it() {
        check_fix(
            &RULE,
            "
                [a]
                exten => _[1]x[2-3]z!,1,Answer()
                ",
            "
                [a]
                exten => _1X[2-3]Z!,1,Answer()
                ",
        );
    }
}
