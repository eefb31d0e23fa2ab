//! `If`, `ElseIf`, `Else`, `EndIf` and `ExitIf`, which Asterisk has since 18: `apps/app_if.c`.
//!
//! A branch that was taken runs into an `ElseIf`, whose condition counts even then.

use super::{
    super::{condition::holds, line::Line},
    Outcome,
    block::{self, Kind},
};

const BRANCH: Kind = Kind { prefix: "IF", opens: "If", closes: "EndIf" };

/// `If(condition)` and `ElseIf(condition)`: on at the next priority, or at the next branch.
pub(super) fn begin(line: &Line, condition: &[u8]) -> Outcome {
    let start = BRANCH.own(line);
    if holds(condition) {
        block::remember(line, &start);
        return Outcome::Next;
    }
    let end = BRANCH.search(line, None);
    let before_end = |priority: &i32| Some(*priority) < end;
    // An `ElseIf` is executed; an `Else` that is would leave the branch.
    let next = BRANCH.search(line, Some("ElseIf")).filter(before_end).map(|priority| priority - 1);
    let next = next.or_else(|| BRANCH.search(line, Some("Else")).filter(before_end)).or(end);
    leave(line, &start, next);
    Outcome::Next
}

/// `EndIf()`.
pub(super) fn end(line: &Line, _: &[u8]) -> Outcome {
    leave(line, &BRANCH.innermost(line), None);
    Outcome::Next
}

/// `Else()` at the end of a branch that was taken: on after the `EndIf`.
pub(super) fn other(line: &Line, _: &[u8]) -> Outcome {
    leave(line, &BRANCH.innermost(line), BRANCH.search(line, None));
    Outcome::Next
}

/// `ExitIf()`: on after the `EndIf`.
pub(super) fn exit(line: &Line, _: &[u8]) -> Outcome {
    let end = BRANCH.search(line, None);
    if !leave(line, &BRANCH.innermost(line), end) && end.is_none() {
        line.complain(None, "there is no EndIf for this branch".to_owned());
    }
    Outcome::Next
}

/// Forgets a branch, and goes on after a priority, or at the next one, unless something else is
/// known to follow. Whether that was so.
fn leave(line: &Line, start: &[u8], priority: Option<i32>) -> bool {
    let is_known = Kind::leave(line, start);
    if let Some(priority) = priority.filter(|_| !is_known) {
        line.with(|channel| channel.priority = priority);
    }
    is_known
}

#[cfg(test)]
mod tests {
    use crate::{application::Version, call::application::testing::check_on};

    fn check(dialplan: &str, exten: &str, expected: &[&str]) {
        check_on(Version::V22, dialplan, exten, "", expected);
    }

    const CHOICE: &str = "[m]\nexten => _[abcd]1,1,If($[${EXTEN} = a1])\nsame => n,NoOp(a)\n\
        same => n,ElseIf($[${EXTEN} = b1])\nsame => n,NoOp(b)\n\
        same => n,ElseIf($[${EXTEN} = c1])\nsame => n,NoOp(c)\nsame => n,Else()\n\
        same => n,NoOp(d)\nsame => n,EndIf()\nsame => n,NoOp(after [${IF_0}${m_a1_1}])\n";

    #[test]
    fn one_branch_is_taken() {
        let b = [
            "m,b1,1 If(0)",
            "m,b1,3 ElseIf(1)",
            "m,b1,4 NoOp(b)",
            "m,b1,5 ElseIf(0)",
            "m,b1,8 NoOp(d)",
            "m,b1,9 EndIf()",
            "m,b1,10 NoOp(after [])",
            "end m,b1,11",
        ];
        check(CHOICE, "b1", &b);
        let c = [
            "m,c1,1 If(0)",
            "m,c1,3 ElseIf(0)",
            "m,c1,5 ElseIf(1)",
            "m,c1,6 NoOp(c)",
            "m,c1,7 Else()",
            "m,c1,10 NoOp(after [])",
            "end m,c1,11",
        ];
        check(CHOICE, "c1", &c);
        let d = [
            "m,d1,1 If(0)",
            "m,d1,3 ElseIf(0)",
            "m,d1,5 ElseIf(0)",
            "m,d1,8 NoOp(d)",
            "m,d1,9 EndIf()",
            "m,d1,10 NoOp(after [])",
            "end m,d1,11",
        ];
        check(CHOICE, "d1", &d);
    }

    #[test]
    fn branches_stand_in_each_other() {
        let dialplan = "[m]\nexten => s,1,If(0)\nsame => n,If(1)\nsame => n,Else()\n\
            same => n,EndIf()\nsame => n,Else()\nsame => n,If(1)\nsame => n,NoOp(in)\n\
            same => n,ExitIf()\nsame => n,NoOp(never)\nsame => n,EndIf()\nsame => n,EndIf()\n\
            same => n,NoOp(after)\n";
        let expected = [
            "m,s,1 If(0)",
            "m,s,6 If(1)",
            "m,s,7 NoOp(in)",
            "m,s,8 ExitIf()",
            "m,s,11 EndIf()",
            "m,s,12 NoOp(after)",
            "end m,s,13",
        ];
        check(dialplan, "s", &expected);
    }

    #[test]
    fn a_branch_without_end_goes_on() {
        let dialplan = "[m]\nexten => s,1,If(0)\nsame => n,NoOp(in)\nsame => n,ExitIf()\n\
            same => n,EndIf()\nexten => a,1,If(0)\nsame => n,NoOp(in)\n";
        check(dialplan, "s", &["m,s,1 If(0)", "end m,s,5"]);
        check(dialplan, "a", &["m,a,1 If(0)", "m,a,2 NoOp(in)", "end m,a,3"]);
    }

    #[test]
    fn older_versions_have_none() {
        check_on(Version::V16, "[m]\nexten => s,1,If(1)\n", "s", "", &["end m,s,1"]);
    }
}
