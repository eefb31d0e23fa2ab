//! Whether a condition holds, as all applications ask it.

use crate::number::scanned;

/// `pbx_checkcondition`: a number holds unless it is 0, any other text unless it is empty.
pub(super) fn holds(condition: &[u8]) -> bool {
    match scanned(condition, 30) {
        Some(number) => number != 0,
        None => !condition.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::holds;

    #[test]
    fn nothing_and_zero_do_not_hold() {
        let check = |text: &str, expected| assert_eq!(holds(text.as_bytes()), expected, "{text}");
        check("", false);
        check("0", false);
        check(" 0", false);
        check("0abc", false);
        check("-0", false);
        check("00.5", false);
        check("1", true);
        check("-1", true);
        check("no", true);
        check(" ", true);
        check(".0", true);
        check("\"0\"", true);
        check("4294967296", false);
        check("99999999999999999999", true);
    }
}
