//! `X`, `.` or `!` after the `.` or `!` of a pattern.

use super::dead_characters_after_wildcard::{only_wildcards, wildcard};
use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
};

rule! {
    /// # What it finds
    /// A pattern that goes on after its `.` or `!` with places that would take any key, as `_.X` or `_X.!`.
    ///
    /// # Why it hurts
    /// Nothing after `.` or `!` counts. `_.X` does not ask for two keys, it takes one; `_X.!` does not go on
    /// at once, it waits for the digit time-out.
    ///
    /// # Example
    /// ```text
    /// exten => _.X,1,Hangup()
    /// ```
    /// Better:
    /// ```text
    /// exten => _X.,1,Hangup()
    /// ```
    pub(super) static RULE = {
        name: "wildcard-after-wildcard",
        code: "D013",
        group: Group::Digits,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for spelling in subject.spellings() {
        let name = spelling.bytes(subject);
        let Some(from) = wildcard(name).map(|at| at + 1) else { continue };
        if from < name.len() && only_wildcards(&name[from..]) {
            let (kept, dead) = (name[..from].escape_ascii(), name[from..].escape_ascii());
            let wildcard = char::from(name[from - 1]);
            findings.report(
                super::within(spelling.place(), name, from..name.len()),
                format!("nothing after `{wildcard}` counts: `{dead}` is dead, this is `{kept}`"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn any_keys_after_any_keys() {
        check(
            &RULE,
            "
            [a]
            exten => _.X,1,NoOp()
                       ^ nothing after `.` counts: `X` is dead, this is `_.`
            exten => _X.!,1,NoOp()
                        ^ nothing after `.` counts: `!` is dead, this is `_X.`
            exten => _X.#,1,NoOp()
            exten => _XX.,1,NoOp()
            ",
        );
    }
}
