//! Places as they are written: labels, routines, conditions with labels.
//!
//! Asterisk looks for `?`, `:`, `,` and `(` here wherever they stand, quotes and brackets or not,
//! but for `GosubIf` and `ExecIf`, which mind them. Must not know applications.

use super::{Form, Part, Role, Target};
use crate::application::arguments::{self, Text};
use std::ops::Range;

/// `[[context,]extension,]priority`, counted from the right, with any delimiter.
pub(super) fn label(
    data: &[u8],
    range: Range<usize>,
    form: Form,
    role: Role,
    text: Text,
) -> Option<Target> {
    // Carets become commas, so commas do as well where an option's parentheses or `Set` keep them.
    let has_caret = || arguments::find_plain(&data[range.clone()], b'^', text).is_some();
    let delimiter = if form == Form::Caret && has_caret() { b'^' } else { b',' };
    // A fourth part is not looked at.
    let mut parts = pieces(data, range.clone(), delimiter, 4, text);
    parts.truncate(3);
    let mut parts = parts.into_iter().rev().map(Part::Given);
    let priority = parts.next().unwrap_or(Part::Current);
    let exten = parts.next().unwrap_or(Part::Current);
    let context = parts.next().unwrap_or(Part::Current);
    let target = Target { whole: range, context, exten, priority, arguments: None, form, role };
    (!target.whole.is_empty()).then_some(target)
}

/// A label, and `(arguments)` behind it.
pub(super) fn subroutine(
    data: &[u8],
    range: Range<usize>,
    form: Form,
    role: Role,
    text: Text,
) -> Option<Target> {
    let Some(open) = arguments::find_plain(&data[range.clone()], b'(', text) else {
        return label(data, range, form, role, text);
    };
    let open = range.start + open;
    let close = data[open..range.end].iter().rposition(|&byte| byte == b')');
    let end = close.map_or(range.end, |close| open + close);
    let mut target = label(data, range.start..open, form, role, text)?;
    target.whole = range;
    target.arguments = Some(open + 1..end);
    Some(target)
}

/// A name whose arguments follow behind a delimiter; its extension `s` is run.
pub(super) fn routine(
    data: &[u8],
    range: Range<usize>,
    form: Form,
    delimiter: u8,
    role: Role,
    text: Text,
) -> Option<Target> {
    let parts = pieces(data, range.clone(), delimiter, 2, text);
    let target = Target {
        context: Part::Given(parts[0].clone()),
        exten: Part::Fixed("s"),
        priority: Part::Fixed("1"),
        arguments: parts.get(1).cloned(),
        whole: range,
        form,
        role,
    };
    (!target.whole.is_empty()).then_some(target)
}

/// A context, in which the caller's digits are an extension.
pub(super) fn context(range: Range<usize>, role: Role) -> Option<Target> {
    let (exten, priority) = (Part::Digits, Part::Fixed("1"));
    let context = Part::Given(range.clone());
    let form = Form::Context;
    let target = Target { whole: range, context, exten, priority, arguments: None, form, role };
    (!target.whole.is_empty()).then_some(target)
}

/// The two sides of `condition?true:false`, each with whether it is the true one. With `pairs`
/// quotes, parentheses and brackets keep their content together.
pub(super) fn branches(data: &[u8], pairs: bool, text: Text) -> Vec<(Range<usize>, bool)> {
    let split = |range: Range<usize>, delimiter| {
        if pairs {
            let found = arguments::split_at(&data[range.clone()], delimiter, 2, text);
            moved(found, range.start)
        } else {
            pieces(data, range, delimiter, 2, text)
        }
    };
    let Some(sides) = split(0..data.len(), b'?').get(1).cloned() else { return Vec::new() };
    let sides = split(sides, b':').into_iter().zip([true, false]);
    sides.filter(|(range, _)| !range.is_empty()).collect()
}

/// Splits a range wherever the delimiter stands.
pub(super) fn pieces(
    data: &[u8],
    range: Range<usize>,
    delimiter: u8,
    limit: usize,
    text: Text,
) -> Vec<Range<usize>> {
    let found = arguments::split_plain(&data[range.clone()], delimiter, limit, text);
    moved(found, range.start)
}

fn moved(ranges: Vec<Range<usize>>, by: usize) -> Vec<Range<usize>> {
    ranges.into_iter().map(|range| range.start + by..range.end + by).collect()
}
