//! What rules about the targets of jumps claim.

use crate::support::asterisk::Asterisk;

const DIALPLAN: &str = r#"
[jumps]
exten => context,1,Goto(nowhere,s,1)
 same => n,NoOp(wrong)
exten => blank,1,Goto(jumps, fine,1)
 same => n,NoOp(wrong)
exten => number,1,Goto(jumps,fine, 1)
exten => label,1,GotoIf($["1" = "1"]? fine)
 same => n,NoOp(wrong)
 same => n(fine),NoOp(wrong)
exten => missing,1,Goto(missing,none)
 same => n,NoOp(wrong)
exten => far,1,Goto(far,7)
 same => n,NoOp(wrong)
exten => single,1,Goto(1111)
exten => 1111,1,NoOp(wrong)
exten => empty,1,Goto()
 same => n,NoOp(wrong)
exten => four,1,Goto(jumps,fine,one,more)
exten => fine,1,NoOp(fine)
 same => n(one),Hangup()
"#;

pub(crate) fn hold(pbx: &Asterisk) {
    assert_eq!(pbx.load(DIALPLAN), []);
    let check = |exten: &str, expected: &[&str]| {
        let call = pbx.call("jumps", exten, "");
        assert_eq!(call.steps(), expected, "{call}");
    };
    check("context", &["jumps,context,1 Goto(nowhere,s,1)"]);
    check("blank", &["jumps,blank,1 Goto(jumps, fine,1)"]);
    check(
        "number",
        &["jumps,number,1 Goto(jumps,fine, 1)", "jumps,fine,1 NoOp(fine)", "jumps,fine,2 Hangup()"],
    );
    check("label", &["jumps,label,1 GotoIf(1? fine)"]);
    check("missing", &["jumps,missing,1 Goto(missing,none)"]);
    check("far", &["jumps,far,1 Goto(far,7)"]);
    check("single", &["jumps,single,1 Goto(1111)"]);
    check("empty", &["jumps,empty,1 Goto()"]);
    check("four", &["jumps,four,1 Goto(jumps,fine,one,more)", "jumps,fine,2 Hangup()"]);
}
