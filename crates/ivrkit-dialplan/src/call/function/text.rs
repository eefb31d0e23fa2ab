//! `EVAL`, and what takes blanks away.

use super::{MAX_VALUE_BYTES, failed};
use crate::{
    call::{environment::OnLine, line::Line},
    expression,
    function::Called,
};

/// `EVAL(text)`: everything in it replaced once more.
pub(super) fn evaluated(line: &Line, text: &[u8]) -> Called {
    if text.is_empty() {
        return failed(line, "EVAL takes a text");
    }
    Called::Value(expression::substitute(text, MAX_VALUE_BYTES, &mut OnLine { line }))
}

/// `CSV_QUOTE(text)`: in quotes, those within doubled.
pub(super) fn quoted(text: &[u8]) -> Called {
    let mut quoted = vec![b'"'];
    for &byte in text.iter().take(MAX_VALUE_BYTES) {
        quoted.extend(std::iter::repeat_n(byte, if byte == b'"' { 2 } else { 1 }));
    }
    quoted.truncate(MAX_VALUE_BYTES - 1);
    quoted.push(b'"');
    Called::Value(quoted)
}

/// `TRIM(text)`, `LTRIM(text)` and `RTRIM(text)`: without blanks at its ends.
pub(super) fn trimmed(text: &[u8], at_start: bool, at_end: bool) -> Called {
    if text.is_empty() {
        return Called::Failed;
    }
    let text = if at_start { text.trim_ascii_start() } else { text };
    Called::Value(if at_end { text.trim_ascii_end() } else { text }.to_vec())
}
