//! `ivrkit media check`: will the PBX play these files, and to their ends?

use super::Format;
use crate::{
    error::{Error, Exit},
    files,
    media::{
        self,
        playable::{self, Finding, Report},
    },
};
use clap::{Args, ValueEnum};
use ivrkit_dialplan::scenario;
use rayon::prelude::*;
use serde::Serialize;
use std::{
    borrow::Cow,
    fmt::Write as _,
    io,
    path::{Path, PathBuf},
};
use walkdir::WalkDir;

/// Says of files, and of all prompts in folders, whether the PBX will play them to their ends.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Files and folders.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The PBX.
    #[arg(long, value_enum, default_value = "asterisk")]
    profile: Profile,
    /// How the result is printed.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Profile {
    YeastarS,
    Asterisk,
}

/// The JSON document.
#[derive(Serialize)]
struct Document<'a> {
    profile: scenario::Profile,
    files: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    path: Cow<'a, str>,
    playable: bool,
    opens: bool,
    duration_ms: Option<f64>,
    played_ms: f64,
    lost_ms: f64,
    rate_hz: Option<u32>,
    channels: Option<u16>,
    encoding: Option<&'static str>,
    level_dbov: Option<f64>,
    peak_dbfs: Option<f64>,
    refusals: &'a [Finding],
    warnings: &'a [Finding],
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let profile = match arguments.profile {
        Profile::YeastarS => scenario::Profile::YeastarS,
        Profile::Asterisk => scenario::Profile::Asterisk,
    };
    let paths: Vec<_> = arguments.paths.iter().flat_map(|path| prompts(path)).collect();
    let bar = super::progress_bar("files");
    bar.set_length(paths.len() as u64);
    let judged = paths.into_par_iter().map(|path| {
        let judged = path.and_then(|path| examine(path, profile));
        bar.inc(1);
        judged
    });
    let judged: Vec<_> = judged.collect();
    bar.finish_and_clear();
    let (mut problems, mut reports) = (Vec::new(), Vec::new());
    for judged in judged {
        match judged {
            Ok(report) => reports.push(report),
            Err(error) => problems.push(error),
        }
    }
    playable::compare_levels(reports.iter_mut().map(|(_, report)| report));
    super::print(&match arguments.format {
        // What could not be read has its own message; a table without rows says nothing.
        Format::Text if reports.is_empty() => String::new(),
        Format::Text => table(&reports),
        Format::Json => json(&reports, profile),
    })?;
    end(problems, &reports)
}

/// The first problem ends the command; those before it are shown.
fn end(mut problems: Vec<files::Error>, reports: &[(PathBuf, Report)]) -> Result<Exit, Error> {
    let last = problems.pop();
    for problem in problems {
        eprintln!("ivrkit: {problem}");
    }
    match last {
        Some(problem) => Err(problem.into()),
        None if reports.iter().all(|(_, report)| report.is_playable()) => Ok(Exit::Done),
        None => Ok(Exit::Found),
    }
}

/// A file as it is; of a folder, every prompt in it in the order of names.
fn prompts(path: &Path) -> Vec<Result<PathBuf, files::Error>> {
    if !path.is_dir() {
        return vec![Ok(path.to_owned())];
    }
    let found: Vec<_> = WalkDir::new(path)
        .sort_by_file_name()
        .into_iter()
        .filter(|entry| entry.as_ref().map_or(true, |entry| is_prompt(entry.path())))
        .map(|entry| entry.map(walkdir::DirEntry::into_path).map_err(unreadable))
        .collect();
    if found.is_empty() {
        let source = io::Error::new(io::ErrorKind::NotFound, "the folder holds no prompt");
        return vec![Err(files::Error::Read { path: path.to_owned(), source })];
    }
    found
}

fn is_prompt(path: &Path) -> bool {
    media::is_audio(path) && path.is_file()
}

fn unreadable(error: walkdir::Error) -> files::Error {
    let path = error.path().map(Path::to_owned).unwrap_or_default();
    files::Error::Read { path, source: error.into() }
}

fn examine(path: PathBuf, profile: scenario::Profile) -> Result<(PathBuf, Report), files::Error> {
    let report = playable::listen_to_file(&path, profile)?;
    Ok((path, report))
}

fn table(reports: &[(PathBuf, Report)]) -> String {
    let names: Vec<_> = reports.iter().map(|(path, _)| path.display().to_string()).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(4);
    let mut text = format!(
        "{:width$}  {:>9}  {:>9}  {:>8}  {:>10}  {:>10}  VERDICT\n",
        "NAME", "SECONDS", "RATE", "CHANNELS", "LEVEL", "PEAK"
    );
    for (name, (_, report)) in names.iter().zip(reports) {
        row(&mut text, name, width, report).expect("a string takes what it is given");
    }
    let good = reports.iter().filter(|(_, report)| report.is_playable()).count();
    writeln!(text, "{good} of {} playable", reports.len())
        .expect("a string takes what it is given");
    text
}

fn row(text: &mut String, name: &str, width: usize, report: &Report) -> std::fmt::Result {
    let or_dash = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    let seconds = or_dash(report.duration.map(|duration| format!("{:.3}", duration.as_secs_f64())));
    let rate = or_dash(report.format.map(|format| format!("{} Hz", format.rate_hz)));
    let channels = or_dash(report.format.map(|format| format.channels.to_string()));
    let level = report.heard.and_then(|heard| heard.level_dbov);
    let level = or_dash(level.map(|level| format!("{level:.1} dBov")));
    let peak = report.heard.and_then(|heard| heard.peak_dbfs);
    let peak = or_dash(peak.map(|peak| format!("{peak:.1} dBFS")));
    let verdict = if report.is_playable() { "plays" } else { "refused" };
    writeln!(
        text,
        "{name:width$}  {seconds:>9}  {rate:>9}  {channels:>8}  {level:>10}  {peak:>10}  {verdict}"
    )?;
    for finding in &report.refusals {
        writeln!(text, "    {}; {}", finding.reason, finding.cure)?;
    }
    for finding in &report.warnings {
        writeln!(text, "    note: {}; {}", finding.reason, finding.cure)?;
    }
    Ok(())
}

fn json(reports: &[(PathBuf, Report)], profile: scenario::Profile) -> String {
    let files = reports.iter().map(|(path, report)| Row::of(path, report)).collect();
    super::to_json(&Document { profile, files })
}

impl<'a> Row<'a> {
    fn of(path: &'a Path, report: &'a Report) -> Self {
        Self {
            path: path.to_string_lossy(),
            playable: report.is_playable(),
            opens: report.opens,
            duration_ms: report.duration.map(super::milliseconds),
            played_ms: super::milliseconds(report.played),
            lost_ms: super::milliseconds(report.lost),
            rate_hz: report.format.map(|format| format.rate_hz),
            channels: report.format.map(|format| format.channels),
            encoding: report.format.map(|format| format.encoding.name()),
            level_dbov: report.heard.and_then(|heard| heard.level_dbov).map(super::tenths),
            peak_dbfs: report.heard.and_then(|heard| heard.peak_dbfs).map(super::tenths),
            refusals: &report.refusals,
            warnings: &report.warnings,
        }
    }
}
