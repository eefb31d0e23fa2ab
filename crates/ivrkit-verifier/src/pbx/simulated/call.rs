//! One call that is up: its walk, its record, and the reports that what happens in it becomes.
//!
//! Must not send reports: it queues them.

use super::{
    event::{CallRecord, Direction, End, Event, Happening, Keys, Party, Transfer},
    exchange::{Exchange, lock},
    json::{Content, Members},
    report::{self, Flaws, Report},
    walk::{Destination, Refusal, Status, Walk},
};
use jiff::Zoned;
use std::{
    sync::{Mutex, atomic::AtomicBool, atomic::Ordering::Relaxed},
    time::Instant,
};
use tokio::sync::{Notify, mpsc};

/// What a call is known by.
#[derive(Debug, Clone)]
pub(super) struct Ids {
    pub(super) callid: String,
    pub(super) leg: String,
    pub(super) direction: Direction,
}

/// A call, up or over.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) ids: Ids,
    number: Party,
    /// The IVR that the call was dialled through, or that it reached.
    ivr: String,
    /// Local time of the PBX, for the CDR.
    began: Zoned,
    live: Mutex<Live>,
    changed: Notify,
    lost: AtomicBool,
}

#[derive(Debug)]
struct Live {
    walk: Walk,
    record: CallRecord,
    /// When the report of an entry went out that the application has not reacted to.
    entry_sent: Option<Instant>,
    /// Gone when the call is over, so that the delivery ends behind its last report.
    reports: Option<mpsc::UnboundedSender<Report>>,
}

impl Call {
    pub(super) fn new(
        ids: Ids,
        number: &str,
        ivr: String,
        walk: Walk,
        reports: mpsc::UnboundedSender<Report>,
        started_ms: u64,
    ) -> Self {
        let number = Party::new(number);
        let record = CallRecord {
            callid: ids.callid.clone(),
            leg: ids.leg.clone(),
            number: number.clone(),
            direction: ids.direction,
            path: Vec::new(),
            replays: 0,
            keys: Keys::default(),
            transfers: Vec::new(),
            started_ms,
            answered_ms: None,
            ended_ms: None,
            end: None,
            undelivered: 0,
        };
        Self {
            ids,
            number,
            ivr,
            began: Zoned::now(),
            live: Mutex::new(Live { walk, record, entry_sent: None, reports: Some(reports) }),
            changed: Notify::new(),
            lost: AtomicBool::new(false),
        }
    }

    pub(super) fn direction(&self) -> Direction {
        self.ids.direction
    }

    /// Lets everything happen that is due; gives the time when it wants to be settled again.
    pub(super) fn settle(&self, exchange: &Exchange) -> Option<u64> {
        let mut live = lock(&self.live);
        live.walk.advance(exchange.clock.now_ms());
        self.tell(&mut live, exchange);
        live.walk.due_ms()
    }

    /// Returns when the application has changed the call.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    pub(super) fn transfer(&self, to: Destination, exchange: &Exchange) -> Result<(), Refusal> {
        self.change(exchange, |walk, now_ms| walk.transfer(to, now_ms))
    }

    pub(super) fn hang_up(&self, end: End, exchange: &Exchange) -> Result<(), Refusal> {
        self.change(exchange, |walk, now_ms| walk.hang_up(end, now_ms))
    }

    /// The report of an entry goes out.
    pub(super) fn send_entry(&self) {
        lock(&self.live).entry_sent = Some(Instant::now());
    }

    /// When the report of the entry went out that the application now reacts to.
    pub(super) fn take_entry_sent(&self) -> Option<Instant> {
        lock(&self.live).entry_sent.take()
    }

    /// Notes a transfer that was refused.
    pub(super) fn note_refused(&self, to: &str, errno: u16, exchange: &Exchange) {
        let now_ms = exchange.clock.now_ms();
        let happening = Happening::Transferred { to: to.to_owned(), errno: Some(errno) };
        let mut live = lock(&self.live);
        note(&mut live.record, now_ms, &happening);
        self.publish(&live.record, now_ms, happening, exchange);
    }

    pub(super) fn status(&self, exchange: &Exchange) -> Status {
        self.settle(exchange);
        lock(&self.live).walk.status()
    }

    pub(super) fn record(&self, exchange: &Exchange) -> CallRecord {
        self.settle(exchange);
        lock(&self.live).record.clone()
    }

    /// A report was given up.
    pub(super) fn count_undelivered(&self) {
        lock(&self.live).record.undelivered += 1;
    }

    /// Whether the PBX lost the call, and with it its reports.
    pub(super) fn is_lost(&self) -> bool {
        self.lost.load(Relaxed)
    }

    /// The line of an `outbound/query` or `inbound/query`; `None` when the call is over.
    pub(super) fn query_line(&self, exchange: &Exchange) -> Option<Members> {
        let status = match self.status(exchange) {
            Status::Wait => "Wait",
            Status::Progress => "Progress",
            Status::Talking => "Talking",
            Status::Over => return None,
        };
        let id = match self.direction() {
            Direction::Outbound => "outboundid",
            Direction::Inbound => "inboundid",
        };
        let party = self.party(&self.ids.leg, exchange);
        let line = Members::default()
            .text(id, party.leg)
            .text("from", party.from)
            .text("to", party.to)
            .text("trunk", party.trunk)
            .text("status", status);
        if self.direction() == Direction::Outbound {
            return Some(line);
        }
        let callee = lock(&self.live).walk.ivr().map_or_else(String::new, ToString::to_string);
        Some(line.text("callee", callee))
    }

    fn change<T>(
        &self,
        exchange: &Exchange,
        change: impl FnOnce(&mut Walk, u64) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut live = lock(&self.live);
        let done = change(&mut live.walk, exchange.clock.now_ms());
        self.tell(&mut live, exchange);
        self.changed.notify_one();
        done
    }

    /// Puts what has happened into the record, the transcript and the reports.
    fn tell(&self, live: &mut Live, exchange: &Exchange) {
        let happenings: Vec<_> = live.walk.drain().collect();
        for (at_ms, happening) in happenings {
            note(&mut live.record, at_ms, &happening);
            if let Happening::Ended { end: End::Lost } = happening {
                self.lost.store(true, Relaxed);
            }
            if let Some(queue) = &live.reports {
                for report in self.reports(live, at_ms, &happening, exchange) {
                    // The delivery goes away only when the simulator ends.
                    let _ = queue.send(report);
                }
            }
            if matches!(happening, Happening::Ended { .. }) {
                live.reports = None;
            }
            if matches!(happening, Happening::Pressed { flag: 0, .. })
                && exchange.dice.strikes(exchange.settings.faults.drop_token)
            {
                exchange.desk().forget_tokens();
            }
            self.publish(&live.record, at_ms, happening, exchange);
        }
    }

    fn publish(&self, record: &CallRecord, at_ms: u64, happening: Happening, exchange: &Exchange) {
        // Nobody has to listen.
        let _ = exchange.events().send(Event {
            callid: self.ids.callid.clone(),
            number: self.number.clone(),
            direction: self.direction(),
            at_ms: at_ms.saturating_sub(record.started_ms),
            happening,
        });
    }

    /// The reports that something becomes, faults included.
    fn reports(
        &self,
        live: &Live,
        at_ms: u64,
        happening: &Happening,
        exchange: &Exchange,
    ) -> Vec<Report> {
        let faults = &exchange.settings.faults;
        let strikes = |chance| exchange.dice.strikes(chance);
        let plain = |action, rest| self.report(action, &self.ids.leg, rest, exchange);
        let outbound = self.direction() == Direction::Outbound;
        let nothing = Members::default();
        match happening {
            Happening::Ringing if !strikes(faults.no_progress) => vec![plain("ALERT", nothing)],
            Happening::Answered if outbound && !strikes(faults.no_progress) => {
                vec![plain("ANSWERED", nothing)]
            }
            Happening::Heard { ivr, .. } if !strikes(faults.no_prompt_ends) => {
                let ivr = Content::Object(Members::default().text("ivrid", ivr.clone()));
                let rest =
                    Members::default().with("ivr", ivr).text("playtonum", self.number.as_str());
                vec![plain("PlayPromptEnd", rest)]
            }
            Happening::Pressed { key, flag } if !strikes(faults.no_keys) => {
                let ends = key.as_str().chars().all(|key| key == '#' || live.walk.is_end_key(key));
                let leg = self.dtmf_leg(ends, exchange);
                let rest =
                    Members::default().text("info", key.as_str()).text("flag", flag.to_string());
                vec![self.report("DTMF", leg, rest, exchange)]
            }
            Happening::Entry { digits, end_key, .. } if !strikes(faults.no_infos) => {
                let mut infos = digits.as_str().to_owned();
                infos.extend(end_key.filter(|_| strikes(faults.infos_with_end_key)));
                let leg = self.dtmf_leg(true, exchange);
                vec![self.report("DTMF", leg, Members::default().text("infos", infos), exchange)]
            }
            Happening::Failed { reason } => {
                let rest = Members::default().text("reason", reason.clone());
                vec![Report { flat: true, ..plain("CallFailed", rest) }]
            }
            Happening::Ended { end } => self.last_reports(&live.record, *end, at_ms, exchange),
            _ => Vec::new(),
        }
    }

    /// BYE twice, unless the callee was never reached, and the CDR.
    fn last_reports(
        &self,
        record: &CallRecord,
        end: End,
        at_ms: u64,
        exchange: &Exchange,
    ) -> Vec<Report> {
        let bye = || self.report("BYE", &self.ids.leg, Members::default(), exchange);
        let cdr = self.report("NewCdr", "", self.cdr(record, end, at_ms, exchange), exchange);
        let cdr = Report { party: None, ..cdr };
        match end {
            End::Lost => Vec::new(),
            End::Busy | End::NoAnswer | End::Unreachable => vec![cdr],
            _ => vec![bye(), bye(), cdr],
        }
    }

    fn cdr(&self, record: &CallRecord, end: End, at_ms: u64, exchange: &Exchange) -> Members {
        let seconds = |from_ms: u64| ((at_ms - from_ms + 500) / 1000).to_string();
        let party = self.party(&self.ids.leg, exchange);
        let (trunk, kind) = match self.direction() {
            Direction::Outbound => ("desttrunkname", "Outbound"),
            Direction::Inbound => ("srctrunkname", "Inbound"),
        };
        let status = match (record.answered_ms, end) {
            (Some(_), _) => "ANSWERED",
            (None, End::Busy) => "BUSY",
            (None, End::Unreachable) => "FAILED",
            (None, _) => "NO ANSWER",
        };
        Members::default()
            .text("timestart", self.began.strftime("%Y-%m-%d %H:%M:%S").to_string())
            .text("callfrom", party.from)
            .text("callto", party.to)
            .text(trunk, party.trunk)
            .text("callduraction", seconds(record.started_ms))
            .text("talkduraction", record.answered_ms.map_or_else(|| "0".to_owned(), seconds))
            .text("status", status)
            .text("type", kind)
    }

    fn report(
        &self,
        action: &'static str,
        leg: &str,
        rest: Members,
        exchange: &Exchange,
    ) -> Report {
        let faults = &exchange.settings.faults;
        Report {
            action,
            callid: self.ids.callid.clone(),
            party: Some(self.party(leg, exchange)),
            flat: false,
            rest,
            sn: exchange.settings.serial.clone(),
            flaws: Flaws {
                numbers: exchange.dice.strikes(faults.numbers),
                trailing_comma: exchange.dice.strikes(faults.trailing_commas),
            },
        }
    }

    /// The leg id in a DTMF report: the call's own id in the last two of an entry, if asked for.
    fn dtmf_leg(&self, ends_entry: bool, exchange: &Exchange) -> &str {
        if ends_entry && exchange.dice.strikes(exchange.settings.faults.leg_is_callid) {
            &self.ids.callid
        } else {
            &self.ids.leg
        }
    }

    fn party(&self, leg: &str, exchange: &Exchange) -> report::Party {
        let (from, to) = match self.direction() {
            Direction::Outbound => (self.ivr.as_str(), self.number.as_str()),
            Direction::Inbound => (self.number.as_str(), self.ivr.as_str()),
        };
        report::Party {
            direction: self.direction(),
            from: from.to_owned(),
            to: to.to_owned(),
            trunk: exchange.settings.trunk.clone(),
            leg: leg.to_owned(),
        }
    }
}

/// Puts what happened into a record.
fn note(record: &mut CallRecord, at_ms: u64, happening: &Happening) {
    match happening {
        Happening::Answered => record.answered_ms = Some(at_ms),
        Happening::Entered { ivr, again: false, .. } => record.path.push(ivr.clone()),
        Happening::Entered { again: true, .. } => record.replays += 1,
        Happening::Pressed { key, .. } => record.keys.append(key),
        Happening::Transferred { to, errno } => record.transfers.push(Transfer {
            at_ms: at_ms.saturating_sub(record.started_ms),
            to: to.clone(),
            errno: *errno,
        }),
        Happening::Ended { end } => {
            (record.ended_ms, record.end) = (Some(at_ms), Some(*end));
        }
        _ => {}
    }
}
