//! A menu that hangs up on who types nothing.

use crate::{
    diagnostic::Severity,
    lint::{
        Check, Findings, Group, Origin, Step, Subject,
        flow::{Trait, Way},
        rule::rule,
    },
    syntax::{Kind, Place},
};
use std::collections::HashMap;

rule! {
    /// # What it finds
    /// A menu after whose last wait the call just ends: `WaitExten` is the last step and there is neither
    /// `t` nor `e`, or the steps after it run out, or jump to what is not there. Nothing is said to the
    /// caller in between. If a line of the extension was lost while the dialplan was loaded, it is named.
    ///
    /// # Why it hurts
    /// Who needs more time than the wait is cut off without a word. After a time-out Asterisk goes on at
    /// the next priority *if there is one*, and only otherwise to `t`, so that a `t` may never be reached.
    ///
    /// # Example
    /// ```text
    /// exten => s,1,Background(press-1)
    ///  same => n,WaitExten(5)
    ///  same => n,NoOp(no key)
    /// ```
    /// Better:
    /// ```text
    /// exten => s,1,Background(press-1)
    ///  same => n,WaitExten(5)
    ///  same => n,Goto(t,1)
    /// exten => t,1,Playback(goodbye)
    ///  same => n,Hangup()
    /// ```
    pub(super) static RULE = {
        name: "silence-ends-call",
        code: "F005",
        group: Group::Flow,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let flow = subject.flow();
    let mut seen = vec![false; flow.len()];
    let lost = lost_lines(subject);
    for number in 0..flow.len() {
        if is_wait(flow.step(subject, number)) && !flow.is_in_macro(subject, number) {
            follow(subject, number, (&mut seen, &lost), findings);
        }
    }
}

/// Follows a silent caller from a wait up to where the call ends or something is heard.
fn follow(
    subject: &Subject<'_>,
    wait: usize,
    (seen, lost): (&mut [bool], &LostLines<'_>),
    findings: &mut Findings<'_>,
) {
    let flow = subject.flow();
    let mut waiting = vec![wait];
    while let Some(number) = waiting.pop() {
        if std::mem::replace(&mut seen[number], true) {
            continue;
        }
        let traits = flow.traits(number);
        if number != wait && traits.has_any(&[Trait::TakesTime, Trait::MayEnd, Trait::Ends]) {
            continue;
        }
        let is_sure = !traits.has(Trait::Open);
        if is_sure && traits.has(Trait::FallsOff) && flow.edges(number).is_empty() {
            report(subject, (wait, number), lost, findings);
        }
        let ways = flow
            .edges(number)
            .iter()
            .filter(|edge| matches!(edge.way, Way::Next | Way::Jump | Way::Branch | Way::Timeout));
        waiting.extend(ways.map(|edge| edge.to as usize));
    }
}

fn report(
    subject: &Subject<'_>,
    (wait, end): (usize, usize),
    lost: &LostLines<'_>,
    findings: &mut Findings<'_>,
) {
    let flow = subject.flow();
    let (begin, step) = (flow.step(subject, wait), flow.step(subject, end));
    let message = if wait == end {
        "who types nothing is cut off here: there is no next step and no `t`"
    } else {
        "who types nothing is cut off here: there is no next step"
    };
    let finding = findings.report(step.priority.place, message);
    finding.help("lead on, or say goodbye and hang up");
    if wait != end {
        finding.note(begin.priority.place, "the caller is waited for here");
    }
    let name = step.extension.key.pattern.name().escape_ascii().to_string().into_bytes();
    if let Some(&lost) = lost.get(&(subject.bytes(step.context.name), name)) {
        finding.note(lost, "this line would have led on, but was lost at load");
    }
}

/// The lines that the loader dropped because their priority was taken, by their context and the
/// name of their extension.
type LostLines<'a> = HashMap<(&'a [u8], Vec<u8>), Place>;

fn lost_lines<'a>(subject: &Subject<'a>) -> LostLines<'a> {
    let messages = subject.dialplan.messages.iter();
    let lost = messages.filter(|message| message.kind == Kind::DuplicatePriority);
    let lost: HashMap<Place, &[u8]> = lost
        .map(|message| {
            let name = message.text.split(" has priority ").next().unwrap_or_default();
            (message.place, name.as_bytes())
        })
        .collect();
    let sections = subject.sections.iter().filter(|_| !lost.is_empty());
    let lines = sections.flat_map(|one| one.settings.iter().map(move |line| (one, line)));
    lines
        .filter_map(|(section, line)| {
            let name = lost.get(&line.place)?;
            Some(((subject.bytes(section.name), name.to_vec()), line.place))
        })
        .collect()
}

fn is_wait(step: Step<'_>) -> bool {
    let name = step.subject.bytes(step.priority.application).trim_ascii_end();
    name.eq_ignore_ascii_case(b"WaitExten")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_wait_without_t_cuts_the_caller_off() {
        check(
            &RULE,
            "
            [a]
            exten => s,1,WaitExten(5)
            ^^^^^^^^^^^^^^^^^^^^^^^^^ who types nothing is cut off here: there is no next step and no `t`
            exten => 1,1,NoOp()
            ",
        );
    }

    #[test]
    fn steps_that_run_out_are_found() {
        check(
            &RULE,
            "
            [a]
            exten => s,1,WaitExten(5)
             same => n,Set(X=1)
             same => n,ExecIf(${X}?NoOp())
             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ who types nothing is cut off here: there is no next step
            exten => t,1,Hangup()
            [b]
            exten => s,1,WaitExten(5)
             same => n,Goto(t,1)
            ",
        );
    }

    #[test]
    fn who_is_led_on_or_told_is_not_cut_off() {
        check(
            &RULE,
            "
            [a]
            exten => s,1,WaitExten(5)
            exten => t,1,Hangup()
            [b]
            exten => s,1,WaitExten(5)
             same => n,Playback(goodbye)
            [c]
            exten => s,1,WaitExten(5)
             same => n,Goto(${X},1)
            [d]
            exten => s,1,WaitExten(5)
             same => n,Dial(PJSIP/1)
            [e]
            exten => s,1,WaitExten(5)
            include => nowhere
            ",
        );
    }
}
