//! Real shells of this machine, each as a server's would be.

use super::*;
use crate::push::{
    path::RelativePath,
    target::{Handle, Kind, RefusalKind, Reply, transport::process::Process},
};
use std::{fs, os::unix::fs::symlink, path::Path, process::Command};

fn local(program: &[&str], home: &Path, path: Option<&Path>) -> Process {
    let mut command = Command::new(program[0]);
    command.args(&program[1..]).current_dir(home);
    if let Some(path) = path {
        command.env("PATH", path);
    }
    Process::start(&mut command)
}

fn call(shell: &mut Shell<Process>, operation: Operation) -> Result<Reply, RefusalKind> {
    shell.submit(Ticket(1), operation);
    shell.complete().unwrap().1.map_err(|refusal| refusal.kind)
}

fn opened(shell: &mut Shell<Process>, operation: Operation) -> Handle {
    match call(shell, operation) {
        Ok(Reply::Opened(file)) => file,
        other => panic!("{other:?}"),
    }
}

fn path(name: impl AsRef<[u8]>) -> RelativePath {
    RelativePath::new(name).unwrap()
}

/// Every operation with an odd name, and what must be refused.
fn check(shell: &mut Shell<Process>, root: &Path) {
    let odd = path(b"-a'b\n\t\"$(id)\\\xff");
    let folder = path("folder");
    let all: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    let file = opened(shell, Operation::Create(odd.clone()));
    assert_eq!(call(shell, Operation::Create(odd.clone())), Err(RefusalKind::Exists));
    for (offset_bytes, bytes) in [(0, all[..40_000].to_vec()), (40_000, all[40_000..].to_vec())] {
        assert_eq!(call(shell, Operation::Write { file, offset_bytes, bytes }), Ok(Reply::Done));
    }
    let again = Operation::Write { file, offset_bytes: 0, bytes: vec![1] };
    assert_eq!(call(shell, again), Err(RefusalKind::Unsupported));
    call(shell, Operation::SetTime { file, modified_s: 1_000_000_000 }).unwrap();
    call(shell, Operation::Sync(file)).unwrap();
    let Ok(Reply::Attributes(found)) = call(shell, Operation::Inspect(file)) else { panic!() };
    assert_eq!((found.kind, found.size_bytes), (Kind::File, Some(70_000)));
    assert_eq!(found.modified_s, Some(1_000_000_000));
    call(shell, Operation::Close(file)).unwrap();
    let file = opened(shell, Operation::Open(odd.clone()));
    for (offset_bytes, length_bytes) in [(0, 50_000), (50_000, 50_000), (70_000, 50_000), (7, 9)] {
        let read = Operation::Read { file, offset_bytes, length_bytes };
        let from = usize::try_from(offset_bytes).unwrap();
        let to = (from + length_bytes as usize).min(70_000);
        assert_eq!(call(shell, read), Ok(Reply::Bytes(all[from..to].to_vec())), "{from}");
    }
    assert_eq!(call(shell, Operation::MakeFolder(folder.clone())), Ok(Reply::Done));
    assert_eq!(call(shell, Operation::MakeFolder(folder.clone())), Err(RefusalKind::Exists));
    // A folder, or a link to one, is never moved into.
    let into = Operation::Replace { from: odd.clone(), to: folder.clone() };
    assert_eq!(call(shell, into), Err(RefusalKind::Exists));
    symlink("folder", root.join("link")).unwrap();
    call(shell, Operation::Replace { from: odd.clone(), to: path("link") }).unwrap();
    assert_eq!(fs::read(root.join("link")).unwrap(), all);
    assert!(!root.join("link").is_symlink());
    call(shell, Operation::MakeFolder(path("second"))).unwrap();
    let taken = Operation::RenameFolder { from: path("second"), to: folder.clone() };
    assert_eq!(call(shell, taken), Err(RefusalKind::Exists));
    let rename = Operation::RenameFolder { from: path("second"), to: path("third") };
    assert_eq!(call(shell, rename), Ok(Reply::Done));
    let Ok(Reply::Entries(mut entries)) = call(shell, Operation::List(RelativePath::root())) else {
        panic!()
    };
    entries.sort_by(|one, two| one.name.cmp(&two.name));
    let names: Vec<_> =
        entries.iter().map(|entry| (&entry.name[..], entry.attributes.kind)).collect();
    let expected =
        [(&b"folder"[..], Kind::Folder), (b"link", Kind::File), (b"third", Kind::Folder)];
    assert_eq!(names, expected);
    assert_eq!(call(shell, Operation::List(path("absent"))), Err(RefusalKind::Missing));
    assert_eq!(call(shell, Operation::Open(path("absent"))), Err(RefusalKind::Missing));
    assert_eq!(call(shell, Operation::Create(path("absent/x"))), Err(RefusalKind::Missing));
    assert_eq!(call(shell, Operation::Remove(path("absent"))), Err(RefusalKind::Missing));
    assert_eq!(call(shell, Operation::RemoveFolder(path("third"))), Ok(Reply::Done));
    check_lock(shell, root);
}

/// A lock is written over only while it says what this push wrote.
fn check_lock(shell: &mut Shell<Process>, root: &Path) {
    fs::write(root.join("lock"), "one'1").unwrap();
    let file = opened(shell, Operation::Reopen(path("lock")));
    let write = |bytes: &[u8]| Operation::Write { file, offset_bytes: 0, bytes: bytes.to_vec() };
    call(shell, write(b"two\"2")).unwrap();
    call(shell, write(b"three")).unwrap();
    assert_eq!(fs::read(root.join("lock")).unwrap(), b"three");
    fs::write(root.join("lock"), "other").unwrap();
    assert_eq!(call(shell, write(b"four!")), Err(RefusalKind::Missing));
    assert_eq!(fs::read(root.join("lock")).unwrap(), b"other");
    assert_eq!(call(shell, Operation::Reopen(path("none"))), Err(RefusalKind::Missing));
}

fn check_shell(program: &[&str], tools: Option<&Path>) {
    let home = tempfile::tempdir().unwrap();
    let local = local(program, home.path(), tools);
    let mut shell = Shell::open(local, b"-root's\nfolder", String::new()).unwrap();
    let list = || Operation::List(RelativePath::root());
    assert_eq!(call(&mut shell, list()), Err(RefusalKind::Missing), "{program:?}");
    let make = Operation::MakeFolder(RelativePath::root());
    assert_eq!(call(&mut shell, make), Ok(Reply::Done), "{program:?}");
    check(&mut shell, &home.path().join("-root's\nfolder"));
}

/// The tools of `BusyBox` and no others, without some.
fn busybox_tools(without: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let busybox = "/bin/busybox";
    let listed = Command::new(busybox).arg("--list").output().expect("busybox is installed");
    for name in String::from_utf8(listed.stdout).unwrap().lines() {
        if !without.contains(&name) {
            symlink(busybox, folder.path().join(name)).unwrap();
        }
    }
    folder
}

#[test]
fn the_shells_of_servers_do_every_operation() {
    check_shell(&["dash"], None);
    check_shell(&["bash", "--posix"], None);
    check_shell(&["sh"], None);
}

#[test]
fn the_shell_and_tools_of_busybox_do_every_operation() {
    let tools = busybox_tools(&[]);
    check_shell(&["/bin/busybox", "sh"], Some(tools.path()));
    check_shell(&["/bin/dash"], Some(tools.path()));
    // A system that was made as small as possible.
    let few = busybox_tools(&["stat", "base64", "openssl"]);
    check_shell(&["/bin/dash"], Some(few.path()));
}

#[test]
fn what_a_login_shell_prints_is_passed_over() {
    let noisy = "echo 'Welcome to the PBX'; echo; printf 'ivrkit-0 0'; exec sh";
    check_shell(&["sh", "-c", noisy], None);
}

#[test]
fn what_is_no_shell_is_told_with_its_words() {
    let home = tempfile::tempdir().unwrap();
    let check = |program: &[&str], words: &str| {
        let local = local(program, home.path(), None);
        let error = Shell::open(local, b"/", String::new()).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    };
    check(&["sh", "-c", "echo This account is not available.; exit 1"], "`This account is not");
    check(&["sh", "-c", "yes Welcome"], "prints without end");
    check(&["false"], "the program ended");
}
