//! An extension of an included context that the including one hides.

use crate::{
    diagnostic::Severity,
    dialplan::{Extension, pattern::Language},
    lint::{
        Check, Findings, Group, Origin, Subject,
        flow::{Flow, Way},
        rule::rule,
        target::Look,
    },
};

rule! {
    /// # What it finds
    /// An extension of an included context that no call in the including one gets to, as that has an
    /// extension of its own for all the same numbers; if nothing else leads to it.
    ///
    /// # Why it hurts
    /// Asterisk asks a context before those it includes. A pattern such as `_X.` hides everything that is
    /// included, and the numbers there never ring.
    ///
    /// # Example
    /// ```text
    /// [from-phones]
    /// exten => _X.,1,Dial(PJSIP/trunk/${EXTEN})
    /// include => services
    /// [services]
    /// exten => 100,1,VoiceMailMain()
    /// ```
    /// Put the wide pattern into a context of its own and include it last.
    pub(super) static RULE = {
        name: "shadowed-include",
        code: "F018",
        group: Group::Flow,
        severity: Severity::Hint,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let flow = subject.flow();
    let mut jumped_to = None;
    for context in 0..subject.dialplan.contexts.len() {
        // Where several contexts include it, or where calls may come in, it is of use elsewhere.
        let includers = subject.index().channels(context);
        let Some([_, includer]) = includers.as_deref() else { continue };
        for extension in &subject.dialplan.contexts[context].extensions {
            let Some(better) = hiding(subject, *includer, extension) else { continue };
            let jumped_to = jumped_to.get_or_insert_with(|| jumped_to_steps(flow));
            let first = flow.number_of(subject, context, extension);
            let Some(first) = first.filter(|&first| !jumped_to[first]) else { continue };
            if flow.has_unknown_extensions() {
                return;
            }
            let name = subject.shown(subject.dialplan.contexts[*includer].name);
            let shown = better.key.pattern.name().escape_ascii();
            findings
                .report(
                    flow.step(subject, first).priority.place,
                    format!("calls in [{name}], which includes this, go to its `{shown}` instead"),
                )
                .note(better.priorities[0].place, "this is asked first");
        }
    }
}

/// The extension of the including context that takes all that this one takes.
fn hiding<'a>(
    subject: &Subject<'a>,
    includer: usize,
    extension: &Extension,
) -> Option<&'a Extension> {
    let has_first = |one: &Extension| one.priorities.iter().any(|one| one.number == 1);
    // Handlers are there once for each context.
    let is_name = extension.key.pattern.name().iter().all(u8::is_ascii_alphabetic);
    let language = Language::new(&extension.key.pattern);
    if is_name || language.is_empty || !has_first(extension) {
        return None;
    }
    let mut found = None;
    subject.index().search(subject, includer, &language, &mut |look| {
        let Look::Extension(context, at) = look else { return false };
        if context != includer {
            return false;
        }
        let one = &subject.dialplan.contexts[context].extensions[at];
        let is_it = one.key.caller.is_none()
            && has_first(one)
            && Language::new(&one.key.pattern).covers(&language);
        if is_it {
            found = Some(one);
        }
        !is_it
    });
    found
}

/// The steps that something leads to besides what is dialled.
fn jumped_to_steps(flow: &Flow) -> Vec<bool> {
    let mut found = vec![false; flow.len()];
    for edge in (0..flow.len()).flat_map(|number| flow.edges(number)) {
        found[edge.to as usize] |= edge.way != Way::Next;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_wide_pattern_hides_what_is_included() {
        check(
            &RULE,
            "
            [phones]
            exten => _X.,1,Dial(PJSIP/trunk/${EXTEN})
            exten => 200,1,NoOp()
            include => services
            [services]
            exten => 100,1,VoiceMailMain()
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ calls in [phones], which includes this, go to its `_X.` instead
            exten => 1,1,NoOp()
            exten => i,1,NoOp()
            exten => *1,1,NoOp()
            exten => 300,1,NoOp()
            exten => *2,1,Goto(services,300,1)
            ",
        );
    }

    #[test]
    fn what_others_lead_to_is_left_alone() {
        check(
            &RULE,
            "
            [a]
            exten => _X.,1,NoOp()
            include => shared
            [b]
            include => shared
            [shared]
            exten => 100,1,NoOp()
            ",
        );
    }
}
