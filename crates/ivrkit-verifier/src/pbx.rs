//! The PBXs, one folder each.
//!
//! A folder holds one PBX's protocol and nothing of another's.

pub mod simulated;
