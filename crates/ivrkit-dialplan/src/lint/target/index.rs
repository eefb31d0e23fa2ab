//! Which contexts include which, and the patterns of each in a tree.

use super::trie::{Classes, TooMany, Trie};
use crate::{
    dialplan::{
        Context, Extension,
        pattern::{Language, Tail},
    },
    index,
    lint::Subject,
    syntax::{Kind, narrow},
};
use std::{cmp::Ordering, ops::Range};

/// How many contexts one look goes through; Asterisk gives up there too.
const MAX_CONTEXTS: usize = crate::dialplan::matching::MAX_CONTEXTS;

/// What is looked up again and again; contexts go by their place in the dialplan.
#[derive(Debug)]
pub(crate) struct Index {
    contexts: Vec<Entry>,
    /// The classes of all patterns.
    classes: Classes,
    /// The plain names of contexts that have many, each by its context and itself, as its first
    /// place among all extensions.
    names: index::Index,
    /// Whether every line that Asterisk would load is there.
    is_complete: bool,
}

#[derive(Debug, Default)]
struct Entry {
    /// The patterns by their place among the extensions.
    patterns: Trie,
    /// The plain names: their places among all extensions; these come first in their context.
    plain: Range<usize>,
    /// The contexts it includes; none for one that is not there.
    includes: Vec<Option<u32>>,
    /// The contexts that include it.
    includers: Vec<u32>,
}

/// Most plain names that are asked whether they are in a language.
const MAX_NAMES: usize = 200;

/// What a look through a context and its includes came by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// An extension, by the places of its context and its own.
    Extension(usize, usize),
    /// Something that no file shows: a switch, or an included context that is not there.
    Unknown,
}

impl Index {
    pub(crate) fn new(subject: &Subject<'_>) -> Self {
        let dialplan = subject.dialplan;
        let mut contexts: Vec<Entry> = Vec::new();
        contexts.resize_with(dialplan.contexts.len(), Entry::default);
        let (mut classes, mut names) = (Classes::default(), index::Index::default());
        let mut first = 0;
        for (at, context) in dialplan.contexts.iter().enumerate() {
            let extensions = &context.extensions;
            let plain = extensions.partition_point(|one| !one.key.pattern.is_pattern());
            contexts[at].plain = first..first + plain;
            note_names(&mut names, at, first, &extensions[..plain]);
            first += extensions.len();
            let mut way = Vec::new();
            for (number, extension) in (0..).zip(extensions).skip(plain) {
                let language = Language::new(&extension.key.pattern);
                contexts[at].patterns.insert(&language, number, &mut classes, &mut way);
            }
            for include in &context.includes {
                let included = subject.context_number(subject.bytes(include.context()));
                let included = included.map(narrow);
                contexts[at].includes.push(included);
                if let Some(included) = included {
                    contexts[included as usize].includers.push(narrow(at));
                }
            }
        }
        Self { contexts, classes, names, is_complete: is_complete(subject) }
    }

    /// Whether every line that Asterisk would load is there.
    pub(crate) fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// Goes through all extensions that take a string of this language, in the order in which
    /// Asterisk asks them, until `look` has seen enough. Of plain names that begin as the language
    /// does only the first 200 are asked.
    pub(crate) fn search(
        &self,
        subject: &Subject<'_>,
        context: usize,
        language: &Language,
        look: &mut dyn FnMut(Look) -> bool,
    ) {
        let mut known = Vec::with_capacity(language.places.len());
        known.extend(language.places.iter().map_while(|place| place.only()));
        let search = Search { index: self, subject, language, known };
        search.visit(context, &mut Vec::new(), look);
    }

    /// The place of the first extension of that plain name in its context.
    fn named(&self, context: usize, plain: &[Extension], name: &[u8]) -> Option<usize> {
        if plain.len() <= MAX_SHORT {
            return plain.iter().position(|one| compared(one) == name);
        }
        let own = &self.contexts[context].plain;
        let is_it = |at: usize| own.contains(&at) && compared(&plain[at - own.start]) == name;
        let found = self.names.find(self.names.hash(&(context, name)), is_it)?;
        Some(found - own.start)
    }

    /// The context and those that include it, directly or through others: where a call can be that
    /// comes by its steps. None if they are too many to tell.
    pub(crate) fn channels(&self, context: usize) -> Option<Vec<usize>> {
        const MOST: usize = 32;
        let mut found = vec![context];
        let mut at = 0;
        while at < found.len() {
            for &includer in &self.contexts[found[at]].includers {
                if !found.contains(&(includer as usize)) {
                    found.push(includer as usize);
                }
                // A context can have thousands of includers.
                if found.len() > MOST {
                    return None;
                }
            }
            at += 1;
        }
        Some(found)
    }

    /// Whether another context, or itself, includes a context.
    pub(crate) fn is_included(&self, context: usize) -> bool {
        !self.contexts[context].includers.is_empty()
    }

    /// The contexts that a context includes; none for one that is not there.
    pub(crate) fn includes(&self, context: usize) -> impl Iterator<Item = Option<usize>> {
        self.contexts[context].includes.iter().map(|one| one.map(|one| one as usize))
    }
}

/// The most plain names that are asked one after the other for one of them.
const MAX_SHORT: usize = 8;

/// Notes where the plain names of a context begin among all extensions, if they are many.
fn note_names(names: &mut index::Index, context: usize, first: usize, plain: &[Extension]) {
    if plain.len() <= MAX_SHORT {
        return;
    }
    let mut last = None;
    for (at, extension) in (first..).zip(plain) {
        // Variants for callers come one after the other.
        let name = compared(extension);
        if last.replace(name) != Some(name) {
            names.insert(names.hash(&(context, name)), at);
        }
    }
}

/// A name without what counts as nothing in it.
fn compared(extension: &Extension) -> &[u8] {
    extension.key.pattern.compared()
}

/// Where a plain name stands beside all that begin with these bytes; bytes have a sign.
fn cmp_prefix(name: &[u8], prefix: &[u8]) -> Ordering {
    let differing = prefix.iter().zip(name).find(|(own, other)| own != other);
    match differing {
        Some((own, other)) => other.cast_signed().cmp(&own.cast_signed()),
        // Its end counts as a zero.
        None => match prefix.get(name.len()) {
            Some(own) => 0.cmp(&own.cast_signed()),
            None => Ordering::Equal,
        },
    }
}

struct Search<'a, 's> {
    index: &'a Index,
    subject: &'a Subject<'s>,
    language: &'a Language,
    /// What every string of the language begins with.
    known: Vec<u8>,
}

impl Search<'_, '_> {
    /// Whether the search goes on.
    fn visit(
        &self,
        at: usize,
        visited: &mut Vec<usize>,
        look: &mut dyn FnMut(Look) -> bool,
    ) -> bool {
        if visited.contains(&at) || visited.len() >= MAX_CONTEXTS {
            return true;
        }
        let entry = &self.index.contexts[at];
        // One that includes none is the only one: nobody asks where the search has been.
        if !visited.is_empty() || !entry.includes.is_empty() {
            visited.push(at);
        }
        let context = &self.subject.dialplan.contexts[at];
        for extension in self.plain(context, at) {
            if !look(Look::Extension(at, extension)) {
                return false;
            }
        }
        match entry.patterns.meeting(self.language, &self.index.classes) {
            Ok(found) => {
                for extension in found {
                    if !look(Look::Extension(at, extension as usize)) {
                        return false;
                    }
                }
            }
            Err(TooMany) => return look(Look::Unknown),
        }
        if !context.switches.is_empty() && !look(Look::Unknown) {
            return false;
        }
        entry.includes.iter().all(|include| match include {
            Some(include) => self.visit(*include as usize, visited, look),
            None => look(Look::Unknown),
        })
    }

    /// The plain names, and variants for callers, that are in the language.
    fn plain<'c>(&'c self, context: &'c Context, at: usize) -> impl Iterator<Item = usize> + 'c {
        let plain = &context.extensions[..self.index.contexts[at].plain.len()];
        let is_exact =
            self.known.len() == self.language.places.len() && self.language.tail == Tail::End;
        let start = if is_exact {
            self.index.named(at, plain, &self.known).unwrap_or(plain.len())
        } else {
            plain.partition_point(|one| cmp_prefix(compared(one), &self.known) == Ordering::Less)
        };
        let beginning = plain[start..].iter().enumerate().take(MAX_NAMES);
        let beginning = beginning.take_while(move |(_, extension)| {
            let name = compared(extension);
            // The name itself comes before all longer ones.
            name.starts_with(&self.known) && (!is_exact || name.len() == self.known.len())
        });
        // A blank belongs to what is dialled, but no name has one.
        let found = beginning.filter(|(_, extension)| {
            let name = compared(extension);
            match (self.known.len() == self.language.places.len(), self.language.tail) {
                (true, Tail::End) => name.len() == self.known.len(),
                (true, Tail::More) => name.len() > self.known.len(),
                (true, Tail::Any) => true,
                (false, _) => self.language.meets(&Language::exactly(name)),
            }
        });
        found.map(move |(at, _)| start + at)
    }
}

/// Whether nothing is known to be missing: a file, the output of a command, lines over a limit.
fn is_complete(subject: &Subject<'_>) -> bool {
    let is_gap = |kind| {
        matches!(
            kind,
            Kind::Exec | Kind::FileMissing | Kind::NotAFile | Kind::Limit | Kind::IncludeDepth
        )
    };
    let is_refused = subject.dialplan.is_refused;
    !is_refused
        && !subject.dialplan.messages.iter().any(|message| is_gap(message.kind))
        && !lacks_optional_file(subject)
}

/// Whether a `#tryinclude` names a file that was not found.
fn lacks_optional_file(subject: &Subject<'_>) -> bool {
    let files = subject.dialplan.files.all();
    let names = files.iter().flat_map(|file| {
        let words = memchr::memmem::find_iter(&file.bytes, b"#tryinclude");
        let begin_lines = words.filter(|&at| at == 0 || file.bytes[at - 1] == b'\n');
        begin_lines.map(|at| {
            let rest = &file.bytes[at + b"#tryinclude".len()..];
            &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())]
        })
    });
    names.map(<[u8]>::trim_ascii).any(|name| {
        let name = name.split(|&byte| byte == b';').next().unwrap_or_default().trim_ascii();
        let name =
            name.strip_prefix(b"\"").and_then(|name| name.strip_suffix(b"\"")).unwrap_or(name);
        let has_wildcard = name.iter().any(|byte| b"*?[{".contains(byte));
        !has_wildcard && !files.iter().any(|file| file.name.ends_with(name))
    })
}
