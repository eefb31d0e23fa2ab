//! Look-ups in a PostgreSQL database by the operator's own statement.
//!
//! The server says of which type each parameter and each column is, and values are bound as those;
//! what cannot be compared is said when the server starts.

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
    web,
};
use futures_util::TryStreamExt as _;
use ivrkit_dialplan::verification::{TimeMs, Verdict};
use postgres_openssl::MakeTlsConnector;
use secrecy::ExposeSecret as _;
use std::{
    error::Error as _,
    io,
    path::Path,
    pin::pin,
    time::{Duration, UNIX_EPOCH},
};
use tokio_postgres::{
    Client, Config, Error, NoTls, Statement,
    config::SslMode,
    error::SqlState,
    types::{FromSql, ToSql, Type},
};

/// A database and the statement for it.
pub(super) struct Postgres {
    config: Config,
    password: Option<Source>,
    tls: Option<MakeTlsConnector>,
    timeout: Duration,
    reading: Reading,
}

/// An open connection.
pub(super) struct Connection {
    client: Client,
    statement: Statement,
}

type Boxed = Box<dyn ToSql + Sync + Send>;
type Problematic = Box<dyn std::error::Error + Sync + Send>;

/// Look-ups as a section says.
pub(super) fn lookup(section: &Server, values: &[&str]) -> Result<Pool<Postgres>, Problem> {
    let mut config = Config::new();
    config.user(&section.username).dbname(&section.database).application_name("ivrkit");
    config.connect_timeout(section.timeout_s.duration());
    if let Some(address) = &section.address {
        config.host(address.host.trim_matches(['[', ']'])).port(address.port);
    }
    if let Some(socket) = &section.socket {
        let (folder, port) = folder_and_port(socket);
        config.host_path(folder).port(port);
    }
    config.ssl_mode(if section.tls.is_some() { SslMode::Require } else { SslMode::Disable });
    let tls = section.tls.as_ref().map(connector).transpose()?;
    if let Some(password) = section.password() {
        // It may be corrected meanwhile and is read for each connection; one must be there.
        password.read("password of the database", 1).map_err(Problem::Secret)?;
    }
    let postgres = Postgres {
        config,
        password: section.password(),
        tls,
        timeout: section.timeout_s.duration(),
        reading: Reading::of(&section.query(), Dialect::Postgres, values)?,
    };
    Ok(Pool::new(postgres, section.connections.0, section.timeout_s.duration()))
}

/// The folder of a socket and the port in its name; a folder by itself has the usual port.
fn folder_and_port(socket: &Path) -> (&Path, u16) {
    let name = socket.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let port = name.strip_prefix(".s.PGSQL.").and_then(|port| port.parse().ok());
    match (socket.parent(), port) {
        (Some(folder), Some(port)) => (folder, port),
        _ => (socket, 5432),
    }
}

fn connector(tls: &Tls) -> Result<MakeTlsConnector, String> {
    let builder = web::connector(tls).map_err(|error| error.to_string())?;
    let mut connector = MakeTlsConnector::new(builder.build());
    if tls.fingerprint.is_some() || tls.insecure {
        // The certificate itself is known, whatever name stands in it.
        connector.set_callback(|configuration, _| {
            configuration.set_verify_hostname(false);
            Ok(())
        });
    }
    Ok(connector)
}

impl Database for Postgres {
    type Connection = Connection;

    async fn connect(&self) -> Result<Connection, Failure> {
        let mut config = self.config.clone();
        if let Some(source) = &self.password {
            let password = source
                .read("password of the database", 1)
                .map_err(|error| Failure::Passing(error.to_string()))?;
            config.password(password.expose_secret());
        }
        let client = self.open(&config).await.map_err(|error| connecting(&error))?;
        // Questions that we no longer wait for must not pile up there.
        let limit = format!("SET statement_timeout = {}", self.timeout.as_millis());
        client.batch_execute(&limit).await.map_err(|error| failure(&error))?;
        let statement = self.prepare(&client).await?;
        Ok(Connection { client, statement })
    }

    fn inspect(
        &self,
        connection: &Connection,
        column: Option<&str>,
    ) -> Result<Vec<String>, Failure> {
        let mut warnings = self.reading.warnings();
        for (parameter, kind) in
            self.reading.statement.parameters.iter().zip(connection.statement.params())
        {
            if *kind == Type::INT8 && *parameter != Parameter::NowS {
                warnings.push(format!(
                    "`:{}` is compared with a number, to which 0012 and 12 are the same",
                    parameter.name()
                ));
            }
        }
        if let Some(at) = self.column(connection, column)? {
            let column = &connection.statement.columns()[at];
            match column.type_() {
                kind if is_text(kind) => {}
                kind if is_integer(kind) => {
                    warnings.push(answer::integer_column(column.name(), kind.name()));
                }
                kind => {
                    return Err(Failure::Lasting(format!(
                        "column `{}` is of type {kind}, expected text or a whole number; \
                         `{}::text` may do",
                        column.name(),
                        column.name()
                    )));
                }
            }
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
        let statement = &connection.statement;
        let bound = self.reading.statement.parameters.iter().zip(statement.params());
        let bound: Vec<Boxed> = bound.map(|(one, kind)| value(one.of(question), kind)).collect();
        if statement.columns().is_empty() {
            let bound: Vec<&(dyn ToSql + Sync)> =
                bound.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect();
            let count = connection.client.execute(statement, &bound).await;
            return Ok(answer::judge_count(count.map_err(Trouble::from)?));
        }
        let bound = bound.iter().map(|value| &**value as &(dyn ToSql + Sync));
        let rows = connection.client.query_raw(statement, bound).await?;
        let (mut rows, mut cells) = (pin!(rows), Vec::new());
        while let Some(row) = rows.try_next().await? {
            if cells.len() == MAX_ROWS {
                return Err(Trouble::elsewhere(answer::too_many()));
            }
            cells.push(match column {
                Some(at) => row.try_get::<_, Cell>(at)?,
                None => Cell::Nothing,
            });
        }
        Ok(match column {
            Some(_) => answer::judge(&cells, &question.digits),
            None => answer::judge_count(cells.len() as u64),
        })
    }
}

impl Postgres {
    async fn open(&self, config: &Config) -> Result<Client, Error> {
        match &self.tls {
            None => {
                let (client, connection) = config.connect(NoTls).await?;
                tokio::spawn(connection);
                Ok(client)
            }
            Some(tls) => {
                let (client, connection) = config.connect(tls.clone()).await?;
                tokio::spawn(connection);
                Ok(client)
            }
        }
    }

    /// Prepares the statement with types that our values have.
    async fn prepare(&self, client: &Client) -> Result<Statement, Failure> {
        let text = &self.reading.statement.text;
        let inferred = client.prepare(text).await.map_err(|error| preparing(&error))?;
        let parameters = &self.reading.statement.parameters;
        let kinds: Result<Vec<Type>, String> = parameters
            .iter()
            .zip(inferred.params())
            .map(|(one, kind)| fitting(one, kind))
            .collect();
        let kinds = kinds.map_err(Failure::Lasting)?;
        if kinds == inferred.params() {
            return Ok(inferred);
        }
        client.prepare_typed(text, &kinds).await.map_err(|error| preparing(&error))
    }

    fn column(
        &self,
        connection: &Connection,
        wanted: Option<&str>,
    ) -> Result<Option<usize>, Failure> {
        let names: Vec<&str> =
            connection.statement.columns().iter().map(tokio_postgres::Column::name).collect();
        self.reading.column(&names, wanted)
    }
}

/// The type as which a parameter is bound where the server has inferred this one.
fn fitting(parameter: &Parameter, inferred: &Type) -> Result<Type, String> {
    let name = parameter.name();
    match parameter {
        // Compared in the session's zone, in which `now()` filled the column.
        Parameter::Now if [Type::TIMESTAMPTZ, Type::TIMESTAMP, Type::DATE].contains(inferred) => {
            Ok(Type::TIMESTAMPTZ)
        }
        Parameter::Now => Err(format!(
            "`:now` is a time and stands where {inferred} is expected; `:now_s` is in seconds since \
             1970"
        )),
        _ if is_integer(inferred) => Ok(Type::INT8),
        Parameter::NowS => Err(format!(
            "`:now_s` is a number and stands where {inferred} is expected; `:now` is a time"
        )),
        _ if is_text(inferred) => Ok(inferred.clone()),
        _ => Err(format!(
            "`:{name}` is a text and stands where {inferred} is expected; write \
             `CAST(:{name} AS text)` and cast that"
        )),
    }
}

fn is_text(kind: &Type) -> bool {
    [Type::TEXT, Type::VARCHAR, Type::BPCHAR, Type::NAME, Type::UNKNOWN].contains(kind)
        || kind.name() == "citext"
}

fn is_integer(kind: &Type) -> bool {
    [Type::INT2, Type::INT4, Type::INT8, Type::NUMERIC].contains(kind)
}

/// A value for a place of one of the fitting types.
fn value(bound: Bound, kind: &Type) -> Boxed {
    match bound {
        Bound::Time(ms) => Box::new(UNIX_EPOCH + Duration::from_millis(ms as TimeMs)),
        Bound::Seconds(seconds) => Box::new(seconds),
        Bound::Text(text) if *kind == Type::INT8 => {
            Box::new(text.trim_start_matches('+').parse::<i64>().ok())
        }
        Bound::Nothing if *kind == Type::INT8 => Box::new(None::<i64>),
        Bound::Text(text) => Box::new(text),
        Bound::Nothing => Box::new(None::<String>),
    }
}

impl<'a> FromSql<'a> for Cell {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Problematic> {
        Ok(match *kind {
            Type::INT2 => Self::Integer(i16::from_sql(kind, raw)?.into()),
            Type::INT4 => Self::Integer(i32::from_sql(kind, raw)?.into()),
            Type::INT8 => Self::Integer(i64::from_sql(kind, raw)?),
            Type::NUMERIC => numeric(raw).map_or(Self::Nothing, Self::Integer),
            _ => Self::Text(String::from_sql(&Type::TEXT, raw)?),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Problematic> {
        Ok(Self::Nothing)
    }

    fn accepts(kind: &Type) -> bool {
        is_text(kind) || is_integer(kind)
    }
}

/// A whole number in the server's binary form of `numeric`: counts and weights of digits to the base
/// of 10,000; nothing for one that is none, or has more than 18 digits.
fn numeric(raw: &[u8]) -> Option<i64> {
    let words: Vec<i16> =
        raw.chunks_exact(2).map(|two| i16::from_be_bytes([two[0], two[1]])).collect();
    let [_, weight, sign, _, digits @ ..] = words.as_slice() else { return None };
    let whole = usize::try_from(i32::from(*weight) + 1).ok()?;
    if whole > 4 || digits.len() > whole {
        return None;
    }
    let number = (0..whole).fold(0_i64, |number, at| {
        number * 10_000 + i64::from(digits.get(at).copied().unwrap_or(0))
    });
    match *sign {
        0 => Some(number),
        0x4000 => Some(-number),
        _ => None,
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        // The last two: the table was changed, and the plan or the statement is gone.
        let stale = [
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
            SqlState::CANNOT_CONNECT_NOW,
            SqlState::FEATURE_NOT_SUPPORTED,
            SqlState::INVALID_SQL_STATEMENT_NAME,
        ];
        let is_stale = error.is_closed()
            || error.code().is_some_and(|code| stale.contains(code))
            || (error.as_db_error().is_none() && io_cause(&error).is_some());
        Self { failure: failure(&error), is_stale }
    }
}

/// Why there is no connection, in the server's words: it has not seen a number or a code yet.
fn connecting(error: &Error) -> Failure {
    if let Some(said) = error.as_db_error() {
        let text = format!("the server said: {} ({})", said.message(), said.code().code());
        return sorted(text, said.code().code());
    }
    let text = with_causes(error);
    // A certificate does not become another one by itself.
    let lasting = io_cause(error).is_none() || text.contains("certificate verify failed");
    if lasting { Failure::Lasting(text) } else { Failure::Passing(text) }
}

/// Why the statement is none, with the place in it.
fn preparing(error: &Error) -> Failure {
    let Some(said) = error.as_db_error() else { return failure(error) };
    let place = match said.position() {
        Some(tokio_postgres::error::ErrorPosition::Original(at)) => {
            format!(" at character {at} of the statement")
        }
        _ => String::new(),
    };
    let hint = said.hint().map(|hint| format!("; {hint}")).unwrap_or_default();
    let code = said.code().code();
    let text = format!("`query`: the server said: {}{place} ({code}){hint}", said.message());
    sorted(text, code)
}

/// Why a question has no answer; what was asked may stand in the server's words.
fn failure(error: &Error) -> Failure {
    match error.as_db_error() {
        Some(said) => {
            let code = said.code().code();
            sorted(format!("the server said: {} ({code})", answer::masked(said.message())), code)
        }
        None => Failure::Passing(with_causes(error)),
    }
}

/// Sorts an error by its SQLSTATE: data, log-in, database, statement and rights do not mend
/// themselves.
fn sorted(text: String, code: &str) -> Failure {
    let lasting = ["22", "28", "3D", "3F", "42"].iter().any(|class| code.starts_with(class));
    if lasting { Failure::Lasting(text) } else { Failure::Passing(text) }
}

fn io_cause(error: &Error) -> Option<&io::Error> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref::<io::Error>() {
            return Some(io);
        }
        cause = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &[u16], expected: Option<i64>) {
        let raw: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        assert_eq!(numeric(&raw), expected);
    }

    #[test]
    fn numbers_of_any_size_are_read() {
        check(&[0, 0, 0, 0], Some(0));
        check(&[1, 0, 0, 0, 4711], Some(4711));
        check(&[2, 1, 0, 0, 5, 6789], Some(56_789));
        check(&[1, 1, 0, 0, 5], Some(50_000));
        check(&[1, 0, 0x4000, 0, 12], Some(-12));
        check(&[1, 0xffff, 0, 1, 5000], None);
        check(&[2, 0, 0, 1, 1, 5000], None);
        check(&[0, 0, 0xc000, 0], None);
        check(&[], None);
    }
}
