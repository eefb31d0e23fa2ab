//! What survives a crash: calls with their machines, their history, and codes, in one SQLite file.
//!
//! Everything that belongs together is written in one transaction, which is on the disk before
//! anybody acts on it (`synchronous=FULL`). Deleted content is overwritten (`secure_delete`). The
//! server holds [`Instance`], so that one runs at a time; codes may be added from outside while it
//! does. Must not hold rules of calls.

mod calls;
pub mod codes;
mod instance;

pub use calls::{CallRecord, Phase, RecordedStep};
pub(crate) use calls::{CallRow, NewRow, Unreadable};
pub use instance::Instance;

use crate::{
    config, crypto,
    crypto::{CannotOpen, Keys},
    secret,
};
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior};
use std::{io, path::PathBuf, sync::Arc, time::Duration};

/// How long a write waits for another process that adds codes.
const BUSY: Duration = Duration::from_secs(5);
/// The migrations in order; their count is the `user_version` of an up-to-date file.
const MIGRATIONS: [&str; 2] = [
    include_str!("../migrations/0001_calls_and_codes.sql"),
    include_str!("../migrations/0002_attempts_of_codes.sql"),
];

/// A store that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused.
    #[error("cannot use the store {}: {source}", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// Made by a later ivrkit.
    #[error("the store {} has format {found}, this ivrkit knows up to {known}; use a newer one",
        path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: usize,
        /// The newest format known.
        known: usize,
    },
    /// The key is not the one it was made with.
    #[error("the store {} was made with another key than that in {key}; use that key, or another \
        `store.file`", path.display())]
    WrongKey {
        /// The file.
        path: PathBuf,
        /// Where the key came from.
        key: String,
    },
    /// Another server runs on it.
    #[error("the store {} is in use by another running `ivrkit verify`", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The lock beside it cannot be had.
    #[error("cannot lock the store {}: {source}", path.display())]
    Lock {
        /// The lock's file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The key cannot be read.
    #[error(transparent)]
    Key(#[from] secret::Error),
}

/// A write or read that failed while the server runs.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Database(#[from] rusqlite::Error),
    #[error(transparent)]
    Open(#[from] CannotOpen),
    // The reader's own words may repeat what it found, such as typed digits.
    #[error("a stored value has an unknown shape, at character {}", .0.column())]
    Shape(#[from] serde_json::Error),
}

/// An open store.
pub(crate) struct Store {
    connection: Connection,
    keys: Arc<Keys>,
}

/// One transaction: all of it is written, or nothing.
pub(crate) struct Writing<'store> {
    transaction: Transaction<'store>,
    keys: &'store Keys,
}

impl Store {
    /// Opens the store, making or upgrading it first.
    pub(crate) fn open(config: &config::Store) -> Result<Self, Error> {
        let source = config.key();
        let keys = Keys::derive(&source.read("store key", 32)?);
        let path = &config.file;
        let failed = |source| Error::Database { path: path.clone(), source };
        make_private(path);
        let connection = Connection::open(path).map_err(failed)?;
        prepare(&connection).map_err(failed)?;
        let mut store = Self { connection, keys: Arc::new(keys) };
        store.migrate(path)?;
        let known = store.setting("key check", || store.keys.check().to_vec()).map_err(failed)?;
        if known != store.keys.check() {
            return Err(Error::WrongKey { path: path.clone(), key: source.to_string() });
        }
        Ok(store)
    }

    /// The secret part of the path that reports come to: made once, sealed, kept.
    pub(crate) fn report_path(&self) -> Result<String, Failure> {
        const NAME: &str = "report path";
        let fresh = || self.keys.seal(NAME, secret::hex(&crypto::random::<24>()).as_bytes());
        let path = self.keys.open(NAME, &self.setting(NAME, fresh)?)?;
        Ok(String::from_utf8_lossy(&path).into_owned())
    }

    /// Begins a transaction; dropping it undoes it.
    pub(crate) fn begin(&mut self) -> Result<Writing<'_>, Failure> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        Ok(Writing { transaction, keys: &self.keys })
    }

    /// Begins a transaction that only reads, and waits for nobody.
    pub(crate) fn read(&mut self) -> Result<Writing<'_>, Failure> {
        Ok(Writing { transaction: self.connection.transaction()?, keys: &self.keys })
    }

    /// The keys, to work with before a transaction begins.
    pub(crate) fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.keys)
    }

    fn migrate(&mut self, path: &std::path::Path) -> Result<(), Error> {
        let failed = |source| Error::Database { path: path.to_owned(), source };
        let writing = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(failed)?;
        let version: usize =
            writing.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failed)?;
        if version > MIGRATIONS.len() {
            let (found, known) = (version, MIGRATIONS.len());
            return Err(Error::Newer { path: path.to_owned(), found, known });
        }
        for migration in &MIGRATIONS[version..] {
            writing.execute_batch(migration).map_err(failed)?;
        }
        writing.pragma_update(None, "user_version", MIGRATIONS.len()).map_err(failed)?;
        writing.commit().map_err(failed)
    }

    /// A value made once for this store.
    fn setting(&self, name: &str, fresh: impl FnOnce() -> Vec<u8>) -> rusqlite::Result<Vec<u8>> {
        let query = "SELECT value FROM setting WHERE name = ?1";
        let read = || self.connection.query_row(query, [name], |row| row.get(0));
        if let Some(value) = read().optional()? {
            return Ok(value);
        }
        // Another process may have been faster: what stands there counts.
        let insert = "INSERT OR IGNORE INTO setting (name, value) VALUES (?1, ?2)";
        self.connection.execute(insert, (name, fresh()))?;
        read()
    }
}

impl Writing<'_> {
    /// The keys that tags are made with.
    pub(crate) fn keys(&self) -> &Keys {
        self.keys
    }

    /// Writes something that changes nothing, to see whether the store can be written.
    pub(crate) fn probe(&self) -> Result<(), Failure> {
        self.transaction
            .execute("UPDATE setting SET value = value WHERE name = 'key check'", [])?;
        Ok(())
    }

    /// Makes it last.
    pub(crate) fn commit(self) -> Result<(), Failure> {
        Ok(self.transaction.commit()?)
    }
}

/// Makes a new file readable by its owner only; the database's own helpers follow its mode.
fn make_private(path: &std::path::Path) {
    use std::os::unix::fs::OpenOptionsExt as _;
    // What cannot be made here cannot be opened a moment later, which says why.
    drop(std::fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(path));
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "secure_delete", true)
}
