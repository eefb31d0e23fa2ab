//! Which files are linted, and which only as part of others.

use super::*;

/// The inputs in a folder of these files, each with its text.
#[track_caller]
fn check(files: &[(&str, &str)], named: &[&str], expected: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let named: Vec<_> = named.iter().map(|name| folder.path().join(name)).collect();
    let found = find(&named, &mut Configs::default());
    let inputs = found.inputs.iter();
    let mut shown: Vec<_> = inputs
        .map(|one| one.path.strip_prefix(folder.path()).unwrap().display().to_string())
        .collect();
    let room = folder.path().display().to_string() + "/";
    shown.extend(found.errors.iter().map(|error| error.to_string().replace(&room, "")));
    assert_eq!(shown, expected);
}

const STEP: &str = "[a]\nexten => 1,1,NoOp()\n";

#[test]
fn a_folder_has_dialplans_by_name_or_content_and_scenarios() {
    check(
        &[
            ("extensions.conf", ""),
            ("d/extensions_custom.conf", ""),
            ("d/other.conf", STEP),
            ("d/sip.conf", "[general]\n"),
            ("d/notes.txt", STEP),
            (".git/extensions.conf", STEP),
            ("s.yaml", "ivrkit: 1\n"),
            ("verify.yaml", "pbx: {}\n"),
        ],
        &[""],
        &["d/extensions_custom.conf", "d/other.conf", "extensions.conf", "s.yaml"],
    );
}

#[test]
fn what_is_named_needs_no_name_of_its_own() {
    check(&[("menu.txt", "[a]\n")], &["menu.txt"], &["menu.txt"]);
    check(&[("a.conf", STEP)], &["a.conf", "", "a.conf"], &["a.conf"]);
}

#[test]
fn an_included_file_is_part_of_the_one_that_includes_it() {
    check(
        &[
            ("extensions.conf", "#include parts/*.conf\n"),
            ("parts/a.conf", STEP),
            ("parts/b.conf", STEP),
            ("alone.conf", STEP),
        ],
        &[""],
        &["alone.conf", "extensions.conf"],
    );
}

#[test]
fn of_a_circle_the_first_is_the_main_file() {
    check(
        &[
            ("a.conf", "[a]\nexten = 1,1,NoOp\n#include b.conf\n"),
            ("b.conf", "#include a.conf\n"),
            ("c.conf", "#include c.conf\n"),
        ],
        &["c.conf", "b.conf", "a.conf"],
        &["a.conf", "c.conf"],
    );
}

#[test]
fn what_comments_include_is_linted_alone() {
    check(
        &[("a.conf", ";#include b.conf\n[a]\n;--\n#include b.conf\n--;\n"), ("b.conf", STEP)],
        &["a.conf", "b.conf"],
        &["a.conf", "b.conf"],
    );
}

#[test]
fn what_is_no_dialplan_is_said() {
    check(
        &[("a.yaml", "a: 1\n"), ("b.conf", "\0\u{1}\u{2}")],
        &["a.yaml", "b.conf", "c.conf"],
        &[
            "cannot lint a.yaml: it is YAML, but no scenario, expected a dialplan or a scenario",
            "cannot lint b.conf: it is no text, expected a dialplan or a scenario",
            "cannot read c.conf: No such file or directory (os error 2)",
        ],
    );
    check(&[("notes.txt", "")], &[""], &["no dialplan and no scenario in "]);
}

#[test]
fn the_nearest_configuration_says_what_is_left_out() {
    check(
        &[
            ("ivrkit.toml", "[lint]\nexclude = ['old']\n"),
            ("old/a.conf", STEP),
            ("new/ivrkit.toml", ""),
            ("new/old/a.conf", STEP),
            ("b.conf", STEP),
        ],
        &[""],
        &["b.conf", "new/old/a.conf"],
    );
}

#[test]
fn a_wrong_configuration_is_said_once() {
    check(
        &[("d/ivrkit.toml", "[lnt]\n"), ("d/a.conf", STEP), ("d/b.conf", STEP), ("c.conf", STEP)],
        &[""],
        &["c.conf", "d/ivrkit.toml:1:2: unknown key `lnt`, did you mean `lint`?"],
    );
}
