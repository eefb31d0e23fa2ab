//! What a push is about to put on a target, written down in its staging folder.
//!
//! A push that is killed cannot write the manifest any more. Its journal tells the next push which
//! names it gave which content, so that what was published need not be read back or sent again, and
//! is known to be ours. It is a memory like the manifest: a line counts only while the file has the
//! size and the time that it says. Must never be waited for: it goes up beside the prompts, and
//! where it cannot be written the push goes on without it.

use super::{
    Error,
    manifest::{Chunks, Manifest, Record},
    path::RelativePath,
    pipeline::Pipeline,
    plan::Plan,
    source::Source,
    staging,
    survey::Survey,
    target::{Handle, Operation, Refusal, Reply, Ticket},
};
use std::{collections::HashMap, iter::Peekable, sync::Arc};

/// Name of the journal in a staging folder.
pub(super) const FILE_NAME: &[u8] = b"journal";
/// Largest journal that is read: as large as a manifest.
const MAX_BYTES: u64 = super::manifest::MAX_BYTES;
/// Most staging folders that are looked into.
const MAX_FOLDERS: usize = 8;
/// Parts of it under way at once.
const PARTS_AT_ONCE: usize = 8;

type Lines<'a> = Peekable<Box<dyn Iterator<Item = Vec<u8>> + 'a>>;

/// A journal on its way up, made while it goes.
pub(super) struct Journal<'a> {
    lines: Option<Lines<'a>>,
    chunks: Option<Chunks<Lines<'a>>>,
    sent_bytes: u64,
    file: Option<Handle>,
    under_way: HashMap<Ticket, Part>,
}

enum Part {
    Create,
    Write,
    Close,
}

impl<'a> Journal<'a> {
    /// What the plan would put there. Left out is what would look like the file that stands there
    /// now: of such a file the journal could not tell whether it is the old or the new one.
    pub(super) fn new(source: &'a Source, plan: &'a Plan, before: &'a Survey) -> Self {
        let lines = plan.uploads().filter_map(|planned| {
            let file = &source.files[&planned.path];
            let record = Record {
                size_bytes: planned.size_bytes,
                modified_s: file.stamp.modified_s(),
                hash: file.hash,
                put: true,
            };
            let found = before.remote.found.get(&planned.path);
            let tells = !found.is_some_and(|found| record.fits(found));
            tells.then(|| [&record.to_line(&planned.path, Vec::new())[..], b"\n"].concat())
        });
        let lines: Box<dyn Iterator<Item = Vec<u8>> + 'a> = Box::new(lines);
        let (lines, chunks) = (Some(lines.peekable()), None);
        Self { lines, chunks, sent_bytes: 0, file: None, under_way: HashMap::new() }
    }

    /// Begins to write it into the staging folder that this push holds.
    pub(super) fn begin(&mut self, pipeline: &mut Pipeline<'_>) {
        if self.lines.as_mut().is_some_and(|lines| lines.peek().is_some()) {
            let path = staging::held().join(FILE_NAME).expect("the name is a constant");
            self.under_way.insert(pipeline.submit(Operation::Create(path)), Part::Create);
        }
    }

    /// Takes an answer; false if it answers somebody else.
    pub(super) fn advance(
        &mut self,
        pipeline: &mut Pipeline<'_>,
        ticket: Ticket,
        outcome: &Result<Reply, Refusal>,
    ) -> bool {
        let Some(part) = self.under_way.remove(&ticket) else { return false };
        match (part, outcome) {
            (Part::Create, Ok(Reply::Opened(file))) => {
                self.file = Some(*file);
                let size = pipeline.features().max_write_bytes;
                self.chunks = self.lines.take().map(|lines| Chunks::new(lines, size));
            }
            (Part::Write, Ok(_)) | (Part::Close, _) => {}
            // What is there stays readable line by line; no more is added.
            (Part::Create | Part::Write, _) => self.chunks = None,
        }
        self.send_on(pipeline);
        true
    }

    fn send_on(&mut self, pipeline: &mut Pipeline<'_>) {
        let Some(file) = self.file else { return };
        while self.under_way.len() < PARTS_AT_ONCE
            && let Some(bytes) = self.chunks.as_mut().and_then(Iterator::next)
        {
            let length = bytes.len() as u64;
            let write = Operation::Write { file, offset_bytes: self.sent_bytes, bytes };
            self.under_way.insert(pipeline.submit(write), Part::Write);
            self.sent_bytes += length;
        }
        if self.under_way.is_empty() {
            (self.file, self.chunks) = (None, None);
            self.under_way.insert(pipeline.submit(Operation::Close(file)), Part::Close);
        }
    }
}

/// Adds to what is known what the journals of other pushes say, those that died among them.
pub(super) fn read(pipeline: &mut Pipeline<'_>, survey: &mut Survey) -> Result<(), Error> {
    for name in survey.staging.iter().take(MAX_FOLDERS) {
        let path = RelativePath::new(name.as_slice()).and_then(|folder| folder.join(FILE_NAME));
        let Ok(path) = path else { continue };
        let Ok(bytes) = pipeline.read_small(&path, MAX_BYTES)? else { continue };
        for (path, record) in Manifest::from_lines(&bytes).files {
            // Only what the file's size and time bear out is believed at all.
            if survey.remote.found.get(&path).is_some_and(|found| record.fits(found)) {
                Arc::make_mut(&mut survey.remote.manifest).files.insert(path, record);
            }
        }
    }
    Ok(())
}
