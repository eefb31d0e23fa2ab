//! What is written into the manifest when a push ends, and how it gets there.
//!
//! Must not give anything its name but the manifest.

use super::{
    Error,
    manifest::{self, Chunks, Manifest, Record},
    path::RelativePath,
    pipeline::{Pipeline, odd_reply},
    publish::Published,
    source::{ContentHash, Source},
    staging::{Staging, explain},
    survey::Survey,
    target::{Attributes, Handle, Operation, Refusal, Reply, Ticket},
};
use std::sync::Arc;

/// The file that the manifest is to be written to.
pub(super) enum Blank {
    /// None yet, or it cannot be made.
    None,
    /// It is being made.
    Opening(Ticket, RelativePath),
    /// It is open.
    Open(RelativePath, Handle),
}

impl Blank {
    /// Takes an answer; false if it answers somebody else. A refusal is told when the file is made
    /// again.
    pub(super) fn advance(&mut self, ticket: Ticket, outcome: &Result<Reply, Refusal>) -> bool {
        match std::mem::replace(self, Self::None) {
            Self::Opening(mine, name) if mine == ticket => {
                if let Ok(Reply::Opened(file)) = outcome {
                    *self = Self::Open(name, *file);
                }
                true
            }
            other => {
                *self = other;
                false
            }
        }
    }

    pub(super) fn take(&mut self) -> Option<(RelativePath, Handle)> {
        match std::mem::replace(self, Self::None) {
            Self::Open(name, file) => Some((name, file)),
            _ => None,
        }
    }
}

/// Whether the target's manifest says all that would be written to it if nothing were uploaded.
pub(super) fn is_remembered(source: &Source, survey: &Survey) -> bool {
    let now = |path: &RelativePath| survey.remote.found.get(path).copied();
    if !Arc::ptr_eq(&survey.written, &survey.remote.manifest) {
        return is_written(survey, &manifest_after(source, survey, std::iter::empty(), &now));
    }
    // Compared one by one: a second manifest would be much of the memory.
    let is_read = !survey.manifest_head.is_empty() && survey.distrust.is_none();
    let mut count = 0;
    let mut is_same = |(path, record): (RelativePath, Record)| {
        count += 1;
        survey.written.files.get(&path) == Some(&record)
    };
    let others = others(source, survey, &now).map(|(path, record)| (path.clone(), *record));
    let same = others.chain(kept(source, survey, &now)).all(&mut is_same);
    is_read && same && count == survey.written.files.len()
}

pub(super) fn is_written(survey: &Survey, manifest: &Manifest) -> bool {
    let is_read = !survey.manifest_head.is_empty() && survey.distrust.is_none();
    is_read && survey.written.files == manifest.files
}

/// What is known of a file that a push put there; nothing if the target does not say its time.
pub(super) fn record(attributes: Attributes, hash: ContentHash) -> Option<Record> {
    let Attributes { size_bytes, modified_s, .. } = attributes;
    Some(Record { size_bytes: size_bytes?, modified_s: modified_s?, hash, put: true })
}

/// What is known now: what this push saw itself, and what others recorded of names that the source
/// does not have and that are still there.
pub(super) fn manifest_after<'p>(
    source: &Source,
    before: &Survey,
    published: impl Iterator<Item = &'p Published>,
    now: &dyn Fn(&RelativePath) -> Option<Attributes>,
) -> Manifest {
    let known = others(source, before, now).map(|(path, record)| (path.clone(), *record));
    let mut known = Manifest { files: known.collect(), ..Manifest::default() };
    // What was uploaded comes last: it stands in the place of what was there before.
    let uploaded =
        published.filter_map(|file| Some((file.path.clone(), record(file.attributes, file.hash)?)));
    let records = kept(source, before, now).chain(uploaded);
    if known.files.is_empty() {
        // A map that is made of all of them at once takes half the memory.
        known.files = records.collect();
    } else {
        known.files.extend(records);
    }
    known
}

/// Records of names that the source does not have and that are still there. What was read last
/// follows what was written long ago, and goes before it.
fn others<'a>(
    source: &'a Source,
    before: &'a Survey,
    now: &'a dyn Fn(&RelativePath) -> Option<Attributes>,
) -> impl Iterator<Item = (&'a RelativePath, &'a Record)> {
    let Survey { remote, written, .. } = before;
    let read_since = Some(&remote.manifest).filter(|manifest| !Arc::ptr_eq(manifest, written));
    let read_since = read_since.into_iter().flat_map(|manifest| &manifest.files);
    let all = written.files.iter().chain(read_since);
    all.filter(|(path, _)| !source.files.contains_key(*path) && now(path).is_some())
}

/// Records of files that the target has as the source has them.
fn kept<'a>(
    source: &'a Source,
    before: &'a Survey,
    now: &'a dyn Fn(&RelativePath) -> Option<Attributes>,
) -> impl Iterator<Item = (RelativePath, Record)> + 'a {
    let Survey { remote, written, .. } = before;
    let was_put = |path: &RelativePath, hash: &ContentHash| {
        let records = [&remote.manifest, written].map(|manifest| manifest.files.get(path));
        records.into_iter().flatten().any(|record| record.put && record.hash == *hash)
    };
    source.files.iter().filter_map(move |(path, file)| {
        let found = *remote.found.get(path)?;
        let content = remote.read_back.get(path).copied();
        let content = content.or_else(|| remote.manifest.hash_of(path, &found))?;
        // Whatever changed since it was seen is somebody else's work: the next push reads it back.
        let stands = content == file.hash && now(path) == Some(found);
        let record = stands.then(|| record(found, content)).flatten()?;
        Some((path.clone(), Record { put: was_put(path, &content), ..record }))
    })
}

/// Writes the manifest, at any time.
pub(super) fn write_manifest(
    pipeline: &mut Pipeline<'_>,
    staging: &mut Staging,
    manifest: Manifest,
) -> Result<(), Error> {
    let blank = make(pipeline, staging)?;
    send(pipeline, staging, manifest, &blank)?;
    replace(pipeline, &blank.0)
}

/// Writes the manifest when all else is done, to a file that may have been made before. It gets its
/// name when the staging folder is given up, if the server replaces in one step.
pub(super) fn write_last_manifest(
    pipeline: &mut Pipeline<'_>,
    staging: &mut Staging,
    manifest: Manifest,
    blank: Option<(RelativePath, Handle)>,
) -> Result<(), Error> {
    let blank = match blank {
        Some(blank) => blank,
        None => make(pipeline, staging)?,
    };
    let held = send(pipeline, staging, manifest, &blank)?;
    if !held || !pipeline.features().atomic_replace {
        return replace(pipeline, &blank.0);
    }
    staging.end_with(blank.0);
    Ok(())
}

/// Makes a file in the staging folder for it.
fn make(
    pipeline: &mut Pipeline<'_>,
    staging: &mut Staging,
) -> Result<(RelativePath, Handle), Error> {
    let (from, to) = (staging.next_name(), manifest::path());
    match pipeline.call(Operation::Create(from.clone()))? {
        Ok(Reply::Opened(file)) => Ok((from, file)),
        Ok(_) => Err(explain(pipeline, "write", &to, odd_reply())?),
        Err(refusal) => Err(explain(pipeline, "write", &to, refusal)?),
    }
}

/// Sends the text: whether the file was seen in the staging folder, which only this push's has.
fn send(
    pipeline: &mut Pipeline<'_>,
    staging: &Staging,
    mut manifest: Manifest,
    (from, file): &(RelativePath, Handle),
) -> Result<bool, Error> {
    staging.run().clone_into(&mut manifest.run);
    let (file, size) = (*file, pipeline.features().max_write_bytes);
    let writes = Chunks::new(manifest.lines(), size).enumerate().map(|(index, bytes)| {
        Operation::Write { file, offset_bytes: (index * size) as u64, bytes }
    });
    let look = std::iter::once(Operation::Look(from.clone()));
    let end = [Operation::Sync(file), Operation::Close(file)];
    let mut outcomes = pipeline.batch(look.chain(writes).chain(end), false)?;
    let seen = outcomes.remove(0).is_ok();
    match outcomes.into_iter().find_map(Result::err) {
        Some(refusal) => Err(explain(pipeline, "write", &manifest::path(), refusal)?),
        None => Ok(seen),
    }
}

fn replace(pipeline: &mut Pipeline<'_>, from: &RelativePath) -> Result<(), Error> {
    let to = manifest::path();
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
