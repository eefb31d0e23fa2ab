//! A sound in `h`.

use crate::{
    application::behaviour::{self, Digits},
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
};

rule! {
    /// # What it finds
    /// A step of `h` that plays something or waits for keys.
    ///
    /// # Why it hurts
    /// `h` runs when the call has ended: nobody is there to hear it. Asterisk tries, says in its log that
    /// the channel is gone, and may skip the steps after it.
    ///
    /// # Example
    /// ```text
    /// exten => h,1,Playback(goodbye)
    /// ```
    /// Say goodbye before the call ends:
    /// ```text
    /// exten => bye,1,Playback(goodbye)
    ///  same => n,Hangup()
    /// ```
    pub(super) static RULE = {
        name: "sound-after-hangup",
        code: "F012",
        group: Group::Flow,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for context in &subject.dialplan.contexts {
        let plain = context.extensions.iter().take_while(|one| !one.key.pattern.is_pattern());
        for extension in plain.filter(|one| one.key.pattern.name() == b"h") {
            for step in extension.priorities.iter().filter(|one| one.number > 0) {
                let name = subject.bytes(step.application).trim_ascii_end();
                let Some(behaviour) = behaviour::behaviour(name) else { continue };
                let is_heard = !behaviour.sounds.is_empty() && behaviour.name != "Dial";
                let asks = matches!(behaviour.digits, Digits::Extension | Digits::Variable);
                // A call that is made from here has somebody who listens.
                if (is_heard && behaviour.name != "Queue" && behaviour.name != "Page") || asks {
                    findings.report(
                        step.place,
                        format!(
                            "nobody hears {}: `h` runs when the call has ended",
                            behaviour.name
                        ),
                    );
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn nobody_is_there_any_more() {
        check(
            &RULE,
            "
            [a]
            exten => h,1,NoOp()
             same => n,Playback(goodbye)
             ^^^^^^^^^^^^^^^^^^^^^^^^^^^ nobody hears Playback: `h` runs when the call has ended
            exten => hello,1,Playback(hello)
            ",
        );
    }
}
