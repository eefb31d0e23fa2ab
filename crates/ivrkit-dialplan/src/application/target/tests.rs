//! Where calls can go, one application at a time.

use super::*;

/// `context/exten/priority(arguments) role` of each target.
fn shown(data: &str, targets: &[Target]) -> Vec<String> {
    let part = |part: &Part| match part {
        Part::Current => ".".to_owned(),
        Part::Given(range) => format!("<{}>", &data[range.clone()]),
        Part::Fixed(name) => (*name).to_owned(),
        Part::Digits => "#".to_owned(),
        Part::Variable(name) => format!("${name}"),
    };
    let one = |target: &Target| {
        let arguments = target.arguments.clone();
        let arguments = arguments.map_or(String::new(), |range| format!("({})", &data[range]));
        let Target { context, exten, priority, role, .. } = target;
        let (context, exten, priority) = (part(context), part(exten), part(priority));
        format!("{context}/{exten}/{priority}{arguments} {role:?}")
    };
    targets.iter().map(one).collect()
}

fn check(application: &str, data: &str, expected: &[&str]) {
    let found = targets(application.as_bytes(), data.as_bytes(), Version::V20, Text::Source);
    assert_eq!(shown(data, &found), expected, "{application}({data})");
}

#[test]
fn a_label_is_read_from_the_right() {
    check("Goto", "1", &["././<1> Jump"]);
    check("goto", "s,1", &["./<s>/<1> Jump"]);
    check("Goto", "menu,s,1", &["<menu>/<s>/<1> Jump"]);
    check("Goto", "menu, 6501, 1", &["<menu>/< 6501>/< 1> Jump"]);
    check("Goto", "a,b,c,d", &["<a>/<b>/<c> Jump"]);
    check("Goto", "menu,,1", &["<menu>/<>/<1> Jump"]);
    check("Goto", "${CUT(X,\\,,1)},1", &["./<${CUT(X,\\,,1)}>/<1> Jump"]);
    check("Goto", "", &[]);
}

#[test]
fn conditions_have_two_sides() {
    let (yes, no) = ("Branch { when: true }", "Branch { when: false }");
    check("GotoIf", "$[1]?a:b", &[&format!("././<a> {yes}"), &format!("././<b> {no}")]);
    check("GotoIf", "$[\"${A}\"=\"?\"]?c,s,1", &[&format!("<c>/<s>/<1> {yes}")]);
    check("GotoIf", "$[1]?:b", &[&format!("././<b> {no}")]);
    check("GotoIf", "$[1]", &[]);
    check("GotoIfTime", "9:00-17:00,*,*,*?open,s,1", &[&format!("<open>/<s>/<1> {yes}")]);
    check(
        "GosubIf",
        "${X}?a,s,1(1:2):b,s,1(x)",
        &[
            "<a>/<s>/<1>(1:2) SubroutineBranch { when: true }",
            "<b>/<s>/<1>(x) SubroutineBranch { when: false }",
        ],
    );
}

#[test]
fn subroutines_have_arguments() {
    check("Gosub", "sub,s,1(a,b(c))", &["<sub>/<s>/<1>(a,b(c)) Subroutine"]);
    check("Gosub", "label", &["././<label> Subroutine"]);
    check("Gosub", "sub,s,1(${F(x)},b", &["<sub>/<s>/<1>(${F(x) Subroutine"]);
    check("Macro", "dial,${X},b", &["<dial>/s/1(${X},b) Macro"]);
    check(
        "MacroIf",
        "1?a,x:b",
        &["<a>/s/1(x) MacroBranch { when: true }", "<b>/s/1 MacroBranch { when: false }"],
    );
}

#[test]
fn applications_in_applications_are_followed() {
    check("Exec", "Goto(a,1)", &["./<a>/<1> Jump"]);
    check(
        "ExecIf",
        "$[1]?Goto(a,s,1):Gosub(b,s,1(x))",
        &["<a>/<s>/<1> Branch { when: true }", "<b>/<s>/<1>(x) SubroutineBranch { when: false }"],
    );
    check("ExecIf", "$[1]?TryExec(Goto(a,1))", &["./<a>/<1> Branch { when: true }"]);
    check("ExecIfTime", "*,*,*,*?Goto(a,1)", &["./<a>/<1> Branch { when: true }"]);
    check("Originate", "Local/1@a,app,Goto,b,1", &["././<b> NewCall"]);
    let deep = format!("{}Goto(1){}", "Exec(".repeat(20), ")".repeat(20));
    check("Exec", &deep, &[]);
}

#[test]
fn options_of_dial_name_places() {
    check("Dial", "SIP/1,30,G(a^s^1)", &["<a>/<s>/<1> Both"]);
    check(
        "Dial",
        "SIP/1,30,F(a^s^1)U(sub^x^y)",
        &["<a>/<s>/<1> PeerGoesOn", "<sub>/s/1(x^y) PeerSubroutine"],
    );
    check(
        "Dial",
        "SIP/1,30,b(pre^s^1(x^y))B(own^1)",
        &["<pre>/<s>/<1>(x^y) PeerSubroutine", "./<own>/<1> Subroutine"],
    );
    check("Dial", "SIP/1,30,M(screen^x)", &["<screen>/s/1(x) PeerSubroutine"]);
    check("Dial", "SIP/1,30,dF", &["$EXITCONTEXT/#/1 Exit"]);
    check("Dial", "SIP/1,30,e", &["./h/1 PeerGoesOn"]);
    check("Dial", "SIP/1,30,tT", &[]);
    check(
        "RetryDial",
        "wait,5,2,SIP/1,30,G(a^s^1)",
        &["$EXITCONTEXT/#/1 Exit", "<a>/<s>/<1> Both"],
    );
}

#[test]
fn other_applications_name_places() {
    check("BackGround", "a&b,m,,menu", &["<menu>/#/1 Digits"]);
    check("Background", "a", &["./#/1 Digits"]);
    check("WaitExten", "5", &["./#/1 Digits"]);
    check("DISA", "no-password,inside", &["<inside>/#/1 Digits"]);
    check("DISA", "1234", &["disa/#/1 Digits"]);
    check(
        "Queue",
        "q,cF(a^s^1),,,60,,,agent",
        &["<a>/<s>/<1> PeerGoesOn", "<agent>/s/1 PeerSubroutine"],
    );
    check("VoiceMail", "1@default,d(menu)u", &["./a/1 Exit", "./o/1 Exit", "<menu>/#/1 Digits"]);
    check("ChannelRedirect", "${C},menu,s,1", &["<menu>/<s>/<1> OtherCall"]);
    check("Originate", "SIP/1,exten,menu,100,2", &["<menu>/<100>/<2> NewCall"]);
    check("Originate", "SIP/1,exten,menu", &["<menu>/s/1 NewCall"]);
    check("Park", "lot,c(back,s,1)", &["<back>/<s>/<1> ComeBack"]);
    check("MeetMe", "1", &[]);
    check("MeetMe", "1,X", &["$MEETME_EXIT_CONTEXT/#/1 Exit"]);
    check("NoOp", "a,b,c", &[]);
    check("Nonsense", "a,b,c", &[]);
}

#[test]
fn functions_and_variables_name_places() {
    let function = |name: &str, data: &str| {
        shown(data, &function_targets(name.as_bytes(), data.as_bytes(), Text::Source))
    };
    assert_eq!(function("DIALPLAN_EXISTS", "menu,s,1"), ["<menu>/<s>/<1> Question"]);
    assert_eq!(function("DIALPLAN_EXISTS", "menu"), ["<menu>/./1 Question"]);
    assert_eq!(function("HINT", "100@hints"), ["<hints>/<100>/. Question"]);
    assert!(function("LEN", "x").is_empty());
    let assigned = |name: &str, data: &str| {
        shown(data, &assigned_targets(name.as_bytes(), data.as_bytes(), Text::Source))
    };
    let push = "CHANNEL(hangup_handler_push)";
    assert_eq!(assigned(push, "end,s,1(x)"), ["<end>/<s>/<1>(x) Handler"]);
    assert_eq!(assigned("__GOTO_ON_BLINDXFR", "back^s^1"), ["<back>/<s>/<1> ComeBack"]);
    assert_eq!(assigned("EXITCONTEXT", "menu"), ["<menu>/#/1 Exit"]);
    assert!(assigned("X", "menu").is_empty());
}

#[test]
fn every_row_is_of_something_that_asterisk_has() {
    for row in table::ROWS {
        let entry = crate::application::application(row.name.as_bytes());
        assert_eq!(entry.map(crate::application::Entry::name), Some(row.name));
    }
    for row in table::FUNCTIONS {
        assert!(crate::application::function(row.name.as_bytes()).is_some(), "{}", row.name);
    }
}

#[test]
fn roles_know_whose_call_goes_there() {
    assert!(Role::Jump.is_own() && !Role::Jump.comes_back());
    assert!(Role::Subroutine.is_own() && Role::Subroutine.comes_back());
    assert!(!Role::NewCall.is_own() && !Role::PeerGoesOn.is_own());
}
