//! `LOCAL`, `LOCAL_PEEK` and `STACK_PEEK`: variables and places of subroutines.

use super::super::line::Line;
use crate::{
    application::arguments::{Text, split_at, unquoted},
    function::Called,
    number::parsed,
};

/// The value of one of the functions.
pub(super) fn read(line: &Line, name: &[u8], given: &[u8]) -> Called {
    match name {
        b"LOCAL" => local(line, given),
        b"LOCAL_PEEK" => local_peek(line, given),
        _ => stack_peek(line, given),
    }
}

/// `Set(LOCAL(name)=value)`: a variable that goes when the subroutine returns.
pub(super) fn write(line: &Line, name: &[u8], value: &[u8]) -> Called {
    if !line.with(|channel| channel.flow.frames.is_begun) {
        let shown = name.escape_ascii();
        line.complain(None, format!("LOCAL({shown}) is set outside of a subroutine"));
        return Called::Failed;
    }
    line.with(|channel| channel.flow.frames.set_local(&mut channel.variables, name, value));
    Called::Value(Vec::new())
}

fn local(line: &Line, name: &[u8]) -> Called {
    let is_own = line.with(|channel| channel.flow.frames.last().map(|frame| frame.has(name)));
    match is_own {
        None => Called::Failed,
        Some(true) => Called::Value(line.plain_variable(name).unwrap_or_default()),
        Some(false) => Called::Value(Vec::new()),
    }
}

/// `LOCAL_PEEK(n,name)`: what a variable is, so many hidden ones further out.
fn local_peek(line: &Line, given: &[u8]) -> Called {
    let arguments = split_at(given, b',', 2, Text::Expanded);
    let argument = |at: usize| arguments.get(at).map_or(&b""[..], |range| &given[range.clone()]);
    let (newer, name) = (argument(0), argument(1));
    if newer.is_empty() || name.is_empty() {
        line.complain(None, "LOCAL_PEEK needs a number and a name".to_owned());
        return Called::Failed;
    }
    let newer = usize::try_from(parsed(newer)).unwrap_or(0);
    let value = line.with(|channel| channel.variables.hidden(name, newer).map(<[u8]>::to_vec));
    Called::Value(value.unwrap_or_default())
}

/// `STACK_PEEK(n,which,suppress)`: where a subroutine was called.
fn stack_peek(line: &Line, given: &[u8]) -> Called {
    let arguments = split_at(given, b',', 3, Text::Expanded);
    let argument =
        |at: usize| unquoted(arguments.get(at).map_or(&b""[..], |range| &given[range.clone()]));
    let (depth, which) = (argument(0), argument(1));
    if depth.is_empty() || which.is_empty() {
        line.complain(None, "STACK_PEEK needs a number and what is asked".to_owned());
        return Called::Failed;
    }
    let Some(depth) = usize::try_from(parsed(&depth)).ok().and_then(|depth| depth.checked_sub(1))
    else {
        line.complain(None, "STACK_PEEK counts from 1".to_owned());
        return Called::Failed;
    };
    let caller = line.with(|channel| {
        let frame = channel.flow.frames.below(depth)?;
        Some((frame.context.to_vec(), frame.exten.to_vec(), frame.priority - 1))
    });
    let Some((context, exten, priority)) = caller else {
        if !is_true(&argument(2)) {
            line.complain(None, "STACK_PEEK looks deeper than subroutines are".to_owned());
        }
        return Called::Failed;
    };
    let priority = priority.to_string().into_bytes();
    Called::Value(match which.trim_ascii_start().first() {
        Some(b'l') => [context, exten, priority].join(&b','),
        Some(b'c') => context,
        Some(b'e') => exten,
        Some(b'p') => priority,
        _ => {
            let shown = which.escape_ascii();
            line.complain(None, format!("STACK_PEEK does not know {shown}"));
            Vec::new()
        }
    })
}

/// `ast_true`.
fn is_true(text: &[u8]) -> bool {
    ["yes", "true", "y", "t", "1", "on"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use crate::call::application::testing::{check, check_complaints};

    #[test]
    fn a_local_variable_hides_and_goes() {
        let dialplan = "[m]\nexten => s,1,Set(X=out)\nsame => n,Gosub(a,1)\nsame => n,NoOp(${X})\n\
            exten => a,1,NoOp([${LOCAL(X)}] ${X})\nsame => n,Set(LOCAL(X)=in)\n\
            same => n,Set(LOCAL(X)=again)\n\
            same => n,NoOp(${X} ${LOCAL(X)} ${LOCAL_PEEK(0,X)} ${LOCAL_PEEK(1,X)} [${LOCAL_PEEK(2,X)}])\n\
            same => n,Set(X=changed)\nsame => n,NoOp(${LOCAL(X)})\nsame => n,Return()\n";
        let expected = [
            "m,s,1 Set(X=out)",
            "m,s,2 Gosub(a,1)",
            "m,a,1 NoOp([] out)",
            "m,a,2 Set(LOCAL(X)=in)",
            "m,a,3 Set(LOCAL(X)=again)",
            "m,a,4 NoOp(again again again out [])",
            "m,a,5 Set(X=changed)",
            "m,a,6 NoOp(changed)",
            "m,a,7 Return()",
            "m,s,3 NoOp(out)",
            "end m,s,4",
        ];
        check(dialplan, "s", &expected);
    }

    #[test]
    fn without_a_subroutine_there_are_none() {
        let dialplan = "[m]\nexten => s,1,Set(LOCAL(X)=1)\nsame => n,NoOp([${X}][${LOCAL(X)}])\n";
        check(dialplan, "s", &["m,s,1 Set(LOCAL(X)=1)", "m,s,2 NoOp([][])", "end m,s,3"]);
        check_complaints(dialplan, "s", &["LOCAL(X) is set outside of a subroutine"]);
    }

    #[test]
    fn the_caller_of_a_subroutine_is_told() {
        let dialplan = "[m]\nexten => s,1,NoOp()\nsame => n,Gosub(a,1)\nexten => a,1,Gosub(b,1)\n\
            same => n,Return()\nexten => b,1,NoOp(${STACK_PEEK(1,l)} ${STACK_PEEK(2,label)} \
            ${STACK_PEEK(2,c)} ${STACK_PEEK(2,e)} ${STACK_PEEK(2,p)} [${STACK_PEEK(3,l,yes)}])\n\
            same => n,NoOp([${STACK_PEEK(1,x)}${STACK_PEEK(0,l)}${STACK_PEEK(3,l)}])\n";
        let expected = [
            "m,s,1 NoOp()",
            "m,s,2 Gosub(a,1)",
            "m,a,1 Gosub(b,1)",
            "m,b,1 NoOp(m,a,1 m,s,2 m s 2 [])",
            "m,b,2 NoOp([])",
            "end m,b,3",
        ];
        check(dialplan, "s", &expected);
        let complaints = [
            "STACK_PEEK does not know x",
            "STACK_PEEK counts from 1",
            "STACK_PEEK looks deeper than subroutines are",
        ];
        check_complaints(dialplan, "s", &complaints);
    }
}
