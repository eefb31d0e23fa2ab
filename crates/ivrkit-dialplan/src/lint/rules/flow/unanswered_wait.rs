//! A menu on a call that nobody has answered.

use crate::{
    application::behaviour::{self, Answer, Digits},
    diagnostic::Severity,
    lint::{
        Check, Findings, Group, Origin, Subject,
        flow::{Trait, Way},
        rule::rule,
    },
};

rule! {
    /// # What it finds
    /// With entry contexts configured: a `WaitExten` that a call from there gets to by steps of which none
    /// answers, before anything else that answers by itself such as `Playback` or `Background`.
    ///
    /// # Why it hurts
    /// Before the answer most networks carry no keys to the PBX, and many hang up after a minute of
    /// ringing. The caller hears a ringing tone, types, and nothing happens.
    ///
    /// # Example
    /// With `entry_contexts = ["from-trunk"]`:
    /// ```text
    /// [from-trunk]
    /// exten => 100,1,WaitExten(10)
    /// ```
    /// Better:
    /// ```text
    /// [from-trunk]
    /// exten => 100,1,Answer()
    ///  same => n,WaitExten(10)
    /// ```
    pub(super) static RULE = {
        name: "unanswered-wait",
        code: "F019",
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
    let mut waiting: Vec<usize> = Vec::new();
    for name in &subject.settings.entry_contexts {
        let Some(context) = subject.context_number(name.as_bytes()) else { continue };
        let extensions = &subject.dialplan.contexts[context].extensions;
        let firsts = extensions.iter().filter_map(|one| flow.number_of(subject, context, one));
        waiting.extend(firsts.filter(|&step| flow.step(subject, step).priority.number == 1));
    }
    // In the order of the lines, and each step once.
    waiting.reverse();
    while let Some(number) = waiting.pop() {
        if std::mem::replace(&mut seen[number], true) {
            continue;
        }
        let step = flow.step(subject, number);
        let name = subject.bytes(step.priority.application).trim_ascii_end();
        let Some(behaviour) = behaviour::behaviour(name) else { continue };
        if is_answering(behaviour) || flow.traits(number).has(Trait::Open) {
            continue;
        }
        if behaviour.digits == Digits::Extension {
            findings
                .report(step.priority.place, "keys are waited for on a call that is not answered")
                .help("add `Answer()` before it");
            continue;
        }
        let ways = flow.edges(number).iter();
        let ways = ways.filter(|edge| matches!(edge.way, Way::Next | Way::Jump));
        waiting.extend(ways.map(|edge| edge.to as usize));
    }
}

/// Whether a call may be answered after it.
fn is_answering(behaviour: &behaviour::Behaviour) -> bool {
    let is_subroutine = ["Gosub", "GosubIf", "Macro", "ExecIf", "Exec", "TryExec", "AGI", "GotoIf"];
    behaviour.answer != Answer::Never || is_subroutine.contains(&behaviour.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn keys_need_an_answer() {
        use crate::lint::{Settings, testing::check_with};
        let settings = Settings { entry_contexts: vec!["in".into()], ..Settings::default() };
        check_with(
            &settings,
            &RULE,
            "
            [in]
            exten => 1,1,NoOp()
             same => n,WaitExten(10)
             ^^^^^^^^^^^^^^^^^^^^^^^ keys are waited for on a call that is not answered
            exten => 2,1,Answer()
             same => n,WaitExten(10)
            exten => 3,1,Playback(hello)
             same => n,WaitExten(10)
            exten => 4,1,Goto(menu,s,1)
            exten => 5,1,Gosub(answer,s,1)
             same => n,WaitExten(10)
            [menu]
            exten => s,1,WaitExten(10)
            ^^^^^^^^^^^^^^^^^^^^^^^^^^ keys are waited for on a call that is not answered
            [answer]
            exten => s,1,Answer()
             same => n,Return()
            ",
        );
        check(
            &RULE,
            "
            [in]
            exten => 1,1,WaitExten(10)
            ",
        );
    }
}
