//! Who holds a staging folder, as its lock file says it.
//!
//! A lock tells three things: which push it is, where that runs, and that it lives (the beats). The
//! text comes back from a server and may be hostile; at worst a staging folder is taken from a push
//! that then fails cleanly.

use super::path::printable;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{
    collections::BTreeSet,
    fs,
    sync::{Mutex, PoisonError},
};

/// The pushes of this process that did not end yet: of the others it may have left something behind
/// too, when their target went away.
static AT_WORK: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Largest lock that is read.
pub(super) const MAX_LOCK_BYTES: u64 = 4096;

/// Who holds a staging folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Owner {
    /// Name of the push; every attempt has its own.
    pub(super) run: String,
    /// Name of the machine, for people.
    pub(super) machine: String,
    /// Process id there.
    pub(super) pid: u32,
    /// What tells this process from all others, as far as the system says.
    process: Option<Process>,
    /// How often it said that it lives, in a fixed width so that a lock keeps its length.
    beat: String,
}

/// What tells a process from all others: a process id means something only within one namespace of
/// one boot, and is given anew in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Process {
    boot: String,
    namespace: String,
    started: String,
}

impl Owner {
    /// This process, for a new push.
    pub(super) fn new() -> Self {
        let mut random = [0; 8];
        openssl::rand::rand_bytes(&mut random).expect("the system has random bytes");
        let machine = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let pid = std::process::id();
        let run = format!("{:016x}", u64::from_be_bytes(random));
        AT_WORK.lock().unwrap_or_else(PoisonError::into_inner).insert(run.clone());
        Self {
            run,
            machine: machine.trim().to_owned(),
            pid,
            process: Process::of(pid),
            beat: String::new(),
        }
    }

    /// What the name of a folder in preparation says: as much of the lock as tells whether the push
    /// ended, for one that dies before it writes the lock.
    pub(super) fn mark(&self) -> String {
        let Some(process) = &self.process else { return self.run.clone() };
        format!("{}-{}-{}-{}", self.run, self.pid, process.started, process.place())
    }

    /// Whether the push that a mark names certainly ended, as [`Owner::is_gone`] says it.
    pub(super) fn is_gone_by_mark(mark: &[u8]) -> bool {
        let parts = str::from_utf8(mark).map(|mark| mark.split('-').collect::<Vec<_>>());
        let Ok([run, pid, started, place]) = parts.as_deref() else { return false };
        let (Ok(pid), Some(ours)) = (pid.parse(), Process::of(std::process::id())) else {
            return false;
        };
        if *place != ours.place() {
            return false;
        }
        let process = Some(Process { started: (*started).to_owned(), ..ours });
        let (run, machine, beat) = ((*run).to_owned(), String::new(), String::new());
        Self { run, machine, pid, process, beat }.is_gone()
    }

    /// The content of the lock at a beat.
    pub(super) fn lock(&self, beat: u64) -> Vec<u8> {
        let owner = Self { beat: format!("{beat:020}"), ..self.clone() };
        serde_json::to_vec(&owner).expect("texts and numbers are always JSON")
    }

    /// Reads a lock.
    pub(super) fn read(lock: &[u8]) -> Option<Self> {
        serde_json::from_slice(lock).ok()
    }

    /// Whether the push certainly ended: it ran on this machine, and no such process is there; or it
    /// was one of this process, which knows.
    pub(super) fn is_gone(&self) -> bool {
        let (Some(theirs), Some(ours)) = (&self.process, Process::of(std::process::id())) else {
            return false;
        };
        if *theirs == ours && self.pid == std::process::id() {
            return !AT_WORK.lock().unwrap_or_else(PoisonError::into_inner).contains(&self.run);
        }
        theirs.boot == ours.boot
            && theirs.namespace == ours.namespace
            && Process::of(self.pid).as_ref() != Some(theirs)
    }

    /// A push of this process ended, whatever it could clear away.
    pub(super) fn end(run: &str) {
        AT_WORK.lock().unwrap_or_else(PoisonError::into_inner).remove(run);
    }

    /// For messages.
    pub(super) fn describe(&self) -> String {
        let machine: String = self.machine.chars().take(64).collect();
        format!("process {} on {}", self.pid, printable(machine.as_bytes()))
    }
}

impl Process {
    /// What tells where the process runs, in few letters.
    fn place(&self) -> String {
        let hash = Sha256::digest(format!("{} {}", self.boot, self.namespace));
        hash[..4].iter().fold(String::new(), |place, byte| place + &format!("{byte:02x}"))
    }

    /// Facts: proc(5); the 22nd field of `stat` is the time of the start in ticks since boot.
    fn of(pid: u32) -> Option<Self> {
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        let namespace = fs::read_link("/proc/self/ns/pid").ok()?;
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The second field is the program's name in parentheses and may hold anything.
        let fields = stat.rsplit_once(')')?.1;
        let state = fields.split_whitespace().next()?;
        // A dead process stays in the list until its parent asks for its end.
        if matches!(state, "Z" | "X") {
            return None;
        }
        Some(Self {
            boot: boot.trim().to_owned(),
            namespace: namespace.to_string_lossy().into_owned(),
            started: fields.split_whitespace().nth(19)?.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_lock_keeps_its_length_and_is_read_back() {
        let owner = Owner::new();
        assert_eq!(owner.lock(0).len(), owner.lock(u64::MAX).len());
        let read = Owner::read(&owner.lock(3)).unwrap();
        assert_eq!((&read.run, read.pid), (&owner.run, std::process::id()));
        assert_ne!(Owner::new().run, owner.run);
    }

    #[test]
    fn a_mark_tells_as_much_as_a_lock() {
        let check = |owner: &Owner, expected| {
            assert_eq!(Owner::is_gone_by_mark(owner.mark().as_bytes()), expected, "{owner:?}");
        };
        let mut owner = Owner::new();
        check(&owner, false);
        Owner::end(&owner.run);
        check(&owner, true);
        owner.pid = 1;
        check(&owner, true);
        owner.process = Process::of(1);
        check(&owner, false);
        owner.process.as_mut().unwrap().boot = "another".to_owned();
        check(&owner, false);
        owner.process = None;
        check(&owner, false);
        for hostile in ["", "-", "a-b-c-d", "x-1-2-3-4"] {
            assert!(!Owner::is_gone_by_mark(hostile.as_bytes()));
        }
        assert!(!Owner::is_gone_by_mark(b"\xff-1-2-3"));
    }

    #[test]
    fn only_a_process_that_ended_here_is_gone() {
        let mut owner = Owner::new();
        assert!(!owner.is_gone(), "this very process");
        let ended = Owner::new();
        Owner::end(&ended.run);
        assert!(ended.is_gone(), "a push of this process that ended");
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        owner.pid = child.id();
        owner.process = Process::of(child.id());
        assert!(!owner.is_gone(), "a process that runs");
        child.kill().unwrap();
        while !owner.is_gone() {
            std::thread::yield_now();
        }
        child.wait().unwrap();
        assert!(owner.is_gone(), "a process that ended");
        owner.process.as_mut().unwrap().namespace = "pid:[1]".to_owned();
        assert!(!owner.is_gone(), "a process in another container");
        owner.process.as_mut().unwrap().boot = "another".to_owned();
        assert!(!owner.is_gone(), "a process on another machine");
        owner.process = None;
        assert!(!owner.is_gone(), "a process of a system that says nothing");
    }

    #[test]
    fn a_lock_from_elsewhere_cannot_forge_a_message() {
        let mut owner = Owner::new();
        owner.machine = format!("x\n\x1b[2J{}", "y".repeat(1000));
        let text = owner.describe();
        assert!(text.len() < 120 && !text.contains(['\n', '\x1b']), "{text:?}");
    }
}
