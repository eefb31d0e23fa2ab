//! What a configuration says, and what is wrong with a wrong one.

use super::*;

fn parse(text: &str) -> Result<Config, Error> {
    Config::parse(&Source::new("ivrkit.toml", text), Path::new(""))
}

#[track_caller]
fn check_wrong(text: &str, expected: &str) {
    assert_eq!(parse(text).expect_err("it is wrong").to_string(), expected);
}

#[test]
fn an_empty_one_says_nothing() {
    let config = parse("").unwrap();
    assert!(
        config.asterisk.is_none() && config.fail_on.is_none() && !config.excludes(Path::new("a"))
    );
    assert!(config.settings(Path::new("a"), &Levels::new()).levels.is_empty());
}

#[test]
fn every_key_is_taken() {
    let config = parse(
        r#"
        [lint]
        asterisk = 16
        fail-on = "warning"
        entry-contexts = ["from-pstn"]
        trusted-contexts = ["phones"]
        external-contexts = ["ivrs", "always-Hangup"]
        exclude = ["old"]
        media = ["out=/tmp/media"]
        stock-sounds = true
        [lint.rules]
        style = "hint"
        Y001 = "off"
        [[lint.files]]
        paths = ["legacy/*.conf"]
        rules = { duplicate-priority = "warning" }
        "#,
    )
    .unwrap();
    assert_eq!((config.asterisk, config.fail_on), (Some(Version::V16), Some(Severity::Warning)));
    let media = MediaFolder { path: "out".into(), at: Some("/tmp/media".to_owned()) };
    assert_eq!((config.media.as_slice(), config.stock_sounds), (&[media][..], Some(true)));
    let settings = config.settings(Path::new("a.conf"), &Levels::new());
    assert_eq!(settings.entry_contexts, ["from-pstn"]);
    assert_eq!(settings.trusted_contexts, ["phones"]);
    assert_eq!(settings.external_contexts, ["ivrs", "always-Hangup"]);
}

/// The level of `duplicate-priority` in `legacy/a.conf`.
#[track_caller]
fn check_level(text: &str, said: &[(&str, Level)], expected: Option<Level>) {
    let said = said.iter().map(|&(name, level)| (Scope::named(name).unwrap(), level)).collect();
    let settings = parse(text).unwrap().settings(Path::new("legacy/a.conf"), &said);
    assert_eq!(settings.levels.get("duplicate-priority").copied(), expected, "{text} {said:?}");
}

#[test]
fn the_narrower_entry_counts_and_the_command_line_before_the_file() {
    check_level("", &[], None);
    let file = "[lint.rules]\nall = 'off'\nload = 'hint'\n";
    check_level(file, &[], Some(Level::Hint));
    let named = format!("{file}L024 = 'warning'\n");
    check_level(&named, &[], Some(Level::Warning));
    check_level(&named, &[("load", Level::Off)], Some(Level::Off));
    check_level(&named, &[("load", Level::On)], Some(Level::Warning));
    check_level("[lint.rules]\nall = 'off'\n", &[("load", Level::On)], Some(Level::On));
    check_level("", &[("all", Level::Off), ("load", Level::On)], Some(Level::On));
    check_level("", &[("load", Level::On), ("load", Level::Off)], Some(Level::Off));
    let other = "[[lint.files]]\npaths = ['legacy']\nrules = { load = 'error' }\n";
    check_level(&format!("{named}{other}"), &[], Some(Level::Error));
    check_level(&other.replace("legacy", "new"), &[], None);
}

#[test]
fn patterns_are_for_files_and_all_below_a_folder() {
    let check = |pattern: &str, path: &str, expected: bool| {
        let config = parse(&format!("[lint]\nexclude = ['{pattern}']\n")).unwrap();
        assert_eq!(config.excludes(Path::new(path)), expected, "{pattern} {path}");
    };
    check("*.old.conf", "a.old.conf", true);
    check("*.old.conf", "src/lint/a.old.conf", true);
    check("lint", "src/lint/a.conf", true);
    check("src/*", "src/lint/a.conf", true);
    check("./src/", "src/lint/a.conf", true);
    check("lint/*", "src/lint/a.conf", false);
    check("**/lint/*", "src/lint/a.conf", true);
    check("*.conf", "src/lint/a.yaml", false);
}

#[test]
fn what_nobody_knows_is_said_with_its_place_and_the_nearest_name() {
    check_wrong(
        "[lint]\nasterix = 16\n",
        "ivrkit.toml:2:1: unknown key `asterix`, did you mean `asterisk`?",
    );
    check_wrong("[lintt]\n", "ivrkit.toml:1:2: unknown key `lintt`, did you mean `lint`?");
    check_wrong(
        "[lint]\n  rules.duplicate-prioritty = 'off'\n",
        "ivrkit.toml:2:9: no rule or group `duplicate-prioritty`, did you mean `duplicate-priority`?",
    );
    check_wrong(
        "[lint]\nasterisk = 17\n",
        "ivrkit.toml:2:12: no catalogue of Asterisk `17`, expected 13, 16, 18, 20 or 22",
    );
    check_wrong(
        "[lint.rules]\nload = 'quiet'\n",
        "ivrkit.toml:2:8: found `quiet`, expected one of `off`, `on`, `hint`, `warning`, `error`",
    );
    check_wrong(
        "[[lint.files]]\npaths = ['a']\nrule = {}\n",
        "ivrkit.toml:3:1: unknown key `rule`, did you mean `rules`?",
    );
    check_wrong("[[lint.files]]\nrules = {}\n", "ivrkit.toml:1:1: the key `paths` is missing");
}

#[test]
fn a_wrong_type_is_said_with_what_was_expected() {
    check_wrong("lint = 1\n", "ivrkit.toml:1:8: found a number, expected a table");
    check_wrong("[lint]\nexclude = 'a'\n", "ivrkit.toml:2:11: found a text, expected a list");
    check_wrong(
        "[lint]\nexclude = [true]\n",
        "ivrkit.toml:2:12: found a boolean, expected a text in quotes",
    );
    check_wrong(
        "[lint]\nstock-sounds = 1\n",
        "ivrkit.toml:2:16: found a number, expected `true` or `false`",
    );
    check_wrong(
        "[lint]\nexclude = ['a/***']\n",
        "ivrkit.toml:2:12: no pattern for paths: wildcards are either regular `*` or recursive `**`",
    );
}

#[test]
fn a_text_that_is_no_toml_is_said_with_its_place() {
    let error = parse("[lint]\nasterisk = \n").expect_err("no value").to_string();
    assert!(
        error.starts_with("ivrkit.toml:2:11: ") || error.starts_with("ivrkit.toml:2:12: "),
        "{error}"
    );
    assert!(!error.contains('\n'), "{error}");
}
