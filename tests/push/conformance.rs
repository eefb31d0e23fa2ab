//! What every target must do.

use crate::site::{INPUT, Outcome, Prompts, REFUSED, Site, contents, noise};
use std::{
    ffi::OsStr,
    fs::{self, File},
    os::unix::{
        ffi::OsStrExt as _,
        fs::{PermissionsExt as _, symlink},
    },
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::SystemTime,
};

#[test]
fn all_files_go_up_once_and_then_none() {
    for site in Site::all() {
        let prompts = Prompts::new(7, 60_000, 1);
        prompts.write("callees/13800001111.wav", &noise(300_000, 9));
        prompts.write("empty.wav", b"");
        let first = site.push(prompts.path(), &[]);
        assert!(first.starts_with("9 prompts: 9 uploaded, 0 unchanged, 0 foreign; "), "{first}");
        site.check(&prompts.contents());
        let second = site.push(prompts.path(), &[]);
        assert!(
            second.starts_with("9 prompts: 0 uploaded, 9 unchanged, 0 foreign; 0 B"),
            "{second}"
        );
        site.check(&prompts.contents());
        let file = site.folder.join("p0.wav");
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o644);
    }
}

#[test]
fn changed_content_of_the_same_size_and_time_goes_up() {
    for site in Site::all() {
        let prompts = Prompts::new(3, 1000, 1);
        site.push(prompts.path(), &[]);
        let path = prompts.path().join("p1.wav");
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        prompts.write("p1.wav", &noise(1000, 77));
        File::open(&path).unwrap().set_modified(modified).unwrap();
        let summary = site.push(prompts.path(), &[]);
        assert!(summary.contains("1 uploaded, 2 unchanged"), "{summary}");
        site.check(&prompts.contents());
    }
}

#[test]
fn files_that_others_changed_on_the_target_are_put_right() {
    for site in Site::all() {
        let prompts = Prompts::new(4, 1000, 1);
        site.push(prompts.path(), &[]);
        let there = |name: &str| site.folder.join(name);
        fs::write(there("p0.wav"), "shorter").unwrap();
        fs::write(there("p1.wav"), noise(1000, 50)).unwrap();
        File::open(there("p1.wav")).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        fs::remove_file(there("p2.wav")).unwrap();
        // The same content under another time needs no upload.
        File::open(there("p3.wav")).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        let summary = site.push(prompts.path(), &[]);
        assert!(summary.contains("3 uploaded, 1 unchanged"), "{summary}");
        site.check(&prompts.contents());
    }
}

#[test]
fn a_change_that_keeps_size_and_time_on_the_target_is_found_by_reading_back() {
    for site in Site::all() {
        let prompts = Prompts::new(2, 1000, 1);
        site.push(prompts.path(), &[]);
        let path = site.folder.join("p1.wav");
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        fs::write(&path, noise(1000, 50)).unwrap();
        File::open(&path).unwrap().set_modified(modified).unwrap();
        assert!(site.push(prompts.path(), &[]).contains("0 uploaded"));
        assert!(site.push(prompts.path(), &["--verify-remote"]).contains("1 uploaded"));
        site.check(&prompts.contents());
    }
}

#[test]
fn foreign_files_and_old_ones_are_left_alone() {
    for site in Site::all() {
        fs::create_dir(site.folder.join("recordings")).unwrap();
        fs::write(site.folder.join("recordings/call.wav"), "theirs").unwrap();
        fs::write(site.folder.join("note.txt"), "theirs").unwrap();
        let prompts = Prompts::new(2, 1000, 1);
        site.push(prompts.path(), &[]);
        fs::remove_file(prompts.path().join("p1.wav")).unwrap();
        let before = site.files();
        let summary = site.push(prompts.path(), &[]);
        assert!(summary.contains("2 foreign, 1 no longer in the source"), "{summary}");
        site.check(&before);
    }
}

#[test]
fn a_dry_run_says_what_a_push_would_do_and_changes_nothing() {
    for site in Site::all() {
        let prompts = Prompts::new(3, 1000, 1);
        site.push(prompts.path(), &[]);
        prompts.write("p1.wav", b"changed");
        prompts.write("new\n.wav", b"new");
        fs::write(site.folder.join("foreign"), "theirs").unwrap();
        let before = contents(&site.folder);
        let plan = site.push(prompts.path(), &["--dry-run"]);
        let expected = "new      new\\u{a}.wav (3 B)\nsame     p0.wav (1 KB)\n\
            changed  p1.wav (7 B)\nsame     p2.wav (1 KB)\nforeign  foreign\n\
            4 prompts: 2 to upload (10 B), 2 unchanged, 1 foreign; nothing was changed\n";
        assert_eq!(plan, expected);
        let json = site.push(prompts.path(), &["--dry-run", "--format", "json"]);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["dry_run"], true);
        assert_eq!(json["bytes"], 10);
        assert_eq!(json["files"][0]["path"], "new%0A.wav");
        assert_eq!(json["files"][2]["change"], "changed");
        assert_eq!(json["foreign"], serde_json::json!(["foreign"]));
        assert_eq!(contents(&site.folder), before);
        // A dry run against a folder that is not there yet makes nothing either.
        let to = format!("{}/not/yet", site.url);
        let mut command = site.command(prompts.path(), &to);
        let outcome = Outcome::of(&command.args(["--dry-run", "--mkdir"]).output().unwrap());
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        assert!(!site.folder.join("not").exists());
    }
}

#[test]
fn a_reader_never_sees_a_name_missing_or_a_file_in_part() {
    for site in Site::all() {
        let contents = [noise(700_000, 1), noise(650_000, 2)];
        let prompts = Prompts::new(0, 0, 0);
        prompts.write("notice.wav", &contents[0]);
        site.push(prompts.path(), &[]);
        let (path, done) = (site.folder.join("notice.wav"), AtomicBool::new(false));
        let reads = thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let mut reads = [0; 2];
                while !done.load(Ordering::Relaxed) {
                    let found = fs::read(&path).expect("the name is always there");
                    let which = contents.iter().position(|content| *content == found);
                    reads[which.expect("the file is always whole")] += 1;
                }
                reads
            });
            for round in 1..=16 {
                prompts.write("notice.wav", &contents[round % 2]);
                site.push(prompts.path(), &[]);
            }
            done.store(true, Ordering::Relaxed);
            reader.join().unwrap()
        });
        assert!(reads[0] > 10 && reads[1] > 10, "the reader saw both contents: {reads:?}");
    }
}

#[test]
fn odd_names_arrive_as_they_are() {
    let names: [&[u8]; 30] = [
        b"new\nline.wav",
        b"tab\t.wav",
        b"quote'.wav",
        b"double\".wav",
        b"-rf",
        b"--delete.wav",
        b" leading",
        b"trailing ",
        b"back\\slash",
        b"star*?[a].wav",
        b"$(id)",
        b"`id`",
        b"a;b|c&d",
        b"%41%00.wav",
        b"\xff\xfe\x80.wav",
        "预约-ünï.wav".as_bytes(),
        b"...",
        b".hidden",
        b"-",
        b" ",
        b"~",
        b"#comment",
        b"carriage\rreturn",
        b"control\x01\x1b[2J\x7f",
        b"\n",
        b"ends in a quote'",
        b"ends in a backslash\\",
        b"{a,b}!$HOME",
        "de\u{301}composed \u{202e}turned.wav".as_bytes(),
        "💾".as_bytes(),
    ];
    for site in Site::all() {
        let prompts = Prompts::new(0, 0, 0);
        for (index, name) in names.iter().enumerate() {
            prompts.write(Path::new(OsStr::from_bytes(name)), &noise(100, index as u64));
        }
        prompts.write("l".repeat(255), b"long");
        prompts.write(Path::new(OsStr::from_bytes(b"-folder'\n\xff/ in it")), b"below");
        let summary = site.push(prompts.path(), &[]);
        assert!(summary.starts_with("32 prompts: 32 uploaded"), "{summary}");
        site.check(&prompts.contents());
        assert!(site.push(prompts.path(), &[]).contains("32 unchanged"));
    }
}

#[test]
fn links_that_lead_outside_are_skipped_and_said() {
    for site in Site::all() {
        let prompts = Prompts::new(1, 100, 1);
        let secret = prompts.path().with_extension("secret");
        fs::write(&secret, "secret").unwrap();
        symlink(&secret, prompts.path().join("outside.wav")).unwrap();
        symlink("p0.wav", prompts.path().join("inside.wav")).unwrap();
        let outcome = site.run(prompts.path(), &[]);
        fs::remove_file(secret).unwrap();
        outcome.check(0, &["skipped outside.wav: it is a link that leads out of the folder"]);
        let names: Vec<_> = site.files().into_keys().collect();
        assert_eq!(names, [Path::new("inside.wav"), Path::new("p0.wav")]);
    }
}

#[test]
fn links_on_the_target_are_replaced_and_not_followed() {
    for site in Site::all() {
        let prompts = Prompts::new(1, 100, 1);
        let outside = site.folder.with_extension("outside");
        fs::write(&outside, "theirs").unwrap();
        symlink(&outside, site.folder.join("p0.wav")).unwrap();
        symlink(&outside, site.folder.join(".ivrkit-manifest.json")).unwrap();
        site.push(prompts.path(), &[]);
        assert_eq!(fs::read(&outside).unwrap(), b"theirs");
        site.check(&prompts.contents());
    }
}

#[test]
fn a_missing_folder_is_an_error_unless_it_may_be_made() {
    for site in Site::all() {
        let prompts = Prompts::new(1, 100, 1);
        let to = format!("{}/a/b", site.url);
        let run = |more: &[&str]| {
            Outcome::of(&site.command(prompts.path(), &to).args(more).output().unwrap())
        };
        run(&[]).check(REFUSED, &["there is no such folder", "--mkdir"]);
        assert!(!site.folder.join("a").exists());
        run(&["--mkdir"]).check(0, &[]);
        assert_eq!(fs::read(site.folder.join("a/b/p0.wav")).unwrap(), noise(100, 1));
    }
}

#[test]
fn a_folder_in_the_place_of_a_file_is_refused_before_anything_is_done() {
    for site in Site::all() {
        let prompts = Prompts::new(2, 100, 1);
        fs::create_dir(site.folder.join("p1.wav")).unwrap();
        site.run(prompts.path(), &[]).check(REFUSED, &["p1.wav is a folder on the target"]);
        assert!(!site.folder.join("p0.wav").exists());
        let prompts = Prompts::new(0, 0, 1);
        prompts.write("a/b.wav", b"b");
        fs::write(site.folder.join("a"), "theirs").unwrap();
        site.run(prompts.path(), &[]).check(REFUSED, &["a is no folder on the target"]);
    }
}

#[test]
fn a_hostile_manifest_changes_nothing_but_the_work() {
    let hash = "ab".repeat(32);
    let line = |path: &str| {
        format!(r#"{{"path":"{path}","size_bytes":6,"modified_s":1,"sha256":"{hash}"}}"#)
    };
    let manifests = [
        String::new(),
        "not json".to_owned(),
        "[".repeat(50_000),
        r#"{"version":9,"files":[]}"#.to_owned(),
        format!(r#"{{"version":1,"files":[{},{}]}}"#, line("../victim"), line("/etc/passwd")),
        format!(r#"{{"version":1,"files":[{},{}]}}"#, line("victim"), line("p0.wav")),
    ];
    for site in Site::all() {
        for manifest in &manifests {
            fs::write(site.folder.join(".ivrkit-manifest.json"), manifest).unwrap();
            fs::write(site.folder.join("victim"), "theirs").unwrap();
            let _missing = fs::remove_file(site.folder.join("p0.wav"));
            let prompts = Prompts::new(1, 100, 1);
            site.push(prompts.path(), &[]);
            let mut expected = prompts.contents();
            expected.insert("victim".into(), b"theirs".to_vec());
            site.check(&expected);
        }
        let manifest = site.folder.join(".ivrkit-manifest.json");
        fs::remove_file(&manifest).unwrap();
        fs::create_dir(&manifest).unwrap();
        let outcome = site.run(Prompts::new(1, 100, 2).path(), &[]);
        assert_ne!(outcome.code, Some(0));
        assert!(outcome.stderr.contains("cannot replace .ivrkit-manifest.json"), "{outcome:?}");
        assert_eq!(site.litter(), Vec::<String>::new());
    }
}

#[test]
fn a_source_that_cannot_be_pushed_is_said() {
    let site = Site::directory();
    let folder = tempfile::tempdir().unwrap();
    let check = |path: &Path, words: &[&str]| site.run(path, &[]).check(INPUT, words);
    check(folder.path(), &["it holds no file"]);
    check(&folder.path().join("absent"), &["cannot read"]);
    assert_eq!(contents(&site.folder).len(), 0);
}

#[test]
fn two_pushes_at_once_both_end_well() {
    for site in Site::all() {
        let [one, two] = [Prompts::new(12, 200_000, 100), Prompts::new(12, 200_000, 200)];
        for _ in 0..4 {
            let begin =
                |prompts: &Prompts| site.command(prompts.path(), &site.url).spawn().unwrap();
            let children = [begin(&one), begin(&two), begin(&one)];
            for child in children {
                let outcome = Outcome::wait(child);
                assert_eq!(outcome.code, Some(0), "{outcome:?}");
            }
            let found = site.files();
            let last = if found == one.contents() { &one } else { &two };
            site.check(&last.contents());
        }
        site.push(one.path(), &[]);
        site.check(&one.contents());
    }
}

/// A sound WAV of 8 kHz, 16 bits, one channel.
fn wav(samples: u32) -> Vec<u8> {
    let length = samples * 2;
    let mut bytes = Vec::new();
    bytes.extend(b"RIFF");
    bytes.extend((36 + length).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data");
    bytes.extend(length.to_le_bytes());
    bytes.extend(noise(length as usize, u64::from(samples)));
    bytes
}

#[test]
fn the_prompts_of_a_scenario_go_where_it_says() {
    let site = Site::directory();
    let home = tempfile::tempdir().unwrap();
    let text = include_str!("../../scenarios/driving-test.yaml");
    let text = text.replace("source: ../prompts", "source: prompts\n  push_to: share");
    let scenario = home.path().join("scenario.yaml");
    fs::write(&scenario, &text).unwrap();
    fs::create_dir_all(home.path().join("prompts/appointments")).unwrap();
    fs::create_dir(home.path().join("share")).unwrap();
    let names =
        ["notice", "confirm", "password", "password1", "holdon", "macroform-the_simplicity", "ok"];
    for (name, samples) in names.iter().zip(800..) {
        fs::write(home.path().join(format!("prompts/{name}.wav")), wav(samples)).unwrap();
    }
    let callee = home.path().join("prompts/appointments/13800001111.wav");
    fs::write(callee, wav(700)).unwrap();
    // The folder in the scenario is relative to the scenario, not to where the command runs.
    let push = || {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ivrkit"));
        Outcome::of(&command.arg("push-media").arg(&scenario).output().unwrap())
    };
    let first = push();
    assert_eq!(first.code, Some(0), "{first:?}");
    for name in names {
        assert!(home.path().join(format!("share/{name}.wav")).is_file(), "{name}: {first:?}");
    }
    let second = push();
    assert!(second.stdout.contains(" 0 uploaded"), "{second:?}");
    // What is typed goes before what the scenario says.
    assert_eq!(site.run(&scenario, &[]).code, Some(0));
    assert!(site.folder.join("notice.wav").is_file());
    fs::write(&scenario, text.replace("  push_to: share\n", "")).unwrap();
    let nowhere = push();
    assert_eq!(nowhere.code, Some(2), "{nowhere:?}");
    assert!(nowhere.stderr.contains("--to URL"), "{nowhere:?}");
}
