//! The test files among files and folders, each once.

use super::Error;
use std::{collections::BTreeSet, path::PathBuf};
use walkdir::{DirEntry, WalkDir};

/// Ends of the names of test files.
const ENDINGS: [&str; 2] = [".test.yaml", ".test.yml"];

/// Whether a file of this name is a test file.
pub fn is_test_file(name: &str) -> bool {
    ENDINGS.iter().any(|ending| name.len() > ending.len() && name.ends_with(ending))
}

/// The files that are named, and those in folders and all below, sorted. Hidden files and folders are
/// left out there.
pub(super) fn test_files(paths: &[PathBuf]) -> (Vec<PathBuf>, Vec<Error>) {
    let mut found = BTreeSet::new();
    let mut errors = Vec::new();
    for path in paths {
        if !path.is_dir() {
            found.insert(path.clone());
            continue;
        }
        let mut is_empty = true;
        let walk = WalkDir::new(path).follow_links(true).into_iter();
        for entry in walk.filter_entry(|entry| !is_hidden(entry)) {
            match entry {
                Ok(entry) if entry.file_type().is_file() => {
                    if is_test_file(&entry.file_name().to_string_lossy()) {
                        is_empty = false;
                        let path = entry.into_path();
                        found.insert(path.strip_prefix(".").map(Into::into).unwrap_or(path));
                    }
                }
                Ok(_) => {}
                Err(error) if error.loop_ancestor().is_some() => {}
                Err(error) => {
                    let path = error.path().unwrap_or(path).to_owned();
                    let reason =
                        error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
                    // A link to nothing holds no tests.
                    if !path.is_symlink() {
                        errors.push(Error::Folder { path, reason });
                    }
                }
            }
        }
        if is_empty {
            errors.push(Error::Nothing { path: path.clone() });
        }
    }
    (found.into_iter().collect(), errors)
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::Path};

    #[test]
    fn test_files_are_known_by_their_names() {
        assert!(is_test_file("menu.test.yaml"));
        assert!(is_test_file("menu.test.yml"));
        assert!(!is_test_file("menu.yaml"));
        assert!(!is_test_file(".test.yaml"));
    }

    #[test]
    fn folders_are_gone_through_and_files_taken_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        };
        for name in ["b.test.yaml", "a/c.test.yml", ".git/d.test.yaml", "e.yaml"] {
            put(name);
        }
        let check = |paths: &[&str], expected: &[&str], errors: usize| {
            let paths: Vec<PathBuf> = paths.iter().map(|path| folder.path().join(path)).collect();
            let (found, failed) = test_files(&paths);
            let names = |path: &PathBuf| path.strip_prefix(folder.path()).unwrap().to_owned();
            let found: Vec<PathBuf> = found.iter().map(names).collect();
            let expected: Vec<&Path> = expected.iter().map(Path::new).collect();
            assert_eq!(
                (found.iter().map(PathBuf::as_path).collect(), failed.len()),
                (expected, errors)
            );
        };
        check(&[""], &["a/c.test.yml", "b.test.yaml"], 0);
        check(&["", "b.test.yaml", "e.yaml"], &["a/c.test.yml", "b.test.yaml", "e.yaml"], 0);
        fs::create_dir(folder.path().join("none")).unwrap();
        check(&["none"], &[], 1);
    }
}
