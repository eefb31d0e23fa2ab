//! What goes wrong in the middle of a push through a server's shell.

use crate::{
    dropbear::Tools,
    faults::{SLOW, kill_in_the_middle},
    site::{INTERRUPTED, Outcome, Prompts, REMOTE, Site},
    sshd::{Wire, kill},
};
use std::time::{Duration, Instant};

/// The shell of OpenSSH, and that of Dropbear with `BusyBox`.
fn sites() -> [Site; 2] {
    [Site::sftp().by_shell(), Site::dropbear(Tools::BusyBox, "").by_shell()]
}

#[test]
fn killed_in_the_middle_leaves_whole_files_and_the_next_push_clears_up() {
    for site in sites() {
        let wire = Wire::to(site.port(), SLOW, None);
        let whole = Outcome::wait(site.begin(Prompts::new(24, 100_000, 1).path(), wire.port, &[]));
        assert_eq!(whole.code, Some(0), "{whole:?}");
        let bytes = wire.forwarded();
        let killed = kill_in_the_middle(&site, |round, new| {
            let wire = Wire::to(site.port(), SLOW, None);
            let child = site.begin(new.path(), wire.port, &[]);
            wire.wait_for(bytes * round / 21);
            child
        });
        assert!(killed >= 10, "only {killed} of 20 pushes were killed before they ended");
    }
}

#[test]
fn interrupted_leaves_whole_files_and_no_litter() {
    for site in sites() {
        let [old, new] = [Prompts::new(20, 200_000, 1), Prompts::new(20, 200_000, 100)];
        site.push(old.path(), &[]);
        for signal in ["INT", "TERM"] {
            let wire = Wire::to(site.port(), SLOW, None);
            let child = site.begin(new.path(), wire.port, &["--all-or-nothing"]);
            wire.wait_for(1_000_000);
            kill(child.id(), signal);
            Outcome::wait(child).check(INTERRUPTED, &["interrupted"]);
            site.check(&old.contents());
        }
    }
}

#[test]
fn a_session_that_is_killed_is_made_again() {
    let site = Site::sftp().by_shell();
    let [old, new] = [Prompts::new(20, 200_000, 1), Prompts::new(20, 200_000, 100)];
    site.push(old.path(), &[]);
    let wire = Wire::to(site.port(), SLOW, None);
    let child = site.begin(new.path(), wire.port, &[]);
    wire.wait_for(1_500_000);
    assert!(site.sshd().kill_sessions() > 0);
    Outcome::wait(child).check(0, &["connecting again"]);
    site.check(&new.contents());
}

#[test]
fn a_server_that_stalls_is_told_in_time() {
    for site in sites() {
        let [old, new] = [Prompts::new(20, 200_000, 1), Prompts::new(20, 200_000, 100)];
        site.push(old.path(), &[]);
        let wire = Wire::to(site.port(), SLOW, Some(1_500_000));
        let started = Instant::now();
        let child = site.begin(new.path(), wire.port, &["--timeout-s", "3", "--all-or-nothing"]);
        Outcome::wait(child).check(REMOTE, &["no answer for 3 s"]);
        assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
        assert_eq!(site.files(), old.contents());
    }
}
