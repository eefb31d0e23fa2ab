//! An application that this version of Asterisk no longer has, or not yet.

use crate::{
    application::Presence,
    diagnostic::Severity,
    lint::{Application, Call, Check, Findings, Group, Origin, rule::rule},
};

rule! {
    /// # What it finds
    /// An application that other versions of Asterisk have, and the chosen one (`--asterisk`) has not.
    ///
    /// # Why it hurts
    /// Asterisk loads the line without a word. When a call reaches it, it logs "No application" and hangs
    /// up on the caller: on the day after the upgrade.
    ///
    /// # Example
    /// ```text
    /// same => n,Macro(dial,${EXTEN})
    /// ```
    /// ends the call on Asterisk 22. Better, from version 1.8 on:
    /// ```text
    /// same => n,Gosub(dial,s,1(${EXTEN}))
    /// ```
    ///
    /// # Versions
    /// Macro and the Monitor family went away with 21, If and its kin came with late releases of 18.
    pub(super) static RULE = {
        name: "removed-application",
        code: "V001",
        group: Group::Versions,
        severity: Severity::Error,
        origin: Origin::New,
        fix: None,
        check: Check::CallOf(is_missing, check),
    }
}

fn is_missing(application: &Application<'_>) -> bool {
    let presence = application.entry.map(|entry| entry.presence(application.version));
    matches!(presence, Some(Presence::Gone { .. } | Presence::NotYet { .. }))
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let Some(entry) = call.entry else { return };
    let version = call.version();
    let message = match entry.presence(version) {
        Presence::There | Presence::Unknown => return,
        Presence::Gone { since } => {
            let gone = entry.removed_in().map_or_else(|| since.to_string(), str::to_owned);
            format!("Asterisk {version} has no {}: it is gone since {gone}", entry.name())
        }
        Presence::NotYet { since } => {
            format!("Asterisk {version} has no {} yet: it came by {since}", entry.name())
        }
    };
    findings.report(call.application_place(), message).help("the call ends at this step");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_with};

    #[test]
    fn what_is_gone_is_found() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Macro(x)
                         ^^^^^ Asterisk 22 has no Macro: it is gone since 21
             same => n,Gosub(x,s,1)
             same => n,If($[1])
            ",
        );
    }

    #[test]
    fn what_is_not_there_yet_is_found() {
        let settings = crate::lint::Settings {
            version: crate::application::Version::V16,
            ..Default::default()
        };
        check_with(
            &settings,
            &RULE,
            "
            [a]
            exten => 1,1,Macro(x)
             same => n,If($[1])
                       ^^ Asterisk 16 has no If yet: it came by 18
            ",
        );
    }
}
