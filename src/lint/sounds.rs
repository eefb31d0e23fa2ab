//! The sounds of media folders, for the rules about prompts.
//!
//! [`read`] makes `Settings::sounds` of the folders that `--media` and `ivrkit.toml` name: it judges
//! every file as `ivrkit media check` does, on all cores. Must not write, nor decide what is a
//! mistake.

use crate::{
    error::Exit,
    files,
    media::{self, playable},
    push::manifest::{self, Manifest},
};
use ivrkit_dialplan::{
    lint::{
        Sounds,
        sounds::{Fault, Folder, sound_ending},
    },
    scenario::Profile,
};
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use std::{
    ffi::OsStr,
    io,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
};
use walkdir::{DirEntry, WalkDir};

/// A folder of sounds here, and where the PBX has it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MediaFolder {
    /// The folder on this machine.
    pub path: PathBuf,
    /// Its path on the PBX, such as `/tmp/media/networkdisk1`; none if that is not known.
    pub at: Option<String>,
}

/// A media folder that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such folder, it is none, or it cannot be listed.
    #[error("cannot read the media folder {}: {source}", path.display())]
    Folder {
        /// The folder, or what in it cannot be listed.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The manifest in it is not one that a push wrote.
    #[error("cannot use {}: {reason}; delete it, a push writes it anew", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// Why.
        reason: manifest::Distrust,
    },
    /// The manifest in it is not one that a build wrote.
    #[error("cannot use {}: {reason}", path.display())]
    Built {
        /// The manifest.
        path: PathBuf,
        /// Why.
        reason: media::manifest::Error,
    },
    /// A file in it cannot be read.
    #[error(transparent)]
    File(#[from] files::Error),
}

impl Error {
    /// How a command ends that cannot go on.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Folder { .. } | Self::Manifest { .. } | Self::Built { .. } => Exit::Input,
            Self::File(error) => error.exit(),
        }
    }
}

impl MediaFolder {
    /// Reads `DIR` or `DIR=PLACE`, where the place is an absolute path on the PBX.
    pub fn of(text: &OsStr) -> Self {
        let bytes = text.as_bytes();
        let place = bytes.windows(2).rposition(|two| two == b"=/");
        let (path, at) = match place {
            Some(equals) => (&bytes[..equals], Some(&bytes[equals + 1..])),
            None => (bytes, None),
        };
        Self {
            path: OsStr::from_bytes(path).into(),
            at: at.map(|at| String::from_utf8_lossy(at).into_owned()),
        }
    }
}

/// Reads media folders, each with all below it; hidden files are left out.
///
/// Files that a push put on the PBX count as well, if its manifest lies in the folder: their names
/// are known, their content is not. So do those of a build's manifest in a folder without sounds. The
/// caller says in [`Sounds::are_stock_installed`] whether
/// Asterisk's own sounds are there.
///
/// # Errors
/// When a folder or a sound in it cannot be read.
pub fn read(folders: &[MediaFolder], profile: Profile) -> Result<Sounds, Error> {
    let folders = folders.iter().map(|one| folder(one, profile));
    let folders = folders.collect::<Result<_, _>>()?;
    Ok(Sounds { folders, profile: Some(profile), ..Sounds::default() })
}

fn folder(media: &MediaFolder, profile: Profile) -> Result<Folder, Error> {
    let mut folder = Folder::new(media.at.as_ref().map(|at| at.clone().into_bytes()));
    let paths = sounds_below(&media.path)?;
    let judged = paths.par_iter().map(|path| fault(path, profile));
    let judged = judged.collect::<Result<Vec<_>, files::Error>>()?;
    for (path, fault) in paths.iter().zip(judged) {
        let name = path.strip_prefix(&media.path).expect("the walk began there");
        folder.add(name.as_os_str().as_bytes(), fault);
    }
    if paths.is_empty() {
        built(&media.path)?.iter().for_each(|name| folder.add(name.as_bytes(), None));
    }
    for name in pushed(&media.path)? {
        let path = media.path.join(OsStr::from_bytes(&name));
        if sound_ending(&name).is_some() && paths.binary_search(&path).is_err() {
            folder.add(&name, None);
        }
    }
    Ok(folder)
}

/// The sound files below a folder, sorted.
pub(crate) fn sounds_below(root: &Path) -> Result<Vec<PathBuf>, Error> {
    if !root.is_dir() {
        let source = match root.metadata() {
            Ok(_) => io::Error::new(io::ErrorKind::NotADirectory, "it is no folder"),
            Err(error) => error,
        };
        return Err(Error::Folder { path: root.to_owned(), source });
    }
    let is_hidden =
        |entry: &DirEntry| entry.depth() > 0 && entry.file_name().as_bytes().starts_with(b".");
    let walk = WalkDir::new(root).follow_links(true).into_iter();
    let mut found = Vec::new();
    for entry in walk.filter_entry(|entry| !is_hidden(entry)) {
        match entry {
            Ok(entry) if is_sound(&entry) => found.push(entry.into_path()),
            Ok(_) => {}
            // A link that leads back up, or nowhere, has no sounds of its own.
            Err(error) if error.loop_ancestor().is_some() || is_dangling(&error) => {}
            Err(error) => {
                let path = error.path().unwrap_or(root).to_owned();
                return Err(Error::Folder { path, source: error.into() });
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

fn is_sound(entry: &DirEntry) -> bool {
    entry.file_type().is_file() && sound_ending(entry.file_name().as_bytes()).is_some()
}

fn is_dangling(error: &walkdir::Error) -> bool {
    error.path().is_some_and(|path| path.is_symlink() && !path.exists())
}

/// Why the PBX does not play a file, if it does not.
fn fault(path: &Path, profile: Profile) -> Result<Option<Fault>, files::Error> {
    let refusals = playable::examine_file(path, profile)?.refusals;
    let first = refusals.into_iter().next();
    Ok(first.map(|one| Fault { reason: one.reason, cure: one.cure.to_owned() }))
}

/// The names that a build left on record in a folder: where the sounds themselves are not at hand, as
/// on a machine that only checks, they are known to be there.
fn built(root: &Path) -> Result<Vec<String>, Error> {
    let manifest = media::manifest::Manifest::read(root)
        .map_err(|reason| Error::Built { path: root.join(media::manifest::FILE_NAME), reason })?;
    Ok(manifest.map(|manifest| manifest.files.into_keys().collect()).unwrap_or_default())
}

/// The names that a push left on record in a folder.
fn pushed(root: &Path) -> Result<Vec<Vec<u8>>, Error> {
    let path = root.join(OsStr::from_bytes(manifest::FILE_NAME));
    if !path.is_file() {
        return Ok(Vec::new());
    }
    let bytes = files::read_bytes(&path, manifest::MAX_BYTES)?;
    let manifest = Manifest::parse(&bytes).map_err(|reason| Error::Manifest { path, reason })?;
    Ok(manifest.files.keys().map(|one| one.as_bytes().to_vec()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::encode;
    use ivrkit_dialplan::lint::sounds::Presence;
    use std::fs;
    use tempfile::TempDir;

    fn media() -> TempDir {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let good = encode::wav(&[0.5; 800]);
        for name in ["notice.wav", "zh/bye.wav", ".hidden/x.wav"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("it is below")).expect("a folder");
            fs::write(path, &good).expect("a file");
        }
        fs::write(folder.path().join("text.wav"), b"this is text").expect("a file");
        fs::write(folder.path().join("notes.txt"), b"this is text").expect("a file");
        folder
    }

    fn read_at(folder: &TempDir, at: Option<&str>) -> Result<Sounds, Error> {
        let media = MediaFolder { path: folder.path().into(), at: at.map(str::to_owned) };
        read(&[media], Profile::Asterisk)
    }

    #[test]
    fn a_manifest_alone_names_what_was_built() {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let write = |text: &str| fs::write(folder.path().join(media::manifest::FILE_NAME), text);
        let line = r#"{"name":"notice.wav","sha256":"ab","size_bytes":1,"duration_ms":1.0}"#;
        write(&format!(r#"{{"version":1,"files":[{line}]}}"#)).expect("a file");
        let sounds = read_at(&folder, Some("/media")).expect("the folder can be read");
        assert_eq!(sounds.presence(b"/media/notice"), Presence::There);
        assert_eq!(sounds.presence(b"/media/other"), Presence::Missing);
        write("{").expect("a file");
        let error = read_at(&folder, None).expect_err("it is damaged").to_string();
        assert!(error.contains("it is no manifest of a build"), "{error}");
    }

    #[test]
    fn real_files_are_found_and_judged() {
        let folder = media();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).expect("a link");
        std::os::unix::fs::symlink("nowhere", folder.path().join("gone.wav")).expect("a link");
        let sounds = read_at(&folder, Some("/media")).expect("the folder can be read");
        for (name, expected) in [
            ("/media/notice", Presence::There),
            ("/media/bye", Presence::There),
            ("/media/text", Presence::There),
            ("/media/notes", Presence::Missing),
            ("/media/gone", Presence::Missing),
            ("/media/.hidden/x", Presence::Missing),
        ] {
            assert_eq!(sounds.presence(name.as_bytes()), expected, "{name}");
        }
        let faults = |name: &str| {
            let files = sounds.files(name.as_bytes());
            files.iter().filter_map(|file| file.fault.clone()).map(|fault| fault.reason).collect()
        };
        let none: Vec<String> = Vec::new();
        assert_eq!(faults("/media/notice"), none);
        let found: Vec<String> = faults("/media/text");
        assert!(found[0].contains("expected a RIFF/WAVE file"), "{found:?}");
    }

    #[test]
    fn what_a_push_left_on_record_counts() {
        let folder = media();
        let hash = "ab".repeat(32);
        let line =
            format!(r#"{{"path":"pushed.wav","size_bytes":1,"modified_s":2,"sha256":"{hash}"}}"#);
        let path = folder.path().join(".ivrkit-manifest.json");
        fs::write(&path, format!(r#"{{"version":1,"files":[{line}]}}"#)).expect("a file");
        let sounds = read_at(&folder, None).expect("the folder can be read");
        assert_eq!(sounds.presence(b"/somewhere/pushed"), Presence::There);
        fs::write(&path, "{}").expect("a file");
        assert!(matches!(read_at(&folder, None), Err(Error::Manifest { .. })));
    }

    #[test]
    fn a_folder_must_be_one() {
        let folder = media();
        let error = |path: &Path| {
            let media = MediaFolder { path: path.into(), at: None };
            read(&[media], Profile::Asterisk).expect_err("it is no folder")
        };
        let none = error(&folder.path().join("none"));
        assert_eq!(none.exit(), Exit::Input);
        assert!(none.to_string().starts_with("cannot read the media folder"), "{none}");
        assert!(error(&folder.path().join("notice.wav")).to_string().contains("no folder"));
    }

    #[test]
    fn a_place_may_follow_the_folder() {
        let of = |text: &str| MediaFolder::of(OsStr::new(text));
        let media = |path: &str, at: Option<&str>| MediaFolder {
            path: path.into(),
            at: at.map(str::to_owned),
        };
        assert_eq!(of("share"), media("share", None));
        assert_eq!(of("share=/tmp/media"), media("share", Some("/tmp/media")));
        assert_eq!(of("a=b"), media("a=b", None));
    }
}
