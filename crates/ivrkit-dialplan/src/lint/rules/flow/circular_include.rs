//! Contexts that include each other.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
};

rule! {
    /// # What it finds
    /// A context that includes itself, directly or through others, across files too.
    ///
    /// # Why it hurts
    /// Asterisk stops where it comes to the same context again, so calls work. But what belongs to which
    /// context cannot be told any more: whoever may dial into one of them may dial into all.
    ///
    /// # Example
    /// ```text
    /// [internal]
    /// include => outbound
    /// [outbound]
    /// include => internal
    /// ```
    /// Put what both need into a third context that includes neither.
    pub(super) static RULE = {
        name: "circular-include",
        code: "F014",
        group: Group::Flow,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let mut state = vec![State::New; subject.dialplan.contexts.len()];
    for context in 0..state.len() {
        visit(subject, context, &mut state, findings);
    }
}

/// How far the search has come with a context.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    /// Its includes are being looked at.
    Open,
    Done,
}

/// Goes down through the includes of a context; without recursion, as they may go deep.
fn visit(subject: &Subject<'_>, context: usize, state: &mut [State], findings: &mut Findings<'_>) {
    if state[context] != State::New {
        return;
    }
    let below = |context| subject.index().includes(context).enumerate();
    state[context] = State::Open;
    let mut way = vec![(context, below(context))];
    while let Some((at, rest)) = way.last_mut() {
        match rest.next() {
            None => {
                state[*at] = State::Done;
                way.pop();
            }
            Some((include, Some(included))) if state[included] == State::Open => {
                report(subject, (*at, include, included), findings);
            }
            Some((_, Some(included))) if state[included] == State::New => {
                state[included] = State::Open;
                way.push((included, below(included)));
            }
            Some(_) => {}
        }
    }
}

fn report(
    subject: &Subject<'_>,
    (context, include, included): (usize, usize, usize),
    findings: &mut Findings<'_>,
) {
    let contexts = &subject.dialplan.contexts;
    let name = subject.shown(contexts[included].name);
    let message = if context == included {
        format!("[{name}] includes itself")
    } else {
        format!("[{name}] includes this context in its turn")
    };
    findings.report(contexts[context].includes[include].place, message);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn circles_are_found() {
        check(
            &RULE,
            "
            [a]
            include => b
            [b]
            include => c
            include => d
            [c]
            include => a
            ^^^^^^^^^^^^ [a] includes this context in its turn
            [d]
            include => d
            ^^^^^^^^^^^^ [d] includes itself
            include => e
            [e]
            exten => 1,1,NoOp()
            //- other.conf
            ",
        );
    }

    #[test]
    fn across_files() {
        check(
            &RULE,
            "
            #include other.conf
            [a]
            include => b
            ^^^^^^^^^^^^ [b] includes this context in its turn
            //- other.conf
            [b]
            include => a
            ",
        );
    }
}
