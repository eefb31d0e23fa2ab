//! `IF`.

use super::arguments::divided;
use crate::{application::Version, expression::Environment, number::scanned, syntax::Kind};

/// `condition?yes:no`; fails without a condition, or with nothing to choose from, of which 22 says
/// nothing.
pub(super) fn chosen(given: &[u8], environment: &mut dyn Environment) -> Option<Vec<u8>> {
    let mut halves = divided(given, b'?', true, 2).into_iter();
    let condition = halves.next().unwrap_or_default();
    let values = divided(&halves.next().unwrap_or_default(), b':', true, 2);
    if condition.is_empty() || values.is_empty() {
        if environment.version() < Version::V22 {
            environment.complain(Kind::FunctionFailed, "IF without a condition or without values");
        }
        return None;
    }
    let condition = stripped(&condition);
    let is_yes = match scanned(condition, 30) {
        Some(number) => number != 0,
        None => !condition.is_empty(),
    };
    let value = values.get(usize::from(!is_yes));
    Some(value.map(|value| stripped(value).to_vec()).unwrap_or_default())
}

fn stripped(text: &[u8]) -> &[u8] {
    let (start, end) = crate::syntax::strip(text);
    &text[start..end]
}
