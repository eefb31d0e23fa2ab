//! Where a dialplan has secrets written, and stars in their place.
//!
//! What a report shows may be logged, sent and kept; every text of a dialplan that leaves the linter
//! goes through here. Whether the rule about passwords is on does not count, nor whether a comment
//! allows one.

use ivrkit_dialplan::{
    lint::{Finding, Reading},
    syntax::{Excerpt, Lines},
};
use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    ops::Range,
};

/// What stands for a secret in a sentence.
const STARS: &str = "****";
/// Shorter ones are words of other things too: they are looked for in their own line alone.
const SHORTEST_ANYWHERE: usize = 4;

/// The secrets of one dialplan.
#[derive(Default)]
pub(super) struct Secrets {
    /// By file and line; the bytes of the line that are secret.
    ranges: HashMap<Vec<u8>, HashMap<usize, Vec<Range<usize>>>>,
    values: HashSet<String>,
    beginnings: Beginnings,
}

/// How the secrets begin that are looked for anywhere: most texts have no such bytes, and need not be
/// held against each secret.
#[derive(Default)]
struct Beginnings {
    all: HashSet<[u8; SHORTEST_ANYWHERE]>,
    /// A bit for each [`Beginnings::hash`] of them; none if there are none.
    bits: Vec<u64>,
}

impl Secrets {
    /// Those that stand in the dialplan, and what the findings call one.
    pub(super) fn of(reading: &Reading, found: &[Finding]) -> Self {
        let told = found.iter().filter(|finding| finding.is_secret).map(|finding| finding.place);
        let mut lines = Lines::new(&reading.dialplan.files);
        let mut secrets = Self::default();
        for place in reading.secrets().into_iter().chain(told) {
            secrets.add(&lines.excerpt(place));
        }
        secrets
    }

    fn add(&mut self, secret: &Excerpt<'_>) {
        let range = secret.start..secret.end;
        if range.is_empty() {
            return;
        }
        let value = String::from_utf8_lossy(&secret.text[range.clone()]);
        let value = value.trim();
        self.beginnings.add(value.as_bytes());
        self.values.insert(value.to_owned());
        let lines = self.ranges.entry(secret.file.to_vec()).or_default();
        lines.entry(secret.line).or_default().push(range);
    }

    fn in_line(&self, line: &Excerpt<'_>) -> &[Range<usize>] {
        let own = self.ranges.get(line.file).and_then(|lines| lines.get(&line.line));
        own.map_or(&[], Vec::as_slice)
    }

    /// The line with a star for each byte of a secret.
    pub(super) fn starred<'a>(&self, line: &Excerpt<'a>) -> Cow<'a, [u8]> {
        let mut starred = Cow::Borrowed(line.text);
        for range in self.in_line(line) {
            starred.to_mut()[range.clone()].fill(b'*');
        }
        starred
    }

    /// The line with one star for each secret, however long: what is made of it cannot be used to
    /// try passwords on.
    pub(super) fn shortened<'a>(&self, line: &Excerpt<'a>) -> Cow<'a, [u8]> {
        let ranges = self.in_line(line);
        if ranges.is_empty() {
            return Cow::Borrowed(line.text);
        }
        let is_secret = |at: usize| ranges.iter().any(|range| range.contains(&at));
        let bytes = line.text.iter().enumerate().filter_map(|(at, &byte)| {
            if is_secret(at) { (at == 0 || !is_secret(at - 1)).then_some(b'*') } else { Some(byte) }
        });
        Cow::Owned(bytes.collect())
    }

    /// A text that speaks of a line, with stars for secrets that it quotes.
    pub(super) fn without(&self, text: Cow<'static, str>, line: &Excerpt<'_>) -> Cow<'static, str> {
        let values: Vec<_> = self.values_for(&text, line).collect();
        let mut shown = text;
        for value in values {
            let places: Vec<_> = words(&shown, value).collect();
            for place in places.into_iter().rev() {
                shown.to_mut().replace_range(place, STARS);
            }
        }
        shown
    }

    /// Whether a text that is about a line has a secret in it.
    pub(super) fn are_in(&self, text: &str, line: &Excerpt<'_>) -> bool {
        self.values_for(text, line).any(|value| words(text, value).next().is_some())
    }

    /// Those that may stand in a text that speaks of a line.
    fn values_for(&self, text: &str, line: &Excerpt<'_>) -> impl Iterator<Item = &str> {
        let has_own = !self.in_line(line).is_empty();
        let may_have_some = has_own || self.beginnings.may_be_in(text);
        let values = self.values.iter().filter(move |_| may_have_some);
        let values = values.map(String::as_str).filter(|value| !value.is_empty());
        values.filter(move |value| has_own || value.len() >= SHORTEST_ANYWHERE)
    }

    /// The lines that hold a secret, and each as it is shown.
    pub(super) fn starred_lines(&self, reading: &Reading) -> Vec<(Vec<u8>, Vec<u8>)> {
        if self.ranges.is_empty() {
            return Vec::new();
        }
        let mut starred = Vec::new();
        for file in reading.dialplan.files.all() {
            let lines = file.bytes.split(|&byte| byte == b'\n');
            let Some(own) = self.ranges.get(&file.name) else { continue };
            for (line, text) in (1..).zip(lines).filter(|(line, _)| own.contains_key(line)) {
                let text = text.strip_suffix(b"\r").unwrap_or(text);
                let excerpt = Excerpt::of_line(&file.name, line, text);
                starred.push((text.to_vec(), self.starred(&excerpt).into_owned()));
            }
        }
        starred
    }
}

impl Beginnings {
    fn add(&mut self, value: &[u8]) {
        let Some(&beginning) = value.first_chunk() else { return };
        self.bits.resize((1 << Self::HASH_BITS) / 64, 0);
        let hash = Self::hash(beginning);
        self.bits[hash / 64] |= 1 << (hash % 64);
        self.all.insert(beginning);
    }

    fn may_be_in(&self, text: &str) -> bool {
        if self.bits.is_empty() {
            return false;
        }
        let mut all = text.as_bytes().windows(SHORTEST_ANYWHERE);
        all.any(|bytes| {
            let beginning = bytes.try_into().expect("windows are of this size");
            let hash = Self::hash(beginning);
            self.bits[hash / 64] >> (hash % 64) & 1 == 1 && self.all.contains(&beginning)
        })
    }

    /// Enough for thousands of secrets, and few enough to stay at hand.
    const HASH_BITS: u32 = 16;

    fn hash(beginning: [u8; SHORTEST_ANYWHERE]) -> usize {
        let hash = u32::from_le_bytes(beginning).wrapping_mul(0x9e37_79b1);
        (hash >> (u32::BITS - Self::HASH_BITS)) as usize
    }
}

/// Where a word stands in a text, not as a part of a longer one.
fn words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let is_free = |next: Option<char>| !next.is_some_and(char::is_alphanumeric);
    text.match_indices(word).filter_map(move |(at, _)| {
        let end = at + word.len();
        let is_word =
            is_free(text[..at].chars().next_back()) && is_free(text[end..].chars().next());
        is_word.then_some(at..end)
    })
}
