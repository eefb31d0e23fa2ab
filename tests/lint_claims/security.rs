//! What rules about security claim: texts of a caller that are obeyed, and how `FILTER` stops them.

use crate::support::asterisk::{Asterisk, Dial};

/// `TEXT` is what the caller sends. It cannot hold a comma here, so that one is written.
const DIALPLAN: &str = r#"
[security]
exten => dial,1,Set(GLOBAL(CALLED_1)=)
 same => n,Set(GLOBAL(CALLED_2)=)
 same => n,Gosub(security-open,${TEXT},1)
 same => n,NoOp(<${CALLED_1}${CALLED_2}>)
exten => filtered,1,Set(GLOBAL(CALLED_1)=)
 same => n,Set(GLOBAL(CALLED_2)=)
 same => n,Gosub(security-filtered,${TEXT},1)
 same => n,NoOp(<${CALLED_1}${CALLED_2}>)
exten => shell,1,Set(CALLERID(name)=${TEXT})
 same => n,NoOp(<${SHELL(printf "a${CALLERID(name)}")}>)
 same => n,NoOp(<${SHELL(printf "a${FILTER(a-zA-Z0-9,${CALLERID(name)})}")}>)
exten => evaluation,1,Set(CALLERID(name)=${TEXT})
 same => n,NoOp(<${EVAL(${CALLERID(name)})}>)
exten => comma,1,Set(CALLERID(num)=security-callees,9)
 same => n,Goto(${CALLERID(num)},1)

[security-open]
exten => _X.,1,Dial(Local/${EXTEN}@security-callees)
 same => n,Return()
[security-filtered]
exten => _X.,1,Dial(Local/${FILTER(0-9*#+,${EXTEN})}@security-callees)
 same => n,Return()
[security-callees]
exten => 1,1,Set(GLOBAL(CALLED_1)=one)
exten => 2,1,Set(GLOBAL(CALLED_2)=two)
exten => 9,1,NoOp(here)
"#;

pub(crate) fn hold(pbx: &Asterisk) {
    assert_eq!(pbx.load(DIALPLAN), []);
    let check = |exten: &str, text: &str, expected: &[&str]| {
        let variables = [("TEXT", text)];
        let dial = Dial { context: "security", exten, variables: &variables, ..Dial::default() };
        let call = pbx.dial(&dial).end();
        let steps = call.steps();
        let told: Vec<_> = steps.iter().filter_map(|step| step.split_once(" NoOp")).collect();
        let told: Vec<_> = told.into_iter().map(|(_, data)| data).collect();
        assert_eq!(told, expected, "{exten}: {call}");
    };
    let two_callees = "1@security-callees&Local/2";
    check("dial", two_callees, &["(<onetwo>)"]);
    check("filtered", two_callees, &["(<>)"]);
    check("shell", "$(printf b)", &["(<ab>)", "(<aprintfb>)"]);
    check("evaluation", "${SHELL(printf c)}", &["(<c>)"]);
    check("comma", "", &["(here)"]);
    pbx.messages();
}
