//! Finds out what stands on a target. Changes nothing there.

use super::{
    Error, Event, Observer,
    manifest::{self, Distrust, Manifest, Parser},
    path::RelativePath,
    pipeline::{self, Pipeline},
    plan::{self, Remote},
    reading::Reading,
    source::{ContentHash, SourceFile},
    target::{Attributes, Entry, Handle, Kind, Operation, Refusal, RefusalKind, Reply, Ticket},
};
use sha2::{Digest as _, Sha256};
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
};

/// Files that are read back at once.
const FILES_AT_ONCE: usize = 64;
/// Reads of one file that are under way at once.
const READS_AHEAD: usize = 4;
/// Files whose records fill one read of the manifest.
const FILES_PER_READ: usize = 200;
/// Bytes of a manifest that name the push that wrote it.
const HEAD_BYTES: u32 = 64;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Survey {
    /// What the plan goes by.
    pub(super) remote: Remote,
    /// The target folder is not there.
    pub(super) missing: bool,
    /// Names of ivrkit's staging folders, of this push or others.
    pub(super) staging: Vec<Vec<u8>>,
    /// How the manifest begins.
    pub(super) manifest_head: Vec<u8>,
    /// The manifest as the folder lists it.
    pub(super) manifest_entry: Option<Attributes>,
    /// What the manifest says.
    pub(super) written: Arc<Manifest>,
    /// Why the manifest was not believed.
    pub(super) distrust: Option<Distrust>,
}

/// Lists the folders that the files need and reads the manifest, all of it under way together.
pub(super) fn survey(
    pipeline: &mut Pipeline<'_>,
    files: &BTreeMap<RelativePath, SourceFile>,
) -> Result<Survey, Error> {
    let known = |path: RelativePath| kept_name(files, path);
    let mut look = Look {
        survey: Survey::default(),
        known: &known,
        waiting: plan::folders(files).into_iter().collect(),
        listing: HashMap::new(),
        manifest: ManifestFile::Opening(pipeline.submit(Operation::Open(manifest::path()))),
        reads_ahead: 1 + files.len() / FILES_PER_READ,
    };
    look.run(pipeline)?;
    Ok(look.survey)
}

/// Whether no push wrote the manifest since the survey: each writes its own name to the start of it.
/// It may have been `opened` already.
pub(super) fn is_current(
    pipeline: &mut Pipeline<'_>,
    survey: &Survey,
    opened: Option<Result<Reply, Refusal>>,
) -> Result<bool, Error> {
    let opened = match opened {
        Some(opened) => opened,
        None => pipeline.call(Operation::Open(manifest::path()))?,
    };
    let file = match opened {
        Ok(Reply::Opened(file)) => file,
        Err(refusal) => {
            let absent = survey.manifest_entry.is_none() && refusal.kind == RefusalKind::Missing;
            return Ok(absent);
        }
        Ok(_) => return Ok(false),
    };
    let read = Operation::Read { file, offset_bytes: 0, length_bytes: HEAD_BYTES };
    let head = pipeline.call(read)?;
    pipeline.forget(Operation::Close(file));
    let same = head == Ok(Reply::Bytes(survey.manifest_head.clone()));
    Ok(same && !survey.written.run.is_empty())
}

/// The source's own copy of a name that it has: most names there are the same, and are kept once.
pub(super) fn kept_name(
    files: &BTreeMap<RelativePath, SourceFile>,
    path: RelativePath,
) -> RelativePath {
    files.get_key_value(&path).map_or(path, |(kept, _)| kept.clone())
}

/// A survey under way.
struct Look<'a> {
    survey: Survey,
    known: &'a dyn Fn(RelativePath) -> RelativePath,
    waiting: VecDeque<RelativePath>,
    listing: HashMap<Ticket, RelativePath>,
    manifest: ManifestFile<'a>,
    reads_ahead: usize,
}

/// How far the manifest is read.
enum ManifestFile<'a> {
    Opening(Ticket),
    Reading(Box<(Reading, Text<'a>)>),
    Missing,
    Refused(Refusal),
}

/// The manifest's text as it comes.
struct Text<'a> {
    parser: Parser<'a>,
    head: Vec<u8>,
    bytes: u64,
}

impl Text<'_> {
    fn take(&mut self, bytes: &[u8]) {
        let missing = (HEAD_BYTES as usize).saturating_sub(self.head.len());
        self.head.extend_from_slice(&bytes[..bytes.len().min(missing)]);
        self.bytes += bytes.len() as u64;
        self.parser.take(bytes);
    }
}

impl Look<'_> {
    fn run(&mut self, pipeline: &mut Pipeline<'_>) -> Result<(), Error> {
        let mut refused = None;
        loop {
            while !self.waiting.is_empty() && pipeline.has_room(0) {
                let folder = self.waiting.pop_front().expect("it was just looked at");
                let ticket = pipeline.submit(Operation::List(folder.clone()));
                self.listing.insert(ticket, folder);
            }
            if pipeline.is_idle() {
                break;
            }
            let (ticket, outcome) = pipeline.complete()?;
            let Some(folder) = self.listing.remove(&ticket) else {
                self.read_on(pipeline, ticket, outcome);
                continue;
            };
            match outcome {
                Ok(reply) => self.survey.take(&folder, pipeline::entries(reply), self.known),
                Err(refusal) => {
                    let missing = refusal.kind == RefusalKind::Missing;
                    self.survey.missing |= missing && folder == RelativePath::root();
                    if !missing {
                        refused.get_or_insert((folder, refusal));
                    }
                }
            }
        }
        self.survey.drop_orphans();
        // What is no folder is the plan's to judge.
        if let Some((folder, refusal)) = refused
            && (folder == RelativePath::root() || self.survey.is_folder(&folder))
        {
            return Err(Error::refused("list", pipeline.location(), folder, refusal));
        }
        self.end_manifest(pipeline);
        Ok(())
    }

    fn read_on(
        &mut self,
        pipeline: &mut Pipeline<'_>,
        ticket: Ticket,
        outcome: Result<Reply, Refusal>,
    ) {
        match &mut self.manifest {
            ManifestFile::Opening(opening) if *opening == ticket => {
                self.manifest = match outcome {
                    Ok(Reply::Opened(file)) => {
                        let mut reading = Reading::new(file, None, self.reads_ahead);
                        reading.ask(pipeline);
                        let parser = Parser::new(self.known);
                        let text = Text { parser, head: Vec::new(), bytes: 0 };
                        ManifestFile::Reading(Box::new((reading, text)))
                    }
                    Err(refusal) if refusal.kind == RefusalKind::Missing => ManifestFile::Missing,
                    Ok(_) => ManifestFile::Refused(pipeline::odd_reply()),
                    Err(refusal) => ManifestFile::Refused(refusal),
                };
            }
            ManifestFile::Reading(read) => {
                let (reading, text) = &mut **read;
                reading.take(pipeline, ticket, outcome, &mut |bytes| text.take(bytes));
                if text.bytes > manifest::MAX_BYTES {
                    reading.stop(Refusal::new(RefusalKind::Failure, "it is too large"));
                }
            }
            _ => {}
        }
    }

    fn end_manifest(&mut self, pipeline: &mut Pipeline<'_>) {
        let manifest = std::mem::replace(&mut self.manifest, ManifestFile::Missing);
        let read = match manifest {
            ManifestFile::Reading(read) => {
                let (reading, text) = *read;
                pipeline.forget(Operation::Close(reading.file()));
                reading.refusal().map_or(Ok((text.parser.finish(), text.head)), Err)
            }
            ManifestFile::Refused(refusal) => Err(refusal),
            ManifestFile::Opening(_) | ManifestFile::Missing => {
                Ok((Manifest::parse(b""), Vec::new()))
            }
        };
        let survey = &mut self.survey;
        let Some(entry) = survey.manifest_entry else { return };
        let sensible = entry.size_bytes.is_none_or(|size| size <= manifest::MAX_BYTES);
        if entry.kind != Kind::File || !sensible {
            survey.distrust = Some(Distrust::Unfit);
            return;
        }
        match read {
            Ok((Ok(manifest), head)) => {
                survey.remote.manifest = Arc::new(manifest);
                survey.written = Arc::clone(&survey.remote.manifest);
                survey.manifest_head = head;
            }
            Ok((Err(distrust), head)) => {
                survey.distrust = Some(distrust);
                survey.manifest_head = head;
            }
            Err(refusal) => survey.distrust = Some(Distrust::Unreadable(refusal.reason)),
        }
    }
}

impl Survey {
    /// Adds what stands in a folder. Of equal names the one that `known` gives is kept.
    pub(super) fn take(
        &mut self,
        folder: &RelativePath,
        entries: Vec<Entry>,
        known: &dyn Fn(RelativePath) -> RelativePath,
    ) {
        for entry in entries {
            if entry.name.starts_with(super::staging::FOLDER_NAME) {
                self.staging.push(entry.name);
                continue;
            }
            if folder == &RelativePath::root() && entry.name == manifest::FILE_NAME {
                self.manifest_entry = Some(entry.attributes);
                continue;
            }
            // A name that no folder can hold comes from a hostile server; no file of ours has it.
            let Ok(path) = folder.join(&entry.name) else { continue };
            if !path.is_reserved() {
                self.remote.found.insert(known(path), entry.attributes);
            }
        }
    }

    fn is_folder(&self, folder: &RelativePath) -> bool {
        self.remote.found.get(folder).is_some_and(|found| found.kind == Kind::Folder)
    }

    /// Forgets what was listed through a link: only what stands in the folder itself counts.
    fn drop_orphans(&mut self) {
        let inside = |path: &RelativePath| {
            std::iter::successors(path.parent(), RelativePath::parent)
                .take_while(|parent| parent != &RelativePath::root())
                .all(|parent| self.is_folder(&parent))
        };
        let orphans: Vec<_> =
            self.remote.found.keys().filter(|path| !inside(path)).cloned().collect();
        for path in orphans {
            self.remote.found.remove(&path);
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
    let mut reading = ReadingBack {
        waiting: paths.into(),
        opening: HashMap::new(),
        reads: HashMap::new(),
        open: HashMap::new(),
        hashes: BTreeMap::new(),
        found,
    };
    reading.run(pipeline)?;
    Ok(reading.hashes)
}

/// Files that are read back.
struct ReadingBack<'a> {
    waiting: VecDeque<RelativePath>,
    opening: HashMap<Ticket, RelativePath>,
    reads: HashMap<Ticket, usize>,
    open: HashMap<usize, OpenFile>,
    hashes: BTreeMap<RelativePath, ContentHash>,
    found: &'a BTreeMap<RelativePath, Attributes>,
}

struct OpenFile {
    path: RelativePath,
    reading: Reading,
    hasher: Sha256,
}

impl ReadingBack<'_> {
    fn run(&mut self, pipeline: &mut Pipeline<'_>) -> Result<(), Error> {
        let mut next_key = 0;
        loop {
            let most = FILES_AT_ONCE.min(pipeline.features().max_open_files);
            while self.open.len() + self.opening.len() < most
                && pipeline.has_room(pipeline.features().max_read_bytes as usize)
                && let Some(path) = self.waiting.pop_front()
            {
                let ticket = pipeline.submit(Operation::Open(path.clone()));
                self.opening.insert(ticket, path);
            }
            if pipeline.is_idle() {
                return Ok(());
            }
            let (ticket, outcome) = pipeline.complete()?;
            if let Some(path) = self.opening.remove(&ticket) {
                if let Ok(Reply::Opened(file)) = outcome {
                    next_key += 1;
                    self.begin(pipeline, next_key, path, file);
                }
            } else if let Some(key) = self.reads.remove(&ticket) {
                self.read_on(pipeline, key, ticket, outcome);
            }
        }
    }

    fn begin(&mut self, pipeline: &mut Pipeline<'_>, key: usize, path: RelativePath, file: Handle) {
        let size_bytes = self.found.get(&path).and_then(|found| found.size_bytes);
        // A file that grows while it is read would otherwise never end.
        let mut reading = Reading::new(file, Some(size_bytes.unwrap_or(0)), READS_AHEAD);
        self.reads.extend(reading.ask(pipeline).into_iter().map(|ticket| (ticket, key)));
        self.open.insert(key, OpenFile { path, reading, hasher: Sha256::new() });
        self.end_if_over(pipeline, key);
    }

    fn read_on(
        &mut self,
        pipeline: &mut Pipeline<'_>,
        key: usize,
        ticket: Ticket,
        outcome: Result<Reply, Refusal>,
    ) {
        let OpenFile { reading, hasher, .. } =
            self.open.get_mut(&key).expect("reads belong to open files");
        let begun = reading.take(pipeline, ticket, outcome, &mut |bytes| hasher.update(bytes));
        self.reads.extend(begun.into_iter().map(|ticket| (ticket, key)));
        self.end_if_over(pipeline, key);
    }

    fn end_if_over(&mut self, pipeline: &mut Pipeline<'_>, key: usize) {
        if !self.open[&key].reading.is_over() {
            return;
        }
        let open = self.open.remove(&key).expect("it was just looked at");
        pipeline.forget(Operation::Close(open.reading.file()));
        if open.reading.refusal().is_none() {
            self.hashes.insert(open.path, open.hasher.finalize().into());
        }
    }
}
