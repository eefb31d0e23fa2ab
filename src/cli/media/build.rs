//! `ivrkit media build`: the prompts of a scenario as the PBX plays them.

use super::Format;
use crate::{
    cli::{interrupt, sound_scenario},
    error::{Error, Exit},
    media::{self, Action, BadRow, BadRows, Built, CalleeList, Report},
};
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

/// Converts every prompt of a scenario to what the PBX plays whole: 8 kHz, 16 bit, mono WAV, unless
/// the scenario's `sound` says otherwise.
///
/// Prompts with a text and no source file are spoken by the engine that the scenario's `tts` names.
/// With a list of callees, the prompt per callee is spoken for each of them; a run that was cut short
/// goes on where it was.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The scenario, a YAML file.
    scenario: PathBuf,
    /// Folder for the prompts; made if it is missing.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// List of callees to speak the prompt per callee for: a CSV file in UTF-8 with a heading, a
    /// column `number`, and the columns that the prompt's template names.
    #[arg(long, value_name = "CSV")]
    callees: Option<PathBuf>,
    /// What separates the list's columns; found out from its first line by default.
    #[arg(long, value_enum, requires = "callees")]
    delimiter: Option<Delimiter>,
    /// The list's column that has the numbers, if its name is no usual one.
    #[arg(long, value_name = "NAME", requires = "callees")]
    number_column: Option<String>,
    /// What becomes of rows of the list that cannot be used.
    #[arg(long, value_enum, default_value = "fail", requires = "callees")]
    bad_rows: OnBadRows,
    /// Folder of what was spoken before [default: ivrkit/speech in the user's cache folder].
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
    /// How the result is printed.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Delimiter {
    Comma,
    Semicolon,
    Tab,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum OnBadRows {
    /// Nothing is built until they are corrected.
    Fail,
    /// They are reported and left out.
    Skip,
}

/// The JSON document.
#[derive(Serialize)]
struct Document<'a> {
    folder: Cow<'a, str>,
    prompts: Vec<Row<'a>>,
    left_out: Vec<LeftOut>,
    speech: Speech,
}

/// A row of the list that was left out.
#[derive(Serialize)]
struct LeftOut {
    line: u64,
    reason: String,
}

/// Where the sentences came from.
#[derive(Serialize)]
struct Speech {
    spoken: u64,
    from_cache: u64,
}

#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    path: Cow<'a, str>,
    duration_ms: f64,
    action: &'static str,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let (_, scenario) = sound_scenario(&arguments.scenario)?;
    let base = match arguments.scenario.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let bar = super::progress_bar("prompts");
    let options = arguments.options();
    let progress = |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let built = media::build_with(&scenario, base, &arguments.output, &options, &progress);
    bar.finish_and_clear();
    let report = built?;
    if !report.left_out.is_empty() {
        eprintln!("ivrkit: rows that were left out:{}", media::shown_rows(&report.left_out));
    }
    if let Some(name) = &report.unbuilt {
        eprintln!("ivrkit: prompt `{name}` is made for a list of callees: --callees CSV");
    }
    super::print(&match arguments.format {
        Format::Text => summary(&report, &arguments.output),
        Format::Json => json(&report, &arguments.output),
    })?;
    Ok(Exit::Done)
}

impl Arguments {
    fn options(&self) -> media::Options {
        let callees = self.callees.clone().map(|path| CalleeList {
            path,
            delimiter: self.delimiter.map(|delimiter| match delimiter {
                Delimiter::Comma => b',',
                Delimiter::Semicolon => b';',
                Delimiter::Tab => b'\t',
            }),
            number_column: self.number_column.clone(),
            bad_rows: match self.bad_rows {
                OnBadRows::Fail => BadRows::Fail,
                OnBadRows::Skip => BadRows::Skip,
            },
        });
        media::Options { callees, cache: self.cache.clone(), interrupt: interrupt::catch_signals() }
    }
}

fn summary(report: &Report, folder: &Path) -> String {
    let built = &report.prompts;
    let count = |action| built.iter().filter(|prompt| prompt.action == action).count();
    let seconds: f64 = built.iter().map(|prompt| prompt.duration.as_secs_f64()).sum();
    let mut text = format!(
        "{} prompts, {seconds:.1} s, in {}: {} converted, {} copied, {} unchanged",
        built.len(),
        folder.display(),
        count(Action::Converted),
        count(Action::Copied),
        count(Action::Unchanged),
    );
    let (made, found) = report.spoken;
    let spoken = count(Action::Spoken);
    if spoken > 0 || made + found > 0 {
        text.push_str(&format!(
            ", {spoken} spoken ({made} sentences made, {found} from the cache)"
        ));
    }
    text.push('\n');
    text
}

fn json(report: &Report, folder: &Path) -> String {
    let (spoken, from_cache) = report.spoken;
    let left_out = |row: &BadRow| LeftOut { line: row.line, reason: row.fault.to_string() };
    super::to_json(&Document {
        folder: folder.to_string_lossy(),
        prompts: report.prompts.iter().map(Row::of).collect(),
        left_out: report.left_out.iter().map(left_out).collect(),
        speech: Speech { spoken, from_cache },
    })
}

impl<'a> Row<'a> {
    fn of(prompt: &'a Built) -> Self {
        Self {
            name: &prompt.name,
            path: prompt.path.to_string_lossy(),
            duration_ms: super::milliseconds(prompt.duration),
            action: prompt.action.name(),
        }
    }
}
