//! `Verbose` and `Log`: lines that the dialplan writes to the log.

use super::{
    super::{exchange::What, line::Line},
    Outcome,
};
use crate::{
    application::arguments::{Text, split_at, unquoted},
    number::scanned,
};
use std::borrow::Cow;

/// The levels of `Log`, without those that modules such as `res_fax` bring along.
const LEVELS: [&str; 6] = ["ERROR", "WARNING", "NOTICE", "DEBUG", "VERBOSE", "DTMF"];

/// What is given: the first argument without quotes, and the others as they are.
struct Given<'a> {
    first: Cow<'a, [u8]>,
    text: Option<&'a [u8]>,
}

/// `Verbose(level,text)`; a text alone has level 0.
pub(super) fn verbose(line: &Line, data: &[u8]) -> Outcome {
    let Some(Given { first, text }) = given(data) else { return Outcome::Next };
    let (level, text) = text.map_or((&b"0"[..], &first[..]), |text| (&first[..], text));
    if scanned(level, 30).is_none() {
        let shown = level.escape_ascii();
        line.complain(None, format!("{shown} is no level of Verbose"));
    }
    write(line, "VERBOSE", text);
    Outcome::Next
}

/// `Log(level,text)`.
pub(super) fn log(line: &Line, data: &[u8]) -> Outcome {
    let Some(Given { first: level, text }) = given(data) else { return Outcome::Next };
    // What the C library prints for no text.
    let text = text.unwrap_or(b"(null)");
    let known = LEVELS.iter().find(|known| level.eq_ignore_ascii_case(known.as_bytes()));
    if let Some(known) = known {
        write(line, known, text);
    } else {
        let shown = level.escape_ascii();
        line.complain(None, format!("the log has no level {shown}"));
    }
    Outcome::Next
}

/// None without data.
fn given(data: &[u8]) -> Option<Given<'_>> {
    let mut arguments = split_at(data, b',', 2, Text::Expanded).into_iter();
    let first = unquoted(&data[arguments.next()?]);
    Some(Given { first, text: arguments.next().map(|range| &data[range]) })
}

fn write(line: &Line, level: &str, text: &[u8]) {
    line.tell(What::Logged { level: level.to_owned(), text: text.to_vec() });
}

#[cfg(test)]
mod tests {
    use crate::call::application::testing::{check, check_complaints};

    #[test]
    fn lines_are_written_to_the_log() {
        let dialplan = "[m]\nexten => s,1,Verbose(2,a,b)\nsame => n,Verbose(hello)\n\
            same => n,Verbose()\nsame => n,Verbose(x,c)\nsame => n,Log(notice,a \"b\")\n\
            same => n,Log(NOTICE)\nsame => n,Log(NOPE,x)\nsame => n,Log()\n";
        let expected = [
            "m,s,1 Verbose(2,a,b)",
            "log VERBOSE a,b",
            "m,s,2 Verbose(hello)",
            "log VERBOSE hello",
            "m,s,3 Verbose()",
            "m,s,4 Verbose(x,c)",
            "log VERBOSE c",
            "m,s,5 Log(notice,a \"b\")",
            "log NOTICE a \"b\"",
            "m,s,6 Log(NOTICE)",
            "log NOTICE (null)",
            "m,s,7 Log(NOPE,x)",
            "m,s,8 Log()",
            "end m,s,9",
        ];
        check(dialplan, "s", &expected);
        let complaints = ["x is no level of Verbose", "the log has no level NOPE"];
        check_complaints(dialplan, "s", &complaints);
    }
}
