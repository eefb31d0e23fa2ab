//! Any bytes as a file of sound.
//!
//! What must hold of them stands in the tests of the root package, which run it without libFuzzer
//! too.

#![no_main]

#[path = "../../tests/sound_files/any_bytes.rs"]
mod any_bytes;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| any_bytes::check(bytes));
