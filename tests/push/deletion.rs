//! `--delete`: what goes, what stays, and when it is refused. And what a dry run says of it.

use crate::{
    site::{INPUT, INTERRUPTED, Outcome, Prompts, REFUSED, Site, noise},
    sshd::{Wire, kill},
};
use std::{
    fs::{self, File},
    os::unix::fs::symlink,
    path::Path,
};

/// Removes files from the source.
fn drop_from(prompts: &Prompts, names: &[&str]) {
    for name in names {
        fs::remove_file(prompts.path().join(name)).unwrap();
    }
}

/// Makes sure of the names on the target.
fn check_names(site: &Site, expected: &[&str]) {
    let found = site.files();
    let found: Vec<_> = found.keys().map(|path| path.to_str().unwrap()).collect();
    assert_eq!(found, expected, "{}", site.url);
    assert_eq!(site.litter(), Vec::<String>::new());
}

#[test]
fn only_what_pushes_put_there_goes() {
    for site in Site::all() {
        fs::create_dir(site.folder.join("recordings")).unwrap();
        fs::write(site.folder.join("recordings/call.wav"), "theirs").unwrap();
        fs::write(site.folder.join("note.txt"), "theirs").unwrap();
        // The same name and content as in the source, but no push put it there.
        fs::write(site.folder.join("p9.wav"), noise(1000, 10)).unwrap();
        let prompts = Prompts::new(10, 1000, 1);
        prompts.write("old/a.wav", b"a");
        site.push(prompts.path(), &["--delete"]);
        // Others change one, so that only its content tells.
        let changed = site.folder.join("p2.wav");
        let modified = fs::metadata(&changed).unwrap().modified().unwrap();
        fs::write(&changed, noise(1000, 99)).unwrap();
        File::open(&changed).unwrap().set_modified(modified).unwrap();
        drop_from(&prompts, &["p1.wav", "p2.wav", "p9.wav", "old/a.wav"]);
        // A name that is a link now is in the source all the same.
        drop_from(&prompts, &["p3.wav"]);
        symlink("/etc/hostname", prompts.path().join("p3.wav")).unwrap();
        let summary = site.push(prompts.path(), &[]);
        assert!(summary.contains("3 no longer in the source"), "{summary}");
        let summary = site.push(prompts.path(), &["--delete", "--max-delete", "2"]);
        assert!(summary.contains("2 deleted"), "{summary}");
        assert!(summary.contains("  deleted  p1.wav\n"), "{summary}");
        check_names(
            &site,
            &[
                "note.txt",
                "p0.wav",
                "p2.wav",
                "p3.wav",
                "p4.wav",
                "p5.wav",
                "p6.wav",
                "p7.wav",
                "p8.wav",
                "p9.wav",
                "recordings/call.wav",
            ],
        );
        let again = site.push(prompts.path(), &["--delete"]);
        assert!(!again.contains("deleted"), "{again}");
    }
}

#[test]
fn too_many_deletions_are_refused_before_anything_is_done() {
    for site in Site::all() {
        let prompts = Prompts::new(10, 1000, 1);
        site.push(prompts.path(), &[]);
        let before = site.files();
        drop_from(&prompts, &["p0.wav", "p1.wav", "p2.wav"]);
        prompts.write("p5.wav", b"changed");
        let refused = site.run(prompts.path(), &["--delete"]);
        refused.check(REFUSED, &["3 of the 10 files", "at most 2 may go", "--force"]);
        site.check(&before);
        site.run(prompts.path(), &["--delete", "--max-delete", "2"]).check(REFUSED, &["at most 2"]);
        site.check(&before);
        site.push(prompts.path(), &["--delete", "--max-delete", "30%"]);
        site.check(&prompts.contents());
        drop_from(&prompts, &["p3.wav", "p4.wav", "p5.wav", "p6.wav", "p7.wav", "p8.wav"]);
        site.push(prompts.path(), &["--delete", "--force"]);
        check_names(&site, &["p9.wav"]);
    }
}

#[test]
fn an_empty_or_missing_source_deletes_nothing() {
    for site in Site::all() {
        let prompts = Prompts::new(3, 1000, 1);
        site.push(prompts.path(), &[]);
        let before = site.files();
        let empty = tempfile::tempdir().unwrap();
        for how in [&["--delete"][..], &["--delete", "--force"], &["--delete", "--dry-run"]] {
            site.run(empty.path(), how).check(INPUT, &["it holds no file"]);
            site.run(&empty.path().join("gone"), how).check(INPUT, &["gone"]);
        }
        site.check(&before);
    }
}

#[test]
fn a_dry_run_tells_by_its_exit_code_whether_all_is_there() {
    for site in Site::all() {
        let prompts = Prompts::new(10, 1000, 1);
        let check = |code, more: &[&str], words: &str| {
            let outcome = site.run(prompts.path(), &[&["--dry-run"], more].concat());
            assert_eq!(outcome.code, Some(code), "{more:?} {outcome:?}");
            assert!(outcome.stdout.contains(words), "{more:?} {outcome:?}");
        };
        check(1, &["--exit-code"], "10 to upload");
        check(0, &[], "10 to upload");
        site.push(prompts.path(), &[]);
        check(0, &["--exit-code"], "0 to upload");
        drop_from(&prompts, &["p4.wav"]);
        check(0, &["--exit-code"], "stale    p4.wav\n");
        check(1, &["--exit-code", "--delete"], "delete   p4.wav\n");
        prompts.write("p5.wav", b"changed");
        check(1, &["--exit-code", "--format", "json"], r#""stale":["p4.wav"]"#);
        let missing = site.run(&prompts.path().join("gone"), &["--dry-run", "--exit-code"]);
        missing.check(INPUT, &["gone"]);
    }
}

#[test]
fn a_push_that_fails_deletes_nothing() {
    let site = Site::sftp();
    let prompts = Prompts::new(20, 200_000, 1);
    site.push(prompts.path(), &[]);
    drop_from(&prompts, &["p0.wav"]);
    for (path, content) in Prompts::new(20, 200_000, 100).contents() {
        if path != Path::new("p0.wav") {
            prompts.write(path, &content);
        }
    }
    let wire = Wire::to(site.sshd().port, 12_000_000, None);
    let child = site.begin(prompts.path(), wire.port, &["--delete"]);
    wire.wait_for(1_000_000);
    kill(child.id(), "INT");
    Outcome::wait(child).check(INTERRUPTED, &["interrupted"]);
    assert!(site.folder.join("p0.wav").is_file());
    site.push(prompts.path(), &["--delete"]);
    site.check(&prompts.contents());
}

#[test]
fn what_a_killed_push_published_is_known_as_ours() {
    let site = Site::sftp();
    let prompts = Prompts::new(30, 200_000, 1);
    let wire = Wire::to(site.sshd().port, 12_000_000, None);
    let mut child = site.begin(prompts.path(), wire.port, &["--no-sync"]);
    wire.wait_for(4_000_000);
    child.kill().unwrap();
    child.wait().unwrap();
    let there = site.files();
    assert!(there.len() > 3, "files are published as they go: {}", there.len());
    let next = Wire::to(site.sshd().port, 100_000_000, None);
    let rest = Outcome::wait(site.begin(prompts.path(), next.port, &["--format", "json"]));
    assert_eq!(rest.code, Some(0), "{rest:?}");
    let unchanged = format!(r#""unchanged":{}"#, there.len());
    assert!(rest.stdout.contains(&unchanged), "{unchanged}: {rest:?}");
    assert!(!rest.stdout.contains("reading-back"), "the journal tells what is there: {rest:?}");
    let first = there.keys().next().unwrap();
    fs::remove_file(prompts.path().join(first)).unwrap();
    assert!(site.push(prompts.path(), &["--delete"]).contains("1 deleted"));
    site.check(&prompts.contents());
}

/// A line of a manifest that claims a file which is there as a push's own.
fn claim(site: &Site, name: &str, sha256: &str) -> String {
    let found = fs::metadata(site.folder.join(name)).unwrap();
    let time = found.modified().unwrap().duration_since(std::time::UNIX_EPOCH).unwrap();
    let (bytes, time_s) = (found.len(), time.as_secs());
    format!(r#"{{"path":"{name}","size_bytes":{bytes},"modified_s":{time_s},"sha256":"{sha256}"}}"#)
}

#[test]
fn a_manifest_that_lies_deletes_nothing() {
    for site in Site::all() {
        fs::create_dir(site.folder.join("recordings")).unwrap();
        fs::write(site.folder.join("recordings/call.wav"), "theirs").unwrap();
        let outside = site.folder.with_file_name("outside.wav");
        fs::write(&outside, "theirs").unwrap();
        symlink(site.folder.parent().unwrap(), site.folder.join("link")).unwrap();
        let hash = "ab".repeat(32);
        let lines = ["recordings/call.wav", "../outside.wav", "link/outside.wav"];
        let lines = lines.map(|name| claim(&site, name, &hash)).join(",");
        let manifest = format!(r#"{{"version":1,"files":[{lines}]}}"#);
        fs::write(site.folder.join(".ivrkit-manifest.json"), manifest).unwrap();
        let prompts = Prompts::new(2, 1000, 1);
        let summary = site.push(prompts.path(), &["--delete", "--force"]);
        assert!(!summary.contains("deleted"), "{summary}");
        assert!(site.folder.join("recordings/call.wav").is_file());
        assert!(outside.is_file() && site.folder.join("link").is_symlink());
        fs::remove_file(outside).unwrap();
    }
}
