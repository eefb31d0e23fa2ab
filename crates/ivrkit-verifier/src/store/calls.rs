//! Calls and their history in the store.

use super::{Failure, Writing};
use crate::{crypto::Tag, number::PhoneNumber};
use ivrkit_dialplan::verification::{Call, Direction, Outcome, Step, TimeMs};
use rusqlite::{OptionalExtension as _, Row};
use serde::Serialize;

/// How far a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Waits to be dialled.
    Queued,
    /// Has a machine.
    Live,
    /// Nothing will happen any more.
    Over,
}

/// A call as it is read from the store.
#[derive(Debug, Clone)]
pub struct CallRecord {
    /// Our id of it.
    pub id: String,
    /// Who rang whom.
    pub direction: Direction,
    /// How far it is.
    pub phase: Phase,
    /// When it was asked for, or came in.
    pub created: TimeMs,
    /// When it ended.
    pub ended: Option<TimeMs>,
    /// The callee's number; the caller's for a call that came in.
    pub number: PhoneNumber,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Its history, oldest first.
    pub steps: Vec<RecordedStep>,
}

/// One line of a call's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedStep {
    /// When.
    pub at: TimeMs,
    /// What.
    pub step: Step,
}

/// An unfinished call, to go on with.
pub(crate) struct CallRow {
    pub(crate) id: String,
    pub(crate) direction: Direction,
    pub(crate) created: TimeMs,
    pub(crate) number: PhoneNumber,
    pub(crate) steps: u32,
    /// `None` while it waits to be dialled.
    pub(crate) machine: Option<Call>,
}

/// An unfinished call that cannot be gone on with.
pub(crate) struct Unreadable {
    pub(crate) id: String,
    pub(crate) steps: u32,
    pub(crate) why: Failure,
}

/// A call to begin with.
pub(crate) struct NewRow<'a> {
    pub(crate) id: &'a str,
    pub(crate) direction: Direction,
    pub(crate) created: TimeMs,
    pub(crate) number: &'a PhoneNumber,
}

impl Writing<'_> {
    /// Adds a queued call.
    pub(crate) fn add_call(&self, call: &NewRow<'_>) -> Result<(), Failure> {
        let number = self.keys.seal(&name("callee", call.id), call.number.dialled().as_bytes());
        self.transaction
            .prepare_cached(
                "INSERT INTO call (id, direction, phase, created_ms, callee_tag, callee)
                 VALUES (?1, ?2, 'queued', ?3, ?4, ?5)",
            )?
            .execute((
                call.id,
                direction_text(call.direction),
                call.created,
                self.keys.callee(call.number),
                number,
            ))?;
        Ok(())
    }

    /// Writes the state of a call's machine.
    pub(crate) fn save_machine(
        &self,
        id: &str,
        machine: &Call,
        pbx_id: Option<&str>,
        steps: u32,
    ) -> Result<(), Failure> {
        let sealed = self.keys.seal(&name("machine", id), &serde_json::to_vec(machine)?);
        self.transaction
            .prepare_cached(
                "UPDATE call SET phase = 'live', machine = ?2, pbx_id = ?3, steps = ?4
                 WHERE id = ?1",
            )?
            .execute((id, sealed, pbx_id, steps))?;
        Ok(())
    }

    /// Ends a call: its machine goes, its history stays.
    pub(crate) fn end_call(
        &self,
        id: &str,
        outcome: Outcome,
        now: TimeMs,
        pbx_id: Option<&str>,
        steps: u32,
    ) -> Result<(), Failure> {
        self.transaction
            .prepare_cached(
                "UPDATE call SET phase = 'over', machine = NULL, outcome = ?2, ended_ms = ?3,
                 pbx_id = coalesce(?4, pbx_id), steps = ?5 WHERE id = ?1",
            )?
            .execute((id, word(outcome)?, now, pbx_id, steps))?;
        Ok(())
    }

    /// Adds a line to a call's history.
    pub(crate) fn add_step(
        &self,
        id: &str,
        number: u32,
        at: TimeMs,
        step: &Step,
    ) -> Result<(), Failure> {
        self.transaction
            .prepare_cached("INSERT INTO step (call, number, at_ms, step) VALUES (?1, ?2, ?3, ?4)")?
            .execute((id, number, at, serde_json::to_string(step)?))?;
        Ok(())
    }

    /// The calls that are not over, oldest first, and those of them that cannot be read.
    pub(crate) fn unfinished(&self) -> Result<(Vec<CallRow>, Vec<Unreadable>), Failure> {
        let mut query = self.transaction.prepare(
            "SELECT id, direction, created_ms, callee, steps, machine FROM call
             WHERE phase <> 'over' ORDER BY created_ms, rowid",
        )?;
        let mut rows = query.query([])?;
        let (mut calls, mut unreadable) = (Vec::new(), Vec::new());
        while let Some(row) = rows.next()? {
            match self.unfinished_call(row) {
                Ok(call) => calls.push(call),
                Err(Failure::Database(error)) => return Err(error.into()),
                Err(why) => {
                    let (id, steps) = (row.get("id")?, row.get("steps")?);
                    unreadable.push(Unreadable { id, steps, why });
                }
            }
        }
        Ok((calls, unreadable))
    }

    fn unfinished_call(&self, row: &Row<'_>) -> Result<CallRow, Failure> {
        let id: String = row.get("id")?;
        let machine = match row.get::<_, Option<Vec<u8>>>("machine")? {
            Some(sealed) => {
                Some(serde_json::from_slice(&self.keys.open(&name("machine", &id), &sealed)?)?)
            }
            None => None,
        };
        Ok(CallRow {
            direction: direction(row)?,
            created: row.get("created_ms")?,
            number: self.number(row, &id)?,
            steps: row.get("steps")?,
            machine,
            id,
        })
    }

    /// Whether the PBX's id belongs to a call that was ours.
    pub(crate) fn knows_pbx_id(&self, pbx_id: &str) -> Result<bool, Failure> {
        Ok(self
            .transaction
            .prepare_cached("SELECT 1 FROM call WHERE pbx_id = ?1")?
            .exists([pbx_id])?)
    }

    /// One call with its history.
    pub(crate) fn record(&self, id: &str) -> Result<Option<CallRecord>, Failure> {
        let mut query = self.transaction.prepare_cached(
            "SELECT id, direction, phase, created_ms, ended_ms, callee, outcome FROM call
             WHERE id = ?1",
        )?;
        let mut rows = query.query([id])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let outcome = match row.get::<_, Option<String>>("outcome")? {
            Some(word) => Some(serde_json::from_value(word.into())?),
            None => None,
        };
        Ok(Some(CallRecord {
            id: id.to_owned(),
            direction: direction(row)?,
            phase: match row.get_ref("phase")?.as_str().unwrap_or_default() {
                "queued" => Phase::Queued,
                "live" => Phase::Live,
                _ => Phase::Over,
            },
            created: row.get("created_ms")?,
            ended: row.get("ended_ms")?,
            number: self.number(row, id)?,
            outcome,
            steps: self.steps(id)?,
        }))
    }

    /// The id of the latest call with this callee or caller.
    pub(crate) fn latest_of(&self, number: &PhoneNumber) -> Result<Option<String>, Failure> {
        let mut query = self.transaction.prepare_cached(
            "SELECT id FROM call WHERE callee_tag = ?1 ORDER BY created_ms DESC, rowid DESC LIMIT 1",
        )?;
        Ok(query.query_row([self.keys.callee(number)], |row| row.get(0)).optional()?)
    }

    /// Every call with this callee or caller.
    #[cfg(test)]
    pub(crate) fn records_of(&self, number: &PhoneNumber) -> Result<Vec<CallRecord>, Failure> {
        let mut query = self.transaction.prepare("SELECT id FROM call WHERE callee_tag = ?1")?;
        let ids = query.query_map([self.keys.callee(number)], |row| row.get::<_, String>(0))?;
        let ids = ids.collect::<Result<Vec<_>, _>>()?;
        ids.iter().filter_map(|id| self.record(id).transpose()).collect()
    }

    fn steps(&self, id: &str) -> Result<Vec<RecordedStep>, Failure> {
        let mut query = self
            .transaction
            .prepare_cached("SELECT at_ms, step FROM step WHERE call = ?1 ORDER BY number")?;
        let mut rows = query.query([id])?;
        let mut steps = Vec::new();
        while let Some(row) = rows.next()? {
            let step = serde_json::from_str(row.get_ref("step")?.as_str().unwrap_or_default())?;
            steps.push(RecordedStep { at: row.get("at_ms")?, step });
        }
        Ok(steps)
    }

    /// The call that a request with this key began, and the tag of that request.
    pub(crate) fn request(&self, key: &Tag) -> Result<Option<(String, Tag)>, Failure> {
        let mut query = self
            .transaction
            .prepare_cached("SELECT call, body_tag FROM request WHERE key_tag = ?1")?;
        Ok(query.query_row([key], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    /// Remembers which call a request began.
    pub(crate) fn add_request(
        &self,
        key: &Tag,
        body: &Tag,
        call: &str,
        now: TimeMs,
    ) -> Result<(), Failure> {
        self.transaction
            .prepare_cached(
                "INSERT INTO request (key_tag, body_tag, call, at_ms) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute((key, body, call, now))?;
        Ok(())
    }

    /// Forgets calls and codes that ended before `before`, and requests before `requests_before`.
    pub(crate) fn purge(&self, before: TimeMs, requests_before: TimeMs) -> Result<usize, Failure> {
        let calls = self.transaction.execute("DELETE FROM call WHERE ended_ms < ?1", [before])?;
        let codes = self
            .transaction
            .execute("DELETE FROM code WHERE expires_ms < ?1 OR used_ms < ?1", [before])?;
        self.transaction.execute("DELETE FROM request WHERE at_ms < ?1", [requests_before])?;
        Ok(calls + codes)
    }

    fn number(&self, row: &Row<'_>, id: &str) -> Result<PhoneNumber, Failure> {
        let sealed: Vec<u8> = row.get("callee")?;
        let number = self.keys.open(&name("callee", id), &sealed)?;
        Ok(PhoneNumber::reported(&String::from_utf8_lossy(&number)))
    }
}

/// What a sealed value is bound to, so that none can be put in another's place.
fn name(what: &str, id: &str) -> String {
    format!("{what} of {id}")
}

fn direction_text(direction: Direction) -> &'static str {
    match direction {
        Direction::Outbound => "outbound",
        Direction::Inbound => "inbound",
    }
}

fn direction(row: &Row<'_>) -> rusqlite::Result<Direction> {
    Ok(match row.get_ref("direction")?.as_str().unwrap_or_default() {
        "inbound" => Direction::Inbound,
        _ => Direction::Outbound,
    })
}

/// An outcome as the word it has in JSON.
fn word(outcome: Outcome) -> Result<String, Failure> {
    Ok(serde_json::from_value(serde_json::to_value(outcome)?)?)
}
