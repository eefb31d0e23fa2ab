//! Prompts: decode, mix down, resample, filter, trim, level, encode, validate.
//!
//! [`convert`] makes one prompt of one recording, [`convert_files`] prompts of files and folders,
//! [`build`] a folder of prompts of a scenario, [`ready`] one file of any folder, and [`playable`] says
//! whether a PBX will play a file, and whether to its end. Must not make speech: that is `speech`'s; nor
//! upload: that is `push`'s.

mod batch;
mod build;
#[cfg(feature = "compressed-sources")]
pub mod compressed;
mod convert;
pub mod decode;
pub mod downmix;
pub mod encode;
pub mod g711;
pub mod high_pass;
pub mod input;
mod kind;
pub mod level;
pub mod playable;
mod ready;
pub mod resample;
pub mod source;
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
pub use ready::{Ready, is_audio, ready};
