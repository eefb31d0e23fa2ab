//! An application that no known Asterisk has.

use crate::{
    application::third_party,
    diagnostic::Severity,
    lint::{Call, Check, Finding, Findings, Group, Origin, Safety, rule::rule},
};

rule! {
    /// # What it finds
    /// An application that is in no version of Asterisk that ivrkit knows. What other people's modules
    /// bring along (speech engines, GSM modems) is a warning only.
    ///
    /// # Why it hurts
    /// Asterisk loads the line without a word. When a call reaches it, it logs "No application" and hangs
    /// up on the caller.
    ///
    /// # Example
    /// ```text
    /// exten => 100,1,Hangip()
    /// ```
    /// Better:
    /// ```text
    /// exten => 100,1,Hangup()
    /// ```
    pub(super) static RULE = {
        name: "unknown-application",
        code: "A002",
        group: Group::Applications,
        severity: Severity::Error,
        origin: Origin::Asterisklint,
        fix: Some(Safety::Unsafe),
        check: Check::CallOf(|application| application.entry.is_none(), check),
    }
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let name = call.name();
    let is_plain = name.iter().all(|&byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !is_plain || name.is_empty() {
        return;
    }
    let place = call.application_place();
    let shown = String::from_utf8_lossy(name);
    if let Some(other) = third_party::third_party_application(name) {
        let message = format!("{shown} is no part of Asterisk: {} brings it along", other.product);
        findings.report(place, message).severity = Severity::Warning;
        return;
    }
    let is_tried = call.is_inner && call.step.calls().next().is_some_and(|own| own.is("TryExec"));
    let (message, severity) = if is_tried {
        let message = format!("there is no application {shown}: TRYSTATUS is NOAPP");
        (message, Some(Severity::Warning))
    } else {
        (format!("there is no application {shown}: the call ends here"), None)
    };
    let finding = findings.report(place, message);
    finding.severity = severity.unwrap_or(finding.severity);
    suggest(finding, call);
}

fn suggest(finding: &mut Finding, call: &Call<'_>) {
    let Some(meant) = call.step.subject.nearest_application(call.name()) else { return };
    let place = call.application_place();
    finding.help(format!("{} is the nearest that there is", meant.name()));
    finding.fix(Safety::Unsafe, format!("call {}", meant.name()), place, meant.name());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn nothing_of_that_name_is_known() {
        check(
            &RULE,
            r#"
            [a]
            exten => 1,1,Hangip()
                         ^^^^^^ there is no application Hangip: the call ends here
             same => n,ExecIf($["${X}" = "1"]?Anwser():NoOp())
                                              ^^^^^^ there is no application Anwser: the call ends here
             same => n,TryExec(NoSuchApp())
                               ^^^^^^^^^ there is no application NoSuchApp: TRYSTATUS is NOAPP
             same => n,MRCPSynth(hello)
                       ^^^^^^^^^ MRCPSynth is no part of Asterisk: UniMRCP brings it along
            "#,
        );
    }

    #[test]
    fn known_ones_and_computed_ones_are_fine() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,hangup()
             same => n,Macro(x)
             same => n,${APP}(x)
             same => n,If($[1])
            ",
        );
    }

    #[test]
    fn the_nearest_is_taken() {
        check_fix(
            &RULE,
            "
            [a]
            exten => 1,1,Hangip()
            ",
            "
            [a]
            exten => 1,1,Hangup()
            ",
        );
    }
}
