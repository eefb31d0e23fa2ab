//! The workshop of ivrkit: everything the command line does, as a library.
//!
//! Rooms: [`init`] (a scenario to start from), [`graph`] (pictures of call flows), [`lint`] (what becomes of
//! the linter's findings), [`report`] (how findings look), [`render`] (scenario to
//! dialplan), [`media`] (prompts), [`push`] (upload), [`simulation`] and
//! [`test_run`] (simulated calls and their tests), [`demo`], and [`cli`], which turns arguments
//! into calls of these. Must not hold the protocol of any PBX: that is `ivrkit-verifier`'s; nor
//! anything that can be known without touching the world: that is `ivrkit-dialplan`'s.

pub mod cli;
pub mod demo;
pub mod dialplan_files;
pub mod error;
pub mod files;
pub mod graph;
pub mod init;
pub mod lint;
pub mod logging;
pub mod media;
pub mod push;
pub mod render;
pub mod report;
pub mod simulation;
pub mod speech;
pub mod test_run;
