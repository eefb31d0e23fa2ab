//! What goes wrong in the middle: whatever it is, a final name has its old or its new content.

use crate::{
    dropbear::Tools,
    site::{INPUT, INTERRUPTED, Outcome, Prompts, REFUSED, REMOTE, Site},
    sshd::{Setup, Sshd, Wire, kill},
};
use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command},
    time::{Duration, Instant},
};

/// A line slow enough that there is a middle.
pub(crate) const SLOW: u64 = 12_000_000;

/// Each file is wholly old or wholly new.
fn check_whole(site: &Site, old: &Prompts, new: &Prompts) {
    let (found, old, new) = (site.files(), old.contents(), new.contents());
    assert_eq!(found.len(), old.len(), "no name is missing and none was added");
    for (path, content) in found {
        let whole = content == old[&path] || content == new[&path];
        assert!(whole, "{} is torn: {} bytes", path.display(), content.len());
    }
}

/// Each file is wholly old or wholly new, nothing of a push is left, and the manifest is true.
fn check_orderly(site: &Site, old: &Prompts, new: &Prompts) {
    check_whole(site, old, new);
    site.check(&site.files());
}

/// As [`check_orderly`], and names of the new set may be there that the old one did not have.
fn check_grown(site: &Site, old: &Prompts, new: &Prompts) {
    let (found, old, new) = (site.files(), old.contents(), new.contents());
    for (path, content) in &found {
        let whole = old.get(path) == Some(content) || new.get(path) == Some(content);
        assert!(whole, "{} is torn: {} bytes", path.display(), content.len());
    }
    assert!(old.keys().all(|path| found.contains_key(path)), "no name is missing");
    site.check(&found);
}

/// Pushes anew 20 times, kills each push by SIGKILL when `middle` says so, and then lets the same
/// push run to its end; gives how many were killed in time.
pub(crate) fn kill_in_the_middle(
    site: &Site,
    mut middle: impl FnMut(u64, &Prompts) -> Child,
) -> u32 {
    let mut old = Prompts::new(24, 100_000, 1);
    site.push(old.path(), &[]);
    let mut killed = 0;
    for round in 1..=20 {
        let new = Prompts::new(24, 100_000, 1000 * round);
        let mut child = middle(round, &new);
        child.kill().unwrap();
        killed += u32::from(child.wait().unwrap().code().is_none());
        check_whole(site, &old, &new);
        site.push(new.path(), &[]);
        site.check(&new.contents());
        old = new;
    }
    killed
}

#[test]
fn killed_in_the_middle_over_sftp_leaves_whole_files_and_the_next_push_clears_up() {
    let site = Site::sftp();
    let wire = Wire::to(site.sshd().port, SLOW, None);
    let whole = Outcome::wait(site.begin(Prompts::new(24, 100_000, 1).path(), wire.port, &[]));
    assert_eq!(whole.code, Some(0), "{whole:?}");
    let bytes = wire.forwarded();
    let killed = kill_in_the_middle(&site, |round, new| {
        let wire = Wire::to(site.sshd().port, SLOW, None);
        let child = site.begin(new.path(), wire.port, &[]);
        wire.wait_for(bytes * round / 21);
        child
    });
    assert!(killed >= 15, "only {killed} of 20 pushes were killed before they ended");
}

#[test]
fn killed_in_the_middle_in_a_folder_leaves_whole_files_and_the_next_push_clears_up() {
    let site = Site::directory();
    let staging = site.folder.join(".ivrkit-staging");
    let killed = kill_in_the_middle(&site, |round, new| {
        let mut child = site.command(new.path(), &site.url).spawn().unwrap();
        let staged = || fs::read_dir(&staging).map_or(0, Iterator::count) as u64;
        while staged() < round && child.try_wait().unwrap().is_none() {}
        child
    });
    assert!(killed >= 5, "only {killed} of 20 pushes were killed before they ended");
}

#[test]
fn interrupted_leaves_whole_files_and_no_litter() {
    let site = Site::sftp();
    let [old, new] = [Prompts::new(20, 200_000, 1).aged(), Prompts::new(20, 200_000, 100)];
    site.push(old.path(), &[]);
    for signal in ["INT", "TERM"] {
        let wire = Wire::to(site.sshd().port, SLOW, None);
        let child = site.begin(new.path(), wire.port, &["--all-or-nothing"]);
        wire.wait_for(1_000_000);
        kill(child.id(), signal);
        let words = ["interrupted", "0 of 20 files were published, every other is as it was"];
        Outcome::wait(child).check(INTERRUPTED, &words);
        site.check(&old.contents());
    }
    for (signal, bytes) in [("INT", 1_500_000), ("TERM", 1_000_000)] {
        let wire = Wire::to(site.sshd().port, SLOW, None);
        let child = site.begin(new.path(), wire.port, &[]);
        wire.wait_for(bytes);
        kill(child.id(), signal);
        Outcome::wait(child).check(INTERRUPTED, &["interrupted", "files were published"]);
        check_orderly(&site, &old, &new);
    }
    let changed = |site: &Site| {
        let (found, new) = (site.files(), new.contents());
        found.iter().filter(|(path, content)| new[*path] == **content).count()
    };
    let published = changed(&site);
    assert!(published > 0, "files are published as they go");
    let summary = site.push(new.path(), &[]);
    assert!(summary.contains(&format!("{published} unchanged")), "{published}: {summary}");
    site.check(&new.contents());
}

#[test]
fn a_session_that_is_killed_is_made_again() {
    let site = Site::sftp();
    let [old, new] = [Prompts::new(20, 200_000, 1).aged(), Prompts::new(20, 200_000, 100)];
    site.push(old.path(), &[]);
    let wire = Wire::to(site.sshd().port, SLOW, None);
    let child = site.begin(new.path(), wire.port, &[]);
    wire.wait_for(1_500_000);
    assert!(site.sshd().kill_sessions() > 0);
    Outcome::wait(child).check(0, &["connecting again"]);
    site.check(&new.contents());
}

#[test]
fn a_server_that_dies_is_told_and_the_next_push_clears_up() {
    let mut site = Site::sftp();
    let [old, new] = [Prompts::new(20, 200_000, 1).aged(), Prompts::new(20, 200_000, 100)];
    site.push(old.path(), &[]);
    let wire = Wire::to(site.sshd().port, SLOW, None);
    let child = site.begin(new.path(), wire.port, &[]);
    wire.wait_for(1_500_000);
    site.sshd.as_mut().unwrap().kill();
    let outcome = Outcome::wait(child);
    assert_eq!(outcome.code, Some(REMOTE), "{outcome:?}");
    assert!(outcome.stderr.contains("the connection was lost"), "{outcome:?}");
    check_whole(&site, &old, &new);
    // The same folder, reached in another way.
    let mut local = Site::directory();
    local.folder.clone_from(&site.folder);
    local.url = site.folder.display().to_string();
    local.push(new.path(), &[]);
    local.check(&new.contents());
}

#[test]
fn a_server_that_stalls_is_told_in_time() {
    let site = Site::sftp();
    let [old, new] = [Prompts::new(20, 200_000, 1).aged(), Prompts::new(20, 200_000, 100)];
    site.push(old.path(), &[]);
    // Before the first word, in the middle of the handshake, and in the middle of the upload.
    for (stop_after, code, words) in [
        (0, 5, "cannot begin an SSH connection"),
        (1000, 5, "cannot begin an SSH connection"),
        (1_500_000, REMOTE, "no answer for 2 s"),
    ] {
        let wire = Wire::to(site.sshd().port, SLOW, Some(stop_after));
        let started = Instant::now();
        let outcome = Outcome::wait(site.begin(new.path(), wire.port, &["--timeout-s", "2"]));
        outcome.check(code, &[words]);
        assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
        check_whole(&site, &old, &new);
    }
}

#[test]
fn a_source_that_is_rewritten_during_the_upload_is_not_published() {
    let site = Site::sftp();
    let [old, new] = [Prompts::new(80, 200_000, 1).aged(), Prompts::new(80, 200_000, 1000)];
    site.push(old.path(), &[]);
    let (torn, whole) = (Prompts::new(80, 200_000, 9000), Prompts::new(80, 200_000, 1000));
    let contents = torn.contents();
    for how in [&["--all-or-nothing"][..], &[]] {
        let wire = Wire::to(site.sshd().port, SLOW, None);
        let child = site.begin(new.path(), wire.port, how);
        wire.wait_for(4_000_000);
        // From the end, where the push comes last.
        for (path, content) in contents.iter().rev() {
            new.write(path, content);
        }
        Outcome::wait(child).check(INPUT, &["changed while it was being read"]);
        check_orderly(&site, &old, &whole);
        if how.is_empty() {
            assert_ne!(site.files(), old.contents(), "what was whole before is published");
        } else {
            assert_eq!(site.files(), old.contents());
        }
        for (path, content) in whole.contents() {
            new.write(path, &content);
        }
    }
}

/// A file system of its own, as root.
struct Mount {
    folder: PathBuf,
}

impl Mount {
    fn new(folder: &Path, options: &str) -> Self {
        let mount = Self { folder: folder.to_owned() };
        mount.run("mount", &["-t", "tmpfs", "-o", options, "tmpfs"]);
        mount
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let status = Command::new(program).args(arguments).arg(&self.folder).status().unwrap();
        assert!(status.success(), "this test needs to {program} a file system, as root");
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        self.run("umount", &["--lazy"]);
    }
}

#[test]
fn a_full_disk_is_told_and_leaves_the_old_files_whole() {
    for site in Site::all() {
        for options in ["size=3m", "size=8m,nr_inodes=20"] {
            let _mount = Mount::new(&site.folder, options);
            let [old, new] = [Prompts::new(10, 100_000, 1), Prompts::new(40, 100_000, 100)];
            site.push(old.path(), &[]);
            let together = site.run(new.path(), &["--all-or-nothing"]);
            together.check(REMOTE, &["no space is left", "0 of 40 files were published"]);
            site.check(&old.contents());
            site.run(new.path(), &[]).check(REMOTE, &["no space is left"]);
            check_grown(&site, &old, &new);
        }
    }
}

#[test]
fn a_read_only_file_system_is_told() {
    for site in Site::all() {
        let mount = Mount::new(&site.folder, "size=3m");
        let [old, new] = [Prompts::new(2, 1000, 1), Prompts::new(3, 1000, 100)];
        site.push(old.path(), &[]);
        mount.run("mount", &["-o", "remount,ro"]);
        site.run(new.path(), &[]).check(REMOTE, &["read-only"]);
        assert!(site.push(old.path(), &[]).contains("2 unchanged"), "nothing is written then");
        site.check(&old.contents());
    }
}

#[test]
fn a_folder_on_another_file_system_is_refused_and_never_copied_to() {
    for site in Site::all() {
        let below = site.folder.join("below");
        fs::create_dir(&below).unwrap();
        let _mount = Mount::new(&below, "size=3m");
        let prompts = Prompts::new(1, 1000, 1);
        prompts.write("below/p.wav", b"new");
        fs::write(below.join("p.wav"), "old").unwrap();
        site.run(prompts.path(), &[]).check(REMOTE, &["cannot rename below/p.wav"]);
        assert_eq!(fs::read(below.join("p.wav")).unwrap(), b"old", "{}", site.url);
        assert_eq!(site.litter(), Vec::<String>::new(), "{}", site.url);
    }
}

fn site_with(sftp: &str) -> Site {
    Site::of(Sshd::with(&Setup { sftp: Some(sftp.to_owned()), ..Setup::default() }))
}

#[test]
fn a_server_that_forbids_writing_is_a_refusal() {
    let site = site_with("internal-sftp -R");
    let prompts = Prompts::new(1, 1000, 1);
    site.run(prompts.path(), &[]).check(REFUSED, &["ermission denied"]);
    assert!(site.push(prompts.path(), &["--dry-run"]).contains("1 to upload"));
}

#[test]
fn a_server_without_posix_rename_replaces_nothing_unless_a_gap_is_allowed() {
    let site = site_with("internal-sftp -P posix-rename");
    let [old, mut new] = [Prompts::new(3, 1000, 1), Prompts::new(4, 1000, 100)];
    site.push(old.path(), &[]);
    site.check(&old.contents());
    site.run(new.path(), &[]).check(REFUSED, &["posix-rename", "--allow-gap"]);
    site.check(&old.contents());
    site.push(new.path(), &["--allow-gap"]);
    site.check(&new.contents());
    new.write("more.wav", b"new names need no gap");
    site.push(new.path(), &[]);
    site.check(&new.contents());
    new = Prompts::new(5, 1000, 100);
    site.push(new.path(), &[]);
}

#[test]
fn a_server_of_few_abilities_is_enough() {
    for denied in ["fsetstat,setstat", "statvfs,fsync,limits", "fstat"] {
        let site = site_with(&format!("internal-sftp -P {denied}"));
        let prompts = Prompts::new(3, 100_000, 1);
        let outcome = site.run(prompts.path(), &[]);
        if denied == "fstat" {
            // What cannot be verified is not published.
            outcome.check(REFUSED, &["ermission denied"]);
            assert_eq!(site.files().len(), 0);
            continue;
        }
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        site.check(&prompts.contents());
        assert!(site.push(prompts.path(), &[]).contains("3 unchanged"), "{denied}");
    }
}

#[test]
fn a_server_without_sftp_is_reached_through_its_shell() {
    let prompts = Prompts::new(3, 100_000, 1);
    let script = prompts.path().with_extension("noisy");
    fs::write(&script, "#!/bin/sh\necho Welcome to the PBX\nexec sleep 5\n").unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let noisy = site_with(script.to_str().unwrap());
    noisy.push(prompts.path(), &[]);
    noisy.check(&prompts.contents());
    fs::remove_file(script).unwrap();
    let none = Site::of(Sshd::with(&Setup { sftp: None, ..Setup::default() }));
    none.push(prompts.path(), &[]);
    none.check(&prompts.contents());
    for tools in [Tools::System, Tools::BusyBox] {
        let greeting = "echo; echo 'Welcome to the PBX'; echo 'No mail.' >&2";
        let site = Site::dropbear(tools, greeting);
        site.push(prompts.path(), &[]);
        site.check(&prompts.contents());
        assert!(site.push(prompts.path(), &[]).contains("3 unchanged"));
    }
}

#[test]
fn a_server_with_neither_sftp_nor_a_shell_is_told_with_its_words() {
    let prompts = Prompts::new(1, 1000, 1);
    let closed = "ForceCommand echo Nobody may work here; exit 1".to_owned();
    let setup = Setup { sftp: None, lines: vec![closed], ..Setup::default() };
    let site = Site::of(Sshd::with(&setup));
    let words = ["offers no SFTP", "runs no commands", "`Nobody may work here`"];
    site.run(prompts.path(), &[]).check(REFUSED, &words);
    let site = site.by_shell();
    site.run(prompts.path(), &[]).check(REMOTE, &["`Nobody may work here`"]);
    let silent = "ForceCommand sleep 60".to_owned();
    let setup = Setup { sftp: None, lines: vec![silent], ..Setup::default() };
    let site = Site::of(Sshd::with(&setup));
    let started = Instant::now();
    site.run(prompts.path(), &["--timeout-s", "2"]).check(REMOTE, &["no answer for 2 s"]);
    assert!(started.elapsed() < Duration::from_secs(20));
    let lines = vec!["ForceCommand internal-sftp".to_owned()];
    let site = Site::of(Sshd::with(&Setup { lines, ..Setup::default() }));
    site.push(prompts.path(), &[]);
    let site = site.by_shell();
    site.run(prompts.path(), &[]).check(REMOTE, &["cannot begin"]);
}

#[test]
fn keys_that_are_made_anew_and_few_sessions_do_no_harm() {
    let lines = ["RekeyLimit 1M", "MaxSessions 1", "MaxStartups 2"].map(str::to_owned).to_vec();
    let setup = Setup { lines, ..Setup::default() };
    for site in [Site::of(Sshd::with(&setup)), Site::of(Sshd::with(&setup)).by_shell()] {
        let prompts = Prompts::new(4, 3_000_000, 1);
        site.push(prompts.path(), &[]);
        site.check(&prompts.contents());
        site.push(prompts.path(), &["--verify-remote"]);
        let prompts = Prompts::new(4, 3_000_000, 9);
        site.push(prompts.path(), &["--no-sync"]);
        site.check(&prompts.contents());
    }
}

/// A lock whose owner cannot be told from here.
fn strange_lock(beat: u64) -> String {
    format!(
        r#"{{"run":"00000000000000ff","machine":"other","pid":1,"process":null,"beat":"{beat:020}"}}"#
    )
}

#[test]
fn a_living_push_of_another_machine_is_waited_for_and_not_disturbed() {
    for site in Site::all() {
        let prompts = Prompts::new(1, 1000, 1);
        for (folder, busy) in
            [(".ivrkit-staging", true), (".ivrkit-staging-00000000000000ff", false)]
        {
            fs::create_dir(site.folder.join(folder)).unwrap();
            fs::write(site.folder.join(folder).join("lock"), strange_lock(1)).unwrap();
            fs::write(site.folder.join(folder).join("00000000000000ff-1"), "theirs").unwrap();
            let outcome = site.run(prompts.path(), &["--wait-s", "1"]);
            if busy {
                assert_eq!(outcome.code, Some(REFUSED), "{outcome:?}");
                assert!(outcome.stderr.contains("process 1 on other"), "{outcome:?}");
                assert_eq!(site.files().len(), 0);
            } else {
                assert_eq!(outcome.code, Some(0), "{outcome:?}");
            }
            assert_eq!(site.litter(), [folder]);
            assert_eq!(fs::read_dir(site.folder.join(folder)).unwrap().count(), 2);
            fs::remove_dir_all(site.folder.join(folder)).unwrap();
        }
    }
}

#[test]
fn litter_of_a_push_that_died_elsewhere_is_cleared_once_it_is_old() {
    for site in Site::all() {
        let prompts = Prompts::new(1, 1000, 1);
        let whole = strange_lock(1);
        // A push may die between making its lock and writing it.
        for (name, lock) in [
            (".ivrkit-staging", &whole[..]),
            (".ivrkit-staging-aa", &whole),
            (".ivrkit-staging-cc", ""),
            (".ivrkit-staging-ended-bb", &whole),
        ] {
            let folder = site.folder.join(name);
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("00000000000000ff-1"), "half").unwrap();
            fs::write(folder.join("lock"), lock).unwrap();
            let long_ago = std::time::SystemTime::now() - Duration::from_mins(10);
            fs::File::open(folder.join("lock")).unwrap().set_modified(long_ago).unwrap();
        }
        fs::create_dir(site.folder.join(".ivrkit-staging-empty")).unwrap();
        site.push(prompts.path(), &["--wait-s", "0"]);
        site.check(&prompts.contents());
    }
}
