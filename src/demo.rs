//! The demonstration: everything once, on this machine, in a temporary folder.
