//! An application without its `)`.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Safety, Subject, rule::rule, semicolon, wrapped},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// A step whose application has a `(` and no `)` in the whole line.
    ///
    /// # Why it hurts
    /// Asterisk takes all up to the end of the line as data and warns. The end of the line may have
    /// been meant to be there too: a line cannot go on below.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,n,Background(notice
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,n,Background(notice)
    /// ```
    pub(super) static RULE = {
        name: "unclosed-application",
        code: "L027",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: Some(Safety::Safe),
        check: Check::Message(&[Kind::ApplicationParenthesis], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    let is_elsewhere = wrapped::rest(subject, message.place).is_some()
        || semicolon::cut(subject, message.place).is_some();
    if is_elsewhere {
        return;
    }
    let code = subject.code(message.place);
    let place = subject.extension_line(message.place).map_or(code, |line| line.place(line.call));
    findings.report(place, "application without `)`: its data ends with the line").fix(
        Safety::Safe,
        "close it",
        subject.end_of_code(message.place),
        ")",
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn the_application_is_marked() {
        check(
            &RULE,
            "
                [a]
                exten => 1,1,Answer( ; now
                             ^^^^^^^ application without `)`: its data ends with the line
                exten => 1,n,Background(a&b
                             ^^^^^^^^^^^^^^ application without `)`: its data ends with the line
                exten => 1,n,Hangup
                ",
        );
    }

    #[test]
    fn what_another_rule_mends() {
        check(
            &RULE,
            "
                [a]
                exten => 1,1,NoOp(a;b)
                exten => 1,n,NoOp(a
                b)
                ",
        );
    }

    #[test]
    fn it_is_closed() {
        check_fix(
            &RULE,
            "
                [a]
                exten => 1,1,Answer( ; now
                ",
            "
                [a]
                exten => 1,1,Answer() ; now
                ",
        );
    }
}
