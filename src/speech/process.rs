//! Programs that speak: run with a time limit and a size limit, and ended with all they started.
//!
//! Each runs in a process group of its own. Must not use a shell.

use super::{Error, Interrupt, check_interrupt, excerpt};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use std::{
    io::{self, Read, Write as _},
    os::unix::process::CommandExt as _,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

/// How often a signal and the end of a program are looked for.
const GLANCE: Duration = Duration::from_millis(20);
/// How much of standard error is kept.
const MAX_STDERR_BYTES: u64 = 4096;

/// One run of a program.
pub(super) struct Run<'a> {
    /// The program and its arguments.
    pub(super) arguments: &'a [String],
    /// What it reads from standard input.
    pub(super) input: &'a str,
    /// How long it may take.
    pub(super) timeout: Duration,
    /// Most bytes on standard output.
    pub(super) max_bytes: u64,
    /// What helps if it cannot be started.
    pub(super) cure: &'static str,
    /// Ends it early.
    pub(super) interrupt: &'a Interrupt,
}

/// What a program wrote, and how it ended.
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    pub(super) output: Vec<u8>,
    /// The beginning of standard error, on one line.
    pub(super) stderr: String,
}

impl Run<'_> {
    /// Runs the program to its end.
    pub(super) fn end(&self) -> Result<Ended, Error> {
        check_interrupt(self.interrupt)?;
        let mut group = Group { child: self.start()?, status: None };
        let input = self.input.to_owned();
        let mut stdin = group.child.stdin.take().expect("it is a pipe");
        // A program that does not read its input is no failure.
        thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
        let output = read(group.child.stdout.take().expect("it is a pipe"), self.max_bytes + 1);
        let stderr = read_start(group.child.stderr.take().expect("it is a pipe"), MAX_STDERR_BYTES);
        let deadline = Instant::now() + self.timeout;
        let output = self.received(&output, deadline)?.map_err(|source| self.unstarted(source))?;
        if output.len() as u64 > self.max_bytes {
            return Err(Error::TooLarge { engine: self.name() });
        }
        let status = self.ended(&mut group, deadline)?;
        let stderr = stderr.recv_timeout(GLANCE).unwrap_or_default();
        Ok(Ended { status, output, stderr: excerpt(&stderr) })
    }

    /// Runs the program; an end with an error is one.
    pub(super) fn succeed(&self) -> Result<Ended, Error> {
        let ended = self.end()?;
        if ended.status.success() {
            return Ok(ended);
        }
        let (program, status) = (self.arguments[0].clone(), ended.status.to_string());
        Err(Error::Failed { program, status, stderr: ended.stderr })
    }

    fn start(&self) -> Result<Child, Error> {
        Command::new(&self.arguments[0])
            .args(&self.arguments[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|source| self.unstarted(source))
    }

    fn unstarted(&self, source: io::Error) -> Error {
        Error::Program { program: self.arguments[0].clone(), source, cure: self.cure }
    }

    /// Standard output to its end, which a grandchild may hold open.
    fn received<T>(&self, from: &Receiver<T>, deadline: Instant) -> Result<T, Error> {
        loop {
            match from.recv_timeout(GLANCE) {
                Ok(received) => return Ok(received),
                Err(RecvTimeoutError::Timeout) => self.check_time(deadline)?,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(self.unstarted(io::Error::other("its output cannot be read")));
                }
            }
        }
    }

    fn ended(&self, group: &mut Group, deadline: Instant) -> Result<ExitStatus, Error> {
        let mut pause = Duration::from_micros(200);
        while !group.has_ended() {
            self.check_time(deadline)?;
            thread::sleep(pause);
            pause = (2 * pause).min(GLANCE);
        }
        group.end().map_err(|source| self.unstarted(source))
    }

    fn check_time(&self, deadline: Instant) -> Result<(), Error> {
        check_interrupt(self.interrupt)?;
        if Instant::now() < deadline {
            return Ok(());
        }
        Err(Error::TimedOut { engine: self.name(), seconds: self.timeout.as_secs_f64() })
    }

    fn name(&self) -> String {
        format!("`{}`", self.arguments[0])
    }
}

/// A program and all that it started; they end with this value.
struct Group {
    child: Child,
    status: Option<ExitStatus>,
}

impl Group {
    fn id(&self) -> Option<Pid> {
        i32::try_from(self.child.id()).ok().and_then(Pid::from_raw)
    }

    /// Whether the program has ended; it is not reaped, so that its id stays its own.
    fn has_ended(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
        let Some(id) = self.id() else { return true };
        !matches!(waitid(WaitId::Pid(id), options), Ok(None))
    }

    /// Ends whatever is left of the group, then reaps the program.
    fn end(&mut self) -> io::Result<ExitStatus> {
        if let Some(status) = self.status {
            return Ok(status);
        }
        if let Some(id) = self.id() {
            let _gone = kill_process_group(id, Signal::KILL);
        }
        let status = self.child.wait()?;
        self.status = Some(status);
        Ok(status)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _gone = self.end();
    }
}

/// Reads a pipe on a thread of its own, to its end or as many bytes as may be.
fn read(pipe: impl Read + Send + 'static, max_bytes: u64) -> Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = pipe.take(max_bytes).read_to_end(&mut bytes);
        sender.send(read.map(|_| bytes))
    });
    receiver
}

/// Reads a pipe on a thread of its own and keeps its beginning. It is read to its end: whoever talks
/// much must not wait for a full pipe.
fn read_start(mut pipe: impl Read + Send + 'static, kept: u64) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _broken = (&mut pipe).take(kept).read_to_end(&mut bytes);
        let _broken = io::copy(&mut pipe, &mut io::sink());
        sender.send(bytes)
    });
    receiver
}
