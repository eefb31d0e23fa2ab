//! `ivrkit push-media`: prompts to the PBX's media share.

use crate::{
    error::{Error, Exit},
    files, media,
    push::{
        self, Event, Options, Report, SyncMode,
        location::Location,
        path::RelativePath,
        plan::Change,
        source::Source,
        ssh::{self, Credentials},
        target::{Target, directory::Directory},
    },
};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use secrecy::SecretString;
use serde::Serialize;
use signal_hook::consts::{SIGINT, SIGTERM};
use std::{
    cell::RefCell,
    collections::HashMap,
    env, fs,
    io::{self, IsTerminal as _},
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};
use tempfile::TempDir;

/// Uploads the prompts to the PBX's media share.
///
/// A scenario's prompts are converted first; a folder is pushed as it is. Only what differs is
/// uploaded. Each file goes up under a temporary name and is renamed when it is whole. Nothing on
/// the server is deleted.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is one flag of the command line")]
pub(super) struct Arguments {
    /// A scenario (YAML file), or a folder of prompts.
    #[arg(value_name = "SCENARIO|DIR")]
    source: PathBuf,
    #[arg(
        long,
        value_name = "URL",
        help = "Where to: sftp://user@host[:port]/path, file:///path or a folder [default: the scenario's \
                media.push_to]"
    )]
    to: Option<String>,
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
    /// How the plan or the summary is written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Make the target folder if it is not there.
    #[arg(long)]
    mkdir: bool,
    /// Compare the content of every file of the same size, whatever the manifest says: hashed by the
    /// server where it has a shell, else read back.
    #[arg(long, alias = "verify-remote")]
    verify: bool,
    /// On a server without posix-rename, remove an old file before the new one takes its name;
    /// callers may hear nothing for a moment.
    #[arg(long)]
    allow_gap: bool,
    /// Which files must be on the target's disk before they get their names.
    #[arg(long, value_enum, default_value_t = Sync::Replaced)]
    sync: Sync,
    /// The same as --sync none.
    #[arg(long, hide = true, conflicts_with = "sync")]
    no_sync: bool,
    #[arg(
        long,
        value_name = "RATE",
        value_parser = rate,
        help = "Most bytes of content a second, such as 500K or 2M (1K = 1024 bytes)"
    )]
    limit_rate: Option<u64>,
    /// Do not ask a shell on the server what stands there; SFTP is asked instead.
    #[arg(long)]
    no_exec: bool,
    #[arg(
        long,
        value_name = "FILE",
        help = "Private key to log in with; its passphrase comes from IVRKIT_SSH_PASSPHRASE or a question"
    )]
    identity: Option<PathBuf>,
    #[arg(
        long,
        value_name = "FILE",
        help = "File whose first line is the password; it may come from IVRKIT_SSH_PASSWORD instead"
    )]
    password_file: Option<PathBuf>,
    #[arg(long, value_name = "FILE", help = "Known host keys [default: ~/.ssh/known_hosts]")]
    known_hosts: Option<PathBuf>,
    /// Take and remember the key of a host that is not known yet. A changed key is still refused.
    #[arg(long)]
    accept_new_host_key: bool,
    /// Seconds without progress after which the push fails.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout_s: u64,
    /// Seconds to wait for another push to the same folder.
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(0..=86400))]
    wait_s: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Sync {
    /// Those that take the place of another: a power cut never loses what was there.
    Replaced,
    /// New ones too; slow on a near server.
    All,
    /// None: after a power cut there a prompt may be empty.
    None,
}

/// Reads a rate: bytes a second; K and M stand for 1024 and 1024 x 1024.
fn rate(text: &str) -> Result<u64, String> {
    let (number, unit) = match text.as_bytes().last() {
        Some(b'K' | b'k') => (&text[..text.len() - 1], 1024),
        Some(b'M' | b'm') => (&text[..text.len() - 1], 1024 * 1024),
        _ => (text, 1),
    };
    let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    match bytes {
        Some(bytes) if bytes > 0 => Ok(bytes),
        _ => Err("expected bytes a second above 0, such as 65536, 500K or 2M".to_owned()),
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let interrupt = catch_signals();
    let (source, address) = prepare(arguments)?;
    let Some((address, base)) = address else {
        eprintln!("ivrkit: nowhere to push to: use --to URL, or media.push_to in the scenario");
        return Ok(Exit::Usage);
    };
    let location = Location::parse(&address, &base).map_err(push::Error::from)?;
    let source = Source::read(source.path()).map_err(push::Error::from)?;
    for skipped in &source.skipped {
        eprintln!("ivrkit: skipped {}: {}", skipped.name, skipped.reason);
    }
    let options = Options {
        dry_run: arguments.dry_run,
        make_folder: arguments.mkdir,
        allow_gap: arguments.allow_gap,
        verify_remote: arguments.verify,
        sync: arguments.sync_mode(),
        limit_bytes_per_s: arguments.limit_rate,
        shell: !arguments.no_exec,
        wait: Duration::from_secs(arguments.wait_s),
    };
    let display = Display::new();
    let report = {
        let script = push::first_script(&source, &options);
        let mut connect = connector(arguments, &location, &source, script, &interrupt)?;
        push::push(&source, &mut connect, &options, &|event| display.show(&event))
    };
    display.bar.finish_and_clear();
    let report = report?;
    if let Some(distrust) = &report.distrust {
        eprintln!("ivrkit: the manifest on the target was not used: {distrust}");
    }
    arguments.print(&report);
    Ok(Exit::Done)
}

/// The first signal ends the push in an orderly way, the second at once.
fn catch_signals() -> Arc<AtomicBool> {
    let interrupt = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        let exit = Exit::Interrupted as i32;
        // Without the handlers a signal ends the program at once, which is safe too.
        let _set =
            signal_hook::flag::register_conditional_shutdown(signal, exit, Arc::clone(&interrupt));
        let _set = signal_hook::flag::register(signal, Arc::clone(&interrupt));
    }
    interrupt
}

/// A folder to be pushed; one that was built goes away again.
enum Folder {
    Given(PathBuf),
    Built(TempDir),
}

impl Folder {
    fn path(&self) -> &Path {
        match self {
            Self::Given(path) => path,
            Self::Built(folder) => folder.path(),
        }
    }
}

/// An address, and the folder that it is relative to.
type Address = Option<(String, PathBuf)>;

/// Builds the prompts of a scenario; a folder is taken as it is.
fn prepare(arguments: &Arguments) -> Result<(Folder, Address), Error> {
    let typed = arguments.to.clone().map(|to| (to, PathBuf::new()));
    if arguments.source.is_dir() {
        return Ok((Folder::Given(arguments.source.clone()), typed));
    }
    let (_, scenario) = super::sound_scenario(&arguments.source)?;
    let base = arguments.source.parent().unwrap_or(Path::new("")).to_owned();
    let address = typed.or_else(|| Some((scenario.media.push_to.clone()?, base.clone())));
    let folder = tempfile::Builder::new()
        .prefix("ivrkit-prompts-")
        .tempdir()
        .map_err(|source| files::Error::Write { path: env::temp_dir(), source })?;
    if address.is_some() {
        let bar = Display::new().bar;
        let progress = |done, total| {
            bar.set_length(total);
            bar.set_position(done);
        };
        media::build(&scenario, &base, folder.path(), &progress)?;
        bar.finish_and_clear();
    }
    Ok((Folder::Built(folder), address))
}

/// How the target is reached, now and when the connection was lost.
fn connector<'a>(
    arguments: &'a Arguments,
    location: &'a Location,
    source: &Source,
    script: Option<String>,
    interrupt: &Arc<AtomicBool>,
) -> Result<impl FnMut() -> Result<Box<dyn Target>, push::Error> + 'a, Error> {
    if let Location::Directory(folder) = location {
        push::source::check_apart(&source.root, folder).map_err(push::Error::from)?;
    }
    let mut credentials = arguments.credentials()?;
    let options = ssh::Options {
        known_hosts: arguments.known_hosts.clone(),
        accept_new_host_key: arguments.accept_new_host_key,
        record_host_key: !arguments.dry_run,
        timeout: Duration::from_secs(arguments.timeout_s),
        interrupt: Arc::clone(interrupt),
        script,
        script_when_near: arguments.verify,
    };
    Ok(move || -> Result<Box<dyn Target>, push::Error> {
        match location {
            Location::Directory(folder) => {
                let interrupt = Arc::clone(&options.interrupt);
                Ok(Box::new(Directory::new(folder.clone(), interrupt)))
            }
            Location::Sftp(place) => Ok(Box::new(ssh::connect(place, &options, &mut credentials)?)),
        }
    })
}

impl Arguments {
    fn sync_mode(&self) -> SyncMode {
        match self.sync {
            _ if self.no_sync => SyncMode::None,
            Sync::Replaced => SyncMode::Replaced,
            Sync::All => SyncMode::All,
            Sync::None => SyncMode::None,
        }
    }

    fn credentials(&self) -> Result<Credentials, Error> {
        let variable = |name| env::var(name).ok().map(SecretString::from);
        let mut password = variable("IVRKIT_SSH_PASSWORD");
        if let Some(path) = &self.password_file {
            let text = files::read_source(path)?;
            password = text.text().lines().next().map(SecretString::from);
        }
        Ok(Credentials {
            identity: self.identity.clone(),
            passphrase: variable("IVRKIT_SSH_PASSPHRASE"),
            password,
            ask,
            answers: HashMap::new(),
        })
    }

    fn print(&self, report: &Report) {
        match self.format {
            Format::Text if self.dry_run => print_plan(report),
            Format::Text => println!("{}", summary(report)),
            Format::Json => println!("{}", json(report, self.dry_run)),
        }
    }
}

/// Asks on the terminal; nobody can be asked in a pipe.
fn ask(question: &str) -> Option<SecretString> {
    if !io::stdin().is_terminal() || fs::File::open("/dev/tty").is_err() {
        return None;
    }
    rpassword::prompt_password(question).ok().map(SecretString::from)
}

fn print_plan(report: &Report) {
    let plan = &report.plan;
    for folder in &plan.folders {
        println!("make     {folder}/");
    }
    for file in &plan.files {
        println!("{:<9}{} ({})", word(file.change), file.path, size(file.size_bytes));
    }
    let left = |what: &str, paths: &[RelativePath]| {
        for path in paths {
            println!("{what:<9}{path}");
        }
    };
    left("foreign", &plan.foreign);
    left("old", &plan.abandoned);
    println!(
        "{}: {} to upload ({}), {} unchanged, {} foreign; nothing was changed",
        prompts(plan.files.len()),
        plan.uploads().count(),
        size(plan.upload_bytes()),
        plan.count(Change::Unchanged),
        plan.foreign.len(),
    );
}

fn word(change: Change) -> &'static str {
    match change {
        Change::New => "new",
        Change::Changed => "changed",
        Change::Unchanged => "same",
    }
}

fn prompts(count: usize) -> String {
    format!("{count} prompt{}", if count == 1 { "" } else { "s" })
}

/// A number of bytes as people say it.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} KB", (bytes + 500) / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}

fn summary(report: &Report) -> String {
    let plan = &report.plan;
    let old = match plan.abandoned.len() {
        0 => String::new(),
        old => format!(", {old} no longer in the source"),
    };
    format!(
        "{}: {} uploaded, {} unchanged, {} foreign{old}; {} in {:.1} s",
        prompts(plan.files.len()),
        plan.uploads().count(),
        plan.count(Change::Unchanged),
        plan.foreign.len(),
        size(plan.upload_bytes()),
        report.duration.as_secs_f64(),
    )
}

/// The answer for programs; names are given, never reordered or taken out.
#[derive(Serialize)]
struct Answer<'a> {
    dry_run: bool,
    uploaded: usize,
    unchanged: usize,
    bytes: u64,
    duration_s: f64,
    #[serde(flatten)]
    plan: &'a push::plan::Plan,
}

fn json(report: &Report, dry_run: bool) -> String {
    let plan = &report.plan;
    let answer = Answer {
        dry_run,
        uploaded: if dry_run { 0 } else { plan.uploads().count() },
        unchanged: plan.count(Change::Unchanged),
        bytes: plan.upload_bytes(),
        duration_s: report.duration.as_secs_f64(),
        plan,
    };
    serde_json::to_string_pretty(&answer).expect("texts and numbers are always JSON")
}

/// What people see while they wait: a bar on a terminal, nothing in a pipe.
struct Display {
    bar: ProgressBar,
    said: RefCell<String>,
}

impl Display {
    fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        Self { bar, said: RefCell::default() }
    }

    fn show(&self, event: &Event) {
        match event {
            Event::ReadingBack { files } => {
                self.bar.set_message(format!("comparing {}", prompts(*files)));
            }
            Event::Uploading { files, bytes } => {
                let style = "{msg} [{bar:30}] {decimal_bytes}/{decimal_total_bytes} {decimal_bytes_per_sec} {eta}";
                if let Ok(style) = ProgressStyle::with_template(style) {
                    self.bar.set_style(style.progress_chars("=> "));
                }
                self.bar.set_length(*bytes);
                self.bar.set_message(format!("uploading {}", prompts(*files)));
            }
            Event::Sent { bytes } => self.bar.inc(*bytes),
            Event::Waiting { holder } => {
                self.say(format!("waiting for another push ({holder})"));
            }
            Event::Reconnecting { reason } => self.say(format!("{reason}; connecting again")),
        }
    }

    /// Says a thing once, in a pipe too.
    fn say(&self, what: String) {
        if *self.said.borrow() != what {
            self.bar.suspend(|| eprintln!("ivrkit: {what}"));
            *self.said.borrow_mut() = what;
        }
    }
}
