//! Any bytes as names of extensions and a dialled string.
//!
//! What must hold of them stands in the tests of the core, which run it without libFuzzer too.

#![no_main]

#[path = "../../crates/ivrkit-dialplan/tests/invariants/patterns.rs"]
mod patterns;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| patterns::check(bytes));
