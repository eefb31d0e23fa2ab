//! `ivrkit media convert`: prompts of files and folders, without a scenario.

use super::Format;
use crate::{
    error::{Error, Exit},
    media::{self, Action, BatchProblem, Made, Outcome},
};
use clap::{Args, ValueEnum};
use ivrkit_dialplan::scenario::{self, Sound};
use serde::Serialize;
use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

/// Converts recordings to what the PBX plays whole: 8 kHz, 16 bit, mono WAV, unless the options say
/// otherwise.
///
/// One file becomes the file OUT, whose ending is the format. Several files, and all recordings in
/// folders, become files in the folder OUT, which keeps the folders below those that are given. A
/// source is never overwritten.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Recordings, and folders of recordings.
    #[arg(required = true, value_name = "IN")]
    inputs: Vec<PathBuf>,
    /// File or folder for the prompts; a folder is made if it is missing.
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// Format of the prompts' files; the ending of OUT says it for a single file.
    #[arg(long, value_enum)]
    sound_format: Option<SoundFormat>,
    /// Active speech level (ITU-T P.56) that each prompt is brought to, with peaks below -1 dBFS.
    #[arg(long, value_enum, default_value = "keep")]
    level: Level,
    /// Cut silence off: at most 100 ms are kept before the sound, 150 ms behind it.
    #[arg(long)]
    trim: bool,
    /// Cut-off of a filter against hum and rumble, 1 to 300 Hz.
    #[arg(long, value_name = "HZ", value_parser = clap::value_parser!(u16).range(1..=300))]
    high_pass: Option<u16>,
    /// How the result is printed.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Format of a prompt's file.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum SoundFormat {
    /// RIFF/WAVE, 16 bit, 8 kHz.
    Wav,
    /// 16 bit, 8 kHz, without a header.
    Sln,
    /// G.711 u-law, without a header.
    Ulaw,
    /// G.711 A-law, without a header.
    Alaw,
    /// RIFF/WAVE, 16 bit, 16 kHz.
    Wav16,
    /// 16 bit, 16 kHz, without a header.
    Sln16,
}

/// What the active speech level is brought to.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Level {
    /// As the source has it.
    Keep,
    /// -19 dBov, as loud as Asterisk's own prompts.
    Stock,
    /// -26 dBov, the nominal level of P.56.
    Itu,
}

/// The JSON document.
#[derive(Serialize)]
struct Document<'a> {
    output: Cow<'a, str>,
    prompts: Vec<Row<'a>>,
    problems: Vec<ProblemRow<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    source: Cow<'a, str>,
    path: Cow<'a, str>,
    duration_ms: f64,
    action: &'static str,
    level_dbov: Option<f64>,
    gain_db: f64,
    trimmed_ms: f64,
}

#[derive(Serialize)]
struct ProblemRow<'a> {
    source: Cow<'a, str>,
    reason: String,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let Arguments { inputs, output, format, .. } = arguments;
    let sound = arguments.sound();
    let asked = arguments.sound_format.map(SoundFormat::of_scenario);
    let bar = super::progress_bar("files");
    let outcome = media::convert_files(inputs, output, &sound, asked, &|done, total| {
        bar.set_length(total);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    let outcome = outcome?;
    super::print(&match format {
        Format::Json => json(&outcome, output),
        // What could not be converted has its own message.
        Format::Text if outcome.made.is_empty() => String::new(),
        Format::Text => summary(&outcome.made, output),
    })?;
    outcome.into_result()?;
    Ok(Exit::Done)
}

fn summary(made: &[Made], output: &Path) -> String {
    let count = |action| made.iter().filter(|prompt| prompt.action == action).count();
    let seconds: f64 = made.iter().map(|prompt| prompt.duration.as_secs_f64()).sum();
    let plural = if made.len() == 1 { "" } else { "s" };
    format!(
        "{} prompt{plural}, {seconds:.1} s, in {}: {} converted, {} copied, {} unchanged\n",
        made.len(),
        output.display(),
        count(Action::Converted),
        count(Action::Copied),
        count(Action::Unchanged),
    )
}

fn json(outcome: &Outcome, output: &Path) -> String {
    super::to_json(&Document {
        output: output.to_string_lossy(),
        prompts: outcome.made.iter().map(Row::of).collect(),
        problems: outcome.problems.iter().map(ProblemRow::of).collect(),
    })
}

impl Arguments {
    fn sound(&self) -> Sound {
        Sound {
            format: self.sound_format.map(SoundFormat::of_scenario).unwrap_or_default(),
            level: self.level.of_scenario(),
            trim: self.trim,
            high_pass_hz: self.high_pass.unwrap_or_default(),
        }
    }
}

impl SoundFormat {
    fn of_scenario(self) -> scenario::SoundFormat {
        match self {
            Self::Wav => scenario::SoundFormat::Wav,
            Self::Sln => scenario::SoundFormat::Sln,
            Self::Ulaw => scenario::SoundFormat::Ulaw,
            Self::Alaw => scenario::SoundFormat::Alaw,
            Self::Wav16 => scenario::SoundFormat::Wav16,
            Self::Sln16 => scenario::SoundFormat::Sln16,
        }
    }
}

impl Level {
    fn of_scenario(self) -> scenario::Level {
        match self {
            Self::Keep => scenario::Level::Keep,
            Self::Stock => scenario::Level::Stock,
            Self::Itu => scenario::Level::Itu,
        }
    }
}

impl<'a> Row<'a> {
    fn of(prompt: &'a Made) -> Self {
        Self {
            source: prompt.source.to_string_lossy(),
            path: prompt.path.to_string_lossy(),
            duration_ms: super::milliseconds(prompt.duration),
            action: prompt.action.name(),
            level_dbov: prompt.level_dbov.map(super::tenths),
            gain_db: super::tenths(prompt.gain_db),
            trimmed_ms: super::milliseconds(prompt.trimmed),
        }
    }
}

impl<'a> ProblemRow<'a> {
    fn of(problem: &'a BatchProblem) -> Self {
        Self { source: problem.file.to_string_lossy(), reason: problem.reason.to_string() }
    }
}
