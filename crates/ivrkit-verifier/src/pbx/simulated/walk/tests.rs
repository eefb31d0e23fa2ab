//! Calls walked through a small scenario without a clock.

use super::*;

use crate::pbx::simulated::{dialplan, length::Lengths, plan::Calendar};
use ivrkit_dialplan::{
    application::Version,
    call::{FixedSounds, Pbx},
    scenario::{ProfileSettings, Scenario},
    syntax::Nothing,
};

const SCENARIO: &str = include_str!("../../../../tests/fixtures/simulated.yaml");
/// What is rendered for it.
const DIALPLAN: &str = include_str!("../../../../tests/fixtures/simulated.conf");
/// The first moment of 2026.
const CALENDAR: Calendar = Calendar { epoch_ms: 1_767_225_600_000, utc_offset_s: 0 };

/// What the application does in a test, and when.
enum Do<'a> {
    Transfer(u64, &'a str),
    HangUp(u64),
}

fn plan(text: &str, lengths: &Lengths) -> Arc<Plan> {
    plan_of(serde_yaml::from_str(SCENARIO).unwrap(), text, lengths)
}

fn plan_of(scenario: Scenario, text: &str, lengths: &Lengths) -> Arc<Plan> {
    let own = dialplan::own_contexts(&scenario, scenario.profile);
    let loaded = dialplan::load(b"simulated.conf", text.as_bytes(), &own, &mut Nothing);
    let pbx = Pbx::new(loaded, Version::newest(), Arc::new(FixedSounds::new()));
    Arc::new(Plan::new(scenario, &pbx, lengths, CALENDAR, 1))
}

fn walk(direction: Direction, callee: Callee) -> Walk {
    let ivr = Number::new("6500").unwrap();
    Walk::new(plan(DIALPLAN, &Lengths::Estimated), direction, "13900001111", &ivr, callee, 0)
}

fn lines(walk: &mut Walk) -> Vec<String> {
    walk.drain().map(|(at_ms, happening)| format!("{at_ms} {happening}")).collect()
}

/// Walks a call to its end and compares its transcript from the answer on.
fn check_callee(callee: Callee, application: &[Do<'_>], expected: &str) {
    let mut walk = walk(Direction::Outbound, callee);
    for command in application {
        match command {
            Do::Transfer(at_ms, to) => {
                let to = Destination::Ivr(Number::new(to).unwrap());
                walk.transfer(to, *at_ms).unwrap();
            }
            Do::HangUp(at_ms) => walk.hang_up(End::Application, *at_ms).unwrap(),
        }
    }
    walk.advance(1_000_000);
    let found = lines(&mut walk);
    let answered = found.iter().position(|line| line.ends_with(" answers")).map_or(0, |at| at + 1);
    let expected: Vec<_> =
        expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(found[answered..], expected);
    assert_eq!((walk.status(), walk.due_ms()), (Status::Over, None));
}

fn check(script: &[&str], application: &[Do<'_>], expected: &str) {
    let mut callee = Callee::doing(script.iter().copied()).unwrap();
    callee.answer = Answer::After(800);
    check_callee(callee, application, expected);
}

fn meets(answer: Answer, expected: &str) {
    check_callee(Callee { answer, ..Callee::default() }, &[], expected);
}

#[test]
fn right_code_then_transfer_to_the_end() {
    check(
        &["6500: 1", "6501: 56789#"],
        &[Do::Transfer(9000, "6502")],
        "1000 enters IVR 6500 (call begins)
         5063 has heard the prompts of 6500 (play 1)
         5363 presses 1
         5363 enters IVR 6501 (key)
         6695 has heard the prompts of 6501 (play 1)
         6995 presses 5
         7245 presses 6
         7495 presses 7
         7745 presses 8
         7995 presses 9
         8245 presses #
         8245 has entered 56789 in 6501, ended by the key #
         8245 is on hold in 6501
         9000 is transferred to 6502
         9000 enters IVR 6502 (transfer)
         9888 has heard the prompts of 6502 (play 1)
         10888 ends: no key came",
    );
}

#[test]
fn silence_hears_every_play_and_is_hung_up() {
    check(
        &[],
        &[],
        "1000 enters IVR 6500 (call begins)
         5063 has heard the prompts of 6500 (play 1)
         10126 has heard the prompts of 6500 (play 2)
         11126 ends: no key came",
    );
}

#[test]
fn a_key_interrupts_the_prompt() {
    check(
        &["6500: start, wait 0.5, 2"],
        &[],
        "1000 enters IVR 6500 (call begins)
         1500 presses 2
         1500 ends: a key that hangs up",
    );
}

#[test]
fn a_key_in_the_last_moment_of_the_wait_counts() {
    check(
        &["6500: start, wait 5.063, 2"],
        &[],
        "1000 enters IVR 6500 (call begins)
         5063 has heard the prompts of 6500 (play 1)
         6063 presses 2
         6063 ends: a key that hangs up",
    );
}

#[test]
fn wrong_keys_start_over_until_the_limit() {
    check(
        &["6500: start, 9", "6500: start, 8"],
        &[],
        "1000 enters IVR 6500 (call begins)
         1000 presses 9
         1000 hears IVR 6500 again (wrong key)
         1000 presses 8
         1000 ends: started over too often",
    );
}

#[test]
fn half_a_sequence_is_wrong_after_the_digit_time_out() {
    check(
        &["6500: start, 7", "6500: start, 77"],
        &[],
        "1000 enters IVR 6500 (call begins)
         1000 presses 7
         4000 hears IVR 6500 again (wrong key)
         4000 presses 7
         4250 presses 7
         4250 enters IVR 6502 (key)
         5138 has heard the prompts of 6502 (play 1)
         6138 ends: no key came",
    );
}

#[test]
fn keys_are_lost_where_none_means_anything() {
    check(
        &["6502: start, 5"],
        &[Do::Transfer(1000, "6502")],
        "1000 enters IVR 6500 (call begins)
         1000 is transferred to 6502
         1000 enters IVR 6502 (transfer)
         1000 presses 5
         1888 has heard the prompts of 6502 (play 1)
         2888 ends: no key came",
    );
}

#[test]
fn a_wrong_key_may_hang_up() {
    let wrong_key = "NoOp(wrong key)\nsame => n,Goto(replay,1)";
    let hangs_up = DIALPLAN.replace(wrong_key, "NoOp(wrong key)\nsame => n,Goto(hangup,1)");
    assert_ne!(hangs_up, DIALPLAN);
    let plan = plan(&hangs_up, &Lengths::Estimated);
    let callee = Callee::doing(["6500: start, 9"]).unwrap();
    let ivr = Number::new("6500").unwrap();
    let mut walk = Walk::new(plan, Direction::Inbound, "1", &ivr, callee, 0);
    walk.advance(0);
    assert_eq!(lines(&mut walk)[3..], ["0 presses 9", "0 ends: a wrong key"]);
}

#[test]
fn a_code_without_end_key_is_taken_after_the_digit_time_out() {
    check(
        &["6500: start, 1", "6501: start, 1234, hold, hangup"],
        &[],
        "1000 enters IVR 6500 (call begins)
         1000 presses 1
         1000 enters IVR 6501 (key)
         1000 presses 1
         1250 presses 2
         1500 presses 3
         1750 presses 4
         4750 has entered 1234 in 6501, ended by the digit time-out
         4750 is on hold in 6501
         5050 ends: the callee hung up",
    );
}

#[test]
fn too_short_an_entry_is_wrong_at_the_end_key_and_at_the_time_out() {
    check(
        &["6500: start, 1", "6501: start, 123#", "6501: start, 12", "6501: start, hangup"],
        &[],
        "1000 enters IVR 6500 (call begins)
         1000 presses 1
         1000 enters IVR 6501 (key)
         1000 presses 1
         1250 presses 2
         1500 presses 3
         1750 presses #
         1750 hears IVR 6501 again (wrong key)
         1750 presses 1
         2000 presses 2
         5000 hears IVR 6501 again (wrong key)
         5000 ends: the callee hung up",
    );
}

#[test]
fn too_long_an_entry_is_wrong_at_once_and_its_rest_is_typed_on() {
    check(
        &["6500: start, 1", "6501: start, 12345678"],
        &[],
        "1000 enters IVR 6500 (call begins)
         1000 presses 1
         1000 enters IVR 6501 (key)
         1000 presses 1
         1250 presses 2
         1500 presses 3
         1750 presses 4
         2000 presses 5
         2250 presses 6
         2500 presses 7
         2500 hears IVR 6501 again (wrong key)
         2750 presses 8
         5750 hears IVR 6501 again (wrong key)
         7082 has heard the prompts of 6501 (play 1)
         12414 has heard the prompts of 6501 (play 2)
         16414 ends: no key came",
    );
}

#[test]
fn without_a_verdict_the_callee_enters_again() {
    // Hold prompts of 666 and 10000 ms, then 500 ms: the second round's music begins 11832 ms
    // after the entry and ends past the limit of 15 s, with the pause at 22332 ms.
    check(
        &["6500: start, 1", "6501: start, 1234#"],
        &[Do::HangUp(25_500)],
        "1000 enters IVR 6500 (call begins)
         1000 presses 1
         1000 enters IVR 6501 (key)
         1000 presses 1
         1250 presses 2
         1500 presses 3
         1750 presses 4
         2000 presses #
         2000 has entered 1234 in 6501, ended by the key #
         2000 is on hold in 6501
         24332 hears IVR 6501 again (no verdict)
         24332 presses 1
         24582 presses 2
         24832 presses 3
         25082 presses 4
         25332 presses #
         25332 has entered 1234 in 6501, ended by the key #
         25332 is on hold in 6501
         25500 ends: the application hung up",
    );
}

#[test]
fn keys_on_hold_are_told_and_lost() {
    check(
        &["6500: start, 1", "6501: start, 1234#, hold, 1#"],
        &[Do::Transfer(4000, "6502")],
        "1000 enters IVR 6500 (call begins)
         1000 presses 1
         1000 enters IVR 6501 (key)
         1000 presses 1
         1250 presses 2
         1500 presses 3
         1750 presses 4
         2000 presses #
         2000 has entered 1234 in 6501, ended by the key #
         2000 is on hold in 6501
         2300 presses 1
         2550 presses #
         4000 is transferred to 6502
         4000 enters IVR 6502 (transfer)
         4888 has heard the prompts of 6502 (play 1)
         5888 ends: no key came",
    );
}

#[test]
fn a_transfer_in_mid_entry_ends_the_call_as_on_asterisk() {
    // What was typed is looked for where the call is sent to, and is nothing there.
    check(
        &["6500: start, 1", "6501: start, 12", "6503: start, 1234#"],
        &[Do::Transfer(2000, "6503")],
        "1000 enters IVR 6500 (call begins)
         1000 presses 1
         1000 enters IVR 6501 (key)
         1000 presses 1
         1250 presses 2
         2000 is transferred to 6503
         2000 ends: the dialplan ended it",
    );
}

#[test]
fn a_transfer_before_the_first_key_begins_anew() {
    check(
        &["6500: start, 1", "6503: start, 1234#, hold, hangup"],
        &[Do::Transfer(2000, "6503")],
        "1000 enters IVR 6500 (call begins)
         1000 presses 1
         1000 enters IVR 6501 (key)
         2000 is transferred to 6503
         2000 enters IVR 6503 (transfer)
         2000 presses 1
         2250 presses 2
         2500 presses 3
         2750 presses 4
         3000 presses #
         3000 has entered 1234 in 6503, ended by the key #
         3000 is on hold in 6503
         3300 ends: the callee hung up",
    );
}

#[test]
fn a_key_beside_an_entry_waits_for_more() {
    check(
        &["6503: start, 1"],
        &[Do::Transfer(1000, "6503")],
        "1000 enters IVR 6500 (call begins)
         1000 is transferred to 6503
         1000 enters IVR 6503 (transfer)
         1000 presses 1
         4000 enters IVR 6502 (key)
         4888 has heard the prompts of 6502 (play 1)
         5888 ends: no key came",
    );
}

#[test]
fn time_out_and_wrong_key_may_lead_to_an_ivr() {
    check(
        &["6503: start, *", "6501: start, hangup"],
        &[Do::Transfer(1000, "6503")],
        "1000 enters IVR 6500 (call begins)
         1000 is transferred to 6503
         1000 enters IVR 6503 (transfer)
         1000 presses *
         1000 enters IVR 6501 (wrong key)
         1000 ends: the callee hung up",
    );
    check(
        &["6502: start, hangup"],
        &[Do::Transfer(1000, "6503")],
        "1000 enters IVR 6500 (call begins)
         1000 is transferred to 6503
         1000 enters IVR 6503 (transfer)
         2110 has heard the prompts of 6503 (play 1)
         7220 has heard the prompts of 6503 (play 2)
         11220 enters IVR 6502 (time-out)
         11220 ends: the callee hung up",
    );
}

#[test]
fn callees_who_are_not_reached() {
    meets(
        Answer::Busy { reason: "User busy".to_owned() },
        "0 dialled, for IVR 6500\n200 is not reached: User busy\n200 ends: busy",
    );
    meets(
        Answer::Unreachable { reason: "Line unreachable".to_owned() },
        "0 dialled, for IVR 6500\n200 is not reached: Line unreachable\n200 ends: unreachable",
    );
    meets(
        Answer::No { ring_ms: 5000, reason: "DND".to_owned() },
        "0 dialled, for IVR 6500\n200 rings\n5200 is not reached: DND\n5200 ends: no answer",
    );
}

#[test]
fn a_callee_may_hang_up_by_the_clock() {
    check_callee(
        Callee { hang_up_after_ms: Some(700), ..Callee::default() },
        &[],
        "1200 enters IVR 6500 (call begins)\n1900 ends: the callee hung up",
    );
}

#[test]
fn a_call_that_rings_is_transferred_when_answered() {
    check(
        &["6502: start, hangup"],
        &[Do::Transfer(500, "6502")],
        "1000 enters IVR 6502 (transfer)\n1000 ends: the callee hung up",
    );
}

#[test]
fn too_early_and_too_late() {
    let mut walk = walk(Direction::Outbound, Callee::default());
    let ivr = || Destination::Ivr(Number::new("6502").unwrap());
    assert_eq!(walk.transfer(ivr(), 100), Err(Refusal::NotConnected));
    assert_eq!(walk.status(), Status::Wait);
    walk.advance(300);
    assert_eq!(walk.status(), Status::Progress);
    walk.hang_up(End::Application, 400).unwrap();
    assert_eq!(walk.transfer(ivr(), 500), Err(Refusal::Over));
    assert_eq!(walk.hang_up(End::Application, 500), Err(Refusal::Over));
}

#[test]
fn an_extension_talks_for_a_while() {
    let mut walk = walk(Direction::Outbound, Callee::default());
    walk.transfer(Destination::Extension("1000".to_owned()), 3000).unwrap();
    assert_eq!((walk.status(), walk.ivr()), (Status::Talking, None));
    walk.advance(60_000);
    assert_eq!(
        lines(&mut walk)[4..],
        ["3000 is transferred to 1000", "13000 ends: the extension hung up"]
    );
}

#[test]
fn a_caller_from_outside_is_answered_at_once() {
    let mut walk = walk(Direction::Inbound, Callee::doing(["6500: start, 2"]).unwrap());
    walk.advance(0);
    assert_eq!(
        lines(&mut walk),
        [
            "0 dialled, for IVR 6500",
            "0 answers",
            "0 enters IVR 6500 (call begins)",
            "0 presses 2",
            "0 ends: a key that hangs up"
        ]
    );
}

#[test]
fn missing_hold_prompts_do_not_spin() {
    let plan = plan(DIALPLAN, &Lengths::Measured([].into()));
    let callee = Callee::doing(["6501: start, 1234#"]).unwrap();
    let ivr = Number::new("6501").unwrap();
    let mut walk =
        Walk::new(plan, Direction::Inbound, "1", &ivr, Callee { enters_again: false, ..callee }, 0);
    walk.advance(100_000);
    let found = lines(&mut walk);
    assert_eq!(
        found[2..4],
        ["0 enters IVR 6501 (call begins)", "0 has heard the prompts of 6501 (play 1)"]
    );
    assert_eq!(
        found[10..13],
        [
            "1000 is on hold in 6501",
            "16000 hears IVR 6501 again (no verdict)",
            "16000 has heard the prompts of 6501 (play 1)",
        ]
    );
}

#[test]
fn a_dialplan_by_hand_ends_for_reasons_of_its_own() {
    let check = |lines: &str, expected: &[&str]| {
        let text = format!("[ivr_6500]\nexten => 6500,1,NoOp()\n{lines}");
        let plan = plan(&text, &Lengths::Estimated);
        let ivr = Number::new("6500").unwrap();
        let callee = Callee::default();
        let mut walk = Walk::new(plan, Direction::Inbound, "1", &ivr, callee, 0);
        walk.advance(100_000);
        assert_eq!(lines_after_entry(&mut walk), expected, "{text}");
    };
    check("same => n,Playback(beep)\nsame => n,Hangup()", &["3000 ends: the dialplan ended it"]);
    check("same => n,Wait(2)", &["2000 ends: the dialplan ended it"]);
    check("same => n,Goto(t,1)\nexten => t,1,Hangup()", &["0 ends: no key came"]);
    check("same => n,Goto(ivrs,6501,1)", &["0 ends: the dialplan ended it"]);
    check(
        "same => n,Goto(ivrs,6501,1)\n[ivr_6501]\nexten => 6501,1,Hangup()",
        &["0 enters IVR 6501 (dialplan)", "0 ends: the dialplan ended it"],
    );
    check(
        "same => n,System(true)",
        &["0 comes to what is not simulated: System", "0 ends: the simulation goes no further"],
    );
    check(
        "same => n(loop),Goto(loop)",
        &[
            "0 comes to what is not simulated: a dialplan that goes round for ever",
            "0 ends: the simulation goes no further",
        ],
    );
    check(
        "same => n,UserEvent(DtmfEndString,Info: 12*)\nsame => n,UserEvent(Other,Info: 1)",
        &[
            "0 has entered 12 in 6500, ended by the key *",
            "0 is on hold in 6500",
            "0 ends: the dialplan ended it",
        ],
    );
}

fn lines_after_entry(walk: &mut Walk) -> Vec<String> {
    lines(walk).split_off(3)
}

#[test]
fn the_dialplan_knows_the_callee_and_the_time() {
    let text = "[ivr_6500]
exten => 6500,1,UserEvent(PlayPromptEnd,Ivrid: ${CALLERID(num)} ${EPOCH} ${STRFTIME(${EPOCH},,%H:%M)})";
    let plan = plan(text, &Lengths::Estimated);
    let ivr = Number::new("6500").unwrap();
    let mut walk = Walk::new(plan, Direction::Inbound, "139", &ivr, Callee::default(), 60_500);
    walk.advance(60_500);
    let expected = "60500 has heard the prompts of 139 1767225660 00:01 (play 1)";
    assert_eq!(lines_after_entry(&mut walk)[0], expected);
}

#[test]
fn the_callee_is_where_the_scenario_looks_for_him() {
    let text = "[ivr_6500]\nexten => 6500,1,UserEvent(PlayPromptEnd,Ivrid: ${Callee})";
    let mut scenario: Scenario = serde_yaml::from_str(SCENARIO).unwrap();
    let settings = ProfileSettings { callee_number: "Callee".to_owned() };
    scenario.profiles.insert(scenario.profile, settings);
    let plan = plan_of(scenario, text, &Lengths::Estimated);
    let ivr = Number::new("6500").unwrap();
    let mut walk = Walk::new(plan, Direction::Inbound, "139", &ivr, Callee::default(), 0);
    walk.advance(0);
    assert_eq!(lines_after_entry(&mut walk)[0], "0 has heard the prompts of 139 (play 1)");
}

#[test]
fn many_small_steps_and_one_large_step_tell_the_same() {
    let script = ["6500: 1", "6501: 56789#", "6501: 1, wait 9, 2"];
    let run = |step_ms: usize| {
        let mut walk = walk(Direction::Outbound, Callee::doing(script).unwrap());
        for now_ms in (0..200_000).step_by(step_ms) {
            walk.advance(now_ms);
        }
        lines(&mut walk)
    };
    assert_eq!(run(1), run(100_000));
}
