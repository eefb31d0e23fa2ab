//! `Wait,1` and `Wait|1`: an application and its data without parentheses.

use crate::{
    application::application,
    diagnostic::Severity,
    lint::{Call, Check, Edit, Findings, Fix, Group, Origin, Safety, rule::rule},
};

rule! {
    /// # What it finds
    /// An application with a comma or a bar behind its name instead of parentheses.
    ///
    /// # Why it hurts
    /// Up to version 1.4 this was a way to write it. Today all of it is the name: there is no application
    /// `Wait,1`, and the call ends here.
    ///
    /// # Example
    /// ```text
    /// exten => 100,n,Wait,1
    /// ```
    /// Better:
    /// ```text
    /// exten => 100,n,Wait(1)
    /// ```
    pub(super) static RULE = {
        name: "old-argument-syntax",
        code: "A003",
        group: Group::Applications,
        severity: Severity::Error,
        origin: Origin::Asterisklint,
        fix: Some(Safety::Unsafe),
        check: Check::Call(check),
    }
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let name = call.name();
    let Some(at) = name.iter().position(|&byte| byte == b',' || byte == b'|') else { return };
    if application(name[..at].trim_ascii_end()).is_none() {
        return;
    }
    let shown = String::from_utf8_lossy(name);
    let place = call.application_place();
    let finding =
        findings.report(place, format!("there is no application `{shown}`: the call ends here"));
    let known = String::from_utf8_lossy(&name[..at]);
    finding.help(format!("arguments stand in parentheses: {known}(...)"));
    // With a parenthesis further on, where the data ends is a guess.
    if call.data.is_empty() && !name.contains(&b'(') {
        let edit = |range: std::ops::Range<usize>, text: &str| Edit {
            place: call.step.place(call.application.slice(range.start, range.end)),
            text: text.into(),
        };
        let edits = vec![edit(at..at + 1, "("), edit(name.len()..name.len(), ")")];
        let title = "set parentheses".to_owned();
        finding.fix = Some(Fix { title, safety: Safety::Unsafe, edits });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn all_of_it_is_the_name() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Wait,1
                         ^^^^^^ there is no application `Wait,1`: the call ends here
             same => n,Dial|SIP/100
                       ^^^^^^^^^^^^ there is no application `Dial|SIP/100`: the call ends here
             same => n,Wait(1)
             same => n,Strange,1
            ",
        );
    }

    #[test]
    fn the_fix_sets_parentheses() {
        check_fix(
            &RULE,
            "
            [a]
            exten => 1,1,Wait,1
            ",
            "
            [a]
            exten => 1,1,Wait(1)
            ",
        );
    }
}
