//! The application server of a rehearsed call: the verification machine, fed with what the PBX would
//! report, each report a little late.

use super::Verified;
use crate::{
    call::{Redirect, Setup, What},
    scenario::{Number, Scenario},
    verification::{
        Answer, Call, Digits, Direction, Found, Input, Leg, Output, Report, Step, TimeMs, Verdict,
    },
};
use std::{
    collections::{BTreeMap, VecDeque},
    mem,
};

/// The PBX's id of the call.
const CALL_ID: &str = "rehearsal.1";
/// The leg of a callee whom the PBX dialled; for a caller from outside it is the call's id.
const CALLEE_LEG: &str = "rehearsal.2";

/// The server's part in a call.
#[derive(Debug, Clone)]
pub struct Server<'a> {
    /// What it follows.
    pub scenario: &'a Scenario,
    /// Who rang whom.
    pub direction: Direction,
    /// What its look-ups find.
    pub lookup: &'a Lookups,
    /// How long things take.
    pub delays: Delays,
}

/// How long it takes, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delays {
    /// From an event of the dialplan or a key until the server has the report.
    pub report_ms: u64,
    /// From a look-up to its answer.
    pub lookup_ms: u64,
    /// From the request of a transfer or hang-up until the PBX does it.
    pub transfer_ms: u64,
}

/// What look-ups find, by the digits that were typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lookups {
    /// The answers.
    pub by_digits: BTreeMap<String, LookupAnswer>,
    /// The answer for all others; a mismatch by default.
    pub other: Option<LookupAnswer>,
}

/// What a look-up comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookupAnswer {
    /// It is answered.
    Verdict(Verdict),
    /// There is never an answer.
    Never,
}

/// Something that the server has the PBX do.
#[derive(Debug)]
pub(super) enum Deed {
    Redirect(Redirect),
    HangUp,
}

/// The server at work on one call.
pub(super) struct Desk<'a> {
    server: Server<'a>,
    call: Option<Call>,
    leg: Leg,
    /// Milliseconds since 1970 at the beginning of the call.
    epoch_ms: TimeMs,
    /// What is on its way to the server or to the PBX, by its time and in its order.
    due: BTreeMap<(u64, u32), Due>,
    numbers: u32,
    keys: u32,
    is_up: bool,
    /// The number of the request that the PBX is doing.
    doing: u32,
    has_hung_up: bool,
    notes: VecDeque<(u64, Step)>,
}

enum Due {
    Input(Input),
    Transfer { request: u32, to: Number },
    HangUp { request: u32 },
}

impl Default for Delays {
    fn default() -> Self {
        Self { report_ms: 50, lookup_ms: 20, transfer_ms: 100 }
    }
}

impl<'a> Desk<'a> {
    pub(super) fn new(server: Server<'a>, setup: &Setup) -> Self {
        let epoch_ms = TimeMs::try_from(setup.epoch_s).unwrap_or(0) * 1000;
        let (call, leg) = match server.direction {
            Direction::Outbound => (Call::dial(server.scenario, epoch_ms), CALLEE_LEG),
            Direction::Inbound => (Call::incoming(server.scenario, CALL_ID, epoch_ms), CALL_ID),
        };
        let mut desk = Self {
            server,
            call,
            leg: Leg::new(leg),
            epoch_ms,
            due: BTreeMap::new(),
            numbers: 0,
            keys: 0,
            is_up: true,
            doing: 0,
            has_hung_up: false,
            notes: VecDeque::new(),
        };
        desk.follow(0);
        if desk.server.direction == Direction::Outbound {
            desk.report(0, Report::Answered);
        }
        desk
    }

    /// Something happened in the call.
    pub(super) fn notice(&mut self, at_ms: u64, what: &What) {
        match what {
            What::UserEvent { name, fields } => {
                if let Some(report) = reported(name, fields) {
                    self.report(at_ms, report);
                }
            }
            What::Key { key, .. } => {
                let report = Report::Key { key: char::from(*key), sequence: Some(self.keys) };
                self.keys += 1;
                self.report(at_ms, report);
            }
            What::Ended { .. } => {
                self.is_up = false;
                self.report(at_ms, Report::Ended);
            }
            _ => {}
        }
    }

    /// When the server or the PBX for it does something.
    pub(super) fn due_ms(&self) -> Option<u64> {
        let call = self.call.as_ref().filter(|call| !call.is_over())?;
        let wake_ms = call.wake_at().map(|at| at.saturating_sub(self.epoch_ms));
        let due_ms = self.due.first_key_value().map(|((at_ms, _), _)| *at_ms);
        // Once the call is gone its end is reported; the server need not be woken until then.
        let wake_ms = wake_ms.filter(|_| self.is_up || due_ms.is_some());
        [wake_ms, due_ms].into_iter().flatten().min()
    }

    /// Does what is due; what it wants done to the call.
    pub(super) fn act(&mut self, now_ms: u64) -> Option<Deed> {
        let Some(entry) = self.due.first_entry().filter(|entry| entry.key().0 <= now_ms) else {
            self.feed(now_ms, Input::Wake);
            return None;
        };
        match entry.remove() {
            Due::Input(input) => {
                self.feed(now_ms, input);
                None
            }
            Due::Transfer { request, to } => {
                self.doing = request;
                let exten = to.as_str().into();
                Some(Deed::Redirect(Redirect { context: b"ivrs".to_vec(), exten, priority: 1 }))
            }
            Due::HangUp { request } => {
                self.doing = request;
                self.has_hung_up = self.is_up;
                Some(Deed::HangUp)
            }
        }
    }

    /// The PBX has done what the server wanted, or could not.
    pub(super) fn done(&mut self, now_ms: u64, is_done: bool) {
        let answer = if is_done { Ok(()) } else { Err(Answer::NoSuchCall) };
        self.put(now_ms, Due::Input(Input::Steered { request: self.doing, answer }));
    }

    /// The lines of the history that were not asked for yet.
    pub(super) fn notes(&mut self) -> impl Iterator<Item = (u64, Step)> + use<> {
        mem::take(&mut self.notes).into_iter()
    }

    pub(super) fn has_hung_up(&self) -> bool {
        self.has_hung_up
    }

    pub(super) fn verified(&self) -> Verified {
        Verified {
            outcome: self.call.as_ref().and_then(Call::outcome),
            attempts: self.call.as_ref().map_or(0, Call::attempts),
        }
    }

    fn report(&mut self, at_ms: u64, report: Report) {
        let leg = Some(self.leg.clone());
        let at_ms = at_ms + self.server.delays.report_ms;
        self.put(at_ms, Due::Input(Input::Reported { leg, report }));
    }

    fn put(&mut self, at_ms: u64, due: Due) {
        self.numbers += 1;
        self.due.insert((at_ms, self.numbers), due);
    }

    fn feed(&mut self, now_ms: u64, input: Input) {
        if let Some(call) = &mut self.call {
            call.handle(self.server.scenario, self.epoch_ms + now_ms, input);
        }
        self.follow(now_ms);
    }

    /// Does what the machine says.
    fn follow(&mut self, now_ms: u64) {
        while let Some(output) = self.call.as_mut().and_then(Call::poll_output) {
            let delays = self.server.delays;
            match output {
                Output::Dial { .. } => {
                    self.feed(now_ms, Input::DialAnswered(Ok(CALL_ID.to_owned())));
                }
                Output::LookUp { lookup, digits, .. } => {
                    if let Some(verdict) = self.server.lookup.verdict(&digits) {
                        let input = Input::LookedUp { lookup, verdict };
                        self.put(now_ms + delays.lookup_ms, Due::Input(input));
                    }
                }
                Output::Transfer { request, to, .. } => {
                    self.put(now_ms + delays.transfer_ms, Due::Transfer { request, to });
                }
                Output::HangUp { request, .. } => {
                    self.put(now_ms + delays.transfer_ms, Due::HangUp { request });
                }
                Output::Find => {
                    let up = Found::Up { leg: self.leg.clone(), answered: true };
                    let found = if self.is_up { up } else { Found::Gone };
                    self.put(now_ms + delays.report_ms, Due::Input(Input::Found(found)));
                }
                Output::Note(step) => self.notes.push_back((now_ms, step)),
            }
        }
    }
}

impl Lookups {
    fn verdict(&self, digits: &Digits) -> Option<Verdict> {
        let answer = self.by_digits.get(digits.expose()).copied().or(self.other);
        match answer.unwrap_or(LookupAnswer::Verdict(Verdict::Mismatch)) {
            LookupAnswer::Verdict(verdict) => Some(verdict),
            LookupAnswer::Never => None,
        }
    }
}

/// What a PBX reports of an event of the dialplan: the end of an IVR's prompts, or a whole entry,
/// with or without the key that ended it.
fn reported(name: &[u8], fields: &[(Vec<u8>, Vec<u8>)]) -> Option<Report> {
    let field = |wanted: &str| {
        let found = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted.as_bytes()));
        found.and_then(|(_, value)| std::str::from_utf8(value).ok()).map(str::trim)
    };
    match name {
        b"PlayPromptEnd" => Number::new(field("Ivrid")?).map(Report::PromptEnded),
        b"DtmfEndString" => {
            let entry = field("Info").filter(|entry| !entry.is_empty())?;
            Some(Report::Entry(Digits::new(entry.strip_suffix(['#', '*']).unwrap_or(entry))))
        }
        _ => None,
    }
}
