//! The steps of a call, from the transcript that `ivrkit simulate` writes.
//!
//! An object whose `events` are objects; those of the `kind` `step` have `context`, `exten` and
//! `priority`. What else there is does not count.

use crate::files;
use ivrkit_dialplan::graph::Visit;
use serde::Deserialize;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Most bytes of a transcript: more than a hundred thousand steps.
const MAX_BYTES: u64 = 64 << 20;

/// A transcript that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] files::Error),
    /// It is no JSON.
    #[error("{}: not a transcript: {source}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: serde_json::Error,
    },
    /// It has no events.
    #[error("{}: not a transcript: found {found}, expected an object with a list `events`", path.display())]
    NoEvents {
        /// The file.
        path: PathBuf,
        /// What there is instead.
        found: &'static str,
    },
    /// A step is not what it should be.
    #[error(
        "{}: event {number} is no step: {source}; expected texts `context` and `exten` and a number \
         `priority`",
        path.display()
    )]
    Step {
        /// The file.
        path: PathBuf,
        /// Which event, from 1.
        number: usize,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// No event is a step.
    #[error("{}: none of its {count} events is a step, so there is no way to show", path.display())]
    NoSteps {
        /// The file.
        path: PathBuf,
        /// How many events there are.
        count: usize,
    },
}

#[derive(Deserialize)]
struct Step {
    context: String,
    exten: String,
    priority: i32,
}

/// Reads the steps of a call.
pub(super) fn read(path: &Path) -> Result<Vec<Visit>, Error> {
    steps(path, &super::read_text(path, MAX_BYTES)?)
}

fn steps(path: &Path, text: &str) -> Result<Vec<Visit>, Error> {
    let owned = || path.to_owned();
    let value: Value =
        serde_json::from_str(text).map_err(|source| Error::Json { path: owned(), source })?;
    let events = match value.get("events") {
        Some(Value::Array(events)) => events,
        Some(_) => {
            return Err(Error::NoEvents { path: owned(), found: "`events` that are no list" });
        }
        None if value.is_object() => {
            return Err(Error::NoEvents { path: owned(), found: "an object without `events`" });
        }
        None => return Err(Error::NoEvents { path: owned(), found: "no object" }),
    };
    let is_step = |event: &&Value| event.get("kind").is_some_and(|kind| kind == "step");
    let numbered = (1..).zip(events).filter(|(_, event)| is_step(event));
    let visits = numbered.map(|(number, event)| match Step::deserialize(event) {
        Ok(Step { context, exten, priority }) => Ok(Visit { context, exten, priority }),
        Err(source) => Err(Error::Step { path: owned(), number, source }),
    });
    let visits: Vec<_> = visits.collect::<Result<_, _>>()?;
    if visits.is_empty() {
        return Err(Error::NoSteps { path: owned(), count: events.len() });
    }
    Ok(visits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let found = match steps(Path::new("t.json"), text) {
            Ok(visits) => visits
                .iter()
                .map(|one| format!("{},{},{}", one.context, one.exten, one.priority))
                .collect::<Vec<_>>()
                .join(" "),
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn steps_are_read_and_what_is_broken_is_said() {
        let step = r#"{"at_s": 1.2, "kind": "step", "context": "c", "exten": "1#", "priority": 3}"#;
        check(&format!(r#"{{"events": [{step}, {{"kind": "heard"}}], "more": 1}}"#), "c,1#,3");
        check(
            r#"{"events": [{}]}"#,
            "t.json: none of its 1 events is a step, so there is no way to show",
        );
        let no = "t.json: not a transcript: ";
        let expected = "expected an object with a list `events`";
        check("[]", &format!("{no}found no object, {expected}"));
        check("{}", &format!("{no}found an object without `events`, {expected}"));
        check(r#"{"events": 1}"#, &format!("{no}found `events` that are no list, {expected}"));
        check("{", &format!("{no}EOF while parsing an object at line 1 column 1"));
        check(
            r#"{"events": [{}, {"kind": "step", "context": "c", "exten": "1"}]}"#,
            "t.json: event 2 is no step: missing field `priority`; expected texts `context` and \
             `exten` and a number `priority`",
        );
    }
}
