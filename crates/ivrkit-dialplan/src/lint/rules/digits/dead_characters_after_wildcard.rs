//! Characters after the `.` or `!` of a pattern.

use super::bounded_entry::BoundedEntries;
use crate::{
    diagnostic::Severity,
    lint::{Check, Edit, Findings, Fix, Group, Origin, Safety, Subject, rule::rule},
    syntax::Place,
};

rule! {
    /// # What it finds
    /// A pattern that goes on after its `.` or `!`.
    ///
    /// # Why it hurts
    /// Nothing after `.` or `!` counts: `_X.#` is `_X.`. The `#` does not end what a caller types, so
    /// everybody waits for the digit time-out after the last key (5 s unless it was set), and anything
    /// that is long enough is taken, with a `#` or without: two keys of any kind are a code.
    ///
    /// # Example
    /// ```text
    /// exten => _X.#,1,UserEvent(DtmfEndString,Info: ${EXTEN})
    /// ```
    /// Better, if codes have 4 or 5 digits: each length of its own, which goes on at once after `#`.
    /// ```text
    /// exten => _XXXX,1,Goto(code-${EXTEN},1)
    /// exten => _XXXX#,1,Goto(code-${EXTEN:0:-1},1)
    /// exten => _XXXXX,1,Goto(code-${EXTEN},1)
    /// exten => _XXXXX#,1,Goto(code-${EXTEN:0:-1},1)
    /// exten => _code-X.,1,UserEvent(DtmfEndString,Info: ${EXTEN:5})
    /// ```
    /// Where callers type, `--unsafe-fixes` does it for codes of 4 to 8 digits, in the shortest way: the
    /// first step of `_X.#` gets the patterns `_XXXX`, `_XXXX#` and so on to `_XXXXXXXX#`, the others
    /// stay in `_X.`. Asterisk waits only for what has a first step, and looks each step up anew.
    pub(super) static RULE = {
        name: "dead-characters-after-wildcard",
        code: "D001",
        group: Group::Digits,
        severity: Severity::Error,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let mut bounded = None;
    for spelling in subject.spellings() {
        let name = spelling.bytes(subject);
        let Some(from) = wildcard(name).map(|at| at + 1) else { continue };
        if only_wildcards(&name[from..]) {
            continue;
        }
        let (kept, dead) = (name[..from].escape_ascii(), name[from..].escape_ascii());
        let wildcard = char::from(name[from - 1]);
        let message = match name[from..].trim_ascii() {
            [key @ (b'#' | b'*')] if wildcard == '.' => format!(
                "nothing after `.` counts, this is `{kept}`: `{}` does not end what is typed, and \
                 everybody waits for the digit time-out",
                char::from(*key)
            ),
            _ => format!("nothing after `{wildcard}` counts: `{dead}` is dead, this is `{kept}`"),
        };
        let place = |place: Place| {
            let is_whole = (place.end - place.start) as usize == name.len();
            is_whole.then(|| Place {
                start: place.end - u32::try_from(name.len() - from).expect("names are short"),
                ..place
            })
        };
        let finding = findings.report(place(spelling.place()).unwrap_or(spelling.place()), message);
        finding.help("write a pattern of its own for each length, as `_XXXX` and `_XXXX#`");
        let dead: Option<Vec<_>> = spelling.places.iter().copied().map(place).collect();
        let Some(dead) = dead else { continue };
        let mut edits: Vec<_> =
            dead.into_iter().map(|place| Edit { place, text: Vec::new() }).collect();
        let bounded = bounded.get_or_insert_with(|| BoundedEntries::new(subject));
        let mut places = spelling.places.iter().zip(0..);
        let title = match places.find_map(|(&at, nth)| Some((nth, bounded.edits(at)?))) {
            Some((nth, mut changes)) => {
                edits.swap_remove(nth);
                edits.append(&mut changes);
                "take 4 to 8 digits, ended by the key or by a pause"
            }
            None => "remove what does not count",
        };
        finding.fix = Some(Fix { title: title.to_owned(), safety: Safety::Unsafe, edits });
    }
}

/// Whether what follows would ask for any keys only: it is dead, but hardly missed.
pub(super) fn only_wildcards(dead: &[u8]) -> bool {
    dead.iter().all(|byte| b"XNZxnz.! ".contains(byte))
}

/// Where a pattern has its first `.` or `!` outside of `[]`.
pub(super) fn wildcard(name: &[u8]) -> Option<usize> {
    let mut is_in_set = false;
    let is_pattern = name.first() == Some(&b'_');
    name.iter().position(|&byte| {
        match byte {
            b'[' => is_in_set = true,
            b']' => is_in_set = false,
            _ => {}
        }
        is_pattern && !is_in_set && matches!(byte, b'.' | b'!')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn the_end_key_does_not_end_the_entry() {
        check(
            &RULE,
            "
            [a]
            exten => _X.#,1,NoOp()
                        ^ nothing after `.` counts, this is `_X.`: `#` does not end what is typed, and everybody waits for the digit time-out
            exten => _X.#,n,NoOp()
            exten => _[.]X,1,NoOp()
            exten => _X.,1,NoOp()
            exten => _Z./_X.,1,NoOp()
            exten => a.b,1,NoOp()
            exten => _.X,1,NoOp()
            ",
        );
    }

    #[test]
    fn blanks_and_more_are_as_dead() {
        check(
            &RULE,
            "
            [a]
            exten => _X. #, 1, NoOp()
                        ^^ nothing after `.` counts, this is `_X.`: `#` does not end what is typed, and everybody waits for the digit time-out
            exten => _9!00/123,1,NoOp()
                        ^^ nothing after `!` counts: `00` is dead, this is `_9!`
            ",
        );
    }

    #[test]
    fn the_fix_removes_them_from_every_line() {
        check_fix(
            &RULE,
            "
            [a]
            exten => _X.#,1,NoOp()
            exten => _X.#,n,Hangup()
            ",
            "
            [a]
            exten => _X.,1,NoOp()
            exten => _X.,n,Hangup()
            ",
        );
    }

    #[test]
    fn the_fix_of_a_menu_ends_entries_at_the_key() {
        check_fix(
            &RULE,
            "
            [a]
            exten = s,1,WaitExten(4)
            exten = _X. #, 1, NoOp(${EXTEN}) ; a code
            exten = _X. #, n, Hangup()
            ",
            "
            [a]
            exten = s,1,WaitExten(4)
            exten = _XXXX, 1, NoOp(${EXTEN}) ; a code
            exten = _XXXX#, 1, NoOp(${EXTEN}) ; a code
            exten = _XXXXX, 1, NoOp(${EXTEN}) ; a code
            exten = _XXXXX#, 1, NoOp(${EXTEN}) ; a code
            exten = _XXXXXX, 1, NoOp(${EXTEN}) ; a code
            exten = _XXXXXX#, 1, NoOp(${EXTEN}) ; a code
            exten = _XXXXXXX, 1, NoOp(${EXTEN}) ; a code
            exten = _XXXXXXX#, 1, NoOp(${EXTEN}) ; a code
            exten = _XXXXXXXX, 1, NoOp(${EXTEN}) ; a code
            exten = _XXXXXXXX#, 1, NoOp(${EXTEN}) ; a code
            exten = _X., n, Hangup()
            ",
        );
    }

    #[test]
    fn what_went_on_from_the_line_above_still_does() {
        check_fix(
            &RULE,
            "
            [a]
            exten => s,1,WaitExten(4)
            exten => _X.*,1,NoOp(${EXTEN})
             same => n(done),Hangup()
             same => n,NoOp()
            ",
            "
            [a]
            exten => s,1,WaitExten(4)
            exten => _XXXX,1,NoOp(${EXTEN})
            exten => _XXXX*,1,NoOp(${EXTEN})
            exten => _XXXXX,1,NoOp(${EXTEN})
            exten => _XXXXX*,1,NoOp(${EXTEN})
            exten => _XXXXXX,1,NoOp(${EXTEN})
            exten => _XXXXXX*,1,NoOp(${EXTEN})
            exten => _XXXXXXX,1,NoOp(${EXTEN})
            exten => _XXXXXXX*,1,NoOp(${EXTEN})
            exten => _XXXXXXXX,1,NoOp(${EXTEN})
            exten => _XXXXXXXX*,1,NoOp(${EXTEN})
             exten => _X.,n(done),Hangup()
             same => n,NoOp()
            ",
        );
    }
}
