//! A subroutine that never returns.

use crate::{
    diagnostic::Severity,
    lint::{
        Check, Findings, Group, Origin, Subject,
        flow::{Flow, Trait, Way},
        rule::rule,
    },
};

rule! {
    /// # What it finds
    /// A `Gosub` into steps that run out without any `Return` on the way.
    ///
    /// # Why it hurts
    /// At the end of an extension the call is hung up; only `Return` leads back to the step after the
    /// `Gosub`. Whatever stands there is never run.
    ///
    /// # Example
    /// ```text
    /// exten => 100,1,Gosub(record,s,1)
    ///  same => n,Dial(PJSIP/100)
    ///
    /// [record]
    /// exten => s,1,MixMonitor(${UNIQUEID}.wav)
    /// ```
    /// Better:
    /// ```text
    /// [record]
    /// exten => s,1,MixMonitor(${UNIQUEID}.wav)
    ///  same => n,Return()
    /// ```
    pub(super) static RULE = {
        name: "subroutine-without-return",
        code: "F010",
        group: Group::Flow,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let flow = subject.flow();
    let mut begins: Vec<(usize, usize)> = Vec::new();
    for number in 0..flow.len() {
        let calls = flow.edges(number).iter().filter(|edge| edge.way == Way::Call);
        begins.extend(calls.map(|edge| (edge.to as usize, number)));
    }
    begins.sort_unstable();
    begins.dedup_by_key(|&mut (begin, _)| begin);
    let mut judged = Judged { seen_by: vec![u32::MAX; flow.len()], count: 0 };
    for (begin, caller) in begins {
        if is_macro(subject, caller) {
            continue;
        }
        let Some(end) = judged.end_without_return(flow, begin) else { continue };
        let (caller, last) = (flow.step(subject, caller), flow.step(subject, end));
        findings
            .report(
                last.priority.place,
                "the subroutine ends here without `Return`: the call is hung up",
            )
            .help("end it with `Return()`")
            .note(caller.priority.place, "it is called from here");
    }
}

struct Judged {
    /// For which subroutine each step was seen last.
    seen_by: Vec<u32>,
    count: u32,
}

impl Judged {
    /// The step at which a subroutine runs out, if none of its steps returns, ends the call on
    /// purpose or leads to what is not known.
    fn end_without_return(&mut self, flow: &Flow, begin: usize) -> Option<usize> {
        /// Most steps that are looked at: a longer subroutine is no small one that lacks its end.
        const MOST: usize = 300;
        self.count += 1;
        let mut waiting = vec![begin];
        let (mut end, mut looked) = (None, 0);
        while let Some(number) = waiting.pop() {
            if std::mem::replace(&mut self.seen_by[number], self.count) == self.count {
                continue;
            }
            looked += 1;
            let traits = flow.traits(number);
            let is_other =
                [Trait::Ends, Trait::Open, Trait::MayEnd, Trait::Misses, Trait::Collects];
            if looked > MOST || traits.has_any(&is_other) {
                return None;
            }
            if traits.has(Trait::FallsOff) {
                end = end.max(Some(number));
            }
            let ways = flow.edges(number).iter();
            let ways = ways.filter(|edge| !matches!(edge.way, Way::Call | Way::Other));
            waiting.extend(ways.map(|edge| edge.to as usize));
        }
        end
    }
}

/// A macro needs no `Return`: it comes back at its end.
fn is_macro(subject: &Subject<'_>, caller: usize) -> bool {
    let step = subject.flow().step(subject, caller);
    let name = subject.bytes(step.priority.application);
    let is_macro = |name: &[u8]| {
        let start = name.get(..b"Macro".len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(b"Macro"))
    };
    // Macros that another application runs are rare, and not told from subroutines here.
    is_macro(name) || subject.bytes(step.priority.data).windows(5).any(is_macro)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn the_end_is_no_way_back() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Gosub(record,s,1)
             same => n,GosubIf($[${X}]?record,s,1:fine,s,1)
             same => n,Macro(old)
            [record]
            exten => s,1,GotoIf($[${X}]?done)
             same => n,NoOp()
             same => n(done),MixMonitor(x.wav)
             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the subroutine ends here without `Return`: the call is hung up
            [fine]
            exten => s,1,GotoIf($[${X}]?done)
             same => n,NoOp()
             same => n(done),Return()
            [macro-old]
            exten => s,1,NoOp()
            ",
        );
    }

    #[test]
    fn one_that_ends_the_call_or_may_is_left_alone() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Gosub(hangup,s,1)
            exten => 2,1,Gosub(dial,s,1)
            exten => 3,1,Gosub(open,s,1)
            [hangup]
            exten => s,1,Hangup()
            [dial]
            exten => s,1,Dial(PJSIP/1)
            [open]
            exten => s,1,NoOp()
            include => elsewhere
            ",
        );
    }
}
