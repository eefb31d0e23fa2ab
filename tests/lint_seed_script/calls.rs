//! Calls through the mended script: where each goes, and how soon.

use crate::support::asterisk::{Asterisk, Call, Dial, SOUNDS, Trace, What};
use std::{path::Path, thread, time::Duration};
use tempfile::TempDir;

/// An event that comes within this time of its key did not wait for the digit time-out, which is 3 s.
/// On a machine with nothing else to do it comes within 0.3 s.
const AT_ONCE_S: f64 = 2.5;

/// The prompts and their lengths in seconds; `6500` is what `${EXTEN}` names there.
const PROMPTS: [(&str, f64); 8] = [
    ("notice", 1.0),
    ("6500", 0.5),
    ("confirm", 0.5),
    ("password", 1.0),
    ("password1", 1.0),
    ("holdon", 0.5),
    ("macroform-the_simplicity", 0.7),
    ("ok", 1.0),
];

/// What a call must hold.
type NamedCall = (&'static str, fn(&Asterisk));

const CALLS: &[NamedCall] = &[
    ("the right code", right_code),
    ("a wrong code, then the right one", wrong_code_first),
    ("a code without #", code_without_end_key),
    ("a code in the second wait", code_in_the_second_wait),
    ("no verdict", no_verdict),
    ("a key during the second prompts", key_in_the_second_round),
    ("silence in 6500", silence_in_6500),
    ("silence in 6501", silence_in_6501),
    ("silence in 6503", silence_in_6503),
    ("marks for the PBX", marks_for_the_pbx),
    ("no marks", no_marks),
];

/// Makes all calls at the same time.
pub(crate) fn all(pbx: &Asterisk) {
    thread::scope(|scope| {
        let spawn = |&(name, call): &NamedCall| {
            thread::sleep(Duration::from_millis(60));
            (name, scope.spawn(move || call(pbx)))
        };
        let running: Vec<_> = CALLS.iter().map(spawn).collect();
        let failed = running.into_iter().filter_map(|(name, one)| one.join().err().map(|_| name));
        let failed: Vec<_> = failed.collect();
        assert!(failed.is_empty(), "on Asterisk {}: {failed:?}", pbx.version());
    });
}

/// The mission: 1 for the appointment, the code, and the application that leads on to 6502.
fn right_code(pbx: &Asterisk) {
    let mut call = begin(pbx, "6500", "wait 0.9 1 wait 2 56789#");
    call.wait_for(play("macroform-the_simplicity"));
    call.redirect("ivrs", "6502");
    let call = call.end();
    assert_eq!(call.visits("ivrs"), ["6500", "6501", "6502"], "{call}");
    assert_eq!(call.visits("ivr_6500"), ["6500", "1"], "{call}");
    assert_eq!(call.visits("ivr_6501"), ["6501", "56789#"], "{call}");
    assert_eq!(call.visits("ivr_6502"), ["6502", "t"], "{call}");
    assert_eq!(call.user_events("DtmfEndString", "Info"), ["56789#"], "{call}");
    assert_eq!(call.user_events("PlayPromptEnd", "Ivrid").last().unwrap(), "6502", "{call}");
    goes_on_at_the_key(pbx, &call);
    is_hung_up(&call, "always-Hangup,h,1");
}

fn wrong_code_first(pbx: &Asterisk) {
    let mut call = begin(pbx, "6501", "wait 0.9 1234# wait 4 12345678#");
    call.wait_for(play("macroform-the_simplicity"));
    call.redirect("ivrs", "6503");
    call.wait_for(step("ivr_6503,12345678#,3"));
    call.redirect("ivrs", "6502");
    let call = call.end();
    assert_eq!(call.visits("ivrs"), ["6501", "6503", "6502"], "{call}");
    assert_eq!(call.user_events("DtmfEndString", "Info"), ["1234#", "12345678#"], "{call}");
    goes_on_at_the_key(pbx, &call);
    is_hung_up(&call, "always-Hangup,h,1");
}

fn code_without_end_key(pbx: &Asterisk) {
    let mut call = begin(pbx, "6503", "wait 0.9 123456");
    call.wait_for(play("holdon"));
    call.hang_up();
    let call = call.end();
    assert_eq!(call.user_events("DtmfEndString", "Info"), ["123456"], "{call}");
    let waited_s = call.span_s(press("6"), event("DtmfEndString")).unwrap();
    assert!((1.5..8.0).contains(&waited_s), "3 s of digit time-out, found {waited_s}:\n{call}");
}

fn code_in_the_second_wait(pbx: &Asterisk) {
    let mut call = begin(pbx, "6501", "wait 7.5 4321#");
    call.wait_for(play("holdon"));
    call.hang_up();
    let call = call.end();
    assert_eq!(call.sounds()[..2], [sound("password"), sound("password")], "{call}");
    assert_eq!(call.user_events("DtmfEndString", "Info"), ["4321#"], "{call}");
    goes_on_at_the_key(pbx, &call);
}

/// As the script has it: after the hold music the callee is asked anew.
fn no_verdict(pbx: &Asterisk) {
    let call = begin(pbx, "6501", "wait 0.9 5678#").end();
    assert_eq!(call.visits("ivrs"), ["6501", "6501"], "{call}");
    assert_eq!(call.visits("ivr_6501"), ["6501", "5678#", "6501", "t"], "{call}");
    is_hung_up(&call, "always-Hangup,h,1");
}

fn key_in_the_second_round(pbx: &Asterisk) {
    let mut call = begin(pbx, "6500", "wait 4.5 1");
    call.wait_for(step("ivr_6501,6501,1"));
    call.hang_up();
    let call = call.end();
    assert_eq!(call.user_events("PlayPromptEnd", "Ivrid"), ["6500"], "{call}");
}

fn silence_in_6500(pbx: &Asterisk) {
    let call = begin(pbx, "6500", "").end();
    let once = [sound("notice"), sound("6500"), sound("confirm")];
    assert_eq!(call.sounds(), [once.clone(), once].concat(), "{call}");
    assert_eq!(call.user_events("PlayPromptEnd", "Ivrid"), ["6500", "6500"], "{call}");
    assert_eq!(call.visits("ivr_6500"), ["6500", "t"], "{call}");
    is_hung_up(&call, "ivr_6500,t,1");
}

fn silence_in_6501(pbx: &Asterisk) {
    let call = begin(pbx, "6501", "").end();
    assert_eq!(call.sounds(), [sound("password"), sound("password")], "{call}");
    assert_eq!(call.visits("ivr_6501"), ["6501", "t"], "{call}");
    is_hung_up(&call, "always-Hangup,h,1");
}

fn silence_in_6503(pbx: &Asterisk) {
    let call = begin(pbx, "6503", "").end();
    assert_eq!(call.sounds(), [sound("password1"), sound("password1")], "{call}");
    assert_eq!(call.visits("ivr_6503"), ["6503", "t"], "{call}");
    is_hung_up(&call, "always-Hangup,h,1");
}

/// The PBX's call records are told, in the time-out of 6502 as in that of 6503.
fn marks_for_the_pbx(pbx: &Asterisk) {
    assert_eq!(marks(pbx, &[("Ivr2outbound", "yes"), ("CHANDISABLERECORD", "yes")]), "111");
}

fn no_marks(pbx: &Asterisk) {
    assert_eq!(marks(pbx, &[]), "000");
}

/// The conditions of the three steps of the time-out in 6503, as Asterisk computes them.
fn marks(pbx: &Asterisk, variables: &[(&str, &str)]) -> String {
    let call = pbx.dial(&Dial { context: "ivr_6503", exten: "t", variables, ..Dial::default() });
    let steps = call.end().steps();
    let condition = |number| {
        let start = format!("ivr_6503,t,{number} ExecIf(");
        let found = steps.iter().find_map(|step| step.strip_prefix(&start)?.chars().next());
        found.unwrap_or_else(|| panic!("{steps:#?}"))
    };
    (1..=3).map(condition).collect()
}

/// The sounds, as tones.
pub(crate) fn sounds() -> TempDir {
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
    for at in 0..Duration::from_secs_f64(seconds).as_millis() * 8 {
        file.write_sample(if at % 20 < 10 { 4000_i16 } else { -4000 }).unwrap();
    }
    file.finalize().unwrap();
}

fn begin(pbx: &Asterisk, exten: &str, keys: &str) -> Call {
    pbx.dial(&Dial { context: "ivrs", exten, keys, ..Dial::default() })
}

fn goes_on_at_the_key(pbx: &Asterisk, call: &Trace) {
    let span_s = call.span_s(press("#"), event("DtmfEndString")).unwrap();
    println!("Asterisk {}: DtmfEndString {span_s:.3} s after # went down", pbx.version());
    assert!(span_s < AT_ONCE_S, "{span_s} s:\n{call}");
}

fn is_hung_up(call: &Trace, place: &str) {
    assert_eq!(call.hangup(), (16, place), "{call}");
}

fn press(key: &str) -> impl Fn(&What) -> bool {
    move |what| matches!(what, What::Press(found) if found == key)
}

fn event(name: &str) -> impl Fn(&What) -> bool {
    move |what| matches!(what, What::UserEvent { name: found, .. } if found == name)
}

fn step(place: &str) -> impl Fn(&What) -> bool {
    move |what| matches!(what, What::Step { place: found, .. } if found == place)
}

fn play(prompt: &str) -> impl Fn(&What) -> bool {
    let sound = sound(prompt);
    move |what| matches!(what, What::Step { data, .. } if *data == sound)
}

fn sound(prompt: &str) -> String {
    format!("{SOUNDS}/{prompt}")
}
