//! Which extension is reached and what is waited for, in small dialplans.

use super::*;
use crate::dialplan::pattern::Pattern;
use proptest::prelude::*;
use std::fmt::Write as _;

/// A dialplan in the words of `extensions.conf`, as far as matching needs it.
struct Plan(Vec<Ctx>);

#[derive(Default)]
struct Ctx {
    name: String,
    extensions: Vec<Exten>,
    includes: Vec<String>,
    has_switches: bool,
}

struct Exten {
    key: ExtensionKey,
    priorities: Vec<i32>,
}

impl Plan {
    fn new(text: &str) -> Self {
        let mut contexts: Vec<Ctx> = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if let Some(name) = line.strip_prefix('[') {
                let name = name.trim_end_matches(']').to_owned();
                contexts.push(Ctx { name, ..Ctx::default() });
                continue;
            }
            let context = contexts.last_mut().expect("a context comes first");
            match line.split_once(" => ").expect("word => value") {
                ("include", name) => context.includes.push(name.to_owned()),
                ("switch", _) => context.has_switches = true,
                (_, extension) => context.add(extension),
            }
        }
        for context in &mut contexts {
            context.extensions.sort_by(|one, other| one.key.cmp(&other.key));
        }
        Self(contexts)
    }
}

impl Ctx {
    fn add(&mut self, extension: &str) {
        let (name, priority) = extension.rsplit_once(',').expect("name,priority");
        let (name, caller) = name.split_once('/').map_or((name, None), |(n, c)| (n, Some(c)));
        let key = ExtensionKey {
            pattern: Pattern::new(name.as_bytes()),
            caller: caller.map(|caller| Pattern::new(caller.as_bytes())),
        };
        let priority = priority.parse().expect("a number");
        match self.extensions.iter_mut().find(|extension| extension.key == key) {
            Some(extension) => extension.priorities.push(priority),
            None => self.extensions.push(Exten { key, priorities: vec![priority] }),
        }
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
        context.includes.iter().map(String::as_bytes)
    }

    fn has_switches(&self, context: &Ctx) -> bool {
        context.has_switches
    }

    fn key<'a>(&'a self, extension: &'a Exten) -> &'a ExtensionKey {
        &extension.key
    }

    fn has_priority(&self, extension: &Exten, priority: i32) -> bool {
        extension.priorities.contains(&priority)
    }
}

fn shown(place: &Place<'_, Exten>) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let key = &place.extension.key;
    let caller = key.caller.as_ref().map(|caller| format!("/{}", text(caller.name())));
    format!("{}@{}", text(key.pattern.name()) + &caller.unwrap_or_default(), text(place.context))
}

/// A call as `digits[/caller][,priority]`, from the context `m`.
fn ask<'a>(plan: &'a Plan, call: &str) -> Answer<'a, Exten> {
    let (call, priority) = call.split_once(',').unwrap_or((call, "1"));
    let (digits, caller) = call.split_once('/').unwrap_or((call, ""));
    let priority = priority.parse().expect("a number");
    let question =
        Question { context: b"m", digits: digits.as_bytes(), caller: caller.as_bytes(), priority };
    answer(plan, &question)
}

/// Calls with the extension that answers, then `~` and those that would make the caller wait.
#[track_caller]
fn check(dialplan: &str, calls: &str) {
    let plan = Plan::new(dialplan);
    let mut found = String::new();
    let calls: Vec<&str> = calls.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    for line in &calls {
        let call = line.split_once(" -> ").expect("call -> answer").0;
        let answer = ask(&plan, call);
        let exact = answer.exact().map_or_else(|| "none".to_owned(), shown);
        write!(found, "{call} -> {exact}").expect("a string takes all");
        if answer.match_more() {
            let longer: Vec<String> = answer.longer.iter().map(shown).collect();
            write!(found, " ~ {}", longer.join(" ")).expect("a string takes all");
        }
        found.push('\n');
    }
    assert_eq!(found.trim_end(), calls.join("\n"));
}

#[test]
fn plain_names_then_patterns_then_includes() {
    check(
        "[m]
         exten => 100,1
         exten => _1XX,1
         exten => _[12]XX,1
         exten => _NXX,1
         exten => _XXX,1
         exten => _X.,1
         exten => _4!,1
         include => n
         [n]
         exten => 300,1
         exten => *1,1
         exten => _*X,1
         exten => a,1",
        "100 -> 100@m ~ _X.@m
         101 -> _1XX@m ~ _X.@m
         201 -> _[12]XX@m ~ _X.@m
         300 -> _NXX@m ~ _X.@m
         001 -> _XXX@m ~ _X.@m
         1234 -> _X.@m ~ _X.@m
         4 -> _4!@m
         45 -> _4!@m
         *1 -> *1@n
         *2 -> _*X@n
         * -> none ~ *1@n _*X@n
         a -> a@n
         b -> none",
    );
}

#[test]
fn early_match_ends_the_question_for_more() {
    check(
        "[m]
         exten => 812,1
         exten => _8!,1
         exten => _8X.,1
         exten => _9!,1
         include => n
         include => o
         [n]
         exten => 81,1
         [o]
         exten => 91234,1",
        "9 -> _9!@m
         8 -> _8!@m ~ 812@m _8X.@m
         812 -> 812@m ~ _8X.@m
         82 -> _8!@m ~ _8X.@m",
    );
    check(
        "[m]
         include => a
         include => b
         [a]
         exten => _9!,1
         include => c
         [b]
         include => c
         [c]
         exten => 99,1",
        "9 -> _9!@a ~ 99@c",
    );
}

#[test]
fn callers() {
    check(
        "[m]
         exten => 1,1
         exten => 1,2
         exten => 1/55,1
         exten => 1/,1
         exten => 2/_5X,1
         exten => 345/7,1",
        "1 -> 1/@m
         1/55 -> 1/55@m
         1/55,2 -> 1@m
         1/4 -> 1@m
         2/57 -> 2/_5X@m
         2/67 -> none
         3 -> none
         3/7 -> none ~ 345/7@m",
    );
}

#[test]
fn each_priority_is_looked_up_anew() {
    check(
        "[m]
         exten => 100,1
         exten => _1XX,2
         include => n
         [n]
         exten => 100,2
         exten => 100,3",
        "100 -> 100@m
         100,2 -> _1XX@m
         100,3 -> 100@n
         100,4 -> none
         10,2 -> none ~ _1XX@m 100@n",
    );
}

#[test]
fn includes() {
    check(
        "[m]
         include => missing
         include => a
         include => M
         [a]
         include => m
         include => b
         [b]
         exten => 1,1
         [M]
         exten => 2,1",
        "1 -> 1@b
         2 -> none",
    );
}

#[test]
fn too_many_includes() {
    let chain = |length: usize| {
        let mut text = String::from("[m]\ninclude => c1\n");
        for at in 1..length {
            writeln!(text, "[c{at}]\ninclude => c{}", at + 1).expect("a string takes all");
        }
        text + &format!("[c{length}]\nexten => 1,1\n")
    };
    check(&chain(MAX_CONTEXTS - 1), "1 -> 1@c127");
    check(&chain(MAX_CONTEXTS), "1 -> none");
}

#[test]
fn verdicts() {
    let plan = Plan::new(
        "[m]
         exten => 12,1
         exten => 12/7,1
         exten => 123,1
         exten => 9,1
         exten => _1[34],1
         exten => _1X,2
         exten => _XX,1
         switch => DUNDi/x
         include => n
         [n]
         exten => 12,1
         switch => DUNDi/y",
    );
    let answer = ask(&plan, "12");
    let verdicts: Vec<String> = answer
        .candidates
        .iter()
        .map(|candidate| format!("{} {:?}", shown(&candidate.place), candidate.verdict))
        .collect();
    assert_eq!(
        verdicts,
        [
            "12/7@m OtherCaller",
            "12@m Answers",
            "123@m NeedsMore",
            "_1[34]@m OtherDigits",
            "_1X@m NoPriority",
            "_XX@m Shadowed",
            "12@n Shadowed",
        ]
    );
    assert!(answer.switches.is_empty());
    assert!(answer.can_match && answer.match_more());
    assert_eq!(ask(&plan, "777").switches, [b"m", b"n"]);
    assert!(!ask(&plan, "777").can_match);
}

#[test]
fn can_match_looks_past_an_early_match() {
    let plan = Plan::new(
        "[m]
         exten => _8!,2
         include => n
         [n]
         exten => 81,1",
    );
    let answer = ask(&plan, "8");
    assert!(answer.exact().is_none() && answer.can_match && !answer.match_more());
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[0-2-]{0,4}", "_[0-2XN.!]{0,4}", "_[0-2]\\[[0-2-]{0,3}\\][.!]?"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// What `pbx_find_extension` does, one extension after the other.
    #[test]
    fn agrees_with_a_walk_through_the_listing(
        names in prop::collection::vec(name(), 1..12),
        digits in "[0-2-]{0,4}",
    ) {
        let plan = Plan::new(&format!("[m]\nexten => {},1", names.join(",1\nexten => ")));
        let answer = ask(&plan, &digits);
        let all = || plan.0[0].extensions.iter();
        let says = |extension: &Exten| extension.key.pattern.matches(digits.as_bytes());
        let exact = all().find(|extension| says(extension).exact);
        prop_assert_eq!(
            answer.exact().map(|place| &place.extension.key),
            exact.map(|extension| &extension.key)
        );
        let more = all().map(|extension| says(extension).match_more).find(|&more| more != More::No);
        prop_assert_eq!(answer.match_more(), more == Some(More::Yes));
        prop_assert_eq!(answer.can_match, all().any(|extension| says(extension).can_match));
    }
}

/// What was found, as the name of its extension.
fn found_name(found: &Found<'_, Plan>) -> Option<Vec<u8>> {
    match found {
        Found::Extension(extension) => Some(extension.key.pattern.name().to_vec()),
        Found::Switch(_) => Some(b"switch".to_vec()),
        Found::Nothing => None,
    }
}

proptest! {
    /// The quick ways find what the thorough one does, in contexts that include each other.
    #[test]
    fn one_is_found_as_among_all(
        first in prop::collection::vec((name(), 1..3_i32), 1..8),
        second in prop::collection::vec((name(), 1..3_i32), 1..8),
        digits in "[0-2-]{0,4}",
        priority in 1..3_i32,
    ) {
        let lines = |all: &[(String, i32)]| -> String {
            all.iter().fold(String::new(), |mut lines, (name, number)| {
                writeln!(lines, "exten => {name},{number}").expect("memory takes it");
                lines
            })
        };
        let (first, second) = (lines(&first), lines(&second));
        let plan = Plan::new(&format!("[m]\n{first}include => n\n[n]\n{second}include => m\n"));
        let question =
            Question { context: b"m", digits: digits.as_bytes(), caller: b"", priority };
        let answer = answer(&plan, &question);
        let exact = answer.exact().map(|place| place.extension.key.pattern.name().to_vec());
        prop_assert_eq!(found_name(&find(&plan, &question)), exact);
        let longer = answer.longer.first().map(|place| place.extension.key.pattern.name().to_vec());
        prop_assert_eq!(found_name(&match_more(&plan, &question)), longer);
        prop_assert_eq!(found_name(&can_match(&plan, &question)).is_some(), answer.can_match);
    }
}

#[test]
fn a_switch_is_asked_before_what_is_included() {
    let plan = Plan::new("[m]\nexten => 1,1\nswitch => x\ninclude => n\n[n]\nexten => 2,1\n");
    let check = |digits: &str, expected: Option<&str>| {
        let question =
            Question { context: b"m", digits: digits.as_bytes(), caller: b"", priority: 1 };
        let expected = expected.map(|name| name.as_bytes().to_vec());
        assert_eq!(found_name(&find(&plan, &question)), expected, "{digits}");
    };
    check("1", Some("1"));
    check("2", Some("switch"));
}

#[test]
fn many_names_take_little_time() {
    let mut extensions: Vec<Exten> = (0..200_000)
        .map(|number| Exten {
            key: ExtensionKey {
                pattern: Pattern::new(number.to_string().as_bytes()),
                caller: None,
            },
            priorities: vec![1],
        })
        .collect();
    extensions.sort_by(|one, other| one.key.cmp(&other.key));
    let plan = Plan(vec![Ctx { name: "m".into(), extensions, ..Ctx::default() }]);
    for number in (100_000..200_000).step_by(10) {
        let answer = ask(&plan, &number.to_string());
        assert!(answer.exact().is_some() && answer.candidates.len() == 1, "{number}");
    }
}
