//! A function that this version of Asterisk no longer has, or not yet.

use crate::{
    application::{Presence, function},
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, Substitutions, rule::rule},
};

rule! {
    /// # What it finds
    /// A function that other versions of Asterisk have, and the chosen one (`--asterisk`) has not.
    ///
    /// # Why it hurts
    /// Asterisk logs an error when a call comes by and puts nothing in its place: the condition is false,
    /// the number is empty.
    ///
    /// # Example
    /// `${UUID()}` is empty on Asterisk 16, which has no `UUID` yet.
    ///
    /// # Versions
    /// What a version has was asked from running daemons of 16 and 22, and taken from the sources of 13, 18
    /// and 20.
    pub(super) static RULE = {
        name: "removed-function",
        code: "V002",
        group: Group::Versions,
        severity: Severity::Error,
        origin: Origin::New,
        fix: None,
        check: Check::Substitutions(check),
    }
}

fn check(call: &Call<'_>, substitutions: &Substitutions, findings: &mut Findings<'_>) {
    let version = call.version();
    for variable in substitutions.variables() {
        if variable.arguments.is_none() || !variable.name.is_plain() {
            continue;
        }
        let span = variable.name.span;
        let Some(entry) = function(&call.data()[span.range()]) else { continue };
        let message = match entry.presence(version) {
            Presence::There | Presence::Unknown => continue,
            Presence::Gone { since } => {
                let gone = entry.removed_in().map_or_else(|| since.to_string(), str::to_owned);
                format!("Asterisk {version} has no {}: it is gone since {gone}", entry.name())
            }
            Presence::NotYet { since } => {
                format!("Asterisk {version} has no {} yet: it came by {since}", entry.name())
            }
        };
        findings.report(call.data_place(span.range()), message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_with};

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
            exten => 1,1,NoOp(${UUID()} ${LEN(${X})})
                                ^^^^ Asterisk 16 has no UUID yet: it came by 20
            ",
        );
    }

    #[test]
    fn the_newest_has_it() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,NoOp(${UUID()} ${LEN(${X})})
            ",
        );
    }
}
