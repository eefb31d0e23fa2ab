//! A `Background` after which the call ends.

use crate::{
    diagnostic::Severity,
    lint::{
        Check, Findings, Group, Origin, Step, Subject,
        flow::{Trait, Way},
        menu::is_dialled,
        rule::rule,
    },
};

rule! {
    /// # What it finds
    /// A `Background` in a menu after which the call ends without a wait for keys.
    ///
    /// # Why it hurts
    /// Keys count only while the prompt plays. Who listens to the end and then presses is too late: the
    /// call is over.
    ///
    /// # Example
    /// ```text
    /// exten => s,1,Background(press-1-or-2)
    /// exten => 1,1,Goto(sales,s,1)
    /// exten => 2,1,Goto(support,s,1)
    /// ```
    /// Better:
    /// ```text
    /// exten => s,1,Background(press-1-or-2)
    ///  same => n,WaitExten(5)
    /// ```
    pub(super) static RULE = {
        name: "prompt-without-wait",
        code: "F006",
        group: Group::Flow,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let flow = subject.flow();
    for number in 0..flow.len() {
        let step = flow.step(subject, number);
        if !is_prompt(step) || flow.is_in_macro(subject, number) {
            continue;
        }
        let has_keys = step
            .context
            .extensions
            .iter()
            .any(|one| is_dialled(one) && one.key != step.extension.key);
        if let Some(end) = end(subject, number).filter(|_| has_keys) {
            let last = flow.step(subject, end);
            let finding = findings.report(
                step.priority.place,
                "keys count only while this plays: after it the call ends",
            );
            finding.help("add `WaitExten(5)` after it");
            if end != number {
                finding.note(last.priority.place, "the call ends here");
            }
        }
    }
}

/// Where the call ends after a prompt, if it does so at once and for certain.
fn end(subject: &Subject<'_>, prompt: usize) -> Option<usize> {
    /// Most steps that are looked at: what ends a call at once is near.
    const MOST: usize = 20;
    let flow = subject.flow();
    let mut number = prompt;
    for _ in 0..MOST {
        let traits = flow.traits(number);
        if traits.has_any(&[Trait::Open, Trait::MayEnd, Trait::Misses]) {
            return None;
        }
        if traits.has(Trait::Ends) {
            return (!is_return(flow.step(subject, number))).then_some(number);
        }
        if number != prompt && traits.has_any(&[Trait::TakesTime, Trait::Collects]) {
            return None;
        }
        match flow.edges(number) {
            [] => return traits.has(Trait::FallsOff).then_some(number),
            [one] if matches!(one.way, Way::Next | Way::Jump) => number = one.to as usize,
            _ => return None,
        }
    }
    None
}

/// Whether a subroutine is over rather than the call.
fn is_return(step: Step<'_>) -> bool {
    let name = step.subject.bytes(step.priority.application).trim_ascii_end();
    [&b"Return"[..], b"MacroExit"].iter().any(|one| name.eq_ignore_ascii_case(one))
}

fn is_prompt(step: Step<'_>) -> bool {
    let name = step.subject.bytes(step.priority.application).trim_ascii_end();
    name.eq_ignore_ascii_case(b"Background")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_prompt_at_the_end_leaves_no_time() {
        check(
            &RULE,
            "
            [a]
            exten => s,1,Background(menu)
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ keys count only while this plays: after it the call ends
            exten => 1,1,NoOp()
            [b]
            exten => s,1,Background(menu)
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ keys count only while this plays: after it the call ends
             same => n,NoOp()
             same => n,Hangup()
            exten => 1,1,NoOp()
            ",
        );
    }

    #[test]
    fn other_prompts_are_left_alone() {
        check(
            &RULE,
            "
            [a]
            exten => s,1,Background(menu)
             same => n,WaitExten(5)
            exten => 1,1,NoOp()
            [b]
            exten => s,1,Background(menu)
             same => n,Goto(s,1)
            exten => 1,1,NoOp()
            [c]
            exten => s,1,Background(no-keys-here)
            [d]
            exten => s,1,Background(menu)
             same => n,Wait(5)
            exten => 1,1,NoOp()
            [e]
            exten => s,1,Background(menu)
             same => n,Return()
            exten => 1,1,NoOp()
            [macro-f]
            exten => s,1,Background(menu)
            exten => 1,1,NoOp()
            ",
        );
    }
}
