//! What rules claim about lines that Asterisk loads without a word.

use crate::support::asterisk::Asterisk;

const DIALPLAN: &str = "
[load]
exten => hint,hint,Custom:light
 same => n,NoOp(vanished)
exten => nothing,1
 same => n,NoOp(after nothing)
exten => old,1,NoOp(before)
 same => n,Wait,1
 same => n,NoOp(after)
exten => twice,1,NoOp(before)
 same => n,n,NoOp(after)
exten => label,1,NoOp(before)
 same => n,Goto(again)
 same => n( again ),NoOp(after)
exten => pair,1,Set(A=1)(B=2)
 same => n,NoOp(${A})
exten => note,1,NoOp(one) //two
 same => n,NoOp(one) //two (three)
exten => width,1,NoOp(before)
 same => n,NoOp（after）
exten => gap,1,NoOp(before)
exten => other,n,NoOp(elsewhere)
exten => gap,n,NoOp(after)
exten => appended,1,NoOp(before)
exten += appended,n,NoOp(after)
exten => quotes,1,GotoIf($[“1” = \"1\"]?3)
 same => n,NoOp(not equal)
 same => n,Hangup()
[options] (!)
exten => s,1,NoOp(a plain context)
[ blank ]
exten => s,1,NoOp(here)
[jump]
exten => s,1,Goto(blank,s,1)
";

pub(crate) fn hold(pbx: &Asterisk) {
    assert_eq!(pbx.load(DIALPLAN), []);
    let listed = pbx.command("dialplan show load").join("\n");
    assert!(listed.contains("hint: Custom:light") && !listed.contains("vanished"), "{listed}");
    let check = |context: &str, exten: &str, expected: &[&str]| {
        let call = pbx.call(context, exten, "");
        let told: Vec<_> = call
            .steps()
            .iter()
            .filter_map(|step| step.split_once(" NoOp("))
            .map(|(_, told)| told.strip_suffix(')').unwrap_or(told).to_owned())
            .collect();
        assert_eq!(told, expected, "{call}");
    };
    check("load", "nothing", &[]);
    check("load", "old", &["before"]);
    check("load", "twice", &["before"]);
    check("load", "label", &["before"]);
    check("load", "pair", &["1)(B=2"]);
    check("load", "note", &["one", "one) //two (three"]);
    check("load", "width", &["before"]);
    check("load", "gap", &["before"]);
    check("load", "appended", &["before) appended,n,NoOp(after"]);
    check("load", "quotes", &["not equal"]);
    check("options", "s", &["a plain context"]);
    check("jump", "s", &[]);
}
