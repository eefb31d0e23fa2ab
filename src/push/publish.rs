//! Gives staged files their final names, and remembers what it gave.
//!
//! The only place where something that the PBX plays changes: each change is one rename of a file
//! that is whole. A file is published as soon as it is staged, or with all others at the end; a
//! file whose old record could be taken for one of the new content always waits for the end. Must
//! not send content.

use super::{
    Error, Event, Observer, Options, Progress,
    journal::Journal,
    manifest::{self, Manifest, Record},
    path::RelativePath,
    pipeline::{self, Pipeline, odd_reply},
    plan::{Change, Plan},
    source::{ContentHash, Source},
    staging::{Staging, explain},
    survey::Survey,
    target::{Attributes, Kind, Operation, Refusal, RefusalKind, Reply, Ticket},
    upload::StagedFile,
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    time::Duration,
};

/// How long publishing together may take, whatever is interrupted: with the first name changed, the
/// fastest way to a whole set is forwards.
const TOGETHER_LIMIT: Duration = Duration::from_mins(10);

/// Publishes the files of one connection.
pub(super) struct Publisher<'a> {
    before: &'a Survey,
    options: &'a Options,
    observer: Observer<'a>,
    replaces_any: bool,
    journal: Journal,
    /// Staged files that wait for the end.
    held: Vec<StagedFile>,
    renaming: HashMap<Ticket, StagedFile>,
    /// Looks at names right after their renames.
    looking: HashMap<Ticket, RelativePath>,
    /// What stood under the names then.
    seen: BTreeMap<RelativePath, Attributes>,
    published: Vec<Published>,
    /// Names whose records were taken out of the manifest.
    withdrawn: BTreeSet<RelativePath>,
}

/// A file that got its final name.
pub(super) struct Published {
    path: RelativePath,
    attributes: Attributes,
    hash: ContentHash,
}

impl<'a> Publisher<'a> {
    /// Publishes to a target on which `before` was found.
    pub(super) fn new(
        before: &'a Survey,
        plan: &Plan,
        journal: Journal,
        options: &'a Options,
        observer: Observer<'a>,
    ) -> Self {
        Self {
            before,
            options,
            observer,
            replaces_any: plan.count(Change::Changed) > 0,
            journal,
            held: Vec::new(),
            renaming: HashMap::new(),
            looking: HashMap::new(),
            seen: BTreeMap::new(),
            published: Vec::new(),
            withdrawn: BTreeSet::new(),
        }
    }

    /// Begins the journal.
    pub(super) fn begin(&mut self, pipeline: &mut Pipeline<'_>) {
        self.journal.begin(pipeline);
    }

    /// Takes a file that is staged whole: publishes it now, or holds it for the end.
    pub(super) fn take(&mut self, pipeline: &mut Pipeline<'_>, file: StagedFile) {
        // A server that may refuse to replace is asked before anything is changed.
        let in_one_step = pipeline.features().atomic_replace || !self.replaces_any;
        if self.options.together || !in_one_step || self.is_confusable(&file) {
            self.held.push(file);
        } else {
            self.rename(pipeline, file);
        }
    }

    /// Takes an answer to an operation of the publisher's own.
    pub(super) fn advance(
        &mut self,
        pipeline: &mut Pipeline<'_>,
        ticket: Ticket,
        outcome: Result<Reply, Refusal>,
    ) -> Result<(), Error> {
        if self.journal.advance(pipeline, ticket, &outcome) {
            return Ok(());
        }
        if self.saw(ticket, &outcome) {
            return Ok(());
        }
        let Some(file) = self.renaming.remove(&ticket) else { return Ok(()) };
        match outcome {
            Ok(_) => self.note(file),
            Err(refusal) => {
                self.settle(pipeline)?;
                let error = explain_rename(pipeline, &file, refusal);
                self.held.push(file);
                return Err(error?);
            }
        }
        Ok(())
    }

    /// Waits for all that is under way and notes what was published of it.
    pub(super) fn settle(&mut self, pipeline: &mut Pipeline<'_>) -> Result<(), Error> {
        while !pipeline.is_idle() {
            let (ticket, outcome) = pipeline.complete()?;
            if self.saw(ticket, &outcome) {
                continue;
            }
            match (self.renaming.remove(&ticket), outcome) {
                (Some(file), Ok(_)) => self.note(file),
                (Some(file), Err(_)) => self.held.push(file),
                (None, Ok(Reply::Opened(file))) => {
                    pipeline.submit(Operation::Close(file));
                }
                (None, _) => {}
            }
        }
        Ok(())
    }

    /// Publishes what waits for the end.
    pub(super) fn finish(
        &mut self,
        pipeline: &mut Pipeline<'_>,
        staging: &mut Staging,
    ) -> Result<(), Error> {
        self.withdraw(pipeline, staging)?;
        if self.options.together && !self.held.is_empty() {
            pipeline.begin_cleanup(TOGETHER_LIMIT);
        }
        if pipeline.features().atomic_replace {
            self.rename_held(pipeline)
        } else {
            self.rename_one_by_one(pipeline)
        }
    }

    /// Makes sure that everything that was published stands there with its size.
    pub(super) fn confirm(&mut self, pipeline: &mut Pipeline<'_>) -> Result<(), Error> {
        // A server may have looked before it renamed: what does not fit is looked at once more.
        let doubtful = |file: &&Published| self.seen.get(&file.path) != Some(&file.attributes);
        let doubtful = self.published.iter().filter(doubtful);
        let paths: Vec<_> = doubtful.map(|file| file.path.clone()).collect();
        let looks = paths.iter().cloned().map(Operation::Look);
        let outcomes = pipeline.batch(looks.collect::<Vec<_>>(), false)?;
        let mut folders = BTreeSet::new();
        for (path, outcome) in paths.into_iter().zip(outcomes) {
            self.seen.remove(&path);
            match outcome {
                Ok(Reply::Attributes(found)) => drop(self.seen.insert(path, found)),
                Err(refusal) if refusal.kind == RefusalKind::Unsupported => {
                    folders.extend(path.parent());
                }
                _ => {}
            }
        }
        self.look_in(pipeline, &folders)?;
        for file in &self.published {
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

    /// Writes down what is known now, after a push that did everything; `gone` is what it deleted.
    pub(super) fn remember(
        &self,
        pipeline: &mut Pipeline<'_>,
        staging: &mut Staging,
        source: &Source,
        gone: &[RelativePath],
    ) -> Result<(), Error> {
        let found = &self.before.remote.found;
        let gone: BTreeSet<_> = gone.iter().collect();
        let now = |path: &RelativePath| {
            let seen = self.seen.get(path).or_else(|| found.get(path));
            seen.filter(|_| !gone.contains(path)).copied()
        };
        let manifest = manifest_after(source, self.before, &self.published, &now);
        if self.withdrawn.is_empty() && is_written(self.before, &manifest) {
            return Ok(());
        }
        write_manifest(pipeline, staging, manifest)
    }

    /// After a failure: clears what was staged and writes down what was published before.
    pub(super) fn rescue(
        &mut self,
        pipeline: &mut Pipeline<'_>,
        staging: &mut Staging,
    ) -> Result<(), Error> {
        self.settle(pipeline)?;
        if self.published.is_empty() {
            return Ok(());
        }
        // On a full disk this makes the room that the manifest needs.
        staging.empty(pipeline)?;
        let mut known = self.known();
        let published = self.published.iter();
        let records = published.filter_map(|file| Some((file.path.clone(), file.record()?)));
        known.files.extend(records);
        write_manifest(pipeline, staging, known)
    }

    /// How many files got their final names over this connection.
    pub(super) fn published(&self) -> usize {
        self.published.len()
    }

    /// After the connection was lost: what the next one can go on with.
    pub(super) fn hand_over(self, progress: &mut Progress) {
        for file in &self.published {
            if let Some(record) = file.record() {
                progress.records.insert(file.path.clone(), record);
            }
        }
        // What was being renamed is there or not. If it would look like what was there before, only
        // reading it back can tell.
        for file in self.renaming.values() {
            let found = self.before.remote.found.get(&file.path);
            if let Some(record) = record(file.attributes, file.hash)
                && !found.is_some_and(|found| record.fits(found))
            {
                progress.records.insert(file.path.clone(), record);
            }
        }
        progress.staged = self.held;
        progress.staged.extend(self.renaming.into_values());
    }

    /// Whether the manifest on the target would take the new file for the old one.
    fn is_confusable(&self, file: &StagedFile) -> bool {
        let record = self.before.written.files.get(&file.path);
        record.is_some_and(|record| record.hash != file.hash && record.fits(&file.attributes))
    }

    /// What the manifest on the target says now.
    fn known(&self) -> Manifest {
        let files = self.before.written.files.iter();
        let files = files.filter(|(path, _)| !self.withdrawn.contains(path));
        let files = files.map(|(path, record)| (path.clone(), *record)).collect();
        Manifest { files, ..Manifest::default() }
    }

    /// Takes out of the manifest what is about to stop being true, before it does: a push that dies
    /// in the middle must not leave a record behind that other content could be taken for.
    fn withdraw(
        &mut self,
        pipeline: &mut Pipeline<'_>,
        staging: &mut Staging,
    ) -> Result<(), Error> {
        let confusable = self.held.iter().filter(|file| self.is_confusable(file));
        self.withdrawn = confusable.map(|file| file.path.clone()).collect();
        if self.withdrawn.is_empty() {
            return Ok(());
        }
        write_manifest(pipeline, staging, self.known())
    }

    fn rename(&mut self, pipeline: &mut Pipeline<'_>, file: StagedFile) {
        let steps = vec![replace(&file), Operation::Look(file.path.clone())];
        let mut tickets = pipeline.submit_in_order(steps).into_iter();
        let mut next = || tickets.next().expect("each operation has a ticket");
        let (renaming, looking) = (next(), next());
        self.looking.insert(looking, file.path.clone());
        self.renaming.insert(renaming, file);
    }

    /// Takes the answer to a look.
    fn saw(&mut self, ticket: Ticket, outcome: &Result<Reply, Refusal>) -> bool {
        let Some(path) = self.looking.remove(&ticket) else { return false };
        if let Ok(Reply::Attributes(found)) = outcome {
            self.seen.insert(path, *found);
        }
        true
    }

    fn note(&mut self, file: StagedFile) {
        let StagedFile { path, attributes, hash, replaces, .. } = file;
        let bytes = attributes.size_bytes.unwrap_or(0);
        (self.observer)(Event::Published { path: &path, replaces, bytes });
        self.published.push(Published { path, attributes, hash });
    }

    fn rename_held(&mut self, pipeline: &mut Pipeline<'_>) -> Result<(), Error> {
        let mut waiting = VecDeque::from(std::mem::take(&mut self.held));
        let outcome = loop {
            while pipeline.has_room(0)
                && let Some(file) = waiting.pop_front()
            {
                self.rename(pipeline, file);
            }
            if pipeline.is_idle() {
                break Ok(());
            }
            let completed = pipeline.complete().map_err(Error::from);
            let advanced =
                completed.and_then(|(ticket, outcome)| self.advance(pipeline, ticket, outcome));
            if let Err(error) = advanced {
                break Err(error);
            }
        };
        self.held.extend(waiting);
        outcome
    }

    /// Without a rename that replaces, the names that are taken come first: the first of them tells
    /// whether the server replaces after all, before any other of them is changed.
    fn rename_one_by_one(&mut self, pipeline: &mut Pipeline<'_>) -> Result<(), Error> {
        let (taken, free): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.held).into_iter().partition(|file| file.replaces);
        for file in taken {
            self.replace_without_posix_rename(pipeline, &file)?;
            self.note(file);
        }
        for file in free {
            if let Err(refusal) = pipeline.call(replace(&file))? {
                return Err(explain_rename(pipeline, &file, refusal)?);
            }
            self.note(file);
        }
        Ok(())
    }

    fn replace_without_posix_rename(
        &self,
        pipeline: &mut Pipeline<'_>,
        file: &StagedFile,
    ) -> Result<(), Error> {
        match pipeline.call(replace(file))? {
            Ok(_) => return Ok(()),
            Err(refusal) if refusal.kind == RefusalKind::Missing => {
                return Err(explain_rename(pipeline, file, refusal)?);
            }
            Err(_) if !self.options.allow_gap => {
                let location = pipeline.location();
                return Err(Error::NoAtomicReplace { location, path: file.path.clone() });
            }
            Err(_) => {}
        }
        let _removed = pipeline.call(Operation::Remove(file.path.clone()))?;
        match pipeline.call(replace(file))? {
            Ok(_) => Ok(()),
            Err(refusal) => Err(explain_rename(pipeline, file, refusal)?),
        }
    }
}

impl Published {
    fn record(&self) -> Option<Record> {
        record(self.attributes, self.hash)
    }
}

/// Whether the target's manifest says all that would be written to it if nothing were uploaded.
pub(super) fn is_remembered(source: &Source, survey: &Survey) -> bool {
    let now = |path: &RelativePath| survey.remote.found.get(path).copied();
    is_written(survey, &manifest_after(source, survey, &[], &now))
}

fn is_written(survey: &Survey, manifest: &Manifest) -> bool {
    let is_read = !survey.manifest_head.is_empty() && survey.distrust.is_none();
    is_read && survey.written.files == manifest.files
}

/// What is known of a file that a push put there; nothing if the target does not say its time.
fn record(attributes: Attributes, hash: ContentHash) -> Option<Record> {
    let Attributes { size_bytes, modified_s, .. } = attributes;
    Some(Record { size_bytes: size_bytes?, modified_s: modified_s?, hash, put: true })
}

fn replace(file: &StagedFile) -> Operation {
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

/// What is known now: what this push saw itself, and what others recorded of names that the source
/// does not have and that are still there.
fn manifest_after(
    source: &Source,
    before: &Survey,
    published: &[Published],
    now: &dyn Fn(&RelativePath) -> Option<Attributes>,
) -> Manifest {
    let Survey { remote, written, .. } = before;
    // What was read last goes before what was written long ago.
    let others = written.files.iter().chain(&remote.manifest.files);
    let others =
        others.filter(|(path, _)| !source.files.contains_key(*path) && now(path).is_some());
    let files = others.map(|(path, record)| (path.clone(), *record)).collect();
    let mut known = Manifest { files, ..Manifest::default() };
    let was_put = |path: &RelativePath, hash: &ContentHash| {
        let records = [&remote.manifest, written].map(|manifest| manifest.files.get(path));
        records.into_iter().flatten().any(|record| record.put && record.hash == *hash)
    };
    let kept = source.files.iter().filter_map(|(path, file)| {
        let found = *remote.found.get(path)?;
        let content = remote.read_back.get(path).copied();
        let content = content.or_else(|| remote.manifest.hash_of(path, &found))?;
        (content == file.hash).then(|| (path, found, content, was_put(path, &content)))
    });
    let uploaded = published.iter().map(|file| (&file.path, file.attributes, file.hash, true));
    // What was uploaded comes last: it stands in the place of what was there before.
    for (path, seen, hash, put) in kept.chain(uploaded) {
        // Whatever changed since it was seen is somebody else's work: the next push reads it back.
        if now(path) == Some(seen)
            && let Some(record) = record(seen, hash)
        {
            known.files.insert(path.clone(), Record { put, ..record });
        }
    }
    known
}

fn write_manifest(
    pipeline: &mut Pipeline<'_>,
    staging: &mut Staging,
    mut manifest: Manifest,
) -> Result<(), Error> {
    staging.run().clone_into(&mut manifest.run);
    let bytes = manifest.to_json();
    let to = manifest::path();
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
