//! The state machine of a verified call, for any PBX.
//!
//! A [`Call`] is fed one [`Input`] at a time together with its time, and asked for [`Output`]s until
//! it has none; [`Call::wake_at`] says when it next wants [`Input::Wake`]. Everything it knows is in
//! the value itself, which serialises, so whoever drives it can store it before acting on what it
//! says, and go on after a crash with [`Call::resume`].
//!
//! Must not hold: the words of any PBX protocol (a client turns them into inputs), sockets, clocks.
//!
//! # Where a call can be
//!
//! ```text
//! Dialling -> Ringing -> Listening <-> Judging -> Steering -> Listening ... -> Over
//! ```
//!
//! *Listening* is the call in an IVR; *Judging* waits for a look-up; *Steering* waits until the PBX
//! has done a transfer or a hang-up. The rules that make this safe against reports that come twice,
//! late, out of order or never stand where they are applied, in [`call`] and [`keys`].

pub mod call;
mod digits;
mod exchange;
mod keys;
mod step;

pub use call::{Call, Stage};
pub use digits::Digits;
pub use exchange::{Answer, Direction, Found, Input, Leg, Output, Report, Verdict};
pub use step::{IgnoredBecause, Outcome, Step};

/// Milliseconds since the Unix epoch; whoever drives a call reads the clock.
pub type TimeMs = u64;

#[cfg(test)]
mod tests;
