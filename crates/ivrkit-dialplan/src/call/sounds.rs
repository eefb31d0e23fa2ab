//! The sounds of a PBX: which there are, and how long each is.
//!
//! Which file a name stands for is decided as in `fileexists_core` of Asterisk's `main/file.c`, with
//! `languageprefix` on, which is the default. No file is opened here: who has files makes a
//! [`FixedSounds`] of their names and lengths, or is [`Sounds`] himself.

use std::collections::HashMap;

/// Endings of files that Asterisk plays. It adds one to each name, so that `hello.wav` in a
/// dialplan asks for `hello.wav.wav`.
const ENDINGS: &[&[u8]] = &[
    b"wav", b"WAV", b"wav49", b"gsm", b"sln", b"slin", b"raw", b"ulaw", b"ul", b"mu", b"pcm",
    b"alaw", b"al", b"g722", b"g729", b"g723", b"ilbc", b"ogg", b"opus", b"mp3", b"siren7",
    b"siren14", b"sln16",
];

/// The language whose sounds are taken if there are none in another (`DEFAULT_LANGUAGE`).
const DEFAULT_LANGUAGE: &[u8] = b"en";

/// The sounds of a PBX.
pub trait Sounds: Send + Sync {
    /// How long a sound is in milliseconds, named as the dialplan names it, without the ending of
    /// its file; none if there is no such sound in that language or without one.
    fn length_ms(&self, name: &[u8], language: &[u8]) -> Option<u64>;
}

/// Sounds whose lengths are known beforehand.
///
/// A sound is named by its file without the ending: from the root if it begins with `/`, else in
/// the PBX's folder of sounds, with the language's folder before it (`en/hello`) or without one.
#[derive(Debug, Clone, Default)]
pub struct FixedSounds {
    lengths_ms: HashMap<Vec<u8>, u64>,
    others_ms: Option<u64>,
}

impl FixedSounds {
    /// No sounds.
    pub fn new() -> Self {
        Self::default()
    }

    /// Every sound is there, and lasts so long, unless another length is [given](Self::insert). An
    /// empty name, and one that has an ending of its own, are no sounds.
    pub fn every(length_ms: u64) -> Self {
        Self { lengths_ms: HashMap::new(), others_ms: Some(length_ms) }
    }

    /// Adds a sound, or gives one another length.
    pub fn insert(&mut self, file: impl Into<Vec<u8>>, length_ms: u64) {
        self.lengths_ms.insert(file.into(), length_ms);
    }

    fn in_language(&self, name: &[u8], language: &[u8]) -> Option<u64> {
        // A name from the root has the language's folder before its last part.
        let at = match name {
            [b'/', ..] => name.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1),
            _ => 0,
        };
        let file = [&name[..at], language, b"/", &name[at..]].concat();
        self.lengths_ms.get(&file).copied()
    }
}

impl Sounds for FixedSounds {
    fn length_ms(&self, name: &[u8], language: &[u8]) -> Option<u64> {
        let mut spoken = language;
        while !spoken.is_empty() {
            if let Some(length_ms) = self.in_language(name, spoken) {
                return Some(length_ms);
            }
            // `en_GB` may do with what `en` has.
            let Some(at) = spoken.iter().rposition(|&byte| byte == b'_') else { break };
            spoken = &spoken[..at];
        }
        let plain = || self.lengths_ms.get(name).copied();
        plain().or_else(|| self.in_language(name, DEFAULT_LANGUAGE)).or_else(|| {
            let is_name = !name.is_empty() && !name.ends_with(b"/") && !has_ending(name);
            self.others_ms.filter(|_| is_name)
        })
    }
}

impl<F: Into<Vec<u8>>> FromIterator<(F, u64)> for FixedSounds {
    fn from_iter<I: IntoIterator<Item = (F, u64)>>(sounds: I) -> Self {
        let lengths_ms = sounds.into_iter().map(|(file, length_ms)| (file.into(), length_ms));
        Self { lengths_ms: lengths_ms.collect(), others_ms: None }
    }
}

fn has_ending(name: &[u8]) -> bool {
    let dot = name.iter().rposition(|&byte| byte == b'.');
    dot.is_some_and(|at| ENDINGS.contains(&&name[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_is_looked_for_in_its_language_first() {
        let sounds: FixedSounds = [
            ("hello", 1),
            ("en/hello", 2),
            ("de/hello", 3),
            ("en/only", 4),
            ("/a/b", 5),
            ("/a/de/b", 6),
            ("de/digits/1", 7),
        ]
        .into_iter()
        .collect();
        let check = |name: &str, language: &str, expected| {
            let found = sounds.length_ms(name.as_bytes(), language.as_bytes());
            assert_eq!(found, expected, "{name} in {language}");
        };
        check("hello", "en", Some(2));
        check("hello", "de", Some(3));
        check("hello", "de_AT_x", Some(3));
        check("hello", "fr", Some(1));
        check("hello", "", Some(1));
        check("only", "fr", Some(4));
        check("only", "", Some(4));
        check("/a/b", "en", Some(5));
        check("/a/b", "de", Some(6));
        check("digits/1", "de", Some(7));
        check("digits/1", "en", None);
        check("hello.wav", "en", None);
        check("", "en", None);
    }

    #[test]
    fn every_sound_is_there_but_those_that_have_an_ending() {
        let mut sounds = FixedSounds::every(1000);
        sounds.insert("en/known", 20);
        let check = |name: &str, expected| {
            assert_eq!(sounds.length_ms(name.as_bytes(), b"en"), expected, "{name}");
        };
        check("known", Some(20));
        check("else", Some(1000));
        check("v1.2", Some(1000));
        check("else.wav", None);
        check("else.gsm", None);
        check("", None);
    }
}
