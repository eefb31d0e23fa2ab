//! Looks at names right after files got them: does each have what was put there?
//!
//! Must not change anything.

use super::{
    Error,
    path::RelativePath,
    pipeline::{self, Pipeline},
    publish::Published,
    target::{Attributes, Kind, Operation, Refusal, RefusalKind, Reply, Ticket},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What was seen under the names of files that were published.
#[derive(Default)]
pub(super) struct Looks {
    /// Looks under way, with what should stand there.
    under_way: HashMap<Ticket, (RelativePath, Attributes)>,
    /// Names under which a look found something else, or nothing: a server may have looked before
    /// it renamed.
    doubtful: BTreeSet<RelativePath>,
    /// What stood under these names when they were looked at again.
    seen: BTreeMap<RelativePath, Attributes>,
}

impl Looks {
    /// A look was begun.
    pub(super) fn begin(&mut self, ticket: Ticket, path: RelativePath, expected: Attributes) {
        self.under_way.insert(ticket, (path, expected));
    }

    /// Nobody looked at a name yet.
    pub(super) fn doubt(&mut self, path: RelativePath) {
        self.doubtful.insert(path);
    }

    /// Takes an answer; false if it answers somebody else.
    pub(super) fn advance(&mut self, ticket: Ticket, outcome: &Result<Reply, Refusal>) -> bool {
        let Some((path, expected)) = self.under_way.remove(&ticket) else { return false };
        if *outcome != Ok(Reply::Attributes(expected)) {
            self.doubtful.insert(path);
        }
        true
    }

    /// Whether a file stands under its name as it was put there, as far as was seen.
    pub(super) fn stands(&self, file: &Published) -> bool {
        !self.doubtful.contains(&file.path) || self.seen.get(&file.path) == Some(&file.attributes)
    }

    /// Makes sure that everything that was published stands there with its size.
    pub(super) fn confirm(
        &mut self,
        pipeline: &mut Pipeline<'_>,
        published: &[Published],
    ) -> Result<(), Error> {
        let paths: Vec<_> = self.doubtful.iter().cloned().collect();
        let looks = paths.iter().cloned().map(Operation::Look);
        let outcomes = pipeline.batch(looks.collect::<Vec<_>>(), false)?;
        let mut folders = BTreeSet::new();
        for (path, outcome) in paths.into_iter().zip(outcomes) {
            match outcome {
                Ok(Reply::Attributes(found)) => drop(self.seen.insert(path, found)),
                Err(refusal) if refusal.kind == RefusalKind::Unsupported => {
                    folders.extend(path.parent());
                }
                _ => {}
            }
        }
        self.look_in(pipeline, &folders)?;
        for file in published.iter().filter(|file| self.doubtful.contains(&file.path)) {
            let found = self.seen.get(&file.path);
            let size = found.and_then(|found| found.size_bytes);
            let is_file = found.is_some_and(|found| found.kind == Kind::File);
            if !is_file || size != file.attributes.size_bytes {
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

    /// Finds what was published in listings, on a server that does not look at single names.
    fn look_in(
        &mut self,
        pipeline: &mut Pipeline<'_>,
        folders: &BTreeSet<RelativePath>,
    ) -> Result<(), Error> {
        let lists = folders.iter().cloned().map(Operation::List);
        let outcomes = pipeline.batch(lists.collect::<Vec<_>>(), false)?;
        for (folder, outcome) in folders.iter().zip(outcomes) {
            for entry in outcome.map(pipeline::entries).unwrap_or_default() {
                if let Ok(path) = folder.join(&entry.name) {
                    self.seen.insert(path, entry.attributes);
                }
            }
        }
        Ok(())
    }
}
