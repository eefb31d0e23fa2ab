//! An included context that is not there.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
    syntax::Kind,
};
use std::collections::HashSet;

rule! {
    /// # What it finds
    /// Every `include` of a context that no file has, unless it is listed as one that the PBX brings along.
    /// Asterisk itself names only the first one of each context, and that is reported where it says so.
    ///
    /// # Why it hurts
    /// Numbers that were meant to work do not: Asterisk looks for the context at each call and goes on
    /// without it.
    ///
    /// # Example
    /// ```text
    /// [internal]
    /// include => phones
    /// include => trunkss
    /// ```
    /// Correct the name, or list the context under `external_contexts`.
    pub(super) static RULE = {
        name: "missing-include",
        code: "F013",
        group: Group::Flow,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let messages = subject.dialplan.messages.iter();
    let named: HashSet<_> = messages
        .filter(|message| message.kind == Kind::ContextMissing)
        .map(|message| message.place)
        .collect();
    // Where none is named, none is missing.
    if named.is_empty() {
        return;
    }
    for context in &subject.dialplan.contexts {
        for include in context.includes.iter().filter(|one| !named.contains(&one.place)) {
            let name = subject.bytes(include.context());
            // Vendors let users add such contexts, and include them whether they did or not.
            let is_optional = name.ends_with(b"-custom");
            if subject.context(name).is_none() && !subject.may_have(name) && !is_optional {
                findings
                    .report(
                        include.place,
                        format!("the context [{}] is not there", name.escape_ascii()),
                    )
                    .help("Asterisk names only the first one that is missing");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn all_but_the_first_are_found() {
        check(
            &RULE,
            "
            [a]
            include => nowhere
            include => b
            include => neither
            ^^^^^^^^^^^^^^^^^^ the context [neither] is not there
            include => parkedcalls
            include => a-custom
            [b]
            exten => 1,1,NoOp()
            ",
        );
    }
}
