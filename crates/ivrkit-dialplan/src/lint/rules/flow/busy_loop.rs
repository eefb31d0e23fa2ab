//! A loop in which nothing takes time.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, flow::Trait, rule::rule},
};

rule! {
    /// # What it finds
    /// Steps that lead to each other for ever, none of which plays something, waits or may end the call.
    ///
    /// # Why it hurts
    /// Asterisk runs it as fast as the machine can, thousands of steps a second, until the caller hangs up.
    /// A few such calls leave no processor time for all others.
    ///
    /// # Example
    /// ```text
    /// exten => s,1,Set(N=$[${N} + 1])
    ///  same => n,Goto(s,1)
    /// ```
    /// Wait in it, or leave it by a condition: `GotoIf($[${N} < 10]?s,1)`.
    pub(super) static RULE = {
        name: "busy-loop",
        code: "F008",
        group: Group::Flow,
        severity: Severity::Error,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let flow = subject.flow();
    let reached = flow.reached(subject);
    for steps in flow.closed_loops() {
        let takes_time = |&step: &usize| {
            let traits = flow.traits(step);
            traits.has_any(&[Trait::TakesTime, Trait::Collects]) || !is_known(subject, step)
        };
        if steps.iter().any(takes_time) || !reached[steps[0]] {
            continue;
        }
        let last = flow.step(subject, steps[steps.len() - 1]);
        let finding = findings.report(
            last.priority.place,
            "this loop has no way out and nothing in it takes time: the PBX spins until the caller \
             hangs up",
        );
        finding.help("leave it by a condition, or wait in it");
        if steps.len() > 1 {
            finding.note(flow.step(subject, steps[0]).priority.place, "the loop begins here");
        }
    }
}

/// Whether it is known what the application does.
fn is_known(subject: &Subject<'_>, step: usize) -> bool {
    let step = subject.flow().step(subject, step);
    let name = subject.bytes(step.priority.application).trim_ascii_end();
    crate::application::behaviour::behaviour(name).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_loop_that_spins_is_found() {
        check(
            &RULE,
            "
            [a]
            exten => s,1,Goto(s,1)
            ^^^^^^^^^^^^^^^^^^^^^^ this loop has no way out and nothing in it takes time: the PBX spins until the caller hangs up
            [b]
            exten => s,1,Set(N=1)
             same => n,GotoIf($[${N} = 1]?s,1:s,2)
             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this loop has no way out and nothing in it takes time: the PBX spins until the caller hangs up
            ",
        );
    }

    #[test]
    fn other_loops_are_left_alone() {
        check(
            &RULE,
            "
            [a]
            exten => s,1,Wait(1)
             same => n,Goto(s,1)
            exten => 1,1,GotoIf($[${N}]?1)
             same => n,Hangup()
            exten => 2,1,SomethingOfOurs()
             same => n,Goto(2,1)
            exten => 3,1,Goto(3,${X})
            exten => 4,1,Gosub(b,s,1)
             same => n,Goto(4,1)
            exten => 5,1,AGI(x)
             same => n,Goto(5,1)
            [b]
            exten => s,1,Hangup()
            ",
        );
    }
}
