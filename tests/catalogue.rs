//! The catalogue of applications and functions against the real Asterisks: what they have, how
//! they split what an application is given, and where their calls go.

#![allow(clippy::unwrap_used, reason = "test code panics where it cannot go on")]

mod support;

use ivrkit_dialplan::application::{
    self, Access, Entry, Known,
    arguments::{self, Text},
    target::{self, Part},
};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use std::{path::Path, process::Command};
use support::asterisk::{Asterisk, Version};

/// How many random texts are split.
const TEXTS: usize = 300;

#[test]
fn the_files_say_what_the_daemons_say() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/asterisk/catalogue");
    let output = Command::new(script).arg("--check").output().expect("python3 is installed");
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
}

#[test]
fn arguments_are_split_as_both_asterisks_split_them() {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let any = "[ab,()\\[\\]\"\\\\ ]{1,14}[ab,]";
    let texts: Vec<String> =
        (0..TEXTS).map(|_| any.new_tree(&mut runner).unwrap().current()).collect();
    let steps = texts.iter().map(|text| {
        format!(
            " same => n,Set(ARRAY(A,B,C,D,E,F,G,H,I,J,K,L,M,N,O,P)={text})\n\
             \x20same => n,NoOp({})\n",
            "${A}|${B}|${C}|${D}|${E}|${F}|${G}|${H}|${I}|${J}|${K}|${L}|${M}|${N}|${O}|${P}"
        )
    });
    let dialplan = format!("[split]\nexten => s,1,Answer()\n{}", steps.collect::<String>());
    for version in Version::ALL {
        let pbx = Asterisk::start(version, None);
        pbx.load(&dialplan);
        let trace = pbx.call("split", "s", "").steps();
        let real: Vec<&str> =
            trace.iter().filter_map(|step| step.split_once(" NoOp(")).map(|one| one.1).collect();
        assert_eq!(real.len(), TEXTS, "Asterisk {version} runs every step");
        for (text, real) in texts.iter().zip(real) {
            let real = real.strip_suffix(')').expect("a step ends with its parenthesis");
            assert_eq!(sixteen(text), real, "Asterisk {version} splits {text:?}");
        }
    }
}

/// The first sixteen arguments as the application sees them, with `|` between.
fn sixteen(text: &str) -> String {
    let bytes = text.as_bytes();
    let found = arguments::split_at(bytes, b',', 100, Text::Expanded);
    let value = |at: usize| found.get(at).map(|range| arguments::unquoted(&bytes[range.clone()]));
    let values = (0..16).map(|at| String::from_utf8(value(at).unwrap_or_default().into()).unwrap());
    values.collect::<Vec<_>>().join("|")
}

#[test]
fn case_counts_in_functions_only() {
    let dialplan = "[case]\nexten => s,1,nOoP(x)\n same => n,Set(A=${LEN(abc)})\n \
                    same => n,Set(A=${len(abc)})\n same => n,NoOp(end)\n";
    for version in Version::ALL {
        let pbx = Asterisk::start(version, None);
        pbx.load(dialplan);
        assert_eq!(pbx.call("case", "s", "").steps().len(), 4, "{version}");
        let said: Vec<String> = pbx.messages().into_iter().map(|message| message.text).collect();
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].contains("Function len not registered"), "{said:?}");
    }
    assert!(application::application(b"nOoP").is_some());
    assert!(application::function(b"LEN").is_some() && application::function(b"len").is_none());
}

#[test]
fn what_cannot_be_read_or_written_is_refused_by_both_asterisks() {
    for version in Version::ALL {
        let ours = if version == Version::V16 {
            application::Version::V16
        } else {
            application::Version::V22
        };
        let of = |access| {
            let all = application::functions().iter();
            all.filter(move |entry: &&Entry| {
                entry.access(ours) == Some(access) && entry.known(ours) == Some(Known::Daemon)
            })
        };
        let reads =
            of(Access::Write).map(|one| format!(" same => n,Set(A=${{{}(x)}})\n", one.name()));
        let writes = of(Access::Read).map(|one| format!(" same => n,Set({}(x)=x)\n", one.name()));
        let steps: String = reads.chain(writes).collect();
        let pbx = Asterisk::start(version, None);
        pbx.load(&format!("[access]\nexten => s,1,Answer()\n{steps}"));
        pbx.call("access", "s", "");
        let said: Vec<String> = pbx.messages().into_iter().map(|message| message.text).collect();
        let count = |text: &str| said.iter().filter(|line| line.contains(text)).count();
        // Some functions are in modules that these daemons do not load.
        let (unread, unwritten) = (count("cannot be read"), count("cannot be written to"));
        assert!(unread >= 5 && unwritten >= 50, "{version}: {unread}, {unwritten}");
        let missing = count("not registered");
        assert_eq!(unread + unwritten + missing, steps.lines().count(), "{said:#?}");
    }
}

#[test]
fn unknown_options_are_complained_about_by_both_asterisks() {
    for version in Version::ALL {
        let pbx = Asterisk::start(version, None);
        let steps = "[options]\nexten => s,1,Answer()\n same => n,Read(A,,1,niQ(a),1,1)\n \
                     same => n,Read(A,,1,n(open,1,1)\n";
        pbx.load(steps);
        pbx.call("options", "s", "");
        let said: Vec<String> = pbx.messages().into_iter().map(|message| message.text).collect();
        let is_said = |text: &str| said.iter().any(|line| line.contains(text));
        assert!(is_said("Unrecognized option: 'Q'"), "{version}: {said:?}");
        assert!(is_said("Missing closing parenthesis for argument 'n'"), "{version}: {said:?}");
    }
    let data = b"n(open,1,1";
    assert_eq!(arguments::options(data, 0..data.len(), Text::Expanded).unclosed, Some(2));
}

/// Each step with where it leads in Asterisk, which is where its target says, if the condition of
/// its branch holds.
const JUMPS: &[(&str, &str)] = &[
    ("Goto(there,s,1)", "there,s,1"),
    ("Goto(7,1)", "jump,7,1"),
    ("Goto(there,s,1,9)", "there,s,1"),
    ("Goto(there,s,lab)", "there,s,2"),
    ("GotoIf(1?there,s,1:7,1)", "there,s,1"),
    ("GotoIf(?7,1:there,s,1)", "there,s,1"),
    ("GotoIf(\"1\"?7,1:x)", "jump,7,1"),
    ("GotoIfTime(*,*,*,*?there,s,lab)", "there,s,2"),
    ("Gosub(there,s,1(a,b(c)))", "there,s,1"),
    ("GosubIf(1?there,s,1(a:b):7,1)", "there,s,1"),
    ("Exec(Goto(there,s,1))", "there,s,1"),
    ("ExecIf(1?Goto(there,s,1):Goto(7,1))", "there,s,1"),
    ("ExecIf(0?Goto(7,1):Goto(there,s,lab))", "there,s,2"),
    ("ExecIf(1?TryExec(Goto(there,s,1)))", "there,s,1"),
    ("ExecIfTime(*,*,*,*?Goto(7,1))", "jump,7,1"),
];

#[test]
fn calls_go_where_targets_say() {
    let mut dialplan = "[there]\nexten => s,1,NoOp()\n same => n(lab),Hangup()\n\
                        [jump]\nexten => 7,1,Hangup()\n"
        .to_owned();
    for (at, (step, _)) in JUMPS.iter().enumerate() {
        dialplan += &format!("exten => s{at},1,Set(EXTEN_WAS={at})\n same => n,{step}\n");
    }
    for version in Version::ALL {
        let pbx = Asterisk::start(version, None);
        pbx.load(&dialplan);
        for (at, (step, expected)) in JUMPS.iter().enumerate() {
            let steps = pbx.call("jump", &format!("s{at}"), "").steps();
            // Asterisk 22 reports the step before as well, once more, with priority 0.
            let reached = steps.iter().skip(2).find(|step| !step.contains(",0 "));
            let reached = reached.and_then(|step| step.split(' ').next());
            assert_eq!(reached, Some(*expected), "Asterisk {version}: {step} {steps:?}");
            assert!(is_named(step, expected), "{step} names {expected}");
        }
    }
}

/// Whether one of the targets of a step is that place; what it leaves out counts as right.
fn is_named(step: &str, place: &str) -> bool {
    let (name, data) = step.split_once('(').unwrap();
    let data = data.strip_suffix(')').unwrap().as_bytes();
    let version = application::Version::newest();
    let expected: Vec<&str> = place.split(',').collect();
    target::targets(name.as_bytes(), data, version, Text::Source).iter().any(|target| {
        let is = |part: &Part, expected: &str| match part.bytes(data) {
            None | Some(b"") => true,
            Some(b"lab") => expected == "2",
            Some(bytes) => bytes == expected.as_bytes(),
        };
        is(&target.context, expected[0])
            && is(&target.exten, expected[1])
            && is(&target.priority, expected[2])
    })
}
