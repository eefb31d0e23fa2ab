//! A step that no call gets to.

use crate::{
    diagnostic::Severity,
    lint::{
        Check, Findings, Group, Origin, Subject,
        flow::{Flow, Trait},
        rule::rule,
    },
};

rule! {
    /// # What it finds
    /// A step behind one that always leads elsewhere or ends the call, such as `Goto` or `Hangup`, and to
    /// which nothing jumps. Where a variable or a program decides where calls go, it says nothing of steps
    /// that it could mean.
    ///
    /// # Why it hurts
    /// The step never runs. Often it was meant to: a label is missing, or the `Goto` above it should have
    /// been a `GotoIf`.
    ///
    /// # Example
    /// ```text
    /// exten => s,1,Background(welcome)
    /// exten => s,n,Goto(menu,s,1)
    /// exten => s,n,WaitExten(5)
    /// ```
    /// Put the step before the jump, or take it away.
    pub(super) static RULE = {
        name: "unreachable-step",
        code: "F001",
        group: Group::Flow,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let flow = subject.flow();
    let reached = flow.reached(subject);
    for number in (0..flow.len()).filter(|&number| !reached[number]) {
        // One finding for all that follows.
        if !flow.follows_own(subject, number) || !reached[number - 1] {
            continue;
        }
        let more = unreached_after(subject, flow, reached, number);
        // A `Hangup` after what ends the call anyway does no harm.
        if (number..=number + more).all(|step| flow.traits(step).has(Trait::Ends)) {
            continue;
        }
        let (before, step) = (flow.step(subject, number - 1), flow.step(subject, number));
        let application = subject.shown(before.priority.application);
        let is_end = flow.traits(number - 1).has(Trait::Ends);
        let what = if is_end { "ends the call" } else { "always leads elsewhere" };
        let these = match more {
            0 => "this step".to_owned(),
            more => format!("this step nor to {more} after it"),
        };
        findings
            .report(
                step.priority.place,
                format!("no call gets to {these}: {} {what}", application.trim_end()),
            )
            .note(before.priority.place, what);
    }
}

/// How many steps of the extension directly after this one are not reached either.
fn unreached_after(subject: &Subject<'_>, flow: &Flow, reached: &[bool], number: usize) -> usize {
    let next = number + 1..flow.len();
    next.take_while(|&next| !reached[next] && flow.follows_own(subject, next)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn nothing_comes_after_an_end() {
        check(
            &RULE,
            "
            [a]
            exten => s,1,Goto(b,s,1)
             same => n,NoOp()
             ^^^^^^^^^^^^^^^^ no call gets to this step nor to 1 after it: Goto always leads elsewhere
             same => n,NoOp()
             same => n(label),Hangup()
             same => n,NoOp()
             ^^^^^^^^^^^^^^^^ no call gets to this step: Hangup ends the call
            [b]
            exten => s,1,GotoIf($[${X}]?a,s,label)
             same => n,Hangup()
            ",
        );
    }

    #[test]
    fn what_may_be_reached_is_left_alone() {
        check(
            &RULE,
            "
            [a]
            exten => s,1,Goto(a,s,${X})
             same => n,NoOp()
            [b]
            exten => s,1,Goto(s,3)
             same => n,NoOp()
             ^^^^^^^^^^^^^^^^ no call gets to this step: Goto always leads elsewhere
             same => n,ExecIf(${X}?Goto(2x,1))
             same => n,Goto(s-${DIALSTATUS},1)
            exten => s-BUSY,1,Busy()
             same => n,Hangup()
            [c]
            exten => s,1,Macro(x)
             same => n,Hangup()
            ",
        );
    }
}
