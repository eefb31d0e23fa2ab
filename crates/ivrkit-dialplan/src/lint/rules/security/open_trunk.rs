//! A trunk that strangers reach.

use super::{reach::Reach, tell_origin};
use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule, taint::Risk},
};

rule! {
    /// # What it finds
    /// `Dial` to a trunk with a number that the caller chooses, where callers get who are not trusted: those of
    /// the settings' `entry_contexts` that are not among its `trusted_contexts`; without these settings those of
    /// [default], [public], [guest] and [anonymous], where calls go that nobody has identified. Includes and
    /// jumps are followed; an extension that asks for a password with `Authenticate` is left out.
    ///
    /// # Why it hurts
    /// This is toll fraud: robots try all SIP servers of the net day and night. One that gets through calls
    /// expensive numbers over a weekend, and the operator pays.
    ///
    /// # Example
    /// ```text
    /// [default]
    /// include => outbound
    /// [outbound]
    /// exten => _00X.,1,Dial(PJSIP/${FILTER(0-9,${EXTEN})}@trunk)
    /// ```
    /// Better, let only contexts of your own telephones include [outbound]:
    /// ```text
    /// [phones]
    /// include => outbound
    /// ```
    /// and list `phones` in `trusted_contexts`.
    pub(super) static RULE = {
        name: "open-trunk",
        code: "S012",
        group: Group::Security,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

/// Contexts where calls of strangers go on many a PBX.
const PUBLIC: [&str; 5] = ["default", "public", "guest", "anonymous", "from-sip-external"];

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let hits: Vec<_> = subject.taints().hits(Risk::Trunk).collect();
    if hits.is_empty() {
        return;
    }
    let reach = Reach::from(subject, &entries(subject));
    for hit in hits {
        let Some(entry) = reach.entry(hit.step) else { continue };
        let entry = subject.shown(subject.dialplan.contexts[entry].name);
        let message = format!("callers of [{entry}] call with `{}` at your cost", hit.written);
        let finding = findings.report(hit.place, message);
        finding.help("let only contexts of your own telephones lead here");
        tell_origin(hit, finding);
    }
}

/// The contexts of strangers, by their places in the dialplan.
fn entries(subject: &Subject<'_>) -> Vec<usize> {
    let settings = subject.settings;
    let is_trusted = |name: &str| settings.trusted_contexts.iter().any(|one| one == name);
    let all: Vec<&str> = if settings.entry_contexts.is_empty() {
        PUBLIC.to_vec()
    } else {
        settings.entry_contexts.iter().map(String::as_str).collect()
    };
    let strangers = all.into_iter().filter(|name| !is_trusted(name));
    strangers.filter_map(|name| subject.context_number(name.as_bytes())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::{
        Settings,
        testing::{check, check_with},
    };

    #[test]
    fn strangers_must_not_reach_a_trunk() {
        check(
            &RULE,
            "
            [default]
            include => outbound
            [outbound]
            exten => _00X.,1,Dial(PJSIP/${EXTEN}@trunk)
                                        ^^^^^^^^ callers of [default] call with `${EXTEN}` at your cost
            [phones]
            exten => _0X.,1,Dial(PJSIP/${EXTEN}@trunk)
            ",
        );
    }

    #[test]
    fn jumps_are_followed() {
        check(
            &RULE,
            "
            [public]
            exten => _X.,1,Goto(outbound,${EXTEN},1)
            exten => 5,1,Goto(other,5,1)
            [outbound]
            exten => _00X.,1,Set(N=${FILTER(0-9,${EXTEN})})
             same => n,Dial(SIP/trunk/${N})
                                      ^^^^ callers of [public] call with `${N}` at your cost
            [other]
            exten => 5,1,Hangup()
            exten => _00X.,1,Dial(SIP/trunk/${EXTEN})
            ",
        );
    }

    #[test]
    fn passwords_short_numbers_and_telephones_of_the_house_are_fine() {
        check(
            &RULE,
            "
            [default]
            exten => _0X.,1,Authenticate(${PIN})
             same => n,Dial(PJSIP/${EXTEN}@trunk)
            exten => _1XXX,1,Dial(PJSIP/${EXTEN}@branch)
            exten => _2X.,1,Dial(PJSIP/${EXTEN})
            exten => _3X.,1,Dial(Local/${EXTEN}@inside)
            exten => 112,1,Dial(PJSIP/112@trunk)
            ",
        );
    }

    #[test]
    fn the_settings_say_who_is_trusted() {
        let settings = Settings {
            entry_contexts: vec!["lobby".to_owned(), "desk".to_owned()],
            trusted_contexts: vec!["desk".to_owned()],
            ..Settings::default()
        };
        check_with(
            &settings,
            &RULE,
            "
            [lobby]
            exten => _0X.,1,Dial(PJSIP/${EXTEN}@trunk)
                                       ^^^^^^^^ callers of [lobby] call with `${EXTEN}` at your cost
            [desk]
            exten => _0X.,1,Dial(PJSIP/${EXTEN}@trunk)
            [default]
            exten => _0X.,1,Dial(PJSIP/${EXTEN}@trunk)
            ",
        );
    }

    #[test]
    fn a_trusted_context_is_open_to_who_includes_it() {
        let settings =
            Settings { trusted_contexts: vec!["phones".to_owned()], ..Settings::default() };
        check_with(
            &settings,
            &RULE,
            "
            [default]
            include => phones
            [phones]
            exten => _0X.,1,Dial(PJSIP/${EXTEN}@trunk)
                                       ^^^^^^^^ callers of [default] call with `${EXTEN}` at your cost
            ",
        );
        check_with(
            &settings,
            &RULE,
            "
            [public]
            exten => 5,1,GotoIf($[${CALLERID(num)} = 100]?phones,${OUT},1)
            [phones]
            exten => _0X.,1,Dial(PJSIP/${EXTEN}@trunk)
            ",
        );
    }
}
