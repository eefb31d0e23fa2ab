//! `ivrkit render`: the text for the shipped scenario, what holds for every scenario, and errors.
//!
//! `tests/golden/` holds the dialplans as they are rendered today. After an intended change:
//! `ivrkit render scenarios/driving-test.yaml --profile NAME -o tests/golden/driving-test.NAME.conf`.

#![allow(clippy::unwrap_used, reason = "test code panics where it cannot go on")]

mod support;

use ivrkit::render::{self, Options};
use ivrkit_dialplan::{
    scenario::{
        self, EndKey, Entry, Hold, Ivr, KeySequence, Number, Profile, ProfileSettings, Prompt,
        Scenario, Seconds, Target,
    },
    source::Source,
};
use proptest::{collection, option, prelude::*, sample::select};
use std::{collections::BTreeMap, fs, path::Path};
use support::dialplan::{self, Step};
use tempfile::TempDir;

const SCENARIO: &str = "scenarios/driving-test.yaml";
const PROFILES: [Profile; 2] = [Profile::YeastarS, Profile::Asterisk];

/// What the PBX brings along where the dialplan does not.
const PBX_CONTEXTS: [&str; 2] = ["ivrs", "always-Hangup"];

/// Runs `ivrkit render` on the shipped scenario; its exit code, standard output and error.
fn ivrkit(arguments: &[&str]) -> (i32, String, String) {
    let mut command = assert_cmd::cargo::cargo_bin_cmd!("ivrkit");
    let output = command.arg("render").arg(SCENARIO).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// Expects `ivrkit render` to fail with this code and one line that says these things.
#[track_caller]
fn check_failure(arguments: &[&str], code: i32, says: &[&str]) {
    let (found, output, errors) = ivrkit(arguments);
    assert_eq!((found, output.as_str()), (code, ""), "{errors}");
    for part in says {
        assert!(errors.contains(part), "expected {part:?} in: {errors}");
    }
    if code != 2 {
        assert_eq!(errors.lines().count(), 1, "{errors}");
    }
}

fn templates(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn shipped() -> Scenario {
    let text = fs::read_to_string(SCENARIO).unwrap();
    scenario::read(Source::new(SCENARIO, text)).scenario.expect("it is sound")
}

fn rendered(scenario: &Scenario, profile: Profile) -> String {
    let options = Options {
        profile: Some(profile),
        templates: None,
        scenario_file: scenario.name.clone(),
        scenario_hash: scenario.name.clone(),
    };
    render::render(scenario, &options).unwrap()
}

mod command {
    use super::*;

    #[test]
    fn renders_what_the_golden_files_hold() {
        for profile in PROFILES {
            let golden = format!("tests/golden/driving-test.{profile}.conf");
            let arguments = ["--profile", profile.name(), "--check", &golden];
            let (code, diff, errors) = ivrkit(&arguments);
            assert_eq!(code, 0, "{errors}{diff}if that is intended, write {golden} anew with -o");
        }
    }

    #[test]
    fn the_tests_of_the_simulated_pbx_run_what_is_rendered() {
        let fixtures = "crates/ivrkit-verifier/tests/fixtures/simulated";
        let (scenario, dialplan) = (format!("{fixtures}.yaml"), format!("{fixtures}.conf"));
        let mut command = assert_cmd::cargo::cargo_bin_cmd!("ivrkit");
        let output = command.args(["render", &scenario, "--check", &dialplan]).output().unwrap();
        let diff = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success(),
            "{diff}if that is intended, write {dialplan} anew with -o"
        );
    }

    #[test]
    fn writes_to_standard_output_or_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("extensions.conf");
        fs::write(&file, "old").unwrap();
        let (code, output, errors) = ivrkit(&[]);
        assert_eq!((code, errors.as_str()), (0, ""));
        let written = ivrkit(&["-o", file.to_str().unwrap()]);
        assert_eq!(written, (0, String::new(), String::new()));
        assert_eq!(fs::read_to_string(&file).unwrap(), output);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file stays");
        assert!(
            output
                .starts_with("; Dialplan of the scenario driving-test for the profile yeastar-s.")
        );
    }

    #[test]
    fn shows_how_a_file_differs() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("extensions.conf");
        let name = file.to_str().unwrap();
        ivrkit(&["-o", name]);
        let edited = fs::read_to_string(&file).unwrap().replacen("WaitExten(1)", "WaitExten(9)", 1);
        fs::write(&file, &edited).unwrap();
        let (code, output, errors) = ivrkit(&["--check", name]);
        assert_eq!((code, errors.as_str()), (1, ""));
        assert!(output.starts_with(&format!("--- {name}\n+++ rendered\n@@ ")), "{output}");
        let changed = output.lines().skip(2).filter(|line| line.starts_with(['-', '+']));
        let changed: Vec<&str> = changed.collect();
        assert_eq!(changed, ["-same => n,WaitExten(9)", "+same => n,WaitExten(1)"]);
        assert_eq!(fs::read_to_string(&file).unwrap(), edited, "it is only looked at");
    }

    #[test]
    fn refuses_what_it_cannot_use() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        let missing = format!("{path}/none/extensions.conf");
        check_failure(&["--check", &missing], 3, &["cannot read", &missing]);
        check_failure(&["--check", path], 3, &["it is a folder, expected a file"]);
        check_failure(&["-o", &missing], 4, &["cannot write", &missing]);
        check_failure(&["-o", path], 4, &["cannot write", path]);
        check_failure(&["--profile", "yeastar-p"], 2, &["yeastar-p", "yeastar-s, asterisk"]);
        check_failure(&["-o", &missing, "--check", &missing], 2, &["cannot be used with"]);
        assert_eq!(fs::read_dir(path).unwrap().count(), 0, "nothing is left behind");
    }
}

mod own_templates {
    use super::*;

    #[test]
    fn replace_built_in_ones_one_by_one() {
        let leave = "{% macro contexts(ivrs) %}\n; ours\n{% endmacro %}{% macro enter() %}{% endmacro %}\
                     {% macro leave() %}\nsame => n,NoOp(ours)\n{% endmacro %}";
        let folder = templates(&[("yeastar-s.conf.j2", leave), ("README.md", "not a template")]);
        let (code, output, errors) = ivrkit(&["--templates", folder.path().to_str().unwrap()]);
        assert_eq!((code, errors.as_str()), (0, ""));
        assert!(output.contains("same => n,NoOp(ours)\nsame => n,Goto(ivrs,6501,1)\n"), "{output}");
        assert!(!output.contains("CDR("), "{output}");
    }

    #[test]
    fn include_files_beside_them() {
        let files = [
            ("dialplan.conf.j2", "{% include 'own.j2' %}"),
            ("own.j2", "{% for ivr in ivrs %}{{ ivr.number }} {% endfor %}"),
        ];
        let folder = templates(&files);
        let (code, output, _) = ivrkit(&["--templates", folder.path().to_str().unwrap()]);
        assert_eq!((code, output.as_str()), (0, "6500 6501 6502 6503 "));
    }

    #[test]
    fn write_nothing_that_leaves_its_argument() {
        let text = "{% for ivr in ivrs %}\n[{{ ivr.title }}]\n\
                    exten => {{ ivr.title }},1,NoOp({{ ivr.title }})\n\
                    same => n,NoOp({{ ivr.title ~ media.root }})\n\
                    {% autoescape false %}same => n,NoOp({{ ivr.title }})\n{% endautoescape %}\
                    ;{{ ivr.title|comment }}\n{% endfor %}";
        let folder = templates(&[("dialplan.conf.j2", text)]);
        for title in ["a;b", ")\n[x]\nexten => s,1,System(true", "--x --;", "${X}$[1]", ",,(\\\""] {
            let mut scenario = shipped();
            for ivr in scenario.ivrs.values_mut() {
                ivr.title = Some(title.to_owned());
            }
            let options = Options {
                templates: Some(folder.path().to_owned()),
                ..Options::of(&Source::new("x.yaml", ""))
            };
            let text = render::render(&scenario, &options).unwrap();
            let steps = dialplan::read(&text);
            assert_eq!(steps.len(), 12, "{text}");
            for step in steps {
                assert_eq!(step.application, "NoOp", "{text}");
                assert!(!step.data.contains(['$', ',', '"', '\\']), "{text}");
            }
        }
    }

    #[track_caller]
    fn check_template(name: &str, text: &str, says: &[&str]) {
        let folder = templates(&[(name, text)]);
        let file = folder.path().join(name).display().to_string();
        let says = [&[file.as_str()], says].concat();
        check_failure(&["--templates", folder.path().to_str().unwrap()], 3, &says);
    }

    #[test]
    fn fail_with_file_and_line() {
        let main = "dialplan.conf.j2";
        check_template(main, "\n\n{{ scenario.nmae }}\n", &["line 3", "undefined", "nmae"]);
        check_template(main, "{{ nothing }}", &["line 1", "undefined", "nothing"]);
        check_template(main, "\n{% if nothing %}x{% endif %}", &["line 2", "undefined"]);
        check_template(
            main,
            "{% for ivr in ivrs %}\n{{ ivr.entry.verify }}{% endfor %}",
            &["line 2"],
        );
        check_template(main, "\n{% for ivr in %}\n", &["line 2", "syntax error"]);
        check_template(main, "{{ ivrs }}", &["line 1", "expected a text or a number"]);
        check_template(main, "{{ 'x' if false }}", &["line 1", "found undefined"]);
        check_template(main, "{% include 'gone.j2' %}", &["line 1", "gone.j2"]);
        check_template(main, "{{ scenario.name|upside_down }}", &["line 1", "upside_down"]);
        let profile =
            "{% macro contexts(ivrs) %}{% endmacro %}{% macro enter() %}\n{{ x }}{% endmacro %}";
        check_template("yeastar-s.conf.j2", profile, &["line 2", "undefined"]);
    }

    #[test]
    fn fail_when_a_macro_is_left_out() {
        let folder = templates(&[("yeastar-s.conf.j2", "{% macro leave() %}{% endmacro %}")]);
        let says = ["dialplan.conf.j2, line ", "no method named contexts"];
        check_failure(&["--templates", folder.path().to_str().unwrap()], 3, &says);
    }

    #[test]
    fn fail_when_the_folder_cannot_be_used() {
        let folder = templates(&[("dialplan.conf", "")]);
        let path = folder.path().to_str().unwrap();
        check_failure(
            &["--templates", path],
            3,
            &["dialplan.conf.j2, asterisk.conf.j2, yeastar-s.conf.j2"],
        );
        let file = format!("{path}/dialplan.conf");
        check_failure(&["--templates", &file], 3, &[&file, "not a folder"]);
        let gone = format!("{path}/gone");
        check_failure(&["--templates", &gone], 3, &["cannot read", &gone]);
        fs::write(folder.path().join("dialplan.conf.j2"), b"caf\xe9").unwrap();
        check_failure(&["--templates", path], 3, &["dialplan.conf.j2", "is not UTF-8"]);
    }
}

mod every_scenario {
    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever the texts are, the dialplan has the same contexts, extensions, priorities and
        /// applications as with harmless ones.
        #[test]
        fn keeps_its_texts_inside_their_arguments(texts in collection::vec(hostile_text(), 8)) {
            for profile in PROFILES {
                let harmless = structure(&rendered(&with_texts(shipped(), &["x".to_owned()]), profile));
                let hostile = structure(&rendered(&with_texts(shipped(), &texts), profile));
                prop_assert_eq!(&hostile, &harmless);
            }
        }

        #[test]
        fn leads_every_call_to_an_end(scenario in any_scenario()) {
            for profile in PROFILES {
                let text = rendered(&scenario, profile);
                check_steps(&dialplan::read(&text), profile);
            }
        }
    }

    #[test]
    fn that_was_not_checked_is_refused() {
        let mut scenario = shipped();
        scenario.prompts.remove("holdon");
        let options = Options::of(&Source::new(SCENARIO, ""));
        let error = render::render(&scenario, &options).unwrap_err();
        assert_eq!(
            error.to_string(),
            "IVR 6501 plays the prompt `holdon`, which the scenario does not have"
        );
    }

    /// Every step with the signs of its data that mean something to Asterisk. The one step that
    /// names the variable of the callee's number may have parentheses more or less.
    fn structure(text: &str) -> Vec<String> {
        let steps = dialplan::read(text);
        assert!(steps.len() > 100);
        let signs = |step: &Step| -> String {
            let names_callee = step.data.contains("IVRKIT_CALLEE=${FILTER(");
            let kept = |c: &char| {
                ",[]{}$\"\\&|?:;'".contains(*c) || !names_callee && matches!(c, '(' | ')')
            };
            step.data.chars().filter(kept).collect()
        };
        steps.iter().map(|step| format!("{step} {}", signs(step))).collect()
    }

    /// No two steps in one place, no extension without an end, no jump to nowhere, and `t`, `i` and
    /// `h` in every context that listens.
    fn check_steps(steps: &[Step], profile: Profile) {
        let mut places = BTreeMap::new();
        for step in steps {
            let place = (step.context.as_str(), step.exten.as_str(), step.priority);
            assert!(places.insert(place, step).is_none(), "twice: {step}");
        }
        for (place, step) in &places {
            let next = (place.0, place.1, place.2 + 1);
            let leaves = matches!(step.application.as_str(), "Goto" | "Hangup")
                || step.application == "GotoIf" && step.data.contains(':');
            match places.get(&next) {
                Some(next) => assert!(!leaves || next.label.is_some(), "{next} is never reached"),
                None => assert!(leaves, "the call falls off the end after {step}"),
            }
        }
        for step in steps.iter().filter(|step| step.application.starts_with("Goto")) {
            for target in jumps(step) {
                assert!(exists(steps, &target, profile), "{step} leads to {target:?}");
            }
        }
        for step in steps.iter().filter(|step| step.context != "always-Hangup") {
            for exten in ["t", "i", "h"] {
                assert!(places.contains_key(&(step.context.as_str(), exten, 1)), "{step}");
            }
        }
    }

    /// Context, extension and priority or label of every place a step can jump to.
    fn jumps(step: &Step) -> Vec<[String; 3]> {
        let branches = match step.application.as_str() {
            "GotoIf" => step.data.rsplit_once('?').unwrap().1.split(':').collect(),
            _ => vec![step.data.as_str()],
        };
        let place = |branch: &str| {
            let parts: Vec<&str> = branch.split(',').collect();
            let Step { context, exten, .. } = step;
            match parts[..] {
                [label] => [context, exten, label].map(str::to_owned),
                [exten, label] => [context, exten, label].map(str::to_owned),
                [context, exten, label] => [context, exten, label].map(str::to_owned),
                _ => panic!("{step}"),
            }
        };
        branches.into_iter().map(place).collect()
    }

    fn exists(steps: &[Step], [context, exten, place]: &[String; 3], profile: Profile) -> bool {
        let pbx_has_it = profile == Profile::YeastarS && PBX_CONTEXTS.contains(&context.as_str());
        pbx_has_it
            || steps.iter().any(|step| {
                step.context == *context
                    && step.exten == *exten
                    && (step.priority.to_string() == *place || step.label.as_ref() == Some(place))
            })
    }

    /// Every text of the scenario in turn from these; names of prompts stay apart.
    fn with_texts(mut scenario: Scenario, texts: &[String]) -> Scenario {
        let mut turn = texts.iter().cycle();
        let mut text = || turn.next().unwrap().clone();
        let names: BTreeMap<String, String> =
            scenario.prompts.keys().map(|name| (name.clone(), name.clone() + &text())).collect();
        scenario.prompts = scenario
            .prompts
            .iter()
            .map(|(name, prompt)| (names[name].clone(), prompt.clone()))
            .collect();
        for ivr in scenario.ivrs.values_mut() {
            ivr.title = Some(text());
            ivr.prompts = ivr.prompts.iter().map(|name| names[name].clone()).collect();
            if let Some(entry) = &mut ivr.entry {
                entry.verify = text();
                entry.hold.prompts =
                    entry.hold.prompts.iter().map(|name| names[name].clone()).collect();
            }
        }
        for settings in scenario.profiles.values_mut() {
            settings.callee_number = text();
        }
        scenario.name = text();
        scenario.language = text();
        scenario.description = Some(text());
        scenario.media.root = text();
        scenario
    }

    /// Pieces that mean something to Asterisk or to a template, and any other characters.
    fn hostile_text() -> impl Strategy<Value = String> {
        const PIECES: &[&str] = &[
            ";",
            ";--",
            "--;",
            "---",
            "\\;",
            "\\",
            ",",
            "(",
            ")",
            "[x]",
            "]",
            "\n",
            "\r\n",
            "\0",
            "${",
            "}",
            "$[",
            "\"",
            "'",
            "&",
            "|",
            "?",
            ":",
            "=>",
            "#include x",
            "#exec y",
            "same",
            "exten => s,1,System(true)",
            "{{",
            "}}",
            "{%",
            "%}",
            "{#",
            " ",
            "\u{a0}",
            "\u{2028}",
            "\u{feff}",
            "n(label)",
            "预约",
            "_X.",
            "../../etc/passwd",
        ];
        let piece = prop_oneof![
            4 => select(PIECES).prop_map(str::to_owned),
            1 => any::<char>().prop_map(String::from),
            1 => Just("x".repeat(9000)),
        ];
        collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    const NUMBERS: [&str; 4] = ["1", "6500", "6501", "9999999999"];
    const NAMES: [&str; 3] = ["notice", "own", "music"];

    fn any_scenario() -> impl Strategy<Value = Scenario> {
        let ivrs = collection::vec(any_ivr(), NUMBERS.len());
        ivrs.prop_map(|ivrs| {
            let mut scenario = shipped();
            let prompt = |name: &str| Prompt { per_callee: name == "own", ..Prompt::default() };
            scenario.prompts = NAMES.map(|name| (name.to_owned(), prompt(name))).into();
            scenario.profiles =
                [(Profile::YeastarS, ProfileSettings { callee_number: "CALLEE".to_owned() })]
                    .into();
            let numbers = NUMBERS.map(|number| Number::new(number).unwrap());
            scenario.ivrs = numbers.into_iter().zip(ivrs).collect();
            scenario
        })
    }

    fn any_target() -> impl Strategy<Value = Target> {
        select(&["replay", "hangup", "1", "6500", "6501", "9999999999"][..])
            .prop_map(|text| Target::new(text).unwrap())
    }

    fn any_prompts() -> impl Strategy<Value = Vec<String>> {
        collection::vec(select(&NAMES[..]).prop_map(str::to_owned), 1..4)
    }

    fn any_seconds() -> impl Strategy<Value = Seconds> {
        (1_u32..6000).prop_map(|tenths| Seconds::new(f64::from(tenths) / 10.0).unwrap())
    }

    prop_compose! {
        fn any_entry()(
            (min_digits, more) in (1_u8..=20, 0_u8..=20),
            hash in any::<bool>(),
            prompts in any_prompts(),
            limit_s in any_seconds(),
            on_no_verdict in any_target(),
        ) -> Entry {
            Entry {
                verify: "sms-code".to_owned(),
                min_digits,
                max_digits: (min_digits + more).min(20),
                end_key: if hash { EndKey::Hash } else { EndKey::Star },
                hold: Hold { prompts, limit_s },
                on_no_verdict,
            }
        }
    }

    prop_compose! {
        fn any_ivr()(
            prompts in any_prompts(),
            plays in 1_u8..=5,
            wait_s in any_seconds(),
            keys in collection::btree_map("[0-9*#]{1,3}", any_target(), 0..4),
            entry in option::of(any_entry()),
            on_timeout in any_target(),
            on_wrong_key in any_target(),
            max_replays in 1_u8..=10,
        ) -> Ivr {
            let key = |(keys, target): (String, Target)| (KeySequence::new(&keys).unwrap(), target);
            Ivr {
                title: None,
                prompts,
                plays,
                wait_s,
                digit_timeout_s: wait_s,
                keys: keys.into_iter().map(key).collect(),
                entry,
                on_timeout,
                on_wrong_key,
                max_replays,
                keys_may_wait: true,
            }
        }
    }
}

/// Applications that play and wait in IVR 6502, which has neither keys nor an entry.
#[track_caller]
fn check_goodbye(on_wrong_key: &str, expected: [&str; 2]) {
    let mut scenario = shipped();
    scenario.ivrs.get_mut("6502").unwrap().on_wrong_key = Target::new(on_wrong_key).unwrap();
    let steps = dialplan::read(&rendered(&scenario, Profile::YeastarS));
    let start = steps.iter().filter(|step| step.context == "ivr_6502-menu" && step.exten == "s");
    let applications: Vec<&str> = start
        .map(|step| step.application.as_str())
        .filter(|name| ["Playback", "Background", "Wait", "WaitExten"].contains(name))
        .collect();
    assert_eq!(applications, expected);
}

#[test]
fn a_key_cuts_a_goodbye_only_if_it_leads_somewhere() {
    check_goodbye("hangup", ["Playback", "Wait"]);
    check_goodbye("replay", ["Playback", "Wait"]);
    check_goodbye("6500", ["Background", "WaitExten"]);
}

#[test]
fn a_hold_plays_up_to_four_prompts_in_a_step_and_heeds_its_limit_before_further_ones() {
    let held = |prompts: &str| -> (Vec<String>, usize) {
        let mut scenario = shipped();
        let hold = &mut scenario.ivrs.get_mut("6501").unwrap().entry.as_mut().unwrap().hold;
        hold.prompts = prompts.split(' ').map(str::to_owned).collect();
        let steps = dialplan::read(&rendered(&scenario, Profile::YeastarS));
        let entering =
            steps.iter().filter(|step| step.context == "ivr_6502" && step.exten == "6502");
        let idle = entering.filter(|step| step.application == "NoOp").count();
        let hold =
            steps.iter().filter(|step| step.context == "ivr_6501-menu" && step.exten == "hold");
        let played = hold.filter(|step| step.data.contains("networkdisk1"));
        let data = |step: &Step| step.data.replace("/tmp/media/networkdisk1/", "");
        (played.map(data).collect(), idle)
    };
    let own = "${IVRKIT_CALLEE}";
    let given = format!("$[\"{own}\" != \"\"]");
    let in_time = "${EPOCH} < ${IVRKIT_HOLD_UNTIL}";
    let check = |prompts: &str, expected: &[String], idle: usize| {
        assert_eq!(held(prompts), (expected.to_vec(), idle), "{prompts}");
    };
    check("ok holdon notice ok", &["ok&holdon&notice&ok".to_owned()], 6);
    let with_own = format!("{given}?Playback(ok&{own}):Playback(ok)");
    check("ok appointment", &[with_own], 6);
    let steps = [
        "ok&ok&ok&ok".to_owned(),
        format!("$[{in_time}]?Playback(notice)"),
        format!("$[{in_time} & \"{own}\" != \"\"]?Playback({own})"),
    ];
    check("ok ok ok ok notice appointment", &steps, 8);
}

#[test]
fn the_header_names_the_scenario_without_its_folder() {
    let options = Options::of(&Source::new("a/folder/x.yaml", "abc"));
    assert_eq!(options.scenario_file, "x.yaml");
    assert_eq!(options.scenario_hash, "ba7816bf8f01");
    assert!(Path::new(SCENARIO).exists());
}
