//! `Goto` and `GotoIf`.

use super::{super::line::Line, Outcome, exec_if::is_true};

/// `Goto([[context,]extension,]priority)`.
pub(super) fn goto(line: &Line, data: &[u8]) -> Outcome {
    if line.go(data) { Outcome::Next } else { Outcome::HangUp }
}

/// `GotoIf(condition?place:place)`.
pub(super) fn goto_if(line: &Line, data: &[u8]) -> Outcome {
    let mut parts = data.splitn(2, |&byte| byte == b'?');
    let condition = parts.next().unwrap_or_default();
    let mut branches = parts.next().unwrap_or_default().splitn(2, |&byte| byte == b':');
    let (yes, no) = (branches.next().unwrap_or_default(), branches.next().unwrap_or_default());
    match if is_true(condition) { yes } else { no } {
        b"" => Outcome::Next,
        place => goto(line, place),
    }
}
