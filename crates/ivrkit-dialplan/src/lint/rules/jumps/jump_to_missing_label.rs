//! A jump to a label that is not there.

use crate::{
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Jump, Origin, Resolution, rule::rule},
};

rule! {
    /// # What it finds
    /// A jump to a label that the extension does not have. Labels are told apart by case.
    ///
    /// # Why it hurts
    /// Asterisk says "No such label" when a call comes by, and the call ends.
    ///
    /// # Example
    /// ```text
    /// exten => 100,1,GotoIf($["${X}" = "1"]?yes)
    ///  same => n,Hangup()
    ///  same => n(Yes),Playback(beep)
    /// ```
    /// Better: `yes` in both places.
    pub(super) static RULE = {
        name: "jump-to-missing-label",
        code: "J004",
        group: Group::Jumps,
        severity: Severity::Error,
        origin: Origin::Asterisklint,
        fix: None,
        check: Check::Jumps(check),
    }
}

fn check(call: &Call<'_>, jumps: &[Jump<'_>], findings: &mut Findings<'_>) {
    for jump in jumps {
        let ([_, exten, Some(label)], [.., Some(place)]) = (jump.parts(), jump.places()) else {
            continue;
        };
        // A bar where a comma was meant is found as such.
        let is_old = call.is("Goto") && call.arguments().len() == 1 && label.contains(&b'|');
        if !is_old && matches!(jump.resolution(), Resolution::NoLabel) {
            let exten = exten.map(<[u8]>::trim_ascii).filter(|exten| !exten.is_empty());
            let exten = match exten {
                Some(exten) => String::from_utf8_lossy(exten).into_owned(),
                None => {
                    String::from_utf8_lossy(call.step.extension.key.pattern.name()).into_owned()
                }
            };
            let label = String::from_utf8_lossy(label.trim_ascii());
            findings.report(place, format!("{exten} has no label {label}: the call ends here"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn the_label_is_not_there() {
        check(
            &RULE,
            r#"
            [a]
            exten => 100,1,GotoIf($["${X}" = "1"]?yes:no)
                                                  ^^^ 100 has no label yes: the call ends here
             same => n(Yes),Playback(beep)
             same => n(no),Goto(100,none)
                                    ^^^^ 100 has no label none: the call ends here
             same => n,Goto(${LABEL})
             same => n,Goto(a|100|1)
             same => n,Queue(sales,F(a,100,1))
             same => n,Bridge(PJSIP/1,F(200,1))
             same => n,Set(GOTO_ON_BLINDXFR=a,100,1)
             same => n,Dial(PJSIP/1,20,F(none))
                                         ^^^^ 100 has no label none: the call ends here
            exten => 200,1,Hangup()
            "#,
        );
    }
}
