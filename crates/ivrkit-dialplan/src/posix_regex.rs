//! POSIX extended regular expressions as glibc's `regcomp` and `regexec` have them, over bytes.
//!
//! A pattern is put into the syntax of the `regex-automata` crate, which does the matching: of all
//! matches the leftmost, of those the longest; what a group takes follows from the order in which
//! its alternatives are written. Back-references are known and refused as [`Mistake::Unsupported`].

mod bracket;
mod translation;

use regex_automata::{
    Anchored, Input, MatchKind, hybrid::dfa::DFA, meta, nfa::thompson, util::syntax,
};

/// Most bytes that a compiled pattern may take; more is not worth the time.
const MAX_COMPILED_BYTES: usize = 1 << 20;

/// A compiled pattern.
pub(crate) struct PosixRegex {
    leftmost: meta::Regex,
    longest: DFA,
    /// The pattern up to the end of the text, for its groups.
    whole: meta::Regex,
    groups: usize,
}

/// Where a pattern is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// What the first group took.
    pub(crate) first_group: Option<(usize, usize)>,
}

/// Why a pattern cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mistake {
    /// glibc refuses it with this message.
    Refused(&'static str),
    /// glibc takes it, ivrkit does not: back-references, and patterns that grow too large.
    Unsupported,
}

impl PosixRegex {
    pub(crate) fn new(pattern: &[u8], ignores_case: bool) -> Result<Self, Mistake> {
        let (text, groups) = translation::translated(pattern)?;
        let syntax = syntax::Config::new()
            .unicode(false)
            .utf8(false)
            .dot_matches_new_line(true)
            .case_insensitive(ignores_case);
        let built = |text: &str| {
            let mut builder = meta::Regex::builder();
            let limits = meta::Regex::config().nfa_size_limit(Some(MAX_COMPILED_BYTES));
            builder.configure(limits.utf8_empty(false)).syntax(syntax);
            builder.build(text).map_err(|_| Mistake::Unsupported)
        };
        let longest = DFA::builder()
            .configure(DFA::config().match_kind(MatchKind::All))
            .thompson(thompson::Config::new().utf8(false).nfa_size_limit(Some(MAX_COMPILED_BYTES)))
            .syntax(syntax)
            .build(&text)
            .map_err(|_| Mistake::Unsupported)?;
        let whole = built(&format!(r"(?:{text})\z"))?;
        Ok(Self { leftmost: built(&text)?, longest, whole, groups })
    }

    /// How many groups it has.
    pub(crate) fn groups(&self) -> usize {
        self.groups
    }

    /// Looks for the pattern in a text.
    pub(crate) fn find(&self, text: &[u8]) -> Option<Found> {
        let start = self.leftmost.find(text)?.start();
        let input = Input::new(text).span(start..text.len()).anchored(Anchored::Yes);
        let mut cache = self.longest.create_cache();
        let longest = self.longest.try_search_fwd(&mut cache, &input);
        let end = longest.ok()??.offset();
        Some(Found { start, end, first_group: self.first_group(&text[..end], start) })
    }

    fn first_group(&self, text: &[u8], start: usize) -> Option<(usize, usize)> {
        if self.groups == 0 {
            return None;
        }
        let mut captures = self.whole.create_captures();
        let input = Input::new(text).span(start..text.len()).anchored(Anchored::Yes);
        self.whole.captures(input, &mut captures);
        captures.get_group(1).map(|group| (group.start, group.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_leftmost_and_longest_match_is_found() {
        let check = |pattern: &str, text: &str, expected: Option<(usize, usize)>| {
            let found = PosixRegex::new(pattern.as_bytes(), false).unwrap().find(text.as_bytes());
            let span = found.map(|found| (found.start, found.end));
            assert_eq!(span, expected, "{pattern} in {text}");
        };
        check("a|ab", "xab", Some((1, 3)));
        check("a*?", "aaa", Some((0, 3)));
        check("^b", "ab", None);
        check("b$", "ab", Some((1, 2)));
        check("[]a]+", "b]a", Some((1, 3)));
        check("[^[:digit:]]", "12x", Some((2, 3)));
        check(r"\<b", "ab b", Some((3, 4)));
        check("a{2,}", "aaa", Some((0, 3)));
        check("a{,2}", "aaa", Some((0, 2)));
        check(")", "a)", Some((1, 2)));
        check(r"[\d]", r"d\", Some((0, 1)));
        check("(|a)b", "ab", Some((0, 2)));
    }

    #[test]
    fn the_first_group_is_known() {
        let check = |pattern: &str, text: &str, expected: Option<(usize, usize)>| {
            let found = PosixRegex::new(pattern.as_bytes(), false).unwrap().find(text.as_bytes());
            assert_eq!(found.unwrap().first_group, expected, "{pattern} in {text}");
        };
        check("(a|ab)(c|bcd)", "abcd", Some((0, 1)));
        check("x(a*)", "xaa", Some((1, 3)));
        check("(a)|b", "b", None);
        check("(a*)(a*)", "aa", Some((0, 2)));
    }

    #[test]
    fn what_glibc_refuses_is_refused() {
        let check = |pattern: &str, expected: Mistake| {
            let mistake = PosixRegex::new(pattern.as_bytes(), false).err();
            assert_eq!(mistake, Some(expected), "{pattern}");
        };
        check("*a", Mistake::Refused("Invalid preceding regular expression"));
        check("^*", Mistake::Refused("Invalid preceding regular expression"));
        check("(a", Mistake::Refused("Unmatched ( or \\("));
        check("[a", Mistake::Refused("Unmatched [, [^, [:, [., or [="));
        check("[[:nope:]]", Mistake::Refused("Invalid character class name"));
        check("[b-a]", Mistake::Refused("Invalid range end"));
        check("a{2,1}", Mistake::Refused("Invalid content of \\{\\}"));
        check("a{x}", Mistake::Refused("Invalid content of \\{\\}"));
        check("a\\", Mistake::Refused("Trailing backslash"));
        check(r"(a)\1", Mistake::Unsupported);
    }
}
