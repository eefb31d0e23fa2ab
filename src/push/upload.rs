//! Brings the bytes of files to the target under temporary names, many files at once.
//!
//! Must not give anything its final name: that is `publish`'s, once every byte is there.

use super::{
    Error, Event, Observer, SyncMode,
    path::RelativePath,
    pipeline::{Pipeline, odd_reply},
    plan::{Change, PlannedFile},
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
    path::PathBuf,
};

/// A file of more than this is written over every connection there is, if there are several.
const LARGE_BYTES: u64 = 4 * 1024 * 1024;

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
pub(super) struct Uploads<'a, 's> {
    waiting: Box<dyn Iterator<Item = &'a PlannedFile> + 'a>,
    source: &'a Source,
    staging: &'s mut Staging,
    open: BTreeMap<u64, Upload<'a>>,
    /// Keys of open uploads that have bytes to send.
    sending: VecDeque<u64>,
    steps: HashMap<Ticket, (u64, Step)>,
    next_key: u64,
    sync: SyncMode,
    observer: Observer<'a>,
}

struct Upload<'a> {
    planned: &'a PlannedFile,
    local: &'a SourceFile,
    /// Where it is on this machine.
    location: PathBuf,
    staged: RelativePath,
    reader: Option<File>,
    hasher: Sha256,
    sent_bytes: u64,
    /// The file there, open once on each connection that writes it; the first made it.
    files: Vec<OpenFile>,
    /// How often it was asked to be opened.
    openings: usize,
    /// Whether every byte was sent.
    sent: bool,
    finishing: bool,
    unanswered: usize,
    attributes: Option<Attributes>,
}

struct OpenFile {
    file: Handle,
    /// Bytes on their way to it.
    under_way: usize,
}

#[derive(Clone, Copy)]
enum Step {
    Create,
    Reopen,
    Write(Handle, usize),
    SetTime,
    Sync,
    Inspect,
    Close,
}

impl<'a, 's> Uploads<'a, 's> {
    /// The files that are to be uploaded; nothing is under way yet.
    pub(super) fn new(
        staging: &'s mut Staging,
        source: &'a Source,
        files: impl Iterator<Item = &'a PlannedFile> + 'a,
        sync: SyncMode,
        observer: Observer<'a>,
    ) -> Self {
        Self {
            waiting: Box::new(files),
            source,
            staging,
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
        if self.open.len() >= pipeline.features().max_open_files {
            return Ok(false);
        }
        let Some(planned) = self.waiting.next() else { return Ok(false) };
        let staged = self.staging.next_name();
        let create = Operation::Create(staged.clone());
        let key = self.next_key;
        self.next_key += 1;
        let upload = Upload::new(planned, self.source, staged);
        self.open.insert(key, upload);
        self.submit(pipeline, key, Step::Create, create);
        Ok(true)
    }

    fn submit(&mut self, pipeline: &mut Pipeline<'_>, key: u64, step: Step, operation: Operation) {
        let ticket = pipeline.submit(operation);
        self.steps.insert(ticket, (key, step));
        self.open.get_mut(&key).expect("steps belong to open uploads").unanswered += 1;
    }

    /// Sends the next bytes of a file, and after the last the operations that finish it.
    fn send_on(&mut self, pipeline: &mut Pipeline<'_>, key: u64) -> Result<(), Error> {
        let features = pipeline.features();
        let upload = self.open.get_mut(&key).expect("only open uploads send");
        if upload.left_bytes() > LARGE_BYTES && upload.openings < features.connections {
            upload.openings += 1;
            let reopen = Operation::Reopen(upload.staged.clone());
            self.submit(pipeline, key, Step::Reopen, reopen);
        }
        let upload = self.open.get_mut(&key).expect("only open uploads send");
        let offset_bytes = upload.sent_bytes;
        let bytes = upload.read(features.max_write_bytes)?;
        let length = bytes.len();
        if length > 0 {
            let open = upload.files.iter_mut().min_by_key(|open| open.under_way);
            let open = open.expect("only files that are open are sent");
            open.under_way += length;
            let file = open.file;
            let step = Step::Write(file, length);
            self.submit(pipeline, key, step, Operation::Write { file, offset_bytes, bytes });
        }
        let upload = self.open.get_mut(&key).expect("only open uploads send");
        // A short piece may be a file that was cut: the next read tells.
        if upload.left_bytes() > 0 && length > 0 {
            // One file after the other: those that are whole when a line is lost are not lost.
            self.sending.push_front(key);
            return Ok(());
        }
        upload.check_sent()?;
        upload.sent = true;
        self.finish_if_sent(pipeline, key);
        Ok(())
    }

    /// Finishes a file whose bytes are all on their way; over several connections only when all of
    /// them arrived, since each keeps an order of its own.
    fn finish_if_sent(&mut self, pipeline: &mut Pipeline<'_>, key: u64) {
        let upload = self.open.get_mut(&key).expect("steps belong to open uploads");
        let apart = upload.openings > 1;
        if !upload.sent || upload.finishing || (apart && upload.unanswered > 0) {
            return;
        }
        upload.finishing = true;
        let files: Vec<_> = upload.files.iter().map(|open| open.file).collect();
        let modified_s = upload.local.stamp.modified_s();
        let sync = self.sync.applies_to(upload.planned.change);
        let Some((&file, others)) = files.split_first() else { return };
        for other in others {
            self.submit(pipeline, key, Step::Close, Operation::Close(*other));
        }
        // In this order: the size and time that are asked for last are those that stay.
        self.submit(pipeline, key, Step::SetTime, Operation::SetTime { file, modified_s });
        if sync {
            self.submit(pipeline, key, Step::Sync, Operation::Sync(file));
        }
        self.submit(pipeline, key, Step::Inspect, Operation::Inspect(file));
        self.submit(pipeline, key, Step::Close, Operation::Close(file));
    }

    fn advance(
        &mut self,
        pipeline: &mut Pipeline<'_>,
        publisher: &mut Publisher<'_>,
        key: u64,
        (step, outcome): (Step, Result<Reply, Refusal>),
    ) -> Result<Option<StagedFile>, Error> {
        let upload = self.open.get_mut(&key).expect("steps belong to open uploads");
        upload.unanswered -= 1;
        match (step, outcome) {
            (Step::Create, Ok(Reply::Opened(file))) => {
                upload.files.push(OpenFile { file, under_way: 0 });
                self.sending.push_back(key);
            }
            (Step::Reopen, Ok(Reply::Opened(file))) => {
                upload.files.push(OpenFile { file, under_way: 0 });
            }
            (Step::Inspect, Ok(Reply::Attributes(found))) => upload.attributes = Some(found),
            (Step::Write(file, bytes), Ok(Reply::Done)) => {
                upload.arrived(file, bytes);
                (self.observer)(Event::Sent { bytes: bytes as u64 });
            }
            // Where the file cannot be opened twice, one way there is enough.
            (Step::SetTime | Step::Sync | Step::Close, Ok(Reply::Done))
            | (Step::Reopen, Err(_)) => {}
            (_, outcome) => {
                let refusal = outcome.err().unwrap_or_else(odd_reply);
                // What is already on its way to its name is waited for, to be told as done.
                publisher.settle(pipeline)?;
                return Err(upload.refused(pipeline, step, refusal));
            }
        }
        self.finish_if_sent(pipeline, key);
        self.end_if_whole(pipeline, key)
    }

    fn end_if_whole(
        &mut self,
        pipeline: &Pipeline<'_>,
        key: u64,
    ) -> Result<Option<StagedFile>, Error> {
        if self.open[&key].unanswered > 0 || !self.open[&key].finishing {
            return Ok(None);
        }
        let upload = self.open.remove(&key).expect("it was just looked at");
        let size_bytes = upload.planned.size_bytes;
        match upload.attributes {
            Some(attributes) if attributes.size_bytes == Some(size_bytes) => Ok(Some(StagedFile {
                path: upload.planned.path.clone(),
                staged: upload.staged,
                replaces: upload.planned.change == Change::Changed,
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
    fn new(planned: &'a PlannedFile, source: &'a Source, staged: RelativePath) -> Self {
        Self {
            planned,
            local: &source.files[&planned.path],
            location: source.location(&planned.path),
            staged,
            reader: None,
            hasher: Sha256::new(),
            sent_bytes: 0,
            files: Vec::new(),
            openings: 1,
            sent: false,
            finishing: false,
            unanswered: 0,
            attributes: None,
        }
    }

    fn left_bytes(&self) -> u64 {
        self.planned.size_bytes - self.sent_bytes
    }

    fn arrived(&mut self, file: Handle, bytes: usize) {
        if let Some(open) = self.files.iter_mut().find(|open| open.file == file) {
            open.under_way -= bytes;
        }
    }

    /// The next bytes; the local file is open only while it is read.
    fn read(&mut self, limit: usize) -> Result<Vec<u8>, Error> {
        let reader = match &mut self.reader {
            Some(reader) => reader,
            None => self.reader.insert(self.local.open(&self.location)?),
        };
        // One byte more than is left tells a file that grew.
        let left = (self.planned.size_bytes - self.sent_bytes).saturating_add(1);
        let mut bytes = Vec::with_capacity(limit.min(usize::try_from(left).unwrap_or(limit)));
        let read = reader.take(left.min(limit as u64)).read_to_end(&mut bytes);
        read.map_err(|source| source::Error::Read { path: self.location.clone(), source })?;
        self.hasher.update(&bytes);
        self.sent_bytes += bytes.len() as u64;
        if self.sent_bytes > self.planned.size_bytes {
            return Err(source::Error::Changed { path: self.location.clone() }.into());
        }
        Ok(bytes)
    }

    /// Makes sure that what was sent is what was hashed before, and that nobody is writing.
    fn check_sent(&mut self) -> Result<(), Error> {
        let hash: ContentHash = std::mem::take(&mut self.hasher).finalize().into();
        if hash != self.local.hash {
            return Err(source::Error::Changed { path: self.location.clone() }.into());
        }
        if let Some(reader) = self.reader.take() {
            self.local.check_unchanged(&reader, &self.location)?;
        }
        Ok(())
    }

    fn refused(&self, pipeline: &mut Pipeline<'_>, step: Step, refusal: Refusal) -> Error {
        let doing = match step {
            Step::Create => "make a temporary file for",
            _ => "write",
        };
        explain(pipeline, doing, &self.planned.path, refusal).unwrap_or_else(|lost| lost)
    }
}
