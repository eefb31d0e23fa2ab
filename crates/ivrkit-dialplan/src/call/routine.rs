//! The PBX's own routine: one priority after the other, and where to go when there is none.
//!
//! Follows `__ast_pbx_run`, `pbx_extension_helper` and `collect_digits` of Asterisk's `main/pbx.c`.

mod ending;

use super::{
    application::{self, Outcome},
    channel::Channel,
    exchange::{What, Why},
    line::{Line, Woken},
};
use crate::application::Version;

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
    let variables = line.with(|channel| std::mem::take(&mut channel.setup.variables));
    for (name, value) in variables {
        line.set(&name, &value);
    }
    let (context, exten, priority) =
        line.with(|channel| (channel.context.clone(), channel.exten.clone(), channel.priority));
    if line.exists(&context, &exten, priority) {
        while go_on(line).await {}
        ending::end(line).await;
    } else {
        // Telephones and other PBXes are told so at once; not even `i` or `h` runs.
        line.with(|channel| channel.why.get_or_insert(Why::NoExtension).clone());
        ending::tell_end(line);
    }
}

/// Executes what there is and finds out where to go then; whether the call goes on.
async fn go_on(line: &Line) -> bool {
    let mut digits = Vec::new();
    let is_incomplete = match execute(line).await {
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
            digits.extend_from_slice(&exten[..exten.len().min(MAX_DIGITS)]);
            true
        }
    };
    if digits.is_empty() {
        let exten = line.with(|channel| channel.exten.clone());
        if !line.exists_here(&exten, 1) {
            return invalid(line, None);
        }
    }
    if line.with(|channel| std::mem::take(&mut channel.hangup.is_timed_out)) {
        return true;
    }
    let wait_ms = line.with(|channel| {
        if !digits.is_empty() {
            channel.digit_timeout_ms
        } else if line.pbx.falls_through {
            0
        } else {
            channel.response_timeout_ms
        }
    });
    if wait_ms == 0 {
        ending::fall_through(line).await;
        return false;
    }
    let typed_before = digits.len();
    if !collect(line, wait_ms, &mut digits).await || line.is_stopped() {
        return false;
    }
    let is_timed_out = is_incomplete && digits.len() == typed_before;
    if is_timed_out || digits.is_empty() {
        timeout(line)
    } else if line.exists_here(&digits, 1) {
        line.with(|channel| channel.set_place(&digits, 1));
        true
    } else {
        invalid(line, Some(&digits))
    }
}

/// Executes priorities until there is none or something else happens.
async fn execute(line: &Line) -> Stretch {
    loop {
        let outcome = match spawn(line).await {
            Spawned::NotFound if line.is_stopped() => return Stretch::HungUp,
            Spawned::NotFound => return Stretch::End,
            Spawned::Ran(outcome) => outcome,
        };
        if outcome == Outcome::Next && line.with(Channel::step_on) {
            continue;
        }
        let (is_stopped, is_redirected, is_timed_out) = line.with(|channel| {
            let hangup = &channel.hangup;
            (channel.is_stopped, hangup.is_redirected, hangup.is_timed_out)
        });
        if is_stopped {
            return Stretch::HungUp;
        }
        match outcome {
            Outcome::Key(key) => return Stretch::Key(key),
            Outcome::Incomplete => return Stretch::Incomplete,
            Outcome::Next | Outcome::HangUp => {}
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
    let (context, exten, priority, is_redirected) = line.with(|channel| {
        let (context, exten) = (channel.context.clone(), channel.exten.clone());
        (context, exten, channel.priority, channel.hangup.is_redirected)
    });
    let Some(step) = line.next_step(&context, &exten, priority) else { return Spawned::NotFound };
    let files = &line.pbx.dialplan.files;
    let name = files.bytes(step.application);
    let Some(application) = application::find(line, name) else {
        let shown = name.escape_ascii();
        line.complain(None, format!("there is no application {shown}"));
        return Spawned::Ran(Outcome::HangUp);
    };
    // A redirect may have come while the last application ended, or the tone after the last one;
    // Asterisk 16 runs the step nevertheless.
    let minds = line.pbx.version >= Version::V22;
    if minds && is_redirected {
        return Spawned::Ran(Outcome::Next);
    }
    let data = line.substitute(files.bytes(step.data));
    let is_told = line.with(|channel| {
        channel.steps += 1;
        channel.count(data.len());
        channel.facts.note_application(application.name(), &data);
        if channel.steps > channel.setup.limits.steps {
            channel.stop(Why::TooManySteps);
        }
        if channel.is_stopped {
            return false;
        }
        channel.tell(What::Step {
            context,
            exten,
            priority,
            application: application.name().clone(),
            data: data.to_vec(),
            place: step.place,
        });
        true
    });
    if !is_told {
        return Spawned::Ran(Outcome::HangUp);
    }
    Spawned::Ran(application.execute(line, &data).await)
}

/// Waits for more digits while a longer extension is possible; false if the call ends meanwhile.
///
/// A redirect only changes the context in which the digits are looked at from then on.
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
            Woken::Gone => {
                line.with(|channel| {
                    if channel.hangup.is_timed_out {
                        channel.why.get_or_insert(Why::AbsoluteTimeout);
                    }
                });
                return false;
            }
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
    let exten = line.with(|channel| channel.exten.clone());
    let wrong = typed.unwrap_or(&exten);
    if line.exists_here(b"i", 1) {
        line.set(b"INVALID_EXTEN", wrong);
        line.with(|channel| channel.set_place(b"i", 1));
        return true;
    }
    if line.exists_here(b"e", 1) {
        line.with(|channel| channel.raise("INVALID", 1));
        return true;
    }
    let context = line.with(|channel| channel.context.clone());
    let (wrong, context) = (wrong.escape_ascii(), context.escape_ascii());
    line.complain(None, format!("there is no extension {wrong} in {context}, and neither i nor e"));
    line.with(|channel| channel.why.get_or_insert(Why::NoExtension).clone());
    false
}

/// On at `t` or `e`, or the end: no key came.
fn timeout(line: &Line) -> bool {
    if line.exists_here(b"t", 1) {
        line.with(|channel| channel.set_place(b"t", 1));
    } else if line.exists_here(b"e", 1) {
        line.with(|channel| channel.raise("RESPONSETIMEOUT", 1));
    } else {
        let context = line.with(|channel| channel.context.clone());
        let context = context.escape_ascii();
        line.complain(None, format!("no key came, and {context} has neither t nor e"));
        line.with(|channel| channel.why.get_or_insert(Why::NoTimeout).clone());
        return false;
    }
    true
}

/// On at `T` or `e`: the absolute time-out ran out. Whether the call goes on there.
fn absolute_timeout(line: &Line) -> bool {
    if line.exists_here(b"T", 1) {
        line.with(|channel| channel.set_place(b"T", 1));
    } else if line.exists_here(b"e", 1) {
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
