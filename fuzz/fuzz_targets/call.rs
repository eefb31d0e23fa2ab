//! Any bytes as a dialplan, and what comes to its calls from outside.
//!
//! What must hold of them stands in the tests of the core, which run it without libFuzzer too.

#![no_main]

#[path = "../../crates/ivrkit-dialplan/tests/invariants/call.rs"]
mod call;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| call::check(bytes));
