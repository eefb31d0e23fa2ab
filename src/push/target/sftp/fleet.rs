//! Several sessions with one server, as one target.
//!
//! Work goes to the session with the least under way; what is done with an open file stays on the
//! session that opened it. More sessions join while work is under way, and none that cannot be had
//! is missed. All of them are served by one thread. Must not know how a session is connected.

use super::{
    command_in,
    session::{self, Session},
};
use crate::push::target::{
    Completion, Error, Features, Handle, Operation, Reply, Target, Ticket,
    transport::{Progress, Transport, wait},
};
use rustix::event::{PollFd, PollFlags};
use std::{
    collections::{HashMap, VecDeque},
    os::unix::net::UnixStream,
    sync::mpsc::Receiver,
    task::Poll,
    time::{Duration, Instant},
};

/// Most sessions; the numbers of handles have room for no more.
pub const MAX_LANES: usize = 8;

/// What a request costs a session beside its bytes, for choosing the one with the least to do.
const REQUEST_COST: usize = 4096;
/// Bytes under way on the first try, and the least on a slow line.
const FIRST_WINDOW_BYTES: usize = 1024 * 1024;
const LEAST_WINDOW_BYTES: usize = 128 * 1024;
/// How often the window is held against what the line carries.
const MEASURE: Duration = Duration::from_secs(1);
/// Several files of this size in a row are better sent over more sessions than over four.
const TINY_BYTES: u64 = 16 * 1024;
const MANY_TINY_FILES: usize = 2_000;
/// Less work than this is done before another session is connected.
const LITTLE_BYTES: u64 = 4 * 1024 * 1024;
const FEW_FILES: usize = 100;

/// One session and what carries it.
#[derive(Debug)]
pub struct Lane<T> {
    session: Session,
    transport: T,
    inbox: Vec<u8>,
    load: usize,
    progress: Progress,
    /// Whether it was lost while nothing depended on it.
    gone: bool,
}

/// Sessions that are being connected.
#[derive(Debug)]
pub struct Recruits<T> {
    /// Each session as it comes; those that could not be had do not come.
    pub lanes: Receiver<Lane<T>>,
    /// Has a byte when one came.
    pub wake: UnixStream,
}

/// Connects so many more sessions, without waiting for them.
pub type Recruit<T> = Box<dyn Fn(usize) -> Option<Recruits<T>> + Send>;

/// Several sessions with one server.
pub struct Fleet<T> {
    location: String,
    round_trip: Duration,
    lanes: Vec<Lane<T>>,
    recruit: Option<Recruit<T>>,
    recruits: Option<Recruits<T>>,
    under_way: HashMap<Ticket, UnderWay>,
    window: Window,
    done: VecDeque<Completion>,
}

#[derive(Debug, Clone, Copy)]
struct UnderWay {
    lane: usize,
    cost: usize,
    bytes: usize,
}

impl<T: Transport> Lane<T> {
    /// Greets the server; `root` is the folder there.
    ///
    /// # Errors
    /// When the other side does not speak SFTP or the connection ends.
    pub fn open(transport: T, root: Vec<u8>) -> Result<Self, Error> {
        let session = Session::new(root);
        let mut lane = Self {
            session,
            transport,
            inbox: Vec::new(),
            load: 0,
            progress: Progress::new(Instant::now()),
            gone: false,
        };
        while !lane.session.is_ready() {
            lane.pump_or_wait()?;
        }
        Ok(lane)
    }

    fn pump(&mut self) -> Result<bool, Error> {
        self.inbox.clear();
        let done = self.session.completions();
        let outcome = self.transport.pump(self.session.outbox(), &mut self.inbox);
        // What came before the connection ended still counts.
        self.session.receive(&self.inbox)?;
        let moved = outcome?;
        if moved > 0 {
            self.progress.note(moved, self.session.completions() > done, Instant::now());
        }
        Ok(moved > 0)
    }

    fn pump_or_wait(&mut self) -> Result<(), Error> {
        if !self.pump()? {
            self.check()?;
            wait(&mut [self.transport.interest()])?;
        }
        Ok(())
    }

    fn check(&self) -> Result<(), Error> {
        self.transport.check(self.progress.last())
    }
}

impl<T: Transport> Fleet<T> {
    /// A fleet of one session; `recruit` connects more when there is much to do.
    pub fn new(
        first: Lane<T>,
        location: String,
        round_trip: Duration,
        recruit: Option<Recruit<T>>,
    ) -> Self {
        Self {
            location,
            round_trip,
            lanes: vec![first],
            recruit,
            recruits: None,
            under_way: HashMap::new(),
            window: Window::new(),
            done: VecDeque::new(),
        }
    }

    /// Serves all sessions until something is done.
    fn advance(&mut self) -> Result<(), Error> {
        let mut moved = false;
        for index in 0..self.lanes.len() {
            moved |= self.pump(index)?;
            while let Some((ticket, outcome)) = self.lanes[index].session.next_completion() {
                self.account(ticket);
                self.done.push_back((ticket, outcome.map(|reply| outer(reply, index))));
            }
        }
        if !moved && self.done.is_empty() {
            for lane in self.lanes.iter().filter(|lane| lane.session.is_waiting()) {
                lane.check()?;
            }
            self.wait()?;
        }
        self.take_recruits();
        Ok(())
    }

    /// A server may end a session that it thinks is one too many: if nothing is under way on it, the
    /// others go on.
    fn pump(&mut self, index: usize) -> Result<bool, Error> {
        let lane = &mut self.lanes[index];
        if lane.gone {
            return Ok(false);
        }
        match lane.pump() {
            Err(Error::Lost(_)) if index > 0 && !lane.session.is_in_use() => {
                lane.gone = true;
                Ok(true)
            }
            outcome => outcome,
        }
    }

    fn wait(&self) -> Result<(), Error> {
        let lanes = self.lanes.iter().filter(|lane| !lane.gone);
        let mut interests: Vec<_> = lanes.map(|lane| lane.transport.interest()).collect();
        if let Some(recruits) = &self.recruits {
            interests.push(PollFd::new(&recruits.wake, PollFlags::IN));
        }
        wait(&mut interests)
    }

    fn take_recruits(&mut self) {
        let Some(recruits) = &self.recruits else { return };
        loop {
            match recruits.lanes.try_recv() {
                Ok(lane) if self.lanes.len() < MAX_LANES => self.lanes.push(lane),
                Ok(_) => {}
                Err(std::sync::mpsc::TryRecvError::Empty) => break,
                Err(std::sync::mpsc::TryRecvError::Disconnected) => {
                    self.recruits = None;
                    return;
                }
            }
        }
        // Bytes that only woke; nobody waits for them.
        let _drained = rustix::io::read(&recruits.wake, &mut [0; 16]);
    }

    fn account(&mut self, ticket: Ticket) {
        let Some(done) = self.under_way.remove(&ticket) else { return };
        self.lanes[done.lane].load -= done.cost;
        self.window.end(done.bytes, self.lanes.len(), Instant::now());
    }

    fn submit_on(&mut self, lane: usize, ticket: Ticket, operation: Operation) {
        let bytes = operation.window_bytes();
        let cost = bytes + REQUEST_COST;
        self.under_way.insert(ticket, UnderWay { lane, cost, bytes });
        self.window.begin(bytes, Instant::now());
        let chosen = &mut self.lanes[lane];
        if !chosen.session.is_waiting() {
            chosen.progress = Progress::new(Instant::now());
        }
        chosen.load += cost;
        chosen.session.submit(ticket, inner(operation));
    }

    fn least_loaded(&self) -> usize {
        let loads = self.lanes.iter().enumerate().filter(|(_, lane)| !lane.gone);
        loads.min_by_key(|(_, lane)| lane.load).map_or(0, |(index, _)| index)
    }

    fn lane_for(&self, operation: &Operation) -> usize {
        operation.open_file().map_or_else(|| self.least_loaded(), lane_of)
    }
}

impl<T: Transport> Target for Fleet<T> {
    fn location(&self) -> String {
        self.location.clone()
    }

    fn features(&self) -> Features {
        let one = self.lanes[0].session.features();
        let lanes = self.lanes.len();
        Features {
            window_bytes: self.window.allowed,
            max_in_flight: session::MAX_IN_FLIGHT * lanes,
            max_open_files: one.max_open_files * lanes,
            connections: lanes,
            round_trip: self.round_trip,
            ..one
        }
    }

    fn submit(&mut self, ticket: Ticket, operation: Operation) {
        self.submit_on(self.lane_for(&operation), ticket, operation);
    }

    fn submit_in_order(&mut self, operations: Vec<(Ticket, Operation)>) {
        let lane = operations.iter().find_map(|(_, operation)| operation.open_file());
        let lane = lane.map_or_else(|| self.least_loaded(), lane_of);
        for (ticket, operation) in operations {
            self.submit_on(lane, ticket, operation);
        }
    }

    fn complete(&mut self) -> Result<Completion, Error> {
        loop {
            if let Some(completion) = self.done.pop_front() {
                return Ok(completion);
            }
            self.advance()?;
        }
    }

    fn begin_cleanup(&mut self, limit: Duration) {
        for lane in &mut self.lanes {
            lane.transport.begin_cleanup(limit);
        }
        self.recruit = None;
        self.recruits = None;
    }

    fn prepare(&mut self, files: usize, bytes: u64) {
        let wanted = lanes_for(files, bytes);
        if wanted > self.lanes.len()
            && let Some(recruit) = self.recruit.take()
        {
            self.recruits = recruit(wanted - self.lanes.len());
        }
    }

    fn shell(&mut self, script: &str) -> Result<Option<Vec<u8>>, Error> {
        let Some(command) = command_in(self.lanes[0].session.root(), script) else {
            return Ok(None);
        };
        let lane = &mut self.lanes[0];
        lane.transport.run(&command);
        lane.progress = Progress::new(Instant::now());
        loop {
            if let Poll::Ready(printed) = lane.transport.printed() {
                return Ok(printed);
            }
            lane.pump_or_wait()?;
        }
    }
}

/// How many sessions so much work is worth.
fn lanes_for(files: usize, bytes: u64) -> usize {
    let tiny = bytes / (files.max(1) as u64) < TINY_BYTES;
    match () {
        () if files < FEW_FILES && bytes < LITTLE_BYTES => 1,
        () if tiny && files >= MANY_TINY_FILES => MAX_LANES,
        () => 4,
    }
}

/// Bytes that may be under way: as many as the line carries in two seconds, so that on a slow line
/// neither the heartbeat nor an interrupt waits behind more.
#[derive(Debug)]
struct Window {
    allowed: usize,
    under_way: usize,
    arrived: usize,
    since: Instant,
}

impl Window {
    fn new() -> Self {
        Self { allowed: FIRST_WINDOW_BYTES, under_way: 0, arrived: 0, since: Instant::now() }
    }

    /// Takes note of bytes that are sent. An idle line says nothing of what it carries.
    fn begin(&mut self, bytes: usize, now: Instant) {
        if self.under_way == 0 {
            self.arrived = 0;
            self.since = now;
        }
        self.under_way += bytes;
    }

    /// Takes note of bytes that arrived.
    fn end(&mut self, bytes: usize, lanes: usize, now: Instant) {
        self.under_way -= bytes;
        self.arrived += bytes;
        self.allowed = (self.allowed + bytes).min(lanes * session::WINDOW_BYTES);
        let elapsed = now.saturating_duration_since(self.since);
        if elapsed < MEASURE {
            return;
        }
        let carried = self.arrived as u128 * 2_000 / elapsed.as_millis().max(1);
        let carried = usize::try_from(carried).unwrap_or(usize::MAX);
        self.allowed = self.allowed.min(carried.max(LEAST_WINDOW_BYTES));
        self.arrived = 0;
        self.since = now;
    }
}

/// A reply of a session, as the fleet gives it out.
fn outer(reply: Reply, lane: usize) -> Reply {
    match reply {
        Reply::Opened(file) => Reply::Opened(Handle(file.0 * MAX_LANES as u64 + lane as u64)),
        reply => reply,
    }
}

/// An operation on the fleet, as its session takes it.
fn inner(mut operation: Operation) -> Operation {
    if let Some(file) = operation.open_file_mut() {
        file.0 /= MAX_LANES as u64;
    }
    operation
}

/// A handle's number says which session has it.
fn lane_of(file: Handle) -> usize {
    usize::try_from(file.0).unwrap_or(0) % MAX_LANES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_holds_what_the_line_carries_in_two_seconds() {
        let start = Instant::now();
        // A line that is kept full for ten seconds, a tenth of a second at a time.
        let allowed = |bytes_per_s: usize| {
            let mut window = Window::new();
            window.begin(bytes_per_s / 10, start);
            for tenth in 1..=100 {
                let now = start + Duration::from_millis(100 * tenth);
                window.begin(bytes_per_s / 10, now);
                window.end(bytes_per_s / 10, 4, now);
            }
            window.allowed
        };
        assert_eq!(allowed(100_000_000), 4 * session::WINDOW_BYTES);
        assert_eq!(allowed(500_000), 1_000_000);
        assert_eq!(allowed(8_000), LEAST_WINDOW_BYTES);
    }

    #[test]
    fn an_idle_line_says_nothing_of_what_it_carries() {
        let start = Instant::now();
        let mut window = Window::new();
        window.begin(1_000, start);
        window.end(1_000, 4, start + Duration::from_millis(50));
        let later = start + Duration::from_mins(1);
        window.begin(1_000, later);
        window.end(1_000, 4, later + Duration::from_millis(50));
        assert_eq!(window.allowed, FIRST_WINDOW_BYTES + 2_000);
    }

    #[test]
    fn little_work_is_worth_one_session_and_tiny_files_many() {
        assert_eq!(lanes_for(20, 1_000_000), 1);
        assert_eq!(lanes_for(2_000, 128_000_000), 4);
        assert_eq!(lanes_for(1, 200_000_000), 4);
        assert_eq!(lanes_for(20_000, 80_000_000), MAX_LANES);
    }

    #[test]
    fn a_handle_finds_back_to_its_session() {
        for lane in 0..MAX_LANES {
            let Reply::Opened(file) = outer(Reply::Opened(Handle(77)), lane) else { panic!() };
            assert_eq!(lane_of(file), lane);
            assert_eq!(inner(Operation::Close(file)), Operation::Close(Handle(77)));
        }
    }
}
