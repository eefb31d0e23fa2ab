//! `While`, `EndWhile`, `ExitWhile` and `ContinueWhile`, after Asterisk's `apps/app_while.c`.

use super::{
    super::{condition::holds, line::Line},
    Outcome,
    block::{self, Kind},
};

const LOOP: Kind = Kind { prefix: "WHILE", opens: "While", closes: "EndWhile" };

/// `While(condition)`.
pub(super) fn begin(line: &Line, condition: &[u8]) -> Outcome {
    let start = LOOP.own(line);
    if holds(condition) {
        block::remember(line, &start);
    } else {
        leave(line, &start);
    }
    Outcome::Next
}

/// `EndWhile()`: back to the innermost loop's condition.
pub(super) fn end(line: &Line, _: &[u8]) -> Outcome {
    let start = LOOP.innermost(line);
    if let Some(place) = line.plain_variable(&start) {
        block::remember_end(line, &start);
        line.go(&place);
    }
    Outcome::Next
}

/// `ExitWhile()`: on after the innermost loop.
pub(super) fn exit(line: &Line, _: &[u8]) -> Outcome {
    leave(line, &LOOP.innermost(line));
    Outcome::Next
}

/// `ContinueWhile()`: back to the innermost loop's condition before its end.
pub(super) fn again(line: &Line, _: &[u8]) -> Outcome {
    if let Some(place) = line.plain_variable(&LOOP.innermost(line)) {
        line.go(&place);
    }
    Outcome::Next
}

/// On after a loop, and forgets it.
fn leave(line: &Line, start: &[u8]) {
    if Kind::leave(line, start) {
        return;
    }
    if let Some(priority) = LOOP.search(line, None) {
        line.with(|channel| channel.priority = priority);
    } else {
        line.complain(None, "there is no EndWhile for this loop".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use crate::call::application::testing::{check, check_complaints};

    #[test]
    fn a_loop_runs_while_its_condition_holds() {
        let dialplan = "[m]\nexten => s,1,Set(I=0)\nsame => n,While($[${I} < 2])\n\
            same => n,Set(I=$[${I} + 1])\nsame => n,NoOp(${WHILE_0} ${END_WHILE_0} ${m_s_2})\n\
            same => n,EndWhile()\nsame => n,NoOp([${WHILE_0}${END_WHILE_0}${m_s_2}])\n";
        let expected = [
            "m,s,1 Set(I=0)",
            "m,s,2 While(1)",
            "m,s,3 Set(I=1)",
            "m,s,4 NoOp(m,s,2  0)",
            "m,s,5 EndWhile()",
            "m,s,2 While(1)",
            "m,s,3 Set(I=2)",
            "m,s,4 NoOp(m,s,2 m,s,6 0)",
            "m,s,5 EndWhile()",
            "m,s,2 While(0)",
            "m,s,6 NoOp([])",
            "end m,s,7",
        ];
        check(dialplan, "s", &expected);
    }

    #[test]
    fn a_loop_that_never_begins_is_skipped_with_what_is_in_it() {
        let dialplan = "[m]\nexten => s,1,While(0)\nsame => n,WHILE(1)\nsame => n,endwhile()\n\
            same => n,EndWhile()\nsame => n,NoOp(after)\n\
            exten => a,1,While(0)\nsame => n,NoOp(in)\n\
            exten => b,1,While(0)\nexten => _X!,2,NoOp()\nexten => _[b],2,EndWhile()\n\
            include => n\n[n]\nexten => b,3,NoOp(after)\n";
        check(dialplan, "s", &["m,s,1 While(0)", "m,s,5 NoOp(after)", "end m,s,6"]);
        check(dialplan, "a", &["m,a,1 While(0)", "m,a,2 NoOp(in)", "end m,a,3"]);
        check_complaints(dialplan, "a", &["there is no EndWhile for this loop"]);
        check(dialplan, "b", &["m,b,1 While(0)", "m,b,3 NoOp(after)", "end m,b,4"]);
    }

    #[test]
    fn contexts_that_include_each_other_are_searched_once() {
        let dialplan = "[m]\nexten => s,1,While(0)\ninclude => n\ninclude => o\n\
            [n]\ninclude => m\ninclude => o\n\
            [o]\ninclude => m\ninclude => n\nexten => s,2,EndWhile()\nexten => s,3,NoOp(on)\n";
        check(dialplan, "s", &["m,s,1 While(0)", "m,s,3 NoOp(on)", "end m,s,4"]);
    }

    #[test]
    fn loops_are_left_and_continued() {
        let dialplan = "[m]\nexten => s,1,Set(I=0)\nsame => n,While(1)\n\
            same => n,Set(I=$[${I} + 1])\nsame => n,GotoIf($[${I} = 1]?again)\n\
            same => n,ExitWhile()\nsame => n(again),ContinueWhile()\nsame => n,NoOp(never)\n\
            same => n,EndWhile()\nsame => n,NoOp(${I} [${m_s_2}])\n";
        let expected = [
            "m,s,1 Set(I=0)",
            "m,s,2 While(1)",
            "m,s,3 Set(I=1)",
            "m,s,4 GotoIf(1?again)",
            "m,s,6 ContinueWhile()",
            "m,s,2 While(1)",
            "m,s,3 Set(I=2)",
            "m,s,4 GotoIf(0?again)",
            "m,s,5 ExitWhile()",
            "m,s,9 NoOp(2 [0])",
            "end m,s,10",
        ];
        check(dialplan, "s", &expected);
    }

    #[test]
    fn an_end_without_a_loop_goes_on() {
        let dialplan = "[m]\nexten => s,1,EndWhile()\nsame => n,ContinueWhile()\n\
            same => n,ExitWhile()\nsame => n,NoOp(on)\n";
        let expected = [
            "m,s,1 EndWhile()",
            "m,s,2 ContinueWhile()",
            "m,s,3 ExitWhile()",
            "m,s,4 NoOp(on)",
            "end m,s,5",
        ];
        check(dialplan, "s", &expected);
        check_complaints(dialplan, "s", &["there is no EndWhile for this loop"]);
    }

    #[test]
    fn loops_stand_in_each_other_and_in_subroutines() {
        let dialplan = "[m]\nexten => s,1,Set(I=0)\nsame => n,While($[${I} < 2])\n\
            same => n,Set(I=$[${I} + 1])\nsame => n,Gosub(a,1)\nsame => n,EndWhile()\n\
            exten => a,1,Set(J=0)\nsame => n,While($[${J} < 1])\nsame => n,Set(J=1)\n\
            same => n,EndWhile()\nsame => n,Return()\n";
        let round = |value: &str| {
            [
                format!("m,s,3 Set(I={value})"),
                "m,s,4 Gosub(a,1)".to_owned(),
                "m,a,1 Set(J=0)".to_owned(),
                "m,a,2 While(1)".to_owned(),
                "m,a,3 Set(J=1)".to_owned(),
                "m,a,4 EndWhile()".to_owned(),
                "m,a,2 While(0)".to_owned(),
                "m,a,5 Return()".to_owned(),
                "m,s,5 EndWhile()".to_owned(),
            ]
        };
        let (first, second) = (round("1"), round("2"));
        let mut expected = vec!["m,s,1 Set(I=0)", "m,s,2 While(1)"];
        expected.extend(first.iter().map(String::as_str));
        expected.push("m,s,2 While(1)");
        expected.extend(second.iter().map(String::as_str));
        expected.extend(["m,s,2 While(0)", "end m,s,6"]);
        check(dialplan, "s", &expected);
    }
}
