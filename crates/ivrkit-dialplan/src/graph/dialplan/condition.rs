//! What an operator reads of a condition.

use super::text::cut;
use crate::lint::{Call, shown};

/// Longest condition that is shown, in characters.
const MAX_CONDITION: usize = 60;

/// The condition of a call such as `GotoIf(condition?...)`, as words for the answer that leads on
/// along an edge.
pub(super) fn words(call: &Call<'_>, when: bool, has_other: bool) -> String {
    if !when && has_other {
        return "else".to_owned();
    }
    let Some(condition) = condition(call.data()) else { return shown(call.meant()) };
    let is_time = call.is("GotoIfTime");
    let condition = cut(&shown(if is_time { condition } else { bare(condition) }), MAX_CONDITION);
    let word = match (is_time, when) {
        (true, true) => "at",
        (true, false) => "not at",
        (false, true) => "if",
        (false, false) => "unless",
    };
    format!("{word} {condition}")
}

/// What stands before the question mark that belongs to no expression.
fn condition(data: &[u8]) -> Option<&[u8]> {
    let mut depth = 0_usize;
    for (at, byte) in data.iter().enumerate() {
        match byte {
            b'[' | b'{' | b'(' => depth += 1,
            b']' | b'}' | b')' => depth = depth.saturating_sub(1),
            b'?' if depth == 0 => return Some(data[..at].trim_ascii()),
            _ => {}
        }
    }
    None
}

/// An expression without the `$[` and `]` around all of it.
fn bare(condition: &[u8]) -> &[u8] {
    let inner = condition.strip_prefix(b"$[").and_then(|rest| rest.strip_suffix(b"]"));
    inner.filter(|inner| is_whole(inner)).map_or(condition, <[u8]>::trim_ascii)
}

/// Whether each bracket that is closed was opened within.
fn is_whole(text: &[u8]) -> bool {
    let mut depth = 0_i64;
    text.iter().all(|byte| {
        depth += match byte {
            b'[' => 1,
            b']' => -1,
            _ => 0,
        };
        depth >= 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_brackets_around_an_expression_are_left_out() {
        let check = |data: &str, expected: Option<&str>| {
            let found = condition(data.as_bytes()).map(bare).map(shown);
            assert_eq!(found.as_deref(), expected, "{data}");
        };
        check("$[${X} = 1]?a:b", Some("${X} = 1"));
        check("$[\"${X}\" = \"?\"]?a", Some("\"${X}\" = \"?\""));
        check("$[1] & $[2]?a", Some("$[1] & $[2]"));
        check("${ISNULL(${X})}?a", Some("${ISNULL(${X})}"));
        check("a", None);
    }
}
