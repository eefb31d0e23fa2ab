//! Random `${...}` and `$[...]` on real Asterisk: what they are worth at load, and what is said.
//!
//! Each is the value of a global variable. Between two of them an unknown function is asked, which
//! parts in the log what is said about the one from what is said about the next.

#![allow(clippy::unwrap_used, reason = "test code panics where it cannot go on")]

#[path = "support/complaints.rs"]
mod complaints;
mod support;

use ivrkit_dialplan::{dialplan, syntax::Nothing};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};
pub(crate) use support::asterisk;
use support::asterisk::{Asterisk, Version};

/// How many are loaded at once: Asterisk discards what comes when a thousand lines wait for its
/// log.
const IN_ONE_LOAD: usize = 60;

/// Globals that the expansions use.
const GLOBALS: &str = "[general]\nclearglobalvars=yes\n[globals]\nWORD=abc\nNUMBER=12\nEMPTY=\n\
                       LIST=a,b,,c\nDASHES=x-y-z\nQUOTED=\"a b\"\n";

#[test]
fn expressions_are_worth_the_same_on_asterisk_16() {
    check(Version::V16, expression, 3_000);
}

#[test]
fn expressions_are_worth_the_same_on_asterisk_22() {
    check(Version::V22, expression, 3_000);
}

#[test]
fn functions_are_worth_the_same_on_asterisk_16() {
    check(Version::V16, function, 3_000);
}

#[test]
fn functions_are_worth_the_same_on_asterisk_22() {
    check(Version::V22, function, 3_000);
}

/// What one expansion came to: its value, and the kinds of what was said.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Outcome {
    value: String,
    said: BTreeSet<String>,
}

#[track_caller]
fn check(version: Version, random: fn(&mut TestRunner) -> String, count: usize) {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let texts: Vec<String> = (0..count).map(|_| random(&mut runner)).collect();
    let pbx = Asterisk::start(version, None);
    let (mut differing, mut not_modelled) = (0, 0);
    for batch in texts.chunks(IN_ONE_LOAD) {
        let script = script(batch);
        let (ours, theirs) = (ours(&script, batch.len()), theirs(&pbx, &script, batch.len()));
        for ((text, ours), theirs) in batch.iter().zip(ours).zip(theirs) {
            if ours.said.contains("not-modelled") {
                not_modelled += 1;
            } else if ours != theirs {
                differing += 1;
                println!("{text}\n  ours {ours:?}\n  real {theirs:?}");
            }
        }
    }
    println!("{differing} of {count} differ on {version}, {not_modelled} are not modelled");
    assert_eq!(differing, 0, "of {count} on {version}");
    assert!(not_modelled * 20 <= count, "{not_modelled} of {count} are not modelled");
}

fn script(batch: &[String]) -> String {
    let mut script = String::from(GLOBALS);
    for (number, text) in batch.iter().enumerate() {
        writeln!(script, "mark{number}=${{MARK{number}()}}\nvalue{number}=<{text}>").unwrap();
    }
    writeln!(script, "mark{0}=${{MARK{0}()}}", batch.len()).unwrap();
    script
}

fn ours(script: &str, count: usize) -> Vec<Outcome> {
    let dialplan = dialplan::load(b"extensions.conf", script.as_bytes().to_vec(), &mut Nothing);
    let first = GLOBALS.lines().count() + 2;
    let outcome = |number: usize| {
        let value = &dialplan.globals[format!("value{number}").as_bytes()];
        let line = u32::try_from(first + 2 * number).unwrap();
        let said = dialplan.messages.iter().filter(|message| message.line == line);
        let said = said.map(|message| message.kind.name().to_owned()).collect();
        // The listing goes line by line.
        let value = value.split(|&byte| byte == b'\n').next().unwrap_or_default();
        Outcome { value: String::from_utf8_lossy(value).into_owned(), said }
    };
    (0..count).map(outcome).collect()
}

fn theirs(pbx: &Asterisk, script: &str, count: usize) -> Vec<Outcome> {
    std::fs::write(pbx.etc().join("extensions.conf"), script).unwrap();
    pbx.messages();
    pbx.command("dialplan reload");
    let mut said = vec![BTreeSet::new(); count + 1];
    let mut current = None;
    for message in pbx.messages() {
        if let Some(mark) = mark(&message.text) {
            current = Some(mark);
        } else if let Some(current) = current {
            said[current].insert(complaints::complaint(&message));
        }
    }
    let listing = pbx.manager().command_bytes("dialplan show globals");
    let listing = String::from_utf8_lossy(&listing).into_owned();
    let values: BTreeMap<&str, &str> =
        listing.lines().filter_map(|line| line.trim_start().split_once('=')).collect();
    let outcome = |(number, said)| {
        let value = values[format!("value{number}").as_str()].to_owned();
        Outcome { value, said }
    };
    said.into_iter().take(count).enumerate().map(outcome).collect()
}

/// `Function MARK12 not registered` is mark 12.
fn mark(text: &str) -> Option<usize> {
    let (_, after) = text.split_once("Function MARK")?;
    after.split_once(' ')?.0.parse().ok()
}

fn expression(runner: &mut TestRunner) -> String {
    let number = "([0-9]|[1-9][0-9]{1,5}|[0-9]\\.[0-9]{1,3}|0\\.0|00|[1-9][0-9]{17,21}|\\.5|2\\.)";
    let digits = "([0-9]|[1-9][0-9]{1,5}|[0-9]{1,2}\\.[0-9]{1,3}|[1-9][0-9]{17,21})";
    let word = "([a-cA-C]{1,3}|\"[a-c ]{0,4}\"|\"[0-9]\"|\\$\\{WORD\\}|\\$\\{NUMBER\\}|\\$\\{EMPTY\\}|\
                \"\\$\\{EMPTY\\}\"|_x|a#|a\\.b|\\$\\{QUOTED\\}|[ä-ö]|x@y)";
    let pattern = "(\"[ab.^$*+?(|)]{1,6}\"|\"\\[(\\^)?[a-c]{1,2}\\]([+*?]|\\{1,2\\})?\"|\"([ab]|\\.|\\(a\\)|\\(b\\|ab\\)|\\(a\\*\\)){1,4}\\$?\")";
    let function = "(FLOOR|CEIL|ROUND|RINT|TRUNC|SQRT|ABS|NOPE|LEN|floor)";
    let operand = format!(
        "({number}|{number}|{word}|\\(-?{number} [-+*/%] {number}\\)|{function}\\(-?{digits}\\)|\
         REMAINDER\\({digits},{digits}\\)|-{number}|!{word}|!{number})"
    );
    let operator = "(\\||&|&&|\\|\\||=|==|!=|>|<|>=|<=|\\+|-|\\*|/|%|~~)";
    let regex = match pick(runner, "[0-5]").as_str() {
        "0" => format!("{word} ?(:|=~) ?{pattern}"),
        "1" => format!("{operand} \\? {operand} :: {operand}"),
        "2" => format!("({operand}|{operator}|[()?,! ~]| |::){{1,6}}"),
        _ => format!("{operand}( ?{operator} ?{operand}){{1,4}}"),
    };
    format!("$[{}]", pick(runner, &regex))
}

/// A function with arguments that mostly fit, sometimes with a part of its value.
fn function(runner: &mut TestRunner) -> String {
    let variable = "(WORD|NUMBER|EMPTY|LIST|DASHES|QUOTED|LIST:1|NONE)";
    let mark = "(-|,|\\\\,|b|\\\\x2d|\\\\t|\"-\"|ab|)";
    let field = "(-?[1-3]-?|[1-3]-[1-3]|[1-3]&[1-3]|a|[2-3]-&1|-|)";
    let text =
        "([a-c1-3 _.!/%-]{0,8}|\"[a-c,]{1,4}\"|\\(a,b\\)|a\\\\,b|\\[a,b|\\$\\{WORD\\}|[ä-ö]{1,2})";
    let number = "(-?[0-9]{1,3}|[0-9]\\.[0-9]{1,3}| ?[1-9]|1e2|a|)";
    let regex = match pick(runner, "[a-p]").as_str() {
        "a" => format!("CUT\\({variable},{mark},{field}\\)"),
        "b" => format!("FIELDQTY\\({variable}(,{mark})?\\)"),
        "c" => format!("FIELDNUM\\({variable},{mark},{text}\\)"),
        "d" => format!("LISTFILTER\\({variable},{mark},[a-cx-z]?\\)"),
        "e" => format!("REPLACE\\({variable},([a-c,]|\\\\x61|\\\\,){{0,2}}(,{mark})?\\)"),
        "f" => format!("STRREPLACE\\({variable},[a-cx -]{{0,2}}(,{text}(,[0-3])?)?\\)"),
        "g" => format!("FILTER\\(([a-c1-3]|a-c|0-2|c-a|\\\\x6[12]|\\\\-){{0,3}}(,{text})?\\)"),
        "h" => format!("REGEX\\(\"([ab.^$*+?(|)]{{1,5}}|\\[[ab]\\]\\+|\\^[0-9]\\$)\"( {text})?\\)"),
        "i" => format!("IF\\( ?([0-2]|a|\\$\\[1=1\\]) ?\\? ?{text}x ?(:{text})?\\)"),
        "j" | "k" => format!(
            "MATH\\({number}([-+*/%^<>=]|>=|<=|==|>>|<<|AND|OR|XOR){number}(,(i|int|hex|f|float|c|x))?\\)"
        ),
        "l" => {
            format!("(URIENCODE|URIDECODE|KEYPADHASH|QUOTE)\\({text}(%[0-9a-f]{{0,2}})?{text}\\)")
        }
        "m" | "n" => format!(
            "SPRINTF\\((%[-0+ ]?[1-9]?(\\.[0-3])?[diuxXofs]|a|%%){{1,3}},{number},{number},{number}\\)"
        ),
        _ => format!("(LEN|TOUPPER|TOLOWER|EXISTS|ISNULL|PASSTHRU)\\({text}\\)"),
    };
    let part = pick(runner, "(||||:-?[0-3](:-?[0-3])?|:a|:1x:2|: 1)");
    format!("${{{}{part}}}", pick(runner, &regex))
}

fn pick(runner: &mut TestRunner, regex: &str) -> String {
    let strategy = proptest::string::string_regex(regex).unwrap();
    strategy.new_tree(runner).unwrap().current()
}
