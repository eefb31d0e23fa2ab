//! `ivrkit media build`: the prompts of a scenario as the PBX plays them.

use super::Format;
use crate::{
    cli::sound_scenario,
    error::{Error, Exit},
    media::{self, Action, Built},
};
use clap::Args;
use serde::Serialize;
use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

/// Converts every prompt of a scenario to what the PBX plays whole: 8 kHz, 16 bit, mono WAV, unless
/// the scenario's `sound` says otherwise.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The scenario, a YAML file.
    scenario: PathBuf,
    /// Folder for the prompts; made if it is missing.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// How the result is printed.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// The JSON document.
#[derive(Serialize)]
struct Document<'a> {
    folder: Cow<'a, str>,
    prompts: Vec<Row<'a>>,
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
    let built = media::build(&scenario, base, &arguments.output, &|done, total| {
        bar.set_length(total);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    let text = match arguments.format {
        Format::Text => summary(&built?, &arguments.output),
        Format::Json => json(&built?, &arguments.output),
    };
    super::print(&text)?;
    Ok(Exit::Done)
}

fn summary(built: &[Built], folder: &Path) -> String {
    let count = |action| built.iter().filter(|prompt| prompt.action == action).count();
    let seconds: f64 = built.iter().map(|prompt| prompt.duration.as_secs_f64()).sum();
    format!(
        "{} prompts, {seconds:.1} s, in {}: {} converted, {} copied, {} unchanged\n",
        built.len(),
        folder.display(),
        count(Action::Converted),
        count(Action::Copied),
        count(Action::Unchanged),
    )
}

fn json(built: &[Built], folder: &Path) -> String {
    let prompts = built.iter().map(Row::of).collect();
    super::to_json(&Document { folder: folder.to_string_lossy(), prompts })
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
