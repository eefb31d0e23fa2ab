//! Figures of the running server, in Prometheus' text format.
//!
//! Counted where things happen, read at `GET /metrics`. Labels are words of a fixed set: no numbers of
//! people, no digits, no ids, no addresses. Must not decide anything.

use crate::pbx::Readiness;
use ivrkit_dialplan::verification::{Answer, Outcome, Verdict};
use prometheus::{
    Encoder as _, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, TextEncoder, core::Collector,
};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Upper bounds of histograms, in seconds: from what a store in memory takes to what callees notice.
const BOUNDS_S: [f64; 15] = [
    0.0005, 0.001, 0.002, 0.003, 0.004, 0.006, 0.008, 0.012, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0,
];

/// The figures. Cloned handles count on the same ones.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    registry: Registry,
    calls: IntGaugeVec,
    ended: IntCounterVec,
    verdicts: IntCounterVec,
    reports: IntCounterVec,
    steered: IntCounterVec,
    pbx_up: IntGauge,
    pbx_state: IntGaugeVec,
    pbx_logins: IntCounter,
    store_up: IntGauge,
    /// From the arrival of a report until it is on the disk.
    pub(crate) report_lag: Histogram,
    /// From the arrival of an entry's report until the PBX is asked to send the call on.
    pub(crate) entry_to_transfer: Histogram,
    /// From asking the PBX to send a call on until its answer.
    pub(crate) transfer: Histogram,
    /// One look-up.
    pub(crate) lookup: Histogram,
    /// One durable commit.
    pub(crate) commit: Histogram,
    /// What one commit holds.
    pub(crate) batch: Histogram,
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReportFate {
    /// Recorded and worked on.
    Taken,
    /// Could not be recorded; the PBX repeats it.
    Unrecorded,
    /// Of a call that is not ours, or is over.
    Foreign,
    /// Of an action that does not concern verified calls.
    Unconcerning,
    /// Cannot be read, or lacks what it must have.
    Unreadable,
    /// From an address that may not report.
    NotAllowed,
    /// On another path than the secret one.
    Misplaced,
}

/// How far a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallState {
    /// Waits to be dialled.
    Queued,
    /// Being dialled, or ringing.
    Dialling,
    /// In an IVR.
    Answered,
    /// An entry is being looked up.
    Judging,
    /// Being sent on.
    Steering,
}

/// Every word that `state` of a PBX can be.
const READINESS: [(Readiness, &str); 5] = [
    (Readiness::Starting, "starting"),
    (Readiness::Ready, "ready"),
    (Readiness::Unreachable, "unreachable"),
    (Readiness::Refused, "refused"),
    (Readiness::Locked, "locked"),
];

impl Metrics {
    /// Figures that all begin at zero.
    pub(crate) fn new() -> Self {
        let registry = Registry::new();
        let counters = |name, help, label: &str| {
            let counters = IntCounterVec::new(Opts::new(name, help), &[label]);
            registered(&registry, counters.expect("a sound name"))
        };
        let gauges = |name, help, label: &str| {
            let gauges = IntGaugeVec::new(Opts::new(name, help), &[label]);
            registered(&registry, gauges.expect("a sound name"))
        };
        let gauge =
            |name, help| registered(&registry, IntGauge::new(name, help).expect("a sound name"));
        let histogram = |name, help| seconds(&registry, name, help);
        let metrics = Self {
            calls: gauges("ivrkit_calls", "Calls that are not over, by state.", "state"),
            ended: counters("ivrkit_calls_ended_total", "Calls that ended, by outcome.", "outcome"),
            verdicts: counters("ivrkit_verdicts_total", "Judged entries, by verdict.", "verdict"),
            reports: counters(
                "ivrkit_reports_total",
                "Reports of the PBX, by what became of them.",
                "result",
            ),
            steered: counters(
                "ivrkit_transfers_total",
                "Transfers and hang-ups asked of the PBX, by its answer.",
                "result",
            ),
            pbx_up: gauge("ivrkit_pbx_up", "Whether there is a session with the PBX."),
            pbx_state: gauges("ivrkit_pbx_state", "1 for the state of the session.", "state"),
            pbx_logins: registered(
                &registry,
                IntCounter::new("ivrkit_pbx_logins_total", "Logins to the PBX.")
                    .expect("a sound name"),
            ),
            store_up: gauge("ivrkit_store_up", "Whether the last write to the store worked."),
            report_lag: histogram(
                "ivrkit_report_lag_seconds",
                "From the arrival of a report until it is stored.",
            ),
            entry_to_transfer: histogram(
                "ivrkit_entry_to_transfer_seconds",
                "From the arrival of an entry's report until the PBX is asked to send the call on.",
            ),
            transfer: histogram(
                "ivrkit_transfer_seconds",
                "From asking the PBX to send a call on until its answer.",
            ),
            lookup: histogram("ivrkit_lookup_seconds", "One look-up of an entry."),
            commit: histogram("ivrkit_store_commit_seconds", "One durable commit."),
            batch: {
                let help = "Events that one commit holds.";
                let options = HistogramOpts::new("ivrkit_store_commit_events", help);
                let bounds = vec![1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];
                let histogram = Histogram::with_opts(options.buckets(bounds));
                registered(&registry, histogram.expect("a sound name"))
            },
            registry,
        };
        metrics.begin();
        metrics
    }

    /// Names every label's values, so that none appears only when it first counts.
    fn begin(&self) {
        let state = |state: CallState| drop(self.calls.with_label_values(&[state.word()]));
        CallState::ALL.into_iter().for_each(state);
        for fate in ReportFate::ALL {
            self.reports.with_label_values(&[fate.word()]);
        }
        for outcome in ["verified", "exhausted", "unverified", "not-reached", "refused", "lost"] {
            self.ended.with_label_values(&[outcome]);
        }
        for verdict in ["match", "mismatch", "unavailable"] {
            self.verdicts.with_label_values(&[verdict]);
        }
        for answer in ["done", "no-such-call", "not-yet", "refused", "unsure", "not-done"] {
            self.steered.with_label_values(&[answer]);
        }
        self.store_up.set(1);
        self.pbx(Readiness::Starting);
        let (name, help) = ("ivrkit_build_info", "1; the version is a label.");
        let options = Opts::new(name, help).const_label("version", env!("CARGO_PKG_VERSION"));
        let info = registered(&self.registry, IntGauge::with_opts(options).expect("a sound name"));
        info.set(1);
        let (name, help) = ("ivrkit_start_time_seconds", "When the server started, Unix time.");
        let start = registered(&self.registry, IntGauge::new(name, help).expect("a sound name"));
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        start.set(i64::try_from(since.as_secs()).unwrap_or_default());
    }

    /// A call came to a state.
    pub(crate) fn enter(&self, state: CallState) {
        self.calls.with_label_values(&[state.word()]).inc();
    }

    /// A call left a state.
    pub(crate) fn leave(&self, state: CallState) {
        self.calls.with_label_values(&[state.word()]).dec();
    }

    /// So many calls wait to be dialled.
    pub(crate) fn queued(&self, count: usize) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.calls.with_label_values(&[CallState::Queued.word()]).set(count);
    }

    /// A call is over.
    pub(crate) fn ended(&self, outcome: Outcome) {
        self.ended.with_label_values(&[word(outcome)]).inc();
    }

    /// An entry was judged.
    pub(crate) fn judged(&self, verdict: Verdict) {
        let verdict = match verdict {
            Verdict::Match => "match",
            Verdict::Mismatch => "mismatch",
            Verdict::Unavailable => "unavailable",
        };
        self.verdicts.with_label_values(&[verdict]).inc();
    }

    /// A report came.
    pub(crate) fn report(&self, fate: ReportFate) {
        self.reports.with_label_values(&[fate.word()]).inc();
    }

    /// The PBX answered a transfer or hang-up.
    pub(crate) fn steered(&self, answer: Result<(), Answer>) {
        let answer = match answer {
            Ok(()) => "done",
            Err(Answer::NoSuchCall) => "no-such-call",
            Err(Answer::NotYet) => "not-yet",
            Err(Answer::Refused { .. }) => "refused",
            Err(Answer::Unsure) => "unsure",
            Err(Answer::NotDone) => "not-done",
        };
        self.steered.with_label_values(&[answer]).inc();
    }

    /// What the session with the PBX is.
    pub(crate) fn pbx(&self, now: Readiness) {
        self.pbx_up.set(i64::from(now == Readiness::Ready));
        for (readiness, word) in READINESS {
            self.pbx_state.with_label_values(&[word]).set(i64::from(readiness == now));
        }
    }

    /// There is a new session.
    pub(crate) fn logged_in(&self) {
        self.pbx_logins.inc();
    }

    /// Whether the last write worked.
    pub(crate) fn store(&self, works: bool) {
        self.store_up.set(i64::from(works));
    }

    /// All figures as text.
    pub(crate) fn text(&self) -> String {
        let mut text = Vec::new();
        let written = TextEncoder::new().encode(&self.registry.gather(), &mut text);
        written.expect("figures with names are written into memory");
        String::from_utf8(text).expect("the format is UTF-8")
    }
}

/// Notes how long something took.
pub(crate) fn observe(histogram: &Histogram, took: Duration) {
    histogram.observe(took.as_secs_f64());
}

fn seconds(registry: &Registry, name: &str, help: &str) -> Histogram {
    let options = HistogramOpts::new(name, help).buckets(BOUNDS_S.to_vec());
    registered(registry, Histogram::with_opts(options).expect("a sound name"))
}

fn registered<C: Collector + Clone + 'static>(registry: &Registry, collector: C) -> C {
    registry.register(Box::new(collector.clone())).expect("each name is registered once");
    collector
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Verified => "verified",
        Outcome::Exhausted => "exhausted",
        Outcome::Unverified => "unverified",
        Outcome::NotReached => "not-reached",
        Outcome::Refused => "refused",
        Outcome::Lost => "lost",
        Outcome::Unavailable => "unavailable",
    }
}

impl ReportFate {
    const ALL: [Self; 7] = [
        Self::Taken,
        Self::Unrecorded,
        Self::Foreign,
        Self::Unconcerning,
        Self::Unreadable,
        Self::NotAllowed,
        Self::Misplaced,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Unrecorded => "unrecorded",
            Self::Foreign => "foreign",
            Self::Unconcerning => "unconcerning",
            Self::Unreadable => "unreadable",
            Self::NotAllowed => "not-allowed",
            Self::Misplaced => "misplaced",
        }
    }
}

impl CallState {
    const ALL: [Self; 5] =
        [Self::Queued, Self::Dialling, Self::Answered, Self::Judging, Self::Steering];

    fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Dialling => "dialling",
            Self::Answered => "answered",
            Self::Judging => "judging",
            Self::Steering => "steering",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_is_there_before_it_counts() {
        let metrics = Metrics::new();
        let text = metrics.text();
        for line in [
            "ivrkit_calls{state=\"judging\"} 0",
            "ivrkit_calls_ended_total{outcome=\"lost\"} 0",
            "ivrkit_verdicts_total{verdict=\"unavailable\"} 0",
            "ivrkit_transfers_total{result=\"unsure\"} 0",
            "ivrkit_pbx_state{state=\"starting\"} 1",
            "ivrkit_pbx_up 0",
            "ivrkit_store_up 1",
            "ivrkit_entry_to_transfer_seconds_count 0",
            "ivrkit_store_commit_seconds_bucket{le=\"0.004\"} 0",
        ] {
            assert!(text.lines().any(|known| known == line), "{line}\n{text}");
        }
    }

    #[test]
    fn what_happens_is_counted_once() {
        let metrics = Metrics::new();
        metrics.enter(CallState::Dialling);
        metrics.enter(CallState::Dialling);
        metrics.leave(CallState::Dialling);
        metrics.pbx(Readiness::Locked);
        metrics.steered(Err(Answer::Unsure));
        observe(&metrics.commit, Duration::from_micros(3500));
        let text = metrics.text();
        for line in [
            "ivrkit_calls{state=\"dialling\"} 1",
            "ivrkit_pbx_state{state=\"starting\"} 0",
            "ivrkit_pbx_state{state=\"locked\"} 1",
            "ivrkit_transfers_total{result=\"unsure\"} 1",
            "ivrkit_store_commit_seconds_bucket{le=\"0.003\"} 0",
            "ivrkit_store_commit_seconds_bucket{le=\"0.004\"} 1",
        ] {
            assert!(text.lines().any(|known| known == line), "{line}\n{text}");
        }
    }
}
