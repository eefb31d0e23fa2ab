//! One server at a time on one store.

use super::Error;
use std::{
    fs::{File, OpenOptions, TryLockError},
    path::Path,
};

/// The right to run on a store, held by a lock on a file beside it. The operating system gives it
/// back when the process ends, however it ends.
#[derive(Debug)]
pub struct Instance(#[expect(dead_code, reason = "held, never read")] File);

impl Instance {
    /// Takes the right; fails at once if another process has it.
    ///
    /// # Errors
    /// When another process has it, or the lock file cannot be made.
    pub fn take(store: &Path) -> Result<Self, Error> {
        let mut path = store.as_os_str().to_owned();
        path.push(".lock");
        let path = std::path::PathBuf::from(path);
        let failed = |source| Error::Lock { path: path.clone(), source };
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(Error::InUse { path: store.to_owned() }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_server_is_refused_until_the_first_ends() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("verify.db");
        let first = Instance::take(&store).unwrap();
        assert!(matches!(Instance::take(&store), Err(Error::InUse { .. })));
        drop(first);
        Instance::take(&store).unwrap();
    }
}
