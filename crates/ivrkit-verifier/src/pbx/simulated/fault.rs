//! What the PBX does wrong, on purpose.
//!
//! Each fault is a [`Chance`] or a time; all are off by default. Where a fault strikes is decided
//! by the room that it strikes; here are the list, its reading and the dice.

use super::value::{Chance, Seconds};
use serde::{Deserialize, Serialize};
use std::sync::{Mutex, PoisonError};

/// A `--fault` that does not exist or has a wrong value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("fault `{setting}`: {reason}")]
pub struct Error {
    /// As it was given.
    pub setting: String,
    /// What is wrong with it.
    pub reason: String,
}

/// The faults of the PBX. The names in YAML and on the command line have `-` for `_`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Faults {
    /// A report comes twice.
    pub twice: Chance,
    /// An `infos` report comes again, three seconds of call time later.
    pub infos_again: Chance,
    /// A report is overtaken by its successor in the same call.
    pub swapped: Chance,
    /// A report is never sent.
    pub lost: Chance,
    /// The report of a finishing key, or of a whole entry, carries the call's id for the leg's.
    pub leg_is_callid: Chance,
    /// A report has numbers where strings belong.
    pub numbers: Chance,
    /// An `infos` report keeps the finishing key.
    pub infos_with_end_key: Chance,
    /// An `infos` report is left out.
    pub no_infos: Chance,
    /// The report of a single key is left out.
    pub no_keys: Chance,
    /// ALERT or ANSWERED is left out.
    pub no_progress: Chance,
    /// A `PlayPromptEnd` is left out.
    pub no_prompt_ends: Chance,
    /// A report of an action that no document knows comes first.
    pub unknown_actions: Chance,
    /// Half a report comes before the whole one.
    pub broken_bodies: Chance,
    /// A report has a comma before its closing brace, as some pages print it.
    pub trailing_commas: Chance,
    /// A report of two megabytes comes first.
    pub huge_bodies: Chance,
    /// A connection for reports is opened, half a request sent, and left so for ten seconds.
    pub stalled_connections: Chance,
    /// A made-up `infos` report comes first, on another path.
    pub forged: Chance,
    /// A transfer is done and answered with HTTP 500.
    pub transfer_done_500: Chance,
    /// A transfer is done and its connection reset.
    pub transfer_done_reset: Chance,
    /// A transfer is not done and answered with HTTP 500.
    pub transfer_undone_500: Chance,
    /// A transfer is not done and its connection reset.
    pub transfer_undone_reset: Chance,
    /// A call is dialled and the request answered with HTTP 500.
    pub dial_done_500: Chance,
    /// A call is dialled and the request's connection reset.
    pub dial_done_reset: Chance,
    /// An answer takes so long.
    pub slow_answers: Seconds,
    /// All tokens are forgotten in the middle of a call: when its first key is pressed.
    pub drop_token: Chance,
    /// The API service restarts so long after the start: all tokens are forgotten. 0 is never.
    pub api_restart: Seconds,
    /// The PBX restarts so long after the start: tokens and calls are lost, without a report. 0 is
    /// never.
    pub reboot: Seconds,
}

impl Faults {
    /// The same, with faults given as `NAME` (always) or `NAME=VALUE`.
    ///
    /// # Errors
    ///
    /// A name that is not in the list, or a value out of range.
    pub fn with<'a>(mut self, settings: impl IntoIterator<Item = &'a str>) -> Result<Self, Error> {
        for setting in settings {
            self = self
                .set(setting)
                .map_err(|reason| Error { setting: setting.to_owned(), reason })?;
        }
        Ok(self)
    }

    fn set(self, setting: &str) -> Result<Self, String> {
        let (name, value) = setting.split_once('=').unwrap_or((setting, "true"));
        let value: serde_yaml::Value =
            serde_yaml::from_str(value).map_err(|_| "expected a number or `true`".to_owned())?;
        let mut all = serde_yaml::to_value(self).expect("faults are names and numbers");
        all.as_mapping_mut().expect("a struct is a mapping").insert(name.trim().into(), value);
        serde_yaml::from_value(all).map_err(|error| error.to_string())
    }
}

/// The dice that decide whether a fault strikes: the same seed throws the same numbers.
#[derive(Debug)]
pub(super) struct Dice(Mutex<fastrand::Rng>);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(Mutex::new(fastrand::Rng::with_seed(seed)))
    }

    /// Whether the fault strikes now.
    pub(super) fn strikes(&self, chance: Chance) -> bool {
        if chance == Chance::NEVER || chance == Chance::ALWAYS {
            return chance == Chance::ALWAYS;
        }
        self.0.lock().unwrap_or_else(PoisonError::into_inner).f64() < chance.share()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_set_by_name() {
        let faults = Faults::default()
            .with(["twice", "no-infos=0.25", "swapped=1", "slow-answers=2.5", "twice=false"])
            .unwrap();
        let expected = Faults {
            no_infos: Chance::new(0.25).unwrap(),
            swapped: Chance::ALWAYS,
            slow_answers: Seconds(2500),
            ..Faults::default()
        };
        assert_eq!(faults, expected);
    }

    #[test]
    fn wrong_names_and_values_are_refused() {
        for (setting, expected) in [
            ("twise", "unknown field `twise`, expected one of `twice`"),
            ("no_infos", "unknown field `no_infos`"),
            ("twice=2", "found 2, expected a chance of 0 to 1"),
            ("twice=-1", "found -1, expected a chance of 0 to 1"),
            ("twice=often", "expected `true`, `false` or a chance of 0 to 1"),
            ("slow-answers=4000", "expected 0 to 3600 seconds"),
            ("twice=[", "expected a number or `true`"),
        ] {
            let error = Faults::default().with([setting]).unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains(setting), "{setting}: {error}");
        }
    }

    #[test]
    fn the_same_seed_throws_the_same_dice() {
        let half = Chance::new(0.5).unwrap();
        let throws = |seed| {
            let dice = Dice::new(seed);
            (0..64).map(|_| dice.strikes(half)).collect::<Vec<_>>()
        };
        assert_eq!(throws(7), throws(7));
        assert_ne!(throws(7), throws(8));
        let dice = Dice::new(1);
        assert!(dice.strikes(Chance::ALWAYS) && !dice.strikes(Chance::NEVER));
    }
}
