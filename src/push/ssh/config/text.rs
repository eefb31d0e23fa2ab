//! The small grammar of an SSH configuration: lines, words, patterns, times and tokens.
//!
//! Facts: `ssh_config(5)`, and `ssh -G` for what that leaves open. Must not know any keyword.

use super::super::known_hosts::matches_pattern;

/// Patterns of hosts or users.
pub(super) struct Pattern;

impl Pattern {
    /// Whether one of the patterns matches and none that begins with `!` does.
    pub(super) fn any<'a>(patterns: impl Iterator<Item = &'a str>, name: &str) -> bool {
        let mut matched = false;
        for pattern in patterns {
            match pattern.strip_prefix('!') {
                Some(not) if matches_pattern(not.as_bytes(), name.as_bytes()) => return false,
                Some(_) => {}
                None => matched |= matches_pattern(pattern.as_bytes(), name.as_bytes()),
            }
        }
        matched
    }
}

/// The keyword in small letters and what follows it; nothing for an empty line or a comment.
pub(super) fn split_line(line: &str) -> Option<(String, &str)> {
    let line = line.trim_matches([' ', '\t', '\r', '\x0c']);
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let end = line.find([' ', '\t', '=']).unwrap_or(line.len());
    let rest = line[end..].trim_start_matches([' ', '\t']);
    let rest = rest.strip_prefix('=').unwrap_or(rest).trim_start_matches([' ', '\t']);
    Some((line[..end].trim_matches('"').to_ascii_lowercase(), rest))
}

/// Words as a line has them: quotes keep blanks, a backslash keeps a quote, `#` ends the line.
pub(super) fn words(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut characters = text.chars().peekable();
    loop {
        while characters.next_if(|c| matches!(c, ' ' | '\t')).is_some() {}
        match characters.peek() {
            None | Some('#') => return Ok(words),
            Some(_) => {}
        }
        let mut word = String::new();
        let mut quote = None;
        while let Some(c) = characters.next() {
            match (c, quote) {
                ('\\', _) => match characters.peek() {
                    Some(next @ ('"' | '\'' | '\\')) => {
                        word.push(*next);
                        characters.next();
                    }
                    Some(' ') if quote.is_none() => {
                        word.push(' ');
                        characters.next();
                    }
                    _ => word.push('\\'),
                },
                ('"' | '\'', None) => quote = Some(c),
                (c, Some(open)) if c == open => quote = None,
                (' ' | '\t', None) => break,
                (c, _) => word.push(c),
            }
        }
        if quote.is_some() {
            return Err("a quote is not closed".to_owned());
        }
        words.push(word);
    }
}

/// Seconds of `90`, `1m30s`, `2h`, `1d` or `1w`.
pub(super) fn duration_s(text: &str) -> Option<u64> {
    let mut sum = 0_u64;
    let mut number = None;
    for c in text.chars() {
        if let Some(digit) = c.to_digit(10) {
            let before = number.unwrap_or(0_u64);
            number = Some(before.checked_mul(10)?.checked_add(digit.into())?);
            continue;
        }
        let unit_s = match c.to_ascii_lowercase() {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return None,
        };
        sum = sum.checked_add(number.take()?.checked_mul(unit_s)?)?;
    }
    let some = number.is_some() || text.ends_with(|c: char| c.is_ascii_alphabetic());
    some.then(|| sum.checked_add(number.unwrap_or(0))).flatten()
}

/// Puts in tokens such as `%h` and variables such as `${HOME}`; what is not known stays as it is.
pub(super) fn expand(text: &str, tokens: &[(char, &str)]) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['%', '$']) {
        expanded.push_str(&rest[..at]);
        rest = &rest[at..];
        let variable = rest.strip_prefix("${").and_then(|name| name.split_once('}'));
        if let Some((name, after)) = variable {
            expanded.push_str(&std::env::var(name).unwrap_or_default());
            rest = after;
            continue;
        }
        let token = rest.strip_prefix('%').and_then(|rest| rest.chars().next());
        let value = tokens.iter().find(|(name, _)| Some(*name) == token);
        match (token, value) {
            (Some('%'), _) => {
                expanded.push('%');
                rest = &rest[2..];
            }
            (Some(name), Some((_, value))) => {
                expanded.push_str(value);
                rest = &rest[1 + name.len_utf8()..];
            }
            _ => {
                expanded.push_str(&rest[..1]);
                rest = &rest[1..];
            }
        }
    }
    expanded + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_as_openssh_splits_them() {
        let check = |text: &str, expected: &[&str]| {
            assert_eq!(words(text).unwrap(), expected, "{text}");
        };
        check("a  b\tc", &["a", "b", "c"]);
        check(r#""a b" 'c d' e\ f"#, &["a b", "c d", "e f"]);
        check("a#b # c", &["a#b"]);
        check(r#""a\"b" \\ \x"#, &["a\"b", "\\", "\\x"]);
        assert!(words("\"a").is_err());
    }

    #[test]
    fn times_have_units() {
        let check = |text, expected| assert_eq!(duration_s(text), expected, "{text}");
        check("90", Some(90));
        check("1m30s", Some(90));
        check("1h", Some(3600));
        check("1h5", Some(3605));
        check("", None);
        check("m", None);
        check("5x", None);
        check("99999999999999999999", None);
    }

    #[test]
    fn tokens_are_put_in() {
        let tokens = [('h', "nas"), ('p', "22")];
        assert_eq!(expand("%h:%p %% %x %", &tokens), "nas:22 % %x %");
        assert_eq!(expand("a$b ${IVRKIT_NO_SUCH_VARIABLE}c", &tokens), "a$b c");
    }
}
