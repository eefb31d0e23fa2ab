//! Taking the staging folder: prepared under a name of its own, renamed when nobody holds it.
//!
//! Must not touch what a living push holds.

use super::{ENDED_MARK, LEASE, LOCK_NAME, Patience, explain, held, is_folder, lock_of, name};
use crate::push::{
    Error, Event, Observer, manifest,
    owner::{MAX_LOCK_BYTES, Owner},
    path::RelativePath,
    pipeline::{HEARTBEAT, Pipeline, odd_reply},
    target::{Handle, Operation, Refusal, RefusalKind, Reply},
};
use std::{
    thread,
    time::{Duration, Instant},
};

/// How often a waiting push looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// Fruitless tries to take the folder before the target is said to refuse it.
const MAX_TRIES: u32 = 20;

/// A staging folder in preparation.
pub(super) struct Claim {
    pub(super) name: RelativePath,
    pub(super) owner: Owner,
    /// The target's own time when the lock was last written, in seconds since 1970.
    now_s: Option<u32>,
    written: Instant,
    beat: u64,
    /// The holder's lock as it was first seen, and when.
    watched: Option<(Vec<u8>, Instant)>,
    /// Whether no other push was met.
    pub(super) alone: bool,
    /// The lock in the folder that is held, open for the heartbeat.
    pub(super) lock: Option<Handle>,
    /// The manifest as it was when the folder was taken, open for reading.
    pub(super) manifest: Option<Result<Reply, Refusal>>,
}

impl Claim {
    /// Nothing is there yet.
    pub(super) fn new(owner: Owner) -> Self {
        Self {
            name: name(&[b"-", owner.mark().as_bytes()]),
            owner,
            now_s: None,
            written: Instant::now(),
            beat: 0,
            watched: None,
            alone: true,
            lock: None,
            manifest: None,
        }
    }

    /// Takes the folder, waiting for a push that lives.
    pub(super) fn take(
        &mut self,
        pipeline: &mut Pipeline<'_>,
        patience: &Patience<'_>,
        observer: Observer<'_>,
    ) -> Result<(), Error> {
        let started = Instant::now();
        let mut tries = 0;
        let mut renamed = self.prepare(pipeline, true)?;
        loop {
            let rename = Operation::RenameFolder { from: self.name.clone(), to: held() };
            let outcome = match renamed.take() {
                Some(outcome) => outcome,
                None => pipeline.call(rename)?,
            };
            let Err(refusal) = outcome else { return Ok(()) };
            self.alone = false;
            tries += 1;
            match self.look_at_holder(pipeline, patience)? {
                Holder::Alive(holder) => {
                    tries = 0;
                    if started.elapsed() >= patience.wait {
                        return Err(Error::Busy { location: pipeline.location(), holder });
                    }
                    observer(Event::Waiting { holder });
                    thread::sleep(LOOK_AGAIN);
                    self.stay_alive(pipeline)?;
                }
                Holder::Dead => self.end_holder(pipeline)?,
                Holder::Nobody if refusal.kind == RefusalKind::Missing => {
                    self.prepare(pipeline, false)?;
                }
                Holder::Nobody => {}
            }
            if tries >= MAX_TRIES {
                return Err(Error::refused("make", pipeline.location(), held(), refusal));
            }
        }
    }

    /// Makes the folder with the lock in it. With `take` the folder is renamed in the same breath:
    /// gives how that went. Between folder and lock another push may take the empty folder for
    /// litter; then it is made anew.
    fn prepare(
        &mut self,
        pipeline: &mut Pipeline<'_>,
        take: bool,
    ) -> Result<Option<Result<Reply, Refusal>>, Error> {
        let lock = lock_of(&self.name);
        let mut tries = 0;
        loop {
            tries += 1;
            let make = Operation::MakeFolder(self.name.clone());
            let mut outcomes = pipeline.chain(vec![make, Operation::Create(lock.clone())])?;
            let created = outcomes.pop().unwrap_or(Err(odd_reply()));
            if created.is_err()
                && let Some(Err(refusal)) = outcomes.pop()
                && !is_folder(pipeline, &self.name)?
            {
                return Err(explain(pipeline, "make", &self.name, refusal)?);
            }
            match created {
                Err(refusal) if refusal.kind == RefusalKind::Missing && tries < MAX_TRIES => {}
                created => return self.write(pipeline, &lock, created, take),
            }
        }
    }

    /// Says that the waiting push lives, so that nobody clears its folder away.
    fn stay_alive(&mut self, pipeline: &mut Pipeline<'_>) -> Result<(), Error> {
        if self.written.elapsed() < HEARTBEAT {
            return Ok(());
        }
        let lock = lock_of(&self.name);
        match pipeline.call(Operation::Reopen(lock.clone()))? {
            Err(refusal) if refusal.kind == RefusalKind::Missing => {
                self.prepare(pipeline, false)?;
            }
            opened => drop(self.write(pipeline, &lock, opened, false)?),
        }
        Ok(())
    }

    fn write(
        &mut self,
        pipeline: &mut Pipeline<'_>,
        lock: &RelativePath,
        opened: Result<Reply, Refusal>,
        take: bool,
    ) -> Result<Option<Result<Reply, Refusal>>, Error> {
        let file = match opened {
            Ok(Reply::Opened(file)) => file,
            Ok(_) => return Err(explain(pipeline, "write", lock, odd_reply())?),
            Err(refusal) => return Err(explain(pipeline, "make", lock, refusal)?),
        };
        self.beat += 1;
        self.written = Instant::now();
        let bytes = self.owner.lock(self.beat);
        let mut steps = vec![
            Operation::Write { file, offset_bytes: 0, bytes },
            Operation::Inspect(file),
            Operation::Close(file),
        ];
        if take {
            steps.push(Operation::RenameFolder { from: self.name.clone(), to: held() });
            steps.push(Operation::Reopen(lock_of(&held())));
            steps.push(Operation::Open(manifest::path()));
        }
        let mut outcomes = pipeline.chain(steps)?.into_iter();
        let written = outcomes.next().unwrap_or(Err(odd_reply()));
        if let Some(Ok(Reply::Attributes(found))) = outcomes.next() {
            self.now_s = found.modified_s;
        }
        let written = written.and(outcomes.next().unwrap_or(Err(odd_reply())));
        let renamed = outcomes.next();
        let took = matches!(renamed, Some(Ok(_)));
        if let Some(Ok(Reply::Opened(file))) = outcomes.next() {
            // If the folder is another's, so is the lock in it.
            if took {
                self.lock = Some(file);
            } else {
                pipeline.forget(Operation::Close(file));
            }
        }
        match outcomes.next() {
            manifest if took => self.manifest = manifest,
            Some(Ok(Reply::Opened(file))) => pipeline.forget(Operation::Close(file)),
            _ => {}
        }
        match written {
            Ok(_) => Ok(renamed),
            Err(refusal) => {
                if took {
                    self.name = held();
                }
                Err(explain(pipeline, "write", lock, refusal)?)
            }
        }
    }

    fn look_at_holder(
        &mut self,
        pipeline: &mut Pipeline<'_>,
        patience: &Patience<'_>,
    ) -> Result<Holder, Error> {
        let lock = match pipeline.read_small(&lock_of(&held()), MAX_LOCK_BYTES)? {
            Ok(lock) => lock,
            Err(_) if !is_folder(pipeline, &held())? => return Ok(Holder::Nobody),
            // A folder without a readable lock: watched as if it had an empty one.
            Err(_) => Vec::new(),
        };
        let owner = Owner::read(&lock);
        if owner
            .as_ref()
            .is_some_and(|owner| owner.is_gone() || patience.former.contains(&owner.run))
        {
            // It may have ended in good order while it was looked at; then another holds the folder.
            let again = pipeline.read_small(&lock_of(&held()), MAX_LOCK_BYTES)?;
            let is_same = again.is_ok_and(|again| again == lock);
            return Ok(if is_same { Holder::Dead } else { Holder::Nobody });
        }
        if self.age_s(pipeline, &held())?.is_some_and(|age_s| age_s > LEASE.as_secs()) {
            return Ok(Holder::Dead);
        }
        match &self.watched {
            Some((seen, since)) if *seen == lock && since.elapsed() > LEASE => Ok(Holder::Dead),
            watched => {
                if watched.as_ref().is_none_or(|(seen, _)| *seen != lock) {
                    self.watched = Some((lock, Instant::now()));
                }
                let unknown = || "another program".to_owned();
                Ok(Holder::Alive(owner.map_or_else(unknown, |owner| owner.describe())))
            }
        }
    }

    /// How long ago the lock in a folder was written, by the target's own clock.
    pub(super) fn age_s(
        &self,
        pipeline: &mut Pipeline<'_>,
        folder: &RelativePath,
    ) -> Result<Option<u64>, Error> {
        let Ok(entries) = pipeline.list(folder)? else { return Ok(None) };
        let lock = entries.iter().find(|entry| entry.name == LOCK_NAME);
        let written_s = lock.and_then(|entry| entry.attributes.modified_s);
        let (Some(now_s), Some(written_s)) = (self.now_s, written_s) else { return Ok(None) };
        Ok(Some(u64::from(now_s.saturating_sub(written_s))))
    }

    /// Takes the folder from a dead push: one rename, after which it can publish nothing more.
    fn end_holder(&mut self, pipeline: &mut Pipeline<'_>) -> Result<(), Error> {
        self.beat += 1;
        let mark = format!("{}-{}", self.owner.run, self.beat);
        let to = name(&[ENDED_MARK, mark.as_bytes()]);
        // Another push may have been faster; the next look tells.
        let _moved = pipeline.call(Operation::RenameFolder { from: held(), to })?;
        self.watched = None;
        Ok(())
    }
}

enum Holder {
    Alive(String),
    Dead,
    Nobody,
}
