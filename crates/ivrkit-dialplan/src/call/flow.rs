//! What applications of flow remember of a channel.

use super::frames::Frames;

/// Subroutines, macros, and applications that run each other.
#[derive(Debug, Default)]
pub(super) struct Flow {
    /// The subroutines that it is in.
    pub(super) frames: Frames,
    /// How many macros run.
    pub(super) macros: u32,
    /// Whether the innermost of them is to end.
    pub(super) leaves_macro: bool,
    /// How many applications run each other.
    pub(super) nesting: u32,
}
