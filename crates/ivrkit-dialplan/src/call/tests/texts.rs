//! What applications are given: variables, functions and expressions.

use super::check;

#[test]
fn exec_if_takes_names_as_they_stand() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => a,1,ExecIf(1?Set(A=1):Set(A=2))\n\
        same => n,NoOp(${A})\n\
        exten => b,1,ExecIf(1? Set(A=1))\n\
        same => n,NoOp(${A})\n\
        exten => c,1,ExecIf(1?Set (A=1))\n\
        same => n,NoOp(${A})\n\
        exten => d,1,ExecIf($[${X} = yes]?Set(A=1):Set(A=2))\n\
        same => n,NoOp(${A})\n\
        exten => e,1,ExecIf(${X} = yes]?Set(A=1):Set(A=2))\n\
        same => n,NoOp(${A})\n\
        exten => f,1,ExecIf(0?Nope(x))\n\
        same => n,NoOp(end)\n\
        exten => g,1,ExecIf(1?Nope(x))\n\
        same => n,NoOp(end)\n\
        exten => h1,1,ExecIf($[1] ?Set(A=1):Set(A=2))\n\
        same => n,NoOp(${A})\n\
        exten => j,1,ExecIf(?Set(A=1):Set(A=2))\n\
        same => n,NoOp(${A})\n\
        exten => o,1,ExecIf(1?NoOp)\n\
        same => n,NoOp(end)\n\
    ";
    check(
        DIALPLAN,
        "a",
        "",
        &[
            "0.00 m,a,1 ExecIf(1?Set(A=1):Set(A=2))",
            "0.00 m,a,2 NoOp(1)",
            "0.00 end, cause 0, at m,a,3",
        ],
    );
    check(DIALPLAN, "b", "", &["0.00 m,b,1 ExecIf(1? Set(A=1))", "0.00 end, cause 0, at m,b,1"]);
    check(DIALPLAN, "c", "", &["0.00 m,c,1 ExecIf(1?Set (A=1))", "0.00 end, cause 0, at m,c,1"]);
    check(
        DIALPLAN,
        "d",
        "",
        &[
            "0.00 m,d,1 ExecIf(?Set(A=1):Set(A=2))",
            "0.00 m,d,2 NoOp(2)",
            "0.00 end, cause 0, at m,d,3",
        ],
    );
    check(
        DIALPLAN,
        "e",
        "",
        &[
            "0.00 m,e,1 ExecIf( = yes]?Set(A=1):Set(A=2))",
            "0.00 m,e,2 NoOp(1)",
            "0.00 end, cause 0, at m,e,3",
        ],
    );
    check(
        DIALPLAN,
        "f",
        "",
        &["0.00 m,f,1 ExecIf(0?Nope(x))", "0.00 m,f,2 NoOp(end)", "0.00 end, cause 0, at m,f,3"],
    );
    check(DIALPLAN, "g", "", &["0.00 m,g,1 ExecIf(1?Nope(x))", "0.00 end, cause 0, at m,g,1"]);
    check(
        DIALPLAN,
        "h1",
        "",
        &[
            "0.00 m,h1,1 ExecIf(1 ?Set(A=1):Set(A=2))",
            "0.00 m,h1,2 NoOp(1)",
            "0.00 end, cause 0, at m,h1,3",
        ],
    );
    check(
        DIALPLAN,
        "j",
        "",
        &[
            "0.00 m,j,1 ExecIf(?Set(A=1):Set(A=2))",
            "0.00 m,j,2 NoOp(2)",
            "0.00 end, cause 0, at m,j,3",
        ],
    );
    check(
        DIALPLAN,
        "o",
        "",
        &["0.00 m,o,1 ExecIf(1?NoOp)", "0.00 m,o,2 NoOp(end)", "0.00 end, cause 0, at m,o,3"],
    );
}

#[test]
fn blanks_belong_to_the_name_of_a_variable() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,Set(A = 1)\n\
        same => n,NoOp([${A}][${A }])\n\
        same => n,Set( B=1)\n\
        same => n,NoOp([${B}])\n\
        same => n,Set(C=\"x y\")\n\
        same => n,NoOp([${C}])\n\
        same => n,Set(D=1,E=2)\n\
        same => n,NoOp([${D}][${E}])\n\
        same => n,Set(F)\n\
        same => n,Set(TIMEOUT (digit)=3)\n\
        same => n,Set(TIMEOUT(digit) = 3)\n\
        same => n,NoOp(${TIMEOUT(digit)})\n\
    ";
    check(
        DIALPLAN,
        "s",
        "",
        &[
            "0.00 m,s,1 Set(A = 1)",
            "0.00 m,s,2 NoOp([][ 1])",
            "0.00 m,s,3 Set( B=1)",
            "0.00 m,s,4 NoOp([])",
            "0.00 m,s,5 Set(C=\"x y\")",
            "0.00 m,s,6 NoOp([\"x y\"])",
            "0.00 m,s,7 Set(D=1,E=2)",
            "0.00 m,s,8 NoOp([1,E=2][])",
            "0.00 m,s,9 Set(F)",
            "0.00 m,s,10 Set(TIMEOUT (digit)=3)",
            "0.00 m,s,11 Set(TIMEOUT(digit) = 3)",
            "0.00 m,s,12 NoOp(5.000)",
            "0.00 end, cause 0, at m,s,13",
        ],
    );
}

#[test]
fn fields_of_events_keep_their_blanks() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,UserEvent(Name, A: 1,B: ${EXTEN},C,D:2)\n\
        same => n,UserEvent( Blank,A: 1)\n\
        same => n,UserEvent(Only)\n\
    ";
    check(
        DIALPLAN,
        "s",
        "",
        &[
            "0.00 m,s,1 UserEvent(Name, A: 1,B: s,C,D:2)",
            "0.00 event Name  A: 1, B: s, D: 2",
            "0.00 m,s,2 UserEvent( Blank,A: 1)",
            "0.00 event  Blank A: 1",
            "0.00 m,s,3 UserEvent(Only)",
            "0.00 event Only",
            "0.00 end, cause 0, at m,s,4",
        ],
    );
}

#[test]
fn expressions_need_no_blanks() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,NoOp($[1+1] $[ 2 * 3 ] $[\"a\"=\"a\"] $[a = b] $[1 < 2] $[10/4] $[3 > 10] $[a > b])\n\
        same => n,NoOp($[${X} = yes] | $[\"${X}\" = \"yes\"] | $[x${X} = x])\n\
        same => n,GotoIf($[1]?yes:no)\n\
        same => n(no),NoOp(no)\n\
        same => n(yes),NoOp(yes)\n\
        same => n,GotoIf(0?a)\n\
        same => n,NoOp(went on)\n\
        same => n,GotoIf(1?:x)\n\
        same => n,NoOp(went on 2)\n\
    ";
    check(
        DIALPLAN,
        "s",
        "",
        &[
            "0.00 m,s,1 NoOp(2 6 1 0 1 2.5 0 0)",
            "0.00 m,s,2 NoOp( | 0 | 1)",
            "0.00 m,s,3 GotoIf(1?yes:no)",
            "0.00 m,s,5 NoOp(yes)",
            "0.00 m,s,6 GotoIf(0?a)",
            "0.00 m,s,7 NoOp(went on)",
            "0.00 m,s,8 GotoIf(1?:x)",
            "0.00 m,s,9 NoOp(went on 2)",
            "0.00 end, cause 0, at m,s,10",
        ],
    );
}

#[test]
fn a_part_of_a_value() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => 12345,1,NoOp(${EXTEN:1} ${EXTEN:-2} ${EXTEN:1:2} ${EXTEN:0:-1} ${EXTEN:9} [${EXTEN:2:0}])\n\
    ";
    check(
        DIALPLAN,
        "12345",
        "",
        &["0.00 m,12345,1 NoOp(2345 45 23 1234  [])", "0.00 end, cause 0, at m,12345,2"],
    );
}
