//! Many operations under way at once, and one heartbeat among them.
//!
//! Must not know what a push is: it keeps the window full and pairs answers with questions.

use super::{
    pace::Pace,
    reading::Reading,
    target::{
        Entry, Error, Features, Handle, Operation, Refusal, RefusalKind, Reply, Target, Ticket,
    },
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    thread,
    time::{Duration, Instant},
};

/// How often a push says that it lives.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(5);

/// A target, and what is under way there.
pub(super) struct Pipeline<'t> {
    target: &'t mut dyn Target,
    pace: Option<Pace>,
    next_ticket: u64,
    in_flight: HashMap<Ticket, usize>,
    window_bytes: usize,
    /// Operations whose outcome nobody waits for.
    forgotten: HashSet<Ticket>,
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
    /// Nothing is under way yet. At most `limit_bytes_per_s` of content go or come, if there is a
    /// limit.
    pub(super) fn new(target: &'t mut dyn Target, limit_bytes_per_s: Option<u64>) -> Self {
        Self {
            target,
            pace: limit_bytes_per_s.map(|limit| Pace::new(limit, Instant::now())),
            next_ticket: 0,
            in_flight: HashMap::new(),
            window_bytes: 0,
            forgotten: HashSet::new(),
            heart: None,
        }
    }

    /// What the target can do now: a far one may learn more while it works.
    pub(super) fn features(&self) -> Features {
        let features = self.target.features();
        let Some(pace) = &self.pace else { return features };
        let most = pace.piece_bytes();
        Features {
            max_write_bytes: features.max_write_bytes.min(most),
            max_read_bytes: features.max_read_bytes.min(u32::try_from(most).unwrap_or(u32::MAX)),
            window_bytes: features.window_bytes.min(2 * most),
            ..features
        }
    }

    /// Tells the target how much is about to be written.
    pub(super) fn prepare(&mut self, files: usize, bytes: u64) {
        self.target.prepare(files, bytes);
    }

    /// What a script prints that runs in the target folder: see [`Target::shell`].
    ///
    /// # Errors
    /// When the target is lost.
    pub(super) fn shell(&mut self, script: &str) -> Result<Option<Vec<u8>>, Error> {
        self.target.shell(script)
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
        if self.in_flight.is_empty() {
            return true;
        }
        let features = self.features();
        self.in_flight.len() < features.max_in_flight
            && self.window_bytes + bytes <= features.window_bytes
    }

    /// Whether nothing is under way.
    pub(super) fn is_idle(&self) -> bool {
        self.in_flight.is_empty()
    }

    /// Begins an operation.
    pub(super) fn submit(&mut self, operation: Operation) -> Ticket {
        let ticket = self.enter(&operation);
        self.target.submit(ticket, operation);
        ticket
    }

    /// Begins operations of which the later ones may rely on the earlier.
    pub(super) fn submit_in_order(&mut self, operations: Vec<Operation>) -> Vec<Ticket> {
        let operations: Vec<_> =
            operations.into_iter().map(|operation| (self.enter(&operation), operation)).collect();
        let tickets = operations.iter().map(|(ticket, _)| *ticket).collect();
        self.target.submit_in_order(operations);
        tickets
    }

    /// Begins an operation whose outcome nobody waits for.
    pub(super) fn forget(&mut self, operation: Operation) {
        let ticket = self.next();
        self.forgotten.insert(ticket);
        self.target.submit(ticket, operation);
    }

    fn next(&mut self) -> Ticket {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        ticket
    }

    fn enter(&mut self, operation: &Operation) -> Ticket {
        let bytes = operation.window_bytes();
        if let Some(pace) = &mut self.pace
            && bytes > 0
        {
            thread::sleep(pace.take(bytes, Instant::now()));
        }
        let ticket = self.next();
        self.in_flight.insert(ticket, bytes);
        self.window_bytes += bytes;
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
            if self.forgotten.remove(&ticket) {
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

    /// Does a few operations of which the later ones may rely on the earlier, and waits for all of
    /// them; nothing else may be under way. A server may take them in another order after all: one
    /// that was refused may be asked for again.
    ///
    /// # Errors
    /// When the target is lost.
    pub(super) fn chain(
        &mut self,
        operations: Vec<Operation>,
    ) -> Result<Vec<Result<Reply, Refusal>>, Error> {
        debug_assert!(self.is_idle(), "a chain waits for its own answers only");
        let tickets = self.submit_in_order(operations);
        let mut outcomes = BTreeMap::new();
        while !self.is_idle() {
            let (ticket, outcome) = self.complete()?;
            outcomes.insert(ticket, outcome);
        }
        let missing = || Error::Protocol("an operation was not answered".to_owned());
        tickets.iter().map(|ticket| outcomes.remove(ticket).ok_or_else(missing)).collect()
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
        let mut waiting = operations.into_iter().fuse().peekable();
        let mut stopped = false;
        let mut outcomes = BTreeMap::new();
        loop {
            while !stopped
                && let Some(bytes) = waiting.peek().map(Operation::window_bytes)
                && self.has_room(bytes)
                && let Some(operation) = waiting.next()
            {
                self.submit(operation);
            }
            if self.is_idle() {
                break;
            }
            let (ticket, outcome) = self.complete()?;
            stopped |= stop && outcome.is_err();
            outcomes.insert(ticket, outcome);
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
        let mut reading = Reading::new(file, None, 1);
        let mut bytes = Vec::new();
        reading.ask(self);
        while !self.is_idle() {
            let (ticket, outcome) = self.complete()?;
            reading.take(self, ticket, outcome, &mut |more| bytes.extend_from_slice(more));
            if bytes.len() as u64 > limit_bytes {
                reading.stop(Refusal::new(RefusalKind::Failure, "the file is too large"));
            }
        }
        self.forget(Operation::Close(file));
        Ok(reading.refusal().map_or(Ok(bytes), Err))
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
