//! An application that is going away.

use crate::{
    application::Presence,
    diagnostic::Severity,
    lint::{Application, Call, Check, Findings, Group, Origin, rule::rule},
};

rule! {
    /// # What it finds
    /// An application whose module the chosen version of Asterisk (`--asterisk`) calls deprecated.
    ///
    /// # Why it hurts
    /// It works today. One of the next versions will not have it, and every call that reaches it will end
    /// there.
    ///
    /// # Example
    /// `Macro` is deprecated in Asterisk 16 to 20 and gone from 21 on. Use `Gosub`.
    pub(super) static RULE = {
        name: "deprecated-application",
        code: "V004",
        group: Group::Versions,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::CallOf(is_deprecated, check),
    }
}

fn is_deprecated(application: &Application<'_>) -> bool {
    application.entry.is_some_and(|entry| {
        entry.presence(application.version) == Presence::There
            && entry.is_deprecated(application.version)
    })
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let Some(entry) = call.entry else { return };
    let version = call.version();
    let when = match entry.removed_in() {
        Some(gone) => format!("Asterisk {gone} has it no longer"),
        None => "a later one will not have it".to_owned(),
    };
    let message = format!("{} is deprecated in Asterisk {version}: {when}", entry.name());
    findings.report(call.application_place(), message);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check_with;

    #[test]
    fn what_goes_away_is_told() {
        let settings = crate::lint::Settings {
            version: crate::application::Version::V18,
            ..Default::default()
        };
        check_with(
            &settings,
            &RULE,
            "
            [a]
            exten => 1,1,Macro(x)
                         ^^^^^ Macro is deprecated in Asterisk 18: Asterisk 21 has it no longer
             same => n,Gosub(x,s,1)
            ",
        );
    }
}
