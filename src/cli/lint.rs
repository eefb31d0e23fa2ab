//! `ivrkit lint`: everything that is wrong with dialplans, for people and for machines.

use crate::{
    error::{Error, Exit},
    lint::{
        Baseline, Fixing, Kept,
        config::{Config, Configs, Levels, SEVERITIES},
        inputs::{self, Rendering},
        rule_names::Scope,
        run::{self, Options, Outcome},
        sounds::MediaFolder,
    },
    report::{
        self,
        findings::{Form, Report},
    },
};
use clap::{
    ArgGroup, Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use indicatif::{ProgressBar, ProgressStyle};
use ivrkit_dialplan::{
    application::Version,
    diagnostic::Severity,
    lint::{Level, Safety},
    scenario::Profile,
};
use std::{
    collections::BTreeSet,
    ffi::OsString,
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
/// The exit code is 0 if nothing was found, 1 if a finding is at least as severe as --fail-on says
/// (with --diff: if there is a difference), and 2 if something could not be linted; all else is
/// linted then, too.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("mending").args(["fix", "diff"]))]
pub(super) struct Arguments {
    /// Files and folders.
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
    /// How the findings are written.
    #[arg(long, value_enum, default_value_t = Form::Human)]
    format: Form,
    /// The Asterisk that the dialplans are for: 13, 16, 18, 20 or 22, the newest by default.
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
    /// Mends what can be mended so that no call notices, and reports what is left.
    #[arg(long)]
    fix: bool,
    /// Shows what --fix would change, and writes nothing.
    #[arg(long)]
    diff: bool,
    /// Mends also where calls go another way then, most likely the one that was meant.
    #[arg(long, requires = "mending")]
    unsafe_fixes: bool,
    /// Reports only what this file does not know.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Writes what is found to this file, for --baseline, and reports nothing.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["baseline", "mending"])]
    write_baseline: Option<PathBuf>,
    /// Configuration for all files, in place of those that would be found.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Kind of PBX that scenarios are rendered for; each of them by default.
    #[arg(long, value_name = "NAME", value_parser = super::render::profile_parser())]
    profile: Option<Profile>,
    /// Folder of templates that scenarios are rendered with, as of `ivrkit render`.
    #[arg(long, value_name = "DIR")]
    templates: Option<PathBuf>,
    /// Folder with the sounds of the PBX, and where the PBX has it if that is known: prompts that
    /// are missing or cannot be played are found then. Can be given more than once; it counts in
    /// place of what `ivrkit.toml` says.
    #[arg(long, value_name = "DIR[=PLACE]")]
    media: Vec<OsString>,
    /// Asterisk's own sounds in English are on the PBX; `--stock-sounds=false`: they are not.
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    stock_sounds: Option<bool>,
    /// Prints the findings alone: no summary and no progress.
    #[arg(short, long)]
    quiet: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    match arguments.lint() {
        // Whatever keeps the linter from its work ends it with the same code.
        Err(error) => {
            eprintln!("ivrkit: {error}");
            Ok(Exit::Usage)
        }
        Ok((mut outcome, fixing)) => {
            let said = arguments.report(&mut outcome, fixing.as_ref())?;
            for error in &outcome.errors {
                eprintln!("ivrkit: {error}");
            }
            if !arguments.quiet {
                said.notes.iter().for_each(|note| eprintln!("{note}"));
            }
            let exit = if outcome.errors.is_empty() { said.exit } else { Exit::Usage };
            // The memory goes with the process; to give it back piece by piece takes longer.
            std::mem::forget(outcome);
            Ok(exit)
        }
    }
}

/// What is said beside the findings.
struct Said {
    notes: Vec<String>,
    exit: Exit,
}

impl Arguments {
    fn lint(&self) -> Result<(Outcome, Option<Fixing>), inputs::Error> {
        let mut configs = match &self.config {
            Some(path) => Configs::given(Config::read(path)?),
            None => Configs::default(),
        };
        let (paths, options) = (&self.paths, self.options());
        let bar = progress_bar(self.quiet);
        let progress = |done, all| {
            bar.set_length(all);
            bar.set_position(done);
        };
        let safety = if self.unsafe_fixes { Safety::Unsafe } else { Safety::Safe };
        let mut fixing = (self.fix || self.diff)
            .then(|| Fixing::new(paths.iter().map(PathBuf::as_path), safety));
        let outcome = match &mut fixing {
            None => run::run(paths, &mut configs, &options, &progress),
            Some(fixing) => run::mend(paths, &mut configs, &options, fixing, &progress),
        };
        bar.finish_and_clear();
        Ok((outcome, fixing))
    }

    fn options(&self) -> Options {
        let said = |scopes: &[Scope], level| {
            scopes.iter().map(|&scope| (scope, level)).collect::<Levels>()
        };
        let rendering = Rendering::default();
        Options {
            levels: [said(&self.enable, Level::On), said(&self.disable, Level::Off)].concat(),
            asterisk: self.asterisk,
            fail_on: self.fail_on,
            rendering: Rendering {
                profiles: self.profile.map_or(rendering.profiles, |one| vec![one]),
                templates: self.templates.clone(),
            },
            media: self.media.iter().map(|one| MediaFolder::of(one)).collect(),
            stock_sounds: self.stock_sounds,
            kept: self.kept(),
        }
    }

    /// A baseline knows findings by their lines.
    fn kept(&self) -> Kept {
        let has_baseline = self.baseline.is_some() || self.write_baseline.is_some();
        let needed = self.format.needs();
        Kept { digests: needed.digests || has_baseline, ..needed }
    }

    /// Writes what came of it to where it is asked for.
    fn report(&self, outcome: &mut Outcome, fixing: Option<&Fixing>) -> Result<Said, Error> {
        if let Some(path) = &self.write_baseline {
            return Ok(write_baseline(path, outcome));
        }
        let mut notes = Vec::new();
        if let Some(fixing) = fixing {
            let outside = outcome.outside.iter();
            notes.extend(outside.map(|path| {
                format!("{}: not mended, for it is none of the given files", path.display())
            }));
            if self.diff {
                return shown_diff(fixing, notes);
            }
            match fixing.write() {
                Ok(0) => {}
                Ok(count) => notes.push(format!(
                    "{} made in {}",
                    counted(outcome.fixed, "fix", "es"),
                    counted(count, "file", "s")
                )),
                Err(error) => outcome.errors.push(error.into()),
            }
        }
        if let Some(path) = &self.baseline {
            notes.extend(leave_out_known(path, outcome));
        }
        super::printed(self.write(outcome))?;
        notes.push(summary(outcome));
        let exit = if outcome.has_failed() { Exit::Found } else { Exit::Done };
        Ok(Said { notes, exit })
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

fn shown_diff(fixing: &Fixing, notes: Vec<String>) -> Result<Said, Error> {
    let mut diff = Vec::new();
    fixing.diff(&mut diff).expect("memory takes all");
    super::printed(io::stdout().lock().write_all(&diff))?;
    let exit = if diff.is_empty() { Exit::Done } else { Exit::Found };
    Ok(Said { notes, exit })
}

/// Findings of what could not be linted are missing, so nothing is written then.
fn write_baseline(path: &Path, outcome: &mut Outcome) -> Said {
    let mut notes = Vec::new();
    if outcome.errors.is_empty() {
        let baseline = Baseline::of(&outcome.findings, &folder_of(path));
        match baseline.write(path) {
            Ok(()) => {
                let count = counted(baseline.len(), "finding", "s");
                notes.push(format!("{count} written to {}", path.display()));
            }
            Err(error) => outcome.errors.push(error.into()),
        }
    }
    Said { notes, exit: Exit::Done }
}

/// Takes the findings away that a baseline knows; the notes say how many, and what it need not know
/// any more.
fn leave_out_known(path: &Path, outcome: &mut Outcome) -> Vec<String> {
    let baseline = match Baseline::read(path) {
        Ok(baseline) => baseline,
        Err(error) => {
            outcome.errors.push(error.into());
            return Vec::new();
        }
    };
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let checked: BTreeSet<_> = outcome.checked.keys().map(|path| absolute(path)).collect();
    let findings = std::mem::take(&mut outcome.findings);
    let was_linted = |path: &Path| checked.contains(path);
    let compared = baseline.compare(findings, &folder_of(path), was_linted);
    outcome.findings = compared.new;
    let mut notes = vec![format!("{} in the baseline", counted(compared.known, "finding", "s"))];
    if !compared.gone.is_empty() {
        let count: usize = compared.gone.iter().map(|entry| entry.count).sum();
        let count = counted(count, "finding", "s");
        notes.push(format!("{count} of the baseline not found any more: write it anew"));
    }
    notes
}

/// The folder that a file lies in, or will lie in, absolute.
fn folder_of(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    whole.parent().unwrap_or(Path::new("/")).to_owned()
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
        (count > 0).then(|| counted(count, what, "s"))
    };
    let counts: Vec<_> =
        SEVERITIES.iter().filter_map(|&(what, severity)| count(severity, what)).collect();
    let found = if counts.is_empty() { "nothing found".to_owned() } else { counts.join(", ") };
    format!("{found} in {}", counted(outcome.checked.len(), "file", "s"))
}

fn counted(count: usize, what: &str, plural: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { plural })
}

fn severity_parser() -> impl TypedValueParser<Value = Severity> {
    PossibleValuesParser::new(SEVERITIES.map(|(name, _)| name)).map(|name| {
        let named = SEVERITIES.into_iter().find(|(known, _)| *known == name);
        named.expect("only names of severities are possible").1
    })
}
