//! A real PostgreSQL or MariaDB on loopback for one test, with a folder, a user and certificates of
//! its own.
//!
//! Neither server runs as root; where the tests do, it runs as `nobody`. What cannot be started
//! fails the test. Ends only the processes that it started.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Password of the user `ivrkit`.
pub(crate) const PASSWORD: &str = "correct horse 7 battery";
/// Longest wait for a server.
const PATIENCE: Duration = Duration::from_mins(1);

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Postgres,
    MariaDb,
}

/// A server with a database `school`. Ends with the value.
pub(crate) struct Server {
    pub(crate) kind: Kind,
    pub(crate) port: u16,
    folder: TempDir,
    child: Option<Child>,
}

impl Server {
    /// Makes a server's files and starts it.
    pub(crate) fn start(kind: Kind) -> Self {
        let folder = TempDir::new().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        make_certificates(folder.path());
        let data = folder.path().join("data");
        fs::create_dir(&data).unwrap();
        for path in [folder.path(), &data, &folder.path().join("server.key")] {
            give_away(path);
        }
        fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).unwrap();
        let mut server = Self { kind, port: free_port(), folder, child: None };
        server.make_files();
        server.start_again();
        server.make_database();
        server
    }

    /// The folder of its socket, certificates and log.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What `socket` of a look-up names.
    pub(crate) fn socket(&self) -> PathBuf {
        match self.kind {
            Kind::Postgres => self.path(&format!(".s.PGSQL.{}", self.port)),
            Kind::MariaDb => self.path("socket"),
        }
    }

    /// Runs statements as the server's own administrator; gives what they print.
    pub(crate) fn sql(&self, statements: &str) -> String {
        let done = self.try_sql(statements);
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{statements}: {said}");
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    }

    /// Starts the server on its files and waits until it answers.
    pub(crate) fn start_again(&mut self) {
        assert!(self.child.is_none(), "it runs");
        let log = fs::File::options().create(true).append(true).open(self.path("log")).unwrap();
        let mut command = self.command();
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        self.child = Some(command.spawn().expect("the database server can be run"));
        let begin = Instant::now();
        while !self.try_sql("SELECT 1;").status.success() {
            let ended = self.child.as_mut().unwrap().try_wait().unwrap();
            let late = begin.elapsed() > PATIENCE;
            if ended.is_some() || late {
                let log = fs::read_to_string(self.path("log")).unwrap_or_default();
                panic!("{:?} does not start ({ended:?}):\n{log}", self.kind);
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Stops the server as its administrator would: it ends its connections first.
    pub(crate) fn stop(&mut self) {
        // PostgreSQL's "fast" shutdown; MariaDB's only one.
        let signal = if self.kind == Kind::Postgres { "-INT" } else { "-TERM" };
        self.end(signal);
    }

    /// Ends the server as a power cut would.
    pub(crate) fn kill(&mut self) {
        let signal = if self.kind == Kind::Postgres { "-QUIT" } else { "-KILL" };
        self.end(signal);
    }

    fn end(&mut self, signal: &str) {
        let mut child = self.child.take().expect("it runs");
        let pid = child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        child.wait().unwrap();
    }

    fn make_files(&self) {
        let data = self.path("data");
        let mut command = match self.kind {
            Kind::Postgres => {
                let mut command = unprivileged(&postgres("initdb"));
                command.args(["--no-sync", "--username=admin", "--auth=trust", "--encoding=UTF8"]);
                command.arg("--locale=C.UTF-8").arg("-D").arg(&data);
                command
            }
            Kind::MariaDb => {
                let mut command = unprivileged("mariadb-install-db".as_ref());
                command.args(["--no-defaults", "--skip-test-db", "--skip-name-resolve"]);
                command.arg("--auth-root-authentication-method=normal");
                // Contexts of the kernel's own are few and belong to everybody on a machine.
                command.arg("--innodb-use-native-aio=OFF");
                command.arg(format!("--datadir={}", data.display()));
                command
            }
        };
        let done = command.current_dir("/").stdin(Stdio::null()).output().unwrap();
        let said = [done.stdout, done.stderr].concat();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&said));
        if self.kind == Kind::Postgres {
            let rules = "local all admin trust\nlocal all all scram-sha-256\n\
                         host all all 127.0.0.1/32 scram-sha-256\n";
            fs::write(data.join("pg_hba.conf"), rules).unwrap();
            let folder = self.folder.path().display();
            let tls = format!(
                "ssl = on\nssl_cert_file = '{folder}/server.pem'\nssl_key_file = '{folder}/server.key'\n"
            );
            // Not on the command line, which statements could not overrule.
            fs::write(data.join("postgresql.conf"), tls).unwrap();
        }
    }

    fn command(&self) -> Command {
        let (folder, port) = (self.folder.path().display(), self.port);
        let mut command = match self.kind {
            Kind::Postgres => {
                let mut command = unprivileged(&postgres("postgres"));
                command.arg("-D").arg(self.path("data")).arg("-k").arg(self.folder.path());
                for setting in [
                    "listen_addresses=127.0.0.1",
                    "fsync=off",
                    "max_connections=20",
                    "shared_buffers=16MB",
                    &format!("port={port}"),
                ] {
                    command.args(["-c", setting]);
                }
                command
            }
            Kind::MariaDb => {
                let mut command = unprivileged("/usr/sbin/mariadbd".as_ref());
                command.args(["--no-defaults", "--bind-address=127.0.0.1", "--skip-name-resolve"]);
                command
                    .args(["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M"]);
                command.args(["--skip-log-bin", "--innodb-use-native-aio=OFF"]);
                command.arg(format!("--port={port}"));
                command.arg(format!("--datadir={folder}/data"));
                command.arg(format!("--socket={folder}/socket"));
                command.arg(format!("--pid-file={folder}/pid"));
                command.arg(format!("--ssl-ca={folder}/ca.pem"));
                command.arg(format!("--ssl-cert={folder}/server.pem"));
                command.arg(format!("--ssl-key={folder}/server.key"));
                command
            }
        };
        command.current_dir("/");
        command
    }

    fn make_database(&self) {
        match self.kind {
            Kind::Postgres => {
                self.sql("CREATE DATABASE school;");
                self.sql(&format!("CREATE ROLE ivrkit LOGIN PASSWORD '{PASSWORD}';"));
            }
            Kind::MariaDb => {
                // Users without a name would be taken for ours.
                self.sql("DELETE FROM mysql.global_priv WHERE User = ''; FLUSH PRIVILEGES;");
                self.sql("CREATE DATABASE school CHARACTER SET utf8mb4;");
                self.sql(&format!("CREATE USER ivrkit@'%' IDENTIFIED BY '{PASSWORD}';"));
                self.sql("GRANT SELECT, INSERT, UPDATE ON school.* TO ivrkit@'%';");
            }
        }
    }

    fn try_sql(&self, statements: &str) -> Output {
        let has_school = !statements.starts_with("CREATE DATABASE")
            && !statements.starts_with("CREATE USER")
            && !statements.starts_with("CREATE ROLE")
            && statements != "SELECT 1;"
            && !statements.contains("global_priv");
        let mut command = match self.kind {
            Kind::Postgres => {
                let mut command = Command::new(postgres("psql"));
                command.args([
                    "-X",
                    "-q",
                    "-A",
                    "-t",
                    "-U",
                    "admin",
                    "-v",
                    "ON_ERROR_STOP=1",
                    "-h",
                ]);
                command.arg(self.folder.path()).args(["-p", &self.port.to_string()]);
                command.args(["-d", if has_school { "school" } else { "postgres" }]);
                command
            }
            Kind::MariaDb => {
                let mut command = Command::new("mariadb");
                command.args(["--no-defaults", "-u", "root", "-N", "-B"]).arg("-S");
                command.arg(self.path("socket"));
                command.args(if has_school { &["school"][..] } else { &[] });
                command
            }
        };
        command.arg(if self.kind == Kind::Postgres { "-c" } else { "-e" }).arg(statements);
        command.stdin(Stdio::null()).output().expect("the database's own client is installed")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let pid = child.id().to_string();
            let signal = if self.kind == Kind::Postgres { "-QUIT" } else { "-KILL" };
            drop(Command::new("kill").args([signal, &pid]).status());
            drop(child.wait());
        }
    }
}

/// A command that does not run as root; `setpriv` becomes it, so that its process is ours to end.
fn unprivileged(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"]).arg(program);
    command.env("HOME", "/");
    command
}

fn give_away(path: &Path) {
    if is_root() {
        let done = Command::new("chown").arg("nobody:nogroup").arg(path).status().unwrap();
        assert!(done.success(), "{} can be given to nobody", path.display());
    }
}

fn is_root() -> bool {
    let done = Command::new("id").arg("-u").output().unwrap();
    done.stdout.trim_ascii() == b"0"
}

/// A program of the newest PostgreSQL that is installed.
fn postgres(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL is installed");
    let versions = versions.map(|version| version.unwrap().path());
    let number = |path: &PathBuf| -> u32 {
        path.file_name().unwrap().to_string_lossy().parse().unwrap_or(0)
    };
    let newest = versions.max_by_key(number).expect("PostgreSQL is installed");
    newest.join("bin").join(name)
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// An authority, a certificate of it for 127.0.0.1 and `localhost`, and another authority.
fn make_certificates(folder: &Path) {
    let openssl = |arguments: &[&str]| {
        let done = Command::new("openssl").args(arguments).current_dir(folder).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    let new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    for (name, subject) in [("ca", "/CN=tests"), ("other-ca", "/CN=others")] {
        let (key, out) = (format!("{name}.key"), format!("{name}.pem"));
        let files = ["-keyout", &key, "-out", &out, "-subj", subject, "-days", "2"];
        openssl(&[&["req", "-x509"][..], &new_key, &files].concat());
    }
    let files = ["-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost"];
    openssl(&[&["req", "-new"][..], &new_key, &files].concat());
    fs::write(folder.join("names"), "subjectAltName=IP:127.0.0.1,DNS:localhost\n").unwrap();
    let authority = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"];
    let files = ["-in", "server.csr", "-out", "server.pem", "-extfile", "names", "-days", "2"];
    openssl(&[&["x509", "-req"][..], &authority, &files].concat());
    fs::set_permissions(folder.join("server.key"), fs::Permissions::from_mode(0o600)).unwrap();
}
