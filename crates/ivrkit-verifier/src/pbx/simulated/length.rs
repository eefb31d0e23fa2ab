//! How long prompts are.
//!
//! Lengths are given, as measured from built files, or estimated from the texts. Must not open
//! files.

use ivrkit_dialplan::scenario::Scenario;
use std::collections::BTreeMap;

/// Milliseconds of one Chinese character: speech engines and announcers say about 4.5 a second.
const IDEOGRAPH_MS: u64 = 222;
/// Milliseconds of one letter or digit of another script, about 15 a second.
const LETTER_MS: u64 = 67;
/// Milliseconds of the pause at a mark of punctuation.
const PAUSE_MS: u64 = 200;
/// Milliseconds of a prompt without a text, such as hold music.
const MUSIC_MS: u64 = 10_000;

/// Lengths of prompts by file name without ending, in milliseconds of call time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Lengths {
    /// Estimated from the scenario's texts; a prompt without a text takes ten seconds.
    #[default]
    Estimated,
    /// Measured; a prompt that is not listed is a missing file, which a PBX passes over.
    Measured(BTreeMap<String, u64>),
}

impl Lengths {
    /// Milliseconds that a prompt plays for this callee.
    pub(super) fn of(&self, scenario: &Scenario, name: &str, number: &str) -> u64 {
        let prompt = scenario.prompts.get(name);
        match self {
            Self::Measured(lengths) => {
                let per_callee = prompt.is_some_and(|prompt| prompt.per_callee);
                lengths.get(if per_callee { number } else { name }).copied().unwrap_or(0)
            }
            Self::Estimated => prompt
                .and_then(|prompt| prompt.text.as_deref())
                .map_or(MUSIC_MS, |text| text.chars().map(spoken_ms).sum()),
        }
    }
}

fn spoken_ms(letter: char) -> u64 {
    match letter {
        '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' => IDEOGRAPH_MS,
        _ if letter.is_alphanumeric() || letter == ' ' => LETTER_MS,
        ',' | '.' | ';' | ':' | '!' | '?' | '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff1f}' => {
            PAUSE_MS
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCENARIO: &str = include_str!("../../../../../scenarios/driving-test.yaml");

    #[test]
    fn chinese_is_read_at_four_and_a_half_characters_a_second() {
        let scenario: Scenario = serde_yaml::from_str(SCENARIO).unwrap();
        // 10 characters; 5 characters and a digit.
        assert_eq!(Lengths::Estimated.of(&scenario, "notice", "1"), 2220);
        assert_eq!(Lengths::Estimated.of(&scenario, "confirm", "1"), 4 * 222 + 67);
        assert_eq!(Lengths::Estimated.of(&scenario, "macroform-the_simplicity", "1"), 10_000);
    }

    #[test]
    fn a_prompt_per_callee_is_named_by_his_number() {
        let scenario: Scenario = serde_yaml::from_str(SCENARIO).unwrap();
        let measured = Lengths::Measured(
            [("notice".to_owned(), 1500), ("13900001111".to_owned(), 4200)].into(),
        );
        assert_eq!(measured.of(&scenario, "notice", "13900001111"), 1500);
        assert_eq!(measured.of(&scenario, "appointment", "13900001111"), 4200);
        assert_eq!(measured.of(&scenario, "appointment", "13900001112"), 0);
    }
}
