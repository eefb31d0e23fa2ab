//! A priority that is neither a number nor a label.

use crate::{
    diagnostic::Severity,
    lint::{
        Check, Findings, Group, Origin, Safety, Subject, rule::rule, subject::part, subject::shown,
    },
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// A word in the place of the priority that Asterisk does not know: `N`, `n ` before a label,
    /// an application because the priority was forgotten, or a label that the extension does not
    /// have above this line.
    ///
    /// # Why it hurts
    /// Asterisk drops the line: the callers never come by the step.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,N,Answer()
    ///  same => Hangup()
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,n,Answer()
    ///  same => n,Hangup()
    /// ```
    pub(super) static RULE = {
        name: "unknown-priority",
        code: "L025",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: Some(Safety::Unsafe),
        check: Check::Message(&[Kind::PriorityLabel], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    let Some(line) = subject.extension_line(message.place) else { return };
    let word = line.bytes(line.priority);
    let place = line.place(line.priority);
    let trimmed = word.trim_ascii().to_ascii_lowercase();
    let is_known = [b"n".as_slice(), b"next", b"s", b"same", b"hint"].contains(&trimmed.as_slice());
    if word.is_empty() {
        let text = "there is no priority: Asterisk drops the step";
        let finding = findings.report(subject.code(message.place), text);
        finding.help("write n, or a number");
        if line.label.is_some() {
            finding.fix(Safety::Unsafe, "put n before the label", place, "n");
        }
    } else if is_known {
        let (shown, known) = (shown(word), shown(&trimmed));
        let text = format!("`{shown}` is no priority, `{known}` is: Asterisk drops the step");
        findings.report(place, text).fix(Safety::Unsafe, format!("write {known}"), place, trimmed);
    } else if line.lacks_priority() {
        findings
            .report(place, "an application where the priority should be: Asterisk drops the step")
            .fix(Safety::Unsafe, "put n before it", part(place, 0, 0), "n,");
    } else {
        let text = format!(
            "`{}` is neither a number nor a label of this extension: Asterisk drops the step",
            shown(word)
        );
        findings.report(place, text).help("write n, hint, a number, or a label that stands above");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn only_some_words_are_priorities() {
        check(
            &RULE,
            "
                [a]
                exten => 1,1(start),Answer()
                exten => 1,N,Wait(1)
                           ^ `N` is no priority, `n` is: Asterisk drops the step
                 same => n (again),Wait(1)
                         ^^ `n ` is no priority, `n` is: Asterisk drops the step
                 same => Wait(1)
                         ^^^^ an application where the priority should be: Asterisk drops the step
                 same => begin,Wait(1)
                         ^^^^^ `begin` is neither a number nor a label of this extension: Asterisk drops the step
                 same => start+4,Wait(1)
                exten => 2
                ^^^^^^^^^^ there is no priority: Asterisk drops the step
                ",
        );
    }

    #[test]
    fn it_is_mended() {
        check_fix(
            &RULE,
            "
                [a]
                exten => 1,1,Answer()
                 same => N,Wait(1)
                 same => n (again),Wait(1)
                 same => Goto(again)
                exten => 1,(end),Hangup()
                ",
            "
                [a]
                exten => 1,1,Answer()
                 same => n,Wait(1)
                 same => n(again),Wait(1)
                 same => n,Goto(again)
                exten => 1,n(end),Hangup()
                ",
        );
    }
}
