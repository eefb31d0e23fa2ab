//! A pattern without its `_`.

use crate::{
    diagnostic::Severity,
    lint::{Check, ExtensionLine, Findings, Group, Origin, Safety, rule::rule, subject::shown},
};

rule! {
    /// # What it finds
    /// An extension that looks like a pattern (`1XX`, `NXXXXXX`, `1[2-4]`, `9.`) but does not begin
    /// with `_`.
    ///
    /// # Why it hurts
    /// Without the `_` it is a name like any other: only who dials those very letters reaches it,
    /// and a telephone has none.
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
        name: "pattern-without-underscore",
        code: "L054",
        group: Group::Load,
        severity: Severity::Warning,
        origin: Origin::Asterisklint,
        fix: Some(Safety::Unsafe),
        check: Check::Extension(check),
    }
}

fn check(line: &ExtensionLine<'_>, findings: &mut Findings<'_>) {
    let Some(name) = line.name else { return };
    let bytes = line.bytes(name);
    let end = bytes.iter().position(|&byte| byte == b'/').unwrap_or(bytes.len());
    let pattern = &bytes[..end];
    if !looks_like_pattern(pattern) {
        return;
    }
    let place = line.place(name.slice(0, end));
    let at = line.place(name.slice(0, 0));
    let text = format!("`{}` has no `_`, so it is a name and no pattern", shown(pattern));
    findings.report(place, text).fix(Safety::Unsafe, "put _ before it", at, "_");
}

/// Nothing but digits and what patterns are made of, and something of the latter.
fn looks_like_pattern(name: &[u8]) -> bool {
    let is_digit = |byte: &u8| b"0123456789*#+".contains(byte);
    let is_wild = |byte: &u8| b"XZN".contains(byte);
    let body = name.strip_suffix(b".").or_else(|| name.strip_suffix(b"!")).unwrap_or(name);
    let (mut count, mut wild, mut is_set) = (0, 0, false);
    for byte in body {
        match byte {
            b'[' => is_set = true,
            b']' if is_set => (is_set, count, wild) = (false, count + 1, wild + 1),
            b'-' => {}
            byte if is_digit(byte) => count += 1,
            byte if is_wild(byte) => (count, wild) = (count + 1, wild + 1),
            _ => return false,
        }
    }
    let is_open = body.len() < name.len();
    !is_set && (wild > 0 && count > 1 || is_open && count > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn names_are_no_patterns() {
        check(
            &RULE,
            "
                [a]
                exten => 1XX,1,Answer()
                         ^^^ `1XX` has no `_`, so it is a name and no pattern
                exten => 9./100,1,Answer()
                         ^^ `9.` has no `_`, so it is a name and no pattern
                exten => 1[2-4],1,Answer()
                         ^^^^^^ `1[2-4]` has no `_`, so it is a name and no pattern
                exten => X,1,Answer()
                exten => 100,1,Answer()
                exten => MAX,1,Answer()
                exten => _1XX,1,Answer()
                exten => 1-800,1,Answer()
                ",
        );
    }

    #[test]
    fn it_gets_one() {
        check_fix(
            &RULE,
            "
                [a]
                exten => NXX,1,Answer()
                ",
            "
                [a]
                exten => _NXX,1,Answer()
                ",
        );
    }
}
