//! An extension that looks like a handler but is none.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, flow::Flow, rule::rule},
};

rule! {
    /// # What it finds
    /// In a context where callers type, an extension with the name of something that happens, such as
    /// `unknown`, `invalid` or `timeout`, to which nothing jumps.
    ///
    /// # Why it hurts
    /// Asterisk knows `i` for wrong keys, `t` for time-outs, `e` for both, `h` for the end and `T` for the
    /// longest time of a call. No other name is looked for: these steps never run, and the wrong key that
    /// they were written for ends the call.
    ///
    /// # Example
    /// ```text
    /// exten => unknown,1,NoOp(No Action)
    /// ```
    /// Better:
    /// ```text
    /// exten => i,1,NoOp(wrong key ${INVALID_EXTEN})
    /// ```
    pub(super) static RULE = {
        name: "made-up-handler",
        code: "F016",
        group: Group::Flow,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

/// Names that look like handlers, and the handler that was probably meant.
const NAMES: [(&str, &str); 12] = [
    ("unknown", "i"),
    ("invalid", "i"),
    ("wrong", "i"),
    ("default", "i"),
    ("else", "i"),
    ("timeout", "t"),
    ("noinput", "t"),
    ("silence", "t"),
    ("error", "e"),
    ("exception", "e"),
    ("hangup", "h"),
    ("end", "h"),
];

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let mut jumped_to = None;
    for (at, _) in subject.menus().all() {
        let context = &subject.dialplan.contexts[at];
        let plain = context.extensions.iter().take_while(|one| !one.key.pattern.is_pattern());
        for extension in plain {
            let name = extension.key.pattern.name();
            let is_it = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
            let Some((_, meant)) = NAMES.iter().find(|(known, _)| is_it(known)) else { continue };
            let step = &extension.priorities[0];
            let jumped_to = jumped_to.get_or_insert_with(|| JumpedTo::new(subject.flow()));
            let step_number = subject.flow().number_of(subject, at, extension);
            if jumped_to.is_open || step_number.is_none_or(|one| jumped_to.steps[one]) {
                continue;
            }
            let name = name.escape_ascii();
            findings
                .report(
                    step.place,
                    format!("Asterisk looks for no extension `{name}`: these steps never run"),
                )
                .help(format!("if a handler is meant, call it `{meant}`"));
        }
    }
}

/// The steps that jumps lead to.
struct JumpedTo {
    steps: Vec<bool>,
    /// Whether some jump could lead to any extension.
    is_open: bool,
}

impl JumpedTo {
    fn new(flow: &Flow) -> Self {
        let mut steps = vec![false; flow.len()];
        for edge in (0..flow.len()).flat_map(|number| flow.edges(number)) {
            steps[edge.to as usize] = true;
        }
        Self { steps, is_open: flow.has_unknown_extensions() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn names_that_asterisk_does_not_look_for() {
        check(
            &RULE,
            "
            [menu]
            exten => s,1,WaitExten(5)
            exten => unknown,1,NoOp(No Action)
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ Asterisk looks for no extension `unknown`: these steps never run
            exten => end,1,Hangup()
            exten => 1,1,Goto(end,1)
            [internal]
            exten => unknown,1,NoOp()
            ",
        );
    }

    #[test]
    fn a_jump_by_a_variable_could_mean_it() {
        check(
            &RULE,
            "
            [menu]
            exten => s,1,WaitExten(5)
            exten => unknown,1,NoOp()
            exten => 1,1,Goto(${X},1)
            ",
        );
    }
}
