//! What is shown while a push is at work: a bar on a terminal, a line now and then elsewhere, or
//! events for programs.
//!
//! Events are lines of JSON on standard output; their fields are documented in docs/push.md and are
//! only ever added to. Must not decide anything.

use super::{Format, summary};
use crate::push::Event;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use serde_json::{Value, json};
use std::{
    cell::RefCell,
    io::{self, IsTerminal as _, Write as _},
    time::{Duration, Instant},
};

/// How often programs hear how far it is.
const EVENT_EVERY: Duration = Duration::from_secs(1);
/// How often a log shows how far it is; a push that is shorter stays quiet.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Shows one push.
pub(super) struct Display {
    /// Programs are told each step; for a dry run they are told the plan alone.
    events: bool,
    bar: ProgressBar,
    state: RefCell<State>,
}

struct State {
    said: String,
    began: Instant,
    shown: Instant,
    far: Far,
}

/// How far the uploads are.
#[derive(Debug, Clone, Copy, Default)]
struct Far {
    files: usize,
    /// Uploaded whole, be they published or not.
    files_done: usize,
    bytes: u64,
    bytes_done: u64,
}

impl Display {
    /// Shows nothing yet.
    pub(super) fn new(format: Format, dry_run: bool) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let (began, shown) = (Instant::now(), Instant::now());
        let state = State { said: String::new(), began, shown, far: Far::default() };
        let events = format == Format::Json && !dry_run;
        Self { events, bar, state: RefCell::new(state) }
    }

    /// The bar, for work before the push.
    pub(super) fn bar(&self) -> &ProgressBar {
        &self.bar
    }

    /// Shows an event of the push.
    pub(super) fn show(&self, event: &Event<'_>) {
        if self.events {
            self.emit_event(event);
        }
        match event {
            Event::ReadingBack { files } => {
                self.bar.set_message(format!("comparing {}", summary::prompts(*files)));
            }
            Event::Uploading { files, bytes } => self.begin(*files, *bytes),
            Event::Sent { bytes } => {
                self.bar.inc(*bytes);
                self.state.borrow_mut().far.bytes_done += bytes;
                self.show_progress();
            }
            Event::Staged => {
                let far = {
                    let mut state = self.state.borrow_mut();
                    state.far.files_done += 1;
                    state.far
                };
                self.bar.set_message(format!("{} of {} files", far.files_done, far.files));
                self.show_progress();
            }
            Event::Waiting { holder } => self.say(format!("waiting for another push ({holder})")),
            Event::Reconnecting { reason, after } => {
                self.say(format!("{reason}; connecting again in {:.1} s", after.as_secs_f64()));
            }
            Event::Planned { .. } | Event::Published { .. } | Event::Deleted { .. } => {}
        }
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// Writes one event for programs; does nothing for people.
    pub(super) fn emit(&self, event: &'static str, fields: &impl Serialize) {
        if self.events {
            emit(event, fields);
        }
    }

    /// Says a thing once, in a pipe too.
    pub(super) fn say(&self, what: String) {
        let mut state = self.state.borrow_mut();
        if state.said != what {
            self.bar.suspend(|| eprintln!("ivrkit: {what}"));
            state.said = what;
        }
    }

    fn begin(&self, files: usize, bytes: u64) {
        let style = "{msg} [{bar:30}] {decimal_bytes}/{decimal_total_bytes} {decimal_bytes_per_sec} {eta} left";
        if let Ok(style) = ProgressStyle::with_template(style) {
            self.bar.set_style(style.progress_chars("=> "));
        }
        self.bar.set_length(bytes);
        self.bar.set_position(0);
        self.bar.reset_eta();
        self.bar.set_message(format!("0 of {files} files"));
        let mut state = self.state.borrow_mut();
        (state.began, state.shown) = (Instant::now(), Instant::now());
        state.far = Far { files, bytes, ..Far::default() };
    }

    /// Shows how far it is, if that was not shown lately.
    fn show_progress(&self) {
        let mut state = self.state.borrow_mut();
        let every = if self.events { EVENT_EVERY } else { LINE_EVERY };
        if state.shown.elapsed() < every {
            return;
        }
        state.shown = Instant::now();
        let rate = state.far.rate(state.began.elapsed());
        let far = state.far;
        if self.events {
            emit("progress", &far.to_json(rate));
        } else if !io::stderr().is_terminal() {
            eprintln!("ivrkit: {}", far.to_line(rate));
        }
    }

    fn emit_event(&self, event: &Event<'_>) {
        match event {
            Event::ReadingBack { files } => emit("reading-back", &json!({ "files": files })),
            Event::Planned { plan } => emit("planned", &summary::counts(plan)),
            Event::Waiting { holder } => {
                // One line for each wait, not for each look.
                if !self.state.borrow().said.contains(holder.as_str()) {
                    emit("waiting", &json!({ "holder": holder }));
                }
            }
            Event::Uploading { files, bytes } => {
                emit("uploading", &json!({ "files": files, "bytes": bytes }));
            }
            Event::Sent { .. } | Event::Staged => {}
            Event::Published { path, replaces, bytes } => {
                let change = if *replaces { "changed" } else { "new" };
                let fields = json!({ "path": path.to_text(), "change": change, "bytes": bytes });
                emit("published", &fields);
            }
            Event::Deleted { path } => emit("deleted", &json!({ "path": path.to_text() })),
            Event::Reconnecting { reason, after } => {
                let fields = json!({ "reason": reason, "after_s": rounded(after.as_secs_f64()) });
                emit("reconnecting", &fields);
            }
        }
    }
}

impl Far {
    /// Bytes a second so far.
    #[expect(clippy::cast_precision_loss, reason = "a rate is shown with few digits")]
    fn rate(&self, elapsed: Duration) -> f64 {
        self.bytes_done as f64 / elapsed.as_secs_f64().max(0.001)
    }

    #[expect(clippy::cast_precision_loss, reason = "a time left is shown with few digits")]
    fn left_s(&self, rate: f64) -> Option<f64> {
        let left = self.bytes.saturating_sub(self.bytes_done) as f64;
        (rate > 0.0).then(|| rounded(left / rate))
    }

    fn to_json(self, rate: f64) -> Value {
        json!({
            "files_done": self.files_done,
            "files": self.files,
            "bytes_done": self.bytes_done,
            "bytes": self.bytes,
            "bytes_per_s": rate.round(),
            "left_s": self.left_s(rate),
        })
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate is not negative and far below 2^64"
    )]
    fn to_line(self, rate: f64) -> String {
        let left = self.left_s(rate).map_or(String::new(), |left| format!(", {left:.0} s left"));
        format!(
            "{} of {} files, {} of {}, {}/s{left}",
            self.files_done,
            self.files,
            summary::size(self.bytes_done),
            summary::size(self.bytes),
            summary::size(rate as u64),
        )
    }
}

/// Tenths are enough.
fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// Writes one line of JSON. A reader that has seen enough is no reason to end a push.
pub(super) fn emit(event: &'static str, fields: &impl Serialize) {
    #[derive(Serialize)]
    struct Line<'a, T> {
        event: &'static str,
        #[serde(flatten)]
        fields: &'a T,
    }
    let mut out = io::stdout().lock();
    let line = serde_json::to_string(&Line { event, fields });
    let line = line.expect("texts and numbers are always JSON");
    let _written = writeln!(out, "{line}").and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(far: Far, elapsed_s: u64, line: &str, left_s: &Value) {
        let rate = far.rate(Duration::from_secs(elapsed_s));
        assert_eq!(far.to_line(rate), line);
        assert_eq!(far.to_json(rate)["left_s"], *left_s);
    }

    #[test]
    fn how_far_it_is_has_a_rate_and_a_time_left() {
        let half = Far { files: 4, files_done: 2, bytes: 4_000_000, bytes_done: 2_000_000 };
        let line = "2 of 4 files, 2.0 MB of 4.0 MB, 200 KB/s, 10 s left";
        check(half, 10, line, &json!(10.0));
        let none = Far { bytes_done: 0, files_done: 0, ..half };
        check(none, 10, "0 of 4 files, 0 B of 4.0 MB, 0 B/s", &Value::Null);
    }
}
