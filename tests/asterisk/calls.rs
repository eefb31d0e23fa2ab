//! The calls: where each goes, what it hears, and how soon its events come.
//!
//! Every context, extension and key is that of the scenario that `asterisk.rs` renders.

use crate::support::{
    asterisk::{Asterisk, Call, Dial, SOUNDS, Trace, What, sounds_begun},
    scenario::HOLD_S,
};

/// A callee whose own prompt is there.
pub(crate) const CALLEE: &str = "13800001111";

/// An event that comes within this time of its key did not wait for the digit time-out, which is 3 s.
/// On a machine with nothing else to do it comes within 0.3 s.
const AT_ONCE_S: f64 = 2.5;

/// A call, and what must be true of it.
pub(crate) type NamedCall = (&'static str, fn(&Asterisk));

/// Calls that the PBX must have nothing to say to. They run at the same time.
pub(crate) const CALLS: &[NamedCall] = &[
    ("key 1 during the prompts", key_during_the_prompts),
    ("key 1 during the wait", key_during_the_wait),
    ("a code ended by #", code_with_end_key),
    ("a code ended by *", code_with_other_end_key),
    ("a code without #", code_without_end_key),
    ("a code in the second wait", code_in_the_second_wait),
    ("a code equal to the IVR's number", code_equal_to_the_number),
    ("too short a code", code_too_short),
    ("too long a code", code_too_long),
    ("a wrong key", wrong_key),
    ("the first digit of the IVR's number", first_digit_of_the_number),
    ("wrong keys until the limit", wrong_keys_until_the_limit),
    ("keys of which one begins another", keys_that_wait),
    ("silence in 6500", silence_in_6500),
    ("silence in 6501", silence_in_6501),
    ("silence in 6503", silence_in_6503),
    ("a key during the goodbye", key_during_the_goodbye),
    ("the callee's own prompt", prompt_of_the_callee),
    ("a callee's number with a plus sign", number_with_a_plus_sign),
    ("a call without a number", call_without_a_number),
    ("no verdict, asked again", hold_until_the_limit),
    ("no verdict, hung up", hold_then_hangup),
    ("a redirect during the hold", redirect_during_the_hold),
    ("a redirect into a code half typed", redirect_into_a_code_half_typed),
    ("counters after a redirect", counters_begin_afresh),
    ("the callee hangs up", callee_hangs_up),
];

fn key_during_the_prompts(pbx: &Asterisk) {
    let call = call_until(pbx, "6500", "wait 0.9 1", play("password"));
    assert_eq!(call.visits("ivrs"), ["6500", "6501"], "{call}");
    assert_eq!(call.visits("ivr_6500-menu"), ["s", "1"], "{call}");
    assert_eq!(call.sounds(), [sound("notice"), sound("password")], "{call}");
}

fn key_during_the_wait(pbx: &Asterisk) {
    let call = call_until(pbx, "6500", "wait 4.2 1", step("ivrs,6501,1"));
    assert_eq!(call.user_events("PlayPromptEnd", "Ivrid"), ["6500"], "{call}");
}

fn code_with_end_key(pbx: &Asterisk) {
    let call = call_until(pbx, "6501", "wait 0.9 56789#", play("holdon"));
    assert_eq!(call.user_events("DtmfEndString", "Info"), ["56789#"], "{call}");
    report_event_time(pbx, &call, "#");
    assert_eq!(call.visits("ivr_6501-menu"), ["s", "56789#", "hold", "h"], "{call}");
}

fn code_with_other_end_key(pbx: &Asterisk) {
    let call = call_until(pbx, "6503", "wait 0.9 1234*", play("holdon"));
    assert_eq!(call.user_events("DtmfEndString", "Info"), ["1234*"], "{call}");
    report_event_time(pbx, &call, "*");
}

fn code_without_end_key(pbx: &Asterisk) {
    let call = call_until(pbx, "6501", "wait 0.9 56789", play("holdon"));
    assert_eq!(call.user_events("DtmfEndString", "Info"), ["56789"], "{call}");
    let waited_s = call.span_s(press("9"), event("DtmfEndString")).unwrap();
    assert!(
        (1.5..8.0).contains(&waited_s),
        "about 3 s of digit time-out, found {waited_s}:\n{call}"
    );
}

fn code_in_the_second_wait(pbx: &Asterisk) {
    let call = call_until(pbx, "6501", "wait 8.5 4321#", play("holdon"));
    assert_eq!(call.sounds()[..2], [sound("password"), sound("password")], "{call}");
    assert_eq!(call.user_events("DtmfEndString", "Info"), ["4321#"], "{call}");
    report_event_time(pbx, &call, "#");
}

fn code_equal_to_the_number(pbx: &Asterisk) {
    let call = call_until(pbx, "6501", "wait 0.9 6501", play("holdon"));
    assert_eq!(call.user_events("DtmfEndString", "Info"), ["6501"], "{call}");
    assert_eq!(call.visits("ivrs"), ["6501"], "{call}");
}

fn code_too_short(pbx: &Asterisk) {
    let call = call(pbx, "6501", "wait 0.9 12#");
    assert_eq!(call.user_events("DtmfEndString", "Info"), [""; 0], "{call}");
    assert_eq!(call.visits("ivr_6501-menu"), ["s", "i", "replay", "s", "t", "hangup"], "{call}");
    assert!(call.span_s(press("#"), step("ivr_6501-menu,i,1")).unwrap() < AT_ONCE_S, "{call}");
    ends_by_itself(&call);
}

fn code_too_long(pbx: &Asterisk) {
    let call = call_until(pbx, "6501", "wait 0.9 123456789", step("ivr_6501-menu,replay,1"));
    assert_eq!(call.user_events("DtmfEndString", "Info"), [""; 0], "{call}");
    assert_eq!(call.visits("ivr_6501-menu")[..3], ["s", "i", "replay"], "{call}");
}

fn wrong_key(pbx: &Asterisk) {
    let call = call(pbx, "6500", "wait 0.9 9");
    assert_eq!(call.visits("ivr_6500-menu"), ["s", "i", "replay", "s", "t", "hangup"], "{call}");
    ends_by_itself(&call);
}

fn first_digit_of_the_number(pbx: &Asterisk) {
    let wrong = "ivr_6500-menu,i,1";
    let call = call_until(pbx, "6500", "wait 0.9 6", step(wrong));
    let waited_s = call.span_s(press("6"), step(wrong)).unwrap();
    assert!(waited_s < AT_ONCE_S, "6 is no beginning of anything:\n{call}");
}

fn wrong_keys_until_the_limit(pbx: &Asterisk) {
    let call = call(pbx, "6500", "wait 0.9 9 wait 0.9 9 wait 0.9 9");
    assert_eq!(
        call.visits("ivr_6500-menu"),
        ["s", "i", "replay", "s", "i", "replay", "s", "i", "replay", "hangup"],
        "{call}"
    );
    ends_by_itself(&call);
}

fn keys_that_wait(pbx: &Asterisk) {
    let long = call_until(pbx, "6500", "wait 0.9 29", step("ivrs,6503,1"));
    assert_eq!(long.visits("ivr_6500-menu"), ["s", "29"], "{long}");
    let short = call(pbx, "6500", "wait 0.9 2");
    assert_eq!(short.visits("ivr_6500-menu"), ["s", "2", "hangup"], "{short}");
    assert!(short.span_s(press("2"), step("ivr_6500-menu,2,1")).unwrap() > 1.5, "{short}");
}

fn silence_in_6500(pbx: &Asterisk) {
    let call = call(pbx, "6500", "");
    let once = [sound("notice"), sound(CALLEE), sound("confirm")];
    assert_eq!(call.sounds(), [once.clone(), once].concat(), "{call}");
    assert_eq!(call.user_events("PlayPromptEnd", "Ivrid"), ["6500", "6500"], "{call}");
    assert_eq!(call.visits("ivr_6500-menu"), ["s", "t", "hangup"], "{call}");
    ends_by_itself(&call);
}

fn silence_in_6501(pbx: &Asterisk) {
    let call = call(pbx, "6501", "");
    assert_eq!(call.sounds(), [sound("password"), sound("password")], "{call}");
    assert_eq!(call.user_events("PlayPromptEnd", "Ivrid"), ["6501", "6501"], "{call}");
    ends_by_itself(&call);
}

fn silence_in_6503(pbx: &Asterisk) {
    let call = call(pbx, "6503", "");
    assert_eq!(call.sounds(), [sound("password1"), sound("password1")], "{call}");
    assert_eq!(call.user_events("PlayPromptEnd", "Ivrid"), ["6503", "6503"], "{call}");
    ends_by_itself(&call);
}

fn key_during_the_goodbye(pbx: &Asterisk) {
    let call = call(pbx, "6502", "wait 0.6 5 wait 1.9 #");
    assert_eq!(call.visits("ivr_6502-menu"), ["s", "t", "hangup"], "{call}");
    let played_s = call.span_s(play("ok"), event("PlayPromptEnd")).unwrap();
    assert!(played_s > 1.2, "the goodbye of 2 s was cut after {played_s}:\n{call}");
    assert_eq!(call.user_events("PlayPromptEnd", "Ivrid"), ["6502"], "{call}");
    ends_by_itself(&call);
}

fn prompt_of_the_callee(pbx: &Asterisk) {
    let call = call_until(pbx, "6500", "", play("confirm"));
    let played_s = call.span_s(play(CALLEE), play("confirm")).unwrap();
    // A missing file takes no time at all. A daemon that was kept waiting catches up, so that a
    // sound of 1 s may take much less.
    assert!(played_s > 0.05, "1 s long, played for {played_s}:\n{call}");
}

fn number_with_a_plus_sign(pbx: &Asterisk) {
    let plus = format!("+{CALLEE}");
    let dial = Dial { context: "ivrs", exten: "6500", caller_id: &plus, ..Dial::default() };
    let mut call = pbx.dial(&dial);
    call.wait_for(play(CALLEE));
    call.hang_up();
    call.end();
}

fn call_without_a_number(pbx: &Asterisk) {
    let mut call = pbx.dial(&Dial { context: "ivrs", exten: "6500", ..Dial::default() });
    call.wait_for(event("PlayPromptEnd"));
    call.hang_up();
    let call = call.end();
    assert_eq!(call.sounds(), [sound("notice"), sound("confirm")], "{call}");
}

fn hold_until_the_limit(pbx: &Asterisk) {
    let call = call(pbx, "6501", "wait 0.9 5678#");
    assert_eq!(
        call.visits("ivr_6501-menu"),
        ["s", "5678#", "hold", "replay", "s", "t", "hangup"],
        "{call}"
    );
    assert_eq!(
        call.sounds()[1..4],
        [sound("holdon"), sound("macroform-the_simplicity"), sound("holdon")],
        "{call}"
    );
    let held_s = call.span_s(step("ivr_6501-menu,hold,1"), step("ivr_6501-menu,replay,1")).unwrap();
    assert!((HOLD_S / 2.0..HOLD_S * 2.0).contains(&held_s), "held for {held_s}:\n{call}");
    ends_by_itself(&call);
}

fn hold_then_hangup(pbx: &Asterisk) {
    let call = call(pbx, "6503", "wait 0.9 5678*");
    assert_eq!(call.visits("ivr_6503-menu"), ["s", "5678*", "hold", "hangup"], "{call}");
    ends_by_itself(&call);
}

fn redirect_during_the_hold(pbx: &Asterisk) {
    let mut call = begin(pbx, "6501", "wait 0.9 5678#");
    call.wait_for(play("macroform-the_simplicity"));
    call.redirect("ivrs", "6502");
    let call = call.end();
    assert_eq!(call.visits("ivrs"), ["6501", "6502"], "{call}");
    assert_eq!(call.user_events("PlayPromptEnd", "Ivrid").last().unwrap(), "6502", "{call}");
    let played_s = call.span_s(play("ok"), event("PlayPromptEnd")).unwrap();
    assert!(played_s > 1.2, "the goodbye of 2 s was cut after {played_s}:\n{call}");
    ends_by_itself(&call);
}

/// What was typed is looked for where the call is sent to; in the first context of an IVR whatever it
/// is leads in.
fn redirect_into_a_code_half_typed(pbx: &Asterisk) {
    let mut call = begin(pbx, "6501", "wait 0.9 56");
    call.wait_for(press("6"));
    std::thread::sleep(std::time::Duration::from_millis(300));
    call.redirect("ivr_6502", "6502");
    let call = call.end();
    assert_eq!(call.visits("ivr_6502"), ["i", "6502"], "{call}");
    assert_eq!(call.user_events("PlayPromptEnd", "Ivrid").last().unwrap(), "6502", "{call}");
    ends_by_itself(&call);
}

fn counters_begin_afresh(pbx: &Asterisk) {
    // In 6503 the end key is `*`, so each `#` is a wrong key.
    let keys = "wait 0.9 12# wait 0.9 12# wait 0.9 5678# wait 2 12# wait 0.9 12# wait 0.9 12#";
    let mut call = begin(pbx, "6501", keys);
    call.wait_for(play("holdon"));
    call.redirect("ivrs", "6503");
    let call = call.end();
    assert_eq!(
        call.visits("ivr_6501-menu"),
        ["s", "i", "replay", "s", "i", "replay", "s", "5678#", "hold"],
        "{call}"
    );
    assert_eq!(
        call.visits("ivr_6503-menu"),
        ["s", "i", "replay", "s", "i", "replay", "s", "i", "replay", "hangup"],
        "{call}"
    );
}

fn callee_hangs_up(pbx: &Asterisk) {
    let mut call = begin(pbx, "6501", "");
    call.wait_for(play("password"));
    call.hang_up();
    let call = call.end();
    let steps = call.steps();
    assert_eq!(
        steps[steps.len() - 2..],
        ["ivr_6501-menu,h,1 Goto(always-Hangup,h,1)", "always-Hangup,h,1 Hangup()"],
        "{call}"
    );
}

/// `yeastar-s`: the PBX's call records and recording are told, and only when it asks for it.
pub(crate) fn marks_for_the_pbx(pbx: &Asterisk) {
    let variables: &[_] = &[("Ivr2outbound", "yes"), ("CHANDISABLERECORD", "yes")];
    for (variables, answer) in [(variables, "1"), (&[][..], "0")] {
        let dial = Dial {
            context: "ivrs",
            exten: "6500",
            keys: "wait 0.9 1",
            variables,
            ..Dial::default()
        };
        let mut call = pbx.dial(&dial);
        call.wait_for(step("ivr_6501-menu,s,1"));
        call.redirect("ivrs", "6502");
        let steps = call.end().steps();
        for place in ["ivr_6500-menu,1", "ivr_6502-menu,hangup"] {
            let expected = [
                format!("{place},2 ExecIf({answer}?Set(CDR(Ivr2outbound)=yes))"),
                format!("{place},3 ExecIf({answer}?Set(CDR(INGORELOCAL1CDR)=yes))"),
                format!(
                    "{place},4 ExecIf({answer}?NoOp(skip setting disablerecord again):\
                     Set(CHANDISABLERECORD=no))"
                ),
            ];
            for line in expected {
                assert!(
                    steps.iter().any(|step| same_but_priority(step, &line)),
                    "{line}: {steps:#?}"
                );
            }
        }
    }
}

/// `asterisk`: answers once, pauses once, and answers a caller from outside.
pub(crate) fn answers_once(pbx: &Asterisk) {
    let call = call_until(pbx, "6500", "wait 0.9 1", play("password"));
    let count = |end: &str| call.steps().iter().filter(|step| step.ends_with(end)).count();
    assert_eq!((count(" Answer()"), count(" Wait(0.4)")), (1, 1), "{call}");
    let fields = [
        ("Channel", "Local/6502@ivrs/n"),
        ("Application", "Wait"),
        ("Data", "0.1"),
        ("Timeout", "10000"),
    ];
    let reply = pbx.manager().action("Originate", &fields);
    assert_eq!(reply.field("Response"), "Success", "nobody answered");
}

/// Not among [`CALLS`], as Asterisk says that the file is missing.
pub(crate) fn missing_prompt_of_the_callee(pbx: &Asterisk) {
    let dial = Dial { context: "ivrs", exten: "6500", caller_id: "999", ..Dial::default() };
    let mut call = pbx.dial(&dial);
    call.wait_for(event("PlayPromptEnd"));
    call.hang_up();
    let call = call.end();
    assert_eq!(call.sounds(), [sound("notice"), sound("999"), sound("confirm")], "{call}");
    assert!(pbx.messages().iter().any(|message| message.text.contains("999 does not exist")));
}

pub(crate) fn missing_prompts_do_not_spin(pbx: &Asterisk) {
    let call = call_until(pbx, "6501", "wait 0.9 5678#", step("ivr_6501-menu,replay,1"));
    let begun = call.sounds().len();
    assert!((4..=16).contains(&begun), "{begun} prompts begun in {HOLD_S} s:\n{call}");
}

fn begin(pbx: &Asterisk, exten: &str, keys: &str) -> Call {
    pbx.dial(&Dial { context: "ivrs", exten, keys, caller_id: CALLEE, variables: &[] })
}

fn call(pbx: &Asterisk, exten: &str, keys: &str) -> Trace {
    begin(pbx, exten, keys).end()
}

/// Calls, waits until that happens, and hangs up.
fn call_until(pbx: &Asterisk, exten: &str, keys: &str, what: impl Fn(&What) -> bool) -> Trace {
    let mut call = begin(pbx, exten, keys);
    call.wait_for(what);
    call.hang_up();
    call.end()
}

fn ends_by_itself(call: &Trace) {
    assert_eq!(call.hangup(), (16, "always-Hangup,h,1"), "{call}");
}

fn report_event_time(pbx: &Asterisk, call: &Trace, key: &str) {
    let span_s = call.span_s(press(key), event("DtmfEndString")).unwrap();
    println!("Asterisk {}: DtmfEndString {span_s:.3} s after {key} went down", pbx.version());
    assert!(span_s < AT_ONCE_S, "{span_s} s:\n{call}");
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
    move |what| match what {
        What::Step { application, data, .. } => sounds_begun(application, data).contains(&sound),
        _ => false,
    }
}

fn sound(prompt: &str) -> String {
    format!("{SOUNDS}/{prompt}")
}

/// Whether two steps are the same but for the number of their priority.
fn same_but_priority(a: &str, b: &str) -> bool {
    let parts = |step: &str| {
        let (place, what) = step.split_once(' ').unwrap();
        (place.rsplit_once(',').unwrap().0.to_owned(), what.to_owned())
    };
    parts(a) == parts(b)
}
