//! A call as the API shows it: stable names, times in RFC 3339, the number masked.

use crate::{
    clock,
    store::{CallRecord, Phase},
};
use ivrkit_dialplan::{
    scenario::Number,
    verification::{Direction, Outcome, Step, Verdict},
};
use serde::Serialize;

/// A call as `GET /calls/{id}` shows it.
#[derive(Debug, Clone, Serialize)]
pub struct CallView {
    /// Our id of it.
    pub id: String,
    /// Who rang whom.
    pub direction: Direction,
    /// The other side's number, masked unless configured otherwise.
    pub to: String,
    /// `queued`, `dialling`, `ringing`, `answered` or `over`.
    pub state: &'static str,
    /// How it ended; `null` until then.
    pub outcome: Option<Outcome>,
    /// The IVRs it was in, in order.
    pub path: Vec<Number>,
    /// Judged entries.
    pub attempts: usize,
    /// Their verdicts, in order.
    pub verdicts: Vec<Verdict>,
    /// When it was asked for or came in, RFC 3339.
    pub created: String,
    /// When it ended.
    pub ended: Option<String>,
    /// Its history, oldest first.
    pub steps: Vec<StepView>,
}

/// One line of a call's history.
#[derive(Debug, Clone, Serialize)]
pub struct StepView {
    /// When, RFC 3339.
    pub at: String,
    /// What.
    #[serde(flatten)]
    pub step: Step,
}

impl CallView {
    /// What a record shows.
    pub fn new(record: &CallRecord, show_number: bool) -> Self {
        let steps = &record.steps;
        let path = steps.iter().filter_map(|line| match &line.step {
            Step::InIvr { ivr } => Some(ivr.clone()),
            _ => None,
        });
        let verdicts = steps.iter().filter_map(|line| match line.step {
            Step::Judged { verdict, .. } => Some(verdict),
            _ => None,
        });
        let verdicts: Vec<Verdict> = verdicts.collect();
        let number = &record.number;
        Self {
            id: record.id.clone(),
            direction: record.direction,
            to: if show_number { number.dialled().to_owned() } else { number.masked() },
            state: state(record),
            outcome: record.outcome,
            path: path.collect(),
            attempts: verdicts.iter().filter(|verdict| **verdict != Verdict::Unavailable).count(),
            verdicts,
            created: clock::rfc3339(record.created),
            ended: record.ended.map(clock::rfc3339),
            steps: steps
                .iter()
                .map(|line| StepView { at: clock::rfc3339(line.at), step: line.step.clone() })
                .collect(),
        }
    }
}

fn state(record: &CallRecord) -> &'static str {
    match record.phase {
        Phase::Queued => "queued",
        Phase::Over => "over",
        Phase::Live => {
            let had = |step: &dyn Fn(&Step) -> bool| record.steps.iter().any(|l| step(&l.step));
            if had(&|step| matches!(step, Step::InIvr { .. } | Step::Answered)) {
                "answered"
            } else if had(&|step| matches!(step, Step::Ringing)) {
                "ringing"
            } else {
                "dialling"
            }
        }
    }
}
