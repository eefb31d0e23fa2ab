//! What happened, held against what should have.

mod course;
mod sequence;

use super::{
    case::{Case, World},
    model::{EndedBy, Verified},
    value::{Word, ms},
};
use crate::{
    call::{What, Why},
    rehearsal::{Happened, Record, is_place, is_sound},
    verification::Outcome,
};
use course::{Course, Found};
use sequence::{Item, Matching};

/// One expectation that was not met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The key of the test file that says it, such as `heard`; `when` if the caller could not do it.
    pub expectation: &'static str,
    /// Line of the test file, from 1.
    pub line: usize,
    /// What was found and what was expected.
    pub message: String,
    /// Both, side by side, for lists.
    pub comparison: Option<Comparison>,
    /// The happening at which it shows first: an index into [`Record::happenings`].
    pub at: Option<usize>,
}

/// Two lists that should have been alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// What the test expects.
    pub expected: Vec<String>,
    /// What was found.
    pub found: Vec<String>,
    /// The first of `expected` that is not there.
    pub expected_at: usize,
    /// The first of `found` that should not be there; its length if something is missing at the end.
    pub found_at: usize,
}

impl Case<'_> {
    /// Every expectation that was not met.
    pub fn judge(&self, world: &World<'_>, record: &Record) -> Vec<Failure> {
        let folder = world.scenario.map(|scenario| scenario.media.root.as_str());
        let judge = Judge { case: self, record, course: Course::of(record, folder) };
        let mut failures = Vec::new();
        judge.certainty(&mut failures);
        if !failures.is_empty() {
            // Whatever else is missing would only be because the call stopped there.
            return failures;
        }
        judge.script(&mut failures);
        judge.lists(&mut failures);
        judge.places(&mut failures);
        judge.sounds(&mut failures);
        judge.variables(&mut failures);
        judge.end(&mut failures);
        judge.server(&mut failures);
        judge.length(&mut failures);
        failures
    }
}

/// A list of the test file, if it has it.
type Expected<'a> = &'a Option<Vec<Word>>;

struct Judge<'a> {
    case: &'a Case<'a>,
    record: &'a Record,
    course: Course<'a>,
}

impl Judge<'_> {
    fn failure(&self, expectation: &'static str, message: String, at: Option<usize>) -> Failure {
        let line = self.case.lines.get(expectation).copied().unwrap_or(self.case.line);
        Failure { expectation, line, message, comparison: None, at }
    }

    fn last(&self) -> Option<usize> {
        self.record.happenings.len().checked_sub(1)
    }

    /// The simulation knew how to go on.
    fn certainty(&self, failures: &mut Vec<Failure>) {
        let is_expected = |by| self.case.then.ended_by == Some(by);
        match &self.course.why {
            Some(Why::NotModelled(name)) if !is_expected(EndedBy::NotModelled) => {
                let message = format!("`{name}` is not simulated, so nobody knows what comes then");
                failures.push(self.failure("ended_by", message, self.last()));
            }
            Some(Why::TooManySteps | Why::TooLong) if !is_expected(EndedBy::Limit) => {
                let message = "the call goes on for ever".to_owned();
                failures.push(self.failure("ended_by", message, self.last()));
            }
            _ => {}
        }
    }

    /// The caller did all that the script says.
    fn script(&self, failures: &mut Vec<Failure>) {
        let undone = self.record.undone.as_deref();
        match (undone, self.case.then.undone.as_ref().map(|Word(text)| text.as_str())) {
            (Some(undone), None) => {
                let message = format!("the call was over before the caller could do `{undone}`");
                failures.push(self.failure("when", message, self.last()));
            }
            (undone, Some(expected)) if undone.unwrap_or_default() != expected => {
                let undone = undone.unwrap_or("nothing");
                let message = format!("`{undone}` was left undone, expected `{expected}`");
                failures.push(self.failure("undone", message, self.last()));
            }
            _ => {}
        }
    }

    fn lists(&self, failures: &mut Vec<Failure>) {
        let (then, course) = (&self.case.then, &self.course);
        let lists: [(&'static str, Expected<'_>, &[Found], Matching); 5] = [
            ("ivrs", &then.ivrs, &course.ivrs, Matching::WHOLE),
            ("path", &then.path, &course.path, Matching::PLACES),
            ("heard", &then.heard, &course.heard, Matching::SOUNDS),
            ("events", &then.events, &course.events, Matching::EVENTS),
            ("complaints", &then.complaints, &course.complaints, Matching::PIECES),
        ];
        for (expectation, expected, found, matching) in lists {
            let Some(expected) = expected else { continue };
            let items: Vec<Item> = expected.iter().map(|Word(text)| Item::of(text)).collect();
            let Some(difference) = sequence::difference(&items, found, matching) else { continue };
            let at = found.get(difference.found_at).map(|found| found.at);
            let text = |word: &Word| word.0.clone();
            let comparison = Comparison {
                expected: expected.iter().map(text).collect(),
                found: found.iter().map(|found| found.text.clone()).collect(),
                expected_at: difference.expected_at,
                found_at: difference.found_at,
            };
            let message = comparison.message();
            let at = at.or(self.last());
            let comparison = Some(comparison);
            failures.push(Failure { comparison, ..self.failure(expectation, message, at) });
        }
    }

    fn places(&self, failures: &mut Vec<Failure>) {
        let first = |place: &str| {
            self.record.happenings.iter().position(|happening| match &happening.what {
                Happened::Call(What::Step { context, exten, priority, .. }) => {
                    is_place(context, exten, *priority, place)
                }
                _ => false,
            })
        };
        for Word(place) in self.case.then.reached.iter().flatten() {
            if first(place).is_none() {
                let message = format!("`{place}` was never reached");
                failures.push(self.failure("reached", message, None));
            }
        }
        for Word(place) in self.case.then.never_reached.iter().flatten() {
            if let at @ Some(_) = first(place) {
                let message = format!("`{place}` was reached");
                failures.push(self.failure("never_reached", message, at));
            }
        }
    }

    fn sounds(&self, failures: &mut Vec<Failure>) {
        for Word(name) in self.case.then.never_heard.iter().flatten() {
            let begun = self.record.happenings.iter().position(|happening| {
                matches!(&happening.what, Happened::Call(What::SoundBegins { name: played })
                    if is_sound(played, name))
            });
            if begun.is_some() {
                let message = format!("`{name}` was heard");
                failures.push(self.failure("never_heard", message, begun));
            }
        }
    }

    fn variables(&self, failures: &mut Vec<Failure>) {
        for (name, Word(expected)) in self.case.then.variables.iter().flatten() {
            let found = self.record.variable(name).unwrap_or_default();
            let found = String::from_utf8_lossy(&found);
            if found != *expected {
                let message = format!("`{name}` is `{found}`, expected `{expected}`");
                failures.push(self.failure("variables", message, self.last()));
            }
        }
    }

    fn end(&self, failures: &mut Vec<Failure>) {
        let then = &self.case.then;
        let Some(end) = self.record.end() else { return };
        let Happened::Call(What::Ended { cause, context, exten, priority, why }) = &end.what else {
            return;
        };
        let at = self.last();
        let by = ended_by(why, self.record.is_ended_by_server);
        if let Some(expected) = then.ended_by.filter(|&expected| expected != by) {
            let message =
                format!("the call was ended by {}, expected {}", said(by), said(expected));
            failures.push(self.failure("ended_by", message, at));
        }
        if let Some(expected) = then.cause.filter(|expected| expected != cause) {
            let message = format!("the cause is {cause}, expected {expected}");
            failures.push(self.failure("cause", message, at));
        }
        if let Some(Word(place)) = &then.ended_at
            && !is_place(context, exten, *priority, place)
        {
            let (context, exten) =
                (String::from_utf8_lossy(context), String::from_utf8_lossy(exten));
            let message =
                format!("the call ended at `{context},{exten},{priority}`, expected `{place}`");
            failures.push(self.failure("ended_at", message, at));
        }
    }

    fn server(&self, failures: &mut Vec<Failure>) {
        let then = &self.case.then;
        let verified = self.record.verification;
        let outcome = verified.and_then(|verified| verified.outcome).map(outcome);
        if let Some(expected) = then.outcome.filter(|&expected| outcome != Some(expected)) {
            let found = outcome.map_or("none", outcome_name);
            let message = format!("the outcome is {found}, expected {}", outcome_name(expected));
            failures.push(self.failure("outcome", message, self.last()));
        }
        let attempts = verified.map_or(0, |verified| verified.attempts);
        if let Some(expected) = then.attempts.filter(|&expected| expected != attempts) {
            let message = format!("{attempts} entries were judged, expected {expected}");
            failures.push(self.failure("attempts", message, self.last()));
        }
    }

    fn length(&self, failures: &mut Vec<Failure>) {
        let found_ms = self.record.length_ms();
        let mut hold = |expectation,
                        expected_s: Option<f64>,
                        is_met: fn(u64, u64) -> bool,
                        most| {
            if let Some(expected_s) = expected_s.filter(|&limit_s| !is_met(found_ms, ms(limit_s))) {
                let (whole, hundredths) = (found_ms / 1000, found_ms % 1000 / 10);
                let message = format!(
                    "the call took {whole}.{hundredths:02} s, expected {most} {expected_s} s"
                );
                failures.push(self.failure(expectation, message, self.last()));
            }
        };
        hold("at_most_s", self.case.then.at_most_s, |found, limit| found <= limit, "at most");
        hold("at_least_s", self.case.then.at_least_s, |found, limit| found >= limit, "at least");
    }
}

impl Comparison {
    fn message(&self) -> String {
        let expected = self.expected.get(self.expected_at);
        match (expected, self.found.get(self.found_at)) {
            (Some(expected), Some(found)) => {
                format!("found `{found}` as no. {}, expected `{expected}`", self.found_at + 1)
            }
            (Some(expected), None) => format!("found nothing more, expected `{expected}`"),
            (None, Some(found)) => format!("found `{found}`, expected nothing more"),
            (None, None) => "found another list than expected".to_owned(),
        }
    }
}

fn ended_by(why: &Why, is_server: bool) -> EndedBy {
    match why {
        Why::Application => EndedBy::Application,
        Why::FellOff => EndedBy::LastPriority,
        Why::NoExtension => EndedBy::NoExtension,
        Why::NoTimeout => EndedBy::NoTimeout,
        Why::Caller if is_server => EndedBy::Server,
        Why::Caller => EndedBy::Caller,
        Why::AbsoluteTimeout => EndedBy::AbsoluteTimeout,
        Why::NotModelled(_) => EndedBy::NotModelled,
        Why::TooManySteps | Why::TooLong => EndedBy::Limit,
    }
}

fn said(by: EndedBy) -> &'static str {
    match by {
        EndedBy::Application => "`application`",
        EndedBy::Caller => "`caller`",
        EndedBy::Server => "`server`",
        EndedBy::LastPriority => "`last-priority`",
        EndedBy::NoExtension => "`no-extension`",
        EndedBy::NoTimeout => "`no-timeout`",
        EndedBy::AbsoluteTimeout => "`absolute-timeout`",
        EndedBy::NotModelled => "`not-modelled`",
        EndedBy::Limit => "`limit`",
    }
}

fn outcome(outcome: Outcome) -> Verified {
    match outcome {
        Outcome::Verified => Verified::Verified,
        Outcome::Exhausted => Verified::Exhausted,
        Outcome::Unverified => Verified::Unverified,
        Outcome::Unavailable => Verified::Unavailable,
        Outcome::NotReached => Verified::NotReached,
        Outcome::Refused => Verified::Refused,
        Outcome::Lost => Verified::Lost,
    }
}

fn outcome_name(outcome: Verified) -> &'static str {
    match outcome {
        Verified::Verified => "`verified`",
        Verified::Exhausted => "`exhausted`",
        Verified::Unverified => "`unverified`",
        Verified::Unavailable => "`unavailable`",
        Verified::NotReached => "`not-reached`",
        Verified::Refused => "`refused`",
        Verified::Lost => "`lost`",
    }
}
