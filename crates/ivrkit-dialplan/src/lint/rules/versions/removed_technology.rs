//! A channel technology that this version of Asterisk no longer has.

use crate::{
    application::{
        Presence,
        arguments::{Text, split_plain},
        technology::technology,
    },
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, rule::rule},
};

rule! {
    /// # What it finds
    /// `Dial` and its kin with a channel technology that the chosen version (`--asterisk`) has not.
    ///
    /// # Why it hurts
    /// Nobody is called: Asterisk says "No such channel type", and the caller hears congestion or goes on
    /// as if nobody had answered.
    ///
    /// # Example
    /// ```text
    /// same => n,Dial(SIP/100)
    /// ```
    /// calls nobody on Asterisk 22. Better:
    /// ```text
    /// same => n,Dial(PJSIP/100)
    /// ```
    ///
    /// # Versions
    /// `chan_sip`, Skinny and MGCP went away with 21.
    pub(super) static RULE = {
        name: "removed-technology",
        code: "V003",
        group: Group::Versions,
        severity: Severity::Error,
        origin: Origin::New,
        fix: None,
        check: Check::CallOf(|application| application.is_one_of(&DIALS), check),
    }
}

/// Applications that are given devices to call.
const DIALS: [&str; 5] = ["Dial", "Page", "Originate", "ChanIsAvail", "RetryDial"];

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let devices_at = if call.is("RetryDial") { 3 } else { 0 };
    let data = call.data();
    let Some(devices) = call.argument(devices_at) else { return };
    let version = call.version();
    let start = devices.start;
    for device in split_plain(&data[devices], b'&', usize::MAX, Text::Source) {
        let device = start + device.start..start + device.end;
        let bytes = &data[device.clone()];
        let Some(slash) = memchr::memchr(b'/', bytes) else { continue };
        let Some(technology) = technology(&bytes[..slash]) else { continue };
        let (Presence::Gone { .. } | Presence::NotYet { .. }) = technology.presence(version) else {
            continue;
        };
        let place = call.data_place(device.start..device.start + slash);
        let message = format!("Asterisk {version} has no channels of {}", technology.name);
        let finding = findings.report(place, message);
        if let Some(replacement) = technology.replacement {
            finding.help(format!("its place was taken by {replacement}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_with};

    #[test]
    fn sip_is_gone() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Dial(PJSIP/1&SIP/${X},20)
                                      ^^^ Asterisk 22 has no channels of SIP
             same => n,Dial(Local/1@a/n)
             same => n,Dial(${TRUNK}/1)
             same => n,RetryDial(a,10,3,SIP/1)
                                        ^^^ Asterisk 22 has no channels of SIP
            ",
        );
    }

    #[test]
    fn older_versions_have_it() {
        let settings = crate::lint::Settings {
            version: crate::application::Version::V16,
            ..Default::default()
        };
        check_with(&settings, &RULE, "[a]\nexten => 1,1,Dial(SIP/1)\n");
    }
}
