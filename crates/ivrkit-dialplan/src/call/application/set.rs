//! `Set(name=value)`.

use super::{super::line::Line, Outcome};

/// Sets a variable, or writes to a function.
pub(super) fn set(line: &Line, data: &[u8]) -> Outcome {
    if let Some(at) = data.iter().position(|&byte| byte == b'=') {
        line.set(&data[..at], &data[at + 1..]);
    } else {
        line.complain(None, "Set is given no =".to_owned());
    }
    Outcome::Next
}
