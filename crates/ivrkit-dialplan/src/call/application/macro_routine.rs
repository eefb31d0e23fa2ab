//! `Macro`, `MacroIf`, `MacroExclusive` and `MacroExit`, which Asterisk had up to 20.
//!
//! Follows `apps/app_macro.c`. A macro is run within the application that calls it, unlike a
//! subroutine; when the channel leaves its context by other ways than `Gosub`, the macro is over.

use super::{
    super::{
        condition::holds,
        exchange::Why,
        line::Line,
        routine::{Spawned, spawn},
    },
    MAX_NESTING, Outcome,
};
use crate::number::scanned;
use std::sync::Arc;

/// How deep macros run each other unless `MACRO_RECURSION` says otherwise.
const MAX_DEPTH: i32 = 7;
/// Most arguments.
const MAX_ARGUMENTS: usize = 79;
/// Longest name of a macro's context.
const MAX_CONTEXT_BYTES: usize = 79;

/// What tells how steps of the macro change the number of subroutines it is in.
struct Step {
    application: Vec<u8>,
    data: Vec<u8>,
}

/// What is as before when the macro is over.
struct Saved {
    context: Arc<[u8]>,
    exten: Arc<[u8]>,
    priority: i32,
    is_in_loop: bool,
    /// `MACRO_EXTEN` and its like, and the arguments.
    variables: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    offset: Option<Vec<u8>>,
}

/// `Macro(name,arguments)`.
pub(super) async fn run(line: &Line, data: &[u8]) -> Outcome {
    if data.is_empty() {
        line.complain(None, "Macro is given no name".to_owned());
        return Outcome::HangUp;
    }
    line.complain(None, "Macro is deprecated".to_owned());
    if line.with(|channel| *channel.exten == *b"h") {
        set(line, b"MACRO_IN_HANGUP", Some(b"1"));
    }
    let depth = number(line, b"MACRO_DEPTH", 0);
    if depth >= number(line, b"MACRO_RECURSION", MAX_DEPTH) {
        line.complain(None, "macros run each other too deeply".to_owned());
        return Outcome::Next;
    }
    let mut parts = data.split(|&byte| byte == b',');
    let name = parts.next().unwrap_or_default();
    let Some((context, exten)) = found(line, name) else { return Outcome::Next };
    let arguments: Vec<&[u8]> = parts.take(MAX_ARGUMENTS).collect();
    if line.with(|channel| channel.flow.nesting >= MAX_NESTING) {
        line.not_modelled("Macro");
        return Outcome::HangUp;
    }
    let saved = enter(line, &context, exten, &arguments, depth);
    line.with(|channel| channel.flow.nesting += 1);
    let outcome = execute(line, &context, depth + 1).await;
    line.with(|channel| channel.flow.nesting -= 1);
    set(line, b"MACRO_DEPTH", Some(depth.to_string().as_bytes()));
    leave(line, &context, saved);
    outcome
}

/// `MacroIf(condition?name,arguments:name,arguments)`.
pub(super) async fn run_if(line: &Line, data: &[u8]) -> Outcome {
    let Some(question) = data.iter().position(|&byte| byte == b'?') else {
        line.complain(None, "MacroIf is given no macro".to_owned());
        return Outcome::Next;
    };
    let mut macros = data[question + 1..].splitn(2, |&byte| byte == b':');
    match macros.nth(usize::from(!holds(&data[..question]))) {
        Some(chosen) => run(line, chosen).await,
        None => Outcome::Next,
    }
}

/// `MacroExit()`: the macro is over. What it does outside of one is not modelled.
pub(super) fn exit(line: &Line, _: &[u8]) -> Outcome {
    line.with(|channel| {
        if channel.flow.macros == 0 {
            channel.stop(Why::NotModelled("MacroExit".to_owned()));
        }
        channel.flow.leaves_macro = true;
    });
    Outcome::HangUp
}

/// The context of a macro, and the extension that is run.
fn found(line: &Line, name: &[u8]) -> Option<(Vec<u8>, &'static [u8])> {
    if name.is_empty() {
        line.complain(None, "Macro is given an empty name".to_owned());
        return None;
    }
    let mut context = [b"macro-", name].concat();
    context.truncate(MAX_CONTEXT_BYTES);
    let shown = context.escape_ascii().to_string();
    if !line.pbx.contexts.contains_key(&context) {
        line.complain(None, format!("there is no context {shown} for the macro"));
        return None;
    }
    let extens: [&[u8]; 2] = [b"s", b"~~s~~"];
    let Some(exten) = extens.into_iter().find(|exten| line.exists(&context, exten, 1)) else {
        line.complain(None, format!("the macro {shown} has no extension s"));
        return None;
    };
    Some((context, exten))
}

fn enter(line: &Line, context: &[u8], exten: &[u8], arguments: &[&[u8]], depth: i32) -> Saved {
    let (own_context, own_exten, priority, is_in_loop) = line.with(|channel| {
        let place = (channel.context.clone(), channel.exten.clone());
        (place.0, place.1, channel.priority, channel.is_in_loop)
    });
    let (digits, depth) = (priority.to_string(), (depth + 1).to_string());
    let places = [
        (&b"MACRO_EXTEN"[..], &own_exten[..]),
        (b"MACRO_CONTEXT", &own_context),
        (b"MACRO_PRIORITY", digits.as_bytes()),
    ];
    let mut variables = Vec::new();
    let mut put = |name: Vec<u8>, value: &[u8]| {
        variables.push((name.clone(), line.plain_variable(&name)));
        set(line, &name, Some(value));
    };
    for (name, value) in places {
        put(name.to_vec(), value);
    }
    for (at, argument) in arguments.iter().enumerate() {
        put(format!("ARG{}", at + 1).into_bytes(), argument);
    }
    let offset = line.plain_variable(b"MACRO_OFFSET");
    set(line, b"MACRO_OFFSET", None);
    set(line, b"MACRO_DEPTH", Some(depth.as_bytes()));
    line.with(|channel| {
        channel.context = context.into();
        channel.set_place(exten, 1);
        channel.is_in_loop = true;
        channel.flow.macros += 1;
    });
    Saved { context: own_context, exten: own_exten, priority, is_in_loop, variables, offset }
}

/// Runs the steps of a macro.
async fn execute(line: &Line, macro_context: &[u8], depth: i32) -> Outcome {
    let mut subroutines = 0;
    let depth = depth.to_string();
    loop {
        let (context, exten, priority) =
            line.with(|channel| (channel.context.clone(), channel.exten.clone(), channel.priority));
        let step = step(line, &context, &exten, priority);
        // A macro inside may have left it changed.
        set(line, b"MACRO_DEPTH", Some(depth.as_bytes()));
        line.with(|channel| channel.flow.leaves_macro = false);
        match Box::pin(spawn(line)).await {
            Spawned::NotFound => return Outcome::Next,
            Spawned::Ran(Outcome::Next) => {}
            Spawned::Ran(outcome) => {
                let leaves = line.with(|channel| std::mem::take(&mut channel.flow.leaves_macro));
                return if leaves { Outcome::Next } else { outcome };
            }
        }
        subroutines += step.map_or(0, |step| step.subroutines(line));
        let (is_outside, is_asked) = line.with(|channel| {
            let is_outside = !channel.context.eq_ignore_ascii_case(macro_context);
            (is_outside, channel.hangup.is_asked())
        });
        let is_in_hangup = number(line, b"MACRO_IN_HANGUP", 0) != 0;
        if (subroutines == 0 && is_outside) || (is_asked && !is_in_hangup) {
            return Outcome::Next;
        }
        line.with(|channel| channel.priority += 1);
    }
}

fn step(line: &Line, context: &[u8], exten: &[u8], priority: i32) -> Option<Step> {
    let step = line.walked_step(context, exten, priority)?;
    let files = &line.pbx.dialplan.files;
    let (application, data) = (files.bytes(step.application), files.bytes(step.data));
    Some(Step { application: application.to_vec(), data: data.to_vec() })
}

impl Step {
    /// How many subroutines more the channel is in after this step, as far as its text tells.
    fn subroutines(&self, line: &Line) -> i32 {
        let is = |name: &str| self.application.eq_ignore_ascii_case(name.as_bytes());
        if is("GosubIf") {
            let data = line.substitute(&self.data);
            let mut halves = data.splitn(2, |&byte| byte == b'?');
            let condition = halves.next().unwrap_or_default();
            let mut places = halves.next().unwrap_or_default().splitn(2, |&byte| byte == b':');
            let chosen = places.nth(usize::from(!holds(condition)));
            return i32::from(chosen.is_some_and(|place| !place.is_empty()));
        }
        if is("ExecIf") {
            // It is looked at as it was written before Asterisk 1.6.
            let data = line.substitute(&self.data);
            let bar = data.iter().position(|&byte| byte == b'|');
            let chosen = bar.filter(|&bar| holds(&data[..bar])).map(|bar| &data[bar + 1..]);
            return chosen.map_or(0, begun);
        }
        if starts_with(&self.application, "Exec") {
            return begun(&line.substitute(&self.data));
        }
        let whole = [("Gosub", 1), ("Return", -1), ("StackPop", -1)];
        whole.iter().find(|(name, _)| is(name)).map_or(0, |&(_, change)| change)
    }
}

/// The same of an application that a text begins with.
fn begun(text: &[u8]) -> i32 {
    let names = [("Gosub", 1), ("Return", -1), ("StackPop", -1)];
    names.iter().find(|(name, _)| starts_with(text, name)).map_or(0, |&(_, change)| change)
}

fn starts_with(text: &[u8], name: &str) -> bool {
    text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
}

/// Everything as before; the channel too if it still is in the macro.
fn leave(line: &Line, context: &[u8], saved: Saved) {
    for (name, value) in saved.variables {
        set(line, &name, value.as_deref());
    }
    let is_inside = line.with(|channel| {
        channel.flow.macros -= 1;
        channel.is_in_loop = saved.is_in_loop;
        let is_inside = channel.context.eq_ignore_ascii_case(context);
        is_inside && !channel.hangup.is_redirected
    });
    if is_inside {
        line.with(|channel| {
            channel.context = saved.context;
            channel.set_place(&saved.exten, saved.priority);
        });
        skip(line);
    }
    set(line, b"MACRO_OFFSET", saved.offset.as_deref());
}

/// `MACRO_OFFSET`: so many priorities are skipped, if there is one behind them.
fn skip(line: &Line) {
    let offset = line.plain_variable(b"MACRO_OFFSET").and_then(|text| scanned(&text, 30));
    let Some(offset) = offset else { return };
    let (context, exten, priority) =
        line.with(|channel| (channel.context.clone(), channel.exten.clone(), channel.priority));
    let next = priority.wrapping_add(offset);
    if line.exists(&context, &exten, next.wrapping_add(1)) {
        line.with(|channel| channel.priority = next);
    }
}

/// The number that a variable begins with.
fn number(line: &Line, name: &[u8], default: i32) -> i32 {
    line.plain_variable(name).and_then(|text| scanned(&text, 30)).unwrap_or(default)
}

fn set(line: &Line, name: &[u8], value: Option<&[u8]>) {
    line.with(|channel| channel.variables.set(name, value));
}

#[cfg(test)]
mod tests {
    use crate::{
        application::Version,
        call::{What, Why, application::testing::check_on, testing::events},
    };

    /// The macros that the tests run.
    const MACROS: &str = "[macro-a]\nexten => s,1,NoOp(${ARG1} ${ARG2} ${MACRO_CONTEXT} \
        ${MACRO_EXTEN} ${MACRO_PRIORITY} ${MACRO_DEPTH})\n\
        [macro-b]\nexten => s,1,Macro(a,in)\nsame => n,NoOp(${ARG1} ${MACRO_DEPTH})\n\
        [macro-offset]\nexten => s,1,Set(MACRO_OFFSET=1)\n\
        [macro-out]\nexten => s,1,Goto(m,out,1)\n\
        [macro-again]\nexten => s,1,Set(N=${MACRO_DEPTH})\nsame => n,Macro(again)\n\
        [macro-hang]\nexten => s,1,Hangup(18)\n\
        [macro-sub]\nexten => s,1,Gosub(m,sub,1)\nsame => n,NoOp(in macro)\n\
        [macro-sub2]\nexten => s,1,GosubIf(1?m,sub,1)\nsame => n,GosubIf(0?m,sub,1)\n\
        same => n,NoOp(in macro)\n\
        [macro-exec]\nexten => s,1,Exec(Gosub(m,sub,1))\nsame => n,NoOp(in macro)\n\
        [macro-execif]\nexten => s,1,ExecIf(1?Gosub(m,sub,1))\nsame => n,NoOp(in macro)\n\
        [macro-exit]\nexten => s,1,MacroExit()\nsame => n,NoOp(never)\n\
        [macro-key]\nexten => s,1,WaitExten(3)\nsame => n,NoOp(none)\n";

    fn check_keys(steps: &str, keys: &str, expected: &[&str]) {
        let own = "exten => out,1,NoOp(out [${ARG1}])\nexten => sub,1,Return()\n\
            exten => 1,1,NoOp(one)\n";
        let dialplan = format!("[m]\nexten => s,1,{steps}\n{own}{MACROS}");
        check_on(Version::V16, &dialplan, "s", keys, expected);
    }

    fn check(steps: &str, expected: &[&str]) {
        check_keys(steps, "", expected);
    }

    #[test]
    fn a_macro_has_arguments_and_comes_back() {
        let expected = [
            "m,s,1 Macro(a,x,y)",
            "macro-a,s,1 NoOp(x y m s 1 1)",
            "m,s,2 NoOp([][])",
            "end m,s,3",
        ];
        check("Macro(a,x,y)\nsame => n,NoOp([${ARG1}][${MACRO_EXTEN}])", &expected);
    }

    #[test]
    fn arguments_of_macros_around_come_back() {
        let expected = [
            "m,s,1 Set(ARG1=own)",
            "m,s,2 Macro(b,x)",
            "macro-b,s,1 Macro(a,in)",
            "macro-a,s,1 NoOp(in  macro-b s 1 2)",
            "macro-b,s,2 NoOp(x 1)",
            "m,s,3 NoOp(own 0)",
            "end m,s,4",
        ];
        let steps = "Set(ARG1=own)\nsame => n,Macro(b,x)\nsame => n,NoOp(${ARG1} ${MACRO_DEPTH})";
        check(steps, &expected);
    }

    #[test]
    fn priorities_can_be_skipped() {
        let expected = [
            "m,s,1 Macro(offset)",
            "macro-offset,s,1 Set(MACRO_OFFSET=1)",
            "m,s,3 NoOp([])",
            "end m,s,4",
        ];
        check("Macro(offset)\nsame => n,NoOp(2)\nsame => n,NoOp([${MACRO_OFFSET}])", &expected);
        let expected = [&expected[..2], &["m,s,2 NoOp(2)", "end m,s,3"]].concat();
        check("Macro(offset)\nsame => n,NoOp(2)", &expected);
    }

    #[test]
    fn a_jump_out_of_a_macro_ends_it() {
        let expected = [
            "m,s,1 Macro(out,x)",
            "macro-out,s,1 Goto(m,out,1)",
            "m,out,1 NoOp(out [])",
            "end m,out,2",
        ];
        check("Macro(out,x)\nsame => n,NoOp(never)", &expected);
    }

    #[test]
    fn what_ends_a_step_ends_the_macro() {
        let expected = ["m,s,1 Macro(hang)", "macro-hang,s,1 Hangup(18)", "end m,s,1, cause 18"];
        check("Macro(hang)\nsame => n,NoOp(never)", &expected);
        let expected =
            ["m,s,1 Macro(exit)", "macro-exit,s,1 MacroExit()", "m,s,2 NoOp(on)", "end m,s,3"];
        check("Macro(exit)\nsame => n,NoOp(on)", &expected);
        check("MacroExit()", &["m,s,1 MacroExit()", "not modelled MacroExit"]);
        let expected = [
            "m,s,1 Macro(key)",
            "macro-key,s,1 WaitExten(3)",
            "1.100 m,1,1 NoOp(one)",
            "1.100 end m,1,2",
        ];
        check_keys("Macro(key)\nsame => n,NoOp(never)", "wait 1 1", &expected);
    }

    #[test]
    fn subroutines_of_a_macro_are_followed_if_they_are_seen() {
        let inside = ["m,sub,1 Return()", "macro-sub,s,2 NoOp(in macro)", "end m,s,2"];
        let begins = ["m,s,1 Macro(sub)", "macro-sub,s,1 Gosub(m,sub,1)"];
        check("Macro(sub)", &[&begins[..], &inside].concat());
        let expected = [
            "m,s,1 Macro(sub2)",
            "macro-sub2,s,1 GosubIf(1?m,sub,1)",
            "m,sub,1 Return()",
            "macro-sub2,s,2 GosubIf(0?m,sub,1)",
            "macro-sub2,s,3 NoOp(in macro)",
            "end m,s,2",
        ];
        check("Macro(sub2)", &expected);
        let expected = [
            "m,s,1 Macro(exec)",
            "macro-exec,s,1 Exec(Gosub(m,sub,1))",
            "m,sub,1 Return()",
            "macro-exec,s,2 NoOp(in macro)",
            "end m,s,2",
        ];
        check("Macro(exec)", &expected);
        // The macro is over here, and the subroutine returns into its middle.
        let expected = [
            "m,s,1 Macro(execif)",
            "macro-execif,s,1 ExecIf(1?Gosub(m,sub,1))",
            "m,sub,1 Return()",
            "macro-execif,s,2 NoOp(in macro)",
            "end macro-execif,s,3",
        ];
        check("Macro(execif)", &expected);
    }

    #[test]
    fn macros_run_each_other_seven_deep() {
        let mut expected = vec!["m,s,1 Macro(again)".to_owned()];
        for depth in 1..=7 {
            expected.push(format!("macro-again,s,1 Set(N={depth})"));
            expected.push("macro-again,s,2 Macro(again)".to_owned());
        }
        expected.extend(["m,s,2 NoOp(7)".to_owned(), "end m,s,3".to_owned()]);
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        check("Macro(again)\nsame => n,NoOp(${N})", &expected);
    }

    #[test]
    fn macros_that_are_too_deep_for_the_simulation_are_not_guessed() {
        let dialplan =
            format!("[m]\nexten => s,1,Set(MACRO_RECURSION=999)\nsame => n,Macro(again)\n{MACROS}");
        let found = events(Version::V16, &dialplan, "s", "");
        let ended = found.last().map(|event| &event.what);
        assert!(
            matches!(ended, Some(What::Ended { why: Why::NotModelled(name), .. }) if name == "Macro"),
            "{ended:?}"
        );
        let depth = found.iter().filter(|event| matches!(event.what, What::Step { .. })).count();
        assert_eq!(depth, 2 + 2 * 64);
    }

    #[test]
    fn a_condition_chooses_the_macro() {
        let expected = [
            "m,s,1 MacroIf(1?a,x:b,y)",
            "macro-a,s,1 NoOp(x  m s 1 1)",
            "m,s,2 MacroIf(0?a,x)",
            "m,s,3 MacroIf(1)",
            "m,s,4 MacroIf(1?:a)",
            "end m,s,4",
        ];
        let steps = "MacroIf(1?a,x:b,y)\nsame => n,MacroIf(0?a,x)\nsame => n,MacroIf(1)\n\
            same => n,MacroIf(1?:a)";
        check(steps, &expected);
    }

    #[test]
    fn macros_that_are_missing_are_skipped() {
        let expected = ["m,s,1 Macro(nope)", "m,s,2 Macro(,x)", "m,s,3 Macro()", "end m,s,3"];
        check("Macro(nope)\nsame => n,Macro(,x)\nsame => n,Macro()", &expected);
        check_on(Version::V22, "[m]\nexten => s,1,Macro(a)\n", "s", "", &["end m,s,1"]);
    }
}
