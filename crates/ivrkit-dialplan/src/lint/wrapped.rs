//! Lines that a mail program or a word processor broke in two. Asterisk knows no such lines.

use super::Subject;
use crate::syntax::Place;

/// What lines of a dialplan begin with.
pub(super) const DIRECTIVES: [&[u8]; 8] =
    [b"exten", b"same", b"include", b"ignorepat", b"switch", b"lswitch", b"eswitch", b"autohints"];

/// The line below a step's line that it goes on in: the step's parentheses are open, and the line
/// below, which is nothing by itself, closes them.
pub(super) fn rest(subject: &Subject<'_>, line: Place) -> Option<Place> {
    let code = subject.code(line);
    let is_step = [b"exten".as_slice(), b"same"].iter().any(|word| begins(subject.at(code), word));
    if code != line || !is_step || open_parentheses(subject.at(code)) <= 0 {
        return None;
    }
    let below = below(subject, line)?;
    let text = subject.at(below);
    let is_line = matches!(text.first(), None | Some(b';' | b'[' | b'#'))
        || DIRECTIVES.iter().any(|directive| begins(text, directive));
    let closes = closes(text, open_parentheses(subject.at(code)));
    (!is_line && closes).then_some(below)
}

/// The line above that goes on in this one.
pub(super) fn head(subject: &Subject<'_>, line: Place) -> Option<Place> {
    let above = above(subject, line)?;
    (rest(subject, above) == Some(line)).then_some(above)
}

/// How many parentheses a text leaves open.
pub(super) fn open_parentheses(text: &[u8]) -> i32 {
    text.iter().map(|&byte| i32::from(byte == b'(') - i32::from(byte == b')')).sum()
}

fn closes(text: &[u8], open: i32) -> bool {
    let mut open = open;
    text.iter().any(|&byte| {
        open += i32::from(byte == b'(') - i32::from(byte == b')');
        open <= 0
    })
}

fn begins(text: &[u8], word: &[u8]) -> bool {
    text.len() >= word.len() && text[..word.len()].eq_ignore_ascii_case(word)
}

/// The line below without the blanks around it.
fn below(subject: &Subject<'_>, line: Place) -> Option<Place> {
    let bytes = subject.dialplan.files.file(line.file).bytes.as_slice();
    let end = line.end as usize;
    let start = end + bytes[end..].iter().position(|&byte| byte == b'\n')? + 1;
    let length = bytes[start..].iter().position(|&byte| byte == b'\n');
    Some(stripped(bytes, line.file, start, length.map_or(bytes.len(), |length| start + length)))
}

/// The line above without the blanks around it.
fn above(subject: &Subject<'_>, line: Place) -> Option<Place> {
    let bytes = subject.dialplan.files.file(line.file).bytes.as_slice();
    let end = bytes[..line.start as usize].iter().rposition(|&byte| byte == b'\n')?;
    let start = bytes[..end].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    Some(stripped(bytes, line.file, start, end))
}

fn stripped(bytes: &[u8], file: u32, start: usize, end: usize) -> Place {
    let (from, to) = crate::syntax::strip(&bytes[start..end]);
    let at = |offset: usize| u32::try_from(offset).expect("files are shorter than 4 GiB");
    Place { file, start: at(start + from), end: at(start + to) }
}
