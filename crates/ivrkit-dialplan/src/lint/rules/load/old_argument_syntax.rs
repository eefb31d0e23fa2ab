//! Arguments without parentheses.

use crate::{
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, Safety, rule::rule, subject::shown},
};

rule! {
    /// # What it finds
    /// `Application,arguments` or `Application|arguments`, as Asterisk 1.2 and older had it.
    ///
    /// # Why it hurts
    /// For Asterisk all of it is the name of an application that does not exist: the call ends at
    /// this step.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,n,Wait,1
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,n,Wait(1)
    /// ```
    pub(super) static RULE = {
        name: "old-argument-syntax",
        code: "L053",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisklint,
        fix: Some(Safety::Unsafe),
        check: Check::CallOf(|application| application.name.iter().any(|byte| b",|".contains(byte)), check),
    }
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let name = call.name();
    let Some(at) = name.iter().position(|byte| b",|".contains(byte)) else { return };
    let application = &name[..at];
    let is_word = !application.is_empty() && application.iter().all(u8::is_ascii_alphanumeric);
    if !is_word || call.is_inner || !call.data.is_empty() {
        return;
    }
    let is_priority =
        [b"n".as_slice(), b"s", b"hint"].contains(&application) || application[0].is_ascii_digit();
    let place = call.application_place();
    let text = format!("there is no application `{}`: the call ends here", shown(name));
    let finding = findings.report(place, text);
    if is_priority {
        finding.help("the priority stands there twice");
        return;
    }
    let mut arguments = name[at + 1..].to_vec();
    arguments.iter_mut().filter(|byte| **byte == b'|').for_each(|byte| *byte = b',');
    let better = [application, b"(", &arguments, b")"].concat();
    finding.help("arguments stand in parentheses").fix(
        Safety::Unsafe,
        format!("write {}", shown(&better)),
        place,
        better,
    );
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
                exten => 1,n,Wait(1)
                exten => 1,n,n,Hangup
                             ^^^^^^^^ there is no application `n,Hangup`: the call ends here
                exten => 1,n,${A},1
                exten => 1,hint,PJSIP/1,CustomPresence:1
                ",
        );
    }

    #[test]
    fn they_get_parentheses() {
        check_fix(
            &RULE,
            "
                [a]
                exten => 1,1,Goto|b|1|1
                exten => 1,2,Dial,SIP/1|20
                ",
            "
                [a]
                exten => 1,1,Goto(b,1,1)
                exten => 1,2,Dial(SIP/1,20)
                ",
        );
    }
}
