//! A real Asterisk for tests: a private daemon in a mount and process namespace of its own.
//!
//! `tests/asterisk/install` makes the folders it runs from; those are never written. The daemon
//! loads no module that opens a network socket; its manager interface listens on loopback. It ends
//! with its [`Asterisk`], and when the test process dies in any other way too: then the pipe that
//! the daemon's first process reads is closed. A test that cannot start it fails.

mod call;
mod calls;
mod manager;

pub(crate) use call::{Call, Dial, Event, Trace, What, sounds_begun};
pub(crate) use calls::{Followed, Order};
pub(crate) use manager::Manager;

use std::{
    fmt, fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Where sounds are found by the daemon when it is given a folder of them.
pub(crate) const SOUNDS: &str = "/tmp/media/networkdisk1";

/// Longest time for a daemon to start on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(90);

/// Modules that are loaded if this version has them; everything else stays out.
const MODULES: &[&str] = &[
    "pbx_config",
    "app_cdr",
    "app_db",
    "app_dial",
    "app_echo",
    "app_exec",
    "app_if",
    "app_milliwatt",
    "app_originate",
    "app_playback",
    "app_read",
    "app_record",
    "app_sayunixtime",
    "app_senddtmf",
    "app_stack",
    "app_userevent",
    "app_verbose",
    "app_while",
    "func_base64",
    "func_callerid",
    "func_cdr",
    "func_channel",
    "func_cut",
    "func_db",
    "func_dialplan",
    "func_env",
    "func_global",
    "func_groupcount",
    "func_hangupcause",
    "func_logic",
    "func_math",
    "func_md5",
    "func_module",
    "func_presencestate",
    "func_rand",
    "func_sha1",
    "func_shell",
    "func_sprintf",
    "func_strings",
    "func_timeout",
    "func_uri",
    "func_version",
    "bridge_builtin_features",
    "bridge_holding",
    "bridge_simple",
    "bridge_softmix",
    "codec_a_mu",
    "codec_alaw",
    "codec_g722",
    "codec_gsm",
    "codec_resample",
    "codec_ulaw",
    "format_gsm",
    "format_pcm",
    "format_sln",
    "format_wav",
    "format_wav_gsm",
    "res_clioriginate",
    "res_convert",
    "res_musiconhold",
    "res_timing_timerfd",
];

/// Runs as the first process of the namespace: mounts, starts the daemon, and ends, and everything
/// with it, when the daemon ends or standard input closes.
///
/// The daemon's root is a folder of its own in which all of the installed one appears, so that
/// other folders may appear anywhere in it: arguments are the installed root, the daemon's own
/// folder, and then pairs of a folder and its place.
const FIRST_PROCESS: &str = r#"
installed=$1 own=$2
shift 2
root=$own/root
mkdir "$root"
mount -t tmpfs tmpfs "$root"
for entry in "$installed"/*; do
    name=${entry##*/}
    if [ -L "$entry" ]; then
        cp -P "$entry" "$root/$name"
    else
        mkdir "$root/$name"
        mount --bind "$entry" "$root/$name"
    fi
done
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/tmp"
mkdir "$root/tmp/own"
mount --bind "$own" "$root/tmp/own"
mount --bind "$own/etc" "$root/etc/asterisk"
while [ $# -gt 0 ]; do
    mkdir -p "$root$2"
    mount --bind "$1" "$root$2"
    shift 2
done
exec 3<&0
chroot "$root" /usr/sbin/asterisk -f -C /etc/asterisk/asterisk.conf </dev/null 3<&- &
cat <&3 >/dev/null &
wait -n
"#;

/// The versions the tests run against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V16,
    V22,
}

/// A running daemon; dropping it ends the daemon and removes its folder.
pub(crate) struct Asterisk {
    version: Version,
    folder: TempDir,
    child: Child,
    leash: Option<ChildStdin>,
    login: Login,
    logins: Mutex<()>,
    log: Mutex<LogReader>,
}

/// How to reach a daemon's manager interface.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    pub(crate) port: u16,
    /// Differs for each daemon, so that nobody talks to another one by mistake.
    pub(crate) secret: String,
}

/// One line of the daemon's log, without time and thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    /// `NOTICE`, `WARNING` or `ERROR`.
    pub(crate) level: String,
    /// Asterisk's source file and what it said.
    pub(crate) text: String,
}

#[derive(Debug, Default)]
struct LogReader {
    offset: usize,
    markers: usize,
}

impl Version {
    pub(crate) const ALL: [Self; 2] = [Self::V16, Self::V22];

    pub(crate) fn number(self) -> u32 {
        match self {
            Self::V16 => 16,
            Self::V22 => 22,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::V16 => "16",
            Self::V22 => "22",
        }
    }

    /// The folder that `tests/asterisk/install` made.
    fn root(self) -> PathBuf {
        let folder = std::env::var_os("IVRKIT_ASTERISK_DIR").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join(".cache/asterisk"),
            PathBuf::from,
        );
        let root = folder.join(self.name());
        assert!(
            root.join("usr/sbin/asterisk").exists(),
            "no Asterisk {self} in {}: run tests/asterisk/install as root",
            root.display()
        );
        root.canonicalize().expect("the folder exists")
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.level, self.text)
    }
}

impl Message {
    /// Whether it is more than a notice.
    pub(crate) fn complains(&self) -> bool {
        self.level != "NOTICE"
    }
}

impl Asterisk {
    /// Starts a daemon with an empty dialplan; `sounds` is a folder it finds at [`SOUNDS`].
    pub(crate) fn start(version: Version, sounds: Option<&Path>) -> Self {
        let folders: Vec<_> = sounds.into_iter().map(|folder| (folder, SOUNDS)).collect();
        Self::start_with(version, &folders)
    }

    /// Starts a daemon with an empty dialplan and folders that it finds at these places.
    pub(crate) fn start_with(version: Version, folders: &[(&Path, &str)]) -> Self {
        let root = version.root();
        let folder = tempfile::Builder::new().prefix("ivrkit-asterisk-").tempdir().unwrap();
        for name in ["etc", "run", "log", "spool", "db"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let login = Login { port: free_port(), secret: secret(folder.path()) };
        for (name, text) in configuration(&root, &login) {
            fs::write(folder.path().join("etc").join(name), text).unwrap();
        }
        let (child, leash) = spawn(&root, folder.path(), folders);
        let (logins, log) = (Mutex::default(), Mutex::default());
        let mut daemon = Self { version, folder, child, leash: Some(leash), login, logins, log };
        daemon.await_boot();
        daemon.messages();
        daemon
    }

    pub(crate) fn version(&self) -> Version {
        self.version
    }

    /// The port of its manager interface on loopback.
    pub(crate) fn port(&self) -> u16 {
        self.login.port
    }

    /// A connection of its own to the manager interface.
    ///
    /// One login at a time: the daemon's queue of new connections is short, and what does not fit
    /// is lost without a word.
    pub(crate) fn manager(&self) -> Manager {
        let _alone = self.logins.lock().unwrap_or_else(PoisonError::into_inner);
        Manager::login(&self.login).expect("a running daemon lets its own user in")
    }

    /// All output lines of a command of the console.
    pub(crate) fn command(&self, command: &str) -> Vec<String> {
        self.manager().command(command)
    }

    /// Ends all calls and begins anew, as an operator's `core restart now` does.
    pub(crate) fn restart(&self) {
        // It hangs up before it answers.
        let restart = [("Command", "core restart now")];
        assert!(self.manager().request("Command", &restart).is_err());
    }

    /// Loads a dialplan in place of the old one; what the daemon said to it.
    pub(crate) fn load(&self, dialplan: &str) -> Vec<Message> {
        self.messages();
        fs::write(self.etc().join("ivrkit.conf"), dialplan).unwrap();
        self.command("dialplan reload");
        self.messages()
    }

    /// Loads a file that has its `[general]` itself in place of the whole extensions.conf.
    pub(crate) fn load_file(&self, extensions: &str) -> Vec<Message> {
        self.messages();
        let text = format!("{extensions}\n{}", call::FAR_LEG);
        fs::write(self.etc().join("extensions.conf"), text).unwrap();
        self.command("dialplan reload");
        self.messages()
    }

    /// What the daemon said since it was last asked.
    ///
    /// Its log is a queue: a call that cannot be made leaves a line at the end of it, and all that
    /// was said before that line is read.
    pub(crate) fn messages(&self) -> Vec<Message> {
        let mut log = self.log.lock().unwrap();
        log.markers += 1;
        let marker = format!("Marker{}x", log.markers);
        let channel = format!("{marker}/x");
        let fields = [("Channel", channel.as_str()), ("Application", "NoOp")];
        self.manager().action("Originate", &fields);
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let text = fs::read(self.folder.path().join("log/messages")).unwrap_or_default();
            let new = String::from_utf8_lossy(&text[log.offset..]).into_owned();
            if new.ends_with('\n') && new.contains(&marker) {
                log.offset = text.len();
                return new.lines().filter_map(message).filter(|m| !m.is_marker()).collect();
            }
            assert!(Instant::now() < deadline, "the log of the daemon has come to a halt");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Calls an extension, presses keys (see [`Dial::keys`]) and waits until the call has ended.
    pub(crate) fn call(&self, context: &str, exten: &str, keys: &str) -> Trace {
        self.dial(&Dial { context, exten, keys, ..Dial::default() }).end()
    }

    /// Begins a call and returns while it runs.
    pub(crate) fn dial(&self, dial: &Dial<'_>) -> Call {
        Call::begin(self.manager(), dial)
    }

    /// Makes many calls, so many at a time; what became of each, in their order.
    pub(crate) fn follow(&self, orders: &[Order<'_>], at_once: usize) -> Vec<Followed> {
        calls::follow(self, orders, at_once)
    }

    /// The daemon's configuration folder.
    pub(crate) fn etc(&self) -> PathBuf {
        self.folder.path().join("etc")
    }

    fn await_boot(&mut self) {
        let deadline = Instant::now() + START_LIMIT;
        loop {
            if let Ok(mut manager) = Manager::login(&self.login) {
                manager.command("core waitfullybooted");
                return;
            }
            let ended = self.child.try_wait().expect("a child can be asked");
            assert!(
                ended.is_none() && Instant::now() < deadline,
                "Asterisk {} does not start (needs root, for chroot and mount):\n{}",
                self.version,
                fs::read_to_string(self.folder.path().join("output")).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Asterisk {
    fn drop(&mut self) {
        drop(self.leash.take());
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        // Its namespace goes with it: unshare was told to kill its child.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Message {
    fn is_marker(&self) -> bool {
        self.text.contains("'Marker") || self.text.contains(" Marker")
    }
}

fn spawn(root: &Path, own: &Path, folders: &[(&Path, &str)]) -> (Child, ChildStdin) {
    let output = fs::File::create(own.join("output")).unwrap();
    let mut child = Command::new("unshare")
        .args(["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"])
        .args(["bash", "-euc", FIRST_PROCESS, "asterisk-test"])
        .args([root, own])
        .args(folders.iter().flat_map(|&(folder, place)| [folder, Path::new(place)]))
        .stdin(Stdio::piped())
        .stdout(output.try_clone().unwrap())
        .stderr(output)
        .env("TZ", "UTC")
        .spawn()
        .expect("unshare of util-linux can be started");
    let leash = child.stdin.take().expect("standard input is a pipe");
    (child, leash)
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn secret(folder: &Path) -> String {
    folder.file_name().expect("a temporary folder has a name").to_string_lossy().into_owned()
}

fn configuration(root: &Path, login: &Login) -> Vec<(&'static str, String)> {
    let folders: String = ["run", "log", "spool", "db"]
        .map(|name| format!("ast{name}dir => /tmp/own/{name}\n"))
        .concat();
    let modules: Vec<String> =
        installed_modules(root).map(|name| format!("load = {name}.so\n")).collect();
    let modules = modules.concat();
    let Login { port, secret } = login;
    vec![
        (
            "asterisk.conf",
            format!(
                "[directories]\nastetcdir => /etc/asterisk\n{folders}\
                 astkeydir => /tmp/own/db\nastcachedir => /tmp/own/db\n\
                 [options]\nnocolor = yes\n"
            ),
        ),
        ("modules.conf", format!("[modules]\nautoload = no\n{modules}")),
        (
            "logger.conf",
            "[general]\nappendhostname = no\n[logfiles]\nmessages => notice,warning,error\n".into(),
        ),
        (
            "manager.conf",
            format!(
                "[general]\nenabled = yes\nwebenabled = no\nbindaddr = 127.0.0.1\nport = {port}\n\
                 timestampevents = yes\ndisplayconnects = no\n\
                 [{user}]\nsecret = {secret}\nread = all\nwrite = all\nwritetimeout = 30000\n\
                 deny = 0.0.0.0/0.0.0.0\npermit = 127.0.0.1/255.255.255.255\n",
                user = manager::USER,
            ),
        ),
        (
            "extensions.conf",
            format!("[general]\nclearglobalvars = yes\n{}#tryinclude ivrkit.conf\n", call::FAR_LEG),
        ),
        ("cdr.conf", "[general]\nenable = yes\nunanswered = yes\n".into()),
        ("http.conf", "[general]\nenabled = no\n".into()),
        ("features.conf", "[general]\n".into()),
        ("ccss.conf", "[general]\n".into()),
        ("cel.conf", "[general]\nenable = no\n".into()),
        ("rtp.conf", "[general]\n".into()),
        ("udptl.conf", "[general]\n".into()),
        ("musiconhold.conf", "[general]\n".into()),
        (
            "indications.conf",
            "[general]\ncountry = us\n[us]\ndescription = US\nringcadence = 2000,4000\n\
             dial = 350+440\nbusy = 480+620/500,0/500\nring = 440+480/2000,0/4000\n\
             congestion = 480+620/250,0/250\nrecord = 1400/500,0/15000\n"
                .into(),
        ),
    ]
}

/// The modules of the list that this version has; Debian keeps them in one of two folders.
fn installed_modules(root: &Path) -> impl Iterator<Item = &'static str> {
    let multiarch = format!("usr/lib/{}-linux-gnu/asterisk/modules", std::env::consts::ARCH);
    let folder = [root.join(multiarch), root.join("usr/lib/asterisk/modules")]
        .into_iter()
        .find(|folder| folder.join("pbx_config.so").exists())
        .expect("an installed Asterisk has its modules");
    MODULES.iter().copied().filter(move |name| folder.join(format!("{name}.so")).exists())
}

/// `[Nov 22 11:00:00] WARNING[123][C-00000001] pbx.c: text`, in parts.
fn message(line: &str) -> Option<Message> {
    let rest = line.strip_prefix('[')?.split_once("] ")?.1;
    let level = rest.split(|c: char| !c.is_ascii_uppercase()).next()?;
    let text = rest.split_once("] ").or_else(|| rest.split_once("]: "))?.1;
    Some(Message { level: level.to_owned(), text: text.to_owned() })
}
