//! Gives staged files their final names, makes sure that they have them, and remembers it.
//!
//! The only place where something that the PBX plays changes, and each change is one rename of a
//! file that is whole. Must not send content.

use super::{
    Error, Options,
    manifest::{self, Manifest, Record},
    path::RelativePath,
    pipeline::{Pipeline, odd_reply},
    plan::{self, Change, Remote},
    source::{ContentHash, Source, SourceFile},
    staging::{Staging, explain},
    survey::Survey,
    target::{Attributes, Kind, Operation, Refusal, RefusalKind, Reply, Ticket},
    upload::StagedFile,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Publishes the staged files and writes the manifest. `manifest` is what the target's says now.
pub(super) fn publish(
    pipeline: &mut Pipeline<'_>,
    staging: &mut Staging,
    source: &Source,
    mut before: Survey,
    staged: &[StagedFile<'_>],
    options: &Options,
) -> Result<(), Error> {
    let withdrawn = withdraw(pipeline, staging, &before.remote.manifest, source, staged)?;
    let number = staging.next_number();
    let from = staging.name_of(number);
    let opened = pipeline.submit(Operation::Create(from.clone()));
    let mut published = if pipeline.features().atomic_replace {
        replace_all(pipeline, staging, staged, opened)?
    } else {
        let file = pipeline.complete()?.1;
        replace_one_by_one(pipeline, staging, staged, options)?;
        Published { manifest: Some(file), found: vec![None; staged.len()] }
    };
    confirm(pipeline, staged, &mut published.found)?;
    let mut manifest = std::mem::take(&mut before.remote.manifest);
    let mut changed = withdrawn || before.manifest_head.is_empty() || before.distrust.is_some();
    changed |= forget_untrue(&mut manifest, source, &before.remote);
    changed |= remember(&mut manifest, source, staged, &published.found);
    let created = published.manifest.unwrap_or(Err(odd_reply()));
    if !changed {
        return discard(pipeline, &from, &created);
    }
    staging.run().clone_into(&mut manifest.run);
    write_manifest(pipeline, &from, created, &manifest.to_json())
}

/// Whether the target's manifest says all that would be written to it if nothing were uploaded.
pub(super) fn is_remembered(source: &Source, survey: &Survey) -> bool {
    let manifest = &survey.remote.manifest;
    let foreign = manifest.files.keys().filter(|path| !source.files.contains_key(*path));
    let folders = plan::folders(&source.files);
    let gone = |path: &RelativePath| is_gone(path, &folders, &survey.remote.found);
    let known = |(path, file): (&RelativePath, &SourceFile)| {
        let found = survey.remote.found.get(path);
        found.and_then(|found| manifest.hash_of(path, found)) == Some(file.hash)
    };
    let read = !survey.manifest_head.is_empty() && survey.distrust.is_none();
    read && source.files.iter().all(known) && !foreign.into_iter().any(gone)
}

/// Takes out of the manifest what would be untrue if this push died after its renames: a record of
/// other content that had the very size and time that the new content has. Whether there was any.
fn withdraw(
    pipeline: &mut Pipeline<'_>,
    staging: &mut Staging,
    manifest: &Manifest,
    source: &Source,
    staged: &[StagedFile<'_>],
) -> Result<bool, Error> {
    let lies = staged.iter().filter(|file| {
        let recorded = manifest.hash_of(&file.planned.path, &file.attributes);
        recorded.is_some_and(|hash| hash != source.files[&file.planned.path].hash)
    });
    let lies: Vec<_> = lies.map(|file| &file.planned.path).collect();
    if lies.is_empty() {
        return Ok(false);
    }
    let mut withdrawn = manifest.clone();
    for path in lies {
        withdrawn.files.remove(path);
    }
    staging.run().clone_into(&mut withdrawn.run);
    let number = staging.next_number();
    let from = staging.name_of(number);
    let created = pipeline.call(Operation::Create(from.clone()))?;
    write_manifest(pipeline, &from, created, &withdrawn.to_json())?;
    Ok(true)
}

/// What came of the renames.
struct Published {
    /// The temporary file for the manifest, which is made meanwhile.
    manifest: Option<Result<Reply, Refusal>>,
    /// What stands under each name now, as far as it was asked in the same breath.
    found: Vec<Option<Attributes>>,
}

#[derive(Clone, Copy)]
enum Step {
    Rename(usize),
    Look(usize),
}

/// Renames all, and looks at each name right after its rename.
fn replace_all(
    pipeline: &mut Pipeline<'_>,
    staging: &Staging,
    staged: &[StagedFile<'_>],
    opened: Ticket,
) -> Result<Published, Error> {
    let mut published = Published { manifest: None, found: vec![None; staged.len()] };
    let mut under_way = HashMap::new();
    let mut refused = None;
    let mut waiting = staged.iter().enumerate();
    loop {
        while refused.is_none()
            && pipeline.has_room(0)
            && let Some((index, file)) = waiting.next()
        {
            let steps = vec![rename(staging, file), Operation::Look(file.planned.path.clone())];
            let tickets = pipeline.submit_in_order(steps);
            let steps = [Step::Rename(index), Step::Look(index)];
            under_way.extend(tickets.into_iter().zip(steps));
        }
        if pipeline.is_idle() {
            break;
        }
        let (ticket, outcome) = pipeline.complete()?;
        if ticket == opened {
            published.manifest = Some(outcome);
            continue;
        }
        match (under_way.remove(&ticket), outcome) {
            (Some(Step::Look(index)), Ok(Reply::Attributes(found))) => {
                published.found[index] = Some(found);
            }
            (Some(Step::Rename(index)), Err(refusal)) => {
                refused.get_or_insert((index, refusal));
            }
            _ => {}
        }
    }
    match refused {
        None => Ok(published),
        Some((index, refusal)) => Err(explain_rename(pipeline, staging, &staged[index], refusal)?),
    }
}

/// Without a rename that replaces, the names that are taken come first: the first of them tells
/// whether the server replaces after all, before anything else is changed.
fn replace_one_by_one(
    pipeline: &mut Pipeline<'_>,
    staging: &Staging,
    staged: &[StagedFile<'_>],
    options: &Options,
) -> Result<(), Error> {
    let (taken, free): (Vec<_>, Vec<_>) =
        staged.iter().partition(|file| file.planned.change == Change::Changed);
    for file in taken {
        match pipeline.call(rename(staging, file))? {
            Ok(_) => continue,
            Err(refusal) if refusal.kind == RefusalKind::Missing => {
                return Err(explain_rename(pipeline, staging, file, refusal)?);
            }
            Err(_) if !options.allow_gap => {
                let location = pipeline.location();
                return Err(Error::NoAtomicReplace { location, path: file.planned.path.clone() });
            }
            Err(_) => {}
        }
        let _removed = pipeline.call(Operation::Remove(file.planned.path.clone()))?;
        if let Err(refusal) = pipeline.call(rename(staging, file))? {
            return Err(explain_rename(pipeline, staging, file, refusal)?);
        }
    }
    for file in free {
        if let Err(refusal) = pipeline.call(rename(staging, file))? {
            return Err(explain_rename(pipeline, staging, file, refusal)?);
        }
    }
    Ok(())
}

fn rename(staging: &Staging, file: &StagedFile<'_>) -> Operation {
    Operation::Replace { from: staging.name_of(file.number), to: file.planned.path.clone() }
}

fn explain_rename(
    pipeline: &mut Pipeline<'_>,
    staging: &Staging,
    file: &StagedFile<'_>,
    refusal: Refusal,
) -> Result<Error, Error> {
    if refusal.kind == RefusalKind::Missing {
        match pipeline.call(Operation::Open(staging.name_of(file.number)))? {
            Ok(Reply::Opened(open)) => drop(pipeline.call(Operation::Close(open))?),
            _ => return Ok(Error::TakenOver { location: pipeline.location() }),
        }
    }
    explain(pipeline, "rename", &file.planned.path, refusal)
}

/// Makes sure that everything that was published stands there with its size.
fn confirm(
    pipeline: &mut Pipeline<'_>,
    staged: &[StagedFile<'_>],
    found: &mut [Option<Attributes>],
) -> Result<(), Error> {
    let whole = |file: &StagedFile<'_>, found: &Option<Attributes>| {
        found.is_some_and(|found| {
            found.kind == Kind::File && found.size_bytes == file.attributes.size_bytes
        })
    };
    // A server may have looked before it renamed: what does not fit is looked at once more.
    let again: Vec<_> =
        (0..staged.len()).filter(|index| !whole(&staged[*index], &found[*index])).collect();
    let looks = again.iter().map(|index| Operation::Look(staged[*index].planned.path.clone()));
    let outcomes = pipeline.batch(looks.collect::<Vec<_>>(), false)?;
    for (index, outcome) in again.into_iter().zip(outcomes) {
        found[index] = match outcome {
            Ok(Reply::Attributes(found)) => Some(found),
            _ => None,
        };
        if !whole(&staged[index], &found[index]) {
            return Err(Error::Incomplete {
                location: pipeline.location(),
                path: staged[index].planned.path.clone(),
                found: found[index].and_then(|found| found.size_bytes),
                expected: staged[index].attributes.size_bytes.unwrap_or(0),
            });
        }
    }
    Ok(())
}

/// Drops records of what is not there any more, and brings up to date those of files that were not
/// uploaded: what was read back counts, and what was recorded while size and time are the same.
/// Whether anything changed.
fn forget_untrue(manifest: &mut Manifest, source: &Source, before: &Remote) -> bool {
    let folders = plan::folders(&source.files);
    let count = manifest.files.len();
    manifest.files.retain(|path, record| match source.files.get(path) {
        None => !is_gone(path, &folders, &before.found),
        Some(file) => {
            record.hash == file.hash
                && before.found.get(path).is_some_and(|found| {
                    found.size_bytes == Some(record.size_bytes)
                        && found.modified_s == Some(record.modified_s)
                })
        }
    });
    let mut changed = manifest.files.len() != count;
    for (path, hash) in &before.read_back {
        let (Some(found), Some(file)) = (before.found.get(path), source.files.get(path)) else {
            continue;
        };
        if *hash == file.hash {
            changed |= record(manifest, path, found, *hash);
        }
    }
    changed
}

/// Whether a record is of a name that is not there, in a folder that was looked at.
fn is_gone(
    path: &RelativePath,
    folders: &BTreeSet<RelativePath>,
    found: &BTreeMap<RelativePath, Attributes>,
) -> bool {
    path.parent().is_some_and(|parent| folders.contains(&parent)) && !found.contains_key(path)
}

/// Records what was uploaded. What changed since it was sent is somebody else's work: the next push
/// reads it back. Whether anything changed.
fn remember(
    manifest: &mut Manifest,
    source: &Source,
    staged: &[StagedFile<'_>],
    found: &[Option<Attributes>],
) -> bool {
    let mut changed = false;
    for (file, found) in staged.iter().zip(found) {
        let path = &file.planned.path;
        changed |= if *found == Some(file.attributes) {
            record(manifest, path, &file.attributes, source.files[path].hash)
        } else {
            manifest.files.remove(path).is_some()
        };
    }
    changed
}

/// Whether this was not recorded yet.
fn record(
    manifest: &mut Manifest,
    path: &RelativePath,
    found: &Attributes,
    hash: ContentHash,
) -> bool {
    let (Some(size_bytes), Some(modified_s)) = (found.size_bytes, found.modified_s) else {
        return false;
    };
    let record = Record { size_bytes, modified_s, hash };
    manifest.files.insert(path.clone(), record) != Some(record)
}

/// Removes the temporary file of a manifest that need not be written.
fn discard(
    pipeline: &mut Pipeline<'_>,
    from: &RelativePath,
    created: &Result<Reply, Refusal>,
) -> Result<(), Error> {
    if let Ok(Reply::Opened(file)) = created {
        let steps = vec![Operation::Close(*file), Operation::Remove(from.clone())];
        let _removed = pipeline.chain(steps)?;
    }
    Ok(())
}

fn write_manifest(
    pipeline: &mut Pipeline<'_>,
    from: &RelativePath,
    created: Result<Reply, Refusal>,
    bytes: &[u8],
) -> Result<(), Error> {
    let to = manifest::path();
    let file = match created {
        Ok(Reply::Opened(file)) => file,
        Ok(_) => return Err(explain(pipeline, "write", &to, odd_reply())?),
        Err(refusal) => return Err(explain(pipeline, "write", &to, refusal)?),
    };
    let size = pipeline.features().max_write_bytes;
    let writes = bytes.chunks(size).enumerate().map(|(index, chunk)| Operation::Write {
        file,
        offset_bytes: (index * size) as u64,
        bytes: chunk.to_vec(),
    });
    let mut writes = writes.collect::<Vec<_>>();
    let last = writes.split_off(writes.len().saturating_sub(4));
    let mut outcomes = pipeline.batch(writes, true)?;
    let end = [Operation::Sync(file), Operation::Close(file)];
    outcomes.extend(pipeline.chain(last.into_iter().chain(end).collect())?);
    if let Some(refusal) = outcomes.into_iter().find_map(Result::err) {
        return Err(explain(pipeline, "write", &to, refusal)?);
    }
    let replace = || Operation::Replace { from: from.clone(), to: to.clone() };
    let mut outcome = pipeline.call(replace())?;
    if outcome.is_err() && !pipeline.features().atomic_replace {
        // No call plays the manifest, so a moment without it harms nobody.
        let _removed = pipeline.call(Operation::Remove(to.clone()))?;
        outcome = pipeline.call(replace())?;
    }
    match outcome {
        Ok(_) => Ok(()),
        Err(refusal) => Err(explain(pipeline, "replace", &to, refusal)?),
    }
}
