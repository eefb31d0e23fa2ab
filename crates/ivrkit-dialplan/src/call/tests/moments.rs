//! What comes from outside: hang-ups, redirects, time-outs, and when.

use super::check;

#[test]
fn a_redirect_ends_a_wait_and_a_sound() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,Wait(9)\n\
        same => n,NoOp(never)\n\
        exten => p,1,Playback(/snd/5)\n\
        same => n,NoOp(never)\n\
        [n]\n\
        exten => 7,1,NoOp(first)\n\
        same => n(two),NoOp(second)\n\
    ";
    check(
        DIALPLAN,
        "s",
        "wait 2 redirect n,7,two",
        &["0.00 m,s,1 Wait(9)", "2.00 n,7,2 NoOp(second)", "2.00 end, cause 0, at n,7,3"],
    );
    check(
        DIALPLAN,
        "p",
        "wait 2 redirect n,7,1",
        &[
            "0.00 m,p,1 Playback(/snd/5)",
            "2.00 n,7,1 NoOp(first)",
            "2.00 n,7,2 NoOp(second)",
            "2.00 end, cause 0, at n,7,3",
        ],
    );
    // Nobody looks whether there is such a place.
    check(
        DIALPLAN,
        "s",
        "wait 2 redirect n,8,1",
        &["0.00 m,s,1 Wait(9)", "2.00 end, cause 0, at n,8,1"],
    );
}

#[test]
fn a_redirect_between_keys_only_changes_the_context() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,WaitExten(9)\n\
        exten => 12,1,NoOp(m 12)\n\
        [n]\n\
        exten => s,1,NoOp(n s)\n\
        exten => 12,1,NoOp(n 12)\n\
        exten => i,1,NoOp(n i ${INVALID_EXTEN})\n\
    ";
    check(
        DIALPLAN,
        "s",
        "wait 1 1 redirect n,s,1 2",
        &[
            "0.00 m,s,1 WaitExten(9)",
            "1.10 digit 1",
            "1.30 digit 2",
            "1.30 n,12,1 NoOp(n 12)",
            "1.30 end, cause 0, at n,12,2",
        ],
    );
    check(
        DIALPLAN,
        "s",
        "wait 1 1 redirect n,s,1",
        &[
            "0.00 m,s,1 WaitExten(9)",
            "1.10 digit 1",
            "6.20 n,i,1 NoOp(n i 1)",
            "6.20 end, cause 0, at n,i,2",
        ],
    );
}

#[test]
fn a_call_that_is_over_stays_where_it_is() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,Wait(9)\n\
        exten => h,1,NoOp(h ${EXTEN} ${PRIORITY} ${HANGUPCAUSE})\n\
        same => n,Wait(1)\n\
        same => n,NoOp(never)\n\
        [n]\n\
        exten => s,1,NoOp(never)\n\
    ";
    check(
        DIALPLAN,
        "s",
        "wait 2 hangup redirect n,s,1",
        &[
            "0.00 m,s,1 Wait(9)",
            "2.00 m,h,1 NoOp(h h 1 16)",
            "2.00 m,h,2 Wait(1)",
            "2.00 end, cause 16, at m,h,2",
        ],
    );
}

#[test]
fn h_may_go_elsewhere() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,Hangup(17)\n\
        exten => h,1,Goto(n,a,1)\n\
        [n]\n\
        exten => a,1,NoOp(a)\n\
        same => n,Hangup(18)\n\
        same => n,NoOp(never)\n\
        exten => h,1,NoOp(never)\n\
    ";
    check(
        DIALPLAN,
        "s",
        "",
        &[
            "0.00 m,s,1 Hangup(17)",
            "0.00 m,h,1 Goto(n,a,1)",
            "0.00 n,a,1 NoOp(a)",
            "0.00 n,a,2 Hangup(18)",
            "0.00 end, cause 18, at n,a,2",
        ],
    );
}

#[test]
fn the_absolute_timeout_ends_the_wait_for_keys() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,Set(TIMEOUT(absolute)=2.5)\n\
        same => n,NoOp(${TIMEOUT(absolute)})\n\
        same => n,WaitExten(9)\n\
        exten => 12,1,NoOp(12)\n\
        exten => T,1,NoOp(T ${TIMEOUT(absolute)})\n\
        same => n,Wait(5)\n\
    ";
    check(
        DIALPLAN,
        "s",
        "",
        &[
            "0.00 m,s,1 Set(TIMEOUT(absolute)=2.5)",
            "0.00 m,s,2 NoOp(2.500)",
            "0.00 m,s,3 WaitExten(9)",
            "2.50 m,T,1 NoOp(T 0)",
            "2.50 m,T,2 Wait(5)",
            "7.50 end, cause 0, at m,T,3",
        ],
    );
    // Between two keys nobody looks for T.
    check(
        DIALPLAN,
        "s",
        "wait 1 1",
        &[
            "0.00 m,s,1 Set(TIMEOUT(absolute)=2.5)",
            "0.00 m,s,2 NoOp(2.500)",
            "0.00 m,s,3 WaitExten(9)",
            "1.10 digit 1",
            "2.50 end, cause 0, at m,s,3",
        ],
    );
}

#[test]
fn a_failed_dial_is_heard_at_the_end() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,Set(DIALSTATUS=busy)\n\
        exten => 1,1,Set(DIALSTATUS=ANSWER)\n\
    ";
    check(DIALPLAN, "s", "", &["0.00 m,s,1 Set(DIALSTATUS=busy)", "10.00 end, cause 0, at m,s,2"]);
    check(
        DIALPLAN,
        "s",
        "wait 3 hangup",
        &["0.00 m,s,1 Set(DIALSTATUS=busy)", "3.00 end, cause 16, at m,s,2"],
    );
    check(DIALPLAN, "1", "", &["0.00 m,1,1 Set(DIALSTATUS=ANSWER)", "0.00 end, cause 0, at m,1,2"]);
}

#[test]
fn a_call_begins_at_s_or_where_there_is_a_step() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,NoOp(s)\n\
        exten => i,1,NoOp(never)\n\
    ";
    check(DIALPLAN, "m,", "", &["0.00 m,s,1 NoOp(s)", "0.00 end, cause 0, at m,s,2"]);
    check(DIALPLAN, "7", "", &["0.00 end, cause 0, at m,7,1"]);
    check(DIALPLAN, "nowhere,s", "", &["0.00 end, cause 0, at nowhere,s,1"]);
}

#[test]
fn an_include_counts_at_its_times() {
    // The call begins on Monday the 1st of January, at midnight.
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,WaitExten(90)\n\
        include => early,00:00-00:00,mon,1,jan\n\
        include => late,00:01-23:59\n\
        [early]\n\
        exten => 1,1,NoOp(early)\n\
        [late]\n\
        exten => 1,1,NoOp(late)\n\
        [zone]\n\
        exten => s,1,NoOp(s)\n\
        same => n,Goto(2,1)\n\
        include => late,*,*,*,*,Mars/Olympus\n\
    ";
    check(
        DIALPLAN,
        "s",
        "wait 5 1",
        &[
            "0.00 m,s,1 WaitExten(90)",
            "5.10 digit 1",
            "5.10 m,1,1 NoOp(early)",
            "5.10 end, cause 0, at m,1,2",
        ],
    );
    check(
        DIALPLAN,
        "s",
        "wait 65 1",
        &[
            "0.00 m,s,1 WaitExten(90)",
            "65.10 digit 1",
            "65.10 m,1,1 NoOp(late)",
            "65.10 end, cause 0, at m,1,2",
        ],
    );
    let unknown = "0.00 end, cause 0, at zone,2,1, the time zone of an include is not modelled";
    check(DIALPLAN, "zone,s", "", &["0.00 zone,s,1 NoOp(s)", "0.00 zone,s,2 Goto(2,1)", unknown]);
}

#[test]
fn a_switch_on_the_way_may_know_better() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,NoOp(s)\n\
        same => n,Goto(2,1)\n\
        exten => i,1,NoOp(never)\n\
        switch => Realtime/x\n\
    ";
    let unknown = "0.00 end, cause 0, at m,2,1, switch Realtime is not modelled";
    check(DIALPLAN, "s", "", &["0.00 m,s,1 NoOp(s)", "0.00 m,s,2 Goto(2,1)", unknown]);
}
