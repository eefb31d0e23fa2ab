//! `ivrkit graph`.

use crate::{
    error::{Error, Exit},
    files,
    graph::{self, Form},
};
use clap::{Args, builder::NonEmptyStringValueParser};
use ivrkit_dialplan::{application::Version, scenario::Profile};
use std::{
    io::{self, Write as _},
    path::PathBuf,
};

/// Draws where calls go: IVRs or extensions, keys, time-outs and verdicts.
///
/// Of a scenario each IVR is a box, with the texts of its prompts; of a dialplan each straight run of
/// steps. What `ivrkit lint` finds is marked. SVG and HTML are complete in one file: nothing is
/// loaded from anywhere. The exit code is 0 if the picture was drawn, whatever was found, and 3 if
/// an input cannot be used or the picture would be too large.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A dialplan, such as extensions.conf, or a scenario.
    file: PathBuf,
    /// What is written.
    #[arg(long, value_enum, default_value_t = Form::Mermaid)]
    format: Form,
    /// Draws only what calls reach that begin in this context of a dialplan.
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    context: Option<String>,
    /// Shows the way of a call: what `ivrkit simulate --format json` wrote.
    #[arg(long, value_name = "TRANSCRIPT")]
    path: Option<PathBuf>,
    /// Marks nothing that the linter finds.
    #[arg(long)]
    no_findings: bool,
    /// Kind of PBX that a scenario is rendered for when the linter looks at it; the scenario's own by
    /// default.
    #[arg(long, value_name = "NAME", value_parser = super::render::profile_parser())]
    profile: Option<Profile>,
    /// The Asterisk that the dialplan is for: 13, 16, 18, 20 or 22, the newest by default.
    #[arg(long, value_name = "VERSION")]
    asterisk: Option<Version>,
    /// Folder that `ivrkit media build` wrote: a dialplan shows what its prompts say.
    #[arg(long, value_name = "DIR")]
    media: Option<PathBuf>,
    /// File to write in place of standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let options = graph::Options {
        context: arguments.context.clone(),
        path: arguments.path.clone(),
        has_findings: !arguments.no_findings,
        profile: arguments.profile,
        asterisk: arguments.asterisk,
        media: arguments.media.clone(),
    };
    let drawn = if graph::is_scenario(&arguments.file)? {
        let (_, scenario) = super::sound_scenario(&arguments.file)?;
        graph::of_scenario(&arguments.file, &scenario, &options)?
    } else {
        graph::of_dialplan(&arguments.file, &options)?
    };
    let text = graph::write(&drawn, arguments.format)?;
    match &arguments.output {
        Some(path) => files::write(path, text.as_bytes())?,
        None => super::printed(io::stdout().lock().write_all(text.as_bytes()))?,
    }
    Ok(Exit::Done)
}
