//! The staging folder: where files wait under temporary names, and the lock of a push.
//!
//! One push at a time works on a target: it holds `.ivrkit-staging`. The folder is prepared under a
//! name of its own with the lock file in it, and then renamed, which only one can do. A push whose
//! holder is dead is ended by renaming its folder away: from then on whatever is still on its way
//! from it finds no staged file to publish. So no clock decides over what the PBX hears; the worst
//! that a wrong judgement does is to make a living push fail cleanly.

use super::{
    Error, Event, Observer,
    owner::{MAX_LOCK_BYTES, Owner},
    path::RelativePath,
    pipeline::{HEARTBEAT, Pipeline, odd_reply},
    target::{Handle, Kind, Operation, Refusal, RefusalKind, Reply, Space},
};
use std::{
    thread,
    time::{Duration, Instant},
};

/// Name of the folder that the push at work holds; other names that begin so are being prepared or
/// cleared away.
pub(super) const FOLDER_NAME: &[u8] = b".ivrkit-staging";
/// A push that said nothing for so long is taken for dead.
pub(super) const LEASE: Duration = Duration::from_mins(1);

const LOCK_NAME: &[u8] = b"lock";
/// Names a folder that was taken from a dead push.
const ENDED_MARK: &[u8] = b"-ended-";
/// How often a waiting push looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// Fruitless tries to take the folder before the target is said to refuse it.
const MAX_TRIES: u32 = 20;

/// A staging folder that this push holds.
pub(super) struct Staging {
    owner: Owner,
    claim: Claim,
    staged: u64,
    /// The manifest that gets its name when the folder is given up.
    last: Option<RelativePath>,
}

/// What a push goes by when it waits for another.
pub(super) struct Patience<'a> {
    /// How long to wait for a push that lives.
    pub(super) wait: Duration,
    /// Earlier attempts of this same push.
    pub(super) former: &'a [String],
}

/// Takes the staging folder, waiting for a push that holds it, ending one that is dead.
pub(super) fn acquire(
    pipeline: &mut Pipeline<'_>,
    owner: Owner,
    patience: &Patience<'_>,
    observer: Observer<'_>,
) -> Result<Staging, Error> {
    let mut claim = Claim {
        name: name(&[b"-", owner.run.as_bytes()]),
        owner,
        now_s: None,
        written: Instant::now(),
        beat: 0,
        watched: None,
        alone: true,
        lock: None,
        manifest: None,
    };
    let taken = claim.take(pipeline, patience, observer);
    if let Err(error) = taken {
        if error.target_answers() {
            pipeline.begin_cleanup(super::attempt::CLEANUP_LIMIT);
            let _drained = pipeline.drain();
            let _removed = remove_folder(pipeline, &claim.name);
        }
        return Err(error);
    }
    let lock = match claim.lock.take() {
        Some(file) => Some(file),
        None => match pipeline.call(Operation::Reopen(lock_of(&held())))? {
            Ok(Reply::Opened(file)) => Some(file),
            _ => None,
        },
    };
    if let Some(file) = lock {
        let owner = claim.owner.clone();
        pipeline.start_heart(file, Box::new(move |beat| owner.lock(1_000_000 + beat)));
    }
    Ok(Staging { owner: claim.owner.clone(), claim, staged: 0, last: None })
}

impl Staging {
    /// Whether no other push was met on the way here.
    pub(super) fn was_alone(&self) -> bool {
        self.claim.alone
    }

    /// The manifest, opened when the folder was taken, if nothing stood in the way of that.
    pub(super) fn take_manifest(&mut self) -> Option<Result<Reply, Refusal>> {
        self.claim.manifest.take()
    }

    /// The name of this push.
    pub(super) fn run(&self) -> &str {
        &self.owner.run
    }

    /// A temporary name that no other push and no other attempt has.
    pub(super) fn next_name(&mut self) -> RelativePath {
        self.staged += 1;
        let name = format!("{}-{}", self.owner.run, self.staged);
        held().join(name.as_bytes()).expect("the name is short and plain")
    }

    /// Clears away what dead pushes left; what may belong to a living one stays.
    pub(super) fn clear_litter(
        &self,
        pipeline: &mut Pipeline<'_>,
        former: &[String],
    ) -> Result<(), Error> {
        remove_litter(pipeline, &self.claim, former)
    }

    /// Removes what was staged and will not be published, so that there is room again.
    pub(super) fn empty(&self, pipeline: &mut Pipeline<'_>) -> Result<(), Error> {
        let entries = pipeline.list(&held())?.unwrap_or_default();
        let staged = |name: &[u8]| name.starts_with(self.owner.run.as_bytes());
        let names = entries.iter().filter(|entry| staged(&entry.name));
        let files: Vec<_> = names.filter_map(|entry| held().join(&entry.name).ok()).collect();
        pipeline.batch(files.into_iter().map(Operation::Remove), false).map(drop)?;
        Ok(())
    }

    /// The whole manifest, staged under this name in the folder that was just seen to be held, gets
    /// its own name in the same breath in which the folder is given up.
    pub(super) fn end_with(&mut self, manifest: RelativePath) {
        self.last = Some(manifest);
    }

    /// Gives the folder up and clears it away.
    pub(super) fn release(mut self, pipeline: &mut Pipeline<'_>) -> Result<(), Error> {
        if let Some(file) = pipeline.stop_heart() {
            pipeline.forget(Operation::Close(file));
        }
        if let Some(manifest) = self.last.take() {
            return self.release_with(pipeline, manifest);
        }
        // A folder that was taken from this push belongs to another by now.
        let lock = pipeline.read_small(&lock_of(&held()), MAX_LOCK_BYTES)?;
        let holder = lock.ok().and_then(|lock| Owner::read(&lock));
        if holder.is_none_or(|holder| holder.run != self.owner.run) {
            return Ok(());
        }
        let own = self.own_name();
        let outcomes = pipeline.chain(giving_up(&own))?;
        clear_rest(pipeline, &own, &outcomes)
    }

    fn release_with(&self, pipeline: &mut Pipeline<'_>, staged: RelativePath) -> Result<(), Error> {
        let (own, to) = (self.own_name(), super::manifest::path());
        let moved = own.join(staged.name()).expect("the name is short and plain");
        let mut steps = vec![Operation::Replace { from: staged, to: to.clone() }];
        steps.extend(giving_up(&own));
        let mut outcomes = pipeline.chain(steps)?;
        let mut replaced = outcomes.remove(0);
        if replaced.is_err() {
            // A server may have moved the folder first.
            let again = Operation::Replace { from: moved, to: to.clone() };
            replaced = pipeline.call(again)?.or(replaced);
        }
        clear_rest(pipeline, &own, &outcomes)?;
        match replaced {
            Ok(_) => Ok(()),
            Err(refusal) => Err(explain(pipeline, "replace", &to, refusal)?),
        }
    }

    /// The name that the folder has before and after it is held.
    fn own_name(&self) -> RelativePath {
        name(&[b"-", self.owner.run.as_bytes()])
    }
}

/// Gives the folder up that is held; when all went well nothing but the journal and the lock is left
/// in it.
fn giving_up(own: &RelativePath) -> Vec<Operation> {
    let journal = own.join(super::journal::FILE_NAME).expect("the name is a constant");
    vec![
        Operation::RenameFolder { from: held(), to: own.clone() },
        Operation::Remove(journal),
        Operation::Remove(lock_of(own)),
        Operation::RemoveFolder(own.clone()),
    ]
}

/// Removes what is left of the folder after it was given up.
fn clear_rest(
    pipeline: &mut Pipeline<'_>,
    own: &RelativePath,
    outcomes: &[Result<Reply, Refusal>],
) -> Result<(), Error> {
    match outcomes {
        [_, _, _, Ok(_)] => Ok(()),
        [Ok(_), ..] => remove_folder(pipeline, own),
        _ => remove_folder(pipeline, &held()),
    }
}

/// The folders that were taken from dead pushes, as far as they are still there.
pub(super) fn ended(pipeline: &mut Pipeline<'_>) -> Result<Vec<RelativePath>, Error> {
    let mark = [FOLDER_NAME, ENDED_MARK].concat();
    let entries = pipeline.list(&RelativePath::root())?.unwrap_or_default();
    let names = entries.into_iter().filter(|entry| entry.name.starts_with(&mark));
    Ok(names.filter_map(|entry| RelativePath::new(entry.name).ok()).collect())
}

/// A staging folder in preparation.
struct Claim {
    name: RelativePath,
    owner: Owner,
    /// The target's own time when the lock was last written, in seconds since 1970.
    now_s: Option<u32>,
    written: Instant,
    beat: u64,
    /// The holder's lock as it was first seen, and when.
    watched: Option<(Vec<u8>, Instant)>,
    /// Whether no other push was met.
    alone: bool,
    /// The lock in the folder that is held, open for the heartbeat.
    lock: Option<Handle>,
    /// The manifest as it was when the folder was taken, open for reading.
    manifest: Option<Result<Reply, Refusal>>,
}

impl Claim {
    fn take(
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
            steps.push(Operation::Open(super::manifest::path()));
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
    fn age_s(
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

fn remove_litter(
    pipeline: &mut Pipeline<'_>,
    claim: &Claim,
    former: &[String],
) -> Result<(), Error> {
    let Ok(entries) = pipeline.list(&RelativePath::root())? else { return Ok(()) };
    for entry in entries {
        let litter = entry.name.starts_with(FOLDER_NAME) && entry.name != FOLDER_NAME;
        if !litter || entry.attributes.kind != Kind::Folder {
            continue;
        }
        let Ok(folder) = RelativePath::new(entry.name) else { continue };
        if is_abandoned(pipeline, &folder, claim, former)? {
            remove_folder(pipeline, &folder)?;
        }
    }
    Ok(())
}

fn is_abandoned(
    pipeline: &mut Pipeline<'_>,
    folder: &RelativePath,
    claim: &Claim,
    former: &[String],
) -> Result<bool, Error> {
    let rest = &folder.as_bytes()[FOLDER_NAME.len()..];
    if rest.starts_with(ENDED_MARK) {
        return Ok(true);
    }
    let lock = pipeline.read_small(&lock_of(folder), MAX_LOCK_BYTES)?;
    match lock.ok().and_then(|lock| Owner::read(&lock)) {
        Some(owner) if owner.is_gone() || former.contains(&owner.run) => Ok(true),
        Some(_) => Ok(claim.age_s(pipeline, folder)?.is_some_and(|age_s| age_s > LEASE.as_secs())),
        // Without a lock only an empty folder is known to hold nobody's files, and removing one
        // takes nothing from anybody: whoever is preparing it makes it anew.
        None => {
            let _removed = pipeline.call(Operation::RemoveFolder(folder.clone()))?;
            // A push that died over its lock left one that nobody can read.
            Ok(claim.age_s(pipeline, folder)?.is_some_and(|age_s| age_s > LEASE.as_secs()))
        }
    }
}

/// Removes a staging folder with the files in it, the lock last, so that a second try still knows
/// whose it was.
fn remove_folder(pipeline: &mut Pipeline<'_>, folder: &RelativePath) -> Result<(), Error> {
    // A dead push's server side may still make a file while the folder is cleared.
    for _ in 0..3 {
        let Ok(entries) = pipeline.list(folder)? else { return Ok(()) };
        let names = entries.iter().filter(|entry| entry.name != LOCK_NAME);
        let files: Vec<_> = names.filter_map(|entry| folder.join(&entry.name).ok()).collect();
        let _removed = pipeline.batch(files.into_iter().map(Operation::Remove), false)?;
        let _removed = pipeline.call(Operation::Remove(lock_of(folder)))?;
        if pipeline.call(Operation::RemoveFolder(folder.clone()))?.is_ok() {
            break;
        }
    }
    Ok(())
}

/// Adds to a bare refusal what the file system says of itself.
pub(super) fn explain(
    pipeline: &mut Pipeline<'_>,
    doing: &'static str,
    path: &RelativePath,
    refusal: Refusal,
) -> Result<Error, Error> {
    let location = pipeline.location();
    pipeline.drain()?;
    let unclear = matches!(refusal.kind, RefusalKind::Failure | RefusalKind::Denied);
    let space = if unclear { pipeline.call(Operation::Space)? } else { Ok(Reply::Done) };
    let Ok(Reply::Space(space)) = space else {
        return Ok(Error::refused(doing, location, path.clone(), refusal));
    };
    let kind = if space.read_only {
        RefusalKind::ReadOnly
    } else if refusal.kind == RefusalKind::Failure && is_full(&space) {
        RefusalKind::Full
    } else {
        refusal.kind
    };
    Ok(Error::refused(doing, location, path.clone(), Refusal { kind, ..refusal }))
}

/// A write can fail for want of room while a little is left: it asked for more than that.
fn is_full(space: &Space) -> bool {
    const LEAST_FREE_BYTES: u64 = 1024 * 1024;
    space.free_bytes < LEAST_FREE_BYTES || space.free_files == 0
}

fn is_folder(pipeline: &mut Pipeline<'_>, folder: &RelativePath) -> Result<bool, Error> {
    Ok(pipeline.list(folder)?.is_ok())
}

/// The staging folder that a push holds.
pub(super) fn held() -> RelativePath {
    name(&[])
}

fn lock_of(folder: &RelativePath) -> RelativePath {
    folder.join(LOCK_NAME).expect("the name is a constant")
}

fn name(endings: &[&[u8]]) -> RelativePath {
    let name = [FOLDER_NAME, &endings.concat()].concat();
    RelativePath::new(name).expect("the name is short and plain")
}
