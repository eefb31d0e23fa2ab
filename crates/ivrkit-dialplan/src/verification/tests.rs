//! Calls told as transcripts: a line with a time is something that happens, a line with `=>` is what
//! the machine must say to it, no more and no less.

use super::*;
use crate::scenario::Scenario;
use proptest::prelude::*;

const SCENARIO: &str = include_str!("../../../../scenarios/driving-test.yaml");

fn scenario() -> Scenario {
    serde_yaml::from_str(SCENARIO).expect("the shipped scenario is sound")
}

/// Runs a transcript. Between two lines the machine is woken whenever it asks for it; what it says
/// then is expected after the line before.
#[track_caller]
fn check(transcript: &str) {
    check_in(&scenario(), transcript);
}

#[track_caller]
fn check_in(scenario: &Scenario, transcript: &str) {
    let mut room = Room { call: None, request: 0, lookup: 0 };
    let mut written = String::new();
    let mut expected = String::new();
    for line in transcript.lines().map(str::trim).filter(|line| !line.is_empty()) {
        expected += &format!("{line}\n");
        let Some((time, what)) = line.split_once(' ') else {
            panic!("a line without a time: {line}")
        };
        if time == "=>" {
            continue;
        }
        let time: TimeMs = time.parse().expect("a line begins with milliseconds or =>");
        written += &room.sleep_until(scenario, time);
        written += &format!("{line}\n");
        written += &room.happen(scenario, time, what.trim());
    }
    assert_eq!(written, expected);
}

struct Room {
    call: Option<Call>,
    request: u32,
    lookup: u32,
}

impl Room {
    fn sleep_until(&mut self, scenario: &Scenario, time: TimeMs) -> String {
        let mut said = String::new();
        while let Some(at) = self.call.as_ref().and_then(Call::wake_at).filter(|at| *at < time) {
            self.call.as_mut().expect("it has a wake-up").handle(scenario, at, Input::Wake);
            said += &self.drain();
        }
        said
    }

    fn happen(&mut self, scenario: &Scenario, now: TimeMs, what: &str) -> String {
        let words: Vec<&str> = what.split_whitespace().collect();
        match words[0] {
            "dial" => self.call = Call::dial(scenario, now),
            "comes-in" => self.call = Call::incoming(scenario, words[1], now),
            "restart" => {
                let stored = serde_json::to_string(self.call.as_ref().expect("a call")).unwrap();
                let mut call: Call = serde_json::from_str(&stored).unwrap();
                call.resume(now);
                self.call = Some(call);
            }
            _ => {
                for input in self.inputs(&words) {
                    self.call.as_mut().expect("a call").handle(scenario, now, input);
                }
            }
        }
        self.drain()
    }

    fn inputs(&self, words: &[&str]) -> Vec<Input> {
        let leg = |at: usize| words.get(at).map(|leg| Leg::new(*leg));
        let reported = |at: usize, report: Report| vec![Input::Reported { leg: leg(at), report }];
        let steered = |answer| vec![Input::Steered { request: self.request, answer }];
        let judged = |verdict| vec![Input::LookedUp { lookup: self.lookup, verdict }];
        match words[0] {
            "dialled" => vec![Input::DialAnswered(Ok(words[1].to_owned()))],
            "dial-unsure" => vec![Input::DialAnswered(Err(Answer::Unsure))],
            "dial-not-done" => vec![Input::DialAnswered(Err(Answer::NotDone))],
            "dial-refused" => vec![Input::DialAnswered(Err(Answer::Refused { code: 10024 }))],
            "ringing" => reported(1, Report::Ringing),
            "answered" => reported(1, Report::Answered),
            "prompt-ended" => {
                reported(2, Report::PromptEnded(crate::scenario::Number::new(words[1]).unwrap()))
            }
            "keys" => {
                let first: Option<u32> = words.get(2).and_then(|count| count.parse().ok());
                (0u32..)
                    .zip(words[1].chars())
                    .map(|(at, key)| {
                        let sequence = first.map(|first| first + at);
                        Input::Reported { leg: leg(3), report: Report::Key { key, sequence } }
                    })
                    .collect()
            }
            "entry" => reported(2, Report::Entry(Digits::new(words[1]))),
            "not-reached" => reported(1, Report::NotReached("busy".to_owned())),
            "ended" => reported(1, Report::Ended),
            "match" => judged(Verdict::Match),
            "mismatch" => judged(Verdict::Mismatch),
            "unavailable" => judged(Verdict::Unavailable),
            "look-up-failed" => vec![Input::LookUpFailed { lookup: self.lookup }],
            "done" => steered(Ok(())),
            "unsure" => steered(Err(Answer::Unsure)),
            "no-such-call" => steered(Err(Answer::NoSuchCall)),
            "not-yet" => steered(Err(Answer::NotYet)),
            "refused" => steered(Err(Answer::Refused { code: 10011 })),
            "found" => {
                vec![Input::Found(Found::Up { leg: Leg::new(words[1]), answered: words.len() > 2 })]
            }
            "gone" => vec![Input::Found(Found::Gone)],
            "unknown" => vec![Input::Found(Found::Unknown)],
            "nothing" => vec![],
            other => panic!("no such thing happens: {other}"),
        }
    }

    fn drain(&mut self) -> String {
        let mut said = String::new();
        while let Some(output) = self.call.as_mut().and_then(Call::poll_output) {
            said += &match output {
                Output::Dial { ivr } => format!("=> dial {ivr}\n"),
                Output::LookUp { lookup, digits, .. } => {
                    self.lookup = lookup;
                    format!("=> look up {}\n", digits.expose())
                }
                Output::Transfer { request, leg, to } => {
                    self.request = request;
                    format!("=> transfer {leg} {to}\n")
                }
                Output::HangUp { request, leg } => {
                    self.request = request;
                    format!("=> hang up {leg}\n")
                }
                Output::Find => "=> find\n".to_owned(),
                Output::Note(Step::Ended { outcome }) => format!("=> over, {outcome:?}\n"),
                Output::Note(Step::EntryIgnored { reason }) => format!("=> ignored, {reason:?}\n"),
                Output::Note(_) => continue,
            };
        }
        said
    }
}

/// A call up to the question for the code, then `rest`.
#[track_caller]
fn check_asked(rest: &str) {
    check_asked_in(&scenario(), rest);
}

#[track_caller]
fn check_asked_in(scenario: &Scenario, rest: &str) {
    check_in(
        scenario,
        &format!(
            "0 dial
             => dial 6500
             50 dialled C
             100 ringing L
             2000 answered L
             6000 keys 1 0 L
             9000 prompt-ended 6501 L
             {rest}"
        ),
    );
}

/// The scenario with somewhere to go when the look-up fails: 6500, after 5 seconds.
fn with_a_way_out() -> Scenario {
    let mut scenario = scenario();
    for verification in scenario.verifications.values_mut() {
        verification.on_unavailable = crate::scenario::Target::new("6500").unwrap();
        verification.retry_s = crate::scenario::Seconds::new(5.0);
    }
    scenario
}

#[test]
fn the_right_code_books() {
    check_asked(
        "10000 keys 56789# 1 L
         10100 entry 56789 C
         => look up 56789
         10110 match
         => transfer L 6502
         10150 done
         14000 prompt-ended 6502 L
         15000 ended L
         => over, Verified",
    );
}

#[test]
fn wrong_then_right() {
    check_asked(
        "10100 entry 11111 C
         => look up 11111
         10110 mismatch
         => transfer L 6503
         10150 done
         14000 prompt-ended 6503
         15000 entry 56789 C
         => look up 56789
         15010 match
         => transfer L 6502
         15050 done
         20000 ended
         => over, Verified",
    );
}

#[test]
fn wrong_until_exhausted_hangs_up() {
    check_asked(
        "10100 entry 11111
         => look up 11111
         10110 mismatch
         => transfer L 6503
         10150 done
         15000 entry 22222
         => look up 22222
         15010 mismatch
         => transfer L 6503
         15050 done
         20000 entry 33333
         => look up 33333
         20010 mismatch
         => hang up L
         20050 done
         20100 ended
         => over, Exhausted",
    );
}

#[test]
fn a_hang_up_that_failed_is_asked_for_again_with_the_next_entry() {
    check_asked(
        "10100 entry 11111
         => look up 11111
         10110 mismatch
         => transfer L 6503
         10150 done
         15000 entry 22222
         => look up 22222
         15010 mismatch
         => transfer L 6503
         15050 done
         20000 keys 33333# 1
         20010 entry 33333
         => look up 33333
         20020 mismatch
         => hang up L
         20050 refused
         20060 entry 33333
         => ignored, Repeat
         65000 keys 56789# 7
         65010 entry 56789
         => ignored, NotAsked
         => hang up L
         65050 done
         65100 ended
         => over, Exhausted",
    );
}

#[test]
fn silence_ends_unverified() {
    check(
        "0 dial
           => dial 6500
           50 dialled C
           2000 answered L
           9000 prompt-ended 6500
           19000 prompt-ended 6500
           20000 ended
           => over, Unverified",
    );
}

#[test]
fn a_failure_after_the_answer_ends_no_call() {
    check_asked(
        "10100 entry 56789
         => look up 56789
         10110 match
         => transfer L 6502
         10120 not-reached
         => find
         10130 found L yes
         10150 done
         15000 ended
         => over, Verified",
    );
}

#[test]
fn a_clock_that_was_set_back_holds_nothing_up() {
    check_asked(
        "10100 entry 11111
         => look up 11111
         10110 mismatch
         => transfer L 6503
         10150 not-yet
         200 restart
         => find
         300 found L yes
         => transfer L 6503
         2000 done",
    );
    check(
        "900000 dial
         => dial 6500
         900050 dial-not-done
         100 restart
         => find
         200 gone
         => dial 6500
         2500 dialled C",
    );
}

#[test]
fn nothing_shows_what_was_typed() {
    let key = Report::Key { key: '7', sequence: None };
    let shown = format!("{:?} {:?}", key, Report::Entry(Digits::new("56789")));
    assert_eq!(shown, "Key Entry <5 digits>");
}

#[test]
fn a_busy_callee_was_not_reached() {
    check(
        "0 dial
           => dial 6500
           50 dialled C
           2000 not-reached
           => over, NotReached",
    );
}

#[test]
fn a_call_that_comes_in_works_the_same_way() {
    check(
        "0 comes-in C
           100 keys 1 0 C
           5000 entry 56789 C
           => look up 56789
           5010 match
           => transfer C 6502
           5050 done
           9000 ended
           => over, Verified",
    );
}

#[test]
fn a_repeated_entry_is_no_second_attempt() {
    check_asked(
        "10000 keys 11111# 1
         10100 entry 11111
         => look up 11111
         10110 mismatch
         => transfer L 6503
         10150 done
         10200 entry 11111
         => ignored, Repeat
         15000 keys 11111# 7
         15100 entry 11111
         => look up 11111",
    );
}

#[test]
fn a_repeat_that_comes_while_its_verdict_is_awaited_is_ignored() {
    check_asked(
        "10000 keys 11111# 1
         10100 entry 11111
         => look up 11111
         10150 entry 11111
         => ignored, Repeat
         12000 nothing",
    );
}

#[test]
fn an_entry_may_overtake_its_last_keys() {
    check_asked(
        "10000 keys 11 1
         10100 entry 11111
         => look up 11111
         10110 mismatch
         => transfer L 6503
         10120 keys 111# 3
         10150 done
         10300 entry 11111
         => ignored, Repeat
         16000 keys 222 7
         16100 entry 22222
         => look up 22222",
    );
}

#[test]
fn late_keys_prove_an_entry_of_the_same_digits() {
    check_asked(
        "10000 keys 11111# 1
         10100 entry 11111
         => look up 11111
         10110 mismatch
         => transfer L 6503
         10150 done
         15000 entry 11111
         15100 keys 11111# 7
         => look up 11111
         15500 nothing",
    );
}

#[test]
fn without_single_keys_a_new_prompt_allows_the_same_digits_again() {
    check(
        "0 dial
           => dial 6500
           50 dialled C
           2000 answered L
           9000 prompt-ended 6501
           10100 entry 11111
           => look up 11111
           10110 mismatch
           => transfer L 6503
           10150 done
           10300 entry 11111
           => ignored, Repeat
           14000 prompt-ended 6503
           15000 entry 11111
           => look up 11111",
    );
}

#[test]
fn keys_alone_make_an_entry_when_its_report_never_comes() {
    check_asked(
        "10000 keys 56789# 1
         => look up 56789
         10800 match
         => transfer L 6502",
    );
}

#[test]
fn keys_without_an_end_key_count_after_the_digit_time_out() {
    check_asked(
        "10000 keys 56789 1
         13600 nothing
         => look up 56789
         13800 match
         => transfer L 6502",
    );
}

/// The PBX repeats what it could not report during a restart, a second or more later.
#[test]
fn keys_before_a_restart_wait_for_those_that_were_reported_during_it() {
    check_asked(
        "10000 keys 5678 1
         13650 restart
         => find
         15200 keys 9# 5
         15210 entry 56789
         => look up 56789",
    );
}

#[test]
fn a_missing_key_is_waited_for() {
    check_asked(
        "10000 keys 567 1
         10010 keys 9# 5
         11000 keys 8 4
         => look up 56789
         12000 nothing",
    );
}

#[test]
fn an_entry_with_lost_keys_is_not_judged() {
    check_asked(
        "10000 keys 5678 1
         10010 keys # 6
         => ignored, KeysMissing
         60000 keys 56789# 7
         60100 entry 56789
         => look up 56789",
    );
    check_asked(
        "10000 keys 6789# 2
         => ignored, KeysMissing
         20000 nothing",
    );
}

#[test]
fn a_key_that_overtakes_the_one_that_led_on_is_part_of_the_entry() {
    check(
        "0 dial
         => dial 6500
         50 dialled C
         2000 answered L
         6000 keys 5 1 L
         6005 keys 1 0 L
         6010 keys 6789# 2 L
         => look up 56789
         7000 nothing",
    );
}

#[test]
fn too_short_an_entry_is_the_dialplans_to_refuse() {
    check_asked(
        "10000 keys 12# 1
         20000 keys 56789# 4
         20100 entry 56789
         => look up 56789",
    );
}

#[test]
fn a_leg_id_that_equals_the_call_id_never_replaces_the_first_one() {
    check(
        "0 dial
           => dial 6500
           50 dialled C
           2000 answered C
           2100 ringing L
           2200 keys 1 0 C
           9000 entry 56789 C
           => look up 56789
           9010 match
           => transfer L 6502",
    );
}

#[test]
fn a_leg_never_seen_is_looked_for() {
    check(
        "0 dial
           => dial 6500
           50 dialled C
           2000 answered C
           9000 entry 56789 C
           => look up 56789
           9010 match
           => find
           9100 found L up
           => transfer L 6502
           9200 done
           9300 ended
           => over, Verified",
    );
}

#[test]
fn the_other_id_is_tried_once_then_the_list() {
    check_asked(
        "10100 entry 56789 C
         => look up 56789
         10110 match
         => transfer L 6502
         10150 no-such-call
         => transfer C 6502
         10200 no-such-call
         => find
         10300 found M up
         => transfer M 6502
         10400 no-such-call
         => over, Verified",
    );
}

#[test]
fn a_transfer_of_unknown_fate_is_repeated() {
    check_asked(
        "10100 entry 56789 C
         => look up 56789
         10110 match
         => transfer L 6502
         10150 unsure
         => transfer L 6502
         11700 done
         15000 ended
         => over, Verified",
    );
}

#[test]
fn a_sign_of_the_transfer_stops_its_repeats() {
    check_asked(
        "10100 entry 11111 C
         => look up 11111
         10110 mismatch
         => transfer L 6503
         10150 unsure
         10900 keys 5 7
         20000 entry 56789
         => look up 56789",
    );
    check_asked(
        "10100 entry 11111 C
         => look up 11111
         10110 mismatch
         => transfer L 6503
         10150 unsure
         10900 prompt-ended 6503
         20000 nothing",
    );
}

#[test]
fn a_transfer_begun_before_a_crash_waits_for_signs_first() {
    check_asked(
        "10100 entry 56789 C
         => look up 56789
         10110 match
         => transfer L 6502
         10120 restart
         => find
         10500 found L up
         => transfer L 6502
         11800 done
         19000 ended
         => over, Verified",
    );
    check_asked(
        "10100 entry 56789 C
         => look up 56789
         10110 match
         => transfer L 6502
         10120 restart
         => find
         10500 prompt-ended 6502
         19000 ended
         => over, Verified",
    );
}

#[test]
fn a_look_up_begun_before_a_crash_is_repeated() {
    check_asked(
        "10100 entry 56789 C
         => look up 56789
         10120 restart
         => look up 56789
         => find
         10130 match
         => transfer L 6502",
    );
}

#[test]
fn an_unsure_dial_is_looked_for_and_repeated_once_if_nothing_knows_of_it() {
    check(
        "0 dial
           => dial 6500
           50 dial-unsure
           => find
           6000 found L
           8000 answered L
           9000 entry 56789
           => look up 56789",
    );
    check(
        "0 dial
           => dial 6500
           20 restart
           => find
           100 gone
           => find
           5200 gone
           => dial 6500
           5300 dial-unsure
           => find
           10400 gone
           => find
           15500 gone
           => over, NotReached",
    );
}

#[test]
fn the_second_dial_is_tried_as_often_as_the_first() {
    check(
        "0 dial
           => dial 6500
           20 restart
           => find
           100 gone
           => find
           5200 gone
           => dial 6500
           5300 dial-not-done
           => dial 6500
           7400 dialled C
           9000 nothing",
    );
}

#[test]
fn two_looks_in_one_moment_leave_time_for_the_last_reports() {
    check_asked(
        "10000 restart
         => find
         10010 gone
         10020 gone
         11000 ended
         => over, Unverified",
    );
}

#[test]
fn a_dial_of_long_ago_is_not_repeated() {
    check(
        "0 dial
           => dial 6500
           90000 restart
           => find
           90100 gone
           => find
           95200 gone
           => over, NotReached",
    );
}

#[test]
fn a_call_that_is_being_dialled_is_not_lost() {
    check(
        "0 dial
           => dial 6500
           10 gone
           20 gone
           30 gone
           40 dialled C
           50 gone
           60 answered L
           70 entry 56789
           => look up 56789",
    );
}

#[test]
fn the_answer_to_a_dial_knows_the_id_best() {
    check(
        "0 dial
           => dial 6500
           10 dialled X
           20 ringing Y
           30 dialled C
           40 answered L
           50 entry 56789
           => look up 56789
           60 match
           => transfer L 6502",
    );
}

#[test]
fn a_dial_certainly_not_done_is_repeated() {
    check(
        "0 dial
           => dial 6500
           50 dial-not-done
           => dial 6500
           2100 dialled C
           2200 dial-refused
           9000 not-reached
           => over, NotReached",
    );
}

#[test]
fn a_refused_dial_ends_the_call() {
    check(
        "0 dial
           => dial 6500
           50 dial-refused
           => over, Refused",
    );
}

#[test]
fn an_unavailable_look_up_is_repeated_until_the_hold_is_over() {
    check_asked(
        "10100 entry 56789
         => look up 56789
         10110 unavailable
         => look up 56789
         11200 match
         => transfer L 6502",
    );
    check_asked(
        "10100 entry 56789
         => look up 56789
         60000 unavailable
         70000 keys 56789# 7
         70100 entry 56789
         => look up 56789",
    );
}

#[test]
fn a_call_is_sent_away_before_the_dialplan_asks_again() {
    let (asking, sending) = (scenario(), with_a_way_out());
    let hold = &asking.ivrs["6501"].entry.as_ref().unwrap().hold;
    let of = |scenario: &Scenario| scenario.verifications["sms-code"].clone();
    assert_eq!(of(&asking).retry_ms(hold), 40_000);
    let mut verification = of(&sending);
    assert_eq!(verification.retry_ms(hold), 5_000);
    verification.retry_s = None;
    assert_eq!(verification.retry_ms(hold), 38_000);
    verification.retry_s = crate::scenario::Seconds::new(60.0);
    assert_eq!(verification.retry_ms(hold), 38_000);
}

#[test]
fn a_look_up_is_repeated_with_growing_waits() {
    check_asked(
        "10000 entry 56789
         => look up 56789
         10100 unavailable
         => look up 56789
         10700 unavailable
         => look up 56789
         12000 unavailable
         => look up 56789
         15000 unavailable
         => look up 56789
         20000 unavailable
         => look up 56789
         25000 match
         => transfer L 6502",
    );
}

#[test]
fn a_look_up_without_an_answer_leaves_the_entry_unjudged_when_the_hold_is_over() {
    check_asked(
        "10000 entry 56789
         => look up 56789
         50001 match
         51000 keys 56789# 7
         51100 entry 56789
         => look up 56789
         51200 mismatch
         => transfer L 6503
         51300 done
         52000 ended
         => over, Unverified",
    );
    check_asked(
        "10000 entry 56789
         => look up 56789
         60000 ended
         => over, Unavailable",
    );
}

#[test]
fn an_entry_that_is_left_unjudged_is_never_judged_by_its_repeats() {
    check_asked_in(
        &with_a_way_out(),
        "10000 keys 56789# 1
         10001 entry 56789
         => look up 56789
         14900 unavailable
         => transfer L 6500
         15100 done
         15200 entry 56789
         => ignored, Repeat
         16000 ended
         => over, Unavailable",
    );
}

#[test]
fn a_look_up_that_fails_for_good_is_not_waited_for() {
    check_asked_in(
        &with_a_way_out(),
        "10000 entry 56789
         => look up 56789
         10100 look-up-failed
         => transfer L 6500
         10200 done
         20000 keys 1 7
         30000 keys 56789# 8
         30001 entry 56789
         => look up 56789
         30100 match
         => transfer L 6502
         30200 done
         31000 ended
         => over, Verified",
    );
    // The dialplan asks again by itself.
    check_asked(
        "10000 entry 56789
         => look up 56789
         10100 look-up-failed
         10200 entry 56789
         => ignored, Repeat
         50500 prompt-ended 6501
         51000 entry 56789
         => look up 56789
         51100 match
         => transfer L 6502",
    );
}

#[test]
fn an_entry_typed_while_the_look_up_fails_is_judged_next() {
    check_asked(
        "10000 entry 11111
         => look up 11111
         20000 entry 56789
         50000 unavailable
         => look up 56789
         50100 match
         => transfer L 6502",
    );
}

#[test]
fn a_look_up_that_is_asked_again_after_a_restart_has_time_for_it() {
    check_asked_in(
        &with_a_way_out(),
        "10000 entry 56789
         => look up 56789
         14500 restart
         => look up 56789
         => find
         14600 found L up
         19000 match
         => transfer L 6502",
    );
    check_asked_in(
        &with_a_way_out(),
        "10000 entry 56789
         => look up 56789
         14500 restart
         => look up 56789
         => find
         14600 found L up
         => transfer L 6500
         20000 done",
    );
}

#[test]
fn nothing_is_judged_before_the_callee_picked_up() {
    check(
        "0 dial
           => dial 6500
           50 dialled C
           100 entry 56789 L
           => find
           => ignored, NotAnswered
           200 found L
           1000 not-reached
           => over, NotReached",
    );
    check(
        "0 dial
           => dial 6500
           50 dialled C
           9000 entry 56789 L
           => find
           => ignored, NotAnswered
           9100 found L up
           => look up 56789",
    );
}

#[test]
fn a_verified_callee_whose_transfer_failed_is_sent_on_without_a_look_up() {
    check_asked(
        "10100 entry 56789
         => look up 56789
         10110 match
         => transfer L 6502
         10150 refused
         60000 keys 11111# 7
         60100 entry 11111
         => transfer L 6502",
    );
}

#[test]
fn an_entry_typed_while_the_first_is_judged_replaces_the_transfer() {
    check_asked(
        "10100 entry 11111
         => look up 11111
         50000 entry 56789
         50010 mismatch
         => look up 56789
         50020 match
         => transfer L 6502",
    );
}

#[test]
fn a_call_whose_last_report_was_lost_is_found_out() {
    check_asked(
        "120000 nothing
         129000 nothing
         => find
         129100 gone
         => find
         134200 gone
         => over, Lost",
    );
}

#[test]
fn nothing_typed_shows_in_debug_output() {
    let scenario = scenario();
    let mut call = Call::incoming(&scenario, "C", 0).unwrap();
    for (at, key) in (0..).zip("192837465".chars()) {
        let report = Report::Key { key, sequence: Some(at) };
        call.handle(&scenario, 1, Input::Reported { leg: None, report });
    }
    let report = Report::Entry(Digits::new("92837465"));
    call.handle(&scenario, 1, Input::Reported { leg: None, report });
    let shown = format!("{call:?} {:?}", call.poll_output());
    assert!(!shown.contains("9283") && !shown.contains("'9'"), "{shown}");
}

fn any_input() -> impl Strategy<Value = Input> {
    let ivr = prop_oneof!["6500", "6501", "6502", "6503", "7000"];
    let leg = prop_oneof![Just(None), Just(Some("L")), Just(Some("C"))];
    let answer = prop_oneof![
        Just(Ok(())),
        Just(Err(Answer::Unsure)),
        Just(Err(Answer::NotDone)),
        Just(Err(Answer::NoSuchCall)),
        Just(Err(Answer::Refused { code: 1 })),
    ];
    let report = prop_oneof![
        Just(Report::Ringing),
        Just(Report::Answered),
        ivr.prop_map(|ivr| Report::PromptEnded(crate::scenario::Number::new(&ivr).unwrap())),
        ("[0-9*#]", proptest::option::of(0u32..20))
            .prop_map(|(key, sequence)| Report::Key { key: key.chars().next().unwrap(), sequence }),
        "[12]{4,5}".prop_map(|digits| Report::Entry(Digits::new(digits))),
        Just(Report::Ended),
    ];
    let verdict =
        prop_oneof![Just(Verdict::Match), Just(Verdict::Mismatch), Just(Verdict::Unavailable)];
    prop_oneof![
        1 => Just(Input::DialAnswered(Ok("C".to_owned()))),
        10 => (leg, report).prop_map(|(leg, report)| Input::Reported { leg: leg.map(Leg::new), report }),
        4 => (0u32..12, verdict).prop_map(|(lookup, verdict)| Input::LookedUp { lookup, verdict }),
        1 => (0u32..12).prop_map(|lookup| Input::LookUpFailed { lookup }),
        4 => (0u32..12, answer).prop_map(|(request, answer)| Input::Steered { request, answer }),
        1 => Just(Input::Found(Found::Up { leg: Leg::new("L"), answered: true })),
        1 => Just(Input::Found(Found::Gone)),
        4 => Just(Input::Wake),
    ]
}

proptest! {
    /// Whatever happens in whatever order: no transfer to `on_match` without a match, never more
    /// look-ups judged than attempts allow, and a restart at any moment changes no decision taken.
    #[test]
    fn no_order_of_events_sends_a_call_to_the_wrong_place(
        inputs in proptest::collection::vec((1u64..4_000, any_input(), any::<bool>()), 1..80),
        has_way_out in any::<bool>(),
    ) {
        let scenario = if has_way_out { with_a_way_out() } else { scenario() };
        let mut call = Call::dial(&scenario, 0).unwrap();
        let (mut now, mut matched, mut wrong) = (0, false, 0);
        // Entries that were taken and those that have their one verdict.
        let (mut taken, mut judged) = (0, 0);
        for (pause, input, restart) in inputs {
            now += pause;
            if restart {
                let stored = serde_json::to_string(&call).unwrap();
                call = serde_json::from_str(&stored).unwrap();
                call.resume(now);
            }
            call.handle(&scenario, now, input);
            while let Some(output) = call.poll_output() {
                if matches!(output, Output::Note(Step::Entered { .. })) {
                    prop_assert_eq!(taken, judged, "an entry was taken before the last verdict");
                    taken += 1;
                }
                judged += usize::from(matches!(output, Output::Note(Step::Judged { .. })));
                match output {
                    Output::Note(Step::Judged { verdict: Verdict::Match, .. }) => matched = true,
                    Output::Note(Step::Judged { verdict: Verdict::Mismatch, .. }) => wrong += 1,
                    Output::Transfer { to, .. } => {
                        prop_assert_eq!(to.as_str() == "6502", matched);
                    }
                    Output::HangUp { .. } => prop_assert!(wrong == 3 && !matched),
                    _ => {}
                }
            }
            prop_assert!(wrong <= 3);
            prop_assert!(judged <= taken);
            prop_assert_eq!(call.wake_at().is_none(), call.is_over());
        }
    }
}
