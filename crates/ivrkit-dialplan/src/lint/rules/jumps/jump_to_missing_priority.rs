//! A jump to a priority that is not there.

use crate::{
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Jump, Origin, Resolution, rule::rule},
};

rule! {
    /// # What it finds
    /// A jump to a number that the extension has no step for.
    ///
    /// # Why it hurts
    /// There is nothing to run: the call ends as if the extension were over.
    ///
    /// # Example
    /// ```text
    /// exten => 100,1,Goto(100,7)
    ///  same => 2,Hangup()
    /// ```
    /// Name a step that is there, better by a label: `Goto(100,end)`.
    pub(super) static RULE = {
        name: "jump-to-missing-priority",
        code: "J003",
        group: Group::Jumps,
        severity: Severity::Error,
        origin: Origin::Asterisklint,
        fix: None,
        check: Check::Jumps(check),
    }
}

fn check(call: &Call<'_>, jumps: &[Jump<'_>], findings: &mut Findings<'_>) {
    for jump in jumps {
        let ([_, exten, Some(priority)], [.., Some(place)]) = (jump.parts(), jump.places()) else {
            continue;
        };
        // A single number that is an extension has a rule of its own.
        if super::is_extension_for_priority(call, jump) {
            continue;
        }
        if matches!(jump.resolution(), Resolution::NoPriority) {
            let exten = exten.map(<[u8]>::trim_ascii).filter(|exten| !exten.is_empty());
            let exten = match exten {
                Some(exten) => String::from_utf8_lossy(exten).into_owned(),
                None => {
                    String::from_utf8_lossy(call.step.extension.key.pattern.name()).into_owned()
                }
            };
            let priority = String::from_utf8_lossy(priority.trim_ascii());
            findings.report(place, format!("{exten} has no priority {priority}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn the_number_is_not_there() {
        check(
            &RULE,
            "
            [a]
            exten => 100,1,Goto(100,7)
                                    ^ 100 has no priority 7
             same => n,Goto(9)
                            ^ 100 has no priority 9
             same => n,Goto(1)
             same => n,Goto(+1)
             same => n,Hangup()
            ",
        );
    }
}
