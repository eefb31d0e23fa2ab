//! What stands after the closing parenthesis of an application.

use crate::syntax::{Files, Text};

/// The text after the parenthesis that closes the first one of a step, without blanks around it;
/// none if there is none, or if quotes leave open which one closes it.
pub(super) fn after_call(files: &Files, text: Text, application: Text) -> Option<Text> {
    let call = files.bytes(text);
    let first = memchr::memchr(b'(', call)?;
    // Most end with their only closing parenthesis.
    if memchr::memchr(b')', call) == call.len().checked_sub(1)
        || call[..first].contains(&b'$')
        || application.is_empty()
    {
        return None;
    }
    let mut open = 0;
    let close = call[first..].iter().position(|&byte| {
        open += i32::from(byte == b'(') - i32::from(byte == b')');
        open == 0
    });
    let close = first + close?;
    let quotes = call[..close].split(|&byte| byte == b'"').count() - 1;
    let (from, to) = crate::syntax::strip(&call[close + 1..]);
    (from < to && quotes % 2 == 0).then(|| text.slice(close + 1 + from, close + 1 + to))
}
