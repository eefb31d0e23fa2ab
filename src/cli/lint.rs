//! `ivrkit lint`: everything that is wrong with dialplans, for people and for machines.

use crate::{
    error::{Error, Exit},
    lint::{
        config::{Config, Configs, Levels, SEVERITIES},
        rule_names::Scope,
        run::{self, Options, Outcome},
    },
    report::{
        self,
        findings::{Form, Report},
    },
};
use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use indicatif::{ProgressBar, ProgressStyle};
use ivrkit_dialplan::{application::Version, diagnostic::Severity, lint::Level, scenario::Profile};
use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// Finds what is wrong with dialplans, whether Asterisk says so or not.
///
/// In folders, every `extensions*.conf`, every other `.conf` with steps of extensions, and every
/// scenario is linted; files that another one includes are linted as part of that one. A scenario is
/// rendered first, and its findings show lines of the rendered dialplan. Settings come from the
/// nearest `ivrkit.toml` upwards from each file. `ivrkit explain RULE` says more about a finding.
///
/// The exit code is 0 if nothing was found, 1 if a finding is at least as severe as --fail-on says,
/// and 2 if something could not be linted; all else is linted then, too.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Files and folders.
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
    /// How the findings are written.
    #[arg(long, value_enum, default_value_t = Form::Human)]
    format: Form,
    /// The Asterisk that the dialplans are for; 13, 16, 18, 20 or 22, the newest by
    /// default.
    #[arg(long, value_name = "VERSION")]
    asterisk: Option<Version>,
    /// From which severity on a finding fails the command; error by default.
    #[arg(long, value_name = "SEVERITY", value_parser = severity_parser())]
    fail_on: Option<Severity>,
    /// Has these rules look: names, codes, groups, or `all`.
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = Scope::named)]
    enable: Vec<Scope>,
    /// Keeps these rules from looking; a rule's own name counts before its group, that before `all`.
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = Scope::named)]
    disable: Vec<Scope>,
    /// Configuration for all files, in place of those that would be found.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Kind of PBX that scenarios are rendered for; each of them by default.
    #[arg(long, value_name = "NAME", value_parser = super::render::profile_parser())]
    profile: Option<Profile>,
    /// Prints the findings alone: no summary and no progress.
    #[arg(short, long)]
    quiet: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let mut configs = match configs(arguments.config.as_deref()) {
        Ok(configs) => configs,
        Err(error) => {
            eprintln!("ivrkit: {error}");
            return Ok(Exit::Usage);
        }
    };
    let bar = progress_bar(arguments.quiet);
    let outcome = run::run(&arguments.paths, &mut configs, &arguments.options(), &|done, all| {
        bar.set_length(all);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    super::printed(arguments.write(&outcome))?;
    for error in &outcome.errors {
        eprintln!("ivrkit: {error}");
    }
    if !arguments.quiet {
        eprintln!("{}", summary(&outcome));
    }
    Ok(match outcome {
        Outcome { ref errors, .. } if !errors.is_empty() => Exit::Usage,
        outcome if outcome.has_failed() => Exit::Found,
        _ => Exit::Done,
    })
}

impl Arguments {
    fn options(&self) -> Options {
        let said = |scopes: &[Scope], level| {
            scopes.iter().map(|&scope| (scope, level)).collect::<Levels>()
        };
        Options {
            levels: [said(&self.enable, Level::On), said(&self.disable, Level::Off)].concat(),
            asterisk: self.asterisk,
            fail_on: self.fail_on,
            profiles: self.profile.map_or(super::render::PROFILES.to_vec(), |one| vec![one]),
        }
    }

    fn write(&self, outcome: &Outcome) -> io::Result<()> {
        let stdout = io::stdout().lock();
        let look = report::Look::of(&stdout);
        let checked: Vec<_> = outcome.checked.keys().map(PathBuf::as_path).collect();
        let folder = std::env::current_dir()?;
        let report =
            Report { findings: &outcome.findings, checked: &checked, folder: &folder, look };
        let mut out = io::BufWriter::new(stdout);
        report::findings::write(&mut out, self.format, &report)?;
        out.flush()
    }
}

fn configs(given: Option<&Path>) -> Result<Configs, crate::lint::config::Error> {
    given.map_or_else(|| Ok(Configs::default()), |path| Config::read(path).map(Configs::given))
}

/// Hidden unless standard error is a terminal.
fn progress_bar(is_quiet: bool) -> ProgressBar {
    if is_quiet {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} files, {eta} left")
        .expect("the template is well-formed");
    ProgressBar::new(0).with_style(style)
}

/// One line: how much was found in how many files.
fn summary(outcome: &Outcome) -> String {
    let count = |severity, what| {
        let count = outcome.findings.iter().filter(|one| one.severity == severity).count();
        (count > 0).then(|| counted(count, what))
    };
    let counts: Vec<_> =
        SEVERITIES.iter().filter_map(|&(what, severity)| count(severity, what)).collect();
    let found = if counts.is_empty() { "nothing found".to_owned() } else { counts.join(", ") };
    format!("{found} in {}", counted(outcome.checked.len(), "file"))
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn severity_parser() -> impl TypedValueParser<Value = Severity> {
    PossibleValuesParser::new(SEVERITIES.map(|(name, _)| name)).map(|name| {
        let named = SEVERITIES.into_iter().find(|(known, _)| *known == name);
        named.expect("only names of severities are possible").1
    })
}
