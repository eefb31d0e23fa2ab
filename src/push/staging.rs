//! The staging folder: where files wait under temporary names, and the lock of a push.
//!
//! One push at a time works on a target: it holds `.ivrkit-staging`. The folder is prepared under a
//! name of its own with the lock file in it, and then renamed, which only one can do. A push whose
//! holder is dead is ended by renaming its folder away: from then on whatever is still on its way
//! from it finds no staged file to publish. So no clock decides over what the PBX hears; the worst
//! that a wrong judgement does is to make a living push fail cleanly.

mod claim;

use super::{
    Error, Observer,
    owner::{MAX_LOCK_BYTES, Owner},
    path::RelativePath,
    pipeline::Pipeline,
    target::{Kind, Operation, Refusal, RefusalKind, Reply, Space},
};
use claim::Claim;
use std::time::Duration;

/// Name of the folder that the push at work holds; other names that begin so are being prepared or
/// cleared away.
pub(super) const FOLDER_NAME: &[u8] = b".ivrkit-staging";
/// A push that said nothing for so long is taken for dead.
pub(super) const LEASE: Duration = Duration::from_mins(1);

const LOCK_NAME: &[u8] = b"lock";
/// Names a folder that was taken from a dead push.
const ENDED_MARK: &[u8] = b"-ended-";
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
    let mut claim = Claim::new(owner);
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
        name(&[b"-", self.owner.mark().as_bytes()])
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
        None if Owner::is_gone_by_mark(rest.strip_prefix(b"-").unwrap_or_default()) => Ok(true),
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
