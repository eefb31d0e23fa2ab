//! An extension whose last step leads into another extension.

use crate::{
    diagnostic::Severity,
    dialplan::Extension,
    lint::{
        Check, Findings, Group, Origin, Subject,
        flow::{Trait, Way},
        rule::rule,
    },
};

rule! {
    /// # What it finds
    /// An extension that is over, while a pattern of the context or of an included one goes on with the
    /// next priority.
    ///
    /// # Why it hurts
    /// Asterisk looks each priority up anew. After the last step of `100` it looks for the next priority of
    /// "100", and takes it from any pattern that fits: the call goes on in steps that were written for
    /// other numbers instead of ending.
    ///
    /// # Example
    /// ```text
    /// exten => 100,1,Playback(closed)
    /// exten => _1XX,1,Answer()
    /// exten => _1XX,2,Dial(PJSIP/${EXTEN})
    /// ```
    /// Who dials 100 hears "closed" and is connected all the same. End the extension:
    /// ```text
    /// exten => 100,1,Playback(closed)
    ///  same => n,Hangup()
    /// ```
    pub(super) static RULE = {
        name: "goes-on-elsewhere",
        code: "F015",
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
    for number in (0..flow.len()).filter(|&number| reached[number]) {
        if !flow.traits(number).has(Trait::GoesElsewhere) || number + 1 == flow.len() {
            continue;
        }
        let own = flow.at(number);
        // A gap that others fill is meant.
        let after = flow.at(number + 1);
        if (after.context, after.extension) == (own.context, own.extension) {
            continue;
        }
        let step = flow.step(subject, number);
        let ways = flow.edges(number).iter().filter(|edge| edge.way == Way::Next);
        let mut nexts = ways.map(|edge| flow.step(subject, edge.to as usize));
        let Some(next) = nexts.find(|next| has_first(next.extension)) else { continue };
        // So is an extension that only begins differently, and one that does not begin here.
        let is_variant = next.extension.key.pattern == step.extension.key.pattern;
        if !has_first(step.extension) || is_variant {
            continue;
        }
        let [own, other] =
            [step, next].map(|one| one.extension.key.pattern.name().escape_ascii().to_string());
        let priority = next.priority.number;
        findings
            .report(
                step.priority.place,
                format!(
                    "`{own}` ends here, and the call goes on at priority {priority} of `{other}`"
                ),
            )
            .help("end it with `Hangup()`, or say by `Goto` that this is meant")
            .note(next.priority.place, "the call goes on here");
    }
}

fn has_first(extension: &Extension) -> bool {
    extension.priorities.binary_search_by_key(&1, |one| one.number).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn the_next_priority_of_a_pattern_is_taken() {
        check(
            &RULE,
            "
            [a]
            exten => 100,1,Playback(closed)
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `100` ends here, and the call goes on at priority 2 of `_1XX`
            exten => 101,1,Playback(closed)
             same => n,Hangup()
            exten => 102,1,Playback(closed)
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `102` ends here, and the call goes on at priority 2 of `_1XX`
            exten => 103/5,1,NoOp()
            exten => 103,1,NoOp()
             same => n,Hangup()
            exten => _1XX,1,Answer()
            exten => _1XX,2,Hangup()
            [b]
            exten => 100,1,NoOp()
            exten => 100,2,Hangup()
            exten => _1XX,1,NoOp()
            ",
        );
    }
}
