//! Calls through small dialplans.

mod functions;
mod keys;
mod matching;
mod moments;
mod places;
mod sounds;
mod texts;

use super::testing::transcript;

fn check(dialplan: &str, exten: &str, keys: &str, expected: &[&str]) {
    let found = transcript(dialplan, exten, keys);
    let found: Vec<&str> = found.lines().map(str::trim).collect();
    assert_eq!(found, expected, "\n{dialplan}\n{exten} {keys}");
}

/// What the step of a call says that is its only one; none if nothing takes the call.
fn check_reached(dialplan: &str, exten: &str, expected: Option<&str>) {
    let found = transcript(dialplan, exten, "");
    let step = found.lines().find_map(|line| line.split_once(" NoOp(")?.1.strip_suffix(')'));
    assert_eq!(step, expected, "{dialplan}\n{exten}\n{found}");
}

#[test]
fn a_menu_waits_for_its_keys() {
    let dialplan = "[m]\nexten => s,1,Background(/snd/2)\nsame => n,WaitExten(3)\n\
                    same => n,NoOp(none)\nexten => 1,1,NoOp(one)\nexten => 23,1,NoOp(two)\n\
                    exten => i,1,NoOp(i ${INVALID_EXTEN})\n";
    check(
        dialplan,
        "s",
        "wait 1 1",
        &[
            "0.00 m,s,1 BackGround(/snd/2)",
            "1.10 digit 1",
            "1.10 m,1,1 NoOp(one)",
            "1.10 end, cause 0, at m,1,2",
        ],
    );
    check(
        dialplan,
        "s",
        "wait 1 2",
        &[
            "0.00 m,s,1 BackGround(/snd/2)",
            "1.10 digit 2",
            "6.10 m,i,1 NoOp(i 2)",
            "6.10 end, cause 0, at m,i,2",
        ],
    );
    check(
        dialplan,
        "s",
        "",
        &[
            "0.00 m,s,1 BackGround(/snd/2)",
            "2.00 m,s,2 WaitExten(3)",
            "5.00 m,s,3 NoOp(none)",
            "5.00 end, cause 0, at m,s,4",
        ],
    );
}

#[test]
fn an_endless_loop_ends() {
    let found = transcript("[m]\nexten => s,1,Goto(s,1)\n", "s", "");
    assert!(found.ends_with("end, cause 0, at m,s,1\n"), "{}", &found[found.len() - 200..]);
    assert_eq!(found.lines().count(), 100_001);
}
