//! How long prompts are.
//!
//! Lengths are given, as measured from built files, or estimated from the texts. Must not open
//! files.

use ivrkit_dialplan::{
    rehearsal::SoundLengths,
    scenario::{Prompt, Scenario},
};
use std::collections::{BTreeMap, HashMap};

/// Milliseconds of one Chinese character: speech engines and announcers say about 4.5 a second.
const IDEOGRAPH_MS: u64 = 222;
/// Milliseconds of one letter or digit of another script, about 15 a second.
const LETTER_MS: u64 = 67;
/// Milliseconds of the pause at a mark of punctuation.
const PAUSE_MS: u64 = 200;
/// Milliseconds of a prompt without a text, such as hold music.
const MUSIC_MS: u64 = 10_000;
/// Milliseconds of a sound that no scenario knows, such as those that Asterisk brings along.
const OTHERS_MS: u64 = 3_000;

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
    /// The sounds that the dialplan of a scenario finds on the PBX.
    pub(super) fn sounds(&self, scenario: &Scenario) -> SoundLengths {
        let root = &scenario.media.root;
        let below = |name: &str| format!("{root}/{name}").into_bytes();
        let spoken: HashMap<_, _> = match self {
            Self::Measured(lengths) => {
                lengths.iter().map(|(name, &ms)| (below(name), Some(ms))).collect()
            }
            Self::Estimated => {
                let prompts = scenario.prompts.iter().filter(|(_, prompt)| !prompt.per_callee);
                prompts.map(|(name, prompt)| (below(name), Some(estimated_ms(prompt)))).collect()
            }
        };
        // A prompt per callee is a file with his number, whichever of them it is.
        let per_callee = scenario.prompts.values().find(|prompt| prompt.per_callee);
        SoundLengths {
            by_name: spoken,
            known_below: vec![root.clone().into_bytes()],
            callees_ms: per_callee.filter(|_| *self == Self::Estimated).map(estimated_ms),
            others_ms: OTHERS_MS,
        }
    }
}

fn estimated_ms(prompt: &Prompt) -> u64 {
    prompt.words().map_or(MUSIC_MS, |text| text.chars().map(spoken_ms).sum())
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
    use ivrkit_dialplan::call::Sounds as _;

    const SCENARIO: &str = include_str!("../../../../../scenarios/driving-test.yaml");

    fn check(lengths: &Lengths, name: &str, expected: Option<u64>) {
        let scenario: Scenario = serde_yaml::from_str(SCENARIO).unwrap();
        let name = name.replace("ROOT", &scenario.media.root);
        let found = lengths.sounds(&scenario).length_ms(name.as_bytes(), b"en");
        assert_eq!(found, expected, "{name}");
    }

    #[test]
    fn chinese_is_read_at_four_and_a_half_characters_a_second() {
        // 10 characters; 5 characters and a digit.
        check(&Lengths::Estimated, "ROOT/notice", Some(2220));
        check(&Lengths::Estimated, "ROOT/confirm", Some(4 * 222 + 67));
        check(&Lengths::Estimated, "ROOT/macroform-the_simplicity", Some(10_000));
        check(&Lengths::Estimated, "ROOT/nothing", None);
        check(&Lengths::Estimated, "demo-congrats", Some(3000));
    }

    #[test]
    fn a_prompt_per_callee_is_named_by_his_number() {
        let measured = Lengths::Measured(
            [("notice".to_owned(), 1500), ("13900001111".to_owned(), 4200)].into(),
        );
        check(&measured, "ROOT/notice", Some(1500));
        check(&measured, "ROOT/13900001111", Some(4200));
        check(&measured, "ROOT/13900001112", None);
        check(&measured, "ROOT/appointment", None);
        let scenario: Scenario = serde_yaml::from_str(SCENARIO).unwrap();
        let own = scenario.prompts.values().find(|prompt| prompt.per_callee).unwrap();
        check(&Lengths::Estimated, "ROOT/13900001112", Some(estimated_ms(own)));
        check(&Lengths::Estimated, "ROOT/appointment", None);
    }
}
