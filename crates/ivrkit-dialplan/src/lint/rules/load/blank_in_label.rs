//! A label with a blank at an end.

use crate::{
    diagnostic::Severity,
    lint::{Check, ExtensionLine, Findings, Group, Origin, Safety, rule::rule, subject::shown},
};

rule! {
    /// # What it finds
    /// A blank after the `(` or before the `)` of a label.
    ///
    /// # Why it hurts
    /// It belongs to the label: `Goto(again)` misses it, and the call ends.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,n( again ),Background(notice)
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,n(again),Background(notice)
    /// ```
    pub(super) static RULE = {
        name: "blank-in-label",
        code: "L065",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Extension(check),
    }
}

fn check(line: &ExtensionLine<'_>, findings: &mut Findings<'_>) {
    let Some(label) = line.label else { return };
    let bytes = line.bytes(label);
    let trimmed = bytes.trim_ascii();
    if trimmed.len() == bytes.len() || trimmed.is_empty() {
        return;
    }
    let place = line.place(label);
    findings
        .report(
            place,
            format!("the blank belongs to the label: jumps to `{}` miss it", shown(trimmed)),
        )
        .fix(Safety::Unsafe, "take the blanks away", place, trimmed);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn it_belongs_to_the_label() {
        check(
            &RULE,
            "
                [a]
                exten => 1,1( a),Answer()
                             ^^ the blank belongs to the label: jumps to `a` miss it
                exten => 1,2(b),Answer()
                exten => 1,3(b c),Answer()
                ",
        );
    }

    #[test]
    fn it_goes() {
        check_fix(
            &RULE,
            "
                [a]
                exten => 1,1( a ),Answer()
                ",
            "
                [a]
                exten => 1,1(a),Answer()
                ",
        );
    }
}
