//! Speech: sentences to sound, by the engine that a scenario names, with a cache of what was spoken.
//!
//! [`Speaker::open`] makes ready what the scenario's `tts` describes and [`Speaker::speak`] brings the
//! sound of one sentence, as the engine made it. Must not convert sound, nor know what a prompt is;
//! and must let no key out: not into an error, a log or `Debug`.

pub mod cache;
mod command;
mod espeak_ng;
mod http;
mod process;
pub(crate) mod raw;
mod template;

use crate::error::Exit;
use cache::Cache;
use ivrkit_dialplan::scenario::speech::{Engine as Kind, Tts};
use ivrkit_verifier::secret;
use sha2::{Digest as _, Sha256};
use std::{
    collections::HashSet,
    fmt::Write as _,
    io,
    num::NonZero,
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

/// Most bytes that an engine may give for one sentence: minutes of 48 kHz.
pub const MAX_SOUND_BYTES: u64 = 64 << 20;

/// Set by a signal: what is being spoken is given up.
pub type Interrupt = Arc<AtomicBool>;

/// Speaks sentences; may be used by many threads at once.
#[derive(Debug)]
pub struct Speaker {
    engine: Engine,
    /// Everything but the sentence that decides how it sounds.
    settings: String,
    voice: Option<String>,
    label: String,
    cache: Cache,
    concurrency: usize,
    made: AtomicU64,
    found: AtomicU64,
    /// What is being spoken right now; whoever wants the same waits for it.
    spoken_now: Mutex<HashSet<SoundKey>>,
    is_spoken: Condvar,
}

/// An engine that is ready.
#[derive(Debug)]
enum Engine {
    EspeakNg(espeak_ng::EspeakNg),
    Command(command::Command),
    Http(Box<http::Http>),
}

/// What engines are given beside the sentence.
#[derive(Debug, Clone)]
struct Setting {
    voice: Option<String>,
    language: String,
    timeout: Duration,
    interrupt: Interrupt,
}

/// Why a sentence cannot be spoken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The engine's program cannot be started.
    #[error("cannot run `{program}`: {source}; {cure}")]
    Program {
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
        /// What helps.
        cure: &'static str,
    },
    /// The engine does not have the voice.
    #[error("espeak-ng has no voice `{voice}`; {cure}")]
    Voice {
        /// The voice.
        voice: String,
        /// What helps.
        cure: String,
    },
    /// The program ended with an error.
    #[error("`{program}` ended with {status}{}", said(.stderr))]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: String,
        /// The beginning of what it said on standard error.
        stderr: String,
    },
    /// The program took too long; it was ended with all that it had started.
    #[error("{engine} did not finish within {seconds} s; see `timeout_s` in `tts`")]
    TimedOut {
        /// The program.
        engine: String,
        /// The limit.
        seconds: f64,
    },
    /// The host took too long.
    #[error("{host} did not finish within {seconds} s; see `timeout_s` in `tts`")]
    Silent {
        /// Who.
        host: String,
        /// The limit.
        seconds: f64,
    },
    /// More sound than any sentence has.
    #[error("{engine} gave more than {MAX_SOUND_BYTES} bytes for one sentence")]
    TooLarge {
        /// The program or host.
        engine: String,
    },
    /// What the engine gave is no sound.
    #[error("{engine} gave no sound that can be used: {reason}")]
    NoSound {
        /// The program or host.
        engine: String,
        /// Why not.
        reason: String,
    },
    /// A template in `tts` cannot be filled.
    #[error("cannot fill `{place}` of `tts`: {problem}")]
    Template {
        /// The key of the scenario.
        place: String,
        /// Why.
        problem: String,
    },
    /// A key cannot be had.
    #[error(transparent)]
    Key(#[from] secret::Error),
    /// The client cannot be made ready.
    #[error("cannot prepare requests to {host}: {problem}")]
    Client {
        /// Where they would go.
        host: String,
        /// Why.
        problem: String,
    },
    /// The host cannot be reached.
    #[error("cannot reach {host}: {problem}")]
    Unreachable {
        /// Where it was sought.
        host: String,
        /// Why.
        problem: String,
    },
    /// The host does not show that it is who it should be; nothing was sent to it.
    #[error(
        "the certificate of {host} is not accepted: {problem}; see `ca_file` of `http` in `tts`, and \
         name the host as its certificate does"
    )]
    Certificate {
        /// Whose.
        host: String,
        /// Why.
        problem: String,
    },
    /// The connection was lost in the middle.
    #[error("{host} did not answer to the end: {problem}")]
    Lost {
        /// Who.
        host: String,
        /// Why.
        problem: String,
    },
    /// The host refuses or fails.
    #[error("{host} answered {status}{}", said(.body))]
    Status {
        /// Who.
        host: String,
        /// HTTP status.
        status: u16,
        /// The beginning of what it said.
        body: String,
    },
    /// An answer that is something else.
    #[error("{host} answered with {found}, expected {expected}{}", said(.body))]
    Answer {
        /// Who.
        host: String,
        /// What came.
        found: String,
        /// What was expected.
        expected: String,
        /// The beginning of it, if it is text.
        body: String,
    },
    /// The cache cannot be used.
    #[error("cannot use the cache of speech in {}: {source}; choose another folder with --cache", path.display())]
    Cache {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A signal came.
    #[error("interrupted")]
    Interrupted,
}

/// A key of the cache: what is spoken, and how.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SoundKey(String);

impl Speaker {
    /// Makes the engine ready: asks for its version and voice, reads its keys.
    ///
    /// `base` is the folder that paths in the scenario are relative to, `cache` the folder of what was
    /// spoken; the user's cache folder by default.
    ///
    /// # Errors
    /// An engine, voice, key or cache that cannot be used.
    pub fn open(
        tts: &Tts,
        language: &str,
        base: &Path,
        cache: Option<&Path>,
        interrupt: Interrupt,
    ) -> Result<Self, Error> {
        let setting = Setting {
            voice: tts.voice.clone(),
            language: language.to_owned(),
            timeout: Duration::from_secs_f64(tts.timeout_s.as_f64()),
            interrupt,
        };
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let (engine, settings, voice, label, concurrency) = match tts.engine {
            Kind::EspeakNg => {
                let engine = espeak_ng::EspeakNg::open(tts.espeak_ng.as_ref(), &setting)?;
                let (settings, voice) = (engine.settings(), Some(engine.voice.clone()));
                let label = format!("espeak-ng {}", engine.version);
                (Engine::EspeakNg(engine), settings, voice, label, cores)
            }
            Kind::Command => {
                let engine = command::Command::open(tts.command.as_ref(), setting)?;
                let (settings, label) = (engine.settings(), engine.program().to_owned());
                (Engine::Command(engine), settings, tts.voice.clone(), label, cores)
            }
            Kind::Http => {
                let engine = http::Http::open(tts.http.as_ref(), setting, base)?;
                let (settings, label) = (engine.settings(), engine.host().to_owned());
                (Engine::Http(Box::new(engine)), settings, tts.voice.clone(), label, 4)
            }
        };
        Ok(Self {
            engine,
            settings: settings.to_string(),
            voice,
            label,
            cache: Cache::open(cache)?,
            concurrency: tts.concurrency.map_or(concurrency, usize::from),
            made: AtomicU64::new(0),
            found: AtomicU64::new(0),
            spoken_now: Mutex::default(),
            is_spoken: Condvar::new(),
        })
    }

    /// What decides how a sentence sounds, as one name.
    pub fn key(&self, text: &str) -> SoundKey {
        let mut hasher = Sha256::new();
        hasher.update(self.settings.as_bytes());
        hasher.update([0]);
        hasher.update(text.as_bytes());
        SoundKey(hasher.finalize().iter().fold(String::with_capacity(64), |mut name, byte| {
            write!(name, "{byte:02x}").expect("a string takes what it is given");
            name
        }))
    }

    /// The sound of a sentence as the engine makes it: from the cache, or spoken now and then kept.
    /// `judge` says why bytes are no sound; what it refuses is not kept.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn speak(
        &self,
        text: &str,
        judge: &dyn Fn(&[u8]) -> Result<(), String>,
    ) -> Result<Vec<u8>, Error> {
        let key = self.key(text);
        let _turn = self.turn(&key);
        if let Some(sound) = self.cache.read(&key) {
            self.found.fetch_add(1, Ordering::Relaxed);
            return Ok(sound);
        }
        let sound = match &self.engine {
            Engine::EspeakNg(engine) => engine.speak(text),
            Engine::Command(engine) => engine.speak(text),
            Engine::Http(engine) => engine.speak(text),
        }?;
        judge(&sound).map_err(|reason| Error::NoSound { engine: self.label.clone(), reason })?;
        self.cache.write(&key, &sound)?;
        self.made.fetch_add(1, Ordering::Relaxed);
        Ok(sound)
    }

    /// Waits until no other thread speaks the same.
    fn turn(&self, key: &SoundKey) -> Turn<'_> {
        let spoken_now = self.spoken_now.lock().unwrap_or_else(PoisonError::into_inner);
        let others = self.is_spoken.wait_while(spoken_now, |now| now.contains(key));
        others.unwrap_or_else(PoisonError::into_inner).insert(key.clone());
        Turn { speaker: self, key: key.clone() }
    }

    /// How many sentences are to be spoken at the same time.
    pub fn concurrency(&self) -> usize {
        self.concurrency
    }

    /// The voice, if one is named or was chosen.
    pub fn voice(&self) -> Option<&str> {
        self.voice.as_deref()
    }

    /// The engine for manifests and messages: its name and version, its program or its host.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// How many sentences the engine spoke, and how many came from the cache.
    pub fn counts(&self) -> (u64, u64) {
        (self.made.load(Ordering::Relaxed), self.found.load(Ordering::Relaxed))
    }
}

/// The right to speak a sentence, until this is dropped.
struct Turn<'a> {
    speaker: &'a Speaker,
    key: SoundKey,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let now = self.speaker.spoken_now.lock();
        now.unwrap_or_else(PoisonError::into_inner).remove(&self.key);
        self.speaker.is_spoken.notify_all();
    }
}

impl SoundKey {
    /// 64 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Error {
    /// The exit code this ends a command with.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Cache { .. } => Exit::Output,
            Self::Unreachable { .. } | Self::Certificate { .. } => Exit::Unreachable,
            Self::Status { status: 401 | 403, .. } => Exit::Refused,
            Self::Status { .. } | Self::Lost { .. } | Self::Answer { .. } | Self::Silent { .. } => {
                Exit::Remote
            }
            Self::Interrupted => Exit::Interrupted,
            _ => Exit::Input,
        }
    }

    /// Whether every other sentence would fail in the same way.
    pub fn is_of_engine(&self) -> bool {
        match self {
            Self::Program { .. }
            | Self::Voice { .. }
            | Self::Template { .. }
            | Self::Key(_)
            | Self::Client { .. }
            | Self::Unreachable { .. }
            | Self::Certificate { .. }
            | Self::Answer { .. }
            | Self::Cache { .. }
            | Self::Interrupted => true,
            Self::Status { status, .. } => matches!(status, 401 | 403 | 404 | 405 | 429),
            _ => false,
        }
    }
}

/// Fails if a signal came.
fn check_interrupt(interrupt: &Interrupt) -> Result<(), Error> {
    if interrupt.load(Ordering::Relaxed) { Err(Error::Interrupted) } else { Ok(()) }
}

/// The end of a message that repeats what an engine said.
fn said(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": {text}") }
}

/// The beginning of what an engine said, on one line and without control characters.
fn excerpt(bytes: &[u8]) -> String {
    const SHOWN: usize = 300;
    let text = String::from_utf8_lossy(bytes);
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c.is_control()).collect();
    let line = words.iter().filter(|word| !word.is_empty()).copied().collect::<Vec<_>>().join(" ");
    let mut shown: String = line.chars().take(SHOWN).collect();
    if line.chars().count() > SHOWN {
        shown.push('…');
    }
    shown
}
