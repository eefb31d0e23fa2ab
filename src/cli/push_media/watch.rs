//! Keeps a folder on the target in step with one that people record into.
//!
//! The system's notices only say when to look; what there is to do is told by looking, so a notice
//! that is lost, or a network folder that gives none, costs time and not truth. Must not end for
//! what may pass: it says what is wrong and tries again.

use super::{Display, prompts::Prompts};
use crate::{
    error::{Error, Exit},
    push::{
        self, Report,
        path::RelativePath,
        retry::{self, Backoff},
        source::{ContentHash, Source},
    },
};
use notify::Watcher as _;
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver},
    },
    time::{Duration, Instant},
};

/// How often it looks without a notice.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// How often it looks whether it was interrupted.
const WAKE_EVERY: Duration = Duration::from_millis(100);

/// How a folder is watched.
pub(super) struct Watch<'a> {
    pub(super) folder: &'a Path,
    /// How long a file must not have been written before it is pushed.
    pub(super) settle: Duration,
    pub(super) interrupt: &'a AtomicBool,
}

/// What was pushed last: the content of each name, and the names that were left out.
type Pushed = (BTreeMap<RelativePath, ContentHash>, Vec<String>);

impl Watch<'_> {
    /// Pushes whenever something changed, until a signal comes.
    pub(super) fn run(
        &self,
        prompts: &mut Prompts,
        display: &Display,
        push: &mut dyn FnMut(&Source) -> Result<Report, push::Error>,
    ) -> Result<Exit, Error> {
        let (notices, _watcher) = notices(self.folder);
        let mut pushed: Option<Pushed> = None;
        let mut backoff = Backoff::new(u32::MAX);
        display.say(format!("watching {}", self.folder.display()));
        while !self.is_interrupted() {
            match prompts.read_settled(self.settle) {
                Ok(source) => {
                    let unsettled = !source.skipped.is_empty();
                    let state = state_of(&source);
                    if pushed.as_ref() != Some(&state) && !source.files.is_empty() {
                        match push(&source) {
                            Ok(_) => {
                                pushed = Some(state);
                                backoff.reset();
                            }
                            Err(error) if error.exit() == Exit::Interrupted => {
                                return Err(error.into());
                            }
                            Err(error) if pushed.is_none() && is_final(&error) => {
                                return Err(error.into());
                            }
                            Err(error) => {
                                self.wait_after(&error, &mut backoff, display);
                                continue;
                            }
                        }
                    }
                    self.wait(&notices, unsettled);
                }
                Err(push::source::Error::Interrupted) => break,
                // A folder that vanished, or has no file yet: nothing is deleted for that.
                Err(error) => {
                    display.say(error.to_string());
                    self.wait(&notices, false);
                }
            }
        }
        Ok(Exit::Done)
    }

    fn is_interrupted(&self) -> bool {
        self.interrupt.load(Ordering::Relaxed)
    }

    fn wait_after(&self, error: &push::Error, backoff: &mut Backoff, display: &Display) {
        let wait = backoff.next_wait(fastrand::f64()).unwrap_or(LOOK_EVERY);
        display.say(format!("{error}; trying again"));
        retry::wait(wait, self.interrupt);
    }

    /// Waits for a notice, and then until it is quiet for a moment; looks again soon if a file is
    /// still being written.
    fn wait(&self, notices: &Receiver<()>, unsettled: bool) {
        let end = Instant::now() + if unsettled { self.settle } else { LOOK_EVERY };
        while !self.is_interrupted() && Instant::now() < end {
            if notices.recv_timeout(WAKE_EVERY).is_err() {
                // Without a watcher the channel is closed, and would not wait.
                retry::wait(WAKE_EVERY, self.interrupt);
                continue;
            }
            let quiet = Instant::now() + self.settle;
            retry::wait(quiet.saturating_duration_since(Instant::now()), self.interrupt);
            while notices.try_recv().is_ok() {}
            return;
        }
    }
}

/// Notices of changes below a folder; none where the system gives none.
fn notices(folder: &Path) -> (Receiver<()>, Option<notify::RecommendedWatcher>) {
    let (sender, receiver) = mpsc::channel();
    let watcher = notify::recommended_watcher(move |notice: notify::Result<notify::Event>| {
        // Reading the folder is a notice too, and would wake the next look for ever.
        let reading = |notice: &notify::Event| notice.kind.is_access();
        if !notice.as_ref().is_ok_and(reading) {
            // The receiver is gone only when the watching ends.
            let _sent = sender.send(());
        }
    });
    let mut watcher = watcher.ok();
    if let Some(watcher) = &mut watcher {
        // Without notices it still looks every so often.
        let _watched = watcher.watch(folder, notify::RecursiveMode::Recursive);
    }
    (receiver, watcher)
}

fn state_of(source: &Source) -> Pushed {
    let files = source.files.iter().map(|(name, file)| (name.clone(), file.hash));
    let skipped = source.skipped.iter().map(|skipped| skipped.name.clone());
    (files.collect(), skipped.collect())
}

/// What no waiting mends. A first push that fails so shows that the command is wrong; later ones may
/// be mended on the server.
fn is_final(error: &push::Error) -> bool {
    match error.exit() {
        Exit::Unreachable | Exit::Remote => false,
        _ => !matches!(error, push::Error::Busy { .. }),
    }
}
