//! Random names of extensions on real Asterisk: in which order it lists them, and which of them a
//! random dialled string reaches.

#![allow(clippy::unwrap_used, reason = "test code panics where it cannot go on")]

mod support;

use ivrkit_dialplan::dialplan::{
    matching::{self, Model, Question},
    pattern::{ExtensionKey, Pattern},
};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use std::{collections::HashMap, fmt::Write as _};
use support::asterisk::{Asterisk, Trace, Version, What};

const CONTEXTS: usize = 200;
const CALLS_PER_CONTEXT: usize = 15;

/// A dialplan of random extensions; each returns its number when it is reached.
struct Plan(Vec<Ctx>);

struct Ctx {
    name: String,
    extensions: Vec<Exten>,
    include: Option<String>,
}

#[derive(Clone)]
struct Exten {
    number: usize,
    key: ExtensionKey,
    /// As written in the file.
    written: String,
    priority: i32,
}

/// A dialled string in one of the contexts.
struct Call {
    context: String,
    digits: String,
    caller: String,
    priority: i32,
}

#[test]
fn asterisk_16_lists_and_matches_like_us() {
    check(Version::V16);
}

#[test]
fn asterisk_22_lists_and_matches_like_us() {
    check(Version::V22);
}

#[track_caller]
fn check(version: Version) {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let plan = Plan::random(&mut runner);
    let calls = random_calls(&plan, &mut runner);
    let pbx = Asterisk::start(version, None);
    let complaints = pbx.load(&(plan.text() + &script(&calls)));
    let unexpected = |text: &str| !text.contains("strongly discouraged");
    assert!(!complaints.iter().any(|message| unexpected(&message.text)), "{complaints:#?}");
    for context in &plan.0 {
        check_listing(&pbx, context);
    }
    check_calls(&plan, &calls, &pbx.call("run", "s", ""));
}

fn check_listing(pbx: &Asterisk, context: &Ctx) {
    let listing: Vec<String> = pbx
        .command(&format!("dialplan show {}", context.name))
        .into_iter()
        .filter_map(|line| Some(line.split_once("Return(")?.1.split_once(')')?.0.to_owned()))
        .collect();
    let expected: Vec<String> =
        context.extensions.iter().map(|extension| extension.number.to_string()).collect();
    let names: Vec<&str> =
        context.extensions.iter().map(|extension| extension.written.as_str()).collect();
    assert_eq!(listing, expected, "[{}] {names:#?}", context.name);
}

fn check_calls(plan: &Plan, calls: &[Call], trace: &Trace) {
    let reached: HashMap<usize, &str> = trace
        .events
        .iter()
        .filter_map(|event| match &event.what {
            What::Step { application, data, .. } if application == "NoOp" => {
                let (call, number) = data.split_once(' ')?;
                Some((call.parse().ok()?, number))
            }
            _ => None,
        })
        .collect();
    let mut answered = 0;
    for (number, call) in calls.iter().enumerate() {
        let question = Question {
            context: call.context.as_bytes(),
            digits: call.digits.as_bytes(),
            caller: call.caller.as_bytes(),
            priority: call.priority,
        };
        let answer = matching::answer(plan, &question);
        let expected = answer
            .exact()
            .map_or_else(|| "none".into(), |place| place.extension.number.to_string());
        answered += usize::from(expected != "none");
        let Call { context, digits, caller, priority } = call;
        assert_eq!(
            reached.get(&number),
            Some(&expected.as_str()),
            "{digits} from '{caller}', priority {priority}, in\n{}",
            plan.text_of(context)
        );
    }
    assert!(answered > calls.len() / 3, "only {answered} of {} calls are answered", calls.len());
}

/// One call of Asterisk that goes through all the dialled strings.
fn script(calls: &[Call]) -> String {
    let mut text = String::from("[run]\nexten => s,1,NoOp()\n");
    for (number, Call { context, digits, caller, priority }) in calls.iter().enumerate() {
        let place = format!("{context},{digits},{priority}");
        write!(
            text,
            " same => n,Set(CALLERID(num)={caller})\n \
             same => n,ExecIf(${{DIALPLAN_EXISTS({place})}}?Gosub({place}):Set(GOSUB_RETVAL=none))\n \
             same => n,NoOp({number} ${{GOSUB_RETVAL}})\n"
        )
        .unwrap();
    }
    text
}

/// Half of the strings are made to fit one of the context's extensions.
fn random_calls(plan: &Plan, runner: &mut TestRunner) -> Vec<Call> {
    let mut calls = Vec::new();
    for context in &plan.0 {
        for number in 0..CALLS_PER_CONTEXT {
            let extension = &context.extensions[number % context.extensions.len()];
            let fitting = fitting_digits(&extension.written, runner);
            let random = pick(runner, "[0-3#*a_é-]{0,3}[0-3a]");
            calls.push(Call {
                context: context.name.clone(),
                digits: if number.is_multiple_of(2) && !fitting.is_empty() {
                    fitting
                } else {
                    random
                },
                caller: pick(runner, "[12]{0,2}"),
                priority: 1 + i32::from(number % 4 == 3),
            });
        }
    }
    calls
}

/// A string like the one that a name describes.
fn fitting_digits(written: &str, runner: &mut TestRunner) -> String {
    let name = written.split('/').next().unwrap();
    let Some(places) = name.strip_prefix('_') else { return name.to_owned() };
    places
        .chars()
        .filter(|c| !"[]".contains(*c))
        .map(|c| match c {
            'x' | 'X' | 'z' | 'Z' | 'n' | 'N' => pick(runner, "[0-3]"),
            '.' | '!' => pick(runner, "[0-3]{0,2}"),
            other => other.to_string(),
        })
        .collect()
}

/// A name, and in a quarter of all cases the caller it asks for.
fn random_extension(runner: &mut TestRunner) -> String {
    let shape = pick(runner, "[0-9]");
    let name = match shape.as_str() {
        "0" | "1" => "[0-3#*a-]{0,3}[0-3aé]",
        "2" => "-_[0-3X]{1,2}",
        _ => "_([0-3XzNn#a!é.-]|\\[[0-3]-[0-3]\\]|\\[[0-3aXé-]{0,4}\\]|X|N|[12]){1,4}[.!]?",
    };
    let caller = if shape.as_str() > "7" { "/_?[12X]{0,2}" } else { "" };
    pick(runner, name) + &pick(runner, caller)
}

fn pick(runner: &mut TestRunner, regex: &str) -> String {
    let strategy = proptest::string::string_regex(regex).unwrap();
    strategy.new_tree(runner).unwrap().current()
}

impl Plan {
    fn random(runner: &mut TestRunner) -> Self {
        let mut number = 0;
        let contexts = (0..CONTEXTS).map(|place| {
            let mut extensions: Vec<Exten> = Vec::new();
            for _ in 0..14 {
                number += 1;
                let extension = Exten::new(number, random_extension(runner));
                if extensions.iter().all(|other| other.key != extension.key) {
                    extensions.push(extension);
                }
            }
            extensions.sort_by(|one, other| one.key.cmp(&other.key));
            let include = (place % 3 > 0).then(|| format!("c{}", place - 1));
            Ctx { name: format!("c{place}"), extensions, include }
        });
        Self(contexts.collect())
    }

    fn text(&self) -> String {
        self.0.iter().map(|context| self.text_of(&context.name)).collect()
    }

    /// The lines of a context, in the order of their numbers, so that sorting is Asterisk's.
    fn text_of(&self, name: &str) -> String {
        let context = self.context(name.as_bytes()).unwrap();
        let mut extensions = context.extensions.clone();
        extensions.sort_by_key(|extension| extension.number);
        let mut text = format!("[{name}]\n");
        for Exten { written, priority, number, .. } in extensions {
            writeln!(text, "exten => {written},{priority},Return({number})").unwrap();
        }
        let include = context.include.as_ref();
        text + &include.map_or_else(String::new, |include| format!("include => {include}\n"))
    }
}

impl Exten {
    /// Each fifth has no first step.
    fn new(number: usize, written: String) -> Self {
        let (name, caller) =
            written.split_once('/').map_or((written.as_str(), None), |(n, c)| (n, Some(c)));
        let key = ExtensionKey {
            pattern: Pattern::new(name.as_bytes()),
            caller: caller.map(|caller| Pattern::new(caller.as_bytes())),
        };
        Self { number, key, priority: 1 + i32::from(number.is_multiple_of(5)), written }
    }
}

impl Model for Plan {
    type Context = Ctx;
    type Extension = Exten;

    fn context(&self, name: &[u8]) -> Option<&Ctx> {
        self.0.iter().find(|context| context.name.as_bytes() == name)
    }

    fn name<'a>(&'a self, context: &'a Ctx) -> &'a [u8] {
        context.name.as_bytes()
    }

    fn extensions<'a>(&'a self, context: &'a Ctx) -> &'a [Exten] {
        &context.extensions
    }

    fn includes<'a>(&'a self, context: &'a Ctx) -> impl Iterator<Item = &'a [u8]> {
        context.include.iter().map(String::as_bytes)
    }

    fn has_switches(&self, _: &Ctx) -> bool {
        false
    }

    fn key<'a>(&'a self, extension: &'a Exten) -> &'a ExtensionKey {
        &extension.key
    }

    fn has_priority(&self, extension: &Exten, priority: i32) -> bool {
        extension.priority == priority
    }
}
