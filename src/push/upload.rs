//! Brings the bytes of files to the target under temporary names, many files at once.
//!
//! Must not give anything its final name: that is `publish`'s, once every byte is there.

use super::{
    Error, Event, Observer,
    path::RelativePath,
    pipeline::{Pipeline, odd_reply},
    plan::PlannedFile,
    publish::Publisher,
    source::{self, ContentHash, Source, SourceFile},
    staging::{Staging, explain},
    target::{Attributes, Handle, Operation, Refusal, Reply, Ticket},
};
use sha2::{Digest as _, Sha256};
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    fs::File,
    io::Read as _,
};

/// Files that are open at the target at once.
const FILES_AT_ONCE: usize = 64;

/// A file that waits under a temporary name, whole.
#[derive(Debug, Clone)]
pub(super) struct StagedFile {
    /// Its final name.
    pub(super) path: RelativePath,
    /// Its temporary name.
    pub(super) staged: RelativePath,
    /// Whether something has its final name.
    pub(super) replaces: bool,
    /// Size and time as the target says them.
    pub(super) attributes: Attributes,
    /// Hash of the bytes that were sent.
    pub(super) hash: ContentHash,
}

/// Files on their way into the staging folder.
pub(super) struct Uploads<'a> {
    waiting: VecDeque<Upload<'a>>,
    open: BTreeMap<usize, Upload<'a>>,
    /// Keys of open uploads that have bytes to send.
    sending: VecDeque<usize>,
    steps: HashMap<Ticket, (usize, Step)>,
    next_key: usize,
    sync: bool,
    observer: Observer<'a>,
}

struct Upload<'a> {
    planned: &'a PlannedFile,
    local: &'a SourceFile,
    staged: RelativePath,
    reader: Option<File>,
    hasher: Sha256,
    sent_bytes: u64,
    file: Option<Handle>,
    unanswered: usize,
    attributes: Option<Attributes>,
}

#[derive(Clone, Copy)]
enum Step {
    Create,
    Write(usize),
    SetTime,
    Sync,
    Inspect,
    Close,
}

impl<'a> Uploads<'a> {
    /// The files that are to be uploaded; nothing is under way yet.
    pub(super) fn new(
        staging: &mut Staging,
        source: &'a Source,
        files: impl Iterator<Item = &'a PlannedFile>,
        sync: bool,
        observer: Observer<'a>,
    ) -> Self {
        let waiting = files
            .map(|planned| Upload::new(planned, &source.files[&planned.path], staging.next_name()));
        Self {
            waiting: waiting.collect(),
            open: BTreeMap::new(),
            sending: VecDeque::new(),
            steps: HashMap::new(),
            next_key: 0,
            sync,
            observer,
        }
    }

    /// Uploads them, makes sure that each is there to the last byte, and hands it to the publisher,
    /// whose own operations run beside the uploads.
    pub(super) fn run(
        mut self,
        pipeline: &mut Pipeline<'_>,
        publisher: &mut Publisher<'_>,
    ) -> Result<(), Error> {
        loop {
            while pipeline.has_room(pipeline.features().max_write_bytes) && self.begin(pipeline)? {}
            if pipeline.is_idle() {
                return Ok(());
            }
            let (ticket, outcome) = pipeline.complete()?;
            let Some((key, step)) = self.steps.remove(&ticket) else {
                publisher.advance(pipeline, ticket, outcome)?;
                continue;
            };
            if let Some(staged) = self.advance(pipeline, publisher, key, (step, outcome))? {
                (self.observer)(Event::Staged);
                publisher.take(pipeline, staged);
            }
        }
    }

    /// Begins one more operation, if there is one: bytes of open files first.
    fn begin(&mut self, pipeline: &mut Pipeline<'_>) -> Result<bool, Error> {
        if let Some(key) = self.sending.pop_front() {
            self.send_on(pipeline, key)?;
            return Ok(true);
        }
        if self.open.len() >= FILES_AT_ONCE {
            return Ok(false);
        }
        let Some(mut upload) = self.waiting.pop_front() else { return Ok(false) };
        upload.reader = Some(upload.local.open()?);
        let key = self.next_key;
        self.next_key += 1;
        let create = Operation::Create(upload.staged.clone());
        self.open.insert(key, upload);
        self.submit(pipeline, key, Step::Create, create);
        Ok(true)
    }

    fn submit(
        &mut self,
        pipeline: &mut Pipeline<'_>,
        key: usize,
        step: Step,
        operation: Operation,
    ) {
        let ticket = pipeline.submit(operation);
        self.steps.insert(ticket, (key, step));
        self.open.get_mut(&key).expect("steps belong to open uploads").unanswered += 1;
    }

    /// Sends the next bytes of a file, and after the last the operations that finish it.
    fn send_on(&mut self, pipeline: &mut Pipeline<'_>, key: usize) -> Result<(), Error> {
        let upload = self.open.get_mut(&key).expect("only open uploads send");
        let Some(file) = upload.file else { return Ok(()) };
        let offset_bytes = upload.sent_bytes;
        let bytes = upload.read(pipeline.features().max_write_bytes)?;
        if bytes.is_empty() {
            upload.check_sent()?;
            let modified_s = upload.local.stamp.modified_s();
            // In this order: the size and time that are asked for last are those that stay.
            self.submit(pipeline, key, Step::SetTime, Operation::SetTime { file, modified_s });
            if self.sync {
                self.submit(pipeline, key, Step::Sync, Operation::Sync(file));
            }
            self.submit(pipeline, key, Step::Inspect, Operation::Inspect(file));
            self.submit(pipeline, key, Step::Close, Operation::Close(file));
        } else {
            let step = Step::Write(bytes.len());
            self.submit(pipeline, key, step, Operation::Write { file, offset_bytes, bytes });
            // One file after the other: those that are whole when a line is lost are not lost.
            self.sending.push_front(key);
        }
        Ok(())
    }

    fn advance(
        &mut self,
        pipeline: &mut Pipeline<'_>,
        publisher: &mut Publisher<'_>,
        key: usize,
        (step, outcome): (Step, Result<Reply, Refusal>),
    ) -> Result<Option<StagedFile>, Error> {
        let upload = self.open.get_mut(&key).expect("steps belong to open uploads");
        upload.unanswered -= 1;
        match (step, outcome) {
            (Step::Create, Ok(Reply::Opened(file))) => {
                upload.file = Some(file);
                self.sending.push_back(key);
            }
            (Step::Inspect, Ok(Reply::Attributes(found))) => upload.attributes = Some(found),
            (Step::Write(bytes), Ok(Reply::Done)) => {
                (self.observer)(Event::Sent { bytes: bytes as u64 });
            }
            (Step::SetTime | Step::Sync | Step::Close, Ok(Reply::Done)) => {}
            (_, outcome) => {
                let refusal = outcome.err().unwrap_or_else(odd_reply);
                // What is already on its way to its name is waited for, to be told as done.
                publisher.settle(pipeline)?;
                return Err(upload.refused(pipeline, step, refusal));
            }
        }
        if matches!(step, Step::Close) || upload.attributes.is_some() {
            return self.end_if_whole(pipeline, key);
        }
        Ok(None)
    }

    fn end_if_whole(
        &mut self,
        pipeline: &Pipeline<'_>,
        key: usize,
    ) -> Result<Option<StagedFile>, Error> {
        if self.open[&key].unanswered > 0 {
            return Ok(None);
        }
        let upload = self.open.remove(&key).expect("it was just looked at");
        let size_bytes = upload.planned.size_bytes;
        match upload.attributes {
            Some(attributes) if attributes.size_bytes == Some(size_bytes) => Ok(Some(StagedFile {
                path: upload.planned.path.clone(),
                staged: upload.staged,
                replaces: upload.planned.change == super::plan::Change::Changed,
                attributes,
                hash: upload.local.hash,
            })),
            found => Err(Error::Incomplete {
                location: pipeline.location(),
                path: upload.planned.path.clone(),
                found: found.and_then(|found| found.size_bytes),
                expected: size_bytes,
            }),
        }
    }
}

impl<'a> Upload<'a> {
    fn new(planned: &'a PlannedFile, local: &'a SourceFile, staged: RelativePath) -> Self {
        Self {
            planned,
            local,
            staged,
            reader: None,
            hasher: Sha256::new(),
            sent_bytes: 0,
            file: None,
            unanswered: 0,
            attributes: None,
        }
    }

    fn read(&mut self, limit: usize) -> Result<Vec<u8>, Error> {
        let Some(reader) = &mut self.reader else { return Ok(Vec::new()) };
        // One byte more than is left tells a file that grew.
        let left = (self.planned.size_bytes - self.sent_bytes).saturating_add(1);
        let mut bytes = Vec::with_capacity(limit.min(usize::try_from(left).unwrap_or(limit)));
        let read = reader.take(left.min(limit as u64)).read_to_end(&mut bytes);
        read.map_err(|source| source::Error::Read { path: self.local.location.clone(), source })?;
        self.hasher.update(&bytes);
        self.sent_bytes += bytes.len() as u64;
        if self.sent_bytes > self.planned.size_bytes {
            return Err(source::Error::Changed { path: self.local.location.clone() }.into());
        }
        Ok(bytes)
    }

    /// Makes sure that what was sent is what was hashed before, and that nobody is writing.
    fn check_sent(&mut self) -> Result<(), Error> {
        let hash: ContentHash = std::mem::take(&mut self.hasher).finalize().into();
        if hash != self.local.hash {
            return Err(source::Error::Changed { path: self.local.location.clone() }.into());
        }
        if let Some(reader) = self.reader.take() {
            self.local.check_unchanged(&reader)?;
        }
        Ok(())
    }

    fn refused(&self, pipeline: &mut Pipeline<'_>, step: Step, refusal: Refusal) -> Error {
        let doing = match step {
            Step::Create => "make a temporary file for",
            Step::Write(_) | Step::SetTime | Step::Sync | Step::Inspect | Step::Close => "write",
        };
        explain(pipeline, doing, &self.planned.path, refusal).unwrap_or_else(|lost| lost)
    }
}
