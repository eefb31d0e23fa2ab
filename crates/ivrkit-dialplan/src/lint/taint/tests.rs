//! What taint analysis says of values, by small dialplans.

use super::*;
use crate::{
    lint::{Settings, read},
    syntax::Nothing,
};

/// What reaches a shell, as `step: written`, with `?` where it is not certain. Steps are counted in
/// the order of the listing, where plain extensions come first.
#[track_caller]
fn check(dialplan: &str, expected: &[&str]) {
    let lines: Vec<_> = dialplan.lines().map(str::trim).collect();
    let reading = read(b"extensions.conf", lines.join("\n").into_bytes(), &mut Nothing);
    let settings = Settings::default();
    let subject = Subject::new(&reading, &settings);
    let found = subject.taints().hits(Risk::Shell).map(|hit| {
        let doubt = if hit.taint.is_certain { "" } else { "?" };
        format!("{}{doubt}: {}", hit.step, hit.written)
    });
    assert_eq!(found.collect::<Vec<_>>(), expected);
}

#[test]
fn a_pattern_decides_what_exten_can_be() {
    check(
        "
        [a]
        exten => _X.,1,System(x ${EXTEN})
        exten => _X!,1,System(x ${EXTEN:1})
        exten => _XXXX,1,System(x ${EXTEN})
        exten => _[a-z]X,1,System(x ${EXTEN})
        exten => _[&]X,1,System(x ${EXTEN})
        exten => 100,1,System(x ${EXTEN})
        exten => _X.,2,System(x ${EXTEN:0:3})
        ",
        &["1: ${EXTEN}", "3: ${EXTEN}", "5: ${EXTEN:1}"],
    );
}

#[test]
fn the_last_assignment_counts_within_an_extension() {
    check(
        "
        [a]
        exten => 1,1,Set(X=${CALLERID(name)})
        same => n,System(x ${X})
        same => n,Set(X=${FILTER(0-9a-z,${X})})
        same => n,System(x ${X})
        same => n,ExecIf($[1]?Set(X=${SIP_HEADER(To)}))
        same => n,System(x ${X})
        same => n,Set(X=fixed)
        same => n,System(x ${X})
        ",
        &["1: ${X}", "5: ${X}"],
    );
}

#[test]
fn variables_are_followed_across_extensions() {
    check(
        "
        [a]
        exten => 1,1,Set(__X=${CALLERID(name)})
        same => n,Set(Y=${X})
        exten => 2,1,System(x ${Y} ${Z})
        exten => 3,1,Set(GLOBAL(Z)=${TOUPPER(${Y})})
        exten => 4,1,Set(W=${CALLERID(name)})
        same => n,Set(W=${FILTER(a-z,${W})})
        exten => 5,1,System(x ${W})
        exten => 6,1,MSet(A=1,B=${CALLERID(dnid)})
        exten => 7,1,System(x ${A}${B})
        ",
        &["2?: ${Y}", "2?: ${Z}", "8?: ${B}"],
    );
}

#[test]
fn subroutines_get_what_they_are_given() {
    check(
        "
        [a]
        exten => _X.,1,Gosub(sub,s,1(fixed,${EXTEN}))
        same => n,Macro(run,${EXTEN})
        [sub]
        exten => s,1,System(x ${ARG1})
        same => n,System(x ${ARG2})
        [macro-run]
        exten => s,1,System(x ${ARG1})
        same => n,System(x ${MACRO_EXTEN})
        [other]
        exten => s,1,System(x ${ARG1})
        ",
        &["3?: ${ARG2}", "4?: ${ARG1}", "5?: ${MACRO_EXTEN}"],
    );
}

#[test]
fn functions_keep_or_clear() {
    check(
        "
        [a]
        exten => _X.,1,System(x ${FILTER(0-9,${EXTEN})} ${FILTER(0-9\\;,${EXTEN})})
        same => n,System(x ${LEN(${EXTEN})} ${MD5(${EXTEN})} $[${EXTEN} + 1])
        same => n,System(x ${IF($[${EXTEN} = 1]?a:b)} ${IF($[1]?${EXTEN}:b)})
        same => n,System(x ${QUOTE(${EXTEN})} ${URIENCODE(${EXTEN})})
        same => n,Set(X=${EXTEN})
        same => n,System(x ${CUT(X,-,2)})
        same => n,Read(D,please)
        same => n,System(x ${D})
        ",
        &["0: ${EXTEN}", "2: ${EXTEN}", "3: ${EXTEN}", "5: ${CUT(X,-,2)}"],
    );
}

#[test]
fn what_was_checked_is_harmless() {
    check(
        "
        [a]
        exten => _X.,1,System(x ${EXTEN})
        same => n,GotoIf($[${REGEX(\"^[0-9]+$\" ${EXTEN})} = 0]?bad)
        same => n,System(x ${EXTEN})
        exten => 1,1,GotoIf($[\"${CALLERID(num)}\" : \"[0-9]*$\"]?fine:bad)
        same => n,System(x ${CALLERID(num)} ${CALLERID(name)})
        exten => 2,1,System(x ${CALLERID(number)})
        exten => 3,1,GotoIf(${REGEX(\"^[0-9]+$\" ${CALLERID(num)})}?fine)
        same => n(fine),System(x ${CALLERID(num)})
        ",
        &["1: ${CALLERID(name)}", "2: ${CALLERID(number)}", "5: ${EXTEN}"],
    );
}

#[test]
fn values_that_go_round_end() {
    check(
        "
        [a]
        exten => 1,1,System(x ${A})
        exten => 2,1,Set(A=${B})
        exten => 3,1,Set(B=${A}${CALLERID(name)})
        ",
        &["0?: ${A}"],
    );
}

#[test]
fn an_origin_is_told() {
    let text = "[a]\nexten => 1,1,Set(X=${CALLERID(name)})\nsame => n,System(x ${X})\n";
    let reading = read(b"extensions.conf", text.into(), &mut Nothing);
    let settings = Settings::default();
    let subject = Subject::new(&reading, &settings);
    let hit = subject.taints().hits(Risk::Shell).next().expect("there is one");
    let origin = hit.origin.as_ref().expect("it came by a variable");
    assert_eq!(origin.text, "`X` is set from `${CALLERID(name)}` here");
}
