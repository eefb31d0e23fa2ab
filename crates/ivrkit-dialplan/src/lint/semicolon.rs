//! A `;` that was meant as a part of an argument. Asterisk begins a comment there.

use super::{Subject, subject::part};
use crate::syntax::Place;

/// The `;` that cuts a step's line within its parentheses, such that what follows closes them.
pub(super) fn cut(subject: &Subject<'_>, line: Place) -> Option<Place> {
    let bytes = subject.at(line);
    let code = subject.code(line);
    let mut open = balance(subject.at(code))?;
    let at = (code.end - line.start) as usize;
    let at = at + bytes[at..].iter().position(|&byte| byte == b';')?;
    for (after, &byte) in bytes[at..].iter().enumerate() {
        open += i32::from(byte == b'(') - i32::from(byte == b')');
        if open == 0 {
            let rest = bytes[at + after + 1..].trim_ascii_start();
            let is_end = rest.is_empty() || rest.starts_with(b";") || rest.starts_with(b"//");
            return is_end.then(|| part(line, at, at + 1));
        }
    }
    None
}

/// How many parentheses a text leaves open; none if it leaves none open, or closes one too many.
fn balance(code: &[u8]) -> Option<i32> {
    let mut open = 0;
    for &byte in code {
        open += i32::from(byte == b'(') - i32::from(byte == b')');
        if open < 0 {
            return None;
        }
    }
    (open > 0).then_some(open)
}
