//! Which sounds the PBX has, and how Asterisk looks for one.
//!
//! Pure data: a floor up reads the folders and fills [`Sounds`]. Must not open files, nor decide
//! what is a mistake: rules do.
//!
//! Asterisk (`main/file.c`) looks for `LANGUAGE/name`, then for `name`, then for `en/name`, and with
//! an absolute path for the language's folder beside the file: `/media/zh/welcome`. It appends the
//! ending of each format it knows; which formats it has does not matter to the name.

mod played;

pub use played::Played;

use crate::scenario::Profile;
use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

/// The sounds that the PBX has, as far as they are known.
#[derive(Debug, Clone, Default)]
pub struct Sounds {
    /// The folders, each with all that is in it.
    pub folders: Vec<Folder>,
    /// Whether Asterisk's own sounds in English are installed; none if nobody says so.
    pub are_stock_installed: Option<bool>,
    /// The PBX that they are judged for; none for any.
    pub profile: Option<Profile>,
}

/// A folder of sounds.
#[derive(Debug, Clone, Default)]
pub struct Folder {
    /// Where the PBX has it, without a slash at its end: `/tmp/media/networkdisk1`. None if that is
    /// not known: then its sounds are found by the last parts of a path.
    pub at: Option<Vec<u8>>,
    /// By path below the folder, language included, ending left out.
    sounds: HashMap<Vec<u8>, Vec<Sound>>,
    /// The languages by sound, their folders left out of the path.
    languages: HashMap<Vec<u8>, Vec<Vec<u8>>>,
    /// The paths of the folders below it.
    folders: HashSet<Vec<u8>>,
}

/// One file of a sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sound {
    /// What follows the last point of its name.
    pub ending: Vec<u8>,
    /// Why the PBX does not play it as it should, and what to do.
    pub fault: Option<Fault>,
}

/// Why a PBX does not play a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What was found and what was expected: a lower-case fragment.
    pub reason: String,
    /// What to do.
    pub cure: String,
}

/// What is known of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It is there.
    There,
    /// It is not there, and the folder is known that it would be in.
    Missing,
    /// No known folder has it; it may be in another one.
    Unseen,
    /// Nobody can say.
    Unknown,
}

/// Endings that stand for formats of a stock Asterisk, or that people take for one.
const ENDINGS: &[&str] = &[
    "wav", "wav16", "wav49", "gsm", "sln", "sln12", "sln16", "sln24", "sln32", "sln44", "sln48",
    "sln96", "sln192", "raw", "ulaw", "alaw", "ul", "mu", "ulw", "al", "alw", "pcm", "g722",
    "g723", "g726", "g729", "ogg", "opus", "mp3", "siren7", "siren14", "ilbc", "vox",
];

static STOCK: LazyLock<HashSet<&[u8]>> =
    LazyLock::new(|| include_str!("sounds/stock.txt").lines().map(str::as_bytes).collect());

/// Whether Asterisk's own English sounds (`asterisk-core-sounds-en` 1.6.1) have it.
pub fn is_stock(name: &[u8]) -> bool {
    let name = name.strip_prefix(b"en/").unwrap_or(name);
    STOCK.contains(name)
}

/// The ending of a name, if it is that of a sound file; letter case does not count.
pub fn sound_ending(name: &[u8]) -> Option<&[u8]> {
    let point = memchr::memrchr(b'.', name)?;
    let ending = &name[point + 1..];
    let is_known = ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known.as_bytes()));
    (is_known && point > 0).then_some(ending)
}

/// Whether a folder of this name holds sounds of a language: `zh`, `pt_BR`, `en_US_f_Allison`.
pub fn is_language(name: &[u8]) -> bool {
    let mut parts = name.split(|&byte| byte == b'_');
    let first = parts.next().unwrap_or_default();
    first.len() == 2
        && first.iter().all(u8::is_ascii_lowercase)
        && parts.next().is_none_or(|part| part.len() == 2 && part.is_ascii())
}

impl Sounds {
    /// What is known of a sound, in any language.
    pub fn presence(&self, name: &[u8]) -> Presence {
        if self.folders.iter().any(|folder| folder.has(name)) {
            return Presence::There;
        }
        if is_stock(name) {
            return match self.are_stock_installed {
                Some(true) => Presence::There,
                Some(false) => Presence::Missing,
                None => Presence::Unknown,
            };
        }
        let is_covered = self.folders.iter().any(|folder| folder.covers(name));
        if is_covered { Presence::Missing } else { Presence::Unseen }
    }

    /// The files of a sound, whatever the language.
    pub fn files(&self, name: &[u8]) -> Vec<&Sound> {
        self.folders.iter().flat_map(|folder| folder.files(name)).collect()
    }

    /// Whether a folder of the PBX, and no sound, has this name.
    pub fn is_folder(&self, name: &[u8]) -> bool {
        let is_one = |folder: &Folder| folder.keys(name).any(|key| folder.folders.contains(key));
        self.folders.iter().any(is_one)
    }

    /// The languages in which a sound is there.
    pub fn languages(&self, name: &[u8]) -> impl Iterator<Item = &[u8]> {
        self.folders.iter().flat_map(move |folder| {
            let known = folder.keys(name).filter_map(|key| folder.languages.get(key));
            known.flatten().map(Vec::as_slice)
        })
    }

    /// Whether the sound is there without a language: then it is for all of them.
    pub fn is_for_all(&self, name: &[u8]) -> bool {
        let has = |folder: &Folder| folder.keys(name).any(|key| folder.sounds.contains_key(key));
        self.folders.iter().any(has)
    }

    /// Whether it is known of every folder where the PBX has it.
    pub fn are_places_known(&self) -> bool {
        !self.folders.is_empty() && self.folders.iter().all(|folder| folder.at.is_some())
    }

    /// A name that is there and differs from this one in letter case or one letter.
    pub fn similar(&self, name: &[u8]) -> Option<String> {
        let last = name.rsplit(|&byte| byte == b'/').next()?;
        let wanted = String::from_utf8_lossy(last);
        let known = self.folders.iter().flat_map(|folder| folder.sounds.keys());
        let close = known.filter_map(|known| {
            let known = String::from_utf8_lossy(known);
            let own = known.rsplit('/').next()?;
            let distance = if own.eq_ignore_ascii_case(&wanted) {
                0
            } else {
                strsim::osa_distance(own, &wanted)
            };
            // The shorter the name, the more of it must be right.
            (distance * 4 <= wanted.len()).then(|| (distance, known.clone().into_owned()))
        });
        close.min().map(|(_, known)| known)
    }
}

impl Folder {
    /// An empty one, and where the PBX has it.
    pub fn new(at: Option<Vec<u8>>) -> Self {
        let without_slash = |mut at: Vec<u8>| {
            while at.len() > 1 && at.last() == Some(&b'/') {
                at.pop();
            }
            at
        };
        Self { at: at.map(without_slash), ..Self::default() }
    }

    /// Adds a file by its path below the folder, such as `zh/welcome.wav`; one without an ending is
    /// no sound.
    pub fn add(&mut self, path: &[u8], fault: Option<Fault>) {
        let mut parents = path;
        while let Some(slash) = memchr::memrchr(b'/', parents) {
            parents = &parents[..slash];
            self.folders.insert(parents.to_vec());
        }
        let Some(point) = memchr::memrchr(b'.', path) else { return };
        let (name, ending) = (&path[..point], path[point + 1..].to_vec());
        if name.is_empty() || name.ends_with(b"/") || memchr::memchr(b'/', &ending).is_some() {
            return;
        }
        self.sounds.entry(name.to_vec()).or_default().push(Sound { ending, fault });
        for (language, rest) in languages_of(name) {
            let known = self.languages.entry(rest).or_default();
            if !known.iter().any(|one| one == language) {
                known.push(language.to_vec());
            }
        }
    }

    /// How many sounds are in it.
    pub fn len(&self) -> usize {
        self.sounds.len()
    }

    /// Whether no sound is in it.
    pub fn is_empty(&self) -> bool {
        self.sounds.is_empty()
    }

    fn has(&self, name: &[u8]) -> bool {
        self.keys(name).any(|key| self.sounds.contains_key(key) || self.languages.contains_key(key))
    }

    /// Whether the sound would have to be in this folder.
    fn covers(&self, name: &[u8]) -> bool {
        match &self.at {
            Some(_) => self.keys(name).next().is_some(),
            // A folder of the same name as in the path is most likely the same.
            None => self.keys(name).any(|key| {
                memchr::memrchr(b'/', key).is_some_and(|slash| self.folders.contains(&key[..slash]))
            }),
        }
    }

    fn files(&self, name: &[u8]) -> impl Iterator<Item = &Sound> {
        let own = self.keys(name).filter_map(|key| self.sounds.get(key));
        let translated = self.keys(name).flat_map(|key| {
            let languages = self.languages.get(key).into_iter().flatten();
            languages.flat_map(|language| {
                with_language(key, language).into_iter().filter_map(|path| self.sounds.get(&path))
            })
        });
        own.chain(translated).flatten()
    }

    /// The paths below this folder that a name of the dialplan can stand for.
    fn keys<'n>(&self, name: &'n [u8]) -> impl Iterator<Item = &'n [u8]> {
        let mut rest = match &self.at {
            Some(at) => below(at, name).map(|key| (key, false)),
            None => Some((without_slashes(name), true)),
        };
        std::iter::from_fn(move || {
            let (key, goes_on) = rest.take()?;
            let slash = memchr::memchr(b'/', key).filter(|_| goes_on);
            rest = slash.map(|slash| (&key[slash + 1..], true));
            Some(key)
        })
    }
}

/// What a name is called below a folder of the PBX, if it is there.
fn below<'n>(at: &[u8], name: &'n [u8]) -> Option<&'n [u8]> {
    let in_folder = |folder: &[u8]| name.strip_prefix(folder)?.strip_prefix(b"/");
    if name.first() == Some(&b'/') {
        return in_folder(at);
    }
    // Names that are not absolute count from Asterisk's folder `sounds`.
    if at.ends_with(b"/sounds") {
        return Some(name);
    }
    let sounds = memchr::memmem::find(at, b"/sounds/")?;
    in_folder(&at[sounds + b"/sounds/".len()..])
}

fn without_slashes(name: &[u8]) -> &[u8] {
    let slashes = name.iter().take_while(|&&byte| byte == b'/').count();
    &name[slashes..]
}

/// The languages that a path can be in, each with the path without it.
fn languages_of(name: &[u8]) -> Vec<(&[u8], Vec<u8>)> {
    let parts: Vec<&[u8]> = name.split(|&byte| byte == b'/').collect();
    let folders = parts.len() - 1;
    let mut found = Vec::new();
    for at in [0, folders.saturating_sub(1)] {
        if at < folders && is_language(parts[at]) && found.len() <= at {
            let rest = [&parts[..at], &parts[at + 1..]].concat();
            found.push((parts[at], rest.join(&b'/')));
        }
    }
    found
}

/// Where a sound stands in a language: the folder is the first one, or the one beside the file.
fn with_language(key: &[u8], language: &[u8]) -> Vec<Vec<u8>> {
    let first = [language, b"/", key].concat();
    let Some(slash) = memchr::memrchr(b'/', key) else { return vec![first] };
    let (folder, file) = key.split_at(slash + 1);
    vec![first, [folder, language, b"/", file].concat()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(at: Option<&str>, files: &[&str]) -> Folder {
        let mut folder = Folder::new(at.map(|at| at.as_bytes().to_vec()));
        for file in files {
            folder.add(file.as_bytes(), None);
        }
        folder
    }

    #[track_caller]
    fn check(at: Option<&str>, files: &[&str], names: &[(&str, Presence)]) {
        let sounds = Sounds { folders: vec![folder(at, files)], ..Sounds::default() };
        for &(name, expected) in names {
            assert_eq!(sounds.presence(name.as_bytes()), expected, "{name}");
        }
    }

    #[test]
    fn a_folder_whose_place_is_known_is_held_against_the_path() {
        use Presence::{Missing, There, Unseen};
        check(
            Some("/tmp/media/networkdisk1/"),
            &["notice.wav", "zh/bye.wav", "custom/a.b.gsm"],
            &[
                ("/tmp/media/networkdisk1/notice", There),
                ("/tmp/media/networkdisk1/bye", There),
                ("/tmp/media/networkdisk1/zh/bye", There),
                ("/tmp/media/networkdisk1/custom/a.b", There),
                ("/tmp/media/networkdisk1/notice.wav", Missing),
                ("/tmp/media/networkdisk10/notice", Unseen),
                ("/tmp/elsewhere/notice", Unseen),
                ("notice", Unseen),
            ],
        );
    }

    #[test]
    fn relative_names_count_from_the_folder_of_sounds() {
        use Presence::{Missing, There, Unseen};
        check(
            Some("/var/lib/asterisk/sounds"),
            &["custom/a.wav", "zh/custom/b.wav", "en/c.wav"],
            &[("custom/a", There), ("custom/b", There), ("c", There), ("custom/d", Missing)],
        );
        check(
            Some("/var/lib/asterisk/sounds/custom"),
            &["a.wav"],
            &[("custom/a", There), ("custom/b", Missing), ("a", Unseen)],
        );
    }

    #[test]
    fn a_folder_whose_place_is_not_known_is_searched_by_the_end_of_the_path() {
        use Presence::{Missing, There, Unseen};
        check(
            None,
            &["notice.wav", "custom/a.wav"],
            &[
                ("/tmp/media/networkdisk1/notice", There),
                ("custom/a", There),
                ("/x/custom/a", There),
                ("custom/b", Missing),
                ("b", Unseen),
            ],
        );
    }

    #[test]
    fn stock_sounds_are_there_if_somebody_says_so() {
        let with = |are_stock_installed| {
            let sounds = Sounds { are_stock_installed, ..Sounds::default() };
            [&b"digits/1"[..], b"hello-world"].map(|name| sounds.presence(name))
        };
        assert_eq!(with(None), [Presence::Unknown; 2]);
        assert_eq!(with(Some(true)), [Presence::There; 2]);
        assert_eq!(with(Some(false)), [Presence::Missing; 2]);
        assert!(STOCK.len() > 550 && is_stock(b"tt-monkeys") && !is_stock(b"welcome-to-us"));
    }

    #[test]
    fn languages_are_told_apart() {
        let sounds = Sounds {
            folders: vec![folder(None, &["zh/a.wav", "en/a.wav", "b.wav", "x/pt_BR/c.wav"])],
            ..Sounds::default()
        };
        let languages = |name: &str| {
            let mut found: Vec<_> = sounds.languages(name.as_bytes()).collect();
            found.sort_unstable();
            found.join(&b' ')
        };
        assert_eq!(languages("a"), b"en zh");
        assert_eq!(languages("b"), b"");
        assert_eq!(languages("x/c"), b"pt_BR");
        assert!(sounds.is_for_all(b"b") && !sounds.is_for_all(b"a"));
        assert!(sounds.is_folder(b"zh") && !sounds.is_folder(b"a"));
        assert_eq!(sounds.files(b"a").len(), 2);
        assert!(is_language(b"en_US_f_Allison") && !is_language(b"custom"));
    }

    #[test]
    fn endings_and_similar_names() {
        assert_eq!(sound_ending(b"a.wav"), Some(&b"wav"[..]));
        assert_eq!(sound_ending(b"a.WAV"), Some(&b"WAV"[..]));
        assert_eq!(sound_ending(b"version-1.2"), None);
        assert_eq!(sound_ending(b".wav"), None);
        let sounds = Sounds {
            folders: vec![folder(None, &["Welcome.wav", "bye.wav"])],
            ..Sounds::default()
        };
        assert_eq!(sounds.similar(b"x/welcome").as_deref(), Some("Welcome"));
        assert_eq!(sounds.similar(b"welcom").as_deref(), None, "case and a letter are too much");
        assert_eq!(sounds.similar(b"by"), None);
    }
}
