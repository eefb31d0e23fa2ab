//! Sounds.

use crate::lint::Rule;

mod constant_exten_in_sound;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[&constant_exten_in_sound::RULE];
