//! The graph: where steps lead, what is reached, which loops are closed.

use super::*;
use crate::{
    lint::{Settings, read},
    syntax::Nothing,
};

#[track_caller]
fn with(dialplan: &str, test: impl FnOnce(&Subject<'_>, &Flow)) {
    let reading = read(b"extensions.conf", dialplan.into(), &mut Nothing);
    let settings = Settings { external_contexts: vec!["pbx".into()], ..Settings::default() };
    let subject = Subject::new(&reading, &settings);
    test(&subject, &Flow::new(&subject));
}

fn shown(subject: &Subject<'_>, flow: &Flow, step: usize) -> String {
    let at = flow.step(subject, step);
    let exten = String::from_utf8_lossy(at.extension.key.pattern.name()).into_owned();
    format!("{},{exten},{}", subject.shown(at.context.name), at.priority.number)
}

/// The ways on from each step, one line for each: `from -> to way`, with its traits.
#[track_caller]
fn check(dialplan: &str, expected: &[&str]) {
    with(dialplan, |subject, flow| {
        let mut lines = Vec::new();
        for step in 0..flow.len() {
            let from = shown(subject, flow, step);
            for edge in flow.edges(step) {
                let to = shown(subject, flow, edge.to as usize);
                lines.push(format!("{from} -> {to} {:?}", edge.way));
            }
            for one in [Trait::FallsOff, Trait::Open, Trait::MayEnd, Trait::Ends, Trait::Misses] {
                if flow.traits(step).has(one) {
                    lines.push(format!("{from} {one:?}"));
                }
            }
        }
        assert_eq!(lines, expected);
    });
}

#[test]
fn each_step_is_looked_up_anew() {
    check(
        "
[a]
exten => 100,1,NoOp()
exten => _1XX,2,NoOp()
include => b
[b]
exten => _X.,3,Hangup()
",
        &["a,100,1 -> a,_1XX,2 Next", "a,_1XX,2 -> b,_X.,3 Next", "b,_X.,3 Ends"],
    );
}

#[test]
fn jumps_lead_where_they_say() {
    check(
        "
[a]
exten => s,1,GotoIf($[1]?b,s,x:t,1)
exten => s,2,ExecIf(${X}?Goto(s,1))
exten => s,3,Goto(pbx,s,1)
exten => t,1,Goto(nobody,1)
exten => t,2,Gosub(b,s,1)
exten => t,3,Goto(${X},1)
exten => i,1,Dial(PJSIP/1)
[b]
exten => s,1(x),Return()
exten => s,2,Goto(nobody,1)
",
        &[
            "a,i,1 FallsOff",
            "a,i,1 MayEnd",
            "a,s,1 -> b,s,1 Branch",
            "a,s,1 -> a,t,1 Branch",
            "a,s,2 -> a,s,1 Branch",
            "a,s,2 -> a,s,3 Next",
            "a,s,2 MayEnd",
            "a,s,3 Open",
            "a,t,1 -> a,i,1 Jump",
            "a,t,2 -> b,s,1 Call",
            "a,t,2 -> a,t,3 Next",
            "a,t,3 Open",
            "b,s,1 Ends",
            "b,s,2 Misses",
        ],
    );
}

#[test]
fn a_wait_without_a_next_step_goes_to_t() {
    check(
        "
[a]
exten => s,1,WaitExten(2)
include => b
[b]
exten => t,1,WaitExten(2)
[c]
exten => s,1,WaitExten(2)
",
        &["a,s,1 -> b,t,1 Timeout", "b,t,1 -> b,t,1 Timeout", "c,s,1 FallsOff"],
    );
}

#[test]
fn blocks_lead_to_their_ends() {
    check(
        "
[a]
exten => s,1,While($[${X}])
exten => s,2,ExitWhile()
exten => s,3,EndWhile()
exten => s,4,EndWhile()
",
        &[
            "a,s,1 -> a,s,2 Next",
            "a,s,1 -> a,s,3 Branch",
            "a,s,2 -> a,s,3 Branch",
            "a,s,3 -> a,s,4 Next",
            "a,s,3 -> a,s,1 Branch",
            "a,s,4 FallsOff",
        ],
    );
}

#[track_caller]
fn check_unreached(dialplan: &str, expected: &[&str]) {
    with(dialplan, |subject, flow| {
        let reached = flow.reached(subject);
        let unreached = (0..flow.len()).filter(|&step| !reached[step]);
        assert_eq!(unreached.map(|step| shown(subject, flow, step)).collect::<Vec<_>>(), expected);
    });
}

#[test]
fn what_follows_an_end_is_not_reached() {
    check_unreached(
        "
[a]
exten => s,1,Goto(there)
exten => s,2,NoOp()
exten => s,3(there),Hangup()
exten => s,4,NoOp()
exten => s,105,NoOp()
",
        &["a,s,2", "a,s,4", "a,s,105"],
    );
}

#[test]
fn unknown_jumps_may_lead_anywhere() {
    check_unreached(
        "
[a]
exten => s,1,Goto(${X},1)
exten => s,2,NoOp()
[b]
exten => s,1,AGI(script)
exten => s,2,Hangup()
exten => s,3(label),Hangup()
[c]
exten => s,1,Goto(c,${X},${Y})
exten => s,2,NoOp()
",
        &["a,s,2"],
    );
}

#[track_caller]
fn check_loops(dialplan: &str, expected: &[&[&str]]) {
    with(dialplan, |subject, flow| {
        let loops = flow.closed_loops();
        let shown: Vec<Vec<_>> = loops
            .iter()
            .map(|steps| steps.iter().map(|&step| shown(subject, flow, step)).collect())
            .collect();
        assert_eq!(shown, expected);
    });
}

#[test]
fn a_loop_without_a_way_out_is_closed() {
    check_loops(
        "
[a]
exten => s,1,Answer()
exten => s,2,Background(x)
exten => s,3,WaitExten(5)
exten => s,4,Goto(2)
exten => 1,1,Hangup()
[b]
exten => s,1,WaitExten(5)
exten => s,2,GotoIf($[${N} < 3]?1)
exten => s,3,Hangup()
[c]
exten => s,1,Dial(PJSIP/1)
exten => s,2,Goto(1)
[d]
exten => s,1,Goto(s,1)
",
        &[&["a,s,2", "a,s,3", "a,s,4"], &["d,s,1"]],
    );
}

#[test]
fn deep_and_wide_dialplans_take_no_stack_and_little_time() {
    let (mut deep, mut wide) = (String::new(), "[a]\nexten => s,1,NoOp()\n".to_owned());
    for at in 0..5_000 {
        let next = at + 1;
        deep += &format!("[c{at}]\nexten => s,1,WaitExten(1)\ninclude => c{next}\n");
        wide += &format!("include => c{at}\n");
    }
    with(&deep, |subject, flow| {
        assert!(flow.reached(subject).iter().all(|&one| one));
        let reached = flow.reached_from(subject, &[0]);
        assert!(reached.iter().all(|&one| one));
        assert!(flow.closed_loops().is_empty());
    });
    with(&(wide + &deep), |subject, flow| {
        assert_eq!(flow.len(), 5_001);
        assert!(flow.reached(subject)[0]);
    });
}

#[test]
fn odd_priorities_are_no_trouble() {
    check(
        "
[a]
exten => s,2147483647,NoOp()
exten => s,hint,PJSIP/1
exten => t,1,Goto(-5)
exten => t,2,Goto(+99999999999)
",
        &["a,s,2147483647 FallsOff", "a,t,1 Misses", "a,t,2 Misses"],
    );
}
