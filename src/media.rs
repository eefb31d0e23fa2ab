//! Prompts: decode, mix down, resample, encode, validate.
//!
//! [`convert`] makes one prompt of one WAV, [`build`] a folder of prompts of a scenario,
//! [`ready`] one file of any folder, and [`playable`] says whether a PBX will play a file, and whether to its end. Must not make speech,
//! nor upload: that is `push`'s.

mod build;
mod convert;
pub mod decode;
pub mod downmix;
pub mod encode;
pub mod playable;
mod ready;
pub mod resample;
pub mod wav;

pub use build::{Action, Built, Error, Problem, build};
pub use convert::{ConvertError, convert};
pub use ready::{Ready, is_audio, ready};

/// Most bytes of one file that is read: 20 minutes of 48 kHz stereo, far more than a prompt.
pub const MAX_FILE_BYTES: u64 = 256 << 20;
