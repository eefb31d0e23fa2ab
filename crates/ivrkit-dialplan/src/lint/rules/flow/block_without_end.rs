//! A `While` or `If` without its end, or an end without its beginning.

use crate::{
    application::behaviour::Block,
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, flow::Trait, rule::rule},
};

rule! {
    /// # What it finds
    /// `While` without `EndWhile`, `If` without `EndIf`, and the other way round, in the steps of one
    /// extension.
    ///
    /// # Why it hurts
    /// When the condition is false, Asterisk looks for the end of the block among the priorities of the
    /// extension. Without it, it runs the block once although it should not, and says so in its log at
    /// each call.
    ///
    /// # Example
    /// ```text
    /// exten => s,1,While($[${N} < 3])
    ///  same => n,Playback(beep)
    ///  same => n,Set(N=$[${N} + 1])
    /// ```
    /// End it with `EndWhile()`.
    ///
    /// # Versions
    /// `If`, `ElseIf`, `Else` and `EndIf` are new in Asterisk 20.3 and 21.
    pub(super) static RULE = {
        name: "block-without-end",
        code: "F009",
        group: Group::Flow,
        severity: Severity::Error,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let flow = subject.flow();
    for one in flow.blocks().unpaired() {
        let number = one.step as usize;
        if goes_on_elsewhere(subject, number) {
            continue;
        }
        let message = match one.block {
            Block::While => "there is no `EndWhile` after this `While`",
            Block::If => "there is no `EndIf` after this `If`",
            Block::EndIf | Block::ElseIf | Block::Else | Block::ExitIf => {
                "there is no `If` that this belongs to"
            }
            _ => "there is no `While` that this belongs to",
        };
        findings.report(flow.step(subject, number).priority.place, message);
    }
}

/// Whether steps of other extensions or contexts go between those of this one.
fn goes_on_elsewhere(subject: &Subject<'_>, number: usize) -> bool {
    let flow = subject.flow();
    let own = flow.at(number);
    let same = |&at: &usize| {
        let at = flow.at(at);
        (at.context, at.extension) == (own.context, own.extension)
    };
    let after = (number..flow.len()).take_while(same);
    let before = (0..number).rev().take_while(same);
    let mut all = after.chain(before);
    all.any(|at| {
        let is_first = at == 0 || !same(&(at - 1));
        let begins_elsewhere = is_first && flow.step(subject, at).priority.number != 1;
        begins_elsewhere || flow.traits(at).has(Trait::GoesElsewhere)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_block_needs_both_ends() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,While($[${N}])
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^ there is no `EndWhile` after this `While`
             same => n,NoOp()
            exten => 2,1,NoOp()
             same => n,EndWhile()
             ^^^^^^^^^^^^^^^^^^^^ there is no `While` that this belongs to
            exten => 3,1,If($[${N}])
            ^^^^^^^^^^^^^^^^^^^^^^^^ there is no `EndIf` after this `If`
            exten => 4,1,Else()
            ^^^^^^^^^^^^^^^^^^^ there is no `If` that this belongs to
            ",
        );
    }

    #[test]
    fn blocks_with_both_are_left_alone() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,While($[${N}])
             same => n,While($[${M}])
             same => n,ExitWhile()
             same => n,EndWhile()
             same => n,ContinueWhile()
             same => n,EndWhile()
            exten => 2,1,If($[${N}])
             same => n,Else()
             same => n,EndIf()
            exten => 3,1,While($[${N}])
            exten => _3,2,EndWhile()
            ",
        );
    }
}
