//! All that can be known of an IVR without touching the world.
//!
//! Holds the [`scenario`] model and its checks, the [`dialplan`] as Asterisk reads it, the rules
//! it is held against ([`lint`]), the [verification machine](verification) that steers a live
//! call, the [picture](graph) of where calls go, and the [calls](call) that run through a dialplan,
//! [rehearsed](rehearsal) whole and [tested](scenario_test). Must not hold: files, sockets, clocks,
//! the environment, threads or randomness. Texts, times and random numbers are arguments;
//! `clippy.toml` beside this crate refuses the rest.
//!
//! Bad input is a value and diagnostics ([`diagnostic`]), never an `Err` and never a panic.

pub mod application;
pub mod call;
pub mod diagnostic;
pub mod dialplan;
pub mod expression;
pub mod function;
pub mod graph;
pub mod lint;
pub mod rehearsal;
pub mod scenario;
pub mod scenario_test;
pub mod source;
pub mod syntax;
pub mod verification;

mod index;
mod number;
mod posix_regex;
