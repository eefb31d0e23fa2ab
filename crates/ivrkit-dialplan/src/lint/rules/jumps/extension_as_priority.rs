//! A single number that names an extension where a priority stands.

use crate::{
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Jump, Origin, Safety, rule::rule},
};

rule! {
    /// # What it finds
    /// `Goto(1111)`, where the running extension has no priority 1111 and the context has an extension of
    /// that name.
    ///
    /// # Why it hurts
    /// A single argument is a priority of the running extension, never another extension. The call ends.
    ///
    /// # Example
    /// ```text
    /// same => n,Goto(1111)
    /// ```
    /// Better:
    /// ```text
    /// same => n,Goto(1111,1)
    /// ```
    pub(super) static RULE = {
        name: "extension-as-priority",
        code: "J006",
        group: Group::Jumps,
        severity: Severity::Error,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Jumps(check),
    }
}

fn check(call: &Call<'_>, jumps: &[Jump<'_>], findings: &mut Findings<'_>) {
    for jump in jumps {
        if !super::is_extension_for_priority(call, jump) {
            continue;
        }
        let ([.., Some(priority)], [.., Some(place)]) = (jump.parts(), jump.places()) else {
            continue;
        };
        let number = String::from_utf8_lossy(priority.trim_ascii()).into_owned();
        let message = format!("a single number is a priority: the extension {number} is not meant");
        findings.report(place, message).fix(
            Safety::Unsafe,
            "go to its first priority",
            place,
            format!("{number},1"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn a_single_number_is_a_priority() {
        check(
            &RULE,
            "
            [a]
            exten => 100,1,Goto(1111)
                                ^^^^ a single number is a priority: the extension 1111 is not meant
             same => n,Goto(1)
            exten => 1111,1,Hangup()
            ",
        );
    }

    #[test]
    fn the_fix_names_the_priority() {
        check_fix(
            &RULE,
            "
            [a]
            exten => 100,1,Goto(1111)
            exten => 1111,1,Hangup()
            ",
            "
            [a]
            exten => 100,1,Goto(1111,1)
            exten => 1111,1,Hangup()
            ",
        );
    }
}
