//! Prompts: decode, mix down, resample, encode, validate.
//!
//! [`convert`] makes one prompt of one WAV, [`build`] a folder of prompts of a scenario, and
//! [`playable`] says whether a PBX will play a file, and whether to its end. Must not make speech: that
//! is `speech`'s; nor upload: that is `push`'s.

mod build;
mod convert;
pub mod decode;
pub mod downmix;
pub mod encode;
pub mod playable;
pub mod resample;
pub mod wav;

pub use build::{
    Action, BadRow, BadRows, Built, CalleeList, CalleesError, Error, Options, Problem, Report,
    build, build_with, manifest, shown_rows,
};
pub use convert::{ConvertError, convert};

/// Most bytes of one file that is read: 20 minutes of 48 kHz stereo, far more than a prompt.
pub const MAX_FILE_BYTES: u64 = 256 << 20;
