//! Functions that need the channel.

use super::super::testing::{events, transcript};
use crate::{application::Version, call::What};

/// Runs steps, and then `NoOp(text)`: what it is given.
fn check(steps: &[&str], text: &str, expected: &str) {
    let dialplan = dialplan(steps, text);
    let found = transcript(&dialplan, "s from 13800001111", "");
    let last = found.lines().filter_map(|line| line.split_once(" NoOp(")).next_back();
    let value = last.and_then(|(_, value)| value.strip_suffix(')'));
    assert_eq!(value, Some(expected), "{dialplan}\n{found}");
}

/// What the call ends with because nobody knows its value.
fn check_unknown(steps: &[&str], text: &str, expected: &str) {
    let dialplan = dialplan(steps, text);
    let found = transcript(&dialplan, "s", "");
    let end = format!(", {expected} is not modelled\n");
    assert!(found.ends_with(&end), "{dialplan}\n{found}");
}

/// What Asterisk complains about.
fn check_complaint(version: Version, text: &str, expected: Option<&str>) {
    let found = events(version, &dialplan(&[], text), "s", "");
    let complaint = found.iter().find_map(|event| match &event.what {
        What::Complaint { text, .. } => Some(text.as_str()),
        _ => None,
    });
    assert_eq!(complaint, expected, "{text}");
}

fn dialplan(steps: &[&str], text: &str) -> String {
    let mut dialplan = "[globals]\nG=global\n[m]\nexten => s,1,NoOp()\n".to_owned();
    for step in steps {
        dialplan += &format!("same => n,{step}\n");
    }
    dialplan + &format!("same => n,NoOp({text})\nexten => _2XX,1,NoOp()\nsame => n(x),NoOp()\n")
}

#[test]
fn the_caller_has_a_number_and_a_name() {
    check(
        &[],
        "${CALLERID(num)} ${CALLERID(number)} ${CALLERID(NUM)}",
        &["13800001111"; 3].join(" "),
    );
    check(&[], "[${CALLERID(name)}] ${CALLERID(all)}", r#"[] "" <13800001111>"#);
    check(&["Set(CALLERID(name)= A B )"], "[${CALLERID(name)}]", "[A B]");
    let all = r#"Set(CALLERID(all)="A \"B" <55-66>)"#;
    check(&[all], "${CALLERID(name)} ${CALLERID(num)}", r#"A "B 5566"#);
    check(&["Set(CALLERID(num)=)"], "[${CALLERID(num)}] ${CALLERID(num-valid)}", "[] 1");
    check(
        &["Set(CALLERID(dnid)=7)", "Set(CALLERID(rdnis)=8)"],
        "${CALLERID(dnid)}${CALLERID(rdnis)}",
        "78",
    );
    check(
        &["Set(CALLERID(ani)=9)"],
        "${CALLERID(ani)} ${CALLERID(ANI-num)} ${CALLERID(ani2)}",
        "9 9 00",
    );
    check(&[], "${CALLERID(num-pres)} ${CALLINGPRES}", "allowed_not_screened 0");
    check(&["Set(CALLERID(pres)=prohib)"], "${CALLERID(pres)} ${CALLINGPRES}", "prohib 35");
    check(&[], r#"${CALLERID(name,"A B" <1>)} ${CALLERID(num,A <12-3>)}"#, "A B 123");
    check_unknown(&[], "${CALLERID(subaddr)}", "CALLERID");
}

#[test]
fn a_record_is_kept_of_the_call() {
    check(
        &[],
        "${CDR(src)} ${CDR(dst)} ${CDR(dcontext)} ${CDR(clid)}",
        "13800001111 s m 13800001111",
    );
    check(
        &[],
        "${CDR(start)}|${CDR(answer,u)}|${CDR(end)}",
        "2024-01-01 00:00:00|1704067200.000000|",
    );
    check(&["Wait(2.5)"], "${CDR(duration)} ${CDR(billsec)} ${CDR(billsec,f)}", "2 2 2.500000");
    check(
        &[],
        "${CDR(disposition)} ${CDR(disposition,u)} ${CDR(amaflags)}",
        "ANSWERED 8 DOCUMENTATION",
    );
    check(&["Set(CDR(own)=1)", "Set(CDR(OWN)=2)"], "${CDR(own)}[${CDR(none)}]", "2[]");
    check(
        &["Set(CDR(userfield)=u)", "Set(CDR(accountcode)=a)"],
        "${CDR(userfield)}${CDR(accountcode)}",
        "ua",
    );
    check(&["Wait(1)"], "${CDR(lastapp)} ${CDR(lastdata)}", "Wait 1");
    check(&["Set(CDR(src)=1)"], "${CDR(src)}", "13800001111");
    check(&["Set(CDR (x)=1)"], "[${CDR(x)}]", "[]");
}

#[test]
fn timeouts_are_seconds() {
    check(&[], "${TIMEOUT(digit)} ${TIMEOUT(response)} ${TIMEOUT(absolute)}", "5.000 10.000 0");
    check(&["Set(TIMEOUT(digit)=2.25)"], "${TIMEOUT(digit)}", "2.250");
    check(&["Set(TIMEOUT(response)=x)"], "${TIMEOUT(response)}", "0.000");
    check(&["Set(TIMEOUT(digit)=-1)"], "${TIMEOUT(digit)}", "0.000");
    check(&["Set(TIMEOUT(absolute)=9)", "Wait(2)"], "${TIMEOUT(absolute)}", "7.000");
}

#[test]
fn variables_are_found_by_kind() {
    check(&[], "${G} ${GLOBAL(G)}", "global global");
    check(&["Set(G=own)"], "${G} ${GLOBAL(G)}", "own global");
    check(&["Set(GLOBAL(G)=new)"], "${G}", "new");
    check(&["Set(GLOBAL(_H)=1)"], "${H}", "1");
    check(&["Set(GLOBAL_DELETE(G)=)"], "[${G}]", "[]");
    check(&["Set(__A=1)"], "${A}[${__A}]", "1[]");
    check(
        &["Set(A=1)", "Set(DELETE(A)=)"],
        "[${A}] ${VARIABLE_EXISTS(A)} ${VARIABLE_EXISTS(G)}",
        "[] 0 1",
    );
    check(&["Set(SHARED(A)=1)"], "${SHARED(A)}[${SHARED(B)}]", "1[]");
    check(&[], "${SET( A = x )}${A}", "xx");
    check(&["Set(A=SET(B)=1)"], "[${A}]", "[SET(B)=1]");
}

#[test]
fn some_variables_are_there_already() {
    check(&[], "${EXTEN} ${CONTEXT} ${PRIORITY}", "s m 2");
    check(&["Set(EXTEN=x)"], "${EXTEN}", "s");
    check(&["Wait(3.9)"], "${EPOCH} ${UNIQUEID}", "1704067203 1704067200.1");
    check(
        &[],
        "${ASTETCDIR} ${ASTDBDIR} [${SYSTEMNAME}]",
        "/etc/asterisk /var/lib/asterisk/astdb []",
    );
    check(&[], "${CHANNEL} ${CHANNEL(state)} ${CHANNEL(language)}", "Simulated/1 Up en");
    check(&["Set(CHANNEL(musicclass)=x)"], "${CHANNEL(musicclass)}", "x");
    check_unknown(&[], "${ENTITYID}", "ENTITYID");
    check(&[], "[${CHANNEL(nosuch)}]", "[]");
    check_unknown(&[], "${CHANNEL(rtp,dest)}", "CHANNEL");
    check_unknown(&[], "${CHANNEL(useragent)}", "CHANNEL");
}

#[test]
fn a_hint_is_that_of_the_running_extension() {
    let dialplan = "[m]\nexten => s,hint,SIP/1&SIP/2\nexten => s,1,NoOp(${HINT})\n\
                    exten => 1,1,NoOp([${HINT}])\n";
    let found = transcript(dialplan, "s", "");
    assert!(found.contains("NoOp(SIP/1&SIP/2)"), "{found}");
    let found = transcript(dialplan, "1", "");
    assert!(found.contains("NoOp([])"), "{found}");
}

#[test]
fn the_dialplan_can_be_asked() {
    check(&[], "${DIALPLAN_EXISTS(m)}${DIALPLAN_EXISTS(n)}${DIALPLAN_EXISTS(m,200)}", "101");
    check(
        &[],
        "${DIALPLAN_EXISTS(m,200,x)}${DIALPLAN_EXISTS(m,200,y)}${DIALPLAN_EXISTS(m,s,9)}",
        "100",
    );
    check(&[], "${VALID_EXTEN(,200)}${VALID_EXTEN(,9)}${VALID_EXTEN(m,s,2)}", "101");
    check(&[], "${VALID_EXTEN(m,s,x)}${VALID_EXTEN(m,s,1x)}[${VALID_EXTEN(m)}]", "01[]");
    check(&[], "[${EXCEPTION(reason)}]", "[]");
}

#[test]
fn time_is_that_of_the_call() {
    check(&["Wait(3661.25)"], "${STRFTIME(,,%F %T.%3q %a)}", "2024-01-01 01:01:01.250 Mon");
    check(
        &[],
        "${STRFTIME(0,UTC,%Y-%m-%d %H:%M:%S %j %u %U %p %I)}",
        "1970-01-01 00:00:00 001 4 00 AM 12",
    );
    check(&[], "${STRFTIME(1000000000,Asia/Shanghai,%c)}", "Sun Sep  9 09:46:40 2001");
    check(&[], "${STRFTIME(1719835200,Europe/Berlin,%F %T %z)}", "2024-07-01 14:00:00 +0200");
    check(&[], "${STRPTIME(2024-07-01 12:00:00,Europe/Berlin,%Y-%m-%d %H:%M:%S)}", "1719828000");
    check(&[], "${STRFTIME(1709164800)}", "Thu Feb 29 00:00:00 2024");
    check(&[], "${STRFTIME(0.5,,%s.%6q%%)}", "0.500000%");
    check(&[], "${STRPTIME(2024-02-29 12:30:15,,%Y-%m-%d %H:%M:%S)}", "1709209815");
    check(&[], "${STRPTIME(1 Mar 24 1:05 PM,,%d %b %y %I:%M %p)}", "1709298300");
    check(&[], "[${STRPTIME(none,,%Y)}]", "[]");
    check(
        &[],
        "${IFTIME(00:00-01:00,mon,*,*?in:out)} ${IFTIME(*,tue,*,*?\"in\":\"out\")}",
        "in out",
    );
    check_unknown(&[], "${STRFTIME(,Mars/Olympus,%H)}", "STRFTIME");
    check_unknown(&[], "${STRFTIME(,,%G)}", "STRFTIME");
}

#[test]
fn numbers_count_and_are_random() {
    check(&["Set(A=9)"], "${INC(A)} ${A} ${DEC(A)}", "10 10 9");
    check(&["Set(A=x)"], "[${INC(A)}]", "[]");
    check(&[], "${MIN(3,2)} ${MAX(3,2.5)} ${MAX(0.5,)} ${ABS(-7)}", "2 3 0.500000 7");
    check(&[], "${RAND(7,7)} $[${RAND(1,6)} < 7] $[${RAND()} >= 0]", "7 1 1");
    let drawn = |seed| {
        let steps = ["Set(A=${RAND(0,1000)}-${RAND(0,1000)})"; 1];
        (seed, transcript(&dialplan(&steps, "${A}"), "s", ""))
    };
    assert_eq!(drawn(1), drawn(1));
}

#[test]
fn lists_and_hashes_are_variables() {
    check(&["Set(ARRAY(A,B,C)=1,2)"], "${A}${B}[${C}]", "12[]");
    check(&["Set(PUSH(L)=a)", "Set(PUSH(L)=b)", "Set(UNSHIFT(L)=0)"], "${L}", "0,a,b");
    check(
        &["Set(L=a,b,c)"],
        "${SHIFT(L)} ${POP(L)} ${L} ${POP(L)} [${L}] [${POP(L)}]",
        "a c b b [] []",
    );
    check(&["Set(PUSH(L,-)=a)", "Set(PUSH(L,-)=b)"], "${L}", "a-b");
    check(
        &["Set(HASH(h,a)=1)", "Set(HASH(h,b)=2)"],
        "${HASH(h,a)}${HASHKEYS(h)} ${HASH(h)}",
        "1b,a 2,1",
    );
}

#[test]
fn the_data_base_begins_empty() {
    check(&["Set(DB(f/k)=v)"], "${DB(f/k)} ${DB_EXISTS(f/k)} ${DB_RESULT}[${DB(f/n)}]", "v 1 v[]");
    check(&["Set(DB(f/a/1)=1)", "Set(DB(f/a/2)=2)", "Set(DB(f/b)=3)"], "${DB_KEYS(f)}", "a,b");
    check(&["Set(DB(f/k)=v)"], "${DB_DELETE(f/k)} ${DB_EXISTS(f/k)}", "v 0");
    let caller = "Set(CALLERID(all)=Ann <123>)";
    check(&[caller], "${BLACKLIST()}", "0");
    check(&[caller, "Set(DB(blacklist/123)=1)"], "${BLACKLIST()}", "1");
    check(&[caller, "Set(DB(blacklist/Ann)=)"], "${BLACKLIST()}", "1");
}

#[test]
fn a_channel_is_in_its_groups() {
    check(
        &["Set(GROUP()=g)", "Set(GROUP(c)=h)"],
        "${GROUP()} ${GROUP(c)} ${GROUP_LIST()}",
        "g h g h@c",
    );
    check(&["Set(GROUP(k)=gc)"], "${GROUP_MATCH_COUNT(g.*@k)}${GROUP_MATCH_COUNT(x)}", "10");
    check(&["Set(GROUP()=g)"], "${GROUP_COUNT(g)}${GROUP_COUNT(x)}", "10");
}

#[test]
fn texts_are_digested() {
    check(&[], "${MD5(abc)}", "900150983cd24fb0d6963f7d28e17f72");
    check(&[], "${SHA1(abc)}", "a9993e364706816aba3e25717850c26c9cd0d89d");
    check(
        &[],
        "${BASE64_ENCODE(ab)} ${BASE64_ENCODE(abc)} ${BASE64_DECODE(YWJjZA==)}",
        "YWI= YWJj abcd",
    );
    check(&[], "${CSV_QUOTE(a\"b)}${CSV_QUOTE()}", "\"a\"\"b\"\"\"");
    check(&["Set(A=${UNSET}$)"], "${EVAL(${A}{G})}", "global");
    check(&[], "[${TRIM( a )}][${LTRIM( a )}][${RTRIM( a )}]", "[a][a ][ a]");
}

/// 22 stops where 16 goes on, and a call is made on the Asterisk that was asked for.
#[test]
fn variables_nest_as_deep_as_the_version_lets_them() {
    let nested = |deep: usize| format!("{}A{}", "${".repeat(deep), "}".repeat(deep));
    let too_deep = Some("variables stand in each other more than 15 deep");
    check_complaint(Version::V16, &nested(18), None);
    check_complaint(Version::V22, &nested(12), None);
    check_complaint(Version::V22, &nested(18), too_deep);
}

#[test]
fn what_a_version_has_not_is_told() {
    let missing = Some("there is no function VARIABLE_EXISTS");
    check_complaint(Version::V16, "${VARIABLE_EXISTS(a)}", missing);
    check_complaint(Version::V22, "${NOPE(a)}", Some("there is no function NOPE"));
    check_complaint(Version::V22, "${PUSH(a)}", Some("the function PUSH cannot be used like this"));
    check_unknown(&[], "${CHANNELS()}", "CHANNELS");
    check_unknown(&["Set(DIALGROUP(x)=1)"], "", "DIALGROUP");
}
