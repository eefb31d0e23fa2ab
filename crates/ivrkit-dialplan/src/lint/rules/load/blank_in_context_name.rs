//! A context whose name begins or ends with a blank.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Safety, Signs, Written, rule::rule, subject::shown},
};

rule! {
    /// # What it finds
    /// A blank after the `[` or before the `]` of a section header.
    ///
    /// # Why it hurts
    /// It belongs to the name: whatever leads to the context without the blank misses it, and the
    /// call ends or is refused.
    ///
    /// # Example
    /// ```text
    /// [ ivr_6500 ]
    /// ```
    /// Better:
    /// ```text
    /// [ivr_6500]
    /// ```
    pub(super) static RULE = {
        name: "blank-in-context-name",
        code: "L067",
        group: Group::Load,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Written(check),
    }
}

fn check(line: &Written<'_>, findings: &mut Findings<'_>) {
    let code = line.code();
    if !line.signs.has(Signs::BRACKET) || !code.starts_with(b"[") {
        return;
    }
    let Some(end) = code.iter().position(|&byte| byte == b']') else { return };
    let name = &code[1..end];
    let trimmed = name.trim_ascii();
    if trimmed.len() < name.len() && !trimmed.is_empty() {
        let place = line.place(line.code.start + 1..line.code.start + end);
        findings
            .report(
                place,
                format!("the blank belongs to the name: this is not [{}]", shown(trimmed)),
            )
            .fix(Safety::Unsafe, "take the blanks away", place, trimmed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn it_belongs_to_the_name() {
        check(
            &RULE,
            "
                [ a]
                 ^^ the blank belongs to the name: this is not [a]
                [a b]
                [c]
                ",
        );
    }

    #[test]
    fn it_goes() {
        check_fix(
            &RULE,
            "
                [ a ](!)
                ",
            "
                [a](!)
                ",
        );
    }
}
