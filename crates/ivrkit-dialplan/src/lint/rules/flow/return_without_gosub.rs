//! A `Return` that no subroutine gets to.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Step, Subject, flow::Way, rule::rule},
};

rule! {
    /// # What it finds
    /// With entry contexts configured: a `Return` that a call gets to which comes in by one of them,
    /// but never by way of a `Gosub` or of anything else that runs subroutines.
    ///
    /// # Why it hurts
    /// There is nothing to return to: Asterisk writes "Return without Gosub" into its log and hangs up.
    ///
    /// # Example
    /// ```text
    /// exten => 100,1,Dial(PJSIP/100)
    ///  same => n,Return()
    /// ```
    /// Write `Hangup()`, or call the steps with `Gosub`.
    pub(super) static RULE = {
        name: "return-without-gosub",
        code: "F011",
        group: Group::Flow,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let flow = subject.flow();
    let entries = subject.settings.entry_contexts.iter();
    let entries: Vec<_> =
        entries.filter_map(|name| subject.context_number(name.as_bytes())).collect();
    if entries.is_empty() {
        return;
    }
    let returns: Vec<_> =
        (0..flow.len()).filter(|&number| is_return(flow.step(subject, number))).collect();
    // Subroutines whose place is not known could be any.
    if returns.is_empty() || subject.steps().any(runs_unknown_subroutines) {
        return;
    }
    let reached = flow.reached_from(subject, &entries);
    let by_gosub = by_gosub(subject);
    for number in returns.into_iter().filter(|&number| reached[number] && !by_gosub[number]) {
        findings
            .report(
                flow.step(subject, number).priority.place,
                "no subroutine gets to this `Return`: there is nothing to return to, and the call ends",
            )
            .help("write `Hangup()`, or call these steps with `Gosub`");
    }
}

/// The steps that a subroutine can come to.
fn by_gosub(subject: &Subject<'_>) -> Vec<bool> {
    let flow = subject.flow();
    let mut found = vec![false; flow.len()];
    let begins = |way: Way| matches!(way, Way::Call | Way::Other);
    let all = (0..flow.len()).flat_map(|number| flow.edges(number));
    let mut waiting: Vec<_> =
        all.filter(|edge| begins(edge.way)).map(|edge| edge.to as usize).collect();
    while let Some(number) = waiting.pop() {
        if !std::mem::replace(&mut found[number], true) {
            waiting.extend(flow.edges(number).iter().map(|edge| edge.to as usize));
        }
    }
    found
}

fn is_return(step: Step<'_>) -> bool {
    let name = step.subject.bytes(step.priority.application).trim_ascii_end();
    name.eq_ignore_ascii_case(b"Return")
}

/// Whether a step runs subroutines that the graph does not show: by a variable, by a program, by
/// options of a call, or where a name says nothing.
fn runs_unknown_subroutines(step: Step<'_>) -> bool {
    let subject = step.subject;
    let name = subject.bytes(step.priority.application).trim_ascii_end();
    let data = subject.bytes(step.priority.data);
    let is = |one: &str| name.eq_ignore_ascii_case(one.as_bytes());
    let has = |text: &[u8]| data.windows(text.len()).any(|part| part.eq_ignore_ascii_case(text));
    let is_program = ["AGI", "EAGI", "DeadAGI", "FastAGI", "Queue", "FollowMe", "AELSub"];
    let is_variable = (is("Gosub") || is("GosubIf") || has(b"Gosub(") || has(b"GosubIf("))
        && (has(b"${") || has(b"$["));
    is_variable
        || is_program.iter().any(|one| is(one))
        || [&b"_SUB"[..], b"hangup_handler", b"EVAL_"].iter().any(|text| has(text))
        || (has(b"U(") || has(b"b(") || has(b"M(")) && has(b"${")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::{Settings, testing::check_with};

    #[track_caller]
    fn check(annotated: &str) {
        let settings = Settings { entry_contexts: vec!["in".into()], ..Settings::default() };
        check_with(&settings, &RULE, annotated);
    }

    #[test]
    fn nothing_to_return_to() {
        check(
            "
            [in]
            exten => 1,1,NoOp()
             same => n,Return()
             ^^^^^^^^^^^^^^^^^^ no subroutine gets to this `Return`: there is nothing to return to, and the call ends
            exten => 2,1,Gosub(b,s,1)
            [b]
            exten => s,1,Return()
            [c]
            exten => s,1,Dial(PJSIP/1,,U(d))
            [d]
            exten => s,1,Return()
            [library]
            exten => s,1,Return()
            ",
        );
    }

    #[test]
    fn subroutines_that_nobody_knows_silence_it() {
        check(
            "
            [in]
            exten => 1,1,Gosub(${X},s,1)
            exten => 2,1,Return()
            ",
        );
    }
}
