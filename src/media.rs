//! Prompts: decode, mix down, resample, encode, validate.
//!
//! [`convert`] makes one prompt of one WAV, [`build`] a folder of prompts of a scenario, and
//! [`playable`] says whether a PBX will play a file, and whether to its end. Must not make speech,
//! nor upload: that is `push`'s.

mod build;
#[cfg(feature = "compressed-sources")]
pub mod compressed;
mod convert;
pub mod decode;
pub mod downmix;
pub mod encode;
pub mod input;
mod kind;
pub mod playable;
pub mod resample;
pub mod source;
pub mod wav;

pub use build::{Action, Built, Error, Problem, build};
pub use convert::{ConvertError, convert};

/// Most bytes of a file that is judged as a prompt: 52 minutes at 8 kHz. It is in memory as a whole.
pub const MAX_FILE_BYTES: u64 = 48 << 20;
