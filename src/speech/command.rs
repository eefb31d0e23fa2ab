//! Any program as an engine: text on standard input or in an argument, a WAV from standard output or
//! from a file.
//!
//! Must not use a shell: an argument is an argument, whatever characters the sentence has.

use super::{
    Error, MAX_SOUND_BYTES, Setting,
    process::Run,
    raw,
    template::{Place, fill},
};
use crate::files;
use ivrkit_dialplan::scenario::speech::SpeechCommand;
use minijinja::{Value, context};
use serde_json::json;
use tempfile::TempDir;

const CURE: &str = "install it, or correct `run` of `tts`";
/// Most bytes of an answer about the version.
const MAX_VERSION_BYTES: u64 = 64 << 10;

/// A program that speaks.
#[derive(Debug)]
pub(super) struct Command {
    settings: SpeechCommand,
    /// What it says of its version.
    version: String,
    setting: Setting,
}

impl Command {
    pub(super) fn open(command: Option<&SpeechCommand>, setting: Setting) -> Result<Self, Error> {
        let command = command.expect("checked with the scenario").clone();
        let mut engine = Self { settings: command, version: String::new(), setting };
        // Mistakes in templates are to be found before anything is spoken.
        engine.arguments("text", "output")?;
        if !engine.settings.version.is_empty() {
            let run = engine.run(&engine.settings.version, "", MAX_VERSION_BYTES);
            let said = run.succeed()?.output;
            engine.version = String::from_utf8_lossy(&said).trim().into();
        }
        Ok(engine)
    }

    pub(super) fn program(&self) -> &str {
        &self.settings.run[0]
    }

    /// What decides the sound beside the text.
    pub(super) fn settings(&self) -> serde_json::Value {
        json!({
            "engine": "command",
            "version": self.version,
            "voice": self.setting.voice,
            "language": self.setting.language,
            "command": self.settings,
        })
    }

    pub(super) fn speak(&self, text: &str) -> Result<Vec<u8>, Error> {
        let sound = if self.names("output") { self.to_file(text) } else { self.to_pipe(text) }?;
        match self.settings.raw_rate_hz {
            None => Ok(sound),
            Some(rate_hz) => raw::wav(&sound, rate_hz)
                .map_err(|reason| Error::NoSound { engine: self.name(), reason }),
        }
    }

    fn to_pipe(&self, text: &str) -> Result<Vec<u8>, Error> {
        let arguments = self.arguments(text, "")?;
        Ok(self.run(&arguments, self.input(text), MAX_SOUND_BYTES).succeed()?.output)
    }

    fn to_file(&self, text: &str) -> Result<Vec<u8>, Error> {
        let folder = self.folder()?;
        let path = folder.path().join("speech.wav");
        let arguments = self.arguments(text, &path.to_string_lossy())?;
        // What it says meanwhile is of no interest, but it may say much.
        self.run(&arguments, self.input(text), MAX_SOUND_BYTES).succeed()?;
        match files::read_bytes(&path, MAX_SOUND_BYTES) {
            Ok(sound) => Ok(sound),
            Err(files::Error::TooLarge { .. }) => Err(Error::TooLarge { engine: self.name() }),
            Err(_) => {
                let reason = "it did not write the file `{{ output }}`".to_owned();
                Err(Error::NoSound { engine: self.name(), reason })
            }
        }
    }

    fn folder(&self) -> Result<TempDir, Error> {
        tempfile::Builder::new().prefix("ivrkit-speech-").tempdir().map_err(|source| {
            Error::Program {
                program: self.program().to_owned(),
                source: files::plain(source),
                cure: "it needs a temporary folder; set TMPDIR to one that can be written",
            }
        })
    }

    fn input<'a>(&self, text: &'a str) -> &'a str {
        if self.names("text") { "" } else { text }
    }

    /// Whether an argument has a place for a value.
    fn names(&self, value: &str) -> bool {
        let inside = |argument: &String| {
            argument.split("{{").skip(1).any(|rest| {
                rest.split("}}").next().is_some_and(|name| {
                    name.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == value)
                })
            })
        };
        self.settings.run.iter().any(inside)
    }

    fn arguments(&self, text: &str, output: &str) -> Result<Vec<String>, Error> {
        let Setting { voice, language, .. } = &self.setting;
        let mut values = context! { text, language, output };
        if let Some(voice) = voice {
            values = context! { voice, ..values };
        }
        let fill = |argument: &String| filled(argument, &values);
        self.settings.run.iter().map(fill).collect()
    }

    fn run<'a>(&'a self, arguments: &'a [String], input: &'a str, max_bytes: u64) -> Run<'a> {
        let Setting { timeout, interrupt, .. } = &self.setting;
        Run { arguments, input, timeout: *timeout, max_bytes, cure: CURE, interrupt }
    }

    fn name(&self) -> String {
        format!("`{}`", self.program())
    }
}

fn filled(argument: &str, values: &Value) -> Result<String, Error> {
    fill(argument, Place::Plain, "command.run", values)
}
