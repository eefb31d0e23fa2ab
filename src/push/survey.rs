//! Finds out what stands on a target. Changes nothing there.

use super::{
    Error, Event, Observer,
    manifest::{self, Distrust, Manifest},
    path::RelativePath,
    pipeline::{self, Pipeline},
    plan::{self, Remote},
    source::{ContentHash, SourceFile},
    target::{Attributes, Entry, Handle, Kind, Operation, Refusal, RefusalKind, Reply, Ticket},
};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, HashMap, VecDeque};

/// Files that are read back at once; each has one read under way.
const FILES_AT_ONCE: usize = 32;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Survey {
    /// What the plan goes by.
    pub(super) remote: Remote,
    /// The target folder is not there.
    pub(super) missing: bool,
    /// Names of ivrkit's staging folders, of this push or others.
    pub(super) staging: Vec<Vec<u8>>,
    /// The manifest as it was read, to see whether it must be written anew.
    pub(super) manifest_bytes: Option<Vec<u8>>,
    /// What it says.
    pub(super) written: Manifest,
    /// Why the manifest was not believed.
    pub(super) distrust: Option<Distrust>,
}

/// Lists the folders that the files need and reads the manifest.
pub(super) fn survey(
    pipeline: &mut Pipeline<'_>,
    files: &BTreeMap<RelativePath, SourceFile>,
) -> Result<Survey, Error> {
    let mut survey = Survey::default();
    let root = match pipeline.list(&RelativePath::root())? {
        Ok(entries) => entries,
        Err(refusal) if refusal.kind == RefusalKind::Missing => {
            return Ok(Survey { missing: true, ..survey });
        }
        Err(refusal) => {
            return Err(Error::refused("list", pipeline.location(), RelativePath::root(), refusal));
        }
    };
    let manifest = root.iter().find(|entry| entry.name == manifest::FILE_NAME).cloned();
    survey.take(&RelativePath::root(), root);
    survey.read_manifest(pipeline, manifest.as_ref())?;
    survey.list_below(pipeline, files)?;
    Ok(survey)
}

impl Survey {
    /// Adds what stands in a folder.
    pub(super) fn take(&mut self, folder: &RelativePath, entries: Vec<Entry>) {
        for entry in entries {
            if entry.name.starts_with(super::staging::FOLDER_NAME) {
                self.staging.push(entry.name);
                continue;
            }
            // A name that no folder can hold comes from a hostile server; no file of ours has it.
            let Ok(path) = folder.join(&entry.name) else { continue };
            if !path.is_reserved() {
                self.remote.found.insert(path, entry.attributes);
            }
        }
    }

    fn read_manifest(
        &mut self,
        pipeline: &mut Pipeline<'_>,
        entry: Option<&Entry>,
    ) -> Result<(), Error> {
        let Some(entry) = entry else { return Ok(()) };
        let sensible = entry.attributes.size_bytes.is_none_or(|size| size <= manifest::MAX_BYTES);
        if entry.attributes.kind != Kind::File || !sensible {
            self.distrust = Some(Distrust::Unfit);
            return Ok(());
        }
        let path = RelativePath::root().join(manifest::FILE_NAME).expect("the name is a constant");
        match pipeline.read_small(&path, manifest::MAX_BYTES)? {
            Ok(bytes) => {
                match Manifest::parse(&bytes) {
                    Ok(manifest) => {
                        self.remote.manifest = manifest.clone();
                        self.written = manifest;
                    }
                    Err(distrust) => self.distrust = Some(distrust),
                }
                self.manifest_bytes = Some(bytes);
            }
            Err(refusal) => self.distrust = Some(Distrust::Unreadable(refusal.reason)),
        }
        Ok(())
    }

    /// Lists level by level, since a folder whose parent is missing need not be asked for.
    fn list_below(
        &mut self,
        pipeline: &mut Pipeline<'_>,
        files: &BTreeMap<RelativePath, SourceFile>,
    ) -> Result<(), Error> {
        let mut waiting = plan::folders(files);
        waiting.remove(&RelativePath::root());
        loop {
            let listed = |folder: &RelativePath| {
                self.remote.found.get(folder).is_some_and(|found| found.kind == Kind::Folder)
            };
            let level: Vec<_> = waiting.iter().filter(|folder| listed(folder)).cloned().collect();
            if level.is_empty() {
                return Ok(());
            }
            waiting.retain(|folder| !level.contains(folder));
            let outcomes = pipeline.batch(level.iter().cloned().map(Operation::List), false)?;
            for (folder, outcome) in level.iter().zip(outcomes) {
                match outcome {
                    Ok(reply) => self.take(folder, pipeline::entries(reply)),
                    Err(refusal) => {
                        let at = pipeline.location();
                        return Err(Error::refused("list", at, folder.clone(), refusal));
                    }
                }
            }
        }
    }
}

/// Reads files back and hashes them. A file that cannot be read is left out: it will be uploaded.
pub(super) fn read_back(
    pipeline: &mut Pipeline<'_>,
    paths: Vec<RelativePath>,
    found: &BTreeMap<RelativePath, Attributes>,
    observer: Observer<'_>,
) -> Result<BTreeMap<RelativePath, ContentHash>, Error> {
    if paths.is_empty() {
        return Ok(BTreeMap::new());
    }
    observer(Event::ReadingBack { files: paths.len() });
    let mut reading = Reading {
        waiting: paths.into(),
        under_way: HashMap::new(),
        hashes: BTreeMap::new(),
        found,
    };
    reading.run(pipeline)?;
    Ok(reading.hashes)
}

struct Reading<'a> {
    waiting: VecDeque<RelativePath>,
    under_way: HashMap<Ticket, Step>,
    hashes: BTreeMap<RelativePath, ContentHash>,
    found: &'a BTreeMap<RelativePath, Attributes>,
}

enum Step {
    Opening(RelativePath),
    Reading(OpenFile),
    Closing,
}

struct OpenFile {
    path: RelativePath,
    file: Handle,
    offset_bytes: u64,
    hasher: Sha256,
}

impl Reading<'_> {
    fn run(&mut self, pipeline: &mut Pipeline<'_>) -> Result<(), Error> {
        loop {
            while self.under_way.len() < FILES_AT_ONCE
                && let Some(path) = self.waiting.pop_front()
            {
                let ticket = pipeline.submit(Operation::Open(path.clone()));
                self.under_way.insert(ticket, Step::Opening(path));
            }
            if pipeline.is_idle() {
                return Ok(());
            }
            let (ticket, outcome) = pipeline.complete()?;
            if let Some(step) = self.under_way.remove(&ticket) {
                self.advance(pipeline, step, outcome);
            }
        }
    }

    fn advance(
        &mut self,
        pipeline: &mut Pipeline<'_>,
        step: Step,
        outcome: Result<Reply, Refusal>,
    ) {
        match (step, outcome) {
            (Step::Opening(path), Ok(Reply::Opened(file))) => {
                let open = OpenFile { path, file, offset_bytes: 0, hasher: Sha256::new() };
                self.read_on(pipeline, open);
            }
            (Step::Reading(mut open), Ok(Reply::Bytes(bytes))) => {
                open.hasher.update(&bytes);
                open.offset_bytes += bytes.len() as u64;
                let size = self.found.get(&open.path).and_then(|found| found.size_bytes);
                // A file that grows while it is read would otherwise never end.
                if bytes.is_empty() || size.is_none_or(|size| open.offset_bytes > size) {
                    self.close(pipeline, open.file);
                    self.hashes.insert(open.path, open.hasher.finalize().into());
                } else {
                    self.read_on(pipeline, open);
                }
            }
            (Step::Reading(open), _) => self.close(pipeline, open.file),
            (Step::Opening(_) | Step::Closing, _) => {}
        }
    }

    fn read_on(&mut self, pipeline: &mut Pipeline<'_>, open: OpenFile) {
        let ticket = pipeline.submit(Operation::Read {
            file: open.file,
            offset_bytes: open.offset_bytes,
            length_bytes: pipeline.features().max_read_bytes,
        });
        self.under_way.insert(ticket, Step::Reading(open));
    }

    fn close(&mut self, pipeline: &mut Pipeline<'_>, file: Handle) {
        let ticket = pipeline.submit(Operation::Close(file));
        self.under_way.insert(ticket, Step::Closing);
    }
}
