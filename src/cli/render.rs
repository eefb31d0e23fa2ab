//! `ivrkit render`.

use crate::{
    error::{Error, Exit},
    files, render,
};
use clap::{Args, builder::PossibleValuesParser, builder::TypedValueParser as _};
use ivrkit_dialplan::scenario::Profile;
use similar::TextDiff;
use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// Renders the dialplan of a scenario.
///
/// The text goes to standard output unless `-o` names a file, which is written whole or not at all.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The scenario, a YAML file.
    scenario: PathBuf,
    /// Kind of PBX to render for; the scenario's own by default.
    #[arg(long, value_name = "NAME", value_parser = profile_parser())]
    profile: Option<Profile>,
    /// File to write.
    #[arg(short, long, value_name = "FILE", conflicts_with = "check")]
    output: Option<PathBuf>,
    /// Compare with this file instead: shows a diff and ends with 1 if it is not what would be
    /// rendered.
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
    /// Folder of templates that replace the built-in ones of the same names.
    #[arg(long, value_name = "DIR")]
    templates: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let (reading, scenario) = super::sound_scenario(&arguments.scenario)?;
    let options = render::Options {
        profile: arguments.profile,
        templates: arguments.templates.clone(),
        ..render::Options::of(&reading.source)
    };
    let text = render::render(&scenario, &options)?;
    match (&arguments.output, &arguments.check) {
        (Some(path), _) => files::write(path, text.as_bytes())?,
        (None, Some(path)) => return compare(path, &text),
        (None, None) => print(&text)?,
    }
    Ok(Exit::Done)
}

fn compare(path: &Path, rendered: &str) -> Result<Exit, Error> {
    let found = files::read_source(path)?;
    if found.text() == rendered {
        return Ok(Exit::Done);
    }
    let diff = TextDiff::from_lines(found.text(), rendered);
    print(&diff.unified_diff().header(found.name(), "rendered").to_string())?;
    Ok(Exit::Found)
}

/// Writes to standard output. A reader that has seen enough, such as `head`, is no failure.
fn print(text: &str) -> Result<(), files::Error> {
    let mut output = io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(source) if source.kind() != io::ErrorKind::BrokenPipe => {
            Err(files::Error::Write { path: "standard output".into(), source })
        }
        _ => Ok(()),
    }
}

pub(super) fn profile_parser() -> impl clap::builder::TypedValueParser<Value = Profile> {
    const PROFILES: [Profile; 2] = [Profile::YeastarS, Profile::Asterisk];
    PossibleValuesParser::new(PROFILES.map(Profile::name)).map(|name| {
        let named = PROFILES.into_iter().find(|profile| profile.name() == name);
        named.expect("only names of profiles are possible")
    })
}
