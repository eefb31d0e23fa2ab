//! Files that an earlier push put on a target and that the source no longer has: found, proven,
//! deleted.
//!
//! The only place where a file with a final name is deleted. Must not delete what it was not told,
//! nor what changed since it was looked at.

use super::{
    Error, Event, Observer,
    path::RelativePath,
    pipeline::{self, Pipeline},
    staging::explain,
    survey::Survey,
    target::{Kind, Operation, RefusalKind},
};
use std::collections::BTreeSet;

/// Lists the folders that hold nothing of the source, but files that the manifest knows.
pub(super) fn list_folders(pipeline: &mut Pipeline<'_>, survey: &mut Survey) -> Result<(), Error> {
    let mut waiting = folders_not_listed(survey);
    loop {
        let is_there = |folder: &RelativePath| {
            survey.remote.found.get(folder).is_some_and(|found| found.kind == Kind::Folder)
        };
        let level: Vec<_> = waiting.iter().filter(|folder| is_there(folder)).cloned().collect();
        if level.is_empty() {
            return Ok(());
        }
        waiting.retain(|folder| !level.contains(folder));
        let outcomes = pipeline.batch(level.iter().cloned().map(Operation::List), false)?;
        for (folder, outcome) in level.iter().zip(outcomes) {
            // Of a folder that may not be read nothing is known, and nothing is deleted.
            let entries = outcome.map(pipeline::entries).unwrap_or_default();
            survey.take(folder, entries, &|path| path);
        }
    }
}

/// The folders of recorded files that were not found, and those above them, unless they were listed.
fn folders_not_listed(survey: &Survey) -> BTreeSet<RelativePath> {
    let found = &survey.remote.found;
    let listed: BTreeSet<_> = found.keys().filter_map(RelativePath::parent).collect();
    let missing = survey.remote.manifest.files.keys().filter(|path| !found.contains_key(*path));
    let mut folders = BTreeSet::new();
    for path in missing {
        let above = std::iter::successors(path.parent(), RelativePath::parent);
        folders.extend(above.take_while(|folder| !folder.as_bytes().is_empty()));
    }
    folders.retain(|folder| !listed.contains(folder));
    folders
}

/// Deletes stale files that are as they were when their content was proven; adds those that are
/// gone then to `deleted`.
pub(super) fn delete(
    pipeline: &mut Pipeline<'_>,
    stale: &[RelativePath],
    proven: &Survey,
    now: &Survey,
    deleted: &mut Vec<RelativePath>,
    observer: Observer<'_>,
) -> Result<(), Error> {
    let found = |survey: &Survey, path: &RelativePath| survey.remote.found.get(path).copied();
    let same = |path: &&RelativePath| found(proven, path) == found(now, path);
    let paths: Vec<_> = stale.iter().filter(same).cloned().collect();
    let outcomes = pipeline.batch(paths.iter().cloned().map(Operation::Remove), true)?;
    for (path, outcome) in paths.into_iter().zip(outcomes) {
        match outcome {
            Err(refusal) if refusal.kind != RefusalKind::Missing => {
                return Err(explain(pipeline, "delete", &path, refusal)?);
            }
            _ => {
                observer(Event::Deleted { path: &path });
                deleted.push(path);
            }
        }
    }
    Ok(())
}
