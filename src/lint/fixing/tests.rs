//! Files on a disk, mended by the rules there are.

use super::*;
use ivrkit_dialplan::lint::{Edit, Settings, rules};
use proptest::prelude::*;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use tempfile::TempDir;

const BAD: &[u8] = b"[a]\r\nexten => 1,1,Set (X=\xe9) ; \xe9\r\n same => n,Set  (Y=1)\r\n";
const GOOD: &[u8] = b"[a]\r\nexten => 1,1,Set(X=\xe9) ; \xe9\r\n same => n,Set(Y=1)\r\n";

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("it is in the folder")).expect("it can be made");
        fs::write(path, bytes).expect("it can be written");
    }
    folder
}

fn settings() -> Settings {
    let mut settings = Settings::default();
    for rule in rules::ALL.iter() {
        let is_about = ["blank-before-parenthesis", "no-final-newline"].contains(&rule.name);
        let level = if is_about { lint::Level::On } else { lint::Level::Off };
        settings.levels.insert(rule.name.to_owned(), level);
    }
    settings
}

fn mend(fixing: &mut Fixing, main: &Path) -> Mended {
    fixing.mend(main, |reading| reading.lint(&settings())).expect("it can be mended")
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).expect("it can be read")
}

#[test]
fn only_what_is_wrong_changes() {
    let bom = [b"\xef\xbb\xbf", BAD].concat();
    let folder = folder(&[("extensions.conf", &bom)]);
    let main = folder.path().join("extensions.conf");
    fs::set_permissions(&main, fs::Permissions::from_mode(0o604)).unwrap();
    let mut fixing = Fixing::new([main.as_path()], Safety::Unsafe);
    let mended = mend(&mut fixing, &main);
    assert_eq!((mended.fixed, mended.findings.len()), (2, 0));
    assert_eq!(read(&main), bom, "nothing is written before it is asked for");
    assert_eq!(fixing.write().unwrap(), 1);
    assert_eq!(read(&main), [b"\xef\xbb\xbf", GOOD].concat());
    assert_eq!(fs::metadata(&main).unwrap().permissions().mode() & 0o7777, 0o604);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
    let mut again = Fixing::new([main.as_path()], Safety::Unsafe);
    assert_eq!(mend(&mut again, &main).fixed, 0);
    assert_eq!(again.write().unwrap(), 0);
}

#[test]
fn unsafe_fixes_are_asked_for() {
    let bad = BAD.strip_suffix(b"\r\n").unwrap();
    let folder = folder(&[("extensions.conf", bad)]);
    let main = folder.path().join("extensions.conf");
    let mut fixing = Fixing::new([main.as_path()], Safety::Safe);
    let mended = mend(&mut fixing, &main);
    assert_eq!((mended.fixed, mended.findings.len()), (1, 2));
    fixing.write().unwrap();
    assert_eq!(read(&main), BAD);
}

#[test]
fn a_file_that_changed_is_left_alone_and_all_others_too() {
    let folder = folder(&[("a.conf", BAD), ("b.conf", BAD)]);
    let (first, second) = (folder.path().join("a.conf"), folder.path().join("b.conf"));
    let mut fixing = Fixing::new([folder.path()], Safety::Unsafe);
    mend(&mut fixing, &first);
    mend(&mut fixing, &second);
    fs::write(&second, "[new]\n").unwrap();
    let error = fixing.write().expect_err("it has changed");
    assert!(matches!(error, Error::Files(files::Error::Changed { .. })), "{error}");
    assert!(error.to_string().contains("b.conf: it has changed since it was read"));
    assert_eq!((read(&first), read(&second)), (BAD.to_vec(), b"[new]\n".to_vec()));
}

#[test]
fn files_outside_of_the_paths_are_not_written() {
    let folder = folder(&[
        ("in/main.conf", b"#include ../out/inc.conf\n#include linked.conf\n#include own.conf\n"),
        ("in/own.conf", BAD),
        ("out/inc.conf", b"[b]\nexten => 1,1,Set (X=1)\n"),
        ("out/linked.conf", b"[c]\nexten => 1,1,Set (X=1)\n"),
    ]);
    symlink("../out/linked.conf", folder.path().join("in/linked.conf")).unwrap();
    let inside = folder.path().join("in");
    let mut fixing = Fixing::new([inside.as_path()], Safety::Unsafe);
    let mended = mend(&mut fixing, &inside.join("main.conf"));
    let outside: Vec<_> = mended.outside.iter().map(|path| path.file_name().unwrap()).collect();
    assert_eq!(outside, ["inc.conf", "linked.conf"]);
    assert_eq!((mended.fixed, mended.findings.len()), (2, 2));
    assert_eq!(fixing.write().unwrap(), 1);
    assert_eq!(read(&inside.join("own.conf")), GOOD);
    assert_eq!(read(&folder.path().join("out/inc.conf")), b"[b]\nexten => 1,1,Set (X=1)\n");
    assert_eq!(read(&folder.path().join("out/linked.conf")), b"[c]\nexten => 1,1,Set (X=1)\n");
}

#[test]
fn a_link_that_was_named_stays_one() {
    let folder = folder(&[("real.conf", BAD)]);
    let link = folder.path().join("extensions.conf");
    symlink("real.conf", &link).unwrap();
    let mut fixing = Fixing::new([link.as_path()], Safety::Unsafe);
    mend(&mut fixing, &link);
    fixing.write().unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(read(&folder.path().join("real.conf")), GOOD);
}

#[test]
fn a_file_of_two_dialplans_is_mended_once() {
    let folder = folder(&[
        ("a.conf", b"#include inc.conf\n#include inc.conf\n"),
        ("b.conf", b"[x]\n#include inc.conf\n"),
        ("inc.conf", BAD),
    ]);
    let mut fixing = Fixing::new([folder.path()], Safety::Unsafe);
    assert_eq!(mend(&mut fixing, &folder.path().join("a.conf")).fixed, 2);
    assert_eq!(mend(&mut fixing, &folder.path().join("b.conf")).fixed, 0);
    assert_eq!(fixing.write().unwrap(), 1);
    assert_eq!(read(&folder.path().join("inc.conf")), GOOD);
}

#[test]
fn patch_takes_the_difference() {
    let folder = folder(&[("conf/extensions.conf", BAD)]);
    let main = folder.path().join("conf/extensions.conf");
    let mut fixing = Fixing::new([main.as_path()], Safety::Unsafe);
    mend(&mut fixing, &main);
    let mut diff = Vec::new();
    fixing.diff(&mut diff).unwrap();
    let shown = String::from_utf8_lossy(&diff);
    assert!(shown.contains("\n-exten => 1,1,Set (X=") && shown.contains("\n+exten => 1,1,Set(X="));
    assert_eq!(read(&main), BAD, "a difference writes nothing");
    let file = folder.path().join("fix.diff");
    fs::write(&file, &diff).unwrap();
    let status = std::process::Command::new("patch")
        .args(["--binary", "-s"])
        .args([&main, &file])
        .status()
        .expect("patch is installed");
    assert!(status.success());
    assert_eq!(read(&main), GOOD);
}

/// A rule that would put something in again and again.
#[test]
fn fixes_without_end_change_nothing() {
    let folder = folder(&[("extensions.conf", BAD)]);
    let main = folder.path().join("extensions.conf");
    let mut fixing = Fixing::new([main.as_path()], Safety::Unsafe);
    let endless = |reading: &Reading| {
        let mut found = reading.lint(&settings());
        let rule = rules::find("blank-before-parenthesis").unwrap();
        let place = ivrkit_dialplan::syntax::Place::default();
        let fix = Fix {
            title: "add a line".to_owned(),
            safety: Safety::Safe,
            edits: vec![Edit { place, text: b";\n".to_vec() }],
        };
        found.push(Finding {
            rule,
            severity: rule.severity,
            place,
            message: "".into(),
            help: None,
            notes: Vec::new(),
            fix: Some(fix),
            is_secret: false,
        });
        found
    };
    let error = fixing.mend(&main, endless).expect_err("it has no end");
    assert!(error.to_string().contains("(blank-before-parenthesis)"), "{error}");
    assert_eq!(fixing.write().unwrap(), 0);
    assert_eq!(read(&main), BAD);
}

/// Lines of a dialplan, good and bad ones.
fn lines() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        Just(b"[a]".to_vec()),
        Just(b"exten => 1,1,Set (X=1)".to_vec()),
        Just(b" same => n,NoOp  (\xe9;)".to_vec()),
        Just(b" same => n,Hangup() ; Set (no)".to_vec()),
        Just(b";-- Set ( --; same => n,Set (\x01)".to_vec()),
        Just(Vec::new()),
        proptest::collection::vec(any::<u8>(), 0..20),
    ];
    let end = prop_oneof![Just(b"\n".to_vec()), Just(b"\r\n".to_vec())];
    proptest::collection::vec((line, end), 0..12).prop_map(|lines| {
        let mut text: Vec<u8> = b"[a]\n"
            .iter()
            .copied()
            .chain(lines.into_iter().flat_map(|(line, end)| [line, end].concat()))
            .collect();
        if text.len().is_multiple_of(3) {
            text.pop();
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Mending what was mended changes nothing, and but for the blanks that were taken out and the
    /// newline at the end the text is what it was.
    #[test]
    fn fixing_twice_is_fixing_once(text in lines()) {
        let folder = folder(&[("extensions.conf", &text)]);
        let main = folder.path().join("extensions.conf");
        let mut fixing = Fixing::new([main.as_path()], Safety::Unsafe);
        let fixed = mend(&mut fixing, &main).fixed;
        fixing.write().unwrap();
        let once = read(&main);
        prop_assert_eq!(fixed > 0, once != text);
        let solid = |text: &[u8]| -> Vec<u8> {
            text.iter().copied().filter(|byte| !b" \t\r\n".contains(byte)).collect()
        };
        prop_assert_eq!(solid(&once), solid(&text));
        let mut again = Fixing::new([main.as_path()], Safety::Unsafe);
        prop_assert_eq!(mend(&mut again, &main).fixed, 0);
    }
}
