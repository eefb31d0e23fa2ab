//! `ivrkit push-media`: prompts to the PBX's media share.

mod display;
mod prompts;
mod summary;
mod watch;

use crate::{
    cli::interrupt,
    error::{Error, Exit},
    files, media,
    push::{
        self, Options, Report, SyncMode,
        location::Location,
        path::RelativePath,
        plan::DeletionLimit,
        source::Source,
        ssh::{self, Credentials},
        target::{Target, directory::Directory},
    },
};
use clap::{Args, ValueEnum};
use display::Display;
use ivrkit_dialplan::scenario;
use prompts::{Notes, Prompts};
use secrecy::SecretString;
use serde_json::json;
use std::{
    collections::HashMap,
    env, fs,
    io::{self, IsTerminal as _},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock, atomic::AtomicBool},
    thread::{self, JoinHandle},
    time::Duration,
};
use tempfile::TempDir;
use watch::Watch;

/// Files that a warning names; the others are counted.
const MAX_NAMED: usize = 3;

/// Uploads the prompts to the PBX's media share.
///
/// What the PBX would not play is converted on the way. Only what differs is uploaded. Each file
/// goes up under a temporary name and is renamed when it is whole. Nothing on the server is deleted,
/// unless --delete asks for it.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is one flag of the command line")]
pub(super) struct Arguments {
    /// A scenario (YAML file), or a folder of prompts.
    #[arg(value_name = "SCENARIO|DIR")]
    source: PathBuf,
    #[arg(
        long,
        value_name = "URL",
        help = "Where to: sftp:// or scp://user@host[:port]/path, file:///path or a folder [default: the \
                scenario's media.push_to]"
    )]
    to: Option<String>,
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
    /// With --dry-run: end with code 1 if a push would change something.
    #[arg(long, requires = "dry_run")]
    exit_code: bool,
    /// How progress, plan and summary are written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Publish all files together when the last one is uploaded, so that a menu never mixes old and
    /// new prompts; otherwise each file is published as soon as it is whole.
    #[arg(long)]
    all_or_nothing: bool,
    /// Delete what an earlier push put there and the source no longer has, when all else is done.
    #[arg(long)]
    delete: bool,
    #[arg(
        long,
        value_name = "N|N%",
        default_value = "20%",
        requires = "delete",
        help = "Delete at most so many files, or so many of a hundred that pushes put there"
    )]
    max_delete: DeletionLimit,
    /// Delete whatever is stale, however much that is.
    #[arg(long, requires = "delete")]
    force: bool,
    /// Push all files as they are: convert none, and say nothing of those that do not play.
    #[arg(long)]
    as_is: bool,
    /// The PBX that is to play the files of a folder.
    #[arg(long, value_enum, default_value_t = Profile::Asterisk)]
    profile: Profile,
    /// Go on: push again whenever a file in the folder was written, until interrupted.
    #[arg(long, conflicts_with = "dry_run")]
    watch: bool,
    /// With --watch: seconds that a file must not have been written before it is pushed.
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=3600), requires = "watch")]
    settle_s: u64,
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
        alias = "identity",
        value_name = "FILE",
        help = "Private key to log in with; its passphrase comes from IVRKIT_SSH_PASSPHRASE or a question"
    )]
    key: Option<PathBuf>,
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
    #[arg(
        long,
        value_name = "FILE|none",
        help = "SSH configuration with host aliases and the like [default: ~/.ssh/config and \
                /etc/ssh/ssh_config]"
    )]
    ssh_config: Option<PathBuf>,
    /// Seconds without progress after which the push fails; also for finding and reaching the host.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout_s: u64,
    /// Seconds to wait for another push to the same folder.
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(0..=86400))]
    wait_s: u64,
    /// How often in a row a connection that was lost or refused is made again in vain.
    #[arg(long, value_name = "TIMES", default_value_t = 4)]
    retries: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs: one JSON document a line.
    Json,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Profile {
    YeastarS,
    Asterisk,
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
    let done = push(arguments);
    if let (Err(error), Format::Json) = (&done, arguments.format) {
        let exit_code = arguments.exit_of(error) as u8;
        let fields = json!({ "message": error.to_string(), "exit_code": exit_code });
        display::emit("error", &fields);
    }
    match done {
        Err(error) if arguments.exit_of(&error) != error.exit() => {
            eprintln!("ivrkit: {error}");
            Ok(arguments.exit_of(&error))
        }
        done => done,
    }
}

fn push(arguments: &Arguments) -> Result<Exit, Error> {
    let interrupt = interrupt::catch_signals();
    let display = Display::new(arguments.format, arguments.dry_run);
    let (folder, address) = prepare(arguments, &display)?;
    let Some((address, base)) = address else {
        eprintln!("ivrkit: nowhere to push to: use --to URL, or media.push_to in the scenario");
        return Ok(Exit::Usage);
    };
    let location = Location::parse(&address, &base).map_err(push::Error::from)?;
    let options = arguments.options(&interrupt);
    let profile = arguments.conversion(&folder);
    let mut prompts = Prompts::new(folder.path().to_owned(), profile, Arc::clone(&interrupt));
    if let Location::Directory(to) = &location {
        let root = fs::canonicalize(folder.path()).unwrap_or_else(|_| folder.path().to_owned());
        push::source::check_apart(&root, to).map_err(push::Error::from)?;
    }
    let push_once = |source: &Source, connect: push::Connect<'_>| -> Result<Report, push::Error> {
        let report = push::push(source, connect, &options, &|event| display.show(&event));
        display.finish();
        let report = report?;
        if let Some(distrust) = &report.distrust {
            eprintln!("ivrkit: the manifest on the target was not used: {distrust}");
        }
        arguments.print(&report);
        Ok(report)
    };
    if arguments.watch {
        let settle = Duration::from_secs(arguments.settle_s);
        let watch = Watch { folder: folder.path(), settle, interrupt: &interrupt };
        // What a script would have to ask changes with each recording.
        let mut connect = connector(arguments, &location, Arc::default(), &interrupt)?;
        return watch.run(&mut prompts, &display, &mut |source| push_once(source, &mut connect));
    }
    let listing = prompts.list().map_err(push::Error::from)?;
    let script = Arc::new(OnceLock::new());
    if let Some(asked) = push::first_script(&listing, &options) {
        script.get_or_init(|| asked);
    }
    let connect = connector(arguments, &location, Arc::clone(&script), &interrupt)?;
    let connecting = connect_early(connect);
    let (source, notes) = prompts.read_once(listing).map_err(push::Error::from)?;
    if let Some(asked) = push::verifying_script(&source, &options) {
        script.get_or_init(|| asked);
    }
    say(&source, &notes, &display);
    let (first, mut connect) = connecting.join().expect("connecting does not panic");
    let mut first = Some(first);
    let report = push_once(&source, &mut || first.take().unwrap_or_else(&mut connect))?;
    Ok(arguments.exit(&report))
}

/// Says what is worth knowing of the source.
fn say(source: &Source, notes: &Notes, display: &Display) {
    for skipped in &source.skipped {
        eprintln!("ivrkit: skipped {}: {}", skipped.name, skipped.reason);
        let fields = json!({ "name": skipped.name, "reason": skipped.reason });
        display.emit("skipped", &fields);
    }
    warn_of_changes(source);
    if notes.converted > 0 {
        eprintln!("ivrkit: converted {} for the PBX", summary::prompts(notes.converted));
        display.emit("converted", &json!({ "files": notes.converted }));
    }
    for (path, reason) in notes.unplayable.iter().take(MAX_NAMED) {
        eprintln!("ivrkit: the PBX will not play {path}: {reason}; it is pushed as it is");
    }
    if notes.unplayable.len() > MAX_NAMED {
        let more = notes.unplayable.len() - MAX_NAMED;
        eprintln!("ivrkit: nor {more} more; see `ivrkit media check`");
    }
    for (path, reason) in &notes.unplayable {
        display.emit("unplayable", &json!({ "path": path.to_text(), "reason": reason }));
    }
}

/// Says which prompts are no longer what `media build` made; people may have changed them on purpose.
fn warn_of_changes(source: &Source) {
    let Ok(Some(manifest)) = media::manifest::Manifest::read(&source.root) else { return };
    let is_changed = |name: &str, sha256: &str| {
        let file = RelativePath::new(name).ok().and_then(|name| source.files.get(&name));
        file.is_none_or(|file| media::manifest::hex(&file.hash) != sha256)
    };
    let lines = manifest.files.iter();
    let changed = lines.filter(|(name, entry)| is_changed(name, &entry.sha256)).count();
    if changed > 0 {
        let total = manifest.files.len();
        eprintln!(
            "ivrkit: {changed} of {total} built prompts are missing or changed since they were built"
        );
    }
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
fn prepare(arguments: &Arguments, display: &Display) -> Result<(Folder, Address), Error> {
    let typed = arguments.to.clone().map(|to| (to, PathBuf::new()));
    if arguments.source.is_dir() || arguments.watch {
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
        let bar = display.bar();
        let progress = |done, total| {
            bar.set_length(total);
            bar.set_position(done);
        };
        media::build(&scenario, &base, folder.path(), &progress)?;
        bar.finish_and_clear();
    }
    Ok((Folder::Built(folder), address))
}

/// What came of connecting.
type Connected = Result<Box<dyn Target>, push::Error>;

/// Connects while the files are still being read: what came of it, and how it is done again. A push
/// that fails meanwhile does not wait for it.
fn connect_early<C>(mut connect: C) -> JoinHandle<(Connected, C)>
where
    C: FnMut() -> Connected + Send + 'static,
{
    thread::spawn(move || (connect(), connect))
}

/// How the target is reached, now and when the connection was lost.
fn connector(
    arguments: &Arguments,
    location: &Location,
    script: Arc<OnceLock<String>>,
    interrupt: &Arc<AtomicBool>,
) -> Result<impl FnMut() -> Result<Box<dyn Target>, push::Error> + Send + use<>, Error> {
    let mut credentials = arguments.credentials()?;
    let options = ssh::Options {
        config: arguments.ssh_config(),
        known_hosts: arguments.known_hosts.clone(),
        accept_new_host_key: arguments.accept_new_host_key,
        record_host_key: !arguments.dry_run,
        timeout: Duration::from_secs(arguments.timeout_s),
        interrupt: Arc::clone(interrupt),
        script,
        script_when_near: arguments.verify,
    };
    let location = location.clone();
    Ok(move || -> Result<Box<dyn Target>, push::Error> {
        match &location {
            Location::Directory(folder) => {
                let interrupt = Arc::clone(&options.interrupt);
                Ok(Box::new(Directory::new(folder.clone(), interrupt)))
            }
            Location::Server(place) => Ok(ssh::connect(place, &options, &mut credentials)?),
        }
    })
}

impl Arguments {
    fn ssh_config(&self) -> ssh::Config {
        match &self.ssh_config {
            None => ssh::Config::Usual,
            Some(path) if path == Path::new("none") => ssh::Config::None,
            Some(path) => ssh::Config::File(path.clone()),
        }
    }

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
            identity: self.key.clone(),
            passphrase: variable("IVRKIT_SSH_PASSPHRASE"),
            password,
            ask,
            answers: HashMap::new(),
        })
    }

    fn options(&self, interrupt: &Arc<AtomicBool>) -> Options {
        let limit = if self.force { DeletionLimit::None } else { self.max_delete };
        Options {
            dry_run: self.dry_run,
            make_folder: self.mkdir,
            allow_gap: self.allow_gap,
            verify_remote: self.verify,
            sync: self.sync_mode(),
            limit_bytes_per_s: self.limit_rate,
            shell: !self.no_exec,
            wait: Duration::from_secs(self.wait_s),
            together: self.all_or_nothing,
            delete: self.delete.then_some(limit),
            retries: self.retries,
            interrupt: Arc::clone(interrupt),
        }
    }

    /// The PBX that files are converted for; the prompts of a scenario are converted already.
    fn conversion(&self, folder: &Folder) -> Option<scenario::Profile> {
        if self.as_is || matches!(folder, Folder::Built(_)) {
            return None;
        }
        Some(match self.profile {
            Profile::YeastarS => scenario::Profile::YeastarS,
            Profile::Asterisk => scenario::Profile::Asterisk,
        })
    }

    fn exit(&self, report: &Report) -> Exit {
        if self.exit_code && !report.plan.is_done(self.delete) { Exit::Found } else { Exit::Done }
    }

    /// Who asks for a difference by the exit code must not take a mistake in the scenario for one.
    fn exit_of(&self, error: &Error) -> Exit {
        match error.exit() {
            Exit::Found if self.exit_code => Exit::Input,
            exit => exit,
        }
    }

    fn print(&self, report: &Report) {
        match self.format {
            Format::Text if self.dry_run => summary::print_plan(&report.plan, self.delete),
            Format::Text => summary::print(report),
            Format::Json if self.dry_run => summary::emit_plan(report, self.delete),
            Format::Json => summary::emit(report),
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
