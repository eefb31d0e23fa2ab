//! `n` goes on from a step of another extension.

use crate::{
    diagnostic::Severity,
    dialplan::{
        RemarkKind,
        pattern::{Language, Pattern},
    },
    lint::{Check, Findings, Group, Origin, Subject, numbered, rule::rule},
    syntax::Place,
};
use std::collections::HashSet;

rule! {
    /// # What it finds
    /// `n` as priority of a step whose extension is not that of the step above.
    ///
    /// # Why it hurts
    /// `n` is one more than the last priority of the section, whichever extension that belonged to.
    /// The step lands behind a gap: a call that comes from the steps before it falls off the end
    /// and is cut off.
    ///
    /// # Example
    /// ```text
    /// exten => 1,1,Goto(yes,1)
    /// exten => 2,n,Goto(no,1)
    /// ```
    /// Better:
    /// ```text
    /// exten => 1,1,Goto(yes,1)
    /// exten => 2,1,Goto(no,1)
    /// ```
    /// Nothing is said where the step above it has a pattern that matches this extension, or the
    /// other way round: then the call comes by both.
    pub(super) static RULE = {
        name: "next-of-another-extension",
        code: "L047",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let remarks = &subject.dialplan.remarks;
    let (mut steps, mut unreached) = (None, None);
    for remark in remarks {
        let RemarkKind::Continued { after, number } = remark.kind else { continue };
        let Some((section, _)) = subject.setting(remark.place) else { continue };
        let steps = steps.get_or_insert_with(|| numbered::steps(subject));
        let (name, above) = (subject.bytes(remark.name), subject.bytes(after.name));
        let goes_on = steps.contains(&(subject.bytes(section.name), name, number - 1));
        let [own, other] = [name, above].map(|name| Language::new(&Pattern::new(name)));
        let is_one_way = own.covers(&other) || other.covers(&own);
        if goes_on || is_one_way {
            continue;
        }
        let line = subject.line(after.place);
        let (name, above) = (subject.shown(remark.name), subject.shown(after.name));
        let finding = findings.report(
            subject.code(remark.place),
            format!(
                "`n` goes on from `{above}` on line {line}: this is priority {number} of `{name}`"
            ),
        );
        let unreached = unreached.get_or_insert_with(|| unreached_lines(subject));
        if !unreached.contains(&remark.place) {
            finding.severity = finding.severity.max(Severity::Warning);
        }
        finding
            .help(format!("write the number, or move the step to the others of `{name}`"))
            .note(after.place, "`n` counts from here");
    }
}

/// The lines of steps that no call gets to.
fn unreached_lines(subject: &Subject<'_>) -> HashSet<Place> {
    let flow = subject.flow();
    let reached = flow.reached(subject);
    let unreached = (0..flow.len()).filter(|&step| !reached[step]);
    unreached.map(|step| flow.step(subject, step).priority.place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn it_lands_behind_a_gap() {
        check(
            &RULE,
            "
                [a]
                exten => 1,1,Answer()
                exten => 2,n,Answer()
                ^^^^^^^^^^^^^^^^^^^^^ `n` goes on from `1` on line 2: this is priority 2 of `2`
                 same => n,Hangup()
                ",
        );
    }

    #[test]
    fn where_a_call_comes_by_both() {
        check(
            &RULE,
            "
                [a]
                exten => _1XX,1,Answer()
                exten => 100,n,Wait(1)
                exten => _1XX,n,Wait(1)
                exten => _1.,n,Wait(1)
                exten => 2,1,Answer()
                exten => 3,1,Answer()
                exten => 2,n,Answer()
                ",
        );
    }
}
