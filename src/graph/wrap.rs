//! How wide texts are, and where they are broken.
//!
//! Nobody knows the font that a viewer takes, so widths are those of a wide one: a box may be a
//! little too large, no text is cut.

use unicode_width::UnicodeWidthChar as _;

/// The width of a text in pixels, for letters of a size in pixels.
pub(super) fn width_px(text: &str, size_px: f64) -> f64 {
    text.chars().map(width_em).sum::<f64>() * size_px
}

/// The lines of a text that are at most so wide. They break at blanks, after signs between words,
/// between wide characters, and anywhere in what is too long for one line.
pub(super) fn wrapped(text: &str, max_px: f64, size_px: f64) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut line_px = 0.0;
    for piece in pieces(text) {
        let piece_px = width_px(piece.trim_end(), size_px);
        if line_px + piece_px > max_px && !line.is_empty() {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
            line_px = 0.0;
        }
        for c in piece.chars() {
            let c_px = width_em(c) * size_px;
            if line_px + c_px > max_px && c != ' ' && !line.is_empty() {
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
                line_px = 0.0;
            }
            line.push(c);
            line_px += c_px;
        }
    }
    let last = line.trim_end();
    if !last.is_empty() || lines.is_empty() {
        lines.push(last.to_owned());
    }
    lines
}

/// What is not broken if it can be helped.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let end = at + c.len_utf8();
        let Some(&(_, next)) = chars.peek() else { break };
        let is_wide = |c: char| c.width() == Some(2);
        // A line does not begin with such a sign.
        let is_closing = "，。、；：？！）」』》”’,.;:!?) ".contains(next);
        let may_break = matches!(c, ' ' | ',' | ';' | '&' | '|' | '?') && next != ' '
            || (is_wide(c) || is_wide(next)) && !is_closing;
        if may_break {
            pieces.push(&text[start..end]);
            start = end;
        }
    }
    pieces.push(&text[start..]);
    pieces
}

/// A character's width in parts of the size of the letters.
fn width_em(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '\'' | '|' | '!' | '.' | ',' | ':' | ';' | 'I' => 0.34,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | ' ' | '/' | '\\' | '-' => 0.42,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.98,
        'A'..='Z' | '&' => 0.76,
        '{' | '}' | '$' | '_' | '0'..='9' | 'a'..='z' => 0.64,
        '+' | '<' | '=' | '>' | '~' | '^' | '#' => 0.84,
        _ => match c.width() {
            Some(0) | None => 0.0,
            Some(1) => 0.8,
            Some(_) => 1.04,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_where_people_would_break_them() {
        let check = |text: &str, max_px: f64, expected: &[&str]| {
            let found = wrapped(text, max_px, 10.0);
            assert_eq!(found, expected, "{text}");
            for line in &found {
                assert!(width_px(line, 10.0) <= max_px, "{line}");
            }
        };
        check("one two three", 50.0, &["one two", "three"]);
        check(
            "请输入您收到约考短信验证码，按#号键结束",
            105.0,
            &["请输入您收到约考短信", "验证码，按#号键结束"],
        );
        check("abcdefghijklmnop", 40.0, &["abcdef", "ghijklm", "nop"]);
        check("", 40.0, &[""]);
        check("a&b", 12.0, &["a", "&", "b"]);
    }
}
