//! Whatever the bytes are, loading them ends, soon, and without a panic.

#![allow(clippy::unwrap_used, reason = "test code panics where it cannot go on")]
#![expect(clippy::disallowed_types, reason = "a test of time needs a clock")]

use ivrkit_dialplan::{
    dialplan::{self, Dialplan},
    syntax::{Contents, Found, Kind, Lines, MAX_DERIVED_BYTES, Nothing, Provider},
};
use proptest::prelude::*;
use std::{
    convert::Infallible,
    sync::Arc,
    time::{Duration, Instant},
};

/// Every name is a file with the same bytes.
struct Everything(Arc<Vec<u8>>);

impl Provider for Everything {
    fn find(&mut self, name: &[u8]) -> Vec<Found> {
        vec![Found { path: name.to_vec(), contents: Contents::File(Arc::clone(&self.0)) }]
    }
}

/// What lines are made of.
const WORDS: &[&str] = &[
    "[a]",
    "[a](+)",
    "[b](a)",
    "[t](!)",
    "[c](t,b)",
    "[globals]",
    "exten => ",
    "exten = ",
    "same => ",
    "include => ",
    "switch => ",
    "ignorepat => ",
    "#include x",
    "1",
    "_X.",
    "_[1-3]",
    "_[",
    "s",
    ",",
    "n",
    "1,",
    "n,",
    "hint,",
    "(lab)",
    "lab",
    "+2",
    "+= ",
    "NoOp(a)",
    "${A}",
    "${A:1:-1}",
    "$[1+",
    "${LEN(",
    ")",
    "]",
    ";",
    ";--",
    "--;",
    "\\;",
    "\\",
    "=",
    "/5",
    "-",
    " ",
    "\t",
    "\0",
    "\r\n",
    "A=1",
    "9:00-17:00,mon-fri,*,*",
];

/// Looks at all of a dialplan.
fn check(dialplan: &Dialplan) {
    let ignored = |_: &[u8]| Ok::<(), Infallible>(());
    let shown = dialplan.show(None, None, ignored).unwrap().unwrap();
    assert_eq!(shown.contexts, dialplan.contexts.len());
    for context in &dialplan.contexts {
        let keys: Vec<_> = context.extensions.iter().map(|extension| &extension.key).collect();
        assert!(keys.is_sorted(), "{keys:?}");
        for extension in &context.extensions {
            let numbers: Vec<_> = extension.priorities.iter().map(|one| one.number).collect();
            assert!(!numbers.is_empty() && numbers.is_sorted_by(|one, next| one < next));
        }
    }
    let mut lines = Lines::new(&dialplan.files);
    for message in &dialplan.messages {
        let excerpt = lines.excerpt(message.place);
        assert!(excerpt.start <= excerpt.end && excerpt.column() <= excerpt.end_column());
    }
    let _ = dialplan.show(None, Some(b"12"), ignored).unwrap();
}

/// Lines made of what lines are made of.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => prop::sample::select(WORDS).prop_map(|word| word.as_bytes().to_vec()),
        3 => Just(b"\n".to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..3),
    ];
    prop::collection::vec(piece, 0..80).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_load(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        check(&dialplan::load(b"x", bytes, &mut Nothing));
    }

    #[test]
    fn any_lines_load(bytes in text()) {
        check(&dialplan::load(b"x", bytes, &mut Nothing));
    }

    #[test]
    fn any_lines_load_when_they_include_themselves(bytes in text()) {
        let mut provider = Everything(Arc::new(bytes.clone()));
        // Files that include themselves twice double with each level.
        prop_assume!(bytes.windows(9).filter(|part| part == b"#include ").count() < 3);
        check(&dialplan::load(b"x", bytes, &mut provider));
    }
}

/// Asterisk has no such limit and would take all the memory there is.
#[test]
fn what_variables_make_of_a_text_has_an_end() {
    const LINES: usize = MAX_DERIVED_BYTES / 8190 + 10;
    let long = "x".repeat(4_095);
    let line = "B=${A}${A}\n";
    let text = format!("[globals]\nA={long}\n{}[a]\nexten => s,1,A\n", line.repeat(LINES));
    let dialplan = dialplan::load(b"x", text.into_bytes(), &mut Nothing);
    let limits = dialplan.messages.iter().filter(|message| message.kind == Kind::Limit);
    let lines: Vec<_> = limits.map(|message| message.line).collect();
    assert!((1..50).contains(&lines.len()), "{lines:?}");
    assert_eq!(lines.last(), Some(&u32::try_from(LINES + 2).unwrap()), "the last lines are cut");
    assert_eq!(dialplan.globals[&b"B"[..]], b"");
    assert_eq!(dialplan.contexts.len(), 1, "what follows is loaded");
}

/// Loads a text that grows; four times the lines may not take more than about four times as long.
fn check_growth(what: &str, text: impl Fn(usize) -> String) {
    let taken = |lines: usize| {
        let bytes = text(lines).into_bytes();
        let start = Instant::now();
        let dialplan = dialplan::load(b"x", bytes, &mut Nothing);
        let taken = start.elapsed();
        assert!(!dialplan.files.all().is_empty());
        taken
    };
    let best = |lines| (0..3).map(|_| taken(lines)).min().unwrap();
    let (small, large) = (best(5_000), best(20_000));
    // Sixteen times would be quadratic; a busy machine gets the benefit of the doubt.
    assert!(large < 10 * small + Duration::from_millis(100), "{what}: {small:?}, {large:?}");
}

#[test]
fn time_grows_with_the_lines_and_no_faster() {
    let lines = |line: fn(usize, usize) -> String| {
        move |count: usize| (0..count).map(|at| line(at, count)).collect::<Vec<_>>().concat()
    };
    let within = |line| move |count| "[a]\nexten => s,1,NoOp\n".to_owned() + &lines(line)(count);
    check_growth("sections", lines(|at, _| format!("[a{at}]\n")));
    check_growth("templates", lines(|at, _| format!("[a{at}](!)\n[b](a{at})\n")));
    check_growth("sections gone on with", lines(|at, _| format!("[a{at}]\n[a0](+)\n")));
    check_growth("extensions", within(|at, _| format!("exten => {at},1,NoOp\n")));
    check_growth("patterns", within(|at, _| format!("exten => _{at}X,1,NoOp\n")));
    check_growth("falling patterns", within(|at, all| format!("exten => _{},1,A\n", all - at)));
    check_growth("falling priorities", within(|at, all| format!("exten => s,{},A\n", all - at)));
    check_growth("the same priority", within(|_, _| "exten => s,1,NoOp\n".to_owned()));
    check_growth("the same label", within(|_, _| "same => n(again),NoOp\n".to_owned()));
    check_growth("labels looked for", within(|at, _| format!("exten => {at},there,NoOp\n")));
    check_growth("includes", within(|at, _| format!("include => b{at}\n")));
    check_growth("comments", lines(|_, _| ";-- a\n".to_owned()));
    check_growth("text added to nothing", within(|at, _| format!("x{at} += x\n")));
    check_growth("added text", within(|_, _| "same += x\n".to_owned()));
}
