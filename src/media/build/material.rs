//! What prompts are made of, and how that becomes sound: files, speech, and parts of both, joined.
//!
//! Must not write to the output folder.

use super::Reason;
use crate::{
    media::{
        convert::{self, ConvertError, Converted, Turn},
        manifest, source as sound_file,
    },
    speech::{self, Speaker, raw},
};
use ivrkit_dialplan::scenario::{Sound, SoundFormat};
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

/// What one prompt is made of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Material {
    /// A recording.
    File(PathBuf),
    /// A sentence for the engine.
    Speech(String),
    /// Sounds that are joined.
    Parts(Vec<Part>),
}

/// One of the sounds that are joined.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Part {
    /// A recording or a sentence.
    pub(super) material: Material,
    /// The same for all prompts: it is made once and kept at hand.
    pub(super) is_fixed: bool,
}

/// Samples by what they are made of and their rate.
type Fixed = HashMap<(Material, u32), Arc<[u8]>>;

/// Makes sound of material; may be used by many threads at once.
pub(super) struct Maker {
    speaker: Option<Speaker>,
    /// What is the same for all prompts.
    fixed: Mutex<Fixed>,
}

impl Material {
    /// Whether an engine is needed.
    pub(super) fn speaks(&self) -> bool {
        match self {
            Self::File(_) => false,
            Self::Speech(_) => true,
            Self::Parts(parts) => parts.iter().any(|part| part.material.speaks()),
        }
    }

    /// The recordings in it.
    pub(super) fn files(&self) -> Vec<&PathBuf> {
        match self {
            Self::File(path) => vec![path],
            Self::Speech(_) => Vec::new(),
            Self::Parts(parts) => parts.iter().flat_map(|part| part.material.files()).collect(),
        }
    }

    /// What is said in it.
    pub(super) fn words(&self) -> String {
        match self {
            Self::File(_) => String::new(),
            Self::Speech(text) => text.clone(),
            Self::Parts(parts) => parts.iter().map(|part| part.material.words()).collect(),
        }
    }
}

impl Maker {
    pub(super) fn new(speaker: Option<Speaker>) -> Self {
        Self { speaker, fixed: Mutex::default() }
    }

    /// The engine, if one is needed.
    pub(super) fn speaker(&self) -> Option<&Speaker> {
        self.speaker.as_ref()
    }

    /// What decides the sound of material that is spoken: the same name, the same sound. None for
    /// recordings alone, which are converted each time, and for recordings that cannot be read.
    pub(super) fn recipe(&self, material: &Material, sound: Sound) -> Option<String> {
        let ingredients = material.speaks().then(|| self.ingredients(material)).flatten()?;
        if sound == Sound::default() {
            return Some(ingredients);
        }
        let Sound { format, level, trim, high_pass_hz } = sound;
        let settings = format!("{} {level:?} {trim} {high_pass_hz}", format.name());
        Some(manifest::hash(format!("{ingredients} {settings}").as_bytes()))
    }

    fn ingredients(&self, material: &Material) -> Option<String> {
        match material {
            Material::File(path) => Some(manifest::hash_file(path).ok()?),
            Material::Speech(text) => Some(self.speaker.as_ref()?.key(text).as_str().to_owned()),
            Material::Parts(parts) => {
                let names = parts.iter().map(|part| self.ingredients(&part.material));
                Some(manifest::hash(names.collect::<Option<Vec<_>>>()?.join("+").as_bytes()))
            }
        }
    }

    /// The finished prompt, and the turn that it takes if it is long.
    pub(super) fn make(
        &self,
        material: &Material,
        sound: Sound,
    ) -> Result<(Turn, Converted), Reason> {
        let bytes = match material {
            Material::File(path) => {
                let source = sound_file::Source::open(path)?.map_err(ConvertError::from)?;
                let turn = Turn::wait(&source);
                let converted = turn.convert(source, sound)?;
                return Ok((turn, converted));
            }
            Material::Speech(text) => self.spoken(text)?,
            Material::Parts(parts) => self.joined(parts, sound.format.rate_hz())?,
        };
        Ok((Turn::none(), convert::convert_to(&bytes, &sound)?))
    }

    /// A sentence as the engine speaks it.
    fn spoken(&self, text: &str) -> Result<Vec<u8>, Reason> {
        let speaker = self.speaker.as_ref().expect("opened for material that speaks");
        let judge =
            |sound: &[u8]| convert::convert(sound).map(drop).map_err(|error| error.to_string());
        speaker.speak(text, &judge).map_err(|error| match error {
            speech::Error::Interrupted => Reason::Interrupted,
            error => Reason::Speech(error),
        })
    }

    /// Every sample of every part, one after the other, at the rate that is played.
    fn joined(&self, parts: &[Part], rate_hz: u32) -> Result<Vec<u8>, Reason> {
        let mut samples = Vec::new();
        for part in parts {
            if part.is_fixed {
                samples.extend_from_slice(&self.fixed(&part.material, rate_hz)?);
            } else {
                samples.extend_from_slice(&self.samples(&part.material, rate_hz)?);
            }
        }
        Ok(raw::wav(&samples, rate_hz).expect("each part has samples of 16 bits"))
    }

    fn fixed(&self, material: &Material, rate_hz: u32) -> Result<Arc<[u8]>, Reason> {
        let lock = || self.fixed.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (material.clone(), rate_hz);
        if let Some(samples) = lock().get(&key) {
            return Ok(Arc::clone(samples));
        }
        let samples: Arc<[u8]> = self.samples(material, rate_hz)?.into();
        lock().insert(key, Arc::clone(&samples));
        Ok(samples)
    }

    /// Bare samples at a rate that prompts have; how they sound is decided for the whole prompt.
    fn samples(&self, material: &Material, rate_hz: u32) -> Result<Vec<u8>, Reason> {
        let bare = [SoundFormat::Sln, SoundFormat::Sln16];
        let format = bare.into_iter().find(|format| format.rate_hz() == rate_hz);
        let format = format.expect("every rate of prompts has bare samples");
        let (_turn, made) = self.make(material, Sound { format, ..Sound::default() })?;
        Ok(made.bytes)
    }
}
