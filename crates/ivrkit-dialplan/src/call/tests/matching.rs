//! Which extension takes a call.

use super::{check, check_reached};

#[test]
fn plain_names_go_before_patterns_and_these_by_their_width() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => 100,1,NoOp(100)\n\
        exten => _1XX,1,NoOp(_1XX)\n\
        exten => _[12]XX,1,NoOp(_[12]XX)\n\
        exten => _NXX,1,NoOp(_NXX)\n\
        exten => _XXX,1,NoOp(_XXX)\n\
        exten => _X.,1,NoOp(_X.)\n\
        exten => _4!,1,NoOp(_4!)\n\
        include => n\n\
        [n]\n\
        exten => 300,1,NoOp(n 300)\n\
        exten => *1,1,NoOp(n *1)\n\
        exten => _*X,1,NoOp(n _*X)\n\
        exten => a,1,NoOp(n a)\n\
    ";
    let check = |exten, expected| check_reached(DIALPLAN, exten, expected);
    check("100", Some("100"));
    check("101", Some("_1XX"));
    check("201", Some("_[12]XX"));
    check("300", Some("_NXX"));
    check("001", Some("_XXX"));
    check("1234", Some("_X."));
    check("4", Some("_4!"));
    check("45", Some("_4!"));
    check("*1", Some("n *1"));
    check("*2", Some("n _*X"));
    check("a", Some("n a"));
    check("b", None);
}

#[test]
fn nothing_counts_after_a_point() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => _X.#,1,NoOp(_X.#)\n\
        exten => _*.,1,NoOp(_*.)\n\
        exten => _#!,1,NoOp(_#!)\n\
        exten => i,1,NoOp(i [${INVALID_EXTEN}])\n\
    ";
    let check = |exten, expected| check_reached(DIALPLAN, exten, expected);
    check("12", Some("_X.#"));
    check("12#", Some("_X.#"));
    check("1", None);
    check("*", None);
    check("*1", Some("_*."));
    check("#", Some("_#!"));
    check("#1", Some("_#!"));
}

#[test]
fn dashes_count_as_nothing() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => 1-2-3,1,NoOp(1-2-3)\n\
        exten => _4-X,1,NoOp(_4-X)\n\
    ";
    let check = |exten, expected| check_reached(DIALPLAN, exten, expected);
    check("123", Some("1-2-3"));
    check("1-23", Some("1-2-3"));
    check("45", Some("_4-X"));
    check("4-5", Some("_4-X"));
}

#[test]
fn only_patterns_take_letters_in_any_case() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => abc,1,NoOp(abc)\n\
        exten => _znx,1,NoOp(_znx)\n\
    ";
    let check = |exten, expected| check_reached(DIALPLAN, exten, expected);
    check("abc", Some("abc"));
    check("ABC", None);
    check("123", Some("_znx"));
    check("zn1", None);
}

#[test]
fn a_caller_id_goes_before_everybody() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => 1,1,NoOp(any)\n\
        exten => 1/55,1,NoOp(55)\n\
        exten => 2/_5X,1,NoOp(_5X)\n\
    ";
    let check = |exten, expected| check_reached(DIALPLAN, exten, expected);
    check("1", Some("any"));
    check("1 from 55", Some("55"));
    check("2 from 57", Some("_5X"));
    check("2 from 67", None);
}

#[test]
fn sets_have_ranges() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => _1[1-3-5],1,NoOp(1[1-3-5])\n\
        exten => _2[^1],1,NoOp(2[^1])\n\
        exten => _3[-1],1,NoOp(3[-1])\n\
        exten => _4[1-],1,NoOp(4[1-])\n\
        exten => _5[3-1],1,NoOp(5[3-1])\n\
        exten => _6[],1,NoOp(6[])\n\
        exten => _7[a-cX],1,NoOp(7[a-cX])\n\
        exten => _8[1 2],1,NoOp(8[1 2])\n\
        exten => _9[*#0-9]#,1,NoOp(9[*#0-9]#)\n\
    ";
    let check = |exten, expected| check_reached(DIALPLAN, exten, expected);
    check("11", Some("1[1-3-5]"));
    check("13", Some("1[1-3-5]"));
    check("14", None);
    check("15", Some("1[1-3-5]"));
    check("1-", None);
    check("21", Some("2[^1]"));
    check("22", None);
    check("2^", Some("2[^1]"));
    check("31", Some("3[-1]"));
    check("3-", None);
    check("41", Some("4[1-]"));
    check("4-", None);
    check("51", None);
    check("52", None);
    check("53", None);
    check("6", None);
    check("6]", None);
    check("61", None);
    check("7a", Some("7[a-cX]"));
    check("7X", Some("7[a-cX]"));
    check("71", None);
    check("7A", None);
    check("81", Some("8[1 2]"));
    check("8", None);
    check("9##", Some("9[*#0-9]#"));
    check("9*#", Some("9[*#0-9]#"));
    check("95#", Some("9[*#0-9]#"));
}

#[test]
fn a_missing_step_is_taken_from_the_extension_for_everybody() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => 1,1,NoOp(any1)\n\
        exten => 1,2,NoOp(any2)\n\
        exten => 1/55,1,NoOp(55)\n\
    ";
    check(
        DIALPLAN,
        "1 from 55",
        "",
        &["0.00 m,1,1 NoOp(55)", "0.00 m,1,2 NoOp(any2)", "0.00 end, cause 0, at m,1,3"],
    );
}

#[test]
fn each_priority_is_looked_up_anew() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => 100,1,NoOp(100.1)\n\
        exten => _1XX,2,NoOp(_1XX.2)\n\
        exten => _X.,3,NoOp(_X..3)\n\
    ";
    check(
        DIALPLAN,
        "100",
        "",
        &[
            "0.00 m,100,1 NoOp(100.1)",
            "0.00 m,100,2 NoOp(_1XX.2)",
            "0.00 m,100,3 NoOp(_X..3)",
            "0.00 end, cause 0, at m,100,4",
        ],
    );
}

#[test]
fn a_step_may_come_from_an_included_context() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => 100,1,NoOp(m 1)\n\
        include => n\n\
        [n]\n\
        exten => 100,1,NoOp(n 1)\n\
        exten => 100,2,NoOp(n 2)\n\
    ";
    check(
        DIALPLAN,
        "100",
        "",
        &["0.00 m,100,1 NoOp(m 1)", "0.00 m,100,2 NoOp(n 2)", "0.00 end, cause 0, at m,100,3"],
    );
}
