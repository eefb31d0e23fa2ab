//! `ExecIf(condition?application(data):application(data))`.

use super::{
    super::{condition::holds, line::Line},
    Outcome,
    exec::named,
    run_nested,
};
use crate::application::arguments::{Text, split_at, unquoted};
use std::borrow::Cow;

/// Which application runs, and what it is given.
struct Choice<'a> {
    name: Cow<'a, [u8]>,
    data: Cow<'a, [u8]>,
}

/// Runs the one or the other; without the one that the condition asks for, the call ends if the
/// condition holds, and goes on if not.
pub(super) async fn run(line: &Line, data: &[u8]) -> Outcome {
    let first = |wanted: u8| data.iter().position(|&byte| byte == wanted);
    let is_old = match (first(b','), first(b'?')) {
        (_, None) => true,
        (Some(comma), Some(question)) => comma < question,
        (None, Some(_)) => false,
    };
    let (is_true, choice) = if is_old {
        old_choice(line, data)
    } else if let Some(choice) = choice(data) {
        choice
    } else {
        line.complain(None, "ExecIf is given no application".to_owned());
        return Outcome::HangUp;
    };
    match choice {
        Some(choice) if !choice.name.is_empty() => {
            run_nested(line, &choice.name, &choice.data).await.unwrap_or(Outcome::HangUp)
        }
        _ if is_true => {
            line.complain(None, "ExecIf is given no application for this case".to_owned());
            Outcome::HangUp
        }
        _ => Outcome::Next,
    }
}

/// Whether the condition holds, and what is to run then; none without any application.
fn choice(data: &[u8]) -> Option<(bool, Option<Choice<'_>>)> {
    let halves = split_at(data, b'?', 2, Text::Expanded);
    let [condition, choices] = &halves[..] else { return None };
    let choices = &data[choices.clone()];
    if choices.is_empty() {
        return None;
    }
    let is_true = holds(&data[condition.clone()]);
    let both = split_at(choices, b':', 2, Text::Expanded);
    let chosen = both.get(usize::from(!is_true)).map(|range| {
        let (name, data) = named(&choices[range.clone()]);
        Choice { name: name.into(), data: data.into() }
    });
    Some((is_true, chosen))
}

/// The same of `condition,application,data`, as it was written before Asterisk 1.6.
fn old_choice<'a>(line: &Line, data: &'a [u8]) -> (bool, Option<Choice<'a>>) {
    line.complain(None, "ExecIf is written as before Asterisk 1.6".to_owned());
    let arguments = split_at(data, b',', 3, Text::Expanded);
    let argument = |at: usize| arguments.get(at).map_or(&b""[..], |range| &data[range.clone()]);
    let is_true = holds(&unquoted(argument(0)));
    let choice = Choice { name: unquoted(argument(1)), data: argument(2).into() };
    (is_true, is_true.then_some(choice))
}

#[cfg(test)]
mod tests {
    use crate::call::application::testing::{check, check_complaints};

    /// What `A` is after the `ExecIf`, or none if the call ends there.
    fn check_a(data: &str, expected: Option<&str>) {
        let dialplan = format!("[m]\nexten => s,1,ExecIf({data})\nsame => n,NoOp(${{A}})\n");
        let step = format!("m,s,1 ExecIf({data})");
        match expected {
            Some(value) => {
                check(&dialplan, "s", &[&step, &format!("m,s,2 NoOp({value})"), "end m,s,3"]);
            }
            None => check(&dialplan, "s", &[&step, "end m,s,1"]),
        }
    }

    #[test]
    fn the_condition_chooses() {
        check_a("1?Set(A=1):Set(A=2)", Some("1"));
        check_a("0?Set(A=1):Set(A=2)", Some("2"));
        check_a("?Set(A=1):Set(A=2)", Some("2"));
        check_a(" 0?Set(A=1):Set(A=2)", Some("2"));
        check_a("1 ?Set(A=1):Set(A=2)", Some("1"));
        check_a(" = yes]?Set(A=1):Set(A=2)", Some("1"));
        check_a("0?Set(A=1)", Some(""));
        check_a("1?NoOp", Some(""));
    }

    #[test]
    fn pairs_and_quotes_keep_their_content() {
        check_a("1?Set(A=x:y):Set(A=2)", Some("x:y"));
        check_a("1?Set(A=(x)y)", Some("(x)y"));
        check_a("1?Set(A=x)y", Some("x"));
        check_a("1?Set(A=x", Some("x"));
        check_a("\"a?b\"?Set(A=1)", Some("1"));
        check_a("0?Set(A=1):Set(A=x:y?z)", Some("x:y?z"));
        check_a("1?Set(A=\"x)\":Set(A=2)", Some("\"x"));
    }

    #[test]
    fn blanks_belong_to_the_name() {
        check_a("1? Set(A=1)", None);
        check_a("1?Set (A=1)", None);
        check_a("1?Set(A=1) :Set(A=2)", Some("1"));
        check_a("0?Set(A=1): Set(A=2)", None);
    }

    #[test]
    fn what_is_missing_ends_the_call_if_it_is_asked_for() {
        check_a("1?Nope(x)", None);
        check_a("0?Nope(x)", Some(""));
        check_a("1?", None);
        check_a("0?", None);
        check_a("1?:Set(A=2)", None);
        check_a("0?:Set(A=2)", Some("2"));
        check_a("(1?Set(A=1))", None);
        let dialplan = "[m]\nexten => s,1,ExecIf(1?)\nexten => a,1,ExecIf(1?:NoOp())\n";
        check_complaints(dialplan, "s", &["ExecIf is given no application"]);
        check_complaints(dialplan, "a", &["ExecIf is given no application for this case"]);
    }

    #[test]
    fn the_old_way_is_understood() {
        check_a("1,Set,A=1", Some("1"));
        check_a("0,Set,A=1", Some(""));
        check_a("1,Set,A=x,y?z", Some("x,y?z"));
        check_a("1", None);
        check_a("0", Some(""));
        check_a("", Some(""));
        let dialplan = "[m]\nexten => s,1,ExecIf(0,NoOp)\n";
        check_complaints(dialplan, "s", &["ExecIf is written as before Asterisk 1.6"]);
    }
}
