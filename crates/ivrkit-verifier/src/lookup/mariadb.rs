//! Look-ups in a MariaDB or MySQL database by the operator's own statement.
//!
//! These servers do not say of which type a parameter is: all are bound as text, which they convert
//! as a text in the statement. The time is bound in their own seconds and made a time there.

use super::{
    Failure, Problem, Question,
    answer::{self, Cell, MAX_ROWS, Reading},
    pool::{Database, Pool, Trouble},
    question::{Bound, Parameter},
    statement::Dialect,
    with_causes,
};
use crate::{
    config::{Server, Tls},
    secret::Source,
};
use ivrkit_dialplan::verification::Verdict;
use mysql_async::{
    Conn, DriverError, Error, IoError, Opts, OptsBuilder, Params, SslOpts, Statement, Value,
    consts::ColumnType, prelude::Queryable as _,
};
use secrecy::ExposeSecret as _;
use std::time::Duration;

/// Errors of the server that pass although their SQLSTATE is that of a mistake: too many
/// connections of one user, a lock, a deadlock.
const PASSING: [u16; 5] = [1203, 1205, 1213, 1226, 4031];
/// The server ended this connection, or stops.
const STALE: [u16; 4] = [1053, 1927, 4031, 1243];

/// A database and the statement for it.
pub(super) struct MariaDb {
    options: OptsBuilder,
    password: Option<Source>,
    timeout: Duration,
    reading: Reading,
}

/// An open connection.
pub(super) struct Connection {
    conn: Conn,
    statement: Statement,
}

/// Look-ups as a section says.
pub(super) fn lookup(section: &Server, values: &[&str]) -> Result<Pool<MariaDb>, Problem> {
    let mut options = OptsBuilder::default()
        .user(Some(&section.username))
        .db_name(Some(&section.database))
        .prefer_socket(Some(false))
        // A row that an `UPDATE` finds counts, even if there is nothing to change in it.
        .client_found_rows(true)
        .stmt_cache_size(0)
        .ssl_opts(section.tls.as_ref().map(ssl));
    if let Some(address) = &section.address {
        let host = address.host.trim_matches(['[', ']']);
        options = options.ip_or_hostname(host).tcp_port(address.port);
    }
    if let Some(socket) = &section.socket {
        options = options.socket(Some(socket.display().to_string()));
    }
    if let Some(password) = section.password() {
        // It may be corrected meanwhile and is read for each connection; one must be there.
        password.read("password of the database", 1).map_err(Problem::Secret)?;
    }
    let timeout = section.timeout_s.duration();
    let reading = Reading::of(&section.query(), Dialect::MariaDb, values)?;
    let mariadb = MariaDb { options, password: section.password(), timeout, reading };
    Ok(Pool::new(mariadb, section.connections.0, timeout))
}

fn ssl(tls: &Tls) -> SslOpts {
    let options = SslOpts::default()
        .with_danger_accept_invalid_certs(tls.insecure)
        .with_danger_skip_domain_validation(tls.insecure);
    match &tls.ca_file {
        Some(path) => {
            let authorities = vec![path.clone().into()];
            options.with_root_certs(authorities).with_disable_built_in_roots(true)
        }
        None => options,
    }
}

impl Database for MariaDb {
    type Connection = Connection;

    async fn connect(&self) -> Result<Connection, Failure> {
        let mut options = self.options.clone();
        if let Some(source) = &self.password {
            let password = source
                .read("password of the database", 1)
                .map_err(|error| Failure::Passing(error.to_string()))?;
            options = options.pass(Some(password.expose_secret()));
        }
        let mut conn = Conn::new(Opts::from(options)).await.map_err(|error| said(&error, false))?;
        self.limit(&mut conn).await.map_err(|error| said(&error, false))?;
        let statement = conn.prep(self.reading.statement.text.as_str()).await.map_err(|error| {
            match said(&error, false) {
                Failure::Passing(text) => Failure::Passing(format!("`query`: {text}")),
                Failure::Lasting(text) => Failure::Lasting(format!("`query`: {text}")),
            }
        })?;
        if usize::from(statement.num_params()) != self.reading.statement.parameters.len() {
            return Err(Failure::Lasting(
                "`query` has parameters that are not written as `:name`".to_owned(),
            ));
        }
        Ok(Connection { conn, statement })
    }

    fn inspect(
        &self,
        connection: &Connection,
        column: Option<&str>,
    ) -> Result<Vec<String>, Failure> {
        let mut warnings = self.reading.warnings();
        let Some(at) = self.column(connection, column)? else { return Ok(warnings) };
        let column = &connection.statement.columns()[at];
        let name = column.name_str();
        let kind = column.column_type();
        if is_integer(kind) {
            warnings.push(answer::integer_column(&name, &words(kind)));
        } else if !kind.is_character_type() && kind != ColumnType::MYSQL_TYPE_NULL && !is_blob(kind)
        {
            return Err(Failure::Lasting(format!(
                "column `{name}` is of type {}, expected text or a whole number; \
                 `CAST({name} AS CHAR)` may do",
                words(kind)
            )));
        }
        Ok(warnings)
    }

    async fn ask(
        &self,
        connection: &mut Connection,
        question: &Question,
    ) -> Result<Verdict, Trouble> {
        let column =
            self.column(connection, question.column.as_deref()).map_err(Trouble::elsewhere)?;
        let bound = &self.reading.statement.parameters;
        let bound: Vec<Value> = bound.iter().map(|one| value(one, question)).collect();
        let params = if bound.is_empty() { Params::Empty } else { Params::Positional(bound) };
        let statement = &connection.statement;
        let mut result = connection.conn.exec_iter(statement, params).await?;
        if result.columns_ref().is_empty() {
            let count = result.affected_rows();
            result.drop_result().await?;
            return Ok(answer::judge_count(count));
        }
        let mut cells = Vec::new();
        while let Some(mut row) = result.next().await? {
            if cells.len() == MAX_ROWS {
                return Err(Trouble::elsewhere(answer::too_many()));
            }
            cells.push(match column {
                Some(at) => cell(row.take(at))?,
                None => Cell::Nothing,
            });
        }
        Ok(match column {
            Some(_) => answer::judge(&cells, &question.digits),
            None => answer::judge_count(cells.len() as u64),
        })
    }
}

impl MariaDb {
    /// Questions that we no longer wait for must not pile up there.
    async fn limit(&self, conn: &mut Conn) -> Result<(), Error> {
        let version: Option<String> = conn.query_first("SELECT VERSION()").await?;
        let limit = if version.is_some_and(|version| version.contains("MariaDB")) {
            format!("SET SESSION max_statement_time = {}", self.timeout.as_secs_f64())
        } else {
            format!("SET SESSION max_execution_time = {}", self.timeout.as_millis())
        };
        conn.query_drop(limit).await
    }

    fn column(
        &self,
        connection: &Connection,
        wanted: Option<&str>,
    ) -> Result<Option<usize>, Failure> {
        let columns = connection.statement.columns();
        let names: Vec<String> = columns.iter().map(|one| one.name_str().into_owned()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        self.reading.column(&names, wanted)
    }
}

fn value(parameter: &Parameter, question: &Question) -> Value {
    let bound = parameter.of(question);
    match bound {
        Bound::Time(ms) => Value::Int(i64::try_from(ms / 1000).unwrap_or(i64::MAX)),
        Bound::Seconds(seconds) => Value::Int(seconds),
        Bound::Text(text) => Value::Bytes(text.into_bytes()),
        Bound::Nothing => Value::NULL,
    }
}

fn cell(value: Option<Value>) -> Result<Cell, Trouble> {
    match value {
        None | Some(Value::NULL) => Ok(Cell::Nothing),
        Some(Value::Int(number)) => Ok(Cell::Integer(number)),
        Some(Value::UInt(number)) => Ok(i64::try_from(number).map_or(Cell::Nothing, Cell::Integer)),
        Some(Value::Bytes(bytes)) => Ok(Cell::Text(String::from_utf8_lossy(&bytes).into_owned())),
        Some(Value::Float(_) | Value::Double(_) | Value::Date(..) | Value::Time(..)) => {
            let text = "the column of the code holds neither text nor a whole number".to_owned();
            Err(Trouble::elsewhere(Failure::Lasting(text)))
        }
    }
}

fn is_integer(kind: ColumnType) -> bool {
    use ColumnType::{
        MYSQL_TYPE_INT24, MYSQL_TYPE_LONG, MYSQL_TYPE_LONGLONG, MYSQL_TYPE_NEWDECIMAL,
        MYSQL_TYPE_SHORT, MYSQL_TYPE_TINY, MYSQL_TYPE_YEAR,
    };
    let integers = [
        MYSQL_TYPE_TINY,
        MYSQL_TYPE_SHORT,
        MYSQL_TYPE_INT24,
        MYSQL_TYPE_LONG,
        MYSQL_TYPE_LONGLONG,
        MYSQL_TYPE_NEWDECIMAL,
        MYSQL_TYPE_YEAR,
    ];
    integers.contains(&kind)
}

fn is_blob(kind: ColumnType) -> bool {
    use ColumnType::{
        MYSQL_TYPE_BLOB, MYSQL_TYPE_LONG_BLOB, MYSQL_TYPE_MEDIUM_BLOB, MYSQL_TYPE_TINY_BLOB,
    };
    [MYSQL_TYPE_BLOB, MYSQL_TYPE_TINY_BLOB, MYSQL_TYPE_MEDIUM_BLOB, MYSQL_TYPE_LONG_BLOB]
        .contains(&kind)
}

/// A type as people write it, such as `longlong`.
fn words(kind: ColumnType) -> String {
    format!("{kind:?}").trim_start_matches("MYSQL_TYPE_").to_ascii_lowercase()
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        let is_stale = match &error {
            Error::Io(_) | Error::Driver(DriverError::ConnectionClosed) => true,
            Error::Server(said) => STALE.contains(&said.code),
            _ => false,
        };
        Self { failure: said(&error, true), is_stale }
    }
}

/// Sorts an error: log-in, database, statement, data and rights do not mend themselves. Once a
/// question was asked, what was asked may stand in the server's words.
fn said(error: &Error, was_asked: bool) -> Failure {
    match error {
        Error::Server(said) => {
            let (code, state) = (said.code, &said.state);
            let message =
                if was_asked { answer::masked(&said.message) } else { said.message.clone() };
            let text = format!("the server said: {message} ({code}, {state})");
            let of_mistakes = ["21", "22", "28", "3D", "42"];
            let is_mistake = of_mistakes.iter().any(|class| state.starts_with(class));
            if is_mistake && !PASSING.contains(&code) {
                Failure::Lasting(text)
            } else {
                Failure::Passing(text)
            }
        }
        Error::Io(IoError::Tls(_)) => {
            let text = with_causes(error);
            // A certificate does not become another one by itself.
            if text.contains("certificate verify failed") {
                Failure::Lasting(text)
            } else {
                Failure::Passing(text)
            }
        }
        // Those of the driver may show a whole row or packet.
        Error::Driver(DriverError::FromValue { .. } | DriverError::FromRow { .. }) => {
            Failure::Lasting("an answer of an unknown shape".to_owned())
        }
        Error::Driver(DriverError::UnexpectedPacket { .. }) => {
            Failure::Passing("an answer of an unknown shape".to_owned())
        }
        Error::Driver(
            DriverError::UnknownAuthPlugin { .. }
            | DriverError::MysqlOldPasswordDisabled
            | DriverError::CleartextPluginDisabled
            | DriverError::NoClientSslFlagFromServer
            | DriverError::MixedParams,
        ) => Failure::Lasting(with_causes(error)),
        _ => Failure::Passing(with_causes(error)),
    }
}
