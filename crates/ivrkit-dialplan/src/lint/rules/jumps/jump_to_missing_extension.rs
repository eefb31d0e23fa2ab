//! A jump to an extension that is not there.

use crate::{
    application::target::{Form, Role},
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, Resolution, jumps, rule::rule},
};

rule! {
    /// # What it finds
    /// A jump to an extension that neither the context nor what it includes has. A jump without a context
    /// is looked for in every context that a call can be in there.
    ///
    /// # Why it hurts
    /// The call goes to `i` if the context has one, else it is "sent to invalid extension" and ends.
    ///
    /// # Example
    /// ```text
    /// [menu]
    /// exten => s,1,Goto(t,1)
    /// ```
    /// without a `t` in [menu] cuts the caller off. Add the extension.
    pub(super) static RULE = {
        name: "jump-to-missing-extension",
        code: "J002",
        group: Group::Jumps,
        severity: Severity::Error,
        origin: Origin::Asterisklint,
        fix: None,
        check: Check::Call(check),
    }
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    for jump in jumps(call) {
        // Keys and events that lead to `a`, `o`, `talk` or `h` go there only if it exists.
        let is_optional = jump.form() == Form::Implied && jump.role() != Role::Jump;
        if is_optional || !matches!(jump.resolution(), Resolution::NoExtension) {
            continue;
        }
        let [context, ..] = jump.parts();
        let exten = jump.exten();
        let [_, exten_place, _] = jump.places();
        let subject = call.step.subject;
        let context = match context.map(<[u8]>::trim_ascii).filter(|context| !context.is_empty()) {
            Some(context) => String::from_utf8_lossy(context).into_owned(),
            None => subject.shown(call.step.context.name),
        };
        let exten = exten.unwrap_or_else(|| call.step.extension.key.pattern.name());
        let exten = String::from_utf8_lossy(exten);
        let place = exten_place.filter(|place| place.start < place.end).unwrap_or(jump.place());
        let place = if place.start < place.end { place } else { call.application_place() };
        let message = format!("[{context}] has no extension {}", exten.trim());
        findings.report(place, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn neither_it_nor_what_it_includes_has_it() {
        check(
            &RULE,
            "
            [menu]
            include => keys
            exten => s,1,Goto(t,1)
                              ^ [menu] has no extension t
             same => n,Goto(menu,5,1)
                                 ^ [menu] has no extension 5
             same => n,Goto(menu,1,1)
             same => n,Goto(menu,${X},1)
            [keys]
            exten => 1,1,Hangup()
            ",
        );
    }

    #[test]
    fn a_call_may_be_in_another_context() {
        check(
            &RULE,
            "
            [outer]
            include => inner
            exten => t,1,Hangup()
            [inner]
            exten => s,1,Goto(t,1)
            ",
        );
    }
    #[test]
    fn keys_that_lead_nowhere_are_no_jumps() {
        check(
            &RULE,
            "
            [menu]
            exten => 1,1,VoiceMail(100)
             same => n,VoiceMailMain(100)
             same => n,BackgroundDetect(hello)
             same => n,Dial(PJSIP/100,20,e)
             same => n,RaiseException(broken)
                       ^^^^^^^^^^^^^^ [menu] has no extension e
            ",
        );
    }
}
