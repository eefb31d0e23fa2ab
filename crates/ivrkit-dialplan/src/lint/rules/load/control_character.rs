//! A control character in a line.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Safety, Signs, Written, rule::rule},
};

rule! {
    /// # What it finds
    /// A control character, other than a tab, within what Asterisk reads of a line. At both ends it
    /// counts as a blank.
    ///
    /// # Why it hurts
    /// It belongs to the name, the number or the text it stands in, and nothing shows it: a prompt
    /// is not found, a jump misses.
    ///
    /// # Example
    /// A file from an old Macintosh has carriage returns in the place of newlines: for Asterisk it
    /// is one long line. Convert it, or take the characters away.
    pub(super) static RULE = {
        name: "control-character",
        code: "L059",
        group: Group::Load,
        severity: Severity::Warning,
        origin: Origin::Asterisklint,
        fix: Some(Safety::Unsafe),
        check: Check::Written(check),
    }
}

fn check(line: &Written<'_>, findings: &mut Findings<'_>) {
    if !line.signs.has(Signs::CONTROL) {
        return;
    }
    let code = line.code().iter();
    let found = code
        .enumerate()
        .find(|&(_, &byte)| (1..9).contains(&byte) || (11..32).contains(&byte) || byte == 127);
    let Some((at, byte)) = found else { return };
    let at = line.code.start + at;
    let place = line.place(at..at + 1);
    let text =
        format!("the control character {} belongs to what it stands in", byte.escape_ascii());
    findings.report(place, text).fix(Safety::Unsafe, "take it away", place, "");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check_bytes;

    #[test]
    fn it_counts_within_a_line() {
        check_bytes(
            &RULE,
            b"[a]\r\n\x01exten => 1,1,No\x7fOp()\x02\r\n; \x01\n",
            &["2:17 the control character \\x7f belongs to what it stands in"],
            b"[a]\r\n\x01exten => 1,1,NoOp()\x02\r\n; \x01\n",
        );
    }
}
