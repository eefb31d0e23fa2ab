//! The demonstration: everything once, on this machine, in a temporary folder.

mod plan;
