//! A label without `)`.

use crate::{
    diagnostic::Severity,
    lint::{
        Check, ExtensionLine, Findings, Group, Origin, Safety, Subject, rule::rule, subject::part,
    },
    syntax::{Kind, Message, Place},
};

rule! {
    /// # What it finds
    /// A priority with `(label` and no `)` before the comma.
    ///
    /// # Why it hurts
    /// Asterisk drops the line: the callers never come by the step, and each jump to the label
    /// misses.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,n(again,Wait(1)
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,n(again),Wait(1)
    /// ```
    pub(super) static RULE = {
        name: "unclosed-label",
        code: "L022",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: Some(Safety::Unsafe),
        check: Check::Message(&[Kind::LabelParenthesis], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    let code = subject.code(message.place);
    let text = "label without `)`: Asterisk drops the step";
    let Some(line) = subject.extension_line(message.place) else {
        findings.report(code, text);
        return;
    };
    if line.lacks_priority() {
        let at = line.place(line.rest.slice(0, 0));
        let blanks = line.bytes(line.rest).len() - line.bytes(line.rest).trim_ascii_start().len();
        let at = part(at, blanks, blanks);
        findings
            .report(
                field(&line),
                "an application where the priority should be: Asterisk drops the step",
            )
            .fix(Safety::Unsafe, "put n before it", at, "n,");
        return;
    }
    let field = field(&line);
    let at = part(field, (field.end - field.start) as usize, (field.end - field.start) as usize);
    findings.report(field, text).fix(Safety::Unsafe, "close the label", at, ")");
}

/// The priority with its label.
fn field(line: &ExtensionLine<'_>) -> Place {
    let rest = line.bytes(line.rest);
    let end = rest.iter().position(|&byte| byte == b',').unwrap_or(rest.len());
    let (from, to) = crate::syntax::strip(&rest[..end]);
    line.place(line.rest.slice(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn the_label_is_marked() {
        check(
            &RULE,
            "
                [a]
                exten => 1,1(a,Answer()
                           ^^^ label without `)`: Asterisk drops the step
                exten => 1,1(b),Answer()
                 same => n(c ,Answer()
                         ^^^ label without `)`: Asterisk drops the step
                ",
        );
    }

    #[test]
    fn it_is_closed() {
        check_fix(
            &RULE,
            "
                [a]
                exten => 1,1(a , Answer()
                 same => Goto(1,a)
                exten => 1, Goto(1,a)
                ",
            "
                [a]
                exten => 1,1(a) , Answer()
                 same => n,Goto(1,a)
                exten => 1, n,Goto(1,a)
                ",
        );
    }
}
