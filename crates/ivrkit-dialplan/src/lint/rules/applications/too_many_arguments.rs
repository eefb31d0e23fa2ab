//! More arguments than an application takes.

use crate::{
    application::Syntax,
    diagnostic::Severity,
    lint::{Application, Call, Check, Findings, Group, Origin, rule::rule},
};

rule! {
    /// # What it finds
    /// More arguments than the application takes in this version of Asterisk.
    ///
    /// # Why it hurts
    /// The rest becomes a part of the last argument, or is dropped without a word. What was meant by it
    /// does not happen; often a comma is one too many, or should stand behind a backslash.
    ///
    /// # Example
    /// ```text
    /// same => n,Wait(1,2)
    /// ```
    /// Better:
    /// ```text
    /// same => n,Wait(1)
    /// ```
    pub(super) static RULE = {
        name: "too-many-arguments",
        code: "A006",
        group: Group::Applications,
        severity: Severity::Warning,
        origin: Origin::Asterisklint,
        fix: None,
        check: Check::CallOf(takes_arguments, check),
    }
}

/// Whether commas part arguments in all that it is given.
fn takes_arguments(application: &Application<'_>) -> bool {
    let is_text = |syntax: &Syntax| {
        syntax.arguments.iter().any(|one| one.repeats || one.separator == Some(","))
    };
    application.syntax().is_some_and(|syntax| !is_text(syntax)) && !application.is_one_of(&TEXTS)
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let Some(entry) = call.entry else { return };
    if memchr::memchr(b',', call.data()).is_none() {
        return;
    }
    let Some(syntax) = entry.syntax(call.version()) else { return };
    let Some(max) = syntax.max().filter(|&max| max > 0 && syntax.separator == ",") else { return };
    if call.argument(max).is_none() {
        return;
    }
    let arguments = call.arguments();
    let excess = &arguments[max];
    let has_value =
        arguments[max..].iter().any(|one| !call.data()[one.clone()].trim_ascii().is_empty());
    if has_value {
        let end = arguments[arguments.len() - 1].end;
        let place = call.data_place(excess.start..end);
        let name = entry.name();
        findings.report(place, format!("{name} takes {max} arguments, this is more"));
    }
}

/// Applications whose last argument may hold commas.
const TEXTS: [&str; 14] = [
    "NoOp",
    "Verbose",
    "Log",
    "System",
    "TrySystem",
    "SendText",
    "Set",
    "MSet",
    "Exec",
    "TryExec",
    "ExecIf",
    "ExecIfTime",
    "AGI",
    "UserEvent",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn the_rest_is_dropped() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Wait(1,2)
                                ^ Wait takes 1 arguments, this is more
             same => n,Goto(a,b,1)
             same => n,NoOp(a,b,c)
             same => n,Wait(${TIMES})
             same => n,Playback(a,skip,,)
            ",
        );
    }
}
