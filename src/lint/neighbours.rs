//! The configuration files beside a dialplan, for the rules that look up what it names.
//!
//! [`read`] makes `Settings::neighbours` of the folder of the main file. Must not write, nor decide
//! what is a mistake.

use crate::{dialplan_files::Folder, files};
use ivrkit_dialplan::{
    lint::{Neighbours, neighbours::FILES},
    syntax,
};
use std::{os::unix::ffi::OsStrExt as _, path::Path};

/// Larger files are no configuration.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// Reads what lies beside a dialplan; files that are not there define nothing that is known.
///
/// # Errors
/// When a file is there and cannot be read.
pub fn read(dialplan: &Path) -> Result<Neighbours, files::Error> {
    let mut neighbours = Neighbours::default();
    for name in FILES {
        let path = dialplan.with_file_name(name);
        if !path.is_file() {
            continue;
        }
        let bytes = files::read_bytes(&path, MAX_FILE_BYTES)?;
        let mut folder = Folder::of(&path);
        let document = syntax::read(path.as_os_str().as_bytes(), bytes, &mut folder);
        neighbours.take(name, &document);
    }
    Ok(neighbours)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ivrkit_dialplan::lint::neighbours::Defined;
    use std::fs;

    #[test]
    fn the_files_of_the_same_folder_count_with_what_they_include() {
        let folder = tempfile::TempDir::new().expect("a temporary folder can be made");
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text);
        write("queues.conf", "[sales]\n#include more.conf\n").expect("a file");
        write("more.conf", "[support]\n").expect("a file");
        let neighbours = read(&folder.path().join("extensions.conf")).expect("they can be read");
        assert!(neighbours.has(Defined::Queue, b"support"));
        assert!(neighbours.lacks(Defined::Queue, b"salse"));
        assert!(!neighbours.lacks(Defined::Endpoint, b"100"));
    }
}
