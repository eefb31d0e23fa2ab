//! What must hold of the names of extensions and of dialled strings, whatever their bytes.
//!
//! Used by the fuzz target `patterns` and by `tests/fuzz.rs`. The first line is dialled, the second
//! is the caller's number, each further one is a name; a `/` in it begins the caller it asks for.

use ivrkit_dialplan::dialplan::{
    matching::{self, Answer, Model, Question, Verdict},
    pattern::{ExtensionKey, Matching, More, Pattern},
};
use std::{
    cmp::Ordering,
    collections::HashSet,
    hash::{BuildHasher as _, RandomState},
};

/// Names that are compared with each other; three of each are tried in each order.
const MAX_NAMES: usize = 12;

/// One context that holds these extensions in their order.
struct Names(Vec<ExtensionKey>);

impl Model for Names {
    type Context = Vec<ExtensionKey>;
    type Extension = ExtensionKey;

    fn context(&self, _name: &[u8]) -> Option<&Vec<ExtensionKey>> {
        Some(&self.0)
    }

    fn name<'a>(&'a self, _context: &'a Vec<ExtensionKey>) -> &'a [u8] {
        b"m"
    }

    fn extensions<'a>(&'a self, context: &'a Vec<ExtensionKey>) -> &'a [ExtensionKey] {
        context
    }

    fn includes<'a>(&'a self, _context: &'a Vec<ExtensionKey>) -> impl Iterator<Item = &'a [u8]> {
        std::iter::empty()
    }

    fn has_switches(&self, _context: &Vec<ExtensionKey>) -> bool {
        false
    }

    fn key<'a>(&'a self, extension: &'a ExtensionKey) -> &'a ExtensionKey {
        extension
    }

    fn has_priority(&self, _extension: &ExtensionKey, priority: i32) -> bool {
        priority == 1
    }
}

/// Reads the names, orders them, and dials.
pub(crate) fn check(bytes: &[u8]) {
    let mut lines = bytes.split(|&byte| byte == b'\n');
    let digits = until_zero(lines.next().unwrap_or_default());
    let caller = until_zero(lines.next().unwrap_or_default());
    let mut keys: Vec<ExtensionKey> = lines.take(MAX_NAMES).map(key).collect();
    for key in &keys {
        check_name(&key.pattern);
        check_matching(&key.pattern, digits);
    }
    check_order(&keys);
    keys.sort();
    keys.dedup();
    check_answers(&Names(keys), digits, caller);
}

fn key(name: &[u8]) -> ExtensionKey {
    let (name, caller) = match name.iter().position(|&byte| byte == b'/') {
        Some(at) => (&name[..at], Some(Pattern::new(&name[at + 1..]))),
        None => (name, None),
    };
    ExtensionKey { pattern: Pattern::new(name), caller }
}

/// A name that was read, printed and read again is the same.
fn check_name(pattern: &Pattern) {
    let again = Pattern::new(pattern.name());
    assert_eq!(again.name(), pattern.name());
    assert_eq!(again.compared(), pattern.compared());
    assert_eq!(&again, pattern);
    // What counts as nothing may be left out, but not where that makes a plain name a pattern.
    let compared = Pattern::new(pattern.compared());
    assert!(&compared == pattern || compared.is_pattern() != pattern.is_pattern(), "{pattern:?}");
}

/// Equal names are equal in every way, and the order is one.
fn check_order(keys: &[ExtensionKey]) {
    let hasher = RandomState::new();
    for a in keys {
        for b in keys {
            assert_eq!(a.cmp(b), b.cmp(a).reverse(), "{a:?} {b:?}");
            assert_eq!(a == b, a.cmp(b) == Ordering::Equal, "{a:?} {b:?}");
            assert!(a != b || hasher.hash_one(a) == hasher.hash_one(b), "{a:?} {b:?}");
            let plain_first = a.pattern.is_pattern() >= b.pattern.is_pattern() || a < b;
            assert!(plain_first, "{a:?} {b:?}");
            for c in keys {
                assert!(a > b || b > c || a <= c, "{a:?} {b:?} {c:?}");
            }
        }
    }
}

/// The three ways of asking agree with each other, with a slow model, and along the digits.
fn check_matching(pattern: &Pattern, digits: &[u8]) {
    let Matching { exact, can_match, match_more } = pattern.matches(digits);
    let dialled: Vec<u8> = digits.iter().copied().filter(|&byte| byte != b'-').collect();
    let is_exact = match pattern.compared().strip_prefix(b"_") {
        Some(places) => is_exact(places, &dialled),
        None => pattern.compared() == dialled,
    };
    let itself = pattern.is_pattern() && &Pattern::new(digits) == pattern;
    assert!(!is_exact || exact, "{pattern:?} {dialled:?}");
    assert!(is_exact || !exact || (digits.starts_with(b"_") && !dialled.is_empty()), "{itself}");
    assert_eq!(can_match, is_exact || match_more == More::Yes, "{pattern:?} {dialled:?}");
    assert!(match_more != More::Never || is_exact, "{pattern:?} {dialled:?}");
    for end in 0..digits.len() {
        let before = pattern.matches(&digits[..end]);
        let context = || format!("{pattern:?} {}", digits[..end].escape_ascii());
        assert!(!can_match || before.can_match, "{}", context());
        assert!(match_more != More::Yes || before.match_more == More::Yes, "{}", context());
        assert!(before.match_more != More::Never || match_more == More::Never, "{}", context());
        if before.match_more == More::No {
            // What is complete takes a `-` more, and nothing else.
            let is_same = digits[end..].iter().all(|&byte| byte == b'-');
            assert!(is_same || !can_match, "{}", context());
        }
    }
}

/// The search gives what a walk through all extensions gives.
fn check_answers(names: &Names, digits: &[u8], caller: &[u8]) {
    let asks =
        |key: &&ExtensionKey| key.caller.as_ref().is_none_or(|asked| asked.matches_caller(caller));
    let says = |key: &ExtensionKey| key.pattern.matches(digits);
    let question = Question { context: b"m", digits, caller, priority: 1 };
    let answer = matching::answer(names, &question);
    let exact = names.0.iter().filter(asks).find(|key| says(key).exact);
    assert_eq!(answer.exact().map(|place| place.extension), exact);
    let can_match = names.0.iter().filter(asks).any(|key| says(key).can_match);
    assert_eq!(answer.can_match, can_match);
    check_longer(&answer, names.0.iter().filter(asks).map(says));
    let places = answer.candidates.iter().map(|candidate| candidate.place.extension);
    assert!(places.is_sorted_by(|one, next| one < next), "candidates are in order, each once");
    let considered: HashSet<_> = answer.candidates.iter().map(|one| one.place.extension).collect();
    let forgotten = names.0.iter().filter(|&key| says(key).can_match || says(key).exact);
    assert!(forgotten.clone().all(|key| considered.contains(key)));
    let other = Question { priority: 2, ..question };
    let answer = matching::answer(names, &other);
    assert!(answer.exact().is_none() && !answer.can_match && !answer.match_more());
    let verdicts = answer.candidates.iter().map(|one| one.verdict);
    assert!(verdicts.into_iter().all(|verdict| verdict != Verdict::Answers));
}

/// The first extension that could take more, or wants no more, decides whether to wait.
fn check_longer(answer: &Answer<'_, ExtensionKey>, says: impl Iterator<Item = Matching>) {
    let mut more = says.map(|matching| matching.match_more).filter(|&more| more != More::No);
    assert_eq!(answer.match_more(), more.next() == Some(More::Yes));
}

/// Whether a pattern stands for exactly these digits, tried as one would read it.
fn is_exact(places: &[u8], digits: &[u8]) -> bool {
    let Some((&place, rest)) = places.split_first() else { return digits.is_empty() };
    match place {
        b'-' => return is_exact(rest, digits),
        b'/' => return digits.is_empty(),
        b'!' => return true,
        b'.' => return !digits.is_empty(),
        _ => {}
    }
    let Some((&digit, others)) = digits.split_first() else { return false };
    if place == b'[' {
        let Some(end) = rest.iter().position(|&byte| byte == b']') else { return false };
        let (set, rest) = (&rest[..end], &rest[end + 1..]);
        return match set {
            [] => is_exact(rest, digits),
            set => is_in(set, digit) && is_exact(rest, others),
        };
    }
    let takes = match place.to_ascii_uppercase() {
        b'X' => digit.is_ascii_digit(),
        b'Z' => digit.is_ascii_digit() && digit != b'0',
        b'N' => digit.is_ascii_digit() && digit > b'1',
        _ => digit == place,
    };
    takes && is_exact(rest, others)
}

/// Whether a set has this byte; the ends of a range are signed.
fn is_in(set: &[u8], byte: u8) -> bool {
    let signed = |byte: u8| i16::from(byte.cast_signed());
    match set {
        [] => false,
        [low, b'-', high, rest @ ..] => {
            let range = signed(*low)..=signed(*high);
            range.contains(&signed(byte)) || is_in(rest, byte)
        }
        [one, rest @ ..] => *one == byte || is_in(rest, byte),
    }
}

fn until_zero(text: &[u8]) -> &[u8] {
    text.split(|&byte| byte == 0).next().unwrap_or_default()
}
