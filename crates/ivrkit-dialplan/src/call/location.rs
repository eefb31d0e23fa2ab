//! `[[context,]extension,]priority`, as applications are given it.

use super::line::Line;
use crate::number::scanned;

/// A place that was found out; an empty part stands for the current one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Location<'a> {
    context: &'a [u8],
    exten: &'a [u8],
    priority: i32,
}

impl Line {
    /// Reads a place; labels are looked up, `+` and `-` count from the running priority. None, and
    /// a complaint, if the priority is no number and no label.
    fn location<'a>(&self, text: &'a [u8]) -> Option<Location<'a>> {
        let mut parts = text.split(|&byte| byte == b',');
        let (given, context, exten, priority) = match (parts.next(), parts.next(), parts.next()) {
            (Some(priority), None, _) => (1, &b""[..], &b""[..], priority),
            (Some(exten), Some(priority), None) => (2, &b""[..], exten, priority),
            (Some(context), Some(exten), Some(priority)) => (3, context, exten, priority),
            (None, ..) => return None,
        };
        let (sign, rest) = match priority {
            [b'+', rest @ ..] => (1, rest),
            [b'-', rest @ ..] => (-1, rest),
            rest => (0, rest),
        };
        let number = scanned(rest, 30).filter(|_| is_number_alone(rest));
        let priority = match number {
            Some(number) if sign == 0 => number,
            Some(number) => self.with(|channel| channel.priority + sign * number),
            None => self.labelled(given, context, exten, rest)?,
        };
        Some(Location { context, exten, priority })
    }

    fn labelled(&self, given: usize, context: &[u8], exten: &[u8], label: &[u8]) -> Option<i32> {
        let current = self.with(|channel| (channel.context.clone(), channel.exten.clone()));
        // Given but empty is not the current one here: a label is looked for where nothing is.
        let context = if given > 2 { context } else { &current.0 };
        let exten = if given > 1 { exten } else { &current.1 };
        let found = self.label(context, exten, label).filter(|&number| number > 0);
        if found.is_none() {
            let shown = label.escape_ascii();
            self.complain(None, format!("{shown} is neither a number over 0 nor a label there"));
        }
        found
    }

    /// A place for later, with `(arguments)` behind it: what it does not say is where the channel is
    /// now.
    pub(super) fn whole_place(&self, text: &[u8]) -> Vec<u8> {
        let open = text.iter().position(|&byte| byte == b'(').unwrap_or(text.len());
        let (place, behind) = text.split_at(open);
        let parts: Vec<&[u8]> = place.split(|&byte| byte == b',').take(3).collect();
        let (context, exten, priority) = match parts[..] {
            [context, exten, priority] => (context, exten, priority),
            [exten, priority] => (&b""[..], exten, priority),
            _ => (&b""[..], &b""[..], place),
        };
        self.with(|channel| {
            let context = if context.is_empty() { &channel.context } else { context };
            let exten = if exten.is_empty() { &channel.exten } else { exten };
            [context, b",", exten, b",", priority, behind].concat()
        })
    }

    /// `Goto`: the channel goes to a place, which need not exist, unless it is sent elsewhere
    /// already. Whether the place could be read.
    pub(super) fn go(&self, text: &[u8]) -> bool {
        if text.is_empty() {
            self.complain(None, "a place to go to is missing".to_owned());
            return false;
        }
        let Some(to) = self.location(text) else { return false };
        self.with(|channel| {
            if !channel.hangup.is_redirected {
                channel.go(to.context, to.exten, to.priority);
            }
        });
        true
    }
}

/// Whether nothing but blanks follows the digits: `sscanf("%30d%1s")`.
fn is_number_alone(text: &[u8]) -> bool {
    crate::number::scanned_with_end(text, 30)
        .is_some_and(|(_, end)| text[end..].iter().all(u8::is_ascii_whitespace))
}
