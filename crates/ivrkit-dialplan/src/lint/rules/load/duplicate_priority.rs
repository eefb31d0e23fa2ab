//! A priority that its extension has already.

use crate::{
    diagnostic::Severity,
    dialplan::{Before, Remark, RemarkKind},
    lint::{
        Check, Finding, Findings, Group, Origin, Safety, Subject,
        numbered::{self, ByLine},
        rule::rule,
    },
};
use std::collections::HashSet;

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
        fix: Some(Safety::Unsafe),
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let mut numbers = None;
    for remark in &subject.dialplan.remarks {
        let RemarkKind::Taken { by, after, number } = remark.kind else { continue };
        let Some(after) = after else {
            report_twice(subject, remark, by, number, findings);
            continue;
        };
        let finding = report_continued(subject, remark, by, after, number, findings);
        let numbers = numbers.get_or_insert_with(|| Numbers {
            taken: numbered::steps(subject),
            by_line: ByLine::new(subject),
        });
        numbers.fix(subject, remark, finding);
    }
}

fn report_twice(
    subject: &Subject<'_>,
    remark: &Remark,
    by: Before,
    number: i32,
    findings: &mut Findings<'_>,
) {
    let name = subject.shown(remark.name);
    let (taken, alias) = (subject.line(by.place), alias(subject, remark, by));
    let text = format!("`{name}` has priority {number} already, since line {taken}{alias}");
    findings
        .report(subject.code(remark.place), text)
        .help("Asterisk keeps the first: number this step anew, or take one of them away")
        .note(by.place, "the step that stays");
}

fn report_continued<'a>(
    subject: &Subject<'_>,
    remark: &Remark,
    by: Before,
    after: Before,
    number: i32,
    findings: &'a mut Findings<'_>,
) -> &'a mut Finding {
    let (name, above) = (subject.shown(remark.name), subject.shown(after.name));
    let (line, taken) = (subject.line(after.place), subject.line(by.place));
    let alias = alias(subject, remark, by);
    let text = format!(
        "`n` went on from `{above}` on line {line} and is {number}, which line {taken} has{alias}"
    );
    findings
        .report(subject.code(remark.place), text)
        .help(format!(
            "`n` counts from the line above, whichever extension that has: move this line to the \
             other steps of `{name}`, or write its number"
        ))
        .note(by.place, "the step that stays")
        .note(after.place, "`n` counts from here")
}

/// How the step that stays spells the extension, if that differs.
fn alias(subject: &Subject<'_>, remark: &Remark, by: Before) -> String {
    if subject.bytes(remark.name) == subject.bytes(by.name) {
        return String::new();
    }
    format!(" as `{}`", subject.shown(by.name))
}

/// The numbers that steps have.
struct Numbers<'a> {
    taken: HashSet<(&'a [u8], &'a [u8], i32)>,
    by_line: ByLine<'a>,
}

impl<'a> Numbers<'a> {
    /// The step goes on from the extension's own step above it, if that number is free.
    fn fix(&mut self, subject: &'a Subject<'_>, remark: &Remark, finding: &mut Finding) {
        let Some(line) = subject.extension_line(remark.place) else { return };
        let (context, name) = (subject.bytes(line.section.name), subject.bytes(remark.name));
        let is_plain = matches!(line.bytes(line.priority), b"n" | b"next") && line.added.is_none();
        let next = self.by_line.next(context, name, remark.place);
        let Some(next) = next.filter(|&next| is_plain && self.taken.insert((context, name, next)))
        else {
            return;
        };
        let place = line.place(line.priority);
        finding.fix(Safety::Unsafe, format!("write {next}"), place, next.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

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
    fn it_goes_on_from_its_own_extension() {
        check_fix(
            &RULE,
            "
            [a]
            exten = 1, 1, Answer()
            exten = 1, n, Wait(1)
            exten = 1, n, Wait(2)
            exten = _X. #, 1, NoOp()
            exten = 1, n, Hangup()
            ",
            "
            [a]
            exten = 1, 1, Answer()
            exten = 1, n, Wait(1)
            exten = 1, n, Wait(2)
            exten = _X. #, 1, NoOp()
            exten = 1, 4, Hangup()
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
