//! An extension that no call gets to.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, flow::Flow, rule::rule},
};

rule! {
    /// # What it finds
    /// With entry contexts configured: an extension that no call gets to which comes in by one of them.
    ///
    /// # Why it hurts
    /// It is never run. Either it is left over, or the jump or `include` that should lead to it is missing.
    ///
    /// # Example
    /// With `entry_contexts = ["from-trunk"]`:
    /// ```text
    /// [from-trunk]
    /// exten => 100,1,Goto(reception,s,1)
    /// [reception]
    /// exten => s,1,Dial(PJSIP/100)
    /// [night]
    /// exten => s,1,VoiceMail(100)
    /// ```
    /// Nothing leads to `[night]`.
    pub(super) static RULE = {
        name: "unreachable-extension",
        code: "F017",
        group: Group::Flow,
        severity: Severity::Hint,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let entries = subject.settings.entry_contexts.iter();
    let entries: Vec<_> =
        entries.filter_map(|name| subject.context_number(name.as_bytes())).collect();
    if entries.is_empty() {
        return;
    }
    let flow = subject.flow();
    let reached = flow.reached_from(subject, &entries);
    let mut number = 0;
    while number < flow.len() {
        let steps = extension(flow, number);
        let step = flow.step(subject, number);
        if step.priority.number == 1 && !steps.clone().any(|step| reached[step]) {
            let name = step.extension.key.pattern.name().escape_ascii();
            let message = format!("no call that comes in by an entry context gets to `{name}`");
            findings.report(step.priority.place, message);
        }
        number = steps.end;
    }
}

/// The steps of the extension that begins with this one.
fn extension(flow: &Flow, first: usize) -> std::ops::Range<usize> {
    let own = flow.at(first);
    let same = |step: &usize| {
        let at = flow.at(*step);
        (at.context, at.extension) == (own.context, own.extension)
    };
    first..first + (first..flow.len()).take_while(same).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn nothing_leads_there() {
        use crate::lint::{Settings, testing::check_with};
        let settings = Settings { entry_contexts: vec!["in".into()], ..Settings::default() };
        let annotated = "
            [in]
            exten => 100,1,Goto(reception,s,1)
            include => more
            [more]
            exten => 200,1,WaitExten(5)
            [reception]
            exten => s,1,Hangup()
            exten => h,1,NoOp()
            exten => 1,1,NoOp()
            ^^^^^^^^^^^^^^^^^^^ no call that comes in by an entry context gets to `1`
            [night]
            exten => s,1,Hangup()
            ^^^^^^^^^^^^^^^^^^^^^ no call that comes in by an entry context gets to `s`
            ";
        check_with(&settings, &RULE, annotated);
        let unmarked: Vec<_> = annotated.lines().filter(|line| !line.contains('^')).collect();
        check(&RULE, &unmarked.join("\\n"));
    }
}
