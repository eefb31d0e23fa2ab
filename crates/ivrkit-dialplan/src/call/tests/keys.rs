//! How keys become extensions: what is waited for, and how long.

use super::check;

#[test]
fn without_keys_the_next_priority_goes_before_t() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,NoOp(start)\n\
        same => n,Background(/snd/2)\n\
        same => n,WaitExten(3)\n\
        same => n,NoOp(after WaitExten)\n\
        exten => t,1,NoOp(t)\n\
    ";
    check(
        DIALPLAN,
        "s",
        "",
        &[
            "0.00 m,s,1 NoOp(start)",
            "0.00 m,s,2 BackGround(/snd/2)",
            "2.00 m,s,3 WaitExten(3)",
            "5.00 m,s,4 NoOp(after WaitExten)",
            "5.00 end, cause 0, at m,s,5",
        ],
    );
}

#[test]
fn without_keys_and_a_next_priority_it_is_t() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,WaitExten(2)\n\
        exten => t,1,NoOp(t)\n\
        same => n,Hangup()\n\
    ";
    check(
        DIALPLAN,
        "s",
        "",
        &[
            "0.00 m,s,1 WaitExten(2)",
            "2.00 m,t,1 NoOp(t)",
            "2.00 m,t,2 Hangup()",
            "2.00 end, cause 16, at m,t,2",
        ],
    );
}

#[test]
fn without_keys_and_t_the_call_ends() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,WaitExten(2)\n\
    ";
    check(DIALPLAN, "s", "", &["0.00 m,s,1 WaitExten(2)", "2.00 end, cause 0, at m,s,1"]);
}

#[test]
fn wait_exten_waits_for_the_response_timeout() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,WaitExten()\n\
        exten => t,1,NoOp(t)\n\
    ";
    check(
        DIALPLAN,
        "s",
        "",
        &["0.00 m,s,1 WaitExten()", "10.00 m,t,1 NoOp(t)", "10.00 end, cause 0, at m,t,2"],
    );
}

#[test]
fn the_response_timeout_can_be_set() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,Set(TIMEOUT(response)=2)\n\
        same => n,WaitExten()\n\
        exten => t,1,NoOp(t)\n\
    ";
    check(
        DIALPLAN,
        "s",
        "",
        &[
            "0.00 m,s,1 Set(TIMEOUT(response)=2)",
            "0.00 m,s,2 WaitExten()",
            "2.00 m,t,1 NoOp(t)",
            "2.00 end, cause 0, at m,t,2",
        ],
    );
}

#[test]
fn a_longer_extension_is_waited_for_by_5_s() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,WaitExten(9)\n\
        exten => 1,1,NoOp(one)\n\
        exten => 12,1,NoOp(twelve)\n\
    ";
    check(
        DIALPLAN,
        "s",
        "wait 1 1",
        &[
            "0.00 m,s,1 WaitExten(9)",
            "1.10 digit 1",
            "6.10 m,1,1 NoOp(one)",
            "6.10 end, cause 0, at m,1,2",
        ],
    );
    check(
        DIALPLAN,
        "s",
        "wait 1 1 wait 3 2",
        &[
            "0.00 m,s,1 WaitExten(9)",
            "1.10 digit 1",
            "4.30 digit 2",
            "4.30 m,12,1 NoOp(twelve)",
            "4.30 end, cause 0, at m,12,2",
        ],
    );
    check(
        DIALPLAN,
        "s",
        "wait 1 1 3",
        &["0.00 m,s,1 WaitExten(9)", "1.10 digit 1", "1.30 digit 3", "1.30 end, cause 0, at m,s,1"],
    );
}

#[test]
fn the_digit_timeout_can_be_set() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,Set(TIMEOUT(digit)=1.5)\n\
        same => n,WaitExten(9)\n\
        exten => 1,1,NoOp(one)\n\
        exten => 12,1,NoOp(twelve)\n\
    ";
    check(
        DIALPLAN,
        "s",
        "wait 1 1",
        &[
            "0.00 m,s,1 Set(TIMEOUT(digit)=1.5)",
            "0.00 m,s,2 WaitExten(9)",
            "1.10 digit 1",
            "2.60 m,1,1 NoOp(one)",
            "2.60 end, cause 0, at m,1,2",
        ],
    );
}

#[test]
fn what_nothing_can_follow_goes_at_once() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,WaitExten(9)\n\
        exten => 1,1,NoOp(one)\n\
        same => n,WaitExten(2)\n\
        same => n,NoOp(no more)\n\
        exten => 2,1,NoOp(two)\n\
    ";
    check(
        DIALPLAN,
        "s",
        "wait 1 1",
        &[
            "0.00 m,s,1 WaitExten(9)",
            "1.10 digit 1",
            "1.10 m,1,1 NoOp(one)",
            "1.10 m,1,2 WaitExten(2)",
            "3.10 m,1,3 NoOp(no more)",
            "3.10 end, cause 0, at m,1,4",
        ],
    );
    check(
        DIALPLAN,
        "s",
        "wait 1 12",
        &[
            "0.00 m,s,1 WaitExten(9)",
            "1.10 digit 1",
            "1.10 m,1,1 NoOp(one)",
            "1.10 m,1,2 WaitExten(2)",
            "1.30 digit 2",
            "1.30 m,2,1 NoOp(two)",
            "1.30 end, cause 0, at m,2,2",
        ],
    );
}

#[test]
fn what_begins_nothing_goes_to_i() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,WaitExten(9)\n\
        exten => 1,1,NoOp(one)\n\
        exten => i,1,NoOp(i ${INVALID_EXTEN} ${EXTEN})\n\
        same => n,Hangup()\n\
        [n]\n\
        exten => s,1,WaitExten(9)\n\
        exten => 1,1,NoOp(one)\n\
    ";
    check(
        DIALPLAN,
        "s",
        "wait 1 9",
        &[
            "0.00 m,s,1 WaitExten(9)",
            "1.10 digit 9",
            "1.10 m,i,1 NoOp(i 9 i)",
            "1.10 m,i,2 Hangup()",
            "1.10 end, cause 16, at m,i,2",
        ],
    );
    check(
        DIALPLAN,
        "n,s",
        "wait 1 9",
        &["0.00 n,s,1 WaitExten(9)", "1.10 digit 9", "1.10 end, cause 0, at n,s,1"],
    );
}

#[test]
fn what_is_unfinished_goes_to_i_after_the_digit_timeout() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,Set(TIMEOUT(digit)=2)\n\
        same => n,WaitExten(9)\n\
        exten => 123,1,NoOp(ok)\n\
        exten => i,1,NoOp(i ${INVALID_EXTEN})\n\
        exten => t,1,NoOp(t)\n\
    ";
    check(
        DIALPLAN,
        "s",
        "wait 1 12",
        &[
            "0.00 m,s,1 Set(TIMEOUT(digit)=2)",
            "0.00 m,s,2 WaitExten(9)",
            "1.10 digit 1",
            "1.30 digit 2",
            "3.30 m,i,1 NoOp(i 12)",
            "3.30 end, cause 0, at m,i,2",
        ],
    );
    check(
        DIALPLAN,
        "s",
        "wait 1 123",
        &[
            "0.00 m,s,1 Set(TIMEOUT(digit)=2)",
            "0.00 m,s,2 WaitExten(9)",
            "1.10 digit 1",
            "1.30 digit 2",
            "1.50 digit 3",
            "1.50 m,123,1 NoOp(ok)",
            "1.50 end, cause 0, at m,123,2",
        ],
    );
    check(
        DIALPLAN,
        "s",
        "wait 1 124",
        &[
            "0.00 m,s,1 Set(TIMEOUT(digit)=2)",
            "0.00 m,s,2 WaitExten(9)",
            "1.10 digit 1",
            "1.30 digit 2",
            "1.50 digit 4",
            "1.50 m,i,1 NoOp(i 124)",
            "1.50 end, cause 0, at m,i,2",
        ],
    );
}

#[test]
fn an_exclamation_mark_waits_for_nothing_but_plain_names() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,WaitExten(9)\n\
        exten => _9!,1,NoOp(${EXTEN})\n\
        exten => _8!,1,NoOp(${EXTEN})\n\
        exten => 812,1,NoOp(812)\n\
    ";
    check(
        DIALPLAN,
        "s",
        "wait 1 9 1 2",
        &[
            "0.00 m,s,1 WaitExten(9)",
            "1.10 digit 9",
            "1.10 m,9,1 NoOp(9)",
            "1.10 end, cause 0, at m,9,2",
        ],
    );
    check(
        DIALPLAN,
        "s",
        "wait 1 8",
        &[
            "0.00 m,s,1 WaitExten(9)",
            "1.10 digit 8",
            "6.10 m,8,1 NoOp(8)",
            "6.10 end, cause 0, at m,8,2",
        ],
    );
    check(
        DIALPLAN,
        "s",
        "wait 1 812",
        &[
            "0.00 m,s,1 WaitExten(9)",
            "1.10 digit 8",
            "1.30 digit 1",
            "1.50 digit 2",
            "1.50 m,812,1 NoOp(812)",
            "1.50 end, cause 0, at m,812,2",
        ],
    );
}

#[test]
fn a_whole_extension_waits_for_a_longer_one() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,Set(TIMEOUT(digit)=2)\n\
        same => n,WaitExten(9)\n\
        exten => 1,1,NoOp(one)\n\
        exten => _1X.,1,NoOp(${EXTEN})\n\
        exten => 2,1,NoOp(two)\n\
    ";
    check(
        DIALPLAN,
        "s",
        "wait 1 1",
        &[
            "0.00 m,s,1 Set(TIMEOUT(digit)=2)",
            "0.00 m,s,2 WaitExten(9)",
            "1.10 digit 1",
            "3.10 m,1,1 NoOp(one)",
            "3.10 end, cause 0, at m,1,2",
        ],
    );
    check(
        DIALPLAN,
        "s",
        "wait 1 12",
        &[
            "0.00 m,s,1 Set(TIMEOUT(digit)=2)",
            "0.00 m,s,2 WaitExten(9)",
            "1.10 digit 1",
            "1.30 digit 2",
            "3.30 end, cause 0, at m,s,2",
        ],
    );
    check(
        DIALPLAN,
        "s",
        "wait 1 123",
        &[
            "0.00 m,s,1 Set(TIMEOUT(digit)=2)",
            "0.00 m,s,2 WaitExten(9)",
            "1.10 digit 1",
            "1.30 digit 2",
            "1.50 digit 3",
            "3.50 m,123,1 NoOp(123)",
            "3.50 end, cause 0, at m,123,2",
        ],
    );
    check(
        DIALPLAN,
        "s",
        "wait 1 2",
        &[
            "0.00 m,s,1 Set(TIMEOUT(digit)=2)",
            "0.00 m,s,2 WaitExten(9)",
            "1.10 digit 2",
            "1.10 m,2,1 NoOp(two)",
            "1.10 end, cause 0, at m,2,2",
        ],
    );
}

#[test]
fn keys_may_lead_into_an_included_context() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,WaitExten(5)\n\
        exten => 1,1,NoOp(m one)\n\
        include => n\n\
        [n]\n\
        exten => 2,1,NoOp(n two)\n\
        exten => t,1,NoOp(n t)\n\
        exten => i,1,NoOp(n i)\n\
    ";
    check(
        DIALPLAN,
        "s",
        "wait 1 2",
        &[
            "0.00 m,s,1 WaitExten(5)",
            "1.10 digit 2",
            "1.10 m,2,1 NoOp(n two)",
            "1.10 end, cause 0, at m,2,2",
        ],
    );
    check(
        DIALPLAN,
        "s",
        "",
        &["0.00 m,s,1 WaitExten(5)", "5.00 m,t,1 NoOp(n t)", "5.00 end, cause 0, at m,t,2"],
    );
    check(
        DIALPLAN,
        "s",
        "wait 1 3",
        &[
            "0.00 m,s,1 WaitExten(5)",
            "1.10 digit 3",
            "1.10 m,i,1 NoOp(n i)",
            "1.10 end, cause 0, at m,i,2",
        ],
    );
}

#[test]
fn after_a_point_no_key_ends_the_entry() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,Set(TIMEOUT(digit)=2)\n\
        same => n,WaitExten(9)\n\
        exten => _X.#,1,NoOp(${EXTEN})\n\
        [n]\n\
        exten => s,1,Set(TIMEOUT(digit)=2)\n\
        same => n,WaitExten(9)\n\
        exten => _XXX#,1,NoOp(${EXTEN})\n\
    ";
    check(
        DIALPLAN,
        "s",
        "wait 1 12#",
        &[
            "0.00 m,s,1 Set(TIMEOUT(digit)=2)",
            "0.00 m,s,2 WaitExten(9)",
            "1.10 digit 1",
            "1.30 digit 2",
            "1.50 digit #",
            "3.50 m,12#,1 NoOp(12#)",
            "3.50 end, cause 0, at m,12#,2",
        ],
    );
    check(
        DIALPLAN,
        "n,s",
        "wait 1 123#",
        &[
            "0.00 n,s,1 Set(TIMEOUT(digit)=2)",
            "0.00 n,s,2 WaitExten(9)",
            "1.10 digit 1",
            "1.30 digit 2",
            "1.50 digit 3",
            "1.70 digit #",
            "1.70 n,123#,1 NoOp(123#)",
            "1.70 end, cause 0, at n,123#,2",
        ],
    );
}

#[test]
fn without_fall_through_the_last_priority_waits_for_keys() {
    const DIALPLAN: &str = "\
        [general]\n\
        autofallthrough=no\n\
        [m]\n\
        exten => s,1,NoOp(x)\n\
        exten => 1,1,NoOp(one)\n\
        exten => t,1,NoOp(t)\n\
        same => n,Hangup()\n\
    ";
    check(
        DIALPLAN,
        "s",
        "",
        &[
            "0.00 m,s,1 NoOp(x)",
            "10.00 m,t,1 NoOp(t)",
            "10.00 m,t,2 Hangup()",
            "10.00 end, cause 16, at m,t,2",
        ],
    );
    check(
        DIALPLAN,
        "s",
        "wait 2 1",
        &[
            "0.00 m,s,1 NoOp(x)",
            "2.10 digit 1",
            "2.10 m,1,1 NoOp(one)",
            "12.10 m,t,1 NoOp(t)",
            "12.10 m,t,2 Hangup()",
            "12.10 end, cause 16, at m,t,2",
        ],
    );
}
