//! A priority that is left out.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, flow::Trait, numbered, rule::rule},
};

rule! {
    /// # What it finds
    /// Priorities that do not follow each other, where the call comes to the gap and nothing jumps over it.
    ///
    /// # Why it hurts
    /// A missing priority ends the extension as if it had no more steps: the call is hung up there. Up to
    /// Asterisk 1.4 some applications went on at their priority plus 101 when they failed; none does any
    /// more.
    ///
    /// # Example
    /// ```text
    /// exten => 100,1,Dial(PJSIP/100,20)
    /// exten => 100,3,VoiceMail(100)
    /// ```
    /// Better, with numbers that Asterisk counts itself:
    /// ```text
    /// exten => 100,1,Dial(PJSIP/100,20)
    ///  same => n,VoiceMail(100)
    /// ```
    pub(super) static RULE = {
        name: "priority-gap",
        code: "F002",
        group: Group::Flow,
        severity: Severity::Error,
        origin: Origin::Asterisklint,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let flow = subject.flow();
    let reached = flow.reached(subject);
    // Of these the rule about `n` speaks.
    let continued = numbered::continued(subject);
    for number in 1..flow.len() {
        let (before, own) = (flow.at(number - 1), flow.at(number));
        let is_same = (before.context, before.extension) == (own.context, own.extension);
        if reached[number] || !is_same || flow.follows_own(subject, number) {
            continue;
        }
        let (before, step) = (flow.step(subject, number - 1), flow.step(subject, number));
        if continued.contains(&step.priority.place) {
            continue;
        }
        let (last, next) = (before.priority.number, step.priority.number);
        let had_jump = |priority| {
            let known = &step.extension.priorities;
            known.binary_search_by_key(&priority, |one| one.number).is_ok()
        };
        let message = if next > 101 && had_jump(next - 101) {
            format!("no call gets here: no application goes on at its priority plus 101, {next}")
        } else if flow.traits(number - 1).has(Trait::FallsOff) && reached[number - 1] {
            format!("there is no priority {}: the call ends before this step", last + 1)
        } else {
            continue;
        };
        findings.report(step.priority.place, message).help("number the steps with `n`");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_missing_priority_ends_the_call() {
        check(
            &RULE,
            "
            [a]
            exten => 100,1,Dial(PJSIP/100)
            exten => 100,3,VoiceMail(100)
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ there is no priority 2: the call ends before this step
            exten => 200,1,Dial(PJSIP/200)
            exten => 200,2,Hangup()
            exten => 200,102,Busy()
            ^^^^^^^^^^^^^^^^^^^^^^^ no call gets here: no application goes on at its priority plus 101, 102
            ",
        );
    }

    #[test]
    fn a_gap_that_is_jumped_over_or_filled_is_none() {
        check(
            &RULE,
            "
            [a]
            exten => 100,1,GotoIf(${X}?10)
            exten => 100,2,Hangup()
            exten => 100,10,Hangup()
            exten => 200,1,NoOp()
            exten => 200,3,NoOp()
            exten => _2XX,2,NoOp()
            exten => 300,1,NoOp()
            exten => 300,3,NoOp()
            exten => 400,1,NoOp()
            exten => 500,1,NoOp()
            exten => 500,2,NoOp()
            exten => 400,n,NoOp()
            include => elsewhere
            ",
        );
    }
}
