//! The dialplans of a folder. Must not read what they mean.

use std::{
    fs,
    path::{Path, PathBuf},
};
use walkdir::WalkDir;

/// The dialplans of all folders that an environment variable names, each once, in order.
///
/// # Panics
/// Where there are none.
pub(crate) fn named_by(variable: &str) -> Vec<PathBuf> {
    let folders = std::env::var_os(variable).expect("the command names folders");
    let mut files: Vec<PathBuf> = std::env::split_paths(&folders).flat_map(dialplans).collect();
    files.sort();
    files.dedup();
    assert!(!files.is_empty(), "no dialplans in {}", folders.display());
    files
}

/// The files of a folder that look like dialplans: by name, or by an `exten =` in them.
fn dialplans(folder: PathBuf) -> Vec<PathBuf> {
    assert!(folder.exists(), "{} is not there", folder.display());
    let files = WalkDir::new(folder).sort_by_file_name().into_iter().map(Result::unwrap);
    files
        .filter(|file| file.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .filter(|path| is_dialplan(path))
        .collect()
}

fn is_dialplan(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if !name.contains(".conf") || name.contains(".ael") {
        return false;
    }
    let has_extension = |text: &[u8]| {
        text.split(|&byte| byte == b'\n').any(|line| {
            let line = line.trim_ascii_start().strip_prefix(b"exten");
            line.is_some_and(|rest| rest.trim_ascii_start().first() == Some(&b'='))
        })
    };
    name.starts_with("extensions") || has_extension(&fs::read(path).unwrap())
}
