//! What stands after the closing parenthesis of an application.

use super::ExtensionLine;
use crate::syntax::Text;

/// The text after the parenthesis that closes the first one of a step, without blanks around it;
/// none if there is none, or if quotes leave open which one closes it.
pub(super) fn after_call(line: &ExtensionLine<'_>) -> Option<Text> {
    let call = line.bytes(line.call);
    let first = call.iter().position(|&byte| byte == b'(')?;
    if call[..first].contains(&b'$') || line.application.is_empty() {
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
    (from < to && quotes % 2 == 0).then(|| line.call.slice(close + 1 + from, close + 1 + to))
}
