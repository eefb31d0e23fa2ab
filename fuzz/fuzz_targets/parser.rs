//! Any bytes as a dialplan and the files it includes.
//!
//! What must hold of them stands in the tests of the core, which run it without libFuzzer too.

#![no_main]

#[path = "../../crates/ivrkit-dialplan/tests/invariants/parser.rs"]
mod parser;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parser::check(bytes));
