//! What rules about `${...}` and `$[...]` claim.

use crate::support::asterisk::Asterisk;

const DIALPLAN: &str = r#"
[expressions]
exten => forgotten,1,Set(X=no)
 same => n,ExecIf(${X} = yes]?Set(SEEN=true):Set(SEEN=false))
 same => n,NoOp(${SEEN})
 same => n,Set(X=0)
 same => n,ExecIf(${X} = yes]?Set(SEEN=true):Set(SEEN=false))
 same => n,NoOp(${SEEN} as it begins with 0)
 same => n,Hangup()
exten => broken,1,GotoIf($[${X} = 1]?wrong)
 same => n,GotoIf($[${X} != 1]?wrong)
 same => n,NoOp(both are false)
 same => n,Hangup()
 same => n(wrong),NoOp(wrong)
exten => order,1,NoOp($["10" < "9"] $["10" < 9] $[10 < 9])
 same => n,NoOp($["${X}" < 5] $["${X}" > 5] $[0${X} < 5] $[0${X} > 5])
 same => n,Set(X=10)
 same => n,NoOp($["${X}" < 5] $["${X}" > 5] $[0${X} < 5] $[0${X} > 5])
 same => n,Set(X=-10)
 same => n,NoOp($[0${X} < 5] $[0${X} > 5])
 same => n,Hangup()
exten => blank,1,Set(A = 1)
 same => n,NoOp(<${A}> <${A }>)
 same => n,Hangup()
exten => event,1,UserEvent(Blank, Id: ${EXTEN})
 same => n,Hangup()
exten => shell,1,Set(NAME=value)
 same => n,NoOp($NAME $(NAME) {NAME})
 same => n,Hangup()
exten => question,1,GotoIf($["1" = "1"],wrong)
 same => n,NoOp(it goes on)
 same => n,Hangup()
 same => n(wrong),NoOp(wrong)
"#;

pub(crate) fn hold(pbx: &Asterisk) {
    assert_eq!(pbx.load(DIALPLAN), []);
    let event = pbx.call("expressions", "event", "");
    assert_eq!(event.user_events("Blank", " Id"), ["event"], "{event}");
    assert_eq!(event.user_events("Blank", "Id"), [""; 0], "{event}");
    let check = |exten: &str, expected: &[&str]| {
        let call = pbx.call("expressions", exten, "");
        let told: Vec<_> = call
            .steps()
            .iter()
            .filter_map(|step| step.split_once(" NoOp("))
            .map(|(_, told)| told.strip_suffix(')').unwrap_or(told).to_owned())
            .collect();
        assert_eq!(told, expected, "{call}");
    };
    check("forgotten", &["true", "false as it begins with 0"]);
    check("broken", &["both are false"]);
    check("order", &["1 1 0", "1 0 1 0", "1 0 0 1", "1 0"]);
    check("blank", &["<> < 1>"]);
    check("shell", &["$NAME $(NAME) {NAME}"]);
    check("question", &["it goes on"]);
}
