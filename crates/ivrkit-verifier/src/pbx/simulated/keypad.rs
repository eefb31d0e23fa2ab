//! What typed keys mean in an IVR, as Asterisk's extension matching decides it.
//!
//! A text that is an extension and the beginning of no other goes at once; one that could go on
//! waits for the digit time-out; one that can become nothing is wrong at once.

use ivrkit_dialplan::scenario::{Entry, Ivr, Target};

/// What the keys typed so far are worth.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Match<'a> {
    /// This, at once.
    Now(Meaning<'a>),
    /// This, unless another key comes within the digit time-out.
    Unless(Meaning<'a>),
    /// Nothing yet, but more keys could make something of it.
    Begun,
    /// Nothing, whatever follows.
    Wrong,
}

/// What a complete text of keys does.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Meaning<'a> {
    /// Leads somewhere.
    Leads(&'a Target),
    /// Is an entry to be verified.
    Enters {
        /// The entry's settings.
        entry: &'a Entry,
        /// The digits, without the end key.
        digits: String,
        /// The end key, if it was pressed.
        end_key: Option<char>,
    },
}

/// Looks the typed keys up.
pub(super) fn look_up<'a>(ivr: &'a Ivr, typed: &str) -> Match<'a> {
    let meaning = meaning(ivr, typed);
    match (meaning, may_grow(ivr, typed)) {
        (Some(meaning), false) => Match::Now(meaning),
        (Some(meaning), true) => Match::Unless(meaning),
        (None, true) => Match::Begun,
        (None, false) => Match::Wrong,
    }
}

fn meaning<'a>(ivr: &'a Ivr, typed: &str) -> Option<Meaning<'a>> {
    // A plain extension wins over a pattern that matches as well.
    let mut keys = ivr.keys.iter();
    if let Some((_, target)) = keys.find(|(keys, _)| keys.as_str() == typed) {
        return Some(Meaning::Leads(target));
    }
    let entry = ivr.entry.as_ref()?;
    let end_key = entry.end_key.key();
    let (digits, ended) = match typed.strip_suffix(end_key) {
        Some(digits) => (digits, Some(end_key)),
        None => (typed, None),
    };
    (all_digits(digits) && lengths(entry).contains(&digits.len())).then(|| Meaning::Enters {
        entry,
        digits: digits.to_owned(),
        end_key: ended,
    })
}

fn may_grow(ivr: &Ivr, typed: &str) -> bool {
    // With the most digits an end key may still follow, so `<=`.
    ivr.keys
        .keys()
        .any(|keys| keys.as_str().len() > typed.len() && keys.as_str().starts_with(typed))
        || ivr
            .entry
            .as_ref()
            .is_some_and(|entry| all_digits(typed) && typed.len() <= *lengths(entry).end())
}

fn lengths(entry: &Entry) -> std::ops::RangeInclusive<usize> {
    usize::from(entry.min_digits)..=usize::from(entry.max_digits)
}

fn all_digits(typed: &str) -> bool {
    typed.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ivrkit_dialplan::scenario::Scenario;

    const SCENARIO: &str = include_str!("../../../tests/fixtures/simulated.yaml");

    /// What typed keys mean in an IVR, in a few words.
    fn check(ivr: &str, typed: &str, expected: &str) {
        let scenario: Scenario = serde_yaml::from_str(SCENARIO).unwrap();
        let words = |meaning: Meaning<'_>| match meaning {
            Meaning::Leads(target) => format!("to {target}"),
            Meaning::Enters { digits, end_key: Some(key), .. } => format!("enters {digits} {key}"),
            Meaning::Enters { digits, end_key: None, .. } => format!("enters {digits}"),
        };
        let found = match look_up(&scenario.ivrs[ivr], typed) {
            Match::Now(meaning) => words(meaning),
            Match::Unless(meaning) => format!("{}, or more", words(meaning)),
            Match::Begun => "begun".to_owned(),
            Match::Wrong => "wrong".to_owned(),
        };
        assert_eq!(found, expected, "{typed} in {ivr}");
    }

    #[test]
    fn keys_alone() {
        check("6500", "1", "to 6501");
        check("6500", "2", "to hangup");
        check("6500", "7", "begun");
        check("6500", "77", "to 6502");
        check("6500", "78", "wrong");
        check("6500", "9", "wrong");
        check("6500", "#", "wrong");
    }

    #[test]
    fn entries_are_bounded() {
        check("6501", "123", "begun");
        check("6501", "123#", "wrong");
        check("6501", "1234", "enters 1234, or more");
        check("6501", "1234#", "enters 1234 #");
        check("6501", "123456", "enters 123456, or more");
        check("6501", "123456#", "enters 123456 #");
        check("6501", "1234567", "wrong");
        check("6501", "12*", "wrong");
        check("6501", "#", "wrong");
        check("6501", "12#4", "wrong");
    }

    #[test]
    fn keys_beside_an_entry_wait() {
        check("6503", "1", "to 6502, or more");
        check("6503", "12", "to 6500, or more");
        check("6503", "2", "begun");
    }

    #[test]
    fn an_end_key_of_another_kind() {
        let yaml = SCENARIO
            .replace("      max_digits: 6\n", "      max_digits: 6\n      end_key: \"*\"\n");
        let scenario: Scenario = serde_yaml::from_str(&yaml).unwrap();
        let ivr = &scenario.ivrs["6501"];
        assert!(matches!(
            look_up(ivr, "1234*"),
            Match::Now(Meaning::Enters { end_key: Some('*'), .. })
        ));
        assert_eq!(look_up(ivr, "1234#"), Match::Wrong);
    }
}
