//! The files of a folder as they are to be pushed: what does not play yet is converted on the way.
//!
//! What was read once is remembered by its stamp, so that a folder that is watched is not read anew
//! each time. Must not write to the folder.

use crate::{
    files,
    media::{self, Ready},
    push::{
        path::RelativePath,
        source::{self, Error, Listing, Skipped, Source, SourceFile, Stamp},
    },
};
use ivrkit_dialplan::scenario::Profile;
use rayon::prelude::*;
use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tempfile::TempDir;

/// Reads a folder again and again.
pub(super) struct Prompts {
    folder: PathBuf,
    /// The PBX that is to play them; nothing to take all files as they are.
    profile: Option<Profile>,
    interrupt: Arc<AtomicBool>,
    converted: Option<TempDir>,
    next_name: AtomicU64,
    known: BTreeMap<RelativePath, Prompt>,
}

/// One file, as it was read.
#[derive(Clone)]
struct Prompt {
    /// Of the file in the folder.
    stamp: Stamp,
    /// What is to be pushed.
    file: SourceFile,
    note: Note,
}

#[derive(Clone, PartialEq, Eq)]
enum Note {
    Nothing,
    Converted,
    Unplayable(String),
}

/// What is worth saying of files that are pushed.
#[derive(Default)]
pub(super) struct Notes {
    /// How many were converted.
    pub(super) converted: usize,
    /// What the PBX will not play, and why.
    pub(super) unplayable: Vec<(RelativePath, String)>,
}

impl Notes {
    fn add(&mut self, name: &RelativePath, note: &Note) {
        match note {
            Note::Nothing => {}
            Note::Converted => self.converted += 1,
            Note::Unplayable(reason) => self.unplayable.push((name.clone(), reason.clone())),
        }
    }
}

/// Why a file is not among those to be pushed.
enum Left {
    Error(Error),
    /// Somebody is writing it.
    Unsettled,
}

impl Prompts {
    /// The prompts in `folder`.
    pub(super) fn new(
        folder: PathBuf,
        profile: Option<Profile>,
        interrupt: Arc<AtomicBool>,
    ) -> Self {
        Self {
            folder,
            profile,
            interrupt,
            converted: None,
            next_name: AtomicU64::new(0),
            known: BTreeMap::new(),
        }
    }

    /// Looks through the folder, before anything is read.
    pub(super) fn list(&self) -> Result<Listing, Error> {
        let listing = Listing::read(&self.folder)?;
        if listing.names.is_empty() {
            return Err(Error::Empty { path: self.folder.clone() });
        }
        Ok(listing)
    }

    /// Reads the files once. One that changes while it is read is an error.
    pub(super) fn read_once(&mut self, listing: Listing) -> Result<(Source, Notes), Error> {
        let mut source = Source::of(listing)?;
        let mut notes = Notes::default();
        if self.profile.is_none() {
            return Ok((source, notes));
        }
        self.converted = Some(temporary()?);
        let this = &*self;
        let judged = source.files.par_iter().map(|(name, file)| {
            let (converted, note) = this.make_ready(&file.stamp, &source.location(name))?;
            Ok((note != Note::Nothing).then(|| (name.clone(), converted, note)))
        });
        let judged: Vec<_> = judged.filter_map(Result::transpose).collect::<Result<_, Error>>()?;
        for (name, converted, note) in judged {
            notes.add(&name, &note);
            if let Some(file) = converted {
                source.files.insert(name, file);
            }
        }
        Ok((source, notes))
    }

    /// Reads what is new or changed. A file that was written less than `settle` ago, or that changes
    /// while it is read, is skipped and said so.
    pub(super) fn read_settled(&mut self, settle: Duration) -> Result<Source, Error> {
        let Listing { root, names, mut skipped } = Listing::read(&self.folder)?;
        if names.is_empty() {
            return Err(Error::Empty { path: self.folder.clone() });
        }
        if self.profile.is_some() && self.converted.is_none() {
            self.converted = Some(temporary()?);
        }
        let this = &*self;
        let read: Vec<_> = names
            .into_par_iter()
            .map(|(name, elsewhere)| {
                let prompt = this.prompt(&root, &name, elsewhere, settle);
                (name, prompt)
            })
            .collect();
        let mut known = BTreeMap::new();
        for (name, prompt) in read {
            match prompt {
                Ok(prompt) => drop(known.insert(name, prompt)),
                Err(Left::Error(error)) => return Err(error),
                Err(Left::Unsettled) => skipped.push(Skipped {
                    name: name.to_string(),
                    path: Some(name),
                    reason: "it is still being written, or cannot be read".to_owned(),
                }),
            }
        }
        self.forget(known);
        let files = self.known.iter().map(|(name, prompt)| (name.clone(), prompt.file.clone()));
        Ok(Source { root, files: files.collect(), skipped })
    }

    fn prompt(
        &self,
        root: &Path,
        name: &RelativePath,
        elsewhere: Option<Box<Path>>,
        settle: Duration,
    ) -> Result<Prompt, Left> {
        let location = source::located(root, name, elsewhere.as_deref());
        let prompt = Stamp::read(&location).and_then(|stamp| {
            if stamp.age() < settle {
                return Ok(None);
            }
            let known = self.known.get(name).filter(|known| known.stamp == stamp);
            let read = || self.read_prompt(stamp, &location, elsewhere);
            known.cloned().map_or_else(read, Ok).map(Some)
        });
        match prompt {
            Ok(Some(prompt)) => Ok(prompt),
            Ok(None) | Err(Error::Changed { .. } | Error::Read { .. }) => Err(Left::Unsettled),
            Err(error) => Err(Left::Error(error)),
        }
    }

    fn read_prompt(
        &self,
        stamp: Stamp,
        location: &Path,
        elsewhere: Option<Box<Path>>,
    ) -> Result<Prompt, Error> {
        let (converted, note) = self.make_ready(&stamp, location)?;
        let read = || SourceFile::read(location).map(|file| SourceFile { elsewhere, ..file });
        let file = converted.map_or_else(read, Ok)?;
        Ok(Prompt { stamp, file, note })
    }

    /// Judges a file that had that stamp, and converts it if that helps.
    fn make_ready(
        &self,
        stamp: &Stamp,
        location: &Path,
    ) -> Result<(Option<SourceFile>, Note), Error> {
        if self.interrupt.load(Ordering::Relaxed) {
            return Err(Error::Interrupted);
        }
        let Some(profile) = self.profile else { return Ok((None, Note::Nothing)) };
        let ready = media::ready(location, profile);
        match ready.map_err(|error| read_error(location, error))? {
            Ready::AsItIs => Ok((None, Note::Nothing)),
            Ready::Unplayable(reason) => Ok((None, Note::Unplayable(reason))),
            Ready::Converted(_) if Stamp::read(location)? != *stamp => {
                Err(Error::Changed { path: location.to_owned() })
            }
            Ready::Converted(bytes) => Ok((Some(self.keep(location, &bytes)?), Note::Converted)),
        }
    }

    /// Writes a converted file aside, with the time of its source.
    fn keep(&self, location: &Path, bytes: &[u8]) -> Result<SourceFile, Error> {
        let folder = self.converted.as_ref().expect("it is made before anything is converted");
        let name = self.next_name.fetch_add(1, Ordering::Relaxed).to_string();
        let path = folder.path().join(name);
        let modified = fs::metadata(location).and_then(|metadata| metadata.modified());
        fs::write(&path, bytes)
            .and_then(|()| fs::File::options().append(true).open(&path)?.set_modified(modified?))
            .map_err(|source| Error::Read { path: path.clone(), source })?;
        let file = SourceFile::read(&path)?;
        Ok(SourceFile { elsewhere: Some(path.into_boxed_path()), ..file })
    }

    /// Remembers what was read now; converted files that nothing needs any more go away.
    fn forget(&mut self, known: BTreeMap<RelativePath, Prompt>) {
        let former = std::mem::replace(&mut self.known, known);
        for (name, prompt) in former {
            let kept = self.known.get(&name).is_some_and(|kept| kept.stamp == prompt.stamp);
            if prompt.note == Note::Converted
                && !kept
                && let Some(converted) = prompt.file.elsewhere
            {
                // It lies in a temporary folder, which goes away as a whole later.
                let _removed = fs::remove_file(converted);
            }
        }
    }
}

fn temporary() -> Result<TempDir, Error> {
    let folder = tempfile::Builder::new().prefix("ivrkit-prompts-").tempdir();
    folder.map_err(|source| Error::Read { path: env::temp_dir(), source: files::plain(source) })
}

fn read_error(path: &Path, error: files::Error) -> Error {
    let source = match error {
        files::Error::Read { source, .. } => source,
        error => std::io::Error::other(error.to_string()),
    };
    Error::Read { path: path.to_owned(), source }
}
