//! The PBX's own routine: one priority after the other, and where to go when there is none.
//!
//! Follows `__ast_pbx_run`, `pbx_extension_helper` and `collect_digits` of Asterisk's `main/pbx.c`.

use super::{
    application::{self, Outcome},
    exchange::{What, Why},
    line::{Line, Woken},
};

/// Longest entry of digits.
const MAX_DIGITS: usize = 255;

/// What came of looking for a priority and executing it.
pub(super) enum Spawned {
    /// There is no such priority.
    NotFound,
    Ran(Outcome),
}

/// What came of executing priorities one after the other.
enum Stretch {
    /// There was no further one.
    End,
    /// An application left with a key.
    Key(u8),
    /// What is dialled so far is not all of it.
    Incomplete,
    /// The call goes on elsewhere.
    Elsewhere,
    /// The call ends.
    HungUp,
}

/// Runs a call from its entry to its end.
pub(super) async fn run(line: &Line) {
    line.with(|channel| {
        channel.is_in_loop = true;
        if channel.exten.is_empty() {
            channel.set_place(b"s", 1);
        }
    });
    let variables = line.with(|channel| channel.setup.variables.clone());
    for (name, value) in variables {
        line.set(&name, &value);
    }
    while go_on(line).await {}
    end(line).await;
}

/// Executes what there is and finds out where to go then; whether the call goes on.
async fn go_on(line: &Line) -> bool {
    let mut digits = Vec::new();
    let incomplete = match execute(line).await {
        Stretch::Elsewhere => return true,
        Stretch::HungUp => return false,
        Stretch::End => false,
        Stretch::Key(key) => {
            digits.push(key);
            false
        }
        Stretch::Incomplete => {
            let (context, exten) =
                line.with(|channel| (channel.context.clone(), channel.exten.clone()));
            if !line.match_more(&context, &exten) {
                return invalid(line, None);
            }
            digits = exten;
            true
        }
    };
    let (context, exten) = line.with(|channel| (channel.context.clone(), channel.exten.clone()));
    if digits.is_empty() && !line.exists(&context, &exten, 1) {
        return invalid(line, None);
    }
    let wait_ms = line.with(|channel| {
        let response_ms = (!line.pbx.falls_through).then_some(channel.response_timeout_ms);
        if digits.is_empty() { response_ms } else { Some(channel.digit_timeout_ms) }
    });
    let Some(wait_ms) = wait_ms.filter(|&wait_ms| wait_ms > 0) else {
        line.with(|channel| channel.why.get_or_insert(Why::FellOff).clone());
        return false;
    };
    let typed_before = digits.len();
    if !collect(line, wait_ms, &mut digits).await {
        return false;
    }
    let timed_out = incomplete && digits.len() == typed_before;
    let context = line.with(|channel| channel.context.clone());
    if !timed_out && line.exists(&context, &digits, 1) {
        line.with(|channel| channel.set_place(&digits, 1));
        true
    } else if !timed_out && !digits.is_empty() {
        invalid(line, Some(&digits))
    } else {
        timeout(line, &context)
    }
}

/// Executes priorities until there is none or something else happens.
async fn execute(line: &Line) -> Stretch {
    loop {
        let outcome = match spawn(line).await {
            Spawned::NotFound => return Stretch::End,
            Spawned::Ran(outcome) => outcome,
        };
        let (is_stopped, is_redirected, is_timed_out, is_over) = line.with(|channel| {
            let hangup = &channel.hangup;
            (channel.is_stopped, hangup.is_redirected, hangup.is_timed_out, hangup.is_over)
        });
        if is_stopped {
            return Stretch::HungUp;
        }
        match outcome {
            Outcome::Next if !(is_redirected || is_timed_out || is_over) => {
                line.with(|channel| channel.priority += 1);
                continue;
            }
            Outcome::Next => {}
            Outcome::Key(key) => return Stretch::Key(key),
            Outcome::Incomplete => return Stretch::Incomplete,
            Outcome::Failed if fail(line) => return Stretch::Elsewhere,
            Outcome::Failed | Outcome::HangUp => {}
        }
        if is_redirected {
            line.with(|channel| channel.hangup.is_redirected = false);
            return Stretch::Elsewhere;
        }
        if is_timed_out {
            return if absolute_timeout(line) { Stretch::Elsewhere } else { Stretch::HungUp };
        }
        line.with(|channel| channel.why.get_or_insert(Why::Application).clone());
        return Stretch::HungUp;
    }
}

/// Looks for the channel's priority and executes it.
pub(super) async fn spawn(line: &Line) -> Spawned {
    let (context, exten, priority) =
        line.with(|channel| (channel.context.clone(), channel.exten.clone(), channel.priority));
    let Some(step) = line.step(&context, &exten, priority) else { return Spawned::NotFound };
    let files = &line.pbx.dialplan.files;
    let name = files.bytes(step.application);
    let Some(application) = application::find(line, name) else {
        let shown = name.escape_ascii();
        line.complain(None, format!("there is no application {shown}"));
        return Spawned::Ran(Outcome::HangUp);
    };
    // A redirect may have come while the last application ended.
    if line.with(|channel| channel.hangup.is_redirected) {
        return Spawned::Ran(Outcome::Next);
    }
    let data = line.substitute(files.bytes(step.data));
    let is_too_much = line.with(|channel| {
        channel.steps += 1;
        let is_too_much = channel.steps > channel.setup.limits.steps;
        if is_too_much {
            channel.stop(Why::TooManySteps);
        }
        is_too_much || channel.is_stopped
    });
    if is_too_much {
        return Spawned::Ran(Outcome::HangUp);
    }
    line.tell(What::Step {
        context,
        exten,
        priority,
        application: application.name().to_owned(),
        data: data.clone(),
        place: step.place,
    });
    Spawned::Ran(application.execute(line, &data).await)
}

/// Waits for more digits while a longer extension is possible; false if the call ends meanwhile.
async fn collect(line: &Line, first_wait_ms: u64, digits: &mut Vec<u8>) -> bool {
    let mut wait_ms = first_wait_ms;
    loop {
        let context = line.with(|channel| channel.context.clone());
        if !line.match_more(&context, digits) {
            return true;
        }
        match line.wait_for_key(Some(wait_ms)).await {
            Woken::Time => return true,
            Woken::Gone
                if line.with(|channel| std::mem::take(&mut channel.hangup.is_redirected)) => {}
            Woken::Gone => return false,
            Woken::Key(key) => {
                if digits.len() < MAX_DIGITS {
                    digits.push(key);
                }
                wait_ms = line.with(|channel| channel.digit_timeout_ms);
            }
        }
    }
}

/// On at `i` or `e`, or the end: nothing has that extension.
fn invalid(line: &Line, typed: Option<&[u8]>) -> bool {
    let (context, exten) = line.with(|channel| (channel.context.clone(), channel.exten.clone()));
    let wrong = typed.unwrap_or(&exten);
    if line.exists(&context, b"i", 1) {
        line.set(b"INVALID_EXTEN", wrong);
        line.with(|channel| channel.set_place(b"i", 1));
        return true;
    }
    if line.exists(&context, b"e", 1) {
        line.with(|channel| channel.raise("INVALID", 1));
        return true;
    }
    let (wrong, context) = (wrong.escape_ascii(), context.escape_ascii());
    line.complain(None, format!("there is no extension {wrong} in {context}, and neither i nor e"));
    line.with(|channel| channel.why.get_or_insert(Why::NoExtension).clone());
    false
}

/// On at `t` or `e`, or the end: no key came.
fn timeout(line: &Line, context: &[u8]) -> bool {
    if line.exists(context, b"t", 1) {
        line.with(|channel| channel.set_place(b"t", 1));
    } else if line.exists(context, b"e", 1) {
        line.with(|channel| channel.raise("RESPONSETIMEOUT", 1));
    } else {
        let context = context.escape_ascii();
        line.complain(None, format!("no key came, and {context} has neither t nor e"));
        line.with(|channel| channel.why.get_or_insert(Why::NoTimeout).clone());
        return false;
    }
    true
}

/// On at `e`: an application failed. Whether the call goes on there.
fn fail(line: &Line) -> bool {
    let (context, exten) = line.with(|channel| (channel.context.clone(), channel.exten.clone()));
    let goes_on = exten != b"e" && line.exists(&context, b"e", 1);
    if goes_on {
        line.with(|channel| channel.raise("ERROR", 1));
    }
    goes_on
}

/// On at `T` or `e`: the absolute time-out ran out. Whether the call goes on there.
fn absolute_timeout(line: &Line) -> bool {
    let context = line.with(|channel| channel.context.clone());
    if line.exists(&context, b"T", 1) {
        line.with(|channel| channel.set_place(b"T", 1));
    } else if line.exists(&context, b"e", 1) {
        line.with(|channel| channel.raise("ABSOLUTETIMEOUT", 1));
    } else {
        line.with(|channel| channel.why.get_or_insert(Why::AbsoluteTimeout).clone());
        return false;
    }
    line.with(|channel| {
        channel.absolute_ms = None;
        channel.hangup.is_timed_out = false;
    });
    true
}

/// What is done once the call has ended: `h`, and the end itself.
async fn end(line: &Line) {
    line.with(|channel| {
        channel.hangup.is_over = true;
        channel.why.get_or_insert(Why::FellOff);
    });
    let context = line.with(|channel| channel.context.clone());
    if !line.with(|channel| channel.is_stopped) && line.exists(&context, b"h", 1) {
        line.with(|channel| channel.set_place(b"h", 1));
        while let Spawned::Ran(Outcome::Next) = spawn(line).await {
            line.with(|channel| channel.priority += 1);
        }
    }
    line.with(|channel| {
        let why = channel.why.clone().unwrap_or(Why::FellOff);
        channel.tell(What::Ended {
            cause: channel.cause,
            context: channel.context.clone(),
            exten: channel.exten.clone(),
            priority: channel.priority,
            why,
        });
    });
}
