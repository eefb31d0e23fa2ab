//! `ExecIf(condition?application(data):application(data))`.

use super::{super::line::Line, Outcome, find};
use crate::number::parsed;

/// Runs the one or the other.
pub(super) async fn run(line: &Line, data: &[u8]) -> Outcome {
    let Some(question) = data.iter().position(|&byte| byte == b'?') else {
        return Outcome::HangUp;
    };
    let (condition, rest) = (&data[..question], &data[question + 1..]);
    let mut branches = rest.splitn(2, |&byte| byte == b':');
    let (yes, no) = (branches.next().unwrap_or_default(), branches.next().unwrap_or_default());
    let is_true = is_true(condition);
    let chosen = if is_true { yes } else { no };
    if chosen.is_empty() && !is_true {
        return Outcome::Next;
    }
    let open = chosen.iter().position(|&byte| byte == b'(');
    let name = &chosen[..open.unwrap_or(chosen.len())];
    let inner = open.map_or(&b""[..], |at| &chosen[at + 1..]);
    let close = inner.iter().rposition(|&byte| byte == b')').unwrap_or(inner.len());
    let Some(application) = find(line, name) else {
        let shown = name.escape_ascii();
        line.complain(None, format!("there is no application {shown}"));
        return Outcome::HangUp;
    };
    application.execute(line, &inner[..close]).await
}

/// Whether a condition holds: what is no number, and any number but 0.
pub(super) fn is_true(condition: &[u8]) -> bool {
    match condition.first() {
        None => false,
        Some(byte) if byte.is_ascii_digit() => parsed(condition) != 0,
        Some(_) => true,
    }
}
