//! What comes of a `Dial` with one outcome or another.

use super::super::{
    super::{EndedBy, ScriptedOutcome},
    trial::{Trial, outcome},
};

const SHOWN: &str = "${DIALSTATUS} ${ANSWEREDTIME} ${DIALEDTIME} ${HANGUPCAUSE}";

fn dials(data: &str) -> String {
    format!(
        "[m]\nexten => s,1,Dial({data})\nsame => n,NoOp({SHOWN})\n\
         exten => h,1,NoOp(h {SHOWN})\nexten => 9,1,NoOp(nine ${{DIALSTATUS}})\n"
    )
}

fn answer(takes_ms: u64, talk_ms: Option<u64>) -> ScriptedOutcome {
    ScriptedOutcome { takes_ms: Some(takes_ms), talk_ms, ..ScriptedOutcome::of("Dial") }
}

#[track_caller]
fn check(data: &str, outcome: ScriptedOutcome, keys: &str, expected: &[&str]) {
    let step = format!("0.00 m,s,1 Dial({data})");
    let mut all = vec![step.as_str()];
    all.extend(expected);
    Trial::of(&dials(data)).with(outcome).check(keys, &all);
}

#[test]
fn the_call_ends_after_the_conversation_unless_option_g_is_given() {
    check(
        "SIP/1",
        answer(2000, Some(5000)),
        "",
        &["7.00 m,h,1 NoOp(h ANSWER 7 7 16)", "7.00 end, cause 16, at m,h,2"],
    );
    check(
        "SIP/1,,g",
        answer(2000, Some(5000)),
        "",
        &[
            "7.00 m,s,2 NoOp(ANSWER 7 7 16)",
            "7.00 m,h,1 NoOp(h ANSWER 7 7 16)",
            "7.00 end, cause 16, at m,h,2",
        ],
    );
}

#[test]
fn the_caller_may_hang_up_first() {
    check(
        "SIP/1,,g",
        answer(2000, None),
        "wait 5 hangup",
        &["5.00 m,h,1 NoOp(h ANSWER 5 5 16)", "5.00 end, cause 16, at m,h,2"],
    );
    check(
        "SIP/1,,g",
        answer(2000, None),
        "wait 1 hangup",
        &["1.00 m,h,1 NoOp(h CANCEL   16)", "1.00 end, cause 16, at m,h,2"],
    );
    let mut caller = answer(2000, Some(1000));
    caller.ended_by = EndedBy::Caller;
    check(
        "SIP/1,,g",
        caller,
        "",
        &["3.00 m,h,1 NoOp(h ANSWER 3 3 16)", "3.00 end, cause 16, at m,h,2"],
    );
}

#[test]
fn nobody_answers_in_time() {
    let then = ["3.00 m,s,2 NoOp(NOANSWER   0)", "3.00 m,h,1 NoOp(h NOANSWER   0)"];
    let all = [&then[..], &["3.00 end, cause 0, at m,h,2"]].concat();
    check("SIP/1,3", outcome("Dial", "NOANSWER"), "", &all);
    check("SIP/1,3", answer(4000, None), "", &all);
    check("SIP/1,3^1", answer(4000, None), "5", &[&["0.10 digit 5 lost"], &all[..]].concat());
}

#[test]
fn a_refused_call_leaves_its_cause() {
    // With `autofallthrough` the caller hears the tone for 10 s after the last priority.
    let refused = |status: &str, cause: u32| {
        let next = format!("0.00 m,s,2 NoOp({status}   {cause})");
        // A tone says that nobody could be reached.
        let h = format!("10.00 m,h,1 NoOp(h {status}   {cause})");
        let end = format!("10.00 end, cause {cause}, at m,h,2");
        check("SIP/1,3", outcome("Dial", status), "", &[&next, &h, &end]);
    };
    refused("BUSY", 17);
    refused("CONGESTION", 34);
    refused("CHANUNAVAIL", 0);
}

#[test]
fn a_redirect_takes_the_caller_out_of_the_conversation() {
    check(
        "SIP/1",
        answer(1000, None),
        "wait 3 to 9",
        &[
            "3.00 m,9,1 NoOp(nine ANSWER)",
            "3.00 m,h,1 NoOp(h ANSWER   16)",
            "3.00 end, cause 16, at m,h,2",
        ],
    );
}

#[test]
fn a_redirect_in_the_tone_comes_too_late() {
    let trial = || Trial::of(&dials("SIP/1")).with(outcome("Dial", "CHANUNAVAIL"));
    let steps = ["0.00 m,s,1 Dial(SIP/1)", "0.00 m,s,2 NoOp(CHANUNAVAIL   0)"];
    let end = "3.00 end, cause 0, at m,h,2";
    trial().check("wait 3 to 9", &[&steps[..], &[end]].concat());
    let h = "3.00 m,h,1 NoOp(h CHANUNAVAIL   0)";
    trial().on_asterisk_16().check("wait 3 to 9", &[&steps[..], &[h, end]].concat());
}

#[test]
fn limits_end_the_conversation() {
    for options in ["gS(3)", "gL(3000:1000)"] {
        check(
            &format!("SIP/1,,{options}"),
            answer(1000, None),
            "",
            &[
                "4.00 m,s,2 NoOp(ANSWER 4 4 16)",
                "4.00 m,h,1 NoOp(h ANSWER 4 4 16)",
                "4.00 end, cause 16, at m,h,2",
            ],
        );
    }
    check(
        "SIP/1,,gS(x)",
        answer(1000, None),
        "",
        &["0.00 m,h,1 NoOp(h INVALIDARGS   0)", "0.00 end, cause 0, at m,h,2"],
    );
}

#[test]
fn keys_leave_the_ringing_if_options_say_so() {
    check(
        "SIP/1,,d",
        answer(9000, None),
        "89",
        &[
            "0.10 digit 8 lost",
            "0.30 digit 9",
            "0.30 m,9,1 NoOp(nine CANCEL)",
            "0.30 m,h,1 NoOp(h CANCEL   0)",
            "0.30 end, cause 0, at m,h,2",
        ],
    );
    check(
        "SIP/1,,H",
        answer(9000, None),
        "*",
        &[
            "0.10 digit *",
            "0.10 m,s,2 NoOp(CANCEL   0)",
            "0.10 m,h,1 NoOp(h CANCEL   0)",
            "0.10 end, cause 0, at m,h,2",
        ],
    );
}

#[test]
fn option_g_with_a_place_sends_the_caller_there() {
    check(
        "SIP/1,,G(m^9^1)",
        answer(1000, None),
        "",
        &[
            "1.00 m,9,1 NoOp(nine ANSWER)",
            "1.00 m,h,1 NoOp(h ANSWER   16)",
            "1.00 end, cause 16, at m,h,2",
        ],
    );
}

#[test]
fn what_is_no_place_is_not_dialled() {
    check(
        "",
        answer(1000, None),
        "",
        &[
            "0.00 m,s,2 NoOp(CHANUNAVAIL   0)",
            "10.00 m,h,1 NoOp(h CHANUNAVAIL   0)",
            "10.00 end, cause 0, at m,h,2",
        ],
    );
    check(
        "SIP",
        answer(1000, None),
        "",
        &["0.00 m,h,1 NoOp(h INVALIDARGS   0)", "0.00 end, cause 0, at m,h,2"],
    );
}

#[test]
fn options_that_are_not_modelled_are_said() {
    for (options, shown) in [("p", "p"), ("B(m^s^1)", "B"), ("D(1:2)", "D")] {
        let end = format!("0.00 end, cause 0, at m,s,1, not modelled: Dial with option {shown}");
        check(&format!("SIP/1,,{options}"), answer(1000, None), "", &[&end]);
    }
    check(
        "SIP/1,,TD(1)",
        answer(0, None),
        "#",
        &[
            "0.10 digit # lost",
            "0.10 end, cause 0, at m,s,1, not modelled: the transfer of Dial with option T",
        ],
    );
}

#[test]
fn the_caller_hears_ringing_or_music() {
    let dialplan = "[m]\nexten => s,1,Dial(SIP/1,,gm(jazz))\n";
    Trial::unanswered(dialplan).with(answer(1000, Some(500))).heard().check(
        "",
        &[
            "0.00 m,s,1 Dial(SIP/1,,gm(jazz))",
            "0.00 music jazz",
            "1.00 music ends",
            "1.00 answered",
            "1.00 peer answers",
            "1.50 peer leaves",
            "1.50 end, cause 16, at m,s,2",
        ],
    );
}
