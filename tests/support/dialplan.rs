//! Reads a dialplan file as Asterisk does, as far as rendered ones need it.
//!
//! What Asterisk would complain about, and what ours never holds, is a panic.

use std::fmt;

/// Longest line that Asterisk reads.
const MAX_LINE_BYTES: usize = 8190;

/// One priority.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Step {
    pub(crate) context: String,
    pub(crate) exten: String,
    pub(crate) priority: u32,
    pub(crate) label: Option<String>,
    pub(crate) application: String,
    pub(crate) data: String,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { context, exten, priority, application, .. } = self;
        write!(f, "{context},{exten},{priority} {application}")
    }
}

/// The steps of a file, in its order.
pub(crate) fn read(text: &str) -> Vec<Step> {
    let (mut context, mut exten, mut last) = (String::new(), String::new(), 0);
    let mut block_comments = 0;
    let mut steps: Vec<Step> = Vec::new();
    for line in text.split('\n') {
        assert!(line.len() <= MAX_LINE_BYTES, "a line of {} bytes", line.len());
        let line = without_comments(line, &mut block_comments);
        let line = line.trim_matches(|c: char| c <= ' ');
        if line.is_empty() {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            (context, exten, last) = (name.to_owned(), String::new(), 0);
            continue;
        }
        let (keyword, value) = line.split_once("=>").unwrap_or_else(|| panic!("no =>: {line}"));
        let value = match keyword.trim() {
            "exten" => {
                let (name, rest) = value.trim_start().split_once(',').expect("an extension");
                name.clone_into(&mut exten);
                rest
            }
            "same" => value.trim_start(),
            _ => panic!("neither exten nor same: {line}"),
        };
        let mut step = step(&context, &exten, last, value);
        step.context.clone_from(&context);
        last = step.priority;
        steps.push(step);
    }
    assert_eq!(block_comments, 0, "a block comment without an end");
    steps
}

fn step(context: &str, exten: &str, last: u32, value: &str) -> Step {
    let (place, call) = value.split_once(',').unwrap_or_else(|| panic!("no application: {value}"));
    let (priority, label) = match place.split_once('(') {
        Some((priority, rest)) => (priority, Some(rest.strip_suffix(')').expect("a label ends"))),
        None => (place, None),
    };
    let (application, rest) = call.split_once('(').unwrap_or_else(|| panic!("no (: {call}"));
    let (data, after) = rest.rsplit_once(')').unwrap_or_else(|| panic!("no ): {call}"));
    assert_eq!(after, "", "text after the last ) is lost");
    Step {
        context: context.to_owned(),
        exten: exten.to_owned(),
        priority: if priority == "n" { last + 1 } else { priority.parse().expect("a priority") },
        label: label.map(str::to_owned),
        application: application.to_owned(),
        data: data.to_owned(),
    }
}

/// `;` cuts a line unless a backslash stands before it; `;--` opens a block comment unless a third
/// dash follows, `--;` closes one; a NUL cuts too.
fn without_comments(line: &str, blocks: &mut u32) -> String {
    let line = line.split('\0').next().unwrap_or_default();
    let mut kept = String::new();
    let mut rest = line;
    loop {
        if *blocks > 0 {
            let Some((_, after)) = rest.split_once("--;") else { return kept };
            (*blocks, rest) = (*blocks - 1, after);
        }
        let Some((before, after)) = rest.split_once(';') else { return kept + rest };
        assert!(!before.ends_with("--"), "an end of no block comment hides the rest of the file");
        if let Some(before) = before.strip_suffix('\\') {
            kept = kept + before + ";";
            rest = after;
        } else if after.starts_with("--") && !after.starts_with("---") {
            kept += before;
            (*blocks, rest) = (*blocks + 1, &after[2..]);
        } else {
            return kept + before;
        }
    }
}
