//! Where entered digits are looked up: ivrkit's own codes, or what an operator names in `lookups`.
//!
//! Own codes are judged within the transaction that records the verdict (`store/codes.rs`), so that
//! code and call cannot disagree after a crash. Every other look-up is one file here that does what
//! [`Lookup`] says; it runs beside the event loop and its answer comes back as an event. One
//! look-up may be asked more than once for the same entry: after a time-out, a broken connection or
//! a restart. Must not decide what a verdict leads to.

mod answer;
mod http;
mod mariadb;
mod pool;
mod postgres;
mod question;
mod sqlite;
mod statement;

pub use question::Question;

use crate::{config, secret};
use ivrkit_dialplan::{
    scenario::{Scenario, Verification},
    verification::{Input, Verdict},
};
use question::Parameter;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Something under way.
pub type Doing<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One place where digits are looked up. All of them pass the suite in `tests/lookups`.
pub trait Lookup: fmt::Debug + Send + Sync {
    /// Looks whether questions could be asked, with the column that each scenario's verification
    /// wants; gives what somebody may regret.
    ///
    /// # Errors
    /// [`Failure::Lasting`] for a mistake in the configuration.
    fn check<'a>(
        &'a self,
        columns: &'a [Option<String>],
    ) -> Doing<'a, Result<Vec<String>, Failure>>;

    /// Judges an entry, within its time-out. Never [`Verdict::Unavailable`]: that is an error.
    ///
    /// # Errors
    /// When nobody can tell.
    fn look_up<'a>(&'a self, question: &'a Question) -> Doing<'a, Result<Verdict, Failure>>;
}

/// Why nobody can tell. The texts hold no secrets, no digits and no numbers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It may pass: no connection, no answer in time, too many connections.
    #[error("{0}")]
    Passing(String),
    /// It would fail again: a wrong statement, a refused password, a missing table.
    #[error("{0}")]
    Lasting(String),
}

/// A look-up with which the server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A scenario names one that the configuration has not.
    #[error(
        "verification `{verification}` of the scenario names the look-up `{lookup}`, which is \
        not in `lookups` of the configuration; there are {known}"
    )]
    Unknown {
        /// The verification.
        verification: String,
        /// What it names.
        lookup: String,
        /// Those that there are.
        known: String,
    },
    /// A scenario gives a parameter another meaning.
    #[error(
        "verification `{verification}` of the scenario sets `{name}` in `lookup_values`, which \
        every look-up has already"
    )]
    BuiltIn {
        /// The verification.
        verification: String,
        /// The parameter.
        name: String,
    },
    /// It cannot be used as it is configured.
    #[error("cannot use `lookups.{key}` of the configuration: {problem}")]
    Unusable {
        /// The path of its section.
        key: String,
        /// Why, in the words of the server where there is one.
        problem: String,
    },
    /// A secret of it cannot be read.
    #[error(transparent)]
    Secret(#[from] secret::Error),
}

/// Every look-up of a configuration that the scenario names.
#[derive(Debug, Default)]
pub struct Lookups(BTreeMap<String, Named>);

#[derive(Debug)]
struct Named {
    /// Path of its section in the configuration.
    key: String,
    lookup: Arc<dyn Lookup>,
    /// The columns that verifications want.
    columns: Vec<Option<String>>,
    works: AtomicBool,
}

impl Lookups {
    /// Prepares the look-ups that a scenario names; asks nobody yet.
    ///
    /// # Errors
    /// When one is not there, or its section has a mistake that can be seen without a server.
    pub fn new(
        scenario: &Scenario,
        sections: &BTreeMap<String, config::Lookup>,
    ) -> Result<Self, Error> {
        let mut lookups = BTreeMap::new();
        for (verification, one) in &scenario.verifications {
            check_values(verification, one)?;
            if one.lookup == Verification::CODES || lookups.contains_key(&one.lookup) {
                continue;
            }
            let section = sections.get(&one.lookup).ok_or_else(|| {
                let known = sections.keys().map(|name| format!("`{name}`, "));
                let known = format!("{}`{}`", known.collect::<String>(), Verification::CODES);
                let (verification, lookup) = (verification.clone(), one.lookup.clone());
                Error::Unknown { verification, lookup, known }
            })?;
            lookups.insert(one.lookup.clone(), Named::new(scenario, &one.lookup, section)?);
        }
        Ok(Self(lookups))
    }

    /// Looks whether every one can be used, all at once. One that cannot be reached is no error: it
    /// may start later than we do.
    ///
    /// # Errors
    /// The first one that could never work as it is configured.
    ///
    /// # Panics
    /// Never: a check does not.
    pub async fn check(&self) -> Result<(), Error> {
        let mut checks = tokio::task::JoinSet::new();
        for named in self.0.values() {
            let (key, columns) = (named.key.clone(), named.columns.clone());
            let lookup = Arc::clone(&named.lookup);
            checks.spawn(async move { (key, lookup.check(&columns).await) });
        }
        while let Some(checked) = checks.join_next().await {
            let (key, checked) = checked.expect("a check does not panic");
            match checked {
                Ok(warnings) => {
                    for warning in warnings {
                        tracing::warn!(lookup = key, "{warning}");
                    }
                    tracing::info!(lookup = key, "the look-up can be used");
                }
                Err(Failure::Passing(why)) => {
                    tracing::warn!(lookup = key, %why, "the look-up cannot be used yet");
                }
                Err(Failure::Lasting(problem)) => return Err(Error::Unusable { key, problem }),
            }
        }
        Ok(())
    }

    /// Judges an entry; gives what the call is told.
    pub async fn look_up(&self, name: &str, question: &Question) -> Input {
        let lookup = question.lookup;
        // One that the configuration no longer has was named by an older scenario.
        let Some(named) = self.0.get(name) else { return Input::LookUpFailed { lookup } };
        match named.lookup.look_up(question).await {
            Ok(verdict) => {
                if !named.works.swap(true, Ordering::Relaxed) {
                    tracing::info!(lookup = named.key, "the look-up works again");
                }
                Input::LookedUp { lookup, verdict }
            }
            Err(failure) => {
                named.tell(&question.call, &failure);
                match failure {
                    Failure::Passing(_) => {
                        Input::LookedUp { lookup, verdict: Verdict::Unavailable }
                    }
                    Failure::Lasting(_) => Input::LookUpFailed { lookup },
                }
            }
        }
    }
}

impl Named {
    fn new(scenario: &Scenario, name: &str, section: &config::Lookup) -> Result<Self, Error> {
        let of_this = || scenario.verifications.values().filter(|one| one.lookup == name);
        let values: BTreeSet<&str> =
            of_this().flat_map(|one| one.lookup_values.keys().map(String::as_str)).collect();
        let values: Vec<&str> = values.into_iter().collect();
        let columns: BTreeSet<_> = of_this().map(|one| one.lookup_column.clone()).collect();
        let key = format!("{name}.{}", section.kind());
        let lookup = open(section, &values).map_err(|problem| {
            let key = key.clone();
            match problem {
                Problem::Section(problem) => Error::Unusable { key, problem },
                Problem::Secret(error) => error.into(),
            }
        })?;
        let (columns, works) = (columns.into_iter().collect(), AtomicBool::new(true));
        Ok(Self { key, lookup, columns, works })
    }

    /// A failure is told when it begins; what follows is for those who look closely.
    fn tell(&self, call: &str, failure: &Failure) {
        if self.works.swap(false, Ordering::Relaxed) {
            tracing::error!(lookup = self.key, call, %failure, "the look-up cannot be done");
        } else {
            tracing::debug!(lookup = self.key, call, %failure, "the look-up cannot be done");
        }
    }
}

/// Why a section cannot be used.
enum Problem {
    Section(String),
    Secret(secret::Error),
}

impl From<String> for Problem {
    fn from(problem: String) -> Self {
        Self::Section(problem)
    }
}

/// The look-up of a section; `values` are the names of the parameters that scenarios add.
///
/// # Errors
/// What is wrong with the section, as far as it can be seen without a server.
pub fn prepare(section: &config::Lookup, values: &[&str]) -> Result<Arc<dyn Lookup>, String> {
    open(section, values).map_err(|problem| match problem {
        Problem::Section(problem) => problem,
        Problem::Secret(error) => error.to_string(),
    })
}

fn open(section: &config::Lookup, values: &[&str]) -> Result<Arc<dyn Lookup>, Problem> {
    Ok(match section.choice() {
        config::Choice::Postgres(section) => Arc::new(postgres::lookup(section, values)?),
        config::Choice::MariaDb(section) => Arc::new(mariadb::lookup(section, values)?),
        config::Choice::Sqlite(section) => Arc::new(sqlite::lookup(section, values)?),
        config::Choice::Http(section) => Arc::new(http::lookup(section, values)?),
    })
}

fn check_values(verification: &str, one: &Verification) -> Result<(), Error> {
    match one.lookup_values.keys().find(|name| Parameter::is_built_in(name)) {
        None => Ok(()),
        Some(name) => {
            Err(Error::BuiltIn { verification: verification.to_owned(), name: name.clone() })
        }
    }
}

/// An error in words, with those of its causes that it does not say itself.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    text
}
