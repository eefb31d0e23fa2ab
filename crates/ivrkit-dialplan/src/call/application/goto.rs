//! `Goto` and `GotoIf`: on at another place.

use super::{
    super::{condition::holds, line::Line},
    Outcome,
};

/// `Goto([[context,]extension,]priority)`.
pub(super) fn goto(line: &Line, data: &[u8]) -> Outcome {
    if line.go(data) { Outcome::Next } else { Outcome::HangUp }
}

/// `GotoIf(condition?place:place)`; on at the next priority if the chosen place is empty.
pub(super) fn goto_if(line: &Line, data: &[u8]) -> Outcome {
    if data.is_empty() {
        line.complain(None, "GotoIf is given no condition".to_owned());
        return Outcome::Next;
    }
    let mut parts = data.splitn(2, |&byte| byte == b'?');
    let condition = parts.next().unwrap_or_default();
    let places = parts.next().unwrap_or_default();
    go_to_one(line, holds(condition), places)
}

/// Goes to the first or to the second of `place:place`.
pub(super) fn go_to_one(line: &Line, is_first: bool, places: &[u8]) -> Outcome {
    let mut places = places.splitn(2, |&byte| byte == b':');
    match places.nth(usize::from(!is_first)).unwrap_or_default() {
        b"" => Outcome::Next,
        place => goto(line, place),
    }
}

#[cfg(test)]
mod tests {
    use crate::call::application::testing::{check, check_complaints};

    #[test]
    fn blanks_are_fine_before_a_priority_only() {
        let dialplan = "[m]\nexten => s,1,Goto(m,a, 1)\nexten => a,1,Goto(m, b,1)\n\
            exten => b,1,NoOp(b)\nexten => b,n(lab),NoOp(lab)\n\
            exten => i,1,NoOp(i [${INVALID_EXTEN}])\nexten => c,1,Goto( m,b,1)\n\
            exten => d,1,Goto(m,b,lab)\nexten => f,1,Goto(b, lab)\nexten => g,1,Goto(b ,1)\n";
        check(
            dialplan,
            "s",
            &["m,s,1 Goto(m,a, 1)", "m,a,1 Goto(m, b,1)", "m,i,1 NoOp(i [ b])", "end m,i,2"],
        );
        check(dialplan, "c", &["m,c,1 Goto( m,b,1)", "end  m,b,1"]);
        check(dialplan, "d", &["m,d,1 Goto(m,b,lab)", "m,b,2 NoOp(lab)", "end m,b,3"]);
        check(dialplan, "f", &["m,f,1 Goto(b, lab)", "end m,f,1"]);
        check(dialplan, "g", &["m,g,1 Goto(b ,1)", "m,i,1 NoOp(i [b ])", "end m,i,2"]);
    }

    #[test]
    fn what_is_not_there_ends_the_call_or_leads_to_i() {
        let dialplan = "[m]\nexten => s,1,Goto(nope,1)\nexten => i,1,NoOp(i [${INVALID_EXTEN}])\n\
            exten => a,1,Goto(nowhere,s,1)\nexten => b,1,Goto(7)\nexten => c,1,Goto(nolab)\n\
            exten => c,2,NoOp(c2)\nexten => d,1,Goto(m,s,5)\nexten => e,1,Goto(${X},2)\n\
            exten => e,2,NoOp(an empty extension is this one)\nexten => f,1,Goto(t,1)\n";
        check(dialplan, "s", &["m,s,1 Goto(nope,1)", "m,i,1 NoOp(i [nope])", "end m,i,2"]);
        check(dialplan, "a", &["m,a,1 Goto(nowhere,s,1)", "end nowhere,s,1"]);
        check(dialplan, "b", &["m,b,1 Goto(7)", "end m,b,7"]);
        check(dialplan, "c", &["m,c,1 Goto(nolab)", "end m,c,1"]);
        check(dialplan, "d", &["m,d,1 Goto(m,s,5)", "end m,s,5"]);
        check(
            dialplan,
            "e",
            &["m,e,1 Goto(,2)", "m,e,2 NoOp(an empty extension is this one)", "end m,e,3"],
        );
        check(dialplan, "f", &["m,f,1 Goto(t,1)", "m,i,1 NoOp(i [t])", "end m,i,2"]);
        check_complaints(dialplan, "c", &["nolab is neither a number over 0 nor a label there"]);
    }

    #[test]
    fn priorities_count_from_the_running_one() {
        let dialplan = "[m]\nexten => s,1,Goto(+2)\nexten => s,2,Hangup()\nexten => s,3,Goto(-1)\n\
            exten => a,1,Goto(-3)\nexten => a,2,Goto(0)\nexten => b,1,Goto(+lab)\n\
            exten => b,2,NoOp(2)\nexten => b,3(lab),NoOp(3)\nexten => c,1,Goto(2x)\n\
            exten => d,1,Goto(m,d,2,more)\nexten => d,2,NoOp(d)\n";
        let expected =
            ["m,s,1 Goto(+2)", "m,s,3 Goto(-1)", "m,s,2 Hangup()", "end m,s,2, cause 16"];
        check(dialplan, "s", &expected);
        check(dialplan, "a", &["m,a,1 Goto(-3)", "m,a,2 Goto(0)", "end m,a,0"]);
        check(dialplan, "b", &["m,b,1 Goto(+lab)", "m,b,3 NoOp(3)", "end m,b,4"]);
        check(dialplan, "c", &["m,c,1 Goto(2x)", "end m,c,1"]);
        check(dialplan, "d", &["m,d,1 Goto(m,d,2,more)", "m,d,2 NoOp(d)", "end m,d,3"]);
    }

    #[test]
    fn conditions_choose_or_let_go_on() {
        let dialplan = |data: &str| {
            format!("[m]\nexten => s,1,GotoIf({data})\nsame => n,NoOp(on)\nsame => n(a),NoOp(a)\n")
        };
        let goes_on = |data: &str| {
            let step = format!("m,s,1 GotoIf({data})");
            check(&dialplan(data), "s", &[&step, "m,s,2 NoOp(on)", "m,s,3 NoOp(a)", "end m,s,4"]);
        };
        let goes_to_a = |data: &str| {
            let step = format!("m,s,1 GotoIf({data})");
            check(&dialplan(data), "s", &[&step, "m,s,3 NoOp(a)", "end m,s,4"]);
        };
        goes_to_a("1?a");
        goes_to_a("0?2:a");
        goes_to_a("?2:a");
        goes_to_a("no?a:2");
        goes_to_a(" 0?2:a");
        goes_to_a("1 ?a");
        goes_on("0?a");
        goes_on("1?:a");
        goes_on("a");
        goes_on("");
        check(&dialplan("1?nope"), "s", &["m,s,1 GotoIf(1?nope)", "end m,s,1"]);
        check(&dialplan("1? a"), "s", &["m,s,1 GotoIf(1? a)", "end m,s,1"]);
    }
}
