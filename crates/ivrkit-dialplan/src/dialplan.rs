//! A dialplan: contexts, extensions, and which of them a dialled string reaches.

pub mod matching;
pub mod pattern;
