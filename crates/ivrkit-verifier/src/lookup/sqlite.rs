//! Look-ups in an SQLite file of the operator's by his own statement.
//!
//! SQLite works in the thread that asks, so each question is asked in a thread of its own kind;
//! one that takes too long is interrupted.

use super::{
    Failure, Problem, Question,
    answer::{self, Cell, MAX_ROWS, Reading},
    pool::{Database, Pool, Trouble},
    question::Bound,
    statement::Dialect,
};
use crate::{clock, config::SqliteFile};
use ivrkit_dialplan::verification::Verdict;
use rusqlite::{
    ErrorCode, InterruptHandle, OpenFlags, Statement,
    types::{ToSqlOutput, Value, ValueRef},
};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// A file and the statement for it.
pub(super) struct Sqlite(Arc<Inner>);

struct Inner {
    file: PathBuf,
    timeout: Duration,
    reading: Reading,
}

/// An open file; somebody has it while a question is asked.
pub(super) struct Connection {
    open: Arc<Mutex<rusqlite::Connection>>,
    interrupt: Arc<InterruptHandle>,
    columns: Vec<(String, Option<String>)>,
}

/// Ends what is under way when nobody waits for it any more.
struct Interrupting(Option<Arc<InterruptHandle>>);

/// Look-ups as a section says.
pub(super) fn lookup(section: &SqliteFile, values: &[&str]) -> Result<Pool<Sqlite>, Problem> {
    let timeout = section.timeout_s.duration();
    let reading = Reading::of(&section.query(), Dialect::Sqlite, values)?;
    let sqlite = Sqlite(Arc::new(Inner { file: section.file.clone(), timeout, reading }));
    Ok(Pool::new(sqlite, section.connections.0, timeout))
}

impl Database for Sqlite {
    type Connection = Connection;

    async fn connect(&self) -> Result<Connection, Failure> {
        let inner = Arc::clone(&self.0);
        beside(move || inner.open()).await
    }

    fn inspect(
        &self,
        connection: &Connection,
        column: Option<&str>,
    ) -> Result<Vec<String>, Failure> {
        let mut warnings = self.0.reading.warnings();
        if let Some(at) = self.0.column(&connection.columns, column)?
            && let (name, Some(kind)) = &connection.columns[at]
            && kind.to_ascii_uppercase().contains("INT")
        {
            warnings.push(answer::integer_column(name, kind));
        }
        Ok(warnings)
    }

    async fn ask(
        &self,
        connection: &mut Connection,
        question: &Question,
    ) -> Result<Verdict, Trouble> {
        let (inner, open) = (Arc::clone(&self.0), Arc::clone(&connection.open));
        let (columns, question) = (connection.columns.clone(), question.clone());
        let mut guard = Interrupting(Some(Arc::clone(&connection.interrupt)));
        let asked = beside(move || {
            let open = open.lock().unwrap_or_else(PoisonError::into_inner);
            inner.ask(&open, &columns, &question)
        });
        let answered = asked.await;
        guard.0 = None;
        answered.map_err(Trouble::elsewhere)
    }
}

impl Drop for Interrupting {
    fn drop(&mut self) {
        if let Some(interrupt) = &self.0 {
            interrupt.interrupt();
        }
    }
}

impl Inner {
    fn open(&self) -> Result<Connection, Failure> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = rusqlite::Connection::open_with_flags(&self.file, flags)
            .map_err(|error| failure(&error, &format!("{}", self.file.display())))?;
        connection.busy_timeout(self.timeout).map_err(|error| failure(&error, "the file"))?;
        let columns = {
            let statement = self.prepare(&connection)?;
            let typed = |one: rusqlite::Column<'_>| {
                (one.name().to_owned(), one.decl_type().map(str::to_owned))
            };
            statement.columns().map(typed).collect()
        };
        let interrupt = Arc::new(connection.get_interrupt_handle());
        Ok(Connection { open: Arc::new(Mutex::new(connection)), interrupt, columns })
    }

    fn prepare<'c>(&self, connection: &'c rusqlite::Connection) -> Result<Statement<'c>, Failure> {
        let text = &self.reading.statement.text;
        let statement = connection.prepare(text).map_err(|error| failure(&error, "`query`"))?;
        let (found, expected) =
            (statement.parameter_count(), self.reading.statement.parameters.len());
        if found != expected {
            return Err(Failure::Lasting(
                "`query` has parameters that are not written as `:name`".to_owned(),
            ));
        }
        Ok(statement)
    }

    fn column(
        &self,
        columns: &[(String, Option<String>)],
        wanted: Option<&str>,
    ) -> Result<Option<usize>, Failure> {
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        self.reading.column(&names, wanted)
    }

    fn ask(
        &self,
        connection: &rusqlite::Connection,
        columns: &[(String, Option<String>)],
        question: &Question,
    ) -> Result<Verdict, Failure> {
        let column = self.column(columns, question.column.as_deref())?;
        // What was asked may stand in what is said of it.
        let failed = |error: rusqlite::Error| match failure(&error, "the look-up") {
            Failure::Passing(text) => Failure::Passing(answer::masked(&text)),
            Failure::Lasting(text) => Failure::Lasting(answer::masked(&text)),
        };
        let mut statement = self.prepare(connection)?;
        let bound: Vec<ToSqlOutput<'_>> =
            self.reading.statement.parameters.iter().map(|one| value(one.of(question))).collect();
        if statement.column_count() == 0 {
            let count = statement.execute(rusqlite::params_from_iter(bound)).map_err(failed)?;
            return Ok(answer::judge_count(count as u64));
        }
        let mut rows = statement.query(rusqlite::params_from_iter(bound)).map_err(failed)?;
        let mut cells = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            if cells.len() == MAX_ROWS {
                return Err(answer::too_many());
            }
            cells.push(match column {
                Some(at) => cell(row.get_ref(at).map_err(failed)?)?,
                None => Cell::Nothing,
            });
        }
        Ok(match column {
            Some(_) => answer::judge(&cells, &question.digits),
            None => answer::judge_count(cells.len() as u64),
        })
    }
}

async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|_| Err(Failure::Passing("the thread of the look-up has ended".to_owned())))
}

/// A value as SQLite's own functions write it: a time as `datetime('now')` does, in UTC.
fn value(bound: Bound) -> ToSqlOutput<'static> {
    ToSqlOutput::Owned(match bound {
        Bound::Text(text) => Value::Text(text),
        Bound::Time(ms) => Value::Text(clock::sql(ms)),
        Bound::Seconds(seconds) => Value::Integer(seconds),
        Bound::Nothing => Value::Null,
    })
}

fn cell(value: ValueRef<'_>) -> Result<Cell, Failure> {
    match value {
        ValueRef::Null => Ok(Cell::Nothing),
        ValueRef::Integer(number) => Ok(Cell::Integer(number)),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            Ok(Cell::Text(String::from_utf8_lossy(bytes).into_owned()))
        }
        ValueRef::Real(_) => Err(Failure::Lasting(
            "the column of the code holds a fraction, expected text or a whole number".to_owned(),
        )),
    }
}

fn failure(error: &rusqlite::Error, what: &str) -> Failure {
    let text = format!("{what}: {error}");
    let passing = [
        ErrorCode::DatabaseBusy,
        ErrorCode::DatabaseLocked,
        ErrorCode::CannotOpen,
        ErrorCode::SystemIoFailure,
        ErrorCode::DiskFull,
        ErrorCode::OutOfMemory,
        ErrorCode::OperationInterrupted,
        ErrorCode::SchemaChanged,
    ];
    match error.sqlite_error_code() {
        Some(code) if passing.contains(&code) => Failure::Passing(text),
        _ => Failure::Lasting(text),
    }
}
