//! Where a call goes, and where it ends.

use super::check;

#[test]
fn a_call_ends_after_its_last_priority() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,NoOp(x)\n\
        exten => t,1,NoOp(t)\n\
        exten => h,1,NoOp(h)\n\
    ";
    check(
        DIALPLAN,
        "s",
        "",
        &["0.00 m,s,1 NoOp(x)", "0.00 m,h,1 NoOp(h)", "0.00 end, cause 0, at m,h,2"],
    );
}

#[test]
fn a_gap_ends_an_extension() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,NoOp(x)\n\
        exten => s,3,NoOp(y)\n\
        exten => h,1,NoOp(h ${EXTEN} ${PRIORITY})\n\
    ";
    check(
        DIALPLAN,
        "s",
        "",
        &["0.00 m,s,1 NoOp(x)", "0.00 m,h,1 NoOp(h h 1)", "0.00 end, cause 0, at m,h,2"],
    );
}

#[test]
fn an_unknown_application_ends_the_call() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,Nope(x)\n\
        same => n,NoOp(never)\n\
        exten => h,1,NoOp(h)\n\
    ";
    check(DIALPLAN, "s", "", &["0.00 m,h,1 NoOp(h)", "0.00 end, cause 0, at m,h,2"]);
}

#[test]
fn a_blank_belongs_to_the_name_of_an_application() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,NOOP(a)\n\
        same => n,pLaYbAcK(/snd/1)\n\
        same => n,NoOp (b)\n\
        same => n,NoOp(never)\n\
    ";
    check(
        DIALPLAN,
        "s",
        "",
        &["0.00 m,s,1 NoOp(a)", "0.00 m,s,2 Playback(/snd/1)", "1.00 end, cause 0, at m,s,3"],
    );
}

#[test]
fn blanks_belong_to_names_but_not_to_numbers() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,Goto(m,a, 1)\n\
        exten => a,1,Goto(m, b,1)\n\
        exten => b,1,NoOp(b)\n\
        exten => i,1,NoOp(i [${INVALID_EXTEN}])\n\
        exten => c,1,Goto( m,b,1)\n\
        exten => d,1,Goto(m,b,lab)\n\
        exten => b,n(lab),NoOp(lab)\n\
        exten => e,1,Goto(b, lab)\n\
        exten => f,1,Goto(b ,1)\n\
    ";
    check(
        DIALPLAN,
        "s",
        "",
        &[
            "0.00 m,s,1 Goto(m,a, 1)",
            "0.00 m,a,1 Goto(m, b,1)",
            "0.00 m,i,1 NoOp(i [ b])",
            "0.00 end, cause 0, at m,i,2",
        ],
    );
    check(DIALPLAN, "c", "", &["0.00 m,c,1 Goto( m,b,1)", "0.00 end, cause 0, at  m,b,1"]);
    check(
        DIALPLAN,
        "d",
        "",
        &["0.00 m,d,1 Goto(m,b,lab)", "0.00 m,b,2 NoOp(lab)", "0.00 end, cause 0, at m,b,3"],
    );
    check(DIALPLAN, "e", "", &["0.00 m,e,1 Goto(b, lab)", "0.00 end, cause 0, at m,e,1"]);
    check(
        DIALPLAN,
        "f",
        "",
        &["0.00 m,f,1 Goto(b ,1)", "0.00 m,i,1 NoOp(i [b ])", "0.00 end, cause 0, at m,i,2"],
    );
}

#[test]
fn a_jump_to_what_is_not_there() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,Goto(nope,1)\n\
        exten => i,1,NoOp(i [${INVALID_EXTEN}])\n\
        exten => a,1,Goto(nowhere,s,1)\n\
        exten => b,1,Goto(7)\n\
        exten => c,1,Goto(nolab)\n\
        exten => c,2,NoOp(c2)\n\
        exten => d,1,Goto(m,s,5)\n\
        exten => e,1,Goto(${X},2)\n\
        exten => e,2,NoOp(an empty extension is this one)\n\
        exten => f,1,Goto(t,1)\n\
        exten => h,1,NoOp(h)\n\
    ";
    check(
        DIALPLAN,
        "s",
        "",
        &[
            "0.00 m,s,1 Goto(nope,1)",
            "0.00 m,i,1 NoOp(i [nope])",
            "0.00 m,h,1 NoOp(h)",
            "0.00 end, cause 0, at m,h,2",
        ],
    );
    check(
        DIALPLAN,
        "a",
        "",
        &["0.00 m,a,1 Goto(nowhere,s,1)", "0.00 end, cause 0, at nowhere,s,1"],
    );
    check(
        DIALPLAN,
        "b",
        "",
        &["0.00 m,b,1 Goto(7)", "0.00 m,h,1 NoOp(h)", "0.00 end, cause 0, at m,h,2"],
    );
    check(
        DIALPLAN,
        "c",
        "",
        &["0.00 m,c,1 Goto(nolab)", "0.00 m,h,1 NoOp(h)", "0.00 end, cause 0, at m,h,2"],
    );
    check(
        DIALPLAN,
        "d",
        "",
        &["0.00 m,d,1 Goto(m,s,5)", "0.00 m,h,1 NoOp(h)", "0.00 end, cause 0, at m,h,2"],
    );
    check(
        DIALPLAN,
        "e",
        "",
        &[
            "0.00 m,e,1 Goto(,2)",
            "0.00 m,e,2 NoOp(an empty extension is this one)",
            "0.00 m,h,1 NoOp(h)",
            "0.00 end, cause 0, at m,h,2",
        ],
    );
    check(
        DIALPLAN,
        "f",
        "",
        &[
            "0.00 m,f,1 Goto(t,1)",
            "0.00 m,i,1 NoOp(i [t])",
            "0.00 m,h,1 NoOp(h)",
            "0.00 end, cause 0, at m,h,2",
        ],
    );
}

#[test]
fn a_jump_may_count_from_here() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,Goto(+2)\n\
        exten => s,2,Hangup()\n\
        exten => s,3,Goto(-1)\n\
    ";
    check(
        DIALPLAN,
        "s",
        "",
        &[
            "0.00 m,s,1 Goto(+2)",
            "0.00 m,s,3 Goto(-1)",
            "0.00 m,s,2 Hangup()",
            "0.00 end, cause 16, at m,s,2",
        ],
    );
}

#[test]
fn a_hangup_has_a_cause() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,Hangup()\n\
        exten => a,1,Hangup(17)\n\
        exten => b,1,Hangup(busy)\n\
        exten => c,1,NoOp()\n\
        exten => d,1,Hangup(x)\n\
    ";
    check(DIALPLAN, "s", "", &["0.00 m,s,1 Hangup()", "0.00 end, cause 16, at m,s,1"]);
    check(DIALPLAN, "a", "", &["0.00 m,a,1 Hangup(17)", "0.00 end, cause 17, at m,a,1"]);
    check(DIALPLAN, "b", "", &["0.00 m,b,1 Hangup(busy)", "0.00 end, cause 16, at m,b,1"]);
    check(DIALPLAN, "c", "", &["0.00 m,c,1 NoOp()", "0.00 end, cause 0, at m,c,2"]);
    check(DIALPLAN, "d", "", &["0.00 m,d,1 Hangup(x)", "0.00 end, cause 16, at m,d,1"]);
}

#[test]
fn h_runs_where_the_call_ends() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,Goto(n,x,1)\n\
        exten => h,1,NoOp(m h)\n\
        [n]\n\
        exten => h,1,NoOp(n h)\n\
        same => n,Set(X=1)\n\
    ";
    check(
        DIALPLAN,
        "s",
        "",
        &[
            "0.00 m,s,1 Goto(n,x,1)",
            "0.00 n,h,1 NoOp(n h)",
            "0.00 n,h,2 Set(X=1)",
            "0.00 end, cause 0, at n,h,3",
        ],
    );
}

#[test]
fn only_the_first_general_counts() {
    const DIALPLAN: &str = "\
        [general]\n\
        foo=bar\n\
        [m]\n\
        exten => s,1,NoOp(x)\n\
        exten => t,1,NoOp(t)\n\
        [general]\n\
        autofallthrough=no\n\
    ";
    check(DIALPLAN, "s", "", &["0.00 m,s,1 NoOp(x)", "0.00 end, cause 0, at m,s,2"]);
}

#[test]
fn e_takes_what_nobody_else_does() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,WaitExten(2)\n\
        exten => e,1,NoOp(e ${EXCEPTION(reason)} ${EXCEPTION(exten)})\n\
        exten => g,1,Goto(nope,1)\n\
        exten => a,1,Nope()\n\
    ";
    check(
        DIALPLAN,
        "s",
        "",
        &[
            "0.00 m,s,1 WaitExten(2)",
            "2.00 m,e,1 NoOp(e RESPONSETIMEOUT s)",
            "2.00 end, cause 0, at m,e,2",
        ],
    );
    check(
        DIALPLAN,
        "s",
        "wait 1 9",
        &[
            "0.00 m,s,1 WaitExten(2)",
            "1.10 digit 9",
            "1.10 m,e,1 NoOp(e INVALID s)",
            "1.10 end, cause 0, at m,e,2",
        ],
    );
    check(
        DIALPLAN,
        "g",
        "",
        &[
            "0.00 m,g,1 Goto(nope,1)",
            "0.00 m,e,1 NoOp(e INVALID nope)",
            "0.00 end, cause 0, at m,e,2",
        ],
    );
    check(DIALPLAN, "a", "", &["0.00 end, cause 0, at m,a,1"]);
}

#[test]
fn the_absolute_timeout_goes_to_big_t() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,Set(TIMEOUT(absolute)=2)\n\
        same => n,Wait(9)\n\
        exten => T,1,NoOp(T)\n\
        [n]\n\
        exten => s,1,Set(TIMEOUT(absolute)=2)\n\
        same => n,Wait(9)\n\
        exten => h,1,NoOp(h)\n\
    ";
    check(
        DIALPLAN,
        "s",
        "",
        &[
            "0.00 m,s,1 Set(TIMEOUT(absolute)=2)",
            "0.00 m,s,2 Wait(9)",
            "2.00 m,T,1 NoOp(T)",
            "2.00 end, cause 0, at m,T,2",
        ],
    );
    check(
        DIALPLAN,
        "n,s",
        "",
        &[
            "0.00 n,s,1 Set(TIMEOUT(absolute)=2)",
            "0.00 n,s,2 Wait(9)",
            "2.00 n,h,1 NoOp(h)",
            "2.00 end, cause 0, at n,h,2",
        ],
    );
}
