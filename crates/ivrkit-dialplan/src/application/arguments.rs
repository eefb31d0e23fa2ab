//! What an application is given, split into arguments and options as Asterisk splits it.
//!
//! Asterisk splits after it has put values in place of `${...}` and `$[...]`. With
//! [`Text::Expanded`] a text is split as it does; with [`Text::Source`] those stand for one piece
//! whatever is in them, as in a dialplan that is not running. Must not expand anything.
//!
//! All results are ranges of bytes of the data, blanks included: Asterisk keeps them.

use std::{borrow::Cow, ops::Range};

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Text {
    /// From a dialplan: `${...}` and `$[...]` stand for values.
    Source,
    /// What an application gets to see.
    Expanded,
}

/// The options argument of an application.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// The options in their order.
    pub given: Vec<GivenOption>,
    /// Where an argument begins that no `)` ends; Asterisk warns and ignores it and what follows.
    pub unclosed: Option<usize>,
    /// Whether a value from outside stands among the letters, so that there may be more of them.
    pub is_open: bool,
}

/// One option as given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenOption {
    /// Its letter.
    pub letter: u8,
    /// Where the letter stands.
    pub at: usize,
    /// What stands in its parentheses, which are not part of it.
    pub argument: Option<Range<usize>>,
}

impl Options {
    /// The last option of that letter; Asterisk takes it if there are several.
    pub fn option(&self, letter: u8) -> Option<&GivenOption> {
        self.given.iter().rev().find(|option| option.letter == letter)
    }
}

/// Splits at commas, as most applications do (`AST_STANDARD_APP_ARGS`): not within parentheses,
/// brackets or double quotes, and not after a backslash. No data, no arguments.
///
/// Applications take the last argument they know with all that follows it; see [`split_at`].
pub fn split(data: &[u8], text: Text) -> Vec<Range<usize>> {
    split_at(data, b',', usize::MAX, text)
}

/// Splits at a delimiter into `limit` arguments at the most; the last has all that is left.
///
/// Parentheses and brackets are counted over the whole text: one that is left open in an argument
/// keeps all that follows together.
pub fn split_at(data: &[u8], delimiter: u8, limit: usize, text: Text) -> Vec<Range<usize>> {
    if data.is_empty() || limit == 0 {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut start = 0;
    for end in delimiters(data, delimiter, text).take(limit - 1) {
        found.push(start..end);
        start = end + 1;
    }
    found.push(start..data.len());
    found
}

/// The argument at that place, from 0, of those that [`split`] finds; without the others.
pub fn nth(data: &[u8], place: usize, text: Text) -> Option<Range<usize>> {
    let mut ends = delimiters(data, b',', text);
    let start = match place.checked_sub(1) {
        None => 0,
        Some(before) => ends.nth(before)? + 1,
    };
    (!data.is_empty()).then(|| start..ends.next().unwrap_or(data.len()))
}

/// What decides beside the delimiter where it parts: pairs, quotes, values and what takes their
/// meaning away.
const MEANS_SOMETHING: [bool; 256] = {
    let mut means = [false; 256];
    let mut left: &[u8] = b"()[]\"\\$";
    while let [byte, rest @ ..] = left {
        means[*byte as usize] = true;
        left = rest;
    }
    means
};

/// Where a delimiter stands outside of pairs and quotes.
fn delimiters(data: &[u8], delimiter: u8, text: Text) -> impl Iterator<Item = usize> {
    let (mut at, mut parentheses, mut brackets, mut is_quoted) = (0, 0_usize, 0_usize, false);
    std::iter::from_fn(move || {
        while at < data.len() {
            // Most bytes mean nothing.
            if data[at] != delimiter && !MEANS_SOMETHING[usize::from(data[at])] {
                at += 1;
                continue;
            }
            if text == Text::Source
                && let Some(end) = value_end(data, at)
            {
                at = end;
                continue;
            }
            let here = at;
            at += 1;
            match data[here] {
                b'(' => parentheses += 1,
                b')' => parentheses = parentheses.saturating_sub(1),
                b'[' => brackets += 1,
                b']' => brackets = brackets.saturating_sub(1),
                b'"' if delimiter != b'"' => is_quoted = !is_quoted,
                b'\\' => at += 1,
                byte if byte == delimiter && parentheses == 0 && brackets == 0 && !is_quoted => {
                    return Some(here);
                }
                _ => {}
            }
        }
        None
    })
}

/// Splits at each delimiter whatever stands around it, into `limit` pieces at the most; what is
/// left belongs to the last. `Goto` and its kind read their data like that.
pub fn split_plain(data: &[u8], delimiter: u8, limit: usize, text: Text) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < data.len() && found.len() + 1 < limit {
        if text == Text::Source
            && let Some(end) = value_end(data, at)
        {
            at = end;
            continue;
        }
        if data[at] == delimiter {
            found.push(start..at);
            start = at + 1;
        }
        at += 1;
    }
    found.push(start..data.len());
    found
}

/// The place of a byte outside of `${...}` and `$[...]`.
pub fn find_plain(data: &[u8], byte: u8, text: Text) -> Option<usize> {
    let mut at = 0;
    while at < data.len() {
        match value_end(data, at).filter(|_| text == Text::Source) {
            Some(end) => at = end,
            None if data[at] == byte => return Some(at),
            None => at += 1,
        }
    }
    None
}

/// An argument as the application sees it: without quotes, and backslashes taken away.
pub fn unquoted(argument: &[u8]) -> Cow<'_, [u8]> {
    if !argument.iter().any(|byte| matches!(byte, b'"' | b'\\')) {
        return Cow::Borrowed(argument);
    }
    let mut bytes = argument.iter();
    let mut plain = Vec::with_capacity(argument.len());
    while let Some(&byte) = bytes.next() {
        match byte {
            b'"' => {}
            b'\\' => plain.extend(bytes.next()),
            byte => plain.push(byte),
        }
    }
    Cow::Owned(plain)
}

/// Reads an options argument (`ast_app_parse_options`): letters, each with `(...)` behind it or
/// not. `argument` is its range in the data, from [`split`].
pub fn options(data: &[u8], argument: Range<usize>, text: Text) -> Options {
    let mut options = Options::default();
    let mut at = argument.start;
    while at < argument.end {
        if text == Text::Source
            && let Some(end) = value_end(&data[..argument.end], at)
        {
            options.is_open = true;
            at = end;
            continue;
        }
        let mut option = GivenOption { letter: data[at] & 0x7f, at, argument: None };
        at += 1;
        if at < argument.end && data[at] == b'(' {
            let start = at + 1;
            let Some(end) = closing_parenthesis(&data[..argument.end], start, text) else {
                options.unclosed = Some(start);
                break;
            };
            option.argument = Some(start..end);
            at = end + 1;
        }
        options.given.push(option);
    }
    options
}

/// Where the parenthesis ends whose content begins at `start`. Quotes count only around the whole.
fn closing_parenthesis(data: &[u8], start: usize, text: Text) -> Option<usize> {
    let (mut at, mut depth, mut is_quoted) = (start, 1, false);
    let has_quotes = data.get(start) == Some(&b'"');
    while at < data.len() {
        if text == Text::Source
            && let Some(end) = value_end(data, at)
        {
            at = end;
            continue;
        }
        match data[at] {
            b'(' if !is_quoted => depth += 1,
            b')' if !is_quoted => depth -= 1,
            b'"' if has_quotes => is_quoted = !is_quoted,
            b'\\' => at += 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// One past the end of a `${...}` or `$[...]` that begins here. What has no end reaches as far as
/// the text, as in Asterisk.
pub fn value_end(data: &[u8], at: usize) -> Option<usize> {
    if *data.get(at)? != b'$' {
        return None;
    }
    let (open, close) = match data.get(at + 1)? {
        b'{' => (b'{', b'}'),
        b'[' => (b'[', b']'),
        _ => return None,
    };
    let mut depth = 0;
    for (place, &byte) in data.iter().enumerate().skip(at + 1) {
        depth += i32::from(byte == open) - i32::from(byte == close);
        if depth == 0 {
            return Some(place + 1);
        }
    }
    Some(data.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(data: &str, ranges: &[Range<usize>]) -> Vec<String> {
        ranges.iter().map(|range| data[range.clone()].to_owned()).collect()
    }

    fn check(data: &str, expected: &[&str]) {
        let found = split(data.as_bytes(), Text::Source);
        assert_eq!(pieces(data, &found), expected, "{data}");
    }

    #[test]
    fn arguments_are_split_at_commas_outside_of_pairs() {
        check("", &[]);
        check("a", &["a"]);
        check("a,b", &["a", "b"]);
        check(" a , b ", &[" a ", " b "]);
        check("a,", &["a", ""]);
        check(",,", &["", "", ""]);
        check("a,b(c,d),e", &["a", "b(c,d)", "e"]);
        check("a[1,2],b", &["a[1,2]", "b"]);
        check("\"a,b\",c", &["\"a,b\"", "c"]);
        check("a\\,b,c", &["a\\,b", "c"]);
        check("a(b,c", &["a(b,c"]);
        check("a),b", &["a)", "b"]);
        check("\\", &["\\"]);
    }

    #[test]
    fn a_value_is_one_piece_whatever_is_in_it() {
        check("${CUT(a,\\,,1)},b", &["${CUT(a,\\,,1)}", "b"]);
        check("${A,${B,C}},d", &["${A,${B,C}}", "d"]);
        check("$[1,2],b", &["$[1,2]", "b"]);
        check("${A,b", &["${A,b"]);
        let expanded = split(b"${A,b}", Text::Expanded);
        assert_eq!(expanded, [0..3, 4..6]);
    }

    #[test]
    fn the_last_argument_has_all_that_is_left() {
        let found = split_at(b"a,b,c,d", b',', 3, Text::Expanded);
        assert_eq!(pieces("a,b,c,d", &found), ["a", "b", "c,d"]);
        let found = split_at(b"x?a:b?c", b'?', 2, Text::Expanded);
        assert_eq!(pieces("x?a:b?c", &found), ["x", "a:b?c"]);
    }

    #[test]
    fn plain_pieces_know_no_pairs() {
        let found = split_plain(b"(a,b),c", b',', 3, Text::Source);
        assert_eq!(pieces("(a,b),c", &found), ["(a", "b)", "c"]);
        assert_eq!(split_plain(b"", b',', 3, Text::Source).len(), 1);
        assert_eq!(find_plain(b"$[a?b]?c", b'?', Text::Source), Some(6));
        assert_eq!(find_plain(b"abc", b'?', Text::Source), None);
    }

    #[test]
    fn quotes_and_backslashes_go() {
        let check = |text: &str, expected: &str| {
            assert_eq!(unquoted(text.as_bytes()), expected.as_bytes(), "{text}");
        };
        check("plain", "plain");
        check("\"a,b\"", "a,b");
        check("a\\,b\\\\", "a,b\\");
        check("a\\", "a");
    }

    /// Options as `letter` or `letter(argument)`, `!` for an argument without end, `?` for more.
    fn shown(data: &str) -> String {
        let options = options(data.as_bytes(), 0..data.len(), Text::Source);
        let mut text = String::new();
        for option in &options.given {
            text.push(char::from(option.letter));
            if let Some(argument) = &option.argument {
                text += &format!("({})", &data[argument.clone()]);
            }
            text.push(' ');
        }
        text += if options.unclosed.is_some() { "!" } else { "" };
        text += if options.is_open { "?" } else { "" };
        text.trim_end().to_owned()
    }

    #[test]
    fn options_are_letters_with_arguments() {
        let check = |data: &str, expected: &str| assert_eq!(shown(data), expected, "{data}");
        check("", "");
        check("tT", "t T");
        check("gU(sub^1)b(a^s^1(x,y))", "g U(sub^1) b(a^s^1(x,y))");
        check("m()r", "m() r");
        check("U(a", "!");
        check("tU(\"a)b\")g", "t U(\"a)b\") g");
        check("U(a\\)b)g", "U(a\\)b) g");
        check("t${MORE}g", "t g ?");
        check("U(${IF($[1]?a):b)})g", "U(${IF($[1]?a):b)}) g");
    }
}
