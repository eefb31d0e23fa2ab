//! Many operations under way at once, and one heartbeat among them.
//!
//! Must not know what a push is: it keeps the window full and pairs answers with questions.

use super::target::{
    Entry, Error, Features, Handle, Operation, Refusal, RefusalKind, Reply, Target, Ticket,
};
use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

/// How often a push says that it lives.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(5);

/// A target, and what is under way there.
pub(super) struct Pipeline<'t> {
    target: &'t mut dyn Target,
    features: Features,
    next_ticket: u64,
    in_flight: BTreeMap<Ticket, usize>,
    window_bytes: usize,
    heart: Option<Heart>,
}

struct Heart {
    file: Handle,
    face: Box<dyn Fn(u64) -> Vec<u8>>,
    beats: u64,
    last: Instant,
    under_way: Option<Ticket>,
}

impl<'t> Pipeline<'t> {
    /// Nothing is under way yet.
    pub(super) fn new(target: &'t mut dyn Target) -> Self {
        let features = target.features();
        Self {
            target,
            features,
            next_ticket: 0,
            in_flight: BTreeMap::new(),
            window_bytes: 0,
            heart: None,
        }
    }

    /// What the target can do.
    pub(super) fn features(&self) -> Features {
        self.features
    }

    /// Where the target is.
    pub(super) fn location(&self) -> String {
        self.target.location()
    }

    /// From now on writes `face(n)` to the start of `file` every [`HEARTBEAT`], n counting up.
    pub(super) fn start_heart(&mut self, file: Handle, face: Box<dyn Fn(u64) -> Vec<u8>>) {
        self.heart = Some(Heart { file, face, beats: 0, last: Instant::now(), under_way: None });
    }

    /// Ends the heartbeat: the file it was written to.
    pub(super) fn stop_heart(&mut self) -> Option<Handle> {
        self.heart.take().map(|heart| heart.file)
    }

    /// Whether another operation of so many bytes fits.
    pub(super) fn has_room(&self, bytes: usize) -> bool {
        self.in_flight.is_empty()
            || (self.in_flight.len() < self.features.max_in_flight
                && self.window_bytes + bytes <= self.features.window_bytes)
    }

    /// Whether nothing is under way.
    pub(super) fn is_idle(&self) -> bool {
        self.in_flight.is_empty()
    }

    /// Begins an operation.
    pub(super) fn submit(&mut self, operation: Operation) -> Ticket {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        let bytes = operation.window_bytes();
        self.in_flight.insert(ticket, bytes);
        self.window_bytes += bytes;
        self.target.submit(ticket, operation);
        ticket
    }

    /// Waits for the next operation to end.
    ///
    /// # Errors
    /// When the target is lost.
    pub(super) fn complete(&mut self) -> Result<(Ticket, Result<Reply, Refusal>), Error> {
        loop {
            self.beat_if_due();
            let (ticket, outcome) = self.target.complete()?;
            if self.heart.as_mut().is_some_and(|heart| heart.take(ticket)) {
                continue;
            }
            // A heartbeat may end after its heart was stopped.
            if let Some(bytes) = self.in_flight.remove(&ticket) {
                self.window_bytes -= bytes;
                return Ok((ticket, outcome));
            }
        }
    }

    /// Does one operation and waits for it; nothing else may be under way.
    ///
    /// # Errors
    /// When the target is lost.
    pub(super) fn call(&mut self, operation: Operation) -> Result<Result<Reply, Refusal>, Error> {
        debug_assert!(self.is_idle(), "a call waits for its own answer only");
        self.submit(operation);
        self.complete().map(|(_, outcome)| outcome)
    }

    /// Does all operations, many at once and in any order, and gives their outcomes in theirs.
    /// Nothing else may be under way. After a refusal no further ones are begun if `stop` is set;
    /// those that were not begun have no outcome.
    ///
    /// # Errors
    /// When the target is lost.
    pub(super) fn batch(
        &mut self,
        operations: impl IntoIterator<Item = Operation>,
        stop: bool,
    ) -> Result<Vec<Result<Reply, Refusal>>, Error> {
        let mut waiting: VecDeque<_> = operations.into_iter().collect();
        let first = self.next_ticket;
        let mut outcomes = BTreeMap::new();
        loop {
            while !waiting.is_empty() && self.has_room(waiting[0].window_bytes()) {
                let operation = waiting.pop_front().expect("it was just looked at");
                self.submit(operation);
            }
            if self.is_idle() {
                break;
            }
            let (ticket, outcome) = self.complete()?;
            if stop && outcome.is_err() {
                waiting.clear();
            }
            outcomes.insert(ticket.0 - first, outcome);
        }
        Ok(outcomes.into_values().collect())
    }

    /// Waits for all that is under way and closes what was opened, whatever comes of it.
    ///
    /// # Errors
    /// When the target is lost.
    pub(super) fn drain(&mut self) -> Result<(), Error> {
        while !self.is_idle() {
            if let (_, Ok(Reply::Opened(file))) = self.complete()? {
                self.submit(Operation::Close(file));
            }
        }
        Ok(())
    }

    /// Ignores interrupts from now on; the rest must be done within `limit`.
    pub(super) fn begin_cleanup(&mut self, limit: Duration) {
        self.target.begin_cleanup(limit);
    }

    /// What stands in a folder.
    ///
    /// # Errors
    /// When the target is lost.
    pub(super) fn list(
        &mut self,
        folder: &super::path::RelativePath,
    ) -> Result<Result<Vec<Entry>, Refusal>, Error> {
        Ok(self.call(Operation::List(folder.clone()))?.map(entries))
    }

    /// Reads a small file whole, at most `limit_bytes` of it.
    ///
    /// # Errors
    /// When the target is lost.
    pub(super) fn read_small(
        &mut self,
        path: &super::path::RelativePath,
        limit_bytes: u64,
    ) -> Result<Result<Vec<u8>, Refusal>, Error> {
        let file = match self.call(Operation::Open(path.clone()))? {
            Ok(Reply::Opened(file)) => file,
            Ok(_) => return Ok(Err(odd_reply())),
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut bytes = Vec::new();
        let outcome = loop {
            let read = Operation::Read {
                file,
                offset_bytes: bytes.len() as u64,
                length_bytes: self.features.max_read_bytes,
            };
            match self.call(read)? {
                Ok(Reply::Bytes(more)) if more.is_empty() => break Ok(bytes),
                Ok(Reply::Bytes(more)) => bytes.extend(more),
                Ok(_) => break Err(odd_reply()),
                Err(refusal) => break Err(refusal),
            }
            if bytes.len() as u64 > limit_bytes {
                break Err(Refusal::new(RefusalKind::Failure, "the file is too large"));
            }
        };
        let _closed = self.call(Operation::Close(file))?;
        Ok(outcome)
    }

    fn beat_if_due(&mut self) {
        let Some(heart) = &mut self.heart else { return };
        if heart.under_way.is_some() || heart.last.elapsed() < HEARTBEAT {
            return;
        }
        heart.beats += 1;
        heart.last = Instant::now();
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        heart.under_way = Some(ticket);
        let bytes = (heart.face)(heart.beats);
        self.target.submit(ticket, Operation::Write { file: heart.file, offset_bytes: 0, bytes });
    }
}

impl Heart {
    /// Whether this answers the heartbeat. A beat that is refused is not repeated: if the push lost
    /// its staging folder, its next step says so.
    fn take(&mut self, ticket: Ticket) -> bool {
        let mine = self.under_way == Some(ticket);
        if mine {
            self.under_way = None;
        }
        mine
    }
}

/// The entries of a reply to [`Operation::List`].
pub(super) fn entries(reply: Reply) -> Vec<Entry> {
    if let Reply::Entries(entries) = reply { entries } else { Vec::new() }
}

/// A target of ours answered in another way than its operations say.
pub(super) fn odd_reply() -> Refusal {
    Refusal::new(RefusalKind::Failure, "the answer does not fit the operation")
}
