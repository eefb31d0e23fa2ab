//! Connections to one database: so many at once, each question within its time, a broken one
//! replaced.
//!
//! Must not know which database it is.

use super::{Doing, Failure, Lookup, Question};
use ivrkit_dialplan::verification::Verdict;
use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::Semaphore;

/// Longest wait for a database when the server starts.
const CHECK_WITHIN: Duration = Duration::from_secs(3);

/// What speaks one database's protocol.
pub(super) trait Database: Send + Sync {
    /// An open connection, with the statement prepared.
    type Connection: Send;

    /// Connects and prepares.
    fn connect(&self) -> impl Future<Output = Result<Self::Connection, Failure>> + Send;

    /// What is wrong with the statement's columns for a verification that wants this one; gives what
    /// somebody may regret.
    fn inspect(
        &self,
        connection: &Self::Connection,
        column: Option<&str>,
    ) -> Result<Vec<String>, Failure>;

    /// Asks.
    fn ask(
        &self,
        connection: &mut Self::Connection,
        question: &Question,
    ) -> impl Future<Output = Result<Verdict, Trouble>> + Send;
}

/// A question without an answer; its connection is not used again.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) failure: Failure,
    /// The connection was broken, as after a restart of the database: another one may do.
    pub(super) is_stale: bool,
}

impl Trouble {
    /// Trouble that another connection would have too.
    pub(super) fn elsewhere(failure: Failure) -> Self {
        Self { failure, is_stale: false }
    }
}

/// The connections.
pub(super) struct Pool<D: Database> {
    database: D,
    places: Semaphore,
    idle: Mutex<Vec<D::Connection>>,
    timeout: Duration,
}

impl<D: Database> Pool<D> {
    pub(super) fn new(database: D, connections: usize, timeout: Duration) -> Self {
        let (places, idle) = (Semaphore::new(connections), Mutex::default());
        Self { database, places, idle, timeout }
    }

    async fn check_now(&self, columns: &[Option<String>]) -> Result<Vec<String>, Failure> {
        let connection = self.database.connect().await?;
        let mut warnings = Vec::new();
        for column in columns {
            warnings.extend(self.database.inspect(&connection, column.as_deref())?);
        }
        warnings.sort();
        warnings.dedup();
        self.put(connection);
        Ok(warnings)
    }

    async fn ask(&self, question: &Question) -> Result<Verdict, Failure> {
        let _place = self.places.acquire().await.expect("places are never closed");
        if let Some(mut connection) = self.take() {
            match self.database.ask(&mut connection, question).await {
                Ok(verdict) => {
                    self.put(connection);
                    return Ok(verdict);
                }
                // The others are as old as this one.
                Err(trouble) if trouble.is_stale => self.clear(),
                Err(trouble) => return Err(trouble.failure),
            }
        }
        let mut connection = self.database.connect().await?;
        let verdict = self.database.ask(&mut connection, question).await;
        let verdict = verdict.map_err(|trouble| trouble.failure)?;
        self.put(connection);
        Ok(verdict)
    }

    fn take(&self) -> Option<D::Connection> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn put(&self, connection: D::Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }

    fn clear(&self) {
        let stale = std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
        drop(stale);
    }
}

impl<D: Database> Lookup for Pool<D> {
    fn check<'a>(
        &'a self,
        columns: &'a [Option<String>],
    ) -> Doing<'a, Result<Vec<String>, Failure>> {
        let within = self.timeout.min(CHECK_WITHIN);
        Box::pin(async move { in_time(within, self.check_now(columns)).await })
    }

    fn look_up<'a>(&'a self, question: &'a Question) -> Doing<'a, Result<Verdict, Failure>> {
        Box::pin(in_time(self.timeout, self.ask(question)))
    }
}

impl<D: Database> fmt::Debug for Pool<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

/// What is not done in time is dropped, and its connection with it.
pub(super) async fn in_time<T>(
    timeout: Duration,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    tokio::time::timeout(timeout, work).await.unwrap_or_else(|_| {
        Err(Failure::Passing(format!("no answer within {} s", timeout.as_secs_f64())))
    })
}
