//! `Gosub`, `GosubIf`, `Return` and `StackPop`: subroutines.
//!
//! Follows Asterisk's `apps/app_stack.c`. A subroutine is left by `Return` only: a `Goto` out of it
//! keeps its frame, its arguments and its variables.

use super::{
    super::{condition::holds, frames::Frame, line::Line},
    Outcome,
};
use crate::application::arguments::{Text, split_at};

/// Most arguments of a subroutine; the last has all that is left.
const MAX_ARGUMENTS: usize = 100;

/// `Gosub([[context,]extension,]priority(arguments))`.
pub(super) fn gosub(line: &Line, data: &[u8]) -> Outcome {
    if data.is_empty() {
        line.complain(None, "Gosub is given no place".to_owned());
        return Outcome::HangUp;
    }
    let (place, given) = divided(line, data);
    let arguments = split_at(given, b',', MAX_ARGUMENTS, Text::Expanded);
    let mut frame = line.with(|channel| {
        let priority = channel.priority + 1;
        Frame::new(channel.context.clone(), channel.exten.clone(), priority, 0)
    });
    if !enter(line, place) {
        let shown = data.escape_ascii();
        line.complain(None, format!("Gosub cannot go to {shown}"));
        line.with(|channel| {
            channel.context = frame.context;
            channel.exten = frame.exten;
            channel.priority = frame.priority - 1;
        });
        return Outcome::HangUp;
    }
    line.with(|channel| {
        let hidden = channel.flow.frames.last().map_or(0, |frame| frame.arguments);
        let count = arguments.len().max(hidden);
        frame.arguments = count;
        for number in 0..count {
            let value = arguments.get(number).map_or(&b""[..], |range| &given[range.clone()]);
            let name = format!("ARG{}", number + 1);
            frame.set(&mut channel.variables, name.as_bytes(), value);
        }
        let count = arguments.len().to_string();
        frame.set(&mut channel.variables, b"ARGC", count.as_bytes());
        channel.flow.frames.push(frame);
    });
    Outcome::Next
}

/// The place, and what stands in the parentheses behind it.
fn divided<'a>(line: &Line, data: &'a [u8]) -> (&'a [u8], &'a [u8]) {
    let Some(open) = data.iter().position(|&byte| byte == b'(') else { return (data, b"") };
    let inner = &data[open + 1..];
    let close = inner.iter().rposition(|&byte| byte == b')');
    if close.is_none() {
        let shown = data.escape_ascii();
        line.complain(None, format!("the arguments have no closing parenthesis: {shown}"));
    }
    (&data[..open], &inner[..close.unwrap_or(inner.len())])
}

/// Goes to a place if a step is there.
fn enter(line: &Line, place: &[u8]) -> bool {
    line.go(place) && {
        let (context, exten, priority) = line.with(|channel| {
            let priority = channel.priority + i32::from(channel.is_in_loop);
            (channel.context.clone(), channel.exten.clone(), priority)
        });
        line.exists(&context, &exten, priority)
    }
}

/// `GosubIf(condition?place(arguments):place(arguments))`.
pub(super) fn gosub_if(line: &Line, data: &[u8]) -> Outcome {
    let halves = split_at(data, b'?', 2, Text::Expanded);
    let [condition, places] = &halves[..] else {
        line.complain(None, "GosubIf is given no condition, or no place".to_owned());
        return Outcome::Next;
    };
    let places = &data[places.clone()];
    let choices = split_at(places, b':', 2, Text::Expanded);
    let is_true = holds(&data[condition.clone()]);
    match choices.get(usize::from(!is_true)).map(|range| &places[range.clone()]) {
        None | Some(b"") => Outcome::Next,
        Some(place) => gosub(line, place),
    }
}

/// `Return(value)`; the value is in `GOSUB_RETVAL` afterwards.
pub(super) fn return_from(line: &Line, value: &[u8]) -> Outcome {
    let left = line.with(|channel| {
        let frame = channel.flow.frames.pop(&mut channel.variables)?;
        channel.context = frame.context;
        channel.exten = frame.exten;
        channel.priority = frame.priority - i32::from(channel.is_in_loop);
        channel.variables.set(b"GOSUB_RETVAL", Some(value));
        Some(frame.is_special)
    });
    match left {
        Some(false) => Outcome::Next,
        Some(true) => Outcome::HangUp,
        None => {
            line.complain(None, "Return without Gosub".to_owned());
            Outcome::HangUp
        }
    }
}

/// `StackPop()`: forgets where the subroutine would return to.
pub(super) fn stack_pop(line: &Line, _: &[u8]) -> Outcome {
    let (is_begun, is_special) = line.with(|channel| {
        let frames = &channel.flow.frames;
        (frames.is_begun, frames.last().is_some_and(|frame| frame.is_special))
    });
    if is_special {
        return Outcome::HangUp;
    }
    if is_begun {
        line.with(|channel| channel.flow.frames.pop(&mut channel.variables));
    } else {
        line.complain(None, "StackPop without Gosub".to_owned());
    }
    Outcome::Next
}

#[cfg(test)]
mod tests {
    use crate::call::application::testing::{check, check_complaints};

    #[test]
    fn a_subroutine_has_arguments_and_returns_a_value() {
        let dialplan = "[m]\nexten => s,1,Gosub(sub,s,1(a,b))\n\
            same => n,NoOp(back ${GOSUB_RETVAL} [${ARG1}${ARGC}])\nsame => n,Gosub(nope,s,1)\n\
            same => n,NoOp(never)\n\
            [sub]\nexten => s,1,NoOp(${ARGC} ${ARG1} ${ARG2} [${ARG3}])\nsame => n,Return(val)\n";
        let expected = [
            "m,s,1 Gosub(sub,s,1(a,b))",
            "sub,s,1 NoOp(2 a b [])",
            "sub,s,2 Return(val)",
            "m,s,2 NoOp(back val [])",
            "m,s,3 Gosub(nope,s,1)",
            "end m,s,3",
        ];
        check(dialplan, "s", &expected);
        check_complaints(dialplan, "s", &["Gosub cannot go to nope,s,1"]);
    }

    #[test]
    fn arguments_keep_quotes_blanks_and_pairs() {
        let dialplan = "[m]\nexten => s,1,Gosub(a,1(\"x,y\", z,(p,q),,))\nsame => n,Hangup()\n\
            exten => a,1,NoOp(${ARGC}|${ARG1}|${ARG2}|${ARG3}|${ARG4}|${ARG5})\nsame => n,Return\n\
            exten => b,1,Gosub(a,1())\nexten => c,1,Gosub(a,1(x)\nexten => d,1,Gosub((x))\n";
        let called = "m,s,1 Gosub(a,1(\"x,y\", z,(p,q),,))";
        let inside = "m,a,1 NoOp(5|\"x,y\"| z|(p,q)||)";
        let left = ["m,a,2 Return()", "m,s,2 Hangup()", "end m,s,2, cause 16"];
        check(dialplan, "s", &[called, inside, left[0], left[1], left[2]]);
        let none = ["m,b,1 Gosub(a,1())", "m,a,1 NoOp(0|||||)", "m,a,2 Return()", "end m,b,2"];
        check(dialplan, "b", &none);
        // The last parenthesis of the line ends the data.
        let open = ["m,c,1 Gosub(a,1(x)", "m,a,1 NoOp(1|x||||)", "m,a,2 Return()", "end m,c,2"];
        check(dialplan, "c", &open);
        check_complaints(dialplan, "c", &["the arguments have no closing parenthesis: a,1(x"]);
        check(dialplan, "d", &["m,d,1 Gosub((x))", "end m,d,1"]);
    }

    #[test]
    fn arguments_of_the_caller_are_hidden_and_come_back() {
        let dialplan = "[m]\nexten => s,1,Set(ARG1=own)\nsame => n,Gosub(a,1(1,2,3))\n\
            same => n,NoOp(${ARG1} [${ARG2}] [${ARGC}])\nexten => a,1,Gosub(b,1(x))\n\
            same => n,NoOp(${ARG1} ${ARG2} ${ARG3} ${ARGC})\nsame => n,Return()\n\
            exten => b,1,NoOp(${ARG1} [${ARG2}] [${ARG3}] ${ARGC})\nsame => n,Return()\n";
        let expected = [
            "m,s,1 Set(ARG1=own)",
            "m,s,2 Gosub(a,1(1,2,3))",
            "m,a,1 Gosub(b,1(x))",
            "m,b,1 NoOp(x [] [] 1)",
            "m,b,2 Return()",
            "m,a,2 NoOp(1 2 3 3)",
            "m,a,3 Return()",
            "m,s,3 NoOp(own [] [])",
            "end m,s,4",
        ];
        check(dialplan, "s", &expected);
    }

    #[test]
    fn a_jump_out_of_a_subroutine_leaves_its_frame() {
        let dialplan = "[m]\nexten => s,1,Gosub(a,1(x))\nsame => n,NoOp(back)\n\
            exten => a,1,Goto(b,1)\nexten => b,1,NoOp(${ARG1})\nsame => n,Return()\n";
        let expected = [
            "m,s,1 Gosub(a,1(x))",
            "m,a,1 Goto(b,1)",
            "m,b,1 NoOp(x)",
            "m,b,2 Return()",
            "m,s,2 NoOp(back)",
            "end m,s,3",
        ];
        check(dialplan, "s", &expected);
    }

    #[test]
    fn a_return_needs_a_subroutine() {
        let dialplan = "[m]\nexten => s,1,Return(x)\nexten => a,1,StackPop()\n\
            same => n,NoOp(on)\nexten => b,1,Gosub(c,1(x))\nsame => n,NoOp(never)\n\
            exten => c,1,StackPop()\nsame => n,NoOp([${ARG1}])\nsame => n,StackPop()\n\
            same => n,Return()\n";
        check(dialplan, "s", &["m,s,1 Return(x)", "end m,s,1"]);
        check_complaints(dialplan, "s", &["Return without Gosub"]);
        check(dialplan, "a", &["m,a,1 StackPop()", "m,a,2 NoOp(on)", "end m,a,3"]);
        check_complaints(dialplan, "a", &["StackPop without Gosub"]);
        let popped = [
            "m,b,1 Gosub(c,1(x))",
            "m,c,1 StackPop()",
            "m,c,2 NoOp([])",
            "m,c,3 StackPop()",
            "m,c,4 Return()",
            "end m,c,4",
        ];
        check(dialplan, "b", &popped);
        check_complaints(dialplan, "b", &["Return without Gosub"]);
    }

    #[test]
    fn a_condition_chooses_the_subroutine() {
        let dialplan = "[m]\nexten => s,1,GosubIf(1?a,1(x:y):b,1)\nsame => n,GosubIf(0?a,1)\n\
            same => n,GosubIf(0?a,1:b,1(z))\nsame => n,GosubIf(1)\nsame => n,GosubIf(1?:b,1)\n\
            exten => a,1,NoOp(a ${ARG1})\nsame => n,Return()\n\
            exten => b,1,NoOp(b ${ARG1})\nsame => n,Return()\n";
        let expected = [
            "m,s,1 GosubIf(1?a,1(x:y):b,1)",
            "m,a,1 NoOp(a x:y)",
            "m,a,2 Return()",
            "m,s,2 GosubIf(0?a,1)",
            "m,s,3 GosubIf(0?a,1:b,1(z))",
            "m,b,1 NoOp(b z)",
            "m,b,2 Return()",
            "m,s,4 GosubIf(1)",
            "m,s,5 GosubIf(1?:b,1)",
            "end m,s,6",
        ];
        check(dialplan, "s", &expected);
        check_complaints(dialplan, "s", &["GosubIf is given no condition, or no place"]);
    }
}
