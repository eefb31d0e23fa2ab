//! What rules about typed digits claim.

use crate::support::asterisk::{Asterisk, Trace, What};

const DIALPLAN: &str = "
[dots]
exten => s,1,Set(TIMEOUT(digit)=2)
 same => n,WaitExten(9)
exten => _X.#,1,NoOp(entry)
[bounded]
exten => s,1,Set(TIMEOUT(digit)=2)
 same => n,WaitExten(9)
exten => _XX,1,NoOp(entry)
exten => _XX#,1,NoOp(entry)
[ambiguous]
exten => s,1,Set(TIMEOUT(digit)=2)
 same => n,WaitExten(9)
exten => 1,1,NoOp(entry)
exten => _1XX,1,NoOp(longer)
[names]
exten => _5[3-1],1,NoOp(reversed)
exten => _6[],1,NoOp(empty)
exten => _2[^1],1,NoOp(negated)
exten => _3[1-3X],1,NoOp(letter)
exten => 7XX,1,NoOp(plain)
exten => _conf.,1,NoOp(conf)
exten => _12!,1,NoOp(early)
exten => _12,1,NoOp(exact)
exten => _.X,1,NoOp(any)
[letters]
exten => 1,1,NoOp(one)
exten => _[a-z]!,1,NoOp(letter)
";

pub(crate) fn hold(pbx: &Asterisk) {
    let said = pbx.load(DIALPLAN);
    assert_eq!(said, [], "all of it is silent at load");
    what_follows_a_wildcard_is_dead(pbx);
    an_entry_waits_for_a_longer_one(pbx);
    names_take_other_keys_than_they_seem_to(pbx);
    let call = pbx.call("letters", "1", "");
    assert_eq!(call.steps(), ["letters,1,1 NoOp(one)", "letters,h,1 NoOp(letter)"], "{call}");
}

fn what_follows_a_wildcard_is_dead(pbx: &Asterisk) {
    let call = pbx.call("dots", "s", "wait 0.5 12#");
    assert_eq!(call.visits("dots"), ["s", "12#"], "{call}");
    assert!(waited_s(&call, "#") > 1.0, "the digit time-out runs after `#`:\n{call}");
    let call = pbx.call("dots", "s", "wait 0.5 **");
    assert_eq!(call.visits("dots"), ["s"], "`*` is no digit: {call}");
    let call = pbx.call("dots", "s", "wait 0.5 1*");
    assert_eq!(call.visits("dots"), ["s", "1*"], "two keys are an entry: {call}");
    let call = pbx.call("bounded", "s", "wait 0.5 12#");
    assert_eq!(call.visits("bounded"), ["s", "12#"], "{call}");
    assert!(waited_s(&call, "#") < 1.0, "`#` ends it:\n{call}");
}

fn an_entry_waits_for_a_longer_one(pbx: &Asterisk) {
    let call = pbx.call("ambiguous", "s", "wait 0.5 1");
    assert_eq!(call.visits("ambiguous"), ["s", "1"], "{call}");
    assert!(waited_s(&call, "1") > 1.0, "{call}");
}

fn names_take_other_keys_than_they_seem_to(pbx: &Asterisk) {
    let answers = |exten: &str| {
        let call = pbx.call("names", exten, "");
        let steps = call.steps();
        steps.first().map(|step| step.split_once(' ').unwrap().1.to_owned()).unwrap_or_default()
    };
    // `_.X` takes all that nothing better takes.
    for (exten, expected) in [
        ("51", "NoOp(any)"),
        ("53", "NoOp(any)"),
        ("6", "NoOp(any)"),
        ("60", "NoOp(any)"),
        ("21", "NoOp(negated)"),
        ("22", "NoOp(any)"),
        ("31", "NoOp(letter)"),
        ("34", "NoOp(any)"),
        ("712", "NoOp(any)"),
        ("7XX", "NoOp(plain)"),
        ("conf1", "NoOp(any)"),
        ("co3f1", "NoOp(conf)"),
        ("12", "NoOp(early)"),
        ("9", "NoOp(any)"),
    ] {
        assert_eq!(answers(exten), expected, "{exten}");
    }
}

/// Seconds from the press of a key to the first step after it.
#[track_caller]
fn waited_s(call: &Trace, key: &str) -> f64 {
    let press = |what: &What| matches!(what, What::Press(found) if found == key);
    let step = |what: &What| matches!(what, What::Step { .. });
    call.span_s(press, step).unwrap_or_else(|| panic!("no step after {key}:\n{call}"))
}
