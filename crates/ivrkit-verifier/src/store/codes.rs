//! The codes of callees: kept as keyed hashes, with an expiry, each good for one success and locked
//! by too many wrong entries.

use super::{Error, Failure, Store, Writing};
use crate::{
    clock, config,
    crypto::{Keys, Tag},
    lookup,
    number::PhoneNumber,
};
use ivrkit_dialplan::verification::{TimeMs, Verdict};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use std::{fmt, num::NonZero, path::PathBuf, thread, time::Duration};
use subtle::{Choice, ConstantTimeEq as _};

/// So many codes are hashed between two reports of progress.
const PIECE: usize = 16_384;

/// Adds and lists codes, also while a server runs on the same store.
pub struct Codes {
    store: Store,
    path: PathBuf,
    attempts: u32,
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
    /// Too many wrong entries.
    Locked,
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
    /// Wrong entries after which a code is locked.
    pub(crate) attempts: u32,
}

impl fmt::Debug for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Codes").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Codes {
    /// Opens the store of a configuration.
    ///
    /// # Errors
    /// When the store or its key cannot be used.
    pub fn open(store: &config::Store, codes: &config::Codes) -> Result<Self, Error> {
        let path = store.file.clone();
        Ok(Self { store: Store::open(store)?, path, attempts: codes.attempts })
    }

    /// Adds codes, all or none. `progress` is told how many are prepared.
    ///
    /// # Errors
    /// When the store cannot be written; then none is added.
    pub fn add(&mut self, codes: &[NewCode], mut progress: impl FnMut(usize)) -> Result<(), Error> {
        let keys = self.store.keys();
        let mut tagged = Vec::with_capacity(codes.len());
        for piece in codes.chunks(PIECE) {
            tagged.extend(tag_all(&keys, piece));
            progress(tagged.len());
        }
        // In the order of their index it grows at its end; those of one callee keep their order.
        tagged.sort_by_key(|code| code.callee);
        let now = clock::wall_ms();
        self.write(|writing| tagged.iter().try_for_each(|code| writing.add_code(code, now)))
    }

    /// Judges entries in one transaction, in their order; `verdict` is told each.
    ///
    /// # Errors
    /// When the store cannot be written; then no code is used up.
    pub fn judge<'q>(
        &mut self,
        questions: impl IntoIterator<Item = &'q lookup::Question>,
        mut verdict: impl FnMut(Verdict),
    ) -> Result<(), Error> {
        let attempts = self.attempts;
        self.write(|writing| {
            questions.into_iter().try_for_each(|question| {
                let entry = Question {
                    call: &question.call,
                    scenario: &question.scenario,
                    verification: &question.verification,
                    number: &question.number,
                    digits: question.digits.expose(),
                    attempts,
                };
                writing.judge(&entry, question.now_ms).map(&mut verdict)
            })
        })
    }

    /// All codes that the store remembers, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn list(&mut self) -> Result<Vec<Listed>, Error> {
        let (now, attempts) = (clock::wall_ms(), self.attempts);
        let listed = self.store.read().and_then(|reading| reading.codes(now, attempts));
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

/// Hashes codes on all cores; keeps their order.
fn tag_all(keys: &Keys, codes: &[NewCode]) -> Vec<Tagged> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let share = codes.len().div_ceil(threads).max(1);
    thread::scope(|scope| {
        let parts = codes.chunks(share).map(|part| {
            scope.spawn(move || part.iter().map(|code| Tagged::new(keys, code)).collect::<Vec<_>>())
        });
        let parts: Vec<_> = parts.collect();
        parts.into_iter().flat_map(|part| part.join().expect("hashing does not panic")).collect()
    })
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
    /// because a crash may have forgotten the verdict. A mismatch counts against every good code that
    /// could have been meant. Whether a wrong entry was unknown, used, expired, locked or another's
    /// is never said.
    pub(crate) fn judge(&self, question: &Question<'_>, now: TimeMs) -> Result<Verdict, Failure> {
        let asked = self.keys.code(
            question.scenario,
            question.verification,
            question.number,
            question.digits,
        );
        let mut query = self.transaction.prepare_cached(
            "SELECT id, code_tag, expires_ms, used_by, attempts FROM code WHERE callee_tag = ?1
             ORDER BY id",
        )?;
        let mut rows = query.query([self.keys.callee(question.number)])?;
        let (mut used_by_this, mut good) = (Choice::from(0), None);
        while let Some(row) = rows.next()? {
            let code: Tag = row.get("code_tag")?;
            let used_by: Option<String> = row.get("used_by")?;
            let same = code.ct_eq(&asked);
            used_by_this |=
                same & Choice::from(u8::from(used_by.as_deref() == Some(question.call)));
            let usable = used_by.is_none()
                && row.get::<_, TimeMs>("expires_ms")? > now
                && row.get::<_, u32>("attempts")? < question.attempts;
            if (same & Choice::from(u8::from(usable))).into() && good.is_none() {
                good = Some(row.get::<_, i64>("id")?);
            }
        }
        if bool::from(used_by_this) {
            return Ok(Verdict::Match);
        }
        let Some(id) = good else {
            self.count_against(question, now)?;
            return Ok(Verdict::Mismatch);
        };
        self.transaction
            .prepare_cached("UPDATE code SET used_ms = ?2, used_by = ?3 WHERE id = ?1")?
            .execute((id, now, question.call))?;
        Ok(Verdict::Match)
    }

    fn count_against(&self, question: &Question<'_>, now: TimeMs) -> Result<(), Failure> {
        self.transaction
            .prepare_cached(
                "UPDATE code SET attempts = attempts + 1 WHERE callee_tag = ?1 AND scenario = ?2
                 AND verification = ?3 AND used_by IS NULL AND expires_ms > ?4",
            )?
            .execute((
                self.keys.callee(question.number),
                question.scenario,
                question.verification,
                now,
            ))?;
        Ok(())
    }

    fn codes(&self, now: TimeMs, attempts: u32) -> Result<Vec<Listed>, Failure> {
        let mut query = self.transaction.prepare(
            "SELECT scenario, verification, callee_masked, added_ms, expires_ms, used_ms, attempts
             FROM code ORDER BY id DESC",
        )?;
        let rows = query.query_map([], |row| {
            let expires: TimeMs = row.get("expires_ms")?;
            let used: Option<TimeMs> = row.get("used_ms")?;
            let is_locked = row.get::<_, u32>("attempts")? >= attempts;
            Ok(Listed {
                scenario: row.get("scenario")?,
                verification: row.get("verification")?,
                to: row.get("callee_masked")?,
                state: match used {
                    Some(_) => State::Used,
                    None if expires <= now => State::Expired,
                    None if is_locked => State::Locked,
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::Path};

    fn open(folder: &Path, key: &str) -> Result<Store, Error> {
        fs::write(folder.join("key"), key).unwrap();
        let config = format!("{{ file: {0}/verify.db, key_file: {0}/key }}", folder.display());
        Store::open(&serde_yaml::from_str(&config).unwrap())
    }

    const KEY: &str = "0123456789abcdef0123456789abcdef";

    /// A store with one code, and what a look-up in it says.
    struct Room {
        store: Store,
        _folder: tempfile::TempDir,
    }

    impl Room {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let mut room = Self { store: open(folder.path(), KEY).unwrap(), _folder: folder };
            room.add("sms", "13900001111", "56789");
            room
        }

        /// Adds a code at time 1000 that is good for a second.
        fn add(&mut self, verification: &str, to: &str, digits: &str) {
            let code = NewCode {
                scenario: "s".into(),
                verification: verification.into(),
                to: PhoneNumber::reported(to),
                digits: digits.into(),
                expires_in: Duration::from_secs(1),
            };
            let tagged = Tagged::new(&self.store.keys(), &code);
            let writing = self.store.begin().unwrap();
            writing.add_code(&tagged, 1000).unwrap();
            writing.commit().unwrap();
        }

        #[track_caller]
        fn check(&mut self, now: TimeMs, call: &str, asked: [&str; 4], expected: Verdict) {
            let [scenario, verification, number, digits] = asked;
            let number = &PhoneNumber::reported(number);
            let question =
                Question { call, scenario, verification, number, digits, attempts: ATTEMPTS };
            let writing = self.store.begin().unwrap();
            assert_eq!(writing.judge(&question, now).unwrap(), expected);
            writing.commit().unwrap();
        }
    }

    const ATTEMPTS: u32 = 3;
    const RIGHT: [&str; 4] = ["s", "sms", "13900001111", "56789"];

    #[test]
    fn a_code_is_good_once_and_for_the_same_call_again() {
        let mut room = Room::new();
        room.check(1500, "a", RIGHT, Verdict::Match);
        room.check(1500, "b", RIGHT, Verdict::Mismatch);
        room.check(9000, "a", RIGHT, Verdict::Match);
    }

    #[test]
    fn a_verdict_that_was_not_committed_uses_nothing_up() {
        let mut room = Room::new();
        let number = &PhoneNumber::reported("13900001111");
        let [scenario, verification, _, digits] = RIGHT;
        let question =
            Question { call: "a", scenario, verification, number, digits, attempts: ATTEMPTS };
        let writing = room.store.begin().unwrap();
        assert_eq!(writing.judge(&question, 1500).unwrap(), Verdict::Match);
        drop(writing);
        room.check(1500, "b", RIGHT, Verdict::Match);
    }

    #[test]
    fn a_code_is_bound_to_everything_it_was_made_for() {
        let mut room = Room::new();
        room.check(2000, "a", RIGHT, Verdict::Mismatch);
        room.check(1500, "a", ["s", "sms", "13900001111", "5678"], Verdict::Mismatch);
        room.check(1500, "a", ["s", "sms", "13900001112", "56789"], Verdict::Mismatch);
        room.check(1500, "a", ["s", "pin", "13900001111", "56789"], Verdict::Mismatch);
        room.check(1500, "a", ["t", "sms", "13900001111", "56789"], Verdict::Mismatch);
        room.check(1999, "a", ["s", "sms", "+139 0000-1111", "56789"], Verdict::Match);
    }

    #[test]
    fn a_callee_may_have_several_codes() {
        let mut room = Room::new();
        room.add("sms", "13900001111", "56789");
        room.add("sms", "13900001111", "12345");
        room.check(1500, "a", ["s", "sms", "13900001111", "12345"], Verdict::Match);
        room.check(1500, "b", RIGHT, Verdict::Match);
        room.check(1500, "c", RIGHT, Verdict::Match);
        room.check(1500, "d", RIGHT, Verdict::Mismatch);
    }

    #[test]
    fn too_many_wrong_entries_lock_a_code_and_no_other() {
        let mut room = Room::new();
        room.add("sms", "13900002222", "56789");
        let wrong = ["s", "sms", "13900001111", "11111"];
        for call in ["a", "b"] {
            room.check(1500, call, wrong, Verdict::Mismatch);
        }
        room.check(1500, "c", ["s", "pin", "13900001111", "11111"], Verdict::Mismatch);
        // A code that is issued later has its own attempts.
        room.add("sms", "13900001111", "77777");
        room.check(1500, "c", wrong, Verdict::Mismatch);
        room.check(1500, "d", RIGHT, Verdict::Mismatch);
        room.check(1500, "d", ["s", "sms", "13900001111", "77777"], Verdict::Match);
        room.check(1500, "e", ["s", "sms", "13900002222", "56789"], Verdict::Match);
    }

    #[test]
    fn another_key_or_a_later_format_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path(), KEY).unwrap();
        assert_eq!(store.report_path().unwrap(), store.report_path().unwrap());
        let other = open(folder.path(), &KEY.replace('0', "1"));
        assert!(matches!(other, Err(Error::WrongKey { .. })));
        store.connection.pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(open(folder.path(), KEY), Err(Error::Newer { found: 99, known: 2, .. })));
    }

    #[test]
    fn the_store_is_private_durable_and_forgets() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path(), KEY).unwrap();
        let pragma = |name: &str| -> String {
            let query = format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}");
            store.connection.query_row(&query, [], |row| row.get(0)).unwrap()
        };
        assert_eq!(pragma("journal_mode"), "wal");
        assert_eq!(pragma("synchronous"), "2", "full");
        assert_eq!(pragma("secure_delete"), "1");
        assert_eq!(pragma("foreign_keys"), "1");
        for file in ["verify.db", "verify.db-wal"] {
            let mode = fs::metadata(folder.path().join(file)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
    }

    #[test]
    fn what_is_no_database_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("verify.db");
        fs::write(&file, "these are my notes, not a database\n".repeat(100)).unwrap();
        assert!(matches!(open(folder.path(), KEY), Err(Error::Database { .. })));
        assert!(fs::read_to_string(&file).unwrap().starts_with("these are my notes"));
    }
}
