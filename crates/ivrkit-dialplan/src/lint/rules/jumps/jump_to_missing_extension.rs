//! A jump to an extension that is not there.

use crate::{
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Jump, Origin, Resolution, rule::rule},
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
        check: Check::Jumps(check),
    }
}

fn check(call: &Call<'_>, jumps: &[Jump<'_>], findings: &mut Findings<'_>) {
    for jump in jumps {
        if !matches!(jump.resolution(), Resolution::NoExtension) {
            continue;
        }
        let [context, exten, _] = jump.parts();
        let [_, exten_place, _] = jump.places();
        let subject = call.step.subject;
        let context = match context.map(<[u8]>::trim_ascii).filter(|context| !context.is_empty()) {
            Some(context) => String::from_utf8_lossy(context).into_owned(),
            None => subject.shown(call.step.context.name),
        };
        let exten = exten.map_or_else(|| "s".into(), String::from_utf8_lossy);
        let place = exten_place.filter(|place| place.start < place.end).unwrap_or(jump.place());
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
}
