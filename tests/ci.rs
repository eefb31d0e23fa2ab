//! What we hand to CI servers, run as they would run it, with the binary that was built.

use serde_yaml::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};
use tempfile::TempDir;

const BAD: &str = "[a]\nexten => 1,1,Set (X=1)\n";
const GOOD: &str = "[a]\nexten => 1,1,Answer()\n same => n,Hangup()\n";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn yaml(path: &str) -> Value {
    let text = fs::read_to_string(root().join(path)).expect("the file can be read");
    serde_yaml::from_str(&text).expect("it is YAML")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("it is a text")
}

/// A folder with dialplans; `folder with blanks` is there for the quoting.
fn repository() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for (path, contents) in [("bad/extensions.conf", BAD), ("good dir/extensions.conf", GOOD)] {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("it can be made");
        fs::write(path, contents).expect("it can be written");
    }
    folder
}

/// Runs a script with the built ivrkit before all others on the path.
fn bash(script: &str, folder: &Path, variables: &[(&str, &str)]) -> Output {
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_ivrkit"));
    let path = format!(
        "{}:{}",
        binary.parent().expect("it is in a folder").display(),
        std::env::var("PATH").expect("there is a path")
    );
    // As GitHub runs `shell: bash`.
    Command::new("bash")
        .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
        .current_dir(folder)
        .env("PATH", path)
        .envs(variables.iter().copied())
        .output()
        .expect("bash runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("it is UTF-8")
}

/// The script of the action's step, and its variables with the inputs put in.
fn action(inputs: &[(&str, &str)]) -> (String, Vec<(String, String)>) {
    let action = yaml("action.yml");
    let steps = action["runs"]["steps"].as_sequence().expect("it has steps");
    let lint = steps.iter().find(|step| text(&step["name"]) == "Lint").expect("it lints");
    let variables = lint["env"].as_mapping().expect("inputs come as variables");
    let variables = variables.iter().map(|(name, value)| {
        let input = text(value).strip_prefix("${{ inputs.").expect("it is an input");
        let input = input.strip_suffix(" }}").expect("it is an input");
        let default = text(&action["inputs"][input]["default"]);
        let given = inputs.iter().find(|(name, _)| *name == input).map(|(_, value)| *value);
        (text(name).to_owned(), given.unwrap_or(default).to_owned())
    });
    (text(&lint["run"]).to_owned(), variables.collect())
}

fn run_action(folder: &Path, inputs: &[(&str, &str)]) -> Output {
    let (script, variables) = action(inputs);
    assert!(!script.contains("${{"), "an input is read as shell");
    let variables: Vec<_> =
        variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    bash(&script, folder, &variables)
}

#[test]
fn the_action_annotates_what_it_finds() {
    let folder = repository();
    let output = run_action(folder.path(), &[("sarif", "found.sarif")]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let found = stdout(&output);
    assert!(found.contains("::error file=bad/extensions.conf,line=2,"), "{found}");
    let sarif = fs::read(folder.path().join("found.sarif")).expect("it was written");
    let sarif: serde_json::Value = serde_json::from_slice(&sarif).expect("it is JSON");
    assert_eq!(sarif["version"], "2.1.0");
    assert!(!sarif["runs"][0]["results"].as_array().expect("it has results").is_empty());
}

#[test]
fn the_action_passes_what_is_good_and_takes_any_name() {
    let folder = repository();
    let output = run_action(folder.path(), &[("paths", "good dir/extensions.conf\n")]);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(0), ""), "{output:?}");
    let hostile = "$(touch broken)\n; touch broken #\n--version";
    let output = run_action(folder.path(), &[("paths", hostile), ("asterisk", "18")]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(!folder.path().join("broken").exists(), "an input was run");
}

#[test]
fn the_action_fails_when_it_cannot_work() {
    let folder = repository();
    let inputs = [("sarif", "found.sarif"), ("paths", "missing.conf")];
    assert_eq!(run_action(folder.path(), &inputs).status.code(), Some(2));
}

#[test]
fn every_step_of_the_action_is_bash() {
    let action = yaml("action.yml");
    assert_eq!(text(&action["runs"]["using"]), "composite");
    for step in action["runs"]["steps"].as_sequence().expect("it has steps") {
        assert_eq!(text(&step["shell"]), "bash");
        let checked = Command::new("bash").args(["-n", "-c", text(&step["run"])]).output();
        let checked = checked.expect("bash runs");
        assert!(checked.status.success(), "{checked:?}");
    }
}

#[test]
fn the_gitlab_job_reports_and_fails_at_last() {
    let job = &yaml("ci/gitlab-lint.yml")["ivrkit-lint"];
    let script: Vec<_> = ["before_script", "script"]
        .iter()
        .flat_map(|part| job[*part].as_sequence().expect("it is a list"))
        .map(text)
        .collect();
    let folder = repository();
    let run = |paths: &str| {
        let variables = [("IVRKIT_PATHS", paths), ("IVRKIT_FAIL_ON", "error")];
        bash(&script.join("\n"), folder.path(), &variables)
    };
    let output = run("bad");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(stdout(&output).contains("bad/extensions.conf:2:"));
    let reports = &job["artifacts"]["reports"];
    let read = |name: &str| fs::read_to_string(folder.path().join(text(&reports[name])));
    let issues: serde_json::Value = serde_json::from_str(&read("codequality").unwrap()).unwrap();
    assert_eq!(issues[0]["location"]["path"], "bad/extensions.conf");
    assert!(read("junit").unwrap().starts_with("<?xml"));
    assert_eq!(run("missing").status.code(), Some(2));
}

#[test]
fn the_hooks_are_commands_and_match_what_they_are_for() {
    for hook in yaml(".pre-commit-hooks.yaml").as_sequence().expect("it is a list") {
        let words: Vec<_> = text(&hook["entry"]).split(' ').collect();
        let (program, arguments) = words.split_first().expect("it has words");
        assert_eq!(*program, "ivrkit");
        let help = bash(&format!("ivrkit {} --help", arguments.join(" ")), root(), &[]);
        assert!(help.status.success(), "{help:?}");
        let pattern = text(&hook["files"]);
        let matches = |path: &str| {
            let script = "import re, sys; sys.exit(not re.search(sys.argv[1], sys.argv[2]))";
            let python = Command::new("python3").args(["-c", script, pattern, path]).status();
            python.expect("python3 runs, as it does for pre-commit").success()
        };
        assert!(matches("extensions.conf") && matches("pbx/extensions_custom.conf"));
        assert!(
            !matches("pbx/sip.conf")
                && !matches("myextensions.conf")
                && !matches("extensions.conf.bak")
        );
        assert_eq!(matches("scenarios/scenario.yaml"), text(&hook["id"]) == "ivrkit-lint");
    }
}

#[test]
fn a_hook_fails_on_what_it_finds() {
    let folder = repository();
    let output =
        bash("ivrkit lint bad/extensions.conf 'good dir/extensions.conf'", folder.path(), &[]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

/// Every example in the page is YAML, and what it names is there.
#[test]
fn the_examples_name_what_there_is() {
    let page = fs::read_to_string(root().join("docs/ci.md")).expect("the page can be read");
    let examples = page.split("```yaml\n").skip(1).filter_map(|part| part.split("```").next());
    let examples: Vec<Value> =
        examples.map(|example| serde_yaml::from_str(example).expect("it is YAML")).collect();
    assert_eq!(examples.len(), 4);
    let steps = examples[0]["jobs"]["lint"]["steps"].as_sequence().expect("it has steps");
    let inputs = yaml("action.yml")["inputs"].clone();
    for (name, _) in steps[1]["with"].as_mapping().expect("it has inputs") {
        assert!(!inputs[text(name)].is_null(), "{name:?} is no input");
    }
    let variables = yaml("ci/gitlab-lint.yml")["ivrkit-lint"]["variables"].clone();
    for (name, _) in examples[1]["ivrkit-lint"]["variables"].as_mapping().expect("it has some") {
        assert!(!variables[text(name)].is_null(), "{name:?} is no variable");
    }
    let hooks = yaml(".pre-commit-hooks.yaml");
    let known: Vec<_> =
        hooks.as_sequence().expect("a list").iter().map(|one| text(&one["id"])).collect();
    for hook in examples[2]["repos"][0]["hooks"].as_sequence().expect("it has hooks") {
        assert!(known.contains(&text(&hook["id"])));
    }
}
