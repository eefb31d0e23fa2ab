//! A hint whose presence nobody tells.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// What follows the comma of a hint names a provider of presence that a stock Asterisk does not
    /// have: `CustomPresence` is the only one.
    ///
    /// # Why it hurts
    /// Asterisk warns, and phones that watch the hint never learn of the presence.
    ///
    /// # Example
    /// ```text
    /// exten => 100,hint,PJSIP/100,Presence:100
    /// ```
    /// Better:
    /// ```text
    /// exten => 100,hint,PJSIP/100,CustomPresence:100
    /// ```
    pub(super) static RULE = {
        name: "unknown-presence-provider",
        code: "L044",
        group: Group::Load,
        severity: Severity::Warning,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(&[Kind::PresenceProvider], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    let code = subject.code(message.place);
    let place = subject.extension_line(message.place).map_or(code, |line| line.place(line.call));
    findings
        .report(place, message.text.clone())
        .help("write CustomPresence:NAME, or take the comma and what follows away");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn only_one_is_known() {
        check(
            &RULE,
            "
                [a]
                exten => 100,hint,PJSIP/100,Presence:100
                                  ^^^^^^^^^^^^^^^^^^^^^^ nothing in a stock Asterisk tells the presence of Presence
                exten => 101,hint,PJSIP/101,CustomPresence:101
                ",
        );
    }
}
