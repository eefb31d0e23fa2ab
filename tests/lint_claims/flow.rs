//! What rules about the flow of calls claim.

use crate::support::asterisk::{Asterisk, Version};

const DIALPLAN: &str = "
[gap]
exten => 1,1,NoOp(before)
exten => 1,3,NoOp(after)
exten => 2,2,NoOp(no first)
[elsewhere]
exten => 100,1,NoOp(own)
exten => _1XX,1,NoOp(other)
exten => _1XX,2,NoOp(other)
[menu]
exten => s,1,WaitExten(9)
exten => 1,1,NoOp(one)
exten => unknown,1,NoOp(unknown)
[silent]
exten => s,1,WaitExten(1)
 same => n,NoOp(next)
exten => t,1,NoOp(t)
[last]
exten => s,1,WaitExten(1)
exten => 1,1,NoOp(one)
[blocks]
exten => while,1,While(0)
 same => n,NoOp(in)
 same => n,NoOp(after)
exten => endwhile,1,EndWhile()
 same => n,NoOp(after)
exten => exitwhile,1,ExitWhile()
 same => n,NoOp(after)
[sub]
exten => 1,1,Gosub(sub,open,1)
 same => n,NoOp(back)
exten => open,1,NoOp(open)
exten => 2,1,Return()
 same => n,NoOp(after)
[loop]
exten => s,1,Set(TIMEOUT(absolute)=1)
 same => n(round),NoOp(round)
 same => n,Goto(round)
";

/// Blocks that only newer versions have.
const IF: &str = "
[choice]
exten => if,1,If(0)
 same => n,NoOp(in)
 same => n,NoOp(after)
exten => endif,1,EndIf()
 same => n,NoOp(after)
";

pub(crate) fn hold(pbx: &Asterisk) {
    assert_eq!(pbx.load(DIALPLAN), [], "all of it is silent at load");
    let check = |context: &str, exten: &str, keys: &str, expected: &[&str]| {
        let call = pbx.call(context, exten, keys);
        assert_eq!(call.steps(), expected, "{call}");
    };
    check("gap", "1", "", &["gap,1,1 NoOp(before)"]);
    check("gap", "2", "", &[]);
    check("elsewhere", "100", "", &["elsewhere,100,1 NoOp(own)", "elsewhere,100,2 NoOp(other)"]);
    check("menu", "s", "wait 0.5 9", &["menu,s,1 WaitExten(9)"]);
    check("silent", "s", "", &["silent,s,1 WaitExten(1)", "silent,s,2 NoOp(next)"]);
    check("last", "s", "", &["last,s,1 WaitExten(1)"]);
    check("sub", "1", "", &["sub,1,1 Gosub(sub,open,1)", "sub,open,1 NoOp(open)"]);
    check("sub", "2", "", &["sub,2,1 Return()"]);
    blocks_need_both_ends(pbx);
    a_loop_spins(pbx);
}

fn blocks_need_both_ends(pbx: &Asterisk) {
    let check = |context: &str, exten: &str, expected: &[&str]| {
        let call = pbx.call(context, exten, "");
        let steps: Vec<_> =
            call.steps().iter().map(|step| step.split_once(' ').unwrap().1.to_owned()).collect();
        assert_eq!(steps, expected, "{exten}: {call}");
    };
    check("blocks", "while", &["While(0)", "NoOp(in)", "NoOp(after)"]);
    let said = pbx.messages();
    assert!(said.iter().any(|one| one.text.contains("matching EndWhile")), "{said:?}");
    check("blocks", "endwhile", &["EndWhile()", "NoOp(after)"]);
    check("blocks", "exitwhile", &["ExitWhile()", "NoOp(after)"]);
    if pbx.version() == Version::V22 {
        assert_eq!(pbx.load(&format!("{DIALPLAN}{IF}")), []);
        check("choice", "if", &["If(0)", "NoOp(in)", "NoOp(after)"]);
        check("choice", "endif", &["EndIf()", "NoOp(after)"]);
    }
}

/// Nothing in the loop takes time: it runs as fast as the machine can, until something ends the
/// call.
fn a_loop_spins(pbx: &Asterisk) {
    let call = pbx.call("loop", "s", "");
    let rounds = call.steps().iter().filter(|step| step.ends_with("NoOp(round)")).count();
    assert!(rounds > 200, "{rounds} rounds in a second");
}
