//! A callee outside who may transfer.

use super::is_trusted_name;
use crate::{
    application::arguments::{self, Text},
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, Safety, rule::rule, taint::is_to_trunk},
};

rule! {
    /// # What it finds
    /// `Dial` to a trunk with the option `t`, which lets the callee transfer the call, where the dialplan does not
    /// set `TRANSFER_CONTEXT`.
    ///
    /// # Why it hurts
    /// Somebody outside is called, presses `#` and a number: the PBX calls that number in the context of the
    /// caller, at the operator's cost, and the callee has hung up his own bill. `T` gives the same key to the
    /// caller.
    ///
    /// # Example
    /// ```text
    /// exten => _0X.,1,Dial(PJSIP/${FILTER(0-9,${EXTEN})}@trunk,60,tT)
    /// ```
    /// Better:
    /// ```text
    /// exten => _0X.,1,Dial(PJSIP/${FILTER(0-9,${EXTEN})}@trunk,60,T)
    /// ```
    /// or set `TRANSFER_CONTEXT` to a context that leads to extensions of the house only.
    pub(super) static RULE = {
        name: "transfer-from-outside",
        code: "S016",
        group: Group::Security,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::CallOf(|application| application.is("Dial"), check),
    }
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let data = call.data();
    // Most calls have no such letter, or a number that is written.
    if memchr::memchr(b't', data).is_none() || !is_chosen(data) {
        return;
    }
    let arguments = call.arguments();
    let [callees, _, options, ..] = arguments.as_slice() else { return };
    let options = arguments::options(data, options.clone(), Text::Source);
    let Some(option) = options.option(b't') else { return };
    let subject = call.step.subject;
    if is_to_trunk(&data[callees.clone()])
        && is_chosen(&data[callees.clone()])
        && !is_trusted_name(subject, call.step.context.name)
        && !subject.variables().set.contains_key(&b"TRANSFER_CONTEXT"[..])
    {
        let message = "`t` lets the callee outside transfer the call, at your cost";
        let place = call.data_place(option.at..option.at + 1);
        let finding = findings.report(place, message);
        finding.help("take the option away, or set TRANSFER_CONTEXT");
        if option.argument.is_none() && place.end == place.start + 1 {
            finding.fix(Safety::Unsafe, "take the option away", place, "");
        }
    }
}

/// Whether the number is a value: one that is written is known to the operator.
fn is_chosen(callees: &[u8]) -> bool {
    memchr::memchr(b'$', callees).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn a_callee_outside_must_not_transfer() {
        check(
            &RULE,
            "
            [a]
            exten => _0X.,1,Dial(PJSIP/${EXTEN}@trunk,60,tT)
                                                         ^ `t` lets the callee outside transfer the call, at your cost
             same => n,Dial(PJSIP/${EXTEN}@trunk,60,T)
             same => n,Dial(PJSIP/${EXTEN},60,tT)
             same => n,Dial(SIP/trunk/112,60,t)
            ",
        );
    }

    #[test]
    fn a_context_for_transfers_is_enough() {
        check(
            &RULE,
            "
            [a]
            exten => _0X.,1,Set(__TRANSFER_CONTEXT=inside)
             same => n,Dial(PJSIP/${EXTEN}@trunk,60,tT)
            ",
        );
    }

    #[test]
    fn the_option_is_taken_away() {
        check_fix(
            &RULE,
            "
            [a]
            exten => _0X.,1,Dial(PJSIP/${EXTEN}@trunk,60,tT)
            ",
            "
            [a]
            exten => _0X.,1,Dial(PJSIP/${EXTEN}@trunk,60,T)
            ",
        );
    }
}
