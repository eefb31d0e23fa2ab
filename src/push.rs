//! Upload of prompts: plan, stage, publish, confirm.
//!
//! What the PBX plays never has half a file or none under a name that had one: files go up under
//! temporary names into a staging folder inside the target, and are renamed over the old ones when
//! every byte is there. Difference is by content. Nothing is deleted but what a push staged, and on
//! demand what a push put there. Rooms: [`location`] (addresses), [`source`] (local files), [`plan`]
//! (pure), [`target`] (folders near and far), [`ssh`] (connections); `attempt` is a push over one
//! connection, [`retry`] says when there is another. Must not know how prompts are made.

mod attempt;
mod confirm;
mod error;
mod glance;
mod journal;
pub mod location;
pub mod manifest;
mod options;
mod owner;
mod pace;
pub mod path;
mod pipeline;
pub mod plan;
mod publish;
mod reading;
mod remember;
mod resume;
pub mod retry;
pub mod source;
pub mod ssh;
mod staging;
mod stale;
mod survey;
pub mod target;
mod upload;

use crate::error::Exit;
use attempt::{Attempt, Progress};
use plan::Plan;
use retry::Backoff;
use source::{Listing, Source};
use std::time::Instant;
use target::Target;

pub use error::Error;
pub use options::{Event, Observer, Options, Report, SyncMode};

/// A script that says whether a server still has what the last push left: it spares round trips to
/// begin it with the connection, see [`ssh::Options::script`]. The names are enough for it, unless
/// contents are to be compared too.
pub fn first_script(listing: &Listing, options: &Options) -> Option<String> {
    let asks = options.shell && !options.verify_remote;
    asks.then(|| glance::script_in(&plan::folders(&listing.names), None)).flatten()
}

/// The same with the contents of every file, when these are known.
pub fn verifying_script(source: &Source, options: &Options) -> Option<String> {
    let asks = options.shell && options.verify_remote;
    asks.then(|| glance::script(&source.files, true)).flatten()
}

/// Connects to a target; called again when a connection is lost.
pub type Connect<'a> = &'a mut dyn FnMut() -> Result<Box<dyn Target>, Error>;

/// Pushes the source to the target that `connect` reaches.
///
/// # Errors
/// When not everything could be published. Every final name then has its old or its new content,
/// whole.
pub fn push(
    source: &Source,
    connect: Connect<'_>,
    options: &Options,
    observer: Observer<'_>,
) -> Result<Report, Error> {
    let started = Instant::now();
    let mut progress = Progress::default();
    let mut backoff = Backoff::new(options.retries);
    let mut reconnections = 0;
    let mut lost = None;
    let mut farthest = 0;
    loop {
        let error = match attempt(source, connect, options, observer, &mut progress) {
            Ok((plan, distrust)) => {
                let Progress { plan: first, deleted, .. } = progress;
                let plan = first.unwrap_or(plan);
                let duration = started.elapsed();
                return Ok(Report { plan, deleted, reconnections, duration, distrust });
            }
            Err(error) => error,
        };
        // Whatever came of the last connection, a server that let us work deserves patience.
        if progress.steps() > farthest {
            farthest = progress.steps();
            backoff.reset();
        }
        let again = error.may_pass(lost.is_some());
        let wait = if again { backoff.next_wait(fastrand::f64()) } else { None };
        let Some(after) = wait else { return Err(progress.end(of_loss(error, lost))) };
        observer(Event::Reconnecting { reason: error.to_string(), after });
        if let Error::Target { location, source } = &error {
            lost = Some((location.clone(), source.to_string()));
        }
        if !retry::wait(after, &options.interrupt) {
            return Err(progress.end(Error::Source(source::Error::Interrupted)));
        }
        reconnections += 1;
    }
}

/// One connection, and what can be done over it.
fn attempt(
    source: &Source,
    connect: Connect<'_>,
    options: &Options,
    observer: Observer<'_>,
    progress: &mut Progress,
) -> Result<(Plan, Option<manifest::Distrust>), Error> {
    let mut target = connect()?;
    let outcome = Attempt { source, options, observer }.run(&mut *target, progress);
    outcome.map_err(|error| match error {
        Error::Target { source, .. } => Error::Target { location: target.location(), source },
        error => error,
    })
}

/// The loss is what happened; that the server cannot be reached again only adds to it.
fn of_loss(error: Error, lost: Option<(String, String)>) -> Error {
    match (error, lost) {
        (Error::Connect(again), Some((location, reason))) if again.exit() != Exit::Interrupted => {
            let source = target::Error::Lost(format!("{reason}; connecting again: {again}"));
            Error::Target { location, source }
        }
        (error, _) => error,
    }
}
