//! Calls whose course on real Asterisks is the truth for simulated ones: cases, where they come
//! from, how they are made on a daemon, and how two courses are compared.

pub(crate) mod batch;
pub(crate) mod case;
pub(crate) mod comparison;
pub(crate) mod generator;
pub(crate) mod record;
pub(crate) mod recorded;
pub(crate) mod shipped;
pub(crate) mod simulated;
pub(crate) mod sounds;
