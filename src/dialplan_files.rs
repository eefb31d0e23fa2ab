//! The files of a dialplan, read from the folder of its main file.
//!
//! Must not know what is in them. Nothing is ever run: `#exec` does not come here.

mod wildcard;

use crate::files;
use ivrkit_dialplan::{
    application::Version,
    dialplan::{self, Dialplan},
    syntax::{Contents, Found, Provider},
};
use std::{
    collections::HashMap,
    fs,
    os::unix::ffi::{OsStrExt as _, OsStringExt as _},
    path::{Path, PathBuf},
    sync::Arc,
};

/// Most bytes of one file; ten million lines have 400 MB.
pub const MAX_FILE_BYTES: u64 = 1 << 30;
/// Most names that the braces of one name may stand for.
const MAX_BRACES: usize = 1_000;
/// Where an installed Asterisk has its configuration.
const ETC: &[u8] = b"/etc/asterisk/";

/// Loads a dialplan as the newest Asterisk does; what is wrong with it is in its messages.
///
/// # Errors
/// A main file that is missing, unreadable, too large, or no file.
pub fn load(path: &Path) -> Result<Dialplan, files::Error> {
    load_as(Version::newest(), path)
}

/// Loads a dialplan as 16 or 22 does.
///
/// # Errors
/// As [`load`].
pub fn load_as(version: Version, path: &Path) -> Result<Dialplan, files::Error> {
    let bytes = files::read_bytes(path, MAX_FILE_BYTES)?;
    let mut folder = Folder::of(path);
    Ok(dialplan::load_as(version, path.as_os_str().as_bytes(), bytes, &mut folder))
}

/// The folder that stands for Asterisk's configuration folder.
///
/// A name below `/etc/asterisk` means a file of this folder too, so that a copy can be checked on
/// another machine.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    limit_bytes: u64,
    read: HashMap<PathBuf, Contents>,
}

impl Folder {
    /// The folder that a file is in.
    pub fn of(file: &Path) -> Self {
        let path = file.parent().unwrap_or(Path::new("")).to_owned();
        Self { path, limit_bytes: MAX_FILE_BYTES, read: HashMap::new() }
    }

    /// The same, which reads no file of more bytes.
    #[must_use]
    pub fn limited_to(self, limit_bytes: u64) -> Self {
        Self { limit_bytes, ..self }
    }

    /// The files that were read, in no order.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let files = self.read.iter().filter(|(_, contents)| matches!(contents, Contents::File(_)));
        files.map(|(path, _)| path.as_path())
    }

    /// The files that could not be read, each with the reason, in no order.
    pub fn unread(&self) -> impl Iterator<Item = files::Error> {
        let is_unread =
            |contents: &Contents| matches!(contents, Contents::TooLarge | Contents::Unreadable);
        let unread = self.read.iter().filter(move |(_, contents)| is_unread(contents));
        unread.filter_map(|(path, _)| files::read_bytes(path, self.limit_bytes).err())
    }

    fn contents(&mut self, path: &Path) -> Option<Contents> {
        if let Some(contents) = self.read.get(path) {
            return Some(contents.clone());
        }
        let meta = fs::metadata(path).ok()?;
        let contents = match files::read_bytes(path, self.limit_bytes) {
            _ if !meta.is_file() => Contents::NotAFile,
            Ok(bytes) => Contents::File(Arc::new(bytes)),
            Err(files::Error::TooLarge { .. }) => Contents::TooLarge,
            Err(_) => Contents::Unreadable,
        };
        self.read.insert(path.to_owned(), contents.clone());
        Some(contents)
    }
}

impl Provider for Folder {
    fn find(&mut self, name: &[u8]) -> Vec<Found> {
        let name = name.strip_prefix(ETC).unwrap_or(name);
        let mut found = Vec::new();
        for name in without_braces(name) {
            for path in wildcard::paths(&self.path, &name) {
                if let Some(contents) = self.contents(&path) {
                    let path = path.into_os_string().into_vec();
                    found.push(Found { path, contents });
                }
            }
        }
        found
    }
}

/// The names that `{a,b}` stands for, in the order written.
fn without_braces(name: &[u8]) -> Vec<Vec<u8>> {
    let mut names = vec![name.to_vec()];
    let mut at = 0;
    while let Some(name) = names.get(at) {
        let Some(options) = first_braces(name).filter(|_| names.len() < MAX_BRACES) else {
            at += 1;
            continue;
        };
        names.splice(at..=at, options);
    }
    names
}

/// The names that the first braces of a name stand for.
fn first_braces(name: &[u8]) -> Option<Vec<Vec<u8>>> {
    let open = name.iter().position(|&byte| byte == b'{')?;
    let inner = &name[open + 1..];
    let (mut depth, mut from, mut options) = (0, 0, Vec::new());
    for (at, byte) in inner.iter().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth > 0 => depth -= 1,
            b'}' => {
                options.push(&inner[from..at]);
                let (before, after) = (&name[..open], &inner[at + 1..]);
                let whole = options.iter().map(|option| [before, option, after].concat());
                return Some(whole.collect());
            }
            b',' if depth == 0 => {
                options.push(&inner[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_stand_for_each_of_their_options_in_order() {
        let check = |name: &str, expected: &[&str]| {
            let names = without_braces(name.as_bytes());
            let names: Vec<_> = names.iter().map(|name| name.escape_ascii().to_string()).collect();
            assert_eq!(names, expected);
        };
        check("a.conf", &["a.conf"]);
        check("{b,a}.conf", &["b.conf", "a.conf"]);
        check("x{1,{2,3}y}{,z}", &["x1", "x1z", "x2y", "x2yz", "x3y", "x3yz"]);
        check("{open", &["{open"]);
    }
}
