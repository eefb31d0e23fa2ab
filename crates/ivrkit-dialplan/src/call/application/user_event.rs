//! `UserEvent(name,field: value,...)`: tells whoever listens.
//!
//! Asterisk puts the fields into a JSON object (`apps/app_userevent.c`): a name that comes again
//! takes the new value at its old place, `eventname` is that of the event, and what is not UTF-8
//! fails.

use super::{
    super::{exchange::What, line::Line},
    Outcome,
};
use crate::{
    application::arguments::{Text, split_at, unquoted},
    syntax::strip,
};
use std::borrow::Cow;

/// Most arguments, the name included; the last has all that is left.
const MAX_ARGUMENTS: usize = 101;
/// The field under which Asterisk keeps the event's name.
const NAME: &[u8] = b"eventname";

/// Tells; what has no `:` is left out.
pub(super) fn run(line: &Line, data: &[u8]) -> Outcome {
    if data.is_empty() {
        line.complain(None, "UserEvent is given no name".to_owned());
        return Outcome::HangUp;
    }
    let ranges = split_at(data, b',', MAX_ARGUMENTS, Text::Expanded);
    let arguments: Vec<Cow<'_, [u8]>> = (ranges.into_iter().enumerate())
        .map(|(at, range)| {
            let argument = &data[range];
            if at + 1 < MAX_ARGUMENTS { unquoted(argument) } else { argument.into() }
        })
        .collect();
    let mut fields = vec![(NAME.to_vec(), arguments[0].to_vec())];
    for argument in &arguments[1..] {
        let Some(colon) = argument.iter().position(|&byte| byte == b':') else { continue };
        let (name, value) = (&argument[..colon], &argument[colon + 1..]);
        let (start, end) = strip(value);
        put(&mut fields, name, &value[start..end]);
    }
    let is_text = |bytes: &Vec<u8>| std::str::from_utf8(bytes).is_ok();
    if !fields.iter().all(|(name, value)| is_text(name) && is_text(value)) {
        return Outcome::HangUp;
    }
    let (_, name) = fields.remove(0);
    line.tell(What::UserEvent { name, fields });
    Outcome::Next
}

fn put(fields: &mut Vec<(Vec<u8>, Vec<u8>)>, name: &[u8], value: &[u8]) {
    if let Some(field) = fields.iter_mut().find(|(known, _)| known == name) {
        field.1 = value.to_vec();
    } else {
        fields.push((name.to_vec(), value.to_vec()));
    }
}

#[cfg(test)]
mod tests {
    use crate::call::application::testing::check;

    fn check_event(data: &str, expected: &str) {
        let dialplan = format!("[m]\nexten => s,1,UserEvent({data})\n");
        let step = format!("m,s,1 UserEvent({data})");
        check(&dialplan, "s", &[&step, &format!("event {expected}"), "end m,s,2"]);
    }

    #[test]
    fn names_keep_their_blanks_and_values_lose_them() {
        check_event("Name, A: 1,B:  s ,C,D:2", "Name  A: 1, B: s, D: 2");
        check_event(" Blank,A: 1", " Blank A: 1");
        check_event("Only", "Only");
        check_event(",A: 1", " A: 1");
        check_event("N,:1,A:,B: x:y: z", "N : 1, A: , B: x:y: z");
    }

    #[test]
    fn quotes_and_pairs_keep_commas_together() {
        check_event("N,\"A: 1,2\",B: \"q\"", "N A: 1,2, B: q");
        check_event("N,A: \\\"1\\\",B: x\\,y", "N A: \"1\", B: x,y");
        check_event("N,A: (1,2),B: [1,2]", "N A: (1,2), B: [1,2]");
        check_event("\"N\",A: 1", "N A: 1");
    }

    #[test]
    fn a_name_that_comes_again_takes_the_new_value() {
        check_event("N,A: 1,B: 2,A: 3", "N A: 3, B: 2");
        check_event("N,eventname: x,A: 1", "x A: 1");
    }

    #[test]
    fn without_a_name_or_with_other_bytes_the_call_ends() {
        check("[m]\nexten => s,1,UserEvent()\n", "s", &["m,s,1 UserEvent()", "end m,s,1"]);
        let dialplan = |data: &str| format!("[m]\nexten => s,1,UserEvent({data})\n");
        let step = "m,s,1 UserEvent(N,A: \u{fffd})";
        check(&dialplan("N,A: ${URIDECODE(%FF)}"), "s", &[step, "end m,s,1"]);
        let step = "m,s,1 UserEvent(\u{fffd},A: 1)";
        check(&dialplan("${URIDECODE(%FF)},A: 1"), "s", &[step, "end m,s,1"]);
    }
}
