//! The scenario to start from: its files, from templates in `scenarios/init`, and how they come into
//! a folder whole or not at all.
//!
//! Must not overwrite anything.

use crate::{error::Exit, files};
use clap::ValueEnum;
use ivrkit_dialplan::{scenario, scenario_test};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context, syntax::SyntaxConfig};
use std::{
    borrow::Cow,
    fs, io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

const SCENARIO: &str = include_str!("../scenarios/init/scenario.yaml.j2");
const TESTS: &str = include_str!("../scenarios/init/scenario.test.yaml.j2");
const PROMPTS: &str = include_str!("../scenarios/init/prompts-readme.md.j2");
const CONFIGURATION: &str = include_str!("../scenarios/verify.example.yaml");
/// Hold music of our own making: the one prompt that no speech engine makes.
const MUSIC: &[u8] = include_bytes!("../prompts/macroform-the_simplicity.wav");

/// The PBX of the scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Profile {
    /// Yeastar S-series.
    YeastarS,
    /// A stock Asterisk.
    Asterisk,
}

/// Language of the sample prompts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name, relative to the folder.
    pub name: &'static str,
    /// What is in it.
    pub contents: Cow<'static, [u8]>,
}

/// A starting scenario that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file would be overwritten.
    #[error("cannot write {}: it exists already; choose another folder or move it away", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Something that is no folder has the folder's name.
    #[error("cannot write into {}: it is not a folder", path.display())]
    NotAFolder {
        /// The path.
        path: PathBuf,
    },
    /// The folder could not be made.
    #[error("cannot make the folder {}: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file could not be written.
    #[error(transparent)]
    Files(#[from] files::Error),
}

impl Error {
    /// The exit code this ends a command with.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Files(error) => error.exit(),
            Self::Exists { .. } | Self::NotAFolder { .. } | Self::Folder { .. } => Exit::Output,
        }
    }
}

/// The files to start from: a scenario that `ivrkit check` has nothing to say about, its schema, what
/// is to be recorded, and the server's configuration for a PBX that the server can speak with.
pub fn files(profile: Profile, language: Language) -> Vec<File> {
    let text = |name, contents: String| File { name, contents: contents.into_bytes().into() };
    let mut files = vec![
        text("scenario.yaml", rendered(SCENARIO, profile, language)),
        text("scenario.schema.json", scenario::schema_text()),
        text("prompts/README.md", rendered(PROMPTS, profile, language)),
        File { name: "prompts/music.wav", contents: MUSIC.into() },
        text("scenario.test.yaml", rendered(TESTS, profile, language)),
        text("test.schema.json", scenario_test::schema_text()),
    ];
    if profile == Profile::YeastarS {
        files.push(File { name: "verify.yaml", contents: CONFIGURATION.as_bytes().into() });
    }
    files
}

/// Writes files into a folder, all or none. A folder that is not there is made.
///
/// # Errors
/// When a file is there already, or the folder or a file cannot be written; nothing was written then.
pub fn write(dir: &Path, files: &[File]) -> Result<(), Error> {
    match fs::metadata(dir) {
        Ok(meta) if meta.is_dir() => write_into(dir, files),
        Ok(_) => Err(Error::NotAFolder { path: dir.to_owned() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => write_folder(dir, files),
        Err(source) => Err(Error::Folder { path: dir.to_owned(), source }),
    }
}

fn rendered(template: &str, profile: Profile, language: Language) -> String {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    let syntax = SyntaxConfig::builder()
        .keep_trailing_newline(true)
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()
        .expect("the usual delimiters differ from each other");
    environment.set_syntax(syntax);
    let profile = match profile {
        Profile::YeastarS => "yeastar-s",
        Profile::Asterisk => "asterisk",
    };
    let language = match language {
        Language::Zh => "zh",
        Language::En => "en",
    };
    environment
        .render_str(template, context! { profile, language })
        .expect("the embedded templates use `profile` and `language` only; a test renders all")
}

/// A new folder is filled under a temporary name and then renamed.
fn write_folder(dir: &Path, files: &[File]) -> Result<(), Error> {
    let folder_error = |source| Error::Folder { path: dir.to_owned(), source };
    let parent = match dir.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let staging = tempfile::Builder::new()
        .prefix(".ivrkit-init-")
        .permissions(fs::Permissions::from_mode(0o755))
        .tempdir_in(parent)
        .map_err(files::plain)
        .map_err(folder_error)?;
    write_into(staging.path(), files)?;
    // The folder has moved, so that nothing is left to be removed under the temporary name.
    fs::rename(staging.path(), dir).map_err(folder_error)?;
    drop(staging.keep());
    Ok(())
}

/// Writes into a folder that is there; what was written is removed when the rest fails.
fn write_into(dir: &Path, files: &[File]) -> Result<(), Error> {
    let taken =
        files.iter().map(|file| dir.join(file.name)).find(|path| path.symlink_metadata().is_ok());
    if let Some(path) = taken {
        return Err(Error::Exists { path });
    }
    let mut made = Made::default();
    for file in files {
        let path = dir.join(file.name);
        made.folder_of(&path)?;
        files::write_new(&path, &file.contents)?;
        made.files.push(path);
    }
    made.keep();
    Ok(())
}

/// What was made so far; taken back when dropped.
#[derive(Default)]
struct Made {
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
}

impl Made {
    fn folder_of(&mut self, path: &Path) -> Result<(), Error> {
        let Some(folder) = path.parent() else { return Ok(()) };
        match fs::create_dir(folder) {
            Ok(()) => self.folders.push(folder.to_owned()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(source) => return Err(Error::Folder { path: folder.to_owned(), source }),
        }
        Ok(())
    }

    fn keep(mut self) {
        self.files.clear();
        self.folders.clear();
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        // An error is under way already; what cannot be removed is no better told than kept.
        for file in &self.files {
            let _ = fs::remove_file(file);
        }
        for folder in self.folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ivrkit_dialplan::source::Source;

    #[test]
    fn every_starting_scenario_is_clean() {
        for &profile in Profile::value_variants() {
            for &language in Language::value_variants() {
                let files = files(profile, language);
                let text = |at: usize| String::from_utf8(files[at].contents.to_vec()).unwrap();
                let reading = scenario::read(Source::new("scenario.yaml", text(0)));
                assert!(reading.diagnostics.is_empty(), "{:?}", reading.diagnostics);
                let scenario = reading.scenario.unwrap();
                let wanted = format!("{profile:?}");
                assert_eq!(format!("{:?}", scenario.profile), wanted);
                for name in scenario.prompts.keys() {
                    assert!(text(2).contains(&format!("`{name}.wav`")), "{name}");
                }
            }
        }
    }

    #[test]
    fn the_configuration_is_sound_and_for_a_pbx_that_the_server_can_speak_with() {
        let of = |profile| {
            files(profile, Language::En).into_iter().find(|file| file.name == "verify.yaml")
        };
        let contents = of(Profile::YeastarS).unwrap().contents;
        let text = std::str::from_utf8(&contents).unwrap();
        assert!(ivrkit_verifier::Config::parse(Path::new("verify.yaml"), text).is_ok());
        assert_eq!(of(Profile::Asterisk), None);
    }

    #[test]
    fn the_hold_music_can_be_built() {
        assert!(crate::media::convert(MUSIC).is_ok());
    }

    #[test]
    fn a_folder_that_is_there_keeps_what_it_has() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("prompts")).unwrap();
        fs::write(dir.path().join("prompts/README.md"), "mine").unwrap();
        let files = files(Profile::Asterisk, Language::En);
        let error = write(dir.path(), &files).unwrap_err();
        assert!(error.to_string().contains("prompts/README.md: it exists already"), "{error}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        assert_eq!(fs::read_to_string(dir.path().join("prompts/README.md")).unwrap(), "mine");
    }

    #[test]
    fn what_fails_in_the_middle_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name| File { name, contents: b"x".into() };
        let files = [file("a"), file("b/c"), file("a/d")];
        assert!(write(dir.path(), &files).is_err());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        let new = dir.path().join("new");
        assert!(write(&new, &files).is_err());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
