//! What holds for every rule.

use super::*;
use crate::{
    diagnostic::Severity,
    lint::{Level, Settings, read},
    syntax::Nothing,
};
use std::collections::HashSet;

#[test]
fn names_and_codes_are_stable_in_form_and_used_once() {
    let mut seen = HashSet::new();
    for rule in ALL.iter() {
        assert!(seen.insert(rule.name) && seen.insert(rule.code), "{} twice", rule.name);
        let is_kebab =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        assert!(rule.name.bytes().all(is_kebab), "{}", rule.name);
        let (letter, digits) = rule.code.split_at(1);
        assert!(letter.starts_with(rule.group.letter()), "{} {}", rule.name, rule.code);
        assert!(digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit()));
    }
}

#[test]
fn codes_of_rules_that_are_gone_stay_unused() {
    for gone in ["A003", "F013", "L054"] {
        assert!(find(gone).is_none(), "{gone}");
    }
}

#[test]
fn every_rule_says_what_why_and_how_better() {
    for rule in ALL.iter() {
        for heading in [" # What it finds", " # Why it hurts", " # Example"] {
            let lines = rule.explanation.lines();
            assert_eq!(lines.filter(|&line| line == heading).count(), 1, "{}:{heading}", rule.name);
        }
    }
}

#[test]
fn what_the_operator_says_of_a_rule_counts_for_all_its_findings() {
    let check = |rule: &str, text: &str, own: Severity| {
        let reading = read(b"extensions_custom.conf", text.into(), &mut Nothing);
        let severity = |said: Option<Level>| {
            let levels = said.map(|level| (rule.to_owned(), level)).into_iter().collect();
            let found = reading.lint(&Settings { levels, ..Settings::default() });
            found.iter().find(|one| one.rule.name == rule).map(|one| one.severity)
        };
        assert_eq!(severity(None), Some(own), "{rule}");
        assert_eq!(severity(Some(Level::On)), Some(own), "{rule}");
        assert_eq!(severity(Some(Level::Error)), Some(Severity::Error), "{rule}");
        assert_eq!(severity(Some(Level::Hint)), Some(Severity::Hint), "{rule}");
    };
    let of_others = "[a]\nexten => 1,1,MRCPSynth(hello)\n";
    check("unknown-application", of_others, Severity::Warning);
    check("jump-to-missing-context", "[a]\nexten => 1,1,Goto(b,1,1)\n", Severity::Warning);
    let mailbox = "[a]\nexten => 1,1,VoiceMailMain(100,s)\n";
    check("mailbox-without-password", mailbox, Severity::Hint);
}
