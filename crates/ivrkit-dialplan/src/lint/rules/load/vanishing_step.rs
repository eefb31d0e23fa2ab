//! Steps that vanish because a hint stands above them.

use crate::{
    diagnostic::Severity,
    dialplan::{Before, Remark, RemarkKind},
    lint::{Check, Finding, Findings, Group, Origin, Safety, Subject, numbered, rule::rule},
};

rule! {
    /// # What it finds
    /// `n` as priority below a first `hint`, before any step has a number.
    ///
    /// # Why it hurts
    /// A hint counts as priority -1, so `n` is 0, and Asterisk drops steps with priority 0 without
    /// a word. So does each `n` after it, until a step has a number: the phone lights up, but
    /// nobody who dials the number gets an answer.
    ///
    /// # Example
    /// ```text
    /// exten => 100,hint,PJSIP/100
    ///  same => n,Dial(PJSIP/100)
    /// ```
    /// Better:
    /// ```text
    /// exten => 100,hint,PJSIP/100
    ///  same => 1,Dial(PJSIP/100)
    /// ```
    pub(super) static RULE = {
        name: "vanishing-step",
        code: "L045",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let mut vanished = subject.dialplan.remarks.iter().filter_map(|remark| match remark.kind {
        RemarkKind::Vanished { after } => Some((remark, after)),
        _ => None,
    });
    let mut next = vanished.next();
    if next.is_none() {
        return;
    }
    let steps = numbered::steps(subject);
    while let Some((first, hint)) = next {
        let (mut last, mut count) = (first, 1);
        next = vanished.next();
        while let Some((more, _)) = next.filter(|(_, after)| after.place == last.place) {
            (last, count) = (more, count + 1);
            next = vanished.next();
        }
        let finding = report(subject, first, hint, count, findings);
        let Some(step) = subject.extension_line(first.place) else { continue };
        let (context, name) = (subject.bytes(step.section.name), subject.bytes(first.name));
        if !steps.contains(&(context, name, 1)) {
            finding.fix(Safety::Unsafe, "begin with 1", step.place(step.priority), "1");
        }
    }
}

fn report<'a>(
    subject: &Subject<'_>,
    first: &Remark,
    hint: Before,
    count: usize,
    findings: &'a mut Findings<'_>,
) -> &'a mut Finding {
    let what = match count {
        1 => "this step vanishes".to_owned(),
        2 => "this step and the one below vanish".to_owned(),
        count => format!("this step and the {} below vanish", count - 1),
    };
    let line = subject.line(hint.place);
    findings
        .report(
            subject.code(first.place),
            format!("`n` is 0 after the hint on line {line}: {what} without a word"),
        )
        .help("give the first step after a hint the priority 1")
        .note(hint.place, "the hint counts as priority -1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn all_lines_up_to_a_number_vanish() {
        check(
            &RULE,
            "
                [a]
                exten => 100,hint,PJSIP/100
                 same => n,Wait(1)
                 ^^^^^^^^^^^^^^^^^ `n` is 0 after the hint on line 2: this step and the one below vanish without a word
                exten => 101,n,Wait(1)
                exten => 101,1,Answer()
                exten => 102,hint,PJSIP/100
                 same => n,Wait(1)
                 ^^^^^^^^^^^^^^^^^ `n` is 0 after the hint on line 6: this step vanishes without a word
                [b]
                exten => 100,1,Answer()
                 same => n,Hangup()
                exten => 100,hint,PJSIP/100
                ",
        );
    }

    #[test]
    fn the_first_one_gets_1() {
        check_fix(
            &RULE,
            "
                [a]
                exten => 100,hint,PJSIP/100
                 same => n,Dial(PJSIP/100)
                 same => n,Hangup()
                ",
            "
                [a]
                exten => 100,hint,PJSIP/100
                 same => 1,Dial(PJSIP/100)
                 same => n,Hangup()
                ",
        );
    }
}
