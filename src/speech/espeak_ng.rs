//! espeak-ng: which of its voices reads a language, and how it is asked.
//!
//! Must not let a voice that spells what it cannot read pass for one that reads.

use super::{Error, MAX_SOUND_BYTES, Setting, process::Run};
use ivrkit_dialplan::scenario::speech;
use serde_json::{Value, json};
use std::time::Duration;

const PROGRAM: &str = "espeak-ng";
const CURE: &str =
    "install espeak-ng (`apt-get install espeak-ng`), or choose another `engine` in `tts`";
/// Most bytes of a list of voices.
const MAX_LIST_BYTES: u64 = 1 << 20;

/// espeak-ng with a voice that it has.
#[derive(Debug)]
pub(super) struct EspeakNg {
    /// The voice.
    pub(super) voice: String,
    /// The version, such as `1.51`.
    pub(super) version: String,
    words_per_minute: u16,
    pitch: u8,
    setting: Setting,
}

impl EspeakNg {
    pub(super) fn open(
        settings: Option<&speech::EspeakNg>,
        setting: &Setting,
    ) -> Result<Self, Error> {
        let speech::EspeakNg { words_per_minute, pitch } = settings.cloned().unwrap_or_default();
        let mut engine = Self {
            voice: String::new(),
            version: String::new(),
            words_per_minute,
            pitch,
            setting: setting.clone(),
        };
        engine.version = version(&engine.asked(&["--version"])?);
        engine.voice = match &setting.voice {
            Some(voice) => engine.named(voice)?,
            None => engine.voice_of(&setting.language)?,
        };
        engine.try_voice()?;
        Ok(engine)
    }

    /// What decides the sound beside the text.
    pub(super) fn settings(&self) -> Value {
        json!({
            "engine": PROGRAM,
            "version": self.version,
            "voice": self.voice,
            "words_per_minute": self.words_per_minute,
            "pitch": self.pitch,
        })
    }

    pub(super) fn speak(&self, text: &str) -> Result<Vec<u8>, Error> {
        let (speed, pitch) = (self.words_per_minute.to_string(), self.pitch.to_string());
        let arguments =
            ["-b", "1", "-v", &self.voice, "-s", &speed, "-p", &pitch, "--stdin", "--stdout"];
        self.run(&arguments, text, MAX_SOUND_BYTES)
    }

    /// The voice that reads a language: of Chinese the one that knows the characters. Its namesake
    /// `cmn` of 1.51 lacks most of them and spells the rest in English.
    fn voice_of(&self, language: &str) -> Result<String, Error> {
        let tag = language.to_lowercase();
        let primary = tag.split('-').next().unwrap_or_default();
        let wanted = match primary {
            "zh" if tag.split('-').any(|part| part == "hk" || part == "mo") => vec!["yue"],
            "zh" | "cmn" => vec!["cmn-latn-pinyin"],
            _ => vec![tag.as_str(), primary],
        };
        let known = languages(&self.asked(&["--voices"])?);
        let voice = wanted.iter().find(|voice| known.iter().any(|known| known == *voice));
        voice.map(ToString::to_string).ok_or_else(|| Error::Voice {
            voice: wanted[0].to_owned(),
            cure: format!(
                "its data have none for `{language}`; install newer data (package espeak-ng-data) or \
                 name one of `espeak-ng --voices` with `voice` in `tts`"
            ),
        })
    }

    /// A voice that the user names, if it is there. The program itself takes another one whose name
    /// begins alike: `no-such-voice` would be Norwegian.
    fn named(&self, voice: &str) -> Result<String, Error> {
        let plain = voice.split('+').next().unwrap_or_default().to_lowercase();
        for list in ["--voices", "--voices=mb"] {
            if names(&self.asked(&[list])?).contains(&plain) {
                return Ok(voice.to_owned());
            }
        }
        let cure = "`espeak-ng --voices` lists those it has, by language, name and file".to_owned();
        Err(Error::Voice { voice: voice.to_owned(), cure })
    }

    /// Whether the voice can be loaded: what is listed may lack its data.
    fn try_voice(&self) -> Result<(), Error> {
        match self.run(&["-v", &self.voice, "-q", "--stdin"], "a", MAX_LIST_BYTES) {
            Err(Error::Failed { stderr, .. }) => Err(Error::Voice {
                voice: self.voice.clone(),
                cure: format!("it says: {stderr}; install its data"),
            }),
            other => other.map(drop),
        }
    }

    fn asked(&self, arguments: &[&str]) -> Result<String, Error> {
        let answer = self.run(arguments, "", MAX_LIST_BYTES)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    fn run(&self, arguments: &[&str], input: &str, max_bytes: u64) -> Result<Vec<u8>, Error> {
        let arguments: Vec<String> =
            [PROGRAM].iter().chain(arguments).map(ToString::to_string).collect();
        let run = Run {
            arguments: &arguments,
            input,
            timeout: self.setting.timeout.max(Duration::from_secs(1)),
            max_bytes,
            cure: CURE,
            interrupt: &self.setting.interrupt,
        };
        Ok(run.succeed()?.output)
    }
}

/// `1.51` of `eSpeak NG text-to-speech: 1.51  Data at: ...`.
fn version(answer: &str) -> String {
    let after = answer.split(": ").nth(1).unwrap_or(answer);
    after.split_whitespace().next().unwrap_or("unknown").to_owned()
}

/// The languages that voices are listed under: the second column.
fn languages(list: &str) -> Vec<String> {
    let column = |line: &str| line.split_whitespace().nth(1).map(str::to_lowercase);
    list.lines().skip(1).filter_map(column).collect()
}

/// What voices can be asked for by: language, name, file and the last part of the file.
fn names(list: &str) -> Vec<String> {
    let of_line = |line: &str| {
        let columns: Vec<String> = line.split_whitespace().map(str::to_lowercase).collect();
        let [_, language, _, name, file, ..] = columns.as_slice() else { return Vec::new() };
        let short = file.rsplit('/').next().unwrap_or_default().to_owned();
        vec![language.clone(), name.clone(), name.replace('_', " "), file.clone(), short]
    };
    list.lines().skip(1).flat_map(of_line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_understood() {
        assert_eq!(version("eSpeak NG text-to-speech: 1.51  Data at: /usr/lib/x\n"), "1.51");
        assert_eq!(version("eSpeak NG text-to-speech: 1.52-dev  Data"), "1.52-dev");
        let list = "Pty Language       Age/Gender VoiceName          File   Other Languages\n \
                    5  cmn             --/M      Chinese_(Mandarin) sit/cmn (zh-cmn 5)\n \
                    2  en-gb           --/M      English gmw/en (en 2)\n";
        assert_eq!(languages(list), ["cmn", "en-gb"]);
        for name in ["cmn", "chinese (mandarin)", "sit/cmn", "en"] {
            assert!(names(list).contains(&name.to_owned()), "{name}");
        }
    }
}
