//! A file at the target that is read from its start to its end, with reads under way together.
//!
//! Bytes come out in order, whatever order the answers have. Must not keep more of them than are
//! under way.

use super::{
    pipeline::{Pipeline, odd_reply},
    target::{Handle, Operation, Refusal, Reply, Ticket},
};
use std::collections::{BTreeMap, HashMap};

/// A server gives so many bytes unless the file ends (draft-ietf-secsh-filexfer-02, section 6.4); of
/// a larger request it may give less.
const CERTAIN_BYTES: usize = 32 * 1024;

/// A file that is being read.
pub(super) struct Reading {
    file: Handle,
    /// How far to read, if that is known.
    limit_bytes: Option<u64>,
    /// Reads that are under way at once.
    ahead: usize,
    next_bytes: u64,
    asked: HashMap<Ticket, (u64, u32)>,
    early: BTreeMap<u64, Vec<u8>>,
    /// Bytes that came out.
    given_bytes: u64,
    ended: bool,
    refused: Option<Refusal>,
}

impl Reading {
    /// A file that was opened; nothing is asked for yet.
    pub(super) fn new(file: Handle, limit_bytes: Option<u64>, ahead: usize) -> Self {
        Self {
            file,
            limit_bytes,
            ahead,
            next_bytes: 0,
            asked: HashMap::new(),
            early: BTreeMap::new(),
            given_bytes: 0,
            ended: limit_bytes == Some(0),
            refused: None,
        }
    }

    /// Keeps reads under way: those that were begun.
    pub(super) fn ask(&mut self, pipeline: &mut Pipeline<'_>) -> Vec<Ticket> {
        let mut begun = Vec::new();
        while !self.ended && self.asked.len() + self.early.len() < self.ahead {
            let left =
                self.limit_bytes.map_or(u64::MAX, |limit| limit.saturating_sub(self.next_bytes));
            let most = pipeline.features().max_read_bytes;
            let length = u32::try_from(left).unwrap_or(u32::MAX).min(most);
            if length == 0 {
                break;
            }
            begun.push(self.ask_for(pipeline, self.next_bytes, length));
            self.next_bytes += u64::from(length);
        }
        begun
    }

    fn ask_for(&mut self, pipeline: &mut Pipeline<'_>, offset: u64, length: u32) -> Ticket {
        let read = Operation::Read { file: self.file, offset_bytes: offset, length_bytes: length };
        let ticket = pipeline.submit(read);
        self.asked.insert(ticket, (offset, length));
        ticket
    }

    /// Takes an answer and gives out the bytes that are next; asks on. Gives the reads that were
    /// begun.
    pub(super) fn take(
        &mut self,
        pipeline: &mut Pipeline<'_>,
        ticket: Ticket,
        outcome: Result<Reply, Refusal>,
        give: &mut dyn FnMut(&[u8]),
    ) -> Vec<Ticket> {
        let Some((offset, length)) = self.asked.remove(&ticket) else { return Vec::new() };
        let bytes = match outcome {
            Ok(Reply::Bytes(bytes)) => bytes,
            Ok(_) => {
                self.stop(odd_reply());
                return Vec::new();
            }
            Err(refusal) => {
                self.stop(refusal);
                return Vec::new();
            }
        };
        let mut begun = Vec::new();
        let short = bytes.len() < length as usize;
        if short && !self.ended {
            let end = offset + bytes.len() as u64;
            if bytes.len() < CERTAIN_BYTES.min(length as usize) {
                self.limit_bytes = Some(self.limit_bytes.map_or(end, |limit| limit.min(end)));
                self.next_bytes = self.next_bytes.max(end);
                self.early.retain(|at, _| *at < end);
            } else {
                let left = length - u32::try_from(bytes.len()).expect("it is less than was asked");
                begun.push(self.ask_for(pipeline, end, left));
            }
        }
        let beyond = self.limit_bytes.is_some_and(|limit| offset >= limit);
        if !bytes.is_empty() && !beyond && self.refused.is_none() {
            self.early.insert(offset, bytes);
        }
        while let Some(bytes) = self.early.remove(&self.given_bytes) {
            self.given_bytes += bytes.len() as u64;
            give(&bytes);
        }
        self.ended |= self.limit_bytes.is_some_and(|limit| self.given_bytes >= limit);
        if !self.ended && self.limit_bytes.is_none_or(|limit| self.next_bytes < limit) {
            begun.extend(self.ask(pipeline));
        }
        begun
    }

    /// Reads no further.
    pub(super) fn stop(&mut self, refusal: Refusal) {
        self.ended = true;
        self.early.clear();
        self.refused.get_or_insert(refusal);
    }

    /// Whether nothing more is under way.
    pub(super) fn is_over(&self) -> bool {
        self.asked.is_empty()
    }

    /// The open file.
    pub(super) fn file(&self) -> Handle {
        self.file
    }

    /// Why it could not be read to its end.
    pub(super) fn refusal(self) -> Option<Refusal> {
        self.refused
    }
}
