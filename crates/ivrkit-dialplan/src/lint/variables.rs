//! Which variables a dialplan sets, and which it reads.
//!
//! Knows names, not values or the order of steps. A name made of other variables is not followed.

use super::{Call, Subject, Substitutions};
use crate::{expression::Variable, source::Span, syntax::Place};
use hashbrown::{HashMap, HashSet};

/// Which variables a dialplan sets, and which it reads.
#[derive(Debug, Default)]
pub struct Variables {
    /// Names with the place where each is first set.
    pub set: HashMap<Vec<u8>, Place>,
    /// Names with the place where each is first read.
    pub read: HashMap<Vec<u8>, Place>,
    /// Names that are set to something that can be empty.
    emptied: HashSet<Vec<u8>>,
    /// Words that some function or application is given and may read or set as a variable.
    mentioned: HashSet<Vec<u8>>,
    /// Whether a name is made of other variables, so that any may be set or read.
    pub has_computed_names: bool,
}

/// Variables that Asterisk itself sets; those that end with `STATUS` or `RESULT` are not listed.
const KNOWN: [&str; 64] = [
    "ABANDONED",
    "ACCOUNTCODE",
    "AGIEXITONHANGUP",
    "AGISIGHUP",
    "ANSWEREDTIME",
    "ARGC",
    "ATTENDED_TRANSFER_COMPLETE_SOUND",
    "BLINDTRANSFER",
    "BRIDGEPEER",
    "BRIDGEPVTCALLID",
    "CALLERID",
    "CALLERIDNAME",
    "CALLERIDNUM",
    "CALLINGANI2",
    "CALLINGPRES",
    "CALLINGTNS",
    "CALLINGTON",
    "CHANNEL",
    "CONTEXT",
    "CPLAYBACKOFFSET",
    "CPLAYBACKSTOPKEY",
    "DATETIME",
    "DIALEDPEERNAME",
    "DIALEDPEERNUMBER",
    "DIALEDTIME",
    "DNID",
    "ENTITYID",
    "EPOCH",
    "EXTEN",
    "FORWARDERNAME",
    "GOSUB_RETVAL",
    "HANGUPCAUSE",
    "HINT",
    "HINTNAME",
    "INVALID_EXTEN",
    "LANGUAGE",
    "MACRO_CONTEXT",
    "MACRO_EXTEN",
    "MACRO_OFFSET",
    "MACRO_PRIORITY",
    "MEETMESECS",
    "MIXMONITOR_FILENAME",
    "MONITORED",
    "PRIORITY",
    "PRIREDIRECTREASON",
    "QUEUENAME",
    "QUEUEPOSITION",
    "RDNIS",
    "RECORDED_FILE",
    "RPTSTAT",
    "SENDIMAGESTATUS",
    "SIPCALLID",
    "SIPDOMAIN",
    "SIPURI",
    "SIPUSERAGENT",
    "SYSTEMNAME",
    "TIMESTAMP",
    "TRANSFERERNAME",
    "TXTCIDNAME",
    "UNIQUEID",
    "VM_MESSAGES",
    "WAITSTATUS",
    "ASTETCDIR",
    "ASTSPOOLDIR",
];

impl Variables {
    pub(super) fn of(subject: &Subject<'_>) -> Self {
        let mut variables = Self::default();
        for section in subject.sections {
            if subject.bytes(section.name).eq_ignore_ascii_case(b"globals") {
                for line in &section.settings {
                    let name = without_inheritance(subject.bytes(line.name));
                    note(&mut variables.set, name, line.place);
                }
            }
        }
        for step in subject.steps() {
            for call in step.calls() {
                variables.take(&call);
            }
        }
        variables
    }

    /// Whether it is set here, mentioned somewhere, or one of Asterisk's own.
    pub fn is_known(&self, name: &[u8]) -> bool {
        self.set.contains_key(name) || self.mentioned.contains(name) || is_own(name)
    }

    /// Whether something may read it.
    pub fn is_used(&self, name: &[u8]) -> bool {
        self.read.contains_key(name) || self.mentioned.contains(name) || is_own(name)
    }

    /// Whether it holds a value wherever it was set, or is one of Asterisk's own that always do. That
    /// it was set before it is read is not looked at.
    pub fn is_never_empty(&self, name: &[u8]) -> bool {
        let is_filled = !self.emptied.contains(name) && !self.mentioned.contains(name);
        let is_set = self.set.contains_key(name) && !self.has_computed_names;
        let own = [&b"CHANNEL"[..], b"CONTEXT", b"EPOCH", b"EXTEN", b"PRIORITY", b"UNIQUEID"];
        own.contains(&name) || (is_set && is_filled)
    }

    /// A name that is set, or Asterisk's own, and differs in case or one letter only.
    pub fn similar(&self) -> Similar<'_> {
        let own = KNOWN.iter().map(|name| name.as_bytes());
        Similar::new(self.set.keys().map(Vec::as_slice).chain(own))
    }

    fn take(&mut self, call: &Call<'_>) {
        let data = call.data();
        let is_set = ["Set", "MSet", "SetGlobalVar"].iter().any(|name| call.is(name));
        if is_set {
            self.take_assignments(call, call.is("MSet"));
        } else {
            self.mention(data);
        }
        let Some(substitutions) = Substitutions::of(call) else { return };
        for variable in substitutions.variables() {
            self.take_variable(call, variable);
        }
    }

    fn take_assignments(&mut self, call: &Call<'_>, are_many: bool) {
        let data = call.data();
        let mut start = 0;
        let assignments = data.split(|&byte| are_many && byte == b',');
        for assignment in assignments {
            let at = start;
            start += assignment.len() + 1;
            let Some(equals) = memchr::memchr(b'=', assignment) else { continue };
            let name = &assignment[..equals];
            if memchr::memchr(b'$', name).is_some() {
                self.has_computed_names = true;
            } else if let Some(open) = memchr::memchr(b'(', name) {
                self.mention(&name[open + 1..]);
            } else {
                let place = call.data_place(at..at + equals);
                let name = without_inheritance(name);
                let value = &assignment[equals + 1..];
                let can_be_empty = value.is_empty() || value.starts_with(b"${");
                if can_be_empty && !self.emptied.contains(name) {
                    self.emptied.insert(name.to_vec());
                }
                note(&mut self.set, name, place);
            }
        }
    }

    fn take_variable(&mut self, call: &Call<'_>, variable: &Variable) {
        let data = call.data();
        let span = variable.name.span;
        if !variable.name.is_plain() {
            self.has_computed_names = true;
        } else if let Some(arguments) = &variable.arguments {
            self.mention(&data[arguments.span.range()]);
        } else {
            let place = call.data_place(span.range());
            note(&mut self.read, &data[span.range()], place);
        }
    }

    /// Words between commas and parentheses may name variables: those of `Read` and `CUT` do.
    fn mention(&mut self, data: &[u8]) {
        for word in data.split(|&byte| ENDS_WORD[usize::from(byte)]) {
            let is_name =
                word.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
            if is_name && word.len() < 80 && word.iter().all(|&byte| is_name_byte(byte)) {
                let word = without_inheritance(word);
                if !self.mentioned.contains(word) {
                    self.mentioned.insert(word.to_vec());
                }
            }
        }
    }
}

/// What stands around words that may name variables.
const ENDS_WORD: [bool; 256] = {
    let mut ends = [false; 256];
    let mut left: &[u8] = b",()= \"&|^:";
    while let [byte, rest @ ..] = left {
        ends[*byte as usize] = true;
        left = rest;
    }
    ends
};

/// Keeps the first place of a name.
fn note(places: &mut HashMap<Vec<u8>, Place>, name: &[u8], place: Place) {
    if !places.contains_key(name) {
        places.insert(name.to_vec(), place);
    }
}

/// Names by what they look like.
#[derive(Debug)]
pub struct Similar<'a> {
    folded: HashMap<Vec<u8>, &'a [u8]>,
    /// Each name under itself without one of its letters.
    shortened: HashMap<Vec<u8>, &'a [u8]>,
}

/// Names of fewer letters differ in one by chance.
pub(super) const FEWEST_LETTERS: usize = 4;

impl<'a> Similar<'a> {
    fn new(names: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut names: Vec<_> = names.filter(|name| name.len() < 80).collect();
        names.sort_unstable();
        let mut similar = Self { folded: HashMap::new(), shortened: HashMap::new() };
        for name in names {
            let folded = name.to_ascii_lowercase();
            for shorter in shortened(&folded) {
                similar.shortened.entry(shorter).or_insert(name);
            }
            similar.folded.entry(folded).or_insert(name);
        }
        similar
    }

    /// The name that this one was probably meant to be.
    pub fn to(&self, name: &[u8]) -> Option<&'a [u8]> {
        let folded = name.to_ascii_lowercase();
        if let Some(same) = self.folded.get(&folded) {
            return Some(same);
        }
        if name.len() < FEWEST_LETTERS {
            return None;
        }
        let with_one_more = self.shortened.get(&folded);
        let with_one_less = || shortened(&folded).find_map(|short| self.folded.get(&short));
        let swapped = || shortened(&folded).find_map(|short| self.shortened.get(&short));
        let found = *with_one_more.or_else(with_one_less).or_else(swapped)?;
        let lossy = |name: &[u8]| String::from_utf8_lossy(name).to_lowercase();
        let distance = strsim::osa_distance(&lossy(name), &lossy(found));
        (distance == 1 && found.len() >= FEWEST_LETTERS && !differ_in_digits(&folded, found))
            .then_some(found)
    }
}

/// `LINE1` and `LINE2` are two names, not one misspelt.
pub(super) fn differ_in_digits(left: &[u8], right: &[u8]) -> bool {
    let digits = |name: &[u8]| name.iter().copied().filter(u8::is_ascii_digit).collect::<Vec<_>>();
    digits(left) != digits(right)
}

pub(super) fn shortened(name: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..name.len()).map(move |left_out| [&name[..left_out], &name[left_out + 1..]].concat())
}

fn without_inheritance(name: &[u8]) -> &[u8] {
    let name = name.strip_prefix(b"_").unwrap_or(name);
    name.strip_prefix(b"_").unwrap_or(name)
}

fn is_own(name: &[u8]) -> bool {
    let is_counted = |prefix: &[u8]| {
        name.strip_prefix(prefix).is_some_and(|rest| rest.iter().all(u8::is_ascii_digit))
    };
    name.ends_with(b"STATUS")
        || name.ends_with(b"RESULT")
        || is_counted(b"ARG")
        || KNOWN.iter().any(|known| known.as_bytes() == name)
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// The blanks before and after a name.
pub(super) fn blank_ends(name: &[u8]) -> impl Iterator<Item = Span> {
    let start = name.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let end = name.iter().rev().take_while(|byte| byte.is_ascii_whitespace()).count();
    let spans = [Span::new(0, start), Span::new(name.len() - end, name.len())];
    spans.into_iter().filter(move |span| span.start < span.end && start < name.len())
}
