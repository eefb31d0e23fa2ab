//! A variable that is read and never set, beside one of nearly the same name that is.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
};

rule! {
    /// # What it finds
    /// A variable that nothing sets, while another is set, or is Asterisk's own, that differs in
    /// case or in one letter only.
    ///
    /// # Why it hurts
    /// Names of variables are told apart by case. The misspelt one is empty: the condition is
    /// false, the number is not dialled, the announcement has a gap.
    ///
    /// # Example
    /// ```text
    /// same => n,Set(Attempts=0)
    /// same => n,GotoIf($["${attempts}" = "3"]?locked)
    /// ```
    /// Better:
    /// ```text
    /// same => n,Set(Attempts=0)
    /// same => n,GotoIf($["${Attempts}" = "3"]?locked)
    /// ```
    pub(super) static RULE = {
        name: "misspelt-variable",
        code: "E016",
        group: Group::Expressions,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let variables = subject.variables();
    if variables.has_computed_names {
        return;
    }
    let similar = variables.similar();
    for (name, &place) in &variables.read {
        if variables.is_known(name) {
            continue;
        }
        let Some(meant) = similar.to(name) else { continue };
        let (shown, meant_shown) =
            (String::from_utf8_lossy(name), String::from_utf8_lossy(meant).into_owned());
        let finding =
            findings.report(place, format!("nothing sets {shown}: was {meant_shown} meant?"));
        if let Some(&place) = variables.set.get(meant) {
            finding.note(place, format!("{meant_shown} is set here"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn case_and_single_letters_are_noticed() {
        check(
            &RULE,
            "
            [globals]
            TRUNK=PJSIP/trunk
            [a]
            exten => 1,1,Set(__Attempts=0)
             same => n,NoOp(${attempts} ${Atempts} ${Attempts} ${TRUNK})
                              ^^^^^^^^ nothing sets attempts: was Attempts meant?
                                          ^^^^^^^ nothing sets Atempts: was Attempts meant?
             same => n,Dial(${TRUNC}/${EXTN})
                              ^^^^^ nothing sets TRUNC: was TRUNK meant?
                                       ^^^^ nothing sets EXTN: was EXTEN meant?
            ",
        );
    }

    #[test]
    fn what_is_set_or_may_be_set_is_fine() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Read(digits,beep)
             same => n,Set(Digits=${digits})
             same => n,Set(LINE1=a)
             same => n,NoOp(${LINE2} ${X} ${DIALSTATUS} ${ARG2})
             same => n,Set(ARRAY(one,two)=1\\,2)
             same => n,NoOp(${one} ${onee})
            ",
        );
    }

    #[test]
    fn computed_names_may_be_any() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Set(Attempts=0)
             same => n,Set(${EXTEN}=1)
             same => n,NoOp(${attempts})
            ",
        );
    }
}
