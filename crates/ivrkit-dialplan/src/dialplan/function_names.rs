//! The functions of Asterisk 16 and 22, by name.

/// Names from the documentation that both versions bring along, all their modules included.
const NAMES: &str = include_str!("functions.txt");

/// Whether one of the two versions has a function of that name.
pub(super) fn is_known(name: &[u8]) -> bool {
    NAMES.split_ascii_whitespace().any(|known| known.as_bytes() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_known_by_their_exact_names() {
        let check =
            |name: &str, expected| assert_eq!(is_known(name.as_bytes()), expected, "{name}");
        check("LEN", true);
        check("TRIM", true);
        check("SIPPEER", true);
        check("len", false);
        check("NOPE", false);
        check("", false);
    }
}
