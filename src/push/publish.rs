//! Gives staged files their final names, and remembers what it gave.
//!
//! The only place where something that the PBX plays changes: each change is one rename of a file
//! that is whole. A file is published as soon as it is staged, or with all others at the end; a
//! file whose old record could be taken for one of the new content always waits for the end. Must
//! not send content.

use super::{
    Error, Event, Observer, Options, Progress,
    confirm::Looks,
    journal::Journal,
    manifest::{Manifest, Record},
    path::RelativePath,
    pipeline::Pipeline,
    plan::{Change, Plan},
    remember::{Blank, is_written, manifest_after, record, write_last_manifest, write_manifest},
    source::{ContentHash, Source},
    staging::{Staging, explain},
    survey::Survey,
    target::{Attributes, Operation, Refusal, RefusalKind, Reply, Ticket},
    upload::StagedFile,
};
use std::{
    collections::{BTreeSet, HashMap, VecDeque},
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
    uploads_any: bool,
    manifest: Blank,
    journal: Journal<'a>,
    /// Staged files that wait for the end.
    held: Vec<StagedFile>,
    renaming: HashMap<Ticket, StagedFile>,
    looks: Looks,
    published: Vec<Published>,
    /// Names whose records were taken out of the manifest.
    withdrawn: BTreeSet<RelativePath>,
}

/// A file that got its final name.
pub(super) struct Published {
    /// The name.
    pub(super) path: RelativePath,
    /// Size and time as the target said them before.
    pub(super) attributes: Attributes,
    /// Hash of what was sent.
    pub(super) hash: ContentHash,
}

impl<'a> Publisher<'a> {
    /// Publishes to a target on which `before` was found.
    pub(super) fn new(
        before: &'a Survey,
        plan: &Plan,
        journal: Journal<'a>,
        options: &'a Options,
        observer: Observer<'a>,
    ) -> Self {
        Self {
            before,
            options,
            observer,
            replaces_any: plan.count(Change::Changed) > 0,
            uploads_any: plan.uploads().next().is_some(),
            manifest: Blank::None,
            journal,
            held: Vec::new(),
            renaming: HashMap::new(),
            looks: Looks::default(),
            published: Vec::new(),
            withdrawn: BTreeSet::new(),
        }
    }

    /// Begins the journal, and makes the file that the manifest is written to at the end.
    pub(super) fn begin(&mut self, pipeline: &mut Pipeline<'_>, staging: &mut Staging) {
        self.journal.begin(pipeline);
        if self.uploads_any {
            let name = staging.next_name();
            let ticket = pipeline.submit(Operation::Create(name.clone()));
            self.manifest = Blank::Opening(ticket, name);
        }
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
        if self.journal.advance(pipeline, ticket, &outcome)
            || self.manifest.advance(ticket, &outcome)
            || self.looks.advance(ticket, &outcome)
        {
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
            if self.manifest.advance(ticket, &outcome) || self.looks.advance(ticket, &outcome) {
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
        self.looks.confirm(pipeline, &self.published)
    }

    /// Writes down what is known now, after a push that did everything; `gone` is what it deleted.
    pub(super) fn remember(
        &mut self,
        pipeline: &mut Pipeline<'_>,
        staging: &mut Staging,
        source: &Source,
        gone: &[RelativePath],
    ) -> Result<(), Error> {
        let found = &self.before.remote.found;
        let gone: BTreeSet<_> = gone.iter().collect();
        let now = |path: &RelativePath| found.get(path).filter(|_| !gone.contains(path)).copied();
        // Whatever changed since it was published is somebody else's work.
        let (published, lost): (Vec<_>, Vec<_>) =
            self.published.iter().partition(|file| self.looks.stands(file));
        let lost: BTreeSet<_> = lost.into_iter().map(|file| &file.path).collect();
        let now = |path: &RelativePath| now(path).filter(|_| !lost.contains(path));
        let manifest = manifest_after(source, self.before, published.into_iter(), &now);
        if self.withdrawn.is_empty() && is_written(self.before, &manifest) {
            return Ok(());
        }
        write_last_manifest(pipeline, staging, manifest, self.manifest.take())
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
        if let Some((_, file)) = self.manifest.take() {
            pipeline.forget(Operation::Close(file));
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
        self.looks.begin(looking, file.path.clone(), file.attributes);
        self.renaming.insert(renaming, file);
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
        // Nobody looked at any of them yet.
        for file in taken.iter().chain(&free) {
            self.looks.doubt(file.path.clone());
        }
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
