//! What several test suites share. Each suite uses its own part of it.

#![allow(
    clippy::unwrap_used,
    dead_code,
    unused_imports,
    reason = "test code panics where it cannot go on; each suite uses its own part"
)]

pub(crate) mod asterisk;
pub(crate) mod dialplan;
pub(crate) mod scenario;
