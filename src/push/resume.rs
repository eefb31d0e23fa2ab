//! Staged files of a connection that was lost, taken over by the next connection of the same push.
//!
//! Only files whose every byte was acknowledged come here. They stand in the staging folder that was
//! taken from the lost connection, out of reach of whatever is still on its way from it. Must not
//! trust what a dead push of another process left.

use super::{
    Error,
    path::RelativePath,
    pipeline::Pipeline,
    staging::{self, Staging},
    target::{Attributes, Operation},
    upload::StagedFile,
};
use std::collections::HashMap;

/// Moves files that were staged over an earlier connection into the staging folder that is held
/// now; gives those that are there, with their new names.
pub(super) fn take_over(
    pipeline: &mut Pipeline<'_>,
    staging: &mut Staging,
    staged: Vec<StagedFile>,
) -> Result<Vec<StagedFile>, Error> {
    if staged.is_empty() {
        return Ok(staged);
    }
    let found = standing(pipeline)?;
    let mut moves = Vec::new();
    let mut files = Vec::new();
    for mut file in staged {
        let Some((from, attributes)) = found.get(file.staged.name()) else { continue };
        if *attributes != file.attributes {
            continue;
        }
        file.staged = staging.next_name();
        moves.push(Operation::Replace { from: from.clone(), to: file.staged.clone() });
        files.push(file);
    }
    let outcomes = pipeline.batch(moves, false)?;
    Ok(files.into_iter().zip(outcomes).filter(|(_, done)| done.is_ok()).map(|(f, _)| f).collect())
}

/// What stands in the folders that were taken from dead pushes, by its last name.
fn standing(
    pipeline: &mut Pipeline<'_>,
) -> Result<HashMap<Vec<u8>, (RelativePath, Attributes)>, Error> {
    let mut found = HashMap::new();
    for folder in staging::ended(pipeline)? {
        for entry in pipeline.list(&folder)?.unwrap_or_default() {
            if let Ok(path) = folder.join(&entry.name) {
                found.insert(entry.name, (path, entry.attributes));
            }
        }
    }
    Ok(found)
}
