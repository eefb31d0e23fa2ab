//! A priority that its extension has already.

use crate::{
    diagnostic::Severity,
    dialplan::RemarkKind,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
};

rule! {
    /// # What it finds
    /// A step with a priority that its extension has already.
    ///
    /// # Why it hurts
    /// Asterisk keeps the first and drops this line with a warning. The callee never reaches the
    /// step, and the call goes on, or ends, somewhere else. `n` counts from the last priority of
    /// the *context*, whichever extension that belonged to, so steps added below another extension
    /// collide easily.
    ///
    /// # Example
    /// ```text
    /// exten => 6501,1,Answer()
    /// exten => _X.,1,NoOp()
    /// exten => 6501,1,Hangup()
    /// ```
    /// Number the step anew, or begin the extension's steps together and go on with `same => n`.
    pub(super) static RULE = {
        name: "duplicate-priority",
        code: "L024",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for remark in &subject.dialplan.remarks {
        let RemarkKind::Taken { by, after, number } = remark.kind else { continue };
        let taken = subject.line(by.place);
        let (name, other) = (subject.shown(remark.name), subject.shown(by.name));
        let alias = if name == other { String::new() } else { format!(" as `{other}`") };
        let Some(after) = after else {
            let text = format!("`{name}` has priority {number} already, since line {taken}{alias}");
            findings
                .report(remark.place, text)
                .help("Asterisk keeps the first: number this step anew, or take one of them away")
                .note(by.place, "the step that stays");
            continue;
        };
        let (from, line) = (subject.shown(after.name), subject.line(after.place));
        let text = format!(
            "`n` went on from `{from}` on line {line} and is {number}, which line {taken} \
             has{alias}"
        );
        findings
            .report(remark.place, text)
            .help(format!(
                "`n` counts from the line above, whichever extension that has: move this line to \
                 the other steps of `{name}`, or write its number"
            ))
            .note(by.place, "the step that stays")
            .note(after.place, "`n` counts from here");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn the_second_one_is_found() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Answer()
            exten => 1,1,Hangup()
            ^^^^^^^^^^^^^^^^^^^^^ `1` has priority 1 already, since line 2
            ",
        );
    }

    #[test]
    fn n_goes_on_from_another_extension() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Answer()
            exten => 1,n,Wait(1)
            exten => _X. #,1,NoOp()
            exten => 1,n,Hangup()
            ^^^^^^^^^^^^^^^^^^^^^ `n` went on from `_X.#` on line 4 and is 2, which line 3 has
            ",
        );
    }

    #[test]
    fn a_step_of_a_template_stays() {
        check(
            &RULE,
            "
            [t](!)
            exten => _X.,1,Answer()
            [a](t)
            exten => _x.,1,Hangup()
            ^^^^^^^^^^^^^^^^^^^^^^^ `_x.` has priority 1 already, since line 2 as `_X.`
            ",
        );
    }

    #[test]
    fn another_caller_id_is_another_extension() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Answer()
            exten => 1/100,1,Hangup()
            ",
        );
    }
}
