//! What rules about applications and functions claim.

use crate::support::asterisk::Asterisk;

const DIALPLAN: &str = r#"
[applications]
exten => unknown,1,Hangip()
 same => n,NoOp(wrong)
exten => blank,1,NoOp (x)
 same => n,NoOp(wrong)
exten => nested,1,ExecIf($["1" = "1"]? Set(X=1))
 same => n,NoOp(wrong)
exten => old,1,Wait,1
 same => n,NoOp(wrong)
exten => equals,1,Set(X)
 same => n,NoOp(<${X}>)
exten => function,1,NoOp(<${callerid(num)}>)
 same => n,Set(LEN(x)=1)
 same => n,NoOp(it goes on)
exten => inside,1,Set(CHANNEL (language)=xx)
 same => n,NoOp(<${CHANNEL(language)}> <${LEN (abc)}>)
exten => sip,1,Dial(Strange/100)
 same => n,NoOp(${DIALSTATUS})
"#;

pub(crate) fn hold(pbx: &Asterisk) {
    assert_eq!(pbx.load(DIALPLAN), []);
    let check = |exten: &str, expected: &[&str]| {
        let call = pbx.call("applications", exten, "");
        assert_eq!(call.steps(), expected, "{call}");
    };
    check("unknown", &[]);
    check("blank", &[]);
    check("nested", &["applications,nested,1 ExecIf(1? Set(X=1))"]);
    check("old", &[]);
    check("equals", &["applications,equals,1 Set(X)", "applications,equals,2 NoOp(<>)"]);
    check(
        "function",
        &[
            "applications,function,1 NoOp(<>)",
            "applications,function,2 Set(LEN(x)=1)",
            "applications,function,3 NoOp(it goes on)",
        ],
    );
    check(
        "inside",
        &[
            "applications,inside,1 Set(CHANNEL (language)=xx)",
            "applications,inside,2 NoOp(<en> <>)",
        ],
    );
    check("sip", &["applications,sip,1 Dial(Strange/100)", "applications,sip,2 NoOp(CHANUNAVAIL)"]);
    // The daemon complains as it should: nothing of it is of interest here.
    pbx.messages();
}
