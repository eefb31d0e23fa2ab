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
    survey::{self, Survey},
    target::{Kind, Operation, Refusal, RefusalKind, Reply},
    upload::StagedFile,
};

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
    withdraw(pipeline, staging, &mut known, staged)?;
    if pipeline.features().atomic_replace {
        replace_all(pipeline, staged)?;
    } else {
        replace_one_by_one(pipeline, staged, options)?;
    }
    let after = survey::survey(pipeline, &source.files)?;
    confirm(pipeline, staged, &after)?;
    let manifest = manifest_after(source, before, staged, &after, known);
    let bytes = manifest.to_json();
    if after.manifest_bytes.as_deref() == Some(&bytes[..]) {
        return Ok(());
    }
    write_manifest(pipeline, staging, &bytes)
}

/// What the manifest would be if nothing were uploaded.
pub(super) fn manifest_of(source: &Source, survey: &Survey) -> Manifest {
    manifest_after(source, survey, &[], survey, survey.written.clone())
}

/// Takes out of the manifest what is about to stop being true, before it does: a push that dies in
/// the middle must not leave a record behind that other content could be taken for.
fn withdraw(
    pipeline: &mut Pipeline<'_>,
    staging: &mut Staging,
    known: &mut Manifest,
    staged: &[StagedFile],
) -> Result<(), Error> {
    let before = known.files.len();
    for file in staged {
        known.files.remove(&file.path);
    }
    if known.files.len() == before {
        return Ok(());
    }
    write_manifest(pipeline, staging, &known.to_json())
}

fn replace_all(pipeline: &mut Pipeline<'_>, staged: &[StagedFile]) -> Result<(), Error> {
    let renames = staged.iter().map(rename).collect::<Vec<_>>();
    let outcomes = pipeline.batch(renames, true)?;
    for (file, outcome) in staged.iter().zip(outcomes) {
        if let Err(refusal) = outcome {
            return Err(explain_rename(pipeline, file, refusal)?);
        }
    }
    Ok(())
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

/// Looks whether everything that was published stands there with its size.
fn confirm(pipeline: &Pipeline<'_>, staged: &[StagedFile], after: &Survey) -> Result<(), Error> {
    for file in staged {
        let found = after.remote.found.get(&file.path);
        let size = found.and_then(|found| found.size_bytes);
        if found.is_none_or(|found| found.kind != Kind::File) || size != file.attributes.size_bytes
        {
            return Err(Error::Incomplete {
                location: pipeline.location(),
                path: file.path.clone(),
                found: size,
                expected: file.attributes.size_bytes.unwrap_or(0),
            });
        }
    }
    Ok(())
}

/// What is known now: only what this push saw itself, and what others recorded of names that it
/// does not have.
fn manifest_after(
    source: &Source,
    before: &Survey,
    staged: &[StagedFile],
    after: &Survey,
    mut known: Manifest,
) -> Manifest {
    let folders = plan::folders(&source.files);
    known.files.retain(|path, _| {
        let listed = path.parent().is_some_and(|parent| folders.contains(&parent));
        !source.files.contains_key(path) && (!listed || after.remote.found.contains_key(path))
    });
    let uploaded = staged.iter().map(|file| (&file.path, file.attributes, file.hash));
    let kept = source
        .files
        .iter()
        .filter_map(|(path, file)| Some((path, *before.remote.found.get(path)?, file.hash)));
    let kept = kept.filter(|(path, found, hash)| {
        let read_back = before.remote.read_back.get(*path).copied();
        read_back.or_else(|| before.remote.manifest.hash_of(path, found)) == Some(*hash)
    });
    // What was uploaded comes last: it stands in the place of what was there before.
    for (path, seen, hash) in kept.chain(uploaded) {
        // Whatever changed since it was seen is somebody else's work: the next push reads it back.
        if after.remote.found.get(path) == Some(&seen)
            && let (Some(size_bytes), Some(modified_s)) = (seen.size_bytes, seen.modified_s)
        {
            known.files.insert(path.clone(), Record { size_bytes, modified_s, hash });
        }
    }
    known
}

fn write_manifest(
    pipeline: &mut Pipeline<'_>,
    staging: &mut Staging,
    bytes: &[u8],
) -> Result<(), Error> {
    let to = RelativePath::root().join(manifest::FILE_NAME).expect("the name is a constant");
    let from = staging.next_name();
    let file = match pipeline.call(Operation::Create(from.clone()))? {
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
    let writes = writes.collect::<Vec<_>>();
    let mut outcomes = pipeline.batch(writes, true)?;
    outcomes.extend(pipeline.batch([Operation::Sync(file), Operation::Close(file)], false)?);
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
