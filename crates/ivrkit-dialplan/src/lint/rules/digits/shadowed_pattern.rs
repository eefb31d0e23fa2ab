//! A pattern behind a better one that takes all it takes.

use crate::{
    diagnostic::Severity,
    dialplan::pattern::{Language, Tail},
    lint::{Check, Findings, Group, Origin, Subject, rule::rule, target::Look},
};

rule! {
    /// # What it finds
    /// A pattern that never answers, as one with `!` that Asterisk asks before it takes the same:
    /// `_12` behind `_12!`.
    ///
    /// # Why it hurts
    /// Asterisk asks narrow patterns first, but at the end of a pattern `!` goes before nothing.
    /// The steps of the shadowed one are never run.
    ///
    /// # Example
    /// ```text
    /// exten => _12!,1,Goto(overlap,${EXTEN},1)
    /// exten => _12,1,Goto(reception,s,1)
    /// ```
    /// A plain name is asked before all patterns:
    /// ```text
    /// exten => 12,1,Goto(reception,s,1)
    /// ```
    pub(super) static RULE = {
        name: "shadowed-pattern",
        code: "D012",
        group: Group::Digits,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for (at, context) in subject.dialplan.contexts.iter().enumerate() {
        for (number, extension) in context.extensions.iter().enumerate() {
            let pattern = &extension.key.pattern;
            let could_shadow = pattern.is_pattern() && pattern.compared().contains(&b'!');
            let has_first = extension.priorities.iter().any(|one| one.number == 1);
            if !could_shadow || !has_first || extension.key.caller.is_some() {
                continue;
            }
            let language = Language::new(pattern);
            if language.tail != Tail::Any {
                continue;
            }
            subject.index().search(subject, at, &language, &mut |look| {
                match look {
                    Look::Extension(context, other) if context == at && other > number => {
                        report(subject, (at, number, other), findings);
                    }
                    Look::Extension(context, _) if context != at => return false,
                    _ => {}
                }
                true
            });
        }
    }
}

fn report(
    subject: &Subject<'_>,
    (context, first, second): (usize, usize, usize),
    findings: &mut Findings<'_>,
) {
    let extensions = &subject.dialplan.contexts[context].extensions;
    let (first, second) = (&extensions[first], &extensions[second]);
    let [better, worse] = [first, second].map(|one| Language::new(&one.key.pattern));
    let begin = second.priorities.iter().find(|one| one.number == 1);
    let Some(begin) = begin.filter(|_| better.covers(&worse) && !worse.is_empty) else { return };
    let name = first.key.pattern.name().escape_ascii();
    findings
        .report(begin.place, format!("this pattern never answers: `{name}` takes all of it first"))
        .note(first.priorities[0].place, "this one is asked before");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn an_early_match_goes_before_the_end() {
        check(
            &RULE,
            "
            [a]
            exten => _12!,1,NoOp()
            exten => _12,1,NoOp()
            ^^^^^^^^^^^^^^^^^^^^^ this pattern never answers: `_12!` takes all of it first
            exten => _12.,1,NoOp()
            exten => _1XX,1,NoOp()
            exten => 12,1,NoOp()
            [b]
            exten => _12,1,NoOp()
            exten => _X!,1,NoOp()
            exten => _X,1,NoOp()
            ^^^^^^^^^^^^^^^^^^^^ this pattern never answers: `_X!` takes all of it first
            ",
        );
    }
}
