//! `ivrkit schema`.

use crate::{
    error::{Error, Exit},
    files,
};
use clap::Args;
use ivrkit_dialplan::{scenario, scenario_test};
use std::{
    io::{self, Write as _},
    path::PathBuf,
};

/// Prints the JSON Schema of scenarios, or of their tests, for editors.
///
/// A scenario whose first line is `# yaml-language-server: $schema=scenario.schema.json` is completed
/// and checked by editors with a YAML language server when the schema lies beside it.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The schema of test files, which `ivrkit test` runs.
    #[arg(long)]
    tests: bool,
    /// Compares FILE with the schema instead of printing it; exit code 1 if they differ.
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let (schema, flag) = if arguments.tests {
        (scenario_test::schema_text(), " --tests")
    } else {
        (scenario::schema_text(), "")
    };
    let Some(path) = &arguments.check else {
        super::printed(io::stdout().lock().write_all(schema.as_bytes()))?;
        return Ok(Exit::Done);
    };
    if files::read_source(path)?.text() == schema {
        return Ok(Exit::Done);
    }
    let shown = path.display();
    eprintln!(
        "ivrkit: {shown} is not the schema of this version; `ivrkit schema{flag} > {shown}` writes it"
    );
    Ok(Exit::Found)
}
