//! What the linter needs to see of the world.
//!
//! Must not find anything itself: that is `ivrkit_dialplan::lint`'s.

pub mod neighbours;
pub mod sounds;
