//! What the catalogue answers, and that its files have their form.

use super::*;
use Version::{V13, V16, V18, V20, V22};

fn dial(version: Version) -> &'static Syntax {
    application(b"Dial").and_then(|entry| entry.syntax(version)).expect("all versions describe it")
}

#[test]
fn presence_is_known_by_version() {
    let check = |name: &str, expected: [Presence; 5]| {
        let entry = application(name.as_bytes()).or_else(|| function(name.as_bytes()));
        let found = Version::ALL.map(|version| entry.expect("it is known").presence(version));
        assert_eq!(found, expected, "{name}");
    };
    let (there, gone) = (Presence::There, |since| Presence::Gone { since });
    let not_yet = |since| Presence::NotYet { since };
    check("Dial", [there; 5]);
    check("Macro", [there, there, there, there, gone(V22)]);
    check("SIPAddHeader", [there, there, there, there, gone(V22)]);
    check("SetCallerPres", [there, gone(V16), gone(V16), gone(V16), gone(V16)]);
    check("MYSQL", [there, there, there, gone(V20), gone(V20)]);
    check("If", [not_yet(V18), not_yet(V18), there, there, there]);
    check("BridgeAdd", [not_yet(V16), there, there, there, there]);
    check("VoiceMail", [there; 5]);
    check("CALLERPRES", [there, there, gone(V18), gone(V18), gone(V18)]);
    check("UUID", [not_yet(V20), not_yet(V20), not_yet(V20), there, there]);
    check("TRIM", [not_yet(V16), there, there, there, there]);
}

#[test]
fn it_is_said_how_something_is_known() {
    let known = |name: &[u8], version| application(name).and_then(|entry| entry.known(version));
    assert_eq!(known(b"Dial", V22), Some(Known::Daemon));
    assert_eq!(known(b"Dial", V18), Some(Known::Source));
    assert_eq!(known(b"MeetMe", V16), Some(Known::Documentation));
    assert_eq!(known(b"Macro", V22), None);
}

#[test]
fn arguments_are_known_by_version() {
    assert_eq!((dial(V22).min(), dial(V22).max(), dial(V22).options_at()), (0, Some(4), Some(2)));
    let option = |version, letter| {
        let mut options = dial(version).options().iter();
        options.find(|one| one.name == letter).map(|one| one.argument)
    };
    assert_eq!(option(V22, "t"), Some(None));
    assert_eq!(option(V22, "G"), Some(Some("context^exten^priority")));
    assert_eq!(option(V20, "M"), Some(Some("macro^arg")));
    assert_eq!(option(V22, "M"), None);
    assert_eq!(option(V16, "E"), Some(None));
    assert_eq!(option(V13, "E"), None);
    let counts = |name: &[u8]| {
        let syntax = application(name).and_then(|entry| entry.syntax(V22)).expect("it is there");
        (syntax.min(), syntax.max(), syntax.separator)
    };
    assert_eq!(counts(b"Goto"), (1, Some(3), ","));
    assert_eq!(counts(b"GotoIf"), (2, Some(2), "?"));
    assert_eq!(counts(b"AGI"), (1, None, ","));
    assert_eq!(counts(b"MSet"), (1, None, ","));
    assert!(application(b"EAGI").and_then(|entry| entry.syntax(V16)).is_some_and(|s| s.min() == 1));
}

#[test]
fn words_and_repeated_letters_are_options_too() {
    let playback = application(b"Playback").and_then(|entry| entry.syntax(V16));
    let names: Vec<&str> =
        playback.expect("it is there").options().iter().map(|one| one.name).collect();
    assert!(names.contains(&"noanswer") && names.contains(&"skip"), "{names:?}");
    let chan_spy = application(b"ChanSpy").expect("it is there").undocumented_options(V22);
    assert_eq!(chan_spy, [OptionLetter { name: "D", argument: None }]);
}

#[test]
fn functions_are_read_or_written() {
    let access = |name: &[u8], version| function(name).and_then(|entry| entry.access(version));
    assert_eq!(access(b"LEN", V22), Some(Access::Read));
    assert_eq!(access(b"ARRAY", V22), Some(Access::Write));
    assert_eq!(access(b"CHANNEL", V22), Some(Access::ReadWrite));
    assert_eq!(access(b"CURL", V13), Some(Access::Read));
    assert_eq!(access(b"CURL", V16), Some(Access::ReadWrite));
    assert!(functions().iter().all(|entry| !entry.access.is_empty()));
    assert!(Access::Read.is_readable() && !Access::Read.is_writable());
}

#[test]
fn modules_are_known_by_version() {
    let module_of = |name: &[u8]| application(name).and_then(Entry::module);
    assert_eq!(module_of(b"Dial"), Some("app_dial"));
    assert_eq!(module_of(b"Park"), Some("res_parking"));
    assert_eq!(module_of(b"Goto"), None);
    let app_macro = module("app_macro").expect("it is known");
    assert!(!app_macro.is_deprecated(V13) && app_macro.is_deprecated(V18));
    assert!(app_macro.is_built(V13) && !app_macro.is_built(V18));
    assert_eq!(app_macro.removed_in(), Some("21"));
    assert_eq!(module("chan_sip").and_then(Module::replacement), Some("chan_pjsip"));
    let entry = application(b"Macro").expect("it is known");
    assert!(entry.is_deprecated(V16) && !entry.is_deprecated(V13));
    assert_eq!(entry.removed_in(), Some("21"));
    let named = applications().iter().chain(functions()).flat_map(|entry| &entry.modules);
    for name in named {
        assert!(module(name).is_some(), "{name}");
    }
}

#[test]
fn a_misspelt_name_has_a_nearest_one() {
    let check = |name: &str, expected: Option<&str>| {
        let found = nearest_application(name.as_bytes(), V22).map(Entry::name);
        assert_eq!(found, expected, "{name}");
    };
    check("Hangip", Some("Hangup"));
    check("Playbak", Some("Playback"));
    check("Anwser", Some("Answer"));
    check("GoTo", Some("Goto"));
    check("Completely-else", None);
    check("", None);
    let found = nearest_function(b"CALERID", V22).map(Entry::name);
    assert_eq!(found, Some("CALLERID"));
}

#[test]
fn entries_are_sorted_and_named_once() {
    for entries in [applications(), functions()] {
        let names: Vec<String> = entries.iter().map(|entry| entry.name.to_lowercase()).collect();
        assert!(names.is_sorted() && names.len() > 200, "{}", names.len());
    }
    assert_eq!(APPLICATION_NAMES.len(), applications().len(), "no two differ by case alone");
    assert!(MODULES.is_sorted_by_key(|module| module.name) && modules().len() > 400);
}

#[test]
fn variables_of_applications_are_known() {
    let dial = application(b"Dial").expect("it is there").variables(V22);
    assert!(dial.contains(&"DIALSTATUS"), "{dial:?}");
    let of_all = applications().iter().filter(|entry| !entry.variables(V22).is_empty()).count();
    assert!(of_all > 50, "{of_all}");
}
