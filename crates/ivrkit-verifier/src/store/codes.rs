//! The codes of callees: kept as keyed hashes, with an expiry, each good for one success.

use super::{Error, Failure, Store, Writing};
use crate::{
    clock, config,
    crypto::{Keys, Tag},
    number::PhoneNumber,
};
use ivrkit_dialplan::verification::{TimeMs, Verdict};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use std::{path::PathBuf, time::Duration};
use subtle::{Choice, ConstantTimeEq as _};

/// Adds and lists codes, also while a server runs on the same store.
pub struct Codes {
    store: Store,
    path: PathBuf,
}

/// A code to add.
#[derive(Debug)]
pub struct NewCode {
    /// Name of the scenario.
    pub scenario: String,
    /// Name of the verification in it.
    pub verification: String,
    /// Whose code it is.
    pub to: PhoneNumber,
    /// The digits.
    pub digits: SecretString,
    /// For how long it is good.
    pub expires_in: Duration,
}

/// A code as it is listed: never its digits.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    /// Name of the scenario.
    pub scenario: String,
    /// Name of the verification.
    pub verification: String,
    /// The callee's number, masked.
    pub to: String,
    /// Whether it can still be used.
    pub state: State,
    /// When it was added, RFC 3339.
    pub added: String,
    /// Until when it is good, RFC 3339.
    pub expires: String,
    /// When it was used, RFC 3339.
    pub used: Option<String>,
}

/// Whether a code can still be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It can.
    Good,
    /// A call has used it.
    Used,
    /// Its time is over.
    Expired,
}

/// A code ready to be written: its hashes are made before the transaction begins.
pub(crate) struct Tagged {
    scenario: String,
    verification: String,
    masked: String,
    callee: Tag,
    code: Tag,
    expires_in_ms: TimeMs,
}

/// An entry to judge.
pub(crate) struct Question<'a> {
    pub(crate) call: &'a str,
    pub(crate) scenario: &'a str,
    pub(crate) verification: &'a str,
    pub(crate) number: &'a PhoneNumber,
    pub(crate) digits: &'a str,
}

impl Codes {
    /// Opens the store of a configuration.
    ///
    /// # Errors
    /// When the store or its key cannot be used.
    pub fn open(config: &config::Store) -> Result<Self, Error> {
        Ok(Self { store: Store::open(config)?, path: config.file.clone() })
    }

    /// Adds codes, all or none. `progress` is told how many are prepared.
    ///
    /// # Errors
    /// When the store cannot be written; then none is added.
    pub fn add(&mut self, codes: &[NewCode], mut progress: impl FnMut(usize)) -> Result<(), Error> {
        let keys = self.store.keys();
        let mut tagged = Vec::with_capacity(codes.len());
        for code in codes {
            tagged.push(Tagged::new(&keys, code));
            progress(tagged.len());
        }
        let now = clock::now_ms();
        self.write(|writing| tagged.iter().try_for_each(|code| writing.add_code(code, now)))
    }

    /// All codes that the store remembers, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn list(&mut self) -> Result<Vec<Listed>, Error> {
        let now = clock::now_ms();
        let listed = self.store.read().and_then(|reading| reading.codes(now));
        listed.map_err(|failure| self.error(failure))
    }

    fn write<T>(
        &mut self,
        work: impl FnOnce(&Writing<'_>) -> Result<T, Failure>,
    ) -> Result<T, Error> {
        let done = self.store.begin().and_then(|writing| {
            let value = work(&writing)?;
            writing.commit()?;
            Ok(value)
        });
        done.map_err(|failure| self.error(failure))
    }

    fn error(&self, failure: Failure) -> Error {
        match failure {
            Failure::Database(source) => Error::Database { path: self.path.clone(), source },
            Failure::Open(_) | Failure::Shape(_) => {
                unreachable!("nothing sealed is read with codes")
            }
        }
    }
}

impl Tagged {
    pub(crate) fn new(keys: &Keys, code: &NewCode) -> Self {
        let digits = code.digits.expose_secret();
        Self {
            callee: keys.callee(&code.to),
            code: keys.code(&code.scenario, &code.verification, &code.to, digits),
            masked: code.to.masked(),
            scenario: code.scenario.clone(),
            verification: code.verification.clone(),
            expires_in_ms: TimeMs::try_from(code.expires_in.as_millis()).unwrap_or(TimeMs::MAX / 2),
        }
    }
}

impl Writing<'_> {
    /// Adds a code.
    pub(crate) fn add_code(&self, code: &Tagged, now: TimeMs) -> Result<(), Failure> {
        self.transaction
            .prepare_cached(
                "INSERT INTO code (scenario, verification, callee_tag, callee_masked, code_tag,
                 added_ms, expires_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute((
                &code.scenario,
                &code.verification,
                code.callee,
                &code.masked,
                code.code,
                now,
                now.saturating_add(code.expires_in_ms),
            ))?;
        Ok(())
    }

    /// Judges an entry. A match uses the code up; the same call with the same digits matches again,
    /// because a crash may have forgotten the verdict. Whether a wrong entry was unknown, used,
    /// expired or another's is never said.
    pub(crate) fn judge(&self, question: &Question<'_>, now: TimeMs) -> Result<Verdict, Failure> {
        let asked = self.keys.code(
            question.scenario,
            question.verification,
            question.number,
            question.digits,
        );
        let mut query = self.transaction.prepare_cached(
            "SELECT id, code_tag, expires_ms, used_by FROM code WHERE callee_tag = ?1 ORDER BY id",
        )?;
        let mut rows = query.query([self.keys.callee(question.number)])?;
        let (mut used_by_this, mut good) = (Choice::from(0), None);
        while let Some(row) = rows.next()? {
            let code: Tag = row.get("code_tag")?;
            let used_by: Option<String> = row.get("used_by")?;
            let same = code.ct_eq(&asked);
            used_by_this |=
                same & Choice::from(u8::from(used_by.as_deref() == Some(question.call)));
            let usable = used_by.is_none() && row.get::<_, TimeMs>("expires_ms")? > now;
            if (same & Choice::from(u8::from(usable))).into() && good.is_none() {
                good = Some(row.get::<_, i64>("id")?);
            }
        }
        if bool::from(used_by_this) {
            return Ok(Verdict::Match);
        }
        let Some(id) = good else { return Ok(Verdict::Mismatch) };
        self.transaction
            .prepare_cached("UPDATE code SET used_ms = ?2, used_by = ?3 WHERE id = ?1")?
            .execute((id, now, question.call))?;
        Ok(Verdict::Match)
    }

    fn codes(&self, now: TimeMs) -> Result<Vec<Listed>, Failure> {
        let mut query = self.transaction.prepare(
            "SELECT scenario, verification, callee_masked, added_ms, expires_ms, used_ms FROM code
             ORDER BY id DESC",
        )?;
        let rows = query.query_map([], |row| {
            let expires: TimeMs = row.get("expires_ms")?;
            let used: Option<TimeMs> = row.get("used_ms")?;
            Ok(Listed {
                scenario: row.get("scenario")?,
                verification: row.get("verification")?,
                to: row.get("callee_masked")?,
                state: match used {
                    Some(_) => State::Used,
                    None if expires <= now => State::Expired,
                    None => State::Good,
                },
                added: clock::rfc3339(row.get("added_ms")?),
                expires: clock::rfc3339(expires),
                used: used.map(clock::rfc3339),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
