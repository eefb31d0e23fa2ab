//! Gives staged files their final names, makes sure that they have them, and remembers it.
//!
//! The only place where something that the PBX plays changes, and each change is one rename of a
//! file that is whole. Must not send content.

use super::{
    Error, Options,
    manifest::{self, Manifest, Record},
    path::RelativePath,
    pipeline::{Pipeline, odd_reply},
    plan,
    source::Source,
    staging::{Staging, explain},
    survey::Survey,
    target::{Attributes, Kind, Operation, Refusal, RefusalKind, Reply, Ticket},
    upload::StagedFile,
};
use std::collections::HashMap;

/// Publishes the staged files and writes the manifest.
pub(super) fn publish(
    pipeline: &mut Pipeline<'_>,
    staging: &mut Staging,
    source: &Source,
    before: &Survey,
    staged: &[StagedFile],
    options: &Options,
) -> Result<(), Error> {
    let mut known = before.written.clone();
    let withdrawn = withdraw(pipeline, staging, &mut known, staged)?;
    let from = staging.next_name();
    let opened = pipeline.submit(Operation::Create(from.clone()));
    let mut published = if pipeline.features().atomic_replace {
        replace_all(pipeline, staged, opened)?
    } else {
        let file = pipeline.complete()?.1;
        replace_one_by_one(pipeline, staged, options)?;
        Published { manifest: Some(file), found: vec![None; staged.len()] }
    };
    confirm(pipeline, staged, &mut published.found)?;
    let seen: Vec<_> = staged.iter().zip(published.found).collect();
    let mut manifest = manifest_after(source, before, &seen, known);
    let created = published.manifest.unwrap_or(Err(odd_reply()));
    if !withdrawn && before.manifest_bytes.is_some() && manifest.files == before.written.files {
        return discard(pipeline, &from, created);
    }
    staging.run().clone_into(&mut manifest.run);
    write_manifest(pipeline, from, created, &manifest.to_json())
}

/// What the manifest would be if nothing were uploaded.
pub(super) fn manifest_of(source: &Source, survey: &Survey) -> Manifest {
    manifest_after(source, survey, &[], survey.written.clone())
}

/// Takes out of the manifest what would be untrue if this push died after its renames: a record of
/// other content that had the very size and time that the new content has. Whether there was any.
fn withdraw(
    pipeline: &mut Pipeline<'_>,
    staging: &mut Staging,
    known: &mut Manifest,
    staged: &[StagedFile],
) -> Result<bool, Error> {
    let before = known.files.len();
    for file in staged {
        let recorded = known.hash_of(&file.path, &file.attributes);
        if recorded.is_some_and(|hash| hash != file.hash) {
            known.files.remove(&file.path);
        }
    }
    if known.files.len() == before {
        return Ok(false);
    }
    let withdrawn = Manifest { run: staging.run().to_owned(), ..known.clone() };
    let from = staging.next_name();
    let created = pipeline.call(Operation::Create(from.clone()))?;
    write_manifest(pipeline, from, created, &withdrawn.to_json())?;
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
    staged: &[StagedFile],
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
            let steps = vec![rename(file), Operation::Look(file.path.clone())];
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
        Some((index, refusal)) => Err(explain_rename(pipeline, &staged[index], refusal)?),
    }
}

/// Without a rename that replaces, the names that are taken come first: the first of them tells
/// whether the server replaces after all, before anything else is changed.
fn replace_one_by_one(
    pipeline: &mut Pipeline<'_>,
    staged: &[StagedFile],
    options: &Options,
) -> Result<(), Error> {
    let (taken, free): (Vec<_>, Vec<_>) = staged.iter().partition(|file| file.replaces);
    for file in taken {
        match pipeline.call(rename(file))? {
            Ok(_) => continue,
            Err(refusal) if refusal.kind == RefusalKind::Missing => {
                return Err(explain_rename(pipeline, file, refusal)?);
            }
            Err(_) if !options.allow_gap => {
                let location = pipeline.location();
                return Err(Error::NoAtomicReplace { location, path: file.path.clone() });
            }
            Err(_) => {}
        }
        let _removed = pipeline.call(Operation::Remove(file.path.clone()))?;
        if let Err(refusal) = pipeline.call(rename(file))? {
            return Err(explain_rename(pipeline, file, refusal)?);
        }
    }
    for file in free {
        if let Err(refusal) = pipeline.call(rename(file))? {
            return Err(explain_rename(pipeline, file, refusal)?);
        }
    }
    Ok(())
}

fn rename(file: &StagedFile) -> Operation {
    Operation::Replace { from: file.staged.clone(), to: file.path.clone() }
}

fn explain_rename(
    pipeline: &mut Pipeline<'_>,
    file: &StagedFile,
    refusal: Refusal,
) -> Result<Error, Error> {
    if refusal.kind == RefusalKind::Missing {
        match pipeline.call(Operation::Open(file.staged.clone()))? {
            Ok(Reply::Opened(open)) => drop(pipeline.call(Operation::Close(open))?),
            _ => return Ok(Error::TakenOver { location: pipeline.location() }),
        }
    }
    explain(pipeline, "rename", &file.path, refusal)
}

/// Makes sure that everything that was published stands there with its size.
fn confirm(
    pipeline: &mut Pipeline<'_>,
    staged: &[StagedFile],
    found: &mut [Option<Attributes>],
) -> Result<(), Error> {
    let whole = |file: &StagedFile, found: &Option<Attributes>| {
        found.is_some_and(|found| {
            found.kind == Kind::File && found.size_bytes == file.attributes.size_bytes
        })
    };
    // A server may have looked before it renamed: what does not fit is looked at once more.
    let again: Vec<_> =
        (0..staged.len()).filter(|index| !whole(&staged[*index], &found[*index])).collect();
    let looks = again.iter().map(|index| Operation::Look(staged[*index].path.clone()));
    let outcomes = pipeline.batch(looks.collect::<Vec<_>>(), false)?;
    for (index, outcome) in again.into_iter().zip(outcomes) {
        found[index] = match outcome {
            Ok(Reply::Attributes(found)) => Some(found),
            _ => None,
        };
        if !whole(&staged[index], &found[index]) {
            return Err(Error::Incomplete {
                location: pipeline.location(),
                path: staged[index].path.clone(),
                found: found[index].and_then(|found| found.size_bytes),
                expected: staged[index].attributes.size_bytes.unwrap_or(0),
            });
        }
    }
    Ok(())
}

/// What is known now: only what this push saw itself, and what others recorded of names that it
/// does not have. `seen` are the files that were published, and what stands under their names.
fn manifest_after(
    source: &Source,
    before: &Survey,
    seen: &[(&StagedFile, Option<Attributes>)],
    mut known: Manifest,
) -> Manifest {
    let folders = plan::folders(&source.files);
    known.files.retain(|path, _| {
        let listed = path.parent().is_some_and(|parent| folders.contains(&parent));
        !source.files.contains_key(path) && (!listed || before.remote.found.contains_key(path))
    });
    let kept = source
        .files
        .iter()
        .filter_map(|(path, file)| Some((path, *before.remote.found.get(path)?, file.hash)));
    let kept = kept.filter(|(path, found, hash)| {
        let read_back = before.remote.read_back.get(*path).copied();
        found.kind == Kind::File
            && read_back.or_else(|| before.remote.manifest.hash_of(path, found)) == Some(*hash)
    });
    // What changed since it was sent is somebody else's work: the next push reads it back.
    let uploaded = seen
        .iter()
        .filter(|(file, found)| *found == Some(file.attributes))
        .map(|(file, _)| (&file.path, file.attributes, file.hash));
    // What was uploaded comes last: it stands in the place of what was there before.
    for (path, seen, hash) in kept.chain(uploaded) {
        if let (Some(size_bytes), Some(modified_s)) = (seen.size_bytes, seen.modified_s) {
            known.files.insert(path.clone(), Record { size_bytes, modified_s, hash });
        }
    }
    known
}

/// Removes the temporary file of a manifest that need not be written.
fn discard(
    pipeline: &mut Pipeline<'_>,
    from: &RelativePath,
    created: Result<Reply, Refusal>,
) -> Result<(), Error> {
    if let Ok(Reply::Opened(file)) = created {
        let steps = vec![Operation::Close(file), Operation::Remove(from.clone())];
        let _removed = pipeline.chain(steps)?;
    }
    Ok(())
}

fn write_manifest(
    pipeline: &mut Pipeline<'_>,
    from: RelativePath,
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
