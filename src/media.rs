//! Prompts: decode, mix down, resample, filter, trim, level, encode, validate.
//!
//! [`convert`] makes one prompt of one recording, [`convert_files`] prompts of files and folders,
//! [`build`] a folder of prompts of a scenario, and [`playable`] says whether a PBX will play a file,
//! and whether to its end. Must not make speech: that is `speech`'s; nor upload: that is `push`'s.

mod batch;
mod build;
mod convert;
pub mod decode;
pub mod downmix;
pub mod encode;
pub mod g711;
pub mod high_pass;
pub mod level;
pub mod playable;
pub mod resample;
pub mod trim;
pub mod wav;

pub use batch::{
    BatchError, Made, Outcome, Problem as BatchProblem, Reason as BatchReason, convert_files,
};
pub use build::{
    Action, BadRow, BadRows, Built, CalleeList, CalleesError, Error, Options, Problem, Report,
    build, build_with, manifest, shown_rows,
};
pub use convert::{ConvertError, Converted, MAX_PEAK_DBFS, convert, convert_to};

/// Most bytes of one file that is read: 20 minutes of 48 kHz stereo, far more than a prompt.
pub const MAX_FILE_BYTES: u64 = 256 << 20;
