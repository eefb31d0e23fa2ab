//! Any bytes as a text with substitutions.
//!
//! What must hold of them stands in the tests of the core, which run it without libFuzzer too.

#![no_main]

#[path = "../../crates/ivrkit-dialplan/tests/invariants/expressions.rs"]
mod expressions;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| expressions::check(bytes));
