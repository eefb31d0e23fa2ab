//! What a server's numbers and bytes mean to a push.
//!
//! Must not keep anything: each function takes an answer and gives what it says.

use super::packet::{Fields, FileAttributes, Malformed};
use crate::push::{
    path::printable,
    target::{Attributes, Kind, Refusal, RefusalKind, Space},
};

/// The folder and those above it, the topmost last.
pub(super) fn folders_down_to(root: &[u8]) -> Vec<Vec<u8>> {
    let mut folders = vec![root.to_vec()];
    for (at, _) in root.iter().enumerate().rev().filter(|(at, byte)| **byte == b'/' && *at > 0) {
        if root[at - 1] != b'/' && at + 1 < root.len() {
            folders.push(root[..at].to_vec());
        }
    }
    folders
}

/// Kind, size and time, as far as the server says them.
pub(super) fn attributes(found: &FileAttributes) -> Attributes {
    const TYPE: u32 = 0o170_000;
    let kind = match found.permissions.map(|permissions| permissions & TYPE) {
        None | Some(0 | 0o100_000) => Kind::File,
        Some(0o040_000) => Kind::Folder,
        Some(0o120_000) => Kind::Link,
        Some(_) => Kind::Other,
    };
    Attributes { kind, size_bytes: found.size_bytes, modified_s: found.modified_s }
}

/// Reads the answer to `statvfs@openssh.com`: eleven numbers of 64 bits.
pub(super) fn space(body: &[u8]) -> Result<Space, Malformed> {
    const READ_ONLY: u64 = 1;
    let mut body = Fields(body);
    let mut numbers = [0; 11];
    for number in &mut numbers {
        *number = body.u64()?;
    }
    let [_, fragment_bytes, _, _, free, files, _, free_files, _, flags, _] = numbers;
    Ok(Space {
        free_bytes: free.saturating_mul(fragment_bytes),
        // Some file systems make inodes as they go and say that they have none.
        free_files: if files == 0 { u64::MAX } else { free_files },
        read_only: flags & READ_ONLY != 0,
    })
}

/// A status that is not OK.
pub(super) fn refusal(code: u32, message: &[u8]) -> Refusal {
    let (kind, name) = match code {
        2 | 10 => (RefusalKind::Missing, "no such file"),
        3 => (RefusalKind::Denied, "permission denied"),
        8 => (RefusalKind::Unsupported, "operation unsupported"),
        // Codes of later drafts that some servers send in version 3.
        11 | 18 => (RefusalKind::Exists, "the name is taken"),
        12 => (RefusalKind::ReadOnly, "write-protected"),
        14 | 15 => (RefusalKind::Full, "no space left"),
        _ => (RefusalKind::Failure, "failure"),
    };
    let said = printable(&message[..message.len().min(200)]);
    let reason = if said.is_empty() { name.to_owned() } else { said };
    Refusal::new(kind, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_above_are_named_from_the_top() {
        let check = |root: &str, expected: &[&str]| {
            let found = folders_down_to(root.as_bytes());
            let found = found.iter().rev().map(|path| String::from_utf8_lossy(path).into_owned());
            assert_eq!(found.collect::<Vec<_>>(), expected, "{root}");
        };
        check("/srv/share/a", &["/srv", "/srv/share", "/srv/share/a"]);
        check("prompts/a", &["prompts", "prompts/a"]);
        check("/", &["/"]);
        check("//srv//a", &["//srv", "//srv//a"]);
    }

    #[test]
    fn a_file_system_says_how_full_it_is() {
        let body = |numbers: [u64; 11]| numbers.map(u64::to_be_bytes).concat();
        let said = space(&body([4096, 512, 100, 9, 8, 50, 7, 6, 0, 1, 255])).unwrap();
        assert_eq!(said, Space { free_bytes: 8 * 512, free_files: 6, read_only: true });
        let said = space(&body([4096, u64::MAX, 100, 9, 8, 0, 0, 0, 0, 2, 255])).unwrap();
        assert_eq!(said, Space { free_bytes: u64::MAX, free_files: u64::MAX, read_only: false });
        assert!(space(b"short").is_err());
    }

    #[test]
    fn a_refusal_says_what_the_server_said() {
        let check = |code, message: &[u8], kind, reason: &str| {
            assert_eq!(refusal(code, message), Refusal::new(kind, reason));
        };
        check(2, b"No such file", RefusalKind::Missing, "No such file");
        check(4, b"", RefusalKind::Failure, "failure");
        check(14, b"", RefusalKind::Full, "no space left");
        check(99, b"\x1b[2Jx", RefusalKind::Failure, "\\u{1b}[2Jx");
    }
}
