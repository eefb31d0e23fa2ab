//! The session against scripted bytes, and against the system's own `sftp-server` over a pipe.

use super::{
    Violation,
    fleet::{Fleet, Lane},
    packet::MAX_PACKET_BYTES,
    session::Session,
};
use crate::push::{
    path::RelativePath,
    target::{Kind, Operation, RefusalKind, Reply, Target, Ticket, transport::process::Process},
};
use std::{process::Command, time::Duration};

/// What a server sends: a packet with its length.
fn packet(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap();
    [&length.to_be_bytes()[..], body].concat()
}

fn hello(extensions: &[&str]) -> Vec<u8> {
    let mut body = b"\x02\0\0\0\x03".to_vec();
    for name in extensions {
        body.extend(u32::try_from(name.len()).unwrap().to_be_bytes());
        body.extend(name.as_bytes());
        body.extend(b"\0\0\0\x011");
    }
    packet(&body)
}

fn ready(extensions: &[&str]) -> Session {
    let mut session = Session::new(b"/share".to_vec());
    session.receive(&hello(extensions)).unwrap();
    assert!(session.is_ready());
    drain(&mut session);
    session
}

/// Takes what waits to be sent.
fn drain(session: &mut Session) -> Vec<u8> {
    let waiting = session.outbox().waiting().to_vec();
    session.outbox().advance(waiting.len());
    waiting
}

fn path(name: &str) -> RelativePath {
    RelativePath::new(name).unwrap()
}

#[test]
fn answers_in_any_order_and_in_any_pieces_find_their_operations() {
    let mut session = ready(&[]);
    session.submit(Ticket(10), Operation::Remove(path("a")));
    session.submit(Ticket(11), Operation::Remove(path("b")));
    let status = |id: u8, code: u8| packet(&[101, 0, 0, 0, id, 0, 0, 0, code]);
    for byte in [status(1, 2), status(0, 0)].concat() {
        session.receive(&[byte]).unwrap();
    }
    let (ticket, outcome) = session.next_completion().unwrap();
    assert_eq!((ticket, outcome.unwrap_err().kind), (Ticket(11), RefusalKind::Missing));
    assert_eq!(session.next_completion(), Some((Ticket(10), Ok(Reply::Done))));
    assert_eq!(session.next_completion(), None);
}

#[test]
fn replacing_uses_posix_rename_where_there_is_one() {
    for (extensions, atomic) in [(&["posix-rename@openssh.com"][..], true), (&[], false)] {
        let mut session = ready(extensions);
        assert_eq!(session.features().atomic_replace, atomic);
        session.submit(Ticket(1), Operation::Replace { from: path("s/1"), to: path("a") });
        let sent = drain(&mut session);
        let name = b"posix-rename@openssh.com";
        assert_eq!(sent.windows(name.len()).any(|window| window == name), atomic);
        assert!(sent.ends_with(b"/share/s/1\0\0\0\x08/share/a"), "{sent:?}");
    }
}

#[test]
fn a_server_that_breaks_the_protocol_is_told_off() {
    let check = |bytes: &[u8], expected: &str| {
        let mut session = ready(&[]);
        session.submit(Ticket(1), Operation::Open(path("a")));
        let said = session.receive(bytes).unwrap_err().to_string();
        assert!(said.contains(expected), "{said}");
    };
    check(&packet(b"\x65\0\0\0\x63\0\0\0\0"), "a request that was not sent");
    check(&packet(b"\x67\0\0\0\0\0\0\0\x01x"), "does not fit its request");
    check(&packet(b"\x65\0\0\0\0\0\0\0\0"), "does not fit its request");
    check(&packet(b"\x66\0\0\0\0\xff\xff\xff\xff"), "ends too early");
    let large = u32::try_from(MAX_PACKET_BYTES + 1).unwrap();
    check(&large.to_be_bytes(), "claims");
    let mut session = Session::new(Vec::new());
    let said = session.receive(b"Welcome\x1b[2J!\nmore").unwrap_err().to_string();
    assert!(said.contains("`Welcome\\u{1b}[2J!`"), "{said}");
    let mut session = Session::new(Vec::new());
    let old = session.receive(&packet(b"\x02\0\0\0\x02")).unwrap_err();
    assert_eq!(old, Violation::Version(2));
}

#[test]
fn more_bytes_than_were_asked_for_are_refused() {
    let mut session = ready(&[]);
    session.submit(Ticket(1), Operation::Open(path("a")));
    session.receive(&packet(b"\x66\0\0\0\0\0\0\0\x01h")).unwrap();
    let Some((_, Ok(Reply::Opened(file)))) = session.next_completion() else { panic!() };
    session.submit(Ticket(2), Operation::Read { file, offset_bytes: 0, length_bytes: 2 });
    assert!(session.receive(&packet(b"\x67\0\0\0\x01\0\0\0\x03abc")).is_err());
}

/// A server at the other end of a socket, as `ssh -s host sftp` is one.
fn open(root: &std::path::Path, arguments: &[&str]) -> Fleet<Process> {
    let servers = ["/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server"];
    let server = servers.iter().find(|path| std::path::Path::new(path).exists());
    let mut command = Command::new(server.expect("openssh-server is installed"));
    let root = root.to_str().unwrap().as_bytes().to_vec();
    let lane = Lane::open(Process::start(command.args(arguments)), root).unwrap();
    Fleet::new(lane, "socket".to_owned(), Duration::ZERO, None)
}

fn call<T: Target>(target: &mut T, operation: Operation) -> Result<Reply, RefusalKind> {
    target.submit(Ticket(1), operation);
    let (ticket, outcome) = target.complete().unwrap();
    assert_eq!(ticket, Ticket(1));
    outcome.map_err(|refusal| refusal.kind)
}

#[test]
fn a_real_server_does_every_operation() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("a/b");
    let sftp = &mut open(&root, &[]);
    assert!(sftp.features().atomic_replace);
    assert_eq!(call(sftp, Operation::List(RelativePath::root())), Err(RefusalKind::Missing));
    // The limits were asked for before, so they are known by now.
    assert!(sftp.features().max_write_bytes > 32 * 1024);
    assert_eq!(call(sftp, Operation::MakeFolder(RelativePath::root())), Ok(Reply::Done));
    let Ok(Reply::Opened(file)) = call(sftp, Operation::Create(path("x"))) else { panic!() };
    assert!(call(sftp, Operation::Create(path("x"))).is_err(), "a name is made once");
    let write = Operation::Write { file, offset_bytes: 2, bytes: b"cd".to_vec() };
    assert_eq!(call(sftp, write), Ok(Reply::Done));
    assert_eq!(call(sftp, Operation::SetTime { file, modified_s: 99 }), Ok(Reply::Done));
    assert_eq!(call(sftp, Operation::Sync(file)), Ok(Reply::Done));
    let Ok(Reply::Attributes(found)) = call(sftp, Operation::Inspect(file)) else { panic!() };
    assert_eq!((found.size_bytes, found.modified_s, found.kind), (Some(4), Some(99), Kind::File));
    assert_eq!(call(sftp, Operation::Look(path("x"))), Ok(Reply::Attributes(found)));
    assert_eq!(call(sftp, Operation::Close(file)), Ok(Reply::Done));
    assert_eq!(call(sftp, Operation::Close(file)), Err(RefusalKind::Failure));
    std::fs::write(root.join("y"), "old").unwrap();
    let replace = Operation::Replace { from: path("x"), to: path("y") };
    assert_eq!(call(sftp, replace), Ok(Reply::Done));
    assert_eq!(std::fs::read(root.join("y")).unwrap(), b"\0\0cd");
    let Ok(Reply::Opened(file)) = call(sftp, Operation::Open(path("y"))) else { panic!() };
    let read = |offset_bytes| Operation::Read { file, offset_bytes, length_bytes: 9 };
    assert_eq!(call(sftp, read(3)), Ok(Reply::Bytes(b"d".to_vec())));
    assert_eq!(call(sftp, read(4)), Ok(Reply::Bytes(Vec::new())));
    let Ok(Reply::Space(space)) = call(sftp, Operation::Space) else { panic!() };
    assert!(space.free_bytes > 0 && !space.read_only);
    assert_eq!(call(sftp, Operation::Remove(path("y"))), Ok(Reply::Done));
}

#[test]
fn a_folder_of_many_names_is_listed_whole() {
    let folder = tempfile::tempdir().unwrap();
    for index in 0..1234 {
        std::fs::write(folder.path().join(format!("{index}")), "").unwrap();
    }
    let sftp = &mut open(folder.path(), &[]);
    for _ in 0..2 {
        let Ok(Reply::Entries(entries)) = call(sftp, Operation::List(RelativePath::root())) else {
            panic!()
        };
        assert_eq!(entries.len(), 1234);
    }
}

#[test]
fn folders_do_not_take_the_place_of_one_that_is_not_empty() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["one/lock", "two/lock"] {
        std::fs::create_dir_all(folder.path().join(name)).unwrap();
    }
    for arguments in [&[][..], &["-P", "posix-rename"]] {
        let sftp = &mut open(folder.path(), arguments);
        let rename =
            |from: &str, to: &str| Operation::RenameFolder { from: path(from), to: path(to) };
        assert!(call(sftp, rename("one", "two")).is_err());
        assert_eq!(call(sftp, rename("one", "three")), Ok(Reply::Done));
        assert_eq!(call(sftp, rename("three", "one")), Ok(Reply::Done));
    }
}
