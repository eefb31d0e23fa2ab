//! A dialplan beyond what ivrkit reads.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// Templates, `+=` or includes that multiply lines until they are more than any dialplan has.
    ///
    /// # Why it hurts
    /// Asterisk has no such limit and would be busy for hours, or run out of memory. What follows
    /// is not looked at.
    ///
    /// # Example
    /// ```text
    /// [b](a,a,a,a,a,a,a,a,a,a)
    /// [c](b,b,b,b,b,b,b,b,b,b)
    /// ```
    /// and so on: each such line makes ten times as many. Use each template once.
    pub(super) static RULE = {
        name: "beyond-limits",
        code: "L020",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::New,
        fix: None,
        check: Check::Message(&[Kind::Limit], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    findings.report(
        subject.code(message.place),
        format!("{}: what follows is not looked at", message.text),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check_bytes;

    #[test]
    fn templates_multiply_lines() {
        let mut text = String::from("[t0](!)\nexten => 1,1,Answer()\n");
        for level in 1..8 {
            let bases = vec![format!("t{}", level - 1); 10].join(",");
            text += &format!("[t{level}](!,{bases})\n");
        }
        check_bytes(
            &RULE,
            text.as_bytes(),
            &["9:1 templates copy more than 4000000 lines: what follows is not looked at"],
            text.as_bytes(),
        );
    }
}
