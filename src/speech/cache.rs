//! What was spoken before: one file for each sound, named by the hash of all that decides it.
//!
//! A file is written aside and renamed, so that two processes can share a folder, and begins with the
//! hash of its content, so that a damaged one counts as none. Must not know how speech is made.

use super::{Error, MAX_SOUND_BYTES, SoundKey};
use crate::files;
use sha2::{Digest as _, Sha256};
use std::{
    env, fs,
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

/// What each file begins with, before the SHA-256 of the sound and the sound itself.
const MARK: &[u8; 16] = b"ivrkit-speech-1\n";
const HEAD_BYTES: usize = MARK.len() + 32;

/// A folder of sounds, for its owner alone: they may name people.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// Opens a cache, which is made if it is missing: `folder`, or `ivrkit/speech` in the folder that
    /// the XDG Base Directory Specification has for caches.
    ///
    /// # Errors
    /// A folder that cannot be made, or none to choose.
    pub fn open(folder: Option<&Path>) -> Result<Self, Error> {
        let chosen = folder.map(Path::to_owned).or_else(default_folder).ok_or_else(|| {
            let source =
                io::Error::new(io::ErrorKind::NotFound, "neither XDG_CACHE_HOME nor HOME is set");
            Error::Cache { path: PathBuf::from("$HOME/.cache"), source }
        })?;
        make_folder(&chosen)?;
        Ok(Self { folder: chosen })
    }

    /// The sound of a key; none if it is not there or damaged.
    pub fn read(&self, key: &SoundKey) -> Option<Vec<u8>> {
        let mut bytes =
            files::read_bytes(&self.path(key), MAX_SOUND_BYTES + HEAD_BYTES as u64).ok()?;
        let (head, sound) = bytes.split_at_checked(HEAD_BYTES)?;
        let is_whole = head.starts_with(MARK) && head[MARK.len()..] == *Sha256::digest(sound);
        is_whole.then(|| bytes.split_off(HEAD_BYTES))
    }

    /// Keeps a sound.
    ///
    /// # Errors
    /// A folder that cannot be written.
    ///
    /// # Panics
    /// Never: the file stands in a folder of the cache.
    pub fn write(&self, key: &SoundKey, sound: &[u8]) -> Result<(), Error> {
        let path = self.path(key);
        let folder = path.parent().expect("it stands in a folder of the cache");
        make_folder(folder)?;
        let staged = || -> io::Result<()> {
            let mut file = tempfile::Builder::new()
                .prefix(".ivrkit-")
                .permissions(fs::Permissions::from_mode(0o600))
                .tempfile_in(folder)?;
            file.write_all(MARK)?;
            file.write_all(&Sha256::digest(sound))?;
            file.write_all(sound)?;
            file.persist(&path).map(drop).map_err(|error| error.error)
        };
        staged().map_err(|error| Error::Cache { path: path.clone(), source: files::plain(error) })
    }

    /// Few files in many folders: some file systems slow down in large ones.
    fn path(&self, key: &SoundKey) -> PathBuf {
        self.folder.join(&key.as_str()[..2]).join(&key.as_str()[2..])
    }
}

fn make_folder(path: &Path) -> Result<(), Error> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|source| Error::Cache { path: path.to_owned(), source })
}

fn default_folder() -> Option<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let caches = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
    Some(caches.join("ivrkit").join("speech"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_damaged_counts_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(Some(folder.path())).unwrap();
        let key = SoundKey("ab".repeat(32));
        assert_eq!(cache.read(&key), None);
        cache.write(&key, b"sound").unwrap();
        assert_eq!(cache.read(&key), Some(b"sound".to_vec()));
        let path = cache.path(&key);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let whole = fs::read(&path).unwrap();
        for damage in [&whole[..whole.len() - 1], &whole[..3], b"", &[&whole[..], b"x"].concat()] {
            fs::write(&path, damage).unwrap();
            assert_eq!(cache.read(&key), None, "{damage:?}");
        }
        cache.write(&key, b"sound").unwrap();
        assert_eq!(cache.read(&key), Some(b"sound".to_vec()));
    }
}
