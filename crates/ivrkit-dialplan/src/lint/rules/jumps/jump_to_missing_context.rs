//! A jump into a context that is not there.

use crate::{
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Jump, Origin, Resolution, Safety, Subject, rule::rule},
};

rule! {
    /// # What it finds
    /// A jump, in any application that makes one, into a context that no file has and the settings do not
    /// name as one that the PBX brings along (`external-contexts`).
    ///
    /// # Why it hurts
    /// Asterisk loads the line without a word. When a call comes by, it is "sent to invalid extension" and
    /// ends: the caller is cut off in the middle of the menu.
    ///
    /// # Example
    /// ```text
    /// [ivrs]
    /// exten => 6500,1,Goto(ivr_s,6501,1)
    /// ```
    /// Better:
    /// ```text
    /// [ivrs]
    /// exten => 6500,1,Goto(ivrs,6501,1)
    /// ```
    pub(super) static RULE = {
        name: "jump-to-missing-context",
        code: "J001",
        group: Group::Jumps,
        severity: Severity::Error,
        origin: Origin::Asterisklint,
        fix: Some(Safety::Unsafe),
        check: Check::Jumps(check),
    }
}

fn check(call: &Call<'_>, jumps: &[Jump<'_>], findings: &mut Findings<'_>) {
    for jump in jumps {
        let ([Some(context), ..], [Some(place), ..]) = (jump.parts(), jump.places()) else {
            continue;
        };
        if matches!(jump.resolution(), Resolution::NoContext) {
            let shown = String::from_utf8_lossy(context.trim_ascii());
            let finding = findings.report(place, format!("there is no context [{shown}]"));
            if is_part_of_another(call.step.subject) {
                finding.severity = finding.severity.max(Severity::Warning);
            }
            if let Some(meant) = call.step.subject.nearest_context(&shown) {
                finding.help(format!("[{meant}] is the nearest that there is"));
                if strsim::osa_distance(&shown, &meant) == 1 {
                    let title = format!("jump to [{meant}]");
                    finding.fix(Safety::Unsafe, title, place, meant.as_bytes());
                }
            } else {
                finding.help("add it, or name it in external-contexts if the PBX brings it along");
            }
        }
    }
}

/// Whether the main file looks like one that another one includes, which may have the context:
/// `extensions_custom.conf` and the like, and what has neither that name nor a `[general]`.
fn is_part_of_another(subject: &Subject<'_>) -> bool {
    let path = subject.dialplan.files.file(0).name.as_slice();
    let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    if name.starts_with(b"extensions") {
        return !name.starts_with(b"extensions.conf");
    }
    !subject.sections.iter().any(|section| subject.bytes(section.name) == b"general")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix, check_with};

    #[test]
    fn every_application_that_jumps_is_looked_at() {
        check(
            &RULE,
            r#"
            [ivrs]
            exten => 6500,1,Goto(ivr_s,6501,1)
                                 ^^^^^ there is no context [ivr_s]
             same => n,GotoIf($["${X}" = "1"]?ivrs,6500,1:none,s,1)
                                                          ^^^^ there is no context [none]
             same => n,Dial(PJSIP/1,20,U(sub^x)G(away^s^1))
                                         ^^^ there is no context [sub]
                                                 ^^^^ there is no context [away]
             same => n,Gosub(sub,s,1(a,b))
                             ^^^ there is no context [sub]
             same => n,Set(CHANNEL(hangup_handler_push)=bye,s,1)
                                                        ^^^ there is no context [bye]
             same => n,ExecIf($["${X}" = "1"]?Goto(none,1,1))
                                                   ^^^^ there is no context [none]
            "#,
        );
    }

    #[test]
    fn what_may_be_there_is_fine() {
        check(
            &RULE,
            "
            [ivrs]
            exten => 6500,1,Goto(ivrs,6500,1)
             same => n,Goto(${CONTEXT},6501,1)
             same => n,Goto(1)
             same => n,GotoIf($[${DIALPLAN_EXISTS(none,s,1)}]?6500,1)
            ",
        );
    }

    #[test]
    fn the_pbx_may_bring_contexts_along() {
        let settings = crate::lint::Settings {
            external_contexts: vec!["ivrs".to_owned()],
            ..Default::default()
        };
        check_with(&settings, &RULE, "[a]\nexten => 1,1,Goto(ivrs,6500,1)\n");
    }

    #[test]
    fn a_letter_too_many_is_taken_away() {
        check_fix(
            &RULE,
            "
            [ivrs]
            exten => 6500,1,Goto(ivr_s,6501,1)
            ",
            "
            [ivrs]
            exten => 6500,1,Goto(ivrs,6501,1)
            ",
        );
    }
}
