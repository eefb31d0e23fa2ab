//! The script in a real shell, beside a folder that SFTP would show.

use super::*;
use crate::push::{
    self, Options, SyncMode,
    source::Source,
    target::{self, Completion, Features, Target, Ticket, directory::Directory, sftp::command_in},
};
use std::{
    fs::{self, File},
    path::Path,
    process::Command,
    time::Duration,
};

/// A folder with a real shell beside it, in a folder of its own choice.
struct WithShell {
    directory: Directory,
    shell_folder: std::path::PathBuf,
    scripts: usize,
}

impl Target for WithShell {
    fn location(&self) -> String {
        self.directory.location()
    }

    fn features(&self) -> Features {
        Features { round_trip: Duration::from_millis(40), ..self.directory.features() }
    }

    fn submit(&mut self, ticket: Ticket, operation: Operation) {
        self.directory.submit(ticket, operation);
    }

    fn complete(&mut self) -> Result<Completion, target::Error> {
        self.directory.complete()
    }

    fn begin_cleanup(&mut self, limit: Duration) {
        self.directory.begin_cleanup(limit);
    }

    fn shell(&mut self, script: &str) -> Result<Option<Vec<u8>>, target::Error> {
        use std::os::unix::ffi::OsStrExt as _;
        self.scripts += 1;
        let command = command_in(self.shell_folder.as_os_str().as_bytes(), script).unwrap();
        let output = Command::new("sh").args(["-c", &command]).output().unwrap();
        Ok(output.status.success().then_some(output.stdout))
    }
}

struct Case {
    source: tempfile::TempDir,
    target: tempfile::TempDir,
}

impl Case {
    /// Three prompts, of which one has an odd name and one stands in a folder, pushed.
    fn new() -> Self {
        let case =
            Self { source: tempfile::tempdir().unwrap(), target: tempfile::tempdir().unwrap() };
        fs::create_dir_all(case.source.path().join("a/b")).unwrap();
        for name in ["notice.wav", "it's \"odd\"\t$HOME.wav", "a/b/deep.wav"] {
            fs::write(case.source.path().join(name), name.repeat(20_000)).unwrap();
        }
        let options = Options { sync: SyncMode::None, shell: false, ..Options::default() };
        let root = case.target.path().to_owned();
        let mut connect = || -> Result<Box<dyn Target>, push::Error> {
            Ok(Box::new(Directory::new(root.clone(), std::sync::Arc::default())))
        };
        push::push(&case.source(), &mut connect, &options, &|_| {}).unwrap();
        case
    }

    fn source(&self) -> Source {
        Source::read(self.source.path()).unwrap()
    }

    /// Whether the shell says that all is there.
    fn check(&self, verify: bool, expected: bool) {
        self.check_in(self.target.path(), verify, expected);
    }

    fn check_in(&self, shell_folder: &Path, verify: bool, expected: bool) {
        let source = self.source();
        let mut target = self.with_shell(shell_folder);
        let mut pipeline = Pipeline::new(&mut target, None);
        let survey = glance(&mut pipeline, &source.files, verify).unwrap();
        assert_eq!(matches!(survey, Glance::Same(_)), expected);
        assert_eq!(target.scripts, 1);
        if let Glance::Same(survey) = survey {
            let plan = plan::Plan::new(&source.files, &survey.remote, &|_| false).unwrap();
            assert_eq!(plan.count(plan::Change::Unchanged), source.files.len());
        }
    }

    fn with_shell(&self, shell_folder: &Path) -> WithShell {
        WithShell {
            directory: Directory::new(self.target.path().to_owned(), std::sync::Arc::default()),
            shell_folder: shell_folder.to_owned(),
            scripts: 0,
        }
    }
}

#[test]
fn a_shell_says_that_all_is_there_only_if_it_is() {
    let case = Case::new();
    case.check(false, true);
    case.check(true, true);
    let notice = case.target.path().join("notice.wav");
    // Other content of the same size and time is found when contents are asked for.
    let time = fs::metadata(&notice).unwrap().modified().unwrap();
    let content = fs::read(&notice).unwrap();
    fs::write(&notice, content.to_ascii_uppercase()).unwrap();
    File::options().write(true).open(&notice).unwrap().set_modified(time).unwrap();
    case.check(false, true);
    case.check(true, false);
    fs::remove_file(&notice).unwrap();
    case.check(false, false);
}

#[test]
fn whatever_else_stands_there_is_seen() {
    for name in ["foreign.wav", "a/b/foreign.wav", ".ivrkit-staging-dead"] {
        let case = Case::new();
        fs::write(case.target.path().join(name), "theirs").unwrap();
        case.check(false, false);
    }
    let case = Case::new();
    fs::write(case.source.path().join("new.wav"), "new").unwrap();
    case.check(false, false);
    let case = Case::new();
    fs::remove_file(case.target.path().join(".ivrkit-manifest.json")).unwrap();
    case.check(false, false);
}

#[test]
fn a_shell_in_another_folder_is_not_believed() {
    let case = Case::new();
    let other = tempfile::tempdir().unwrap();
    let copy = other.path().join("copy");
    let copied = Command::new("cp").arg("-a").arg(case.target.path()).arg(&copy).status();
    assert!(copied.unwrap().success());
    fs::remove_file(case.target.path().join("notice.wav")).unwrap();
    let folder = File::open(case.target.path()).unwrap();
    folder.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    case.check_in(&copy, false, false);
    case.check_in(&other.path().join("absent"), false, false);
}

#[test]
fn a_shell_hashes_what_would_be_read_back() {
    let case = Case::new();
    let source = case.source();
    let mut target = case.with_shell(case.target.path());
    let mut pipeline = Pipeline::new(&mut target, None);
    let survey = push::survey::survey(&mut pipeline, &source.files).unwrap();
    let paths: Vec<_> = source.files.keys().cloned().collect();
    let found = hashes(&mut pipeline, &paths, &survey).unwrap();
    let expected = source.files.iter().map(|(path, file)| (path.clone(), file.hash));
    assert_eq!(found, expected.collect());
}

#[test]
fn many_names_are_asked_for_in_several_scripts() {
    let name = |index: usize| RelativePath::new(format!("prompt-{index:06}.wav")).unwrap();
    let paths: Vec<_> = (0..10_000).map(name).collect();
    let first = fitting(&paths);
    assert!((500..2_000).contains(&first), "{first}");
    assert!(hashing(paths[..first].iter()).unwrap().len() < 2 * MAX_SCRIPT_BYTES);
    assert_eq!(fitting(&paths[..3]), 3);
}
