//! An engine over HTTP: a request made of the scenario's template, tried until it is answered or
//! refused, and the sound that is in the answer.
//!
//! Keys are in requests and nowhere else: not in `Debug`, an error or the cache's names.

mod answer;
mod client;
mod pace;
mod request;

use super::{Error, Interrupt, MAX_SOUND_BYTES, Setting, check_interrupt};
use answer::Answer;
use client::Client;
use ivrkit_dialplan::scenario::speech::SpeechRequest;
use ivrkit_verifier::secret;
use pace::Pace;
use secrecy::SecretString;
use serde_json::{Value, json};
use std::{collections::BTreeMap, fmt, path::Path, time::Duration};

/// The first pause before a request is tried again; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause of our own choice.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// The longest pause that a server may ask for.
const LONGEST_RETRY_AFTER: Duration = Duration::from_mins(5);

/// An engine that is asked over HTTP.
pub(super) struct Http {
    request: SpeechRequest,
    keys: BTreeMap<String, SecretString>,
    client: Client,
    pace: Pace,
    setting: Setting,
    host: String,
}

/// What came of one try.
enum Tried {
    Sound(Vec<u8>),
    /// It may go better later, not before so long if the server said so.
    Again(Error, Option<Duration>),
    Never(Error),
}

impl Http {
    pub(super) fn open(
        request: Option<&SpeechRequest>,
        setting: Setting,
        base: &Path,
    ) -> Result<Self, Error> {
        let request = request.expect("checked with the scenario").clone();
        let mut keys = BTreeMap::new();
        for (name, key) in &request.keys {
            let source = match (&key.env, &key.file) {
                (Some(env), _) => secret::Source::Environment(env.clone()),
                (None, file) => secret::Source::File(base.join(file.as_deref().unwrap_or(""))),
            };
            keys.insert(name.clone(), source.read("key of the speech engine", 1)?);
        }
        let host = request::host(&request.url)?;
        let client = Client::new(&host, request.ca_file.as_ref().map(|file| base.join(file)))?;
        let pace = Pace::new(request.requests_per_s);
        let engine = Self { request, keys, client, pace, setting, host };
        // Mistakes in templates are to be found before anything is spoken.
        request::build(&engine, "text")?;
        Ok(engine)
    }

    /// The host, without what may be secret in an address.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// What decides the sound beside the text: templates, not what keys make of them.
    pub(super) fn settings(&self) -> Value {
        let SpeechRequest { url, method, headers, json, form, xml, audio_at, raw_rate_hz, .. } =
            &self.request;
        json!({
            "engine": "http",
            "voice": self.setting.voice,
            "language": self.setting.language,
            "request": [url, method, headers, json, form, xml, audio_at, raw_rate_hz],
        })
    }

    pub(super) fn speak(&self, text: &str) -> Result<Vec<u8>, Error> {
        let mut pause = FIRST_PAUSE;
        for left in (0..=self.request.retries).rev() {
            self.pace.wait(&self.setting.interrupt)?;
            let (error, asked) = match self.attempt(text)? {
                Tried::Sound(sound) => return Ok(sound),
                Tried::Never(error) => return Err(error),
                Tried::Again(error, asked) => (error, asked),
            };
            if left == 0 || asked.is_some_and(|asked| asked > LONGEST_RETRY_AFTER) {
                return Err(error);
            }
            match asked {
                // The server means all requests, not this one alone.
                Some(asked) => self.pace.hold_back(asked),
                None => pause_for(pause, &self.setting.interrupt)?,
            }
            pause = (2 * pause).min(LONGEST_PAUSE);
        }
        unreachable!("the last try ends the loop")
    }

    fn attempt(&self, text: &str) -> Result<Tried, Error> {
        let request = request::build(self, text)?;
        let Setting { timeout, interrupt, .. } = &self.setting;
        let received = self.client.send(request, *timeout, interrupt, MAX_SOUND_BYTES);
        Ok(match received {
            Ok(received) => Answer { engine: self, received }.judged(),
            Err(
                error @ (Error::Lost { .. } | Error::Silent { .. } | Error::Unreachable { .. }),
            ) => Tried::Again(error, None),
            Err(error) => Tried::Never(error),
        })
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http")
            .field("host", &self.host)
            .field("keys", &self.keys.keys())
            .finish_non_exhaustive()
    }
}

/// Sleeps, but not through a signal.
fn pause_for(pause: Duration, interrupt: &Interrupt) -> Result<(), Error> {
    const GLANCE: Duration = Duration::from_millis(50);
    let mut left = pause;
    while !left.is_zero() {
        check_interrupt(interrupt)?;
        let step = left.min(GLANCE);
        std::thread::sleep(step);
        left -= step;
    }
    check_interrupt(interrupt)
}
