//! The rendered dialplan on real Asterisk, in both profiles: what it says while loading, and where
//! real calls with real DTMF go.

#![allow(clippy::unwrap_used, reason = "test code panics where it cannot go on")]

#[path = "asterisk/calls.rs"]
mod calls;
mod support;

use calls::{CALLEE, CALLS, NamedCall};

use ivrkit_dialplan::scenario::{Profile, Scenario, Seconds};
use std::{path::Path, thread, time::Duration};
use support::{
    asterisk::{Asterisk, Message, Version},
    scenario::{self, shipped},
};
use tempfile::TempDir;

/// What the PBX brings along for `yeastar-s`, reduced to what a call needs.
const PBX_CONTEXTS: &str = "
[ivrs]
exten => _XXXX,1,Goto(ivr_${EXTEN},${EXTEN},1)
[always-Hangup]
exten => h,1,Hangup()
";

/// The prompts and their lengths in seconds.
const PROMPTS: [(&str, f64); 8] = [
    ("notice", 1.5),
    (CALLEE, 1.0),
    ("confirm", 0.5),
    ("password", 1.5),
    ("password1", 1.5),
    ("holdon", 0.5),
    ("macroform-the_simplicity", 0.5),
    ("ok", 2.0),
];

#[test]
fn every_call_behaves_on_asterisk_16() {
    every_call_behaves(Version::V16);
}

#[test]
fn every_call_behaves_on_asterisk_22() {
    every_call_behaves(Version::V22);
}

#[test]
fn hostile_scenarios_load_like_harmless_ones() {
    for version in Version::ALL {
        let pbx = Asterisk::start(version, None);
        for profile in [Profile::YeastarS, Profile::Asterisk] {
            assert_eq!(pbx.load(&dialplan(&shipped(), profile)), []);
            let harmless = structure(&pbx.command("dialplan show"));
            assert!(harmless.iter().any(|line| line == "ivr_6501-menu hold 3 Playback"));
            for text in HOSTILE {
                let messages = pbx.load(&dialplan(&with_texts(shipped(), text), profile));
                assert_eq!(messages, [], "{text:?} on Asterisk {version}");
                let hostile = structure(&pbx.command("dialplan show"));
                assert_eq!(hostile, harmless, "{text:?} on Asterisk {version}");
            }
        }
    }
}

/// A dialplan of its own: whether the harness tells what happens, and complaints.
#[test]
fn the_harness_tells_steps_keys_events_and_complaints() {
    for version in Version::ALL {
        let pbx = Asterisk::start(version, None);
        let messages = pbx.load(
            "[menu]\nexten => s,1,WaitExten(5)\nexten => 12,1,UserEvent(Typed,Info: ${EXTEN})\n \
             same => n,Hangup(17)\nexten => broken,1,NoOp(x\n",
        );
        let [message] = &messages[..] else { panic!("{messages:?}") };
        assert!(message.complains() && message.text.contains("No closing parenthesis"));
        let call = pbx.call("menu", "s", "wait 0.2 12");
        assert_eq!(
            call.steps(),
            [
                "menu,s,1 WaitExten(5)",
                "menu,12,1 UserEvent(Typed,Info: 12)",
                "menu,12,2 Hangup(17)"
            ],
            "{call}"
        );
        assert_eq!(call.user_events("Typed", "Info"), ["12"]);
        assert_eq!(call.hangup(), (17, "menu,12,2"));
        assert_eq!(pbx.messages(), []);
    }
}

fn every_call_behaves(version: Version) {
    thread::scope(|scope| {
        for profile in [Profile::YeastarS, Profile::Asterisk] {
            let named = thread::Builder::new().name(format!("Asterisk {version}, {profile}"));
            named.spawn_scoped(scope, move || every_call_behaves_in(version, profile)).unwrap();
        }
    });
}

fn every_call_behaves_in(version: Version, profile: Profile) {
    let sounds = sounds();
    let pbx = Asterisk::start(version, Some(sounds.path()));
    assert_eq!(pbx.load(&dialplan(&shipped(), profile)), [], "the scenario as it is shipped");
    assert_eq!(pbx.load(&dialplan(&quick(), profile)), []);
    let mut calls = CALLS.to_vec();
    match profile {
        Profile::YeastarS => calls.push(("marks for the PBX", calls::marks_for_the_pbx)),
        Profile::Asterisk => calls.push(("the answer", calls::answers_once)),
    }
    run_at_the_same_time(&pbx, &calls);
    let complaints: Vec<_> = pbx.messages().into_iter().filter(Message::complains).collect();
    assert_eq!(complaints, [], "while calls ran");

    calls::missing_prompt_of_the_callee(&pbx);
    let mut without_prompts = quick();
    "/tmp/media/none".clone_into(&mut without_prompts.media.root);
    assert_eq!(pbx.load(&dialplan(&without_prompts, profile)), []);
    calls::missing_prompts_do_not_spin(&pbx);
}

fn run_at_the_same_time(pbx: &Asterisk, calls: &[NamedCall]) {
    thread::scope(|scope| {
        let spawn = |&(name, call): &NamedCall| {
            let named = thread::Builder::new().name(name.to_owned());
            // Callers do not all press their keys in the same instant.
            thread::sleep(Duration::from_millis(60));
            (name, named.spawn_scoped(scope, move || call(pbx)).unwrap())
        };
        let running: Vec<_> = calls.iter().map(spawn).collect();
        let failed = |(name, handle): (_, thread::ScopedJoinHandle<'_, ()>)| {
            handle.join().err().map(|_| name)
        };
        let failed: Vec<&str> = running.into_iter().filter_map(failed).collect();
        assert!(failed.is_empty(), "on Asterisk {}: {failed:?}", pbx.version());
    });
}

fn sounds() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, seconds) in PROMPTS {
        tone(&folder.path().join(format!("{name}.wav")), seconds);
    }
    folder
}

fn tone(path: &Path, seconds: f64) {
    let format = hound::WavSpec {
        channels: 1,
        sample_rate: 8000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = hound::WavWriter::create(path, format).unwrap();
    let samples = Duration::from_secs_f64(seconds).as_millis() * 8;
    for at in 0..samples {
        file.write_sample(if at % 20 < 10 { 4000_i16 } else { -4000 }).unwrap();
    }
    file.finalize().unwrap();
}

/// [`scenario::quick`] with time enough in 6503 to begin typing after its prompt.
fn quick() -> Scenario {
    let mut scenario = scenario::quick();
    let ivr = scenario.ivrs.get_mut("6503").expect("the scenario has it");
    ivr.wait_s = Seconds::new(3.5).unwrap();
    scenario
}

fn dialplan(scenario: &Scenario, profile: Profile) -> String {
    scenario::dialplan(scenario, profile, PBX_CONTEXTS)
}

/// Texts that mean something to Asterisk where they are not kept in.
const HOSTILE: &[&str] = &[
    "a;b",
    ";-- all that follows",
    "--;",
    "a)b,c(d",
    "x\nexten => s,1,System(true)",
    "x\r\n[ivrs]\r\nexten => 6500,1,Hangup()",
    "${EXTEN}$[1/0]${SHELL(true)}",
    "\"open\\",
    "a&b|c?d:e",
    "]\n#include nothing.conf",
    "#exec true",
    "\u{0}\u{1}\u{1b}[31m",
    "预约\u{2028}\u{a0}，",
];

/// A scenario whose every text is this one.
fn with_texts(mut scenario: Scenario, text: &str) -> Scenario {
    let rename = |name: &String| format!("{name}{text}");
    text.clone_into(&mut scenario.name);
    scenario.description = Some(text.to_owned());
    text.clone_into(&mut scenario.media.root);
    for settings in scenario.profiles.values_mut() {
        text.clone_into(&mut settings.callee_number);
    }
    scenario.prompts =
        scenario.prompts.iter().map(|(name, prompt)| (rename(name), prompt.clone())).collect();
    for ivr in scenario.ivrs.values_mut() {
        ivr.title = Some(text.to_owned());
        ivr.prompts = ivr.prompts.iter().map(rename).collect();
        if let Some(entry) = &mut ivr.entry {
            entry.hold.prompts = entry.hold.prompts.iter().map(rename).collect();
        }
    }
    scenario
}

/// `context extension priority application` of a `dialplan show`, our own contexts only.
fn structure(show: &[String]) -> Vec<String> {
    let (mut context, mut exten) = ("", "");
    let mut found = Vec::new();
    for line in show {
        let (place, step) = line.split_once(". ").unwrap_or((line, ""));
        if let Some(rest) = line.strip_prefix("[ Context '") {
            context = rest.split('\'').next().unwrap();
            continue;
        }
        if let Some((_, rest)) = place.split_once("  '") {
            exten = rest.split('\'').next().unwrap();
        }
        let application = step.split('(').next().unwrap();
        let priority = place.rsplit(' ').next().unwrap();
        if priority.parse::<u32>().is_ok() && context.starts_with(['i', 'a']) {
            found.push(format!("{context} {exten} {priority} {application}"));
        }
    }
    found.sort();
    found
}
