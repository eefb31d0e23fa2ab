//! The names of extensions as their lines spell them, before Asterisk takes blanks and dead
//! characters away.

use super::Subject;
use crate::syntax::{Place, Section, Text, narrow};
use hashbrown::HashMap;

/// A name with something in it that means more than itself, or looks as if it should; once for
/// each spelling in a section.
#[derive(Debug, Clone)]
pub(super) struct Spelling {
    /// The name without its caller id and the blanks around it.
    pub(super) name: Text,
    /// The caller id that is asked for.
    pub(super) caller: Option<Text>,
    /// Where the name stands, once for each line; never empty.
    pub(super) places: Vec<Place>,
    /// The same for the caller id.
    pub(super) caller_places: Vec<Place>,
}

/// The spellings of all sections, in the order of the lines.
pub(super) fn spellings(subject: &Subject<'_>) -> Vec<Spelling> {
    let mut all = Vec::new();
    for section in subject.sections {
        let name = subject.bytes(section.name);
        if !name.eq_ignore_ascii_case(b"general") && !name.eq_ignore_ascii_case(b"globals") {
            add(subject, section, &mut all);
        }
    }
    all
}

impl Spelling {
    /// The bytes of the name, blanks and all.
    pub(super) fn bytes<'a>(&self, subject: &Subject<'a>) -> &'a [u8] {
        subject.bytes(self.name)
    }

    /// Where it stands first.
    pub(super) fn place(&self) -> Place {
        self.places[0]
    }

    /// The name and the caller id it asks for, each with its places.
    pub(super) fn both(&self) -> impl Iterator<Item = (Text, &[Place])> {
        let caller = self.caller.map(|caller| (caller, self.caller_places.as_slice()));
        std::iter::once((self.name, self.places.as_slice())).chain(caller)
    }
}

fn add<'a>(subject: &Subject<'a>, section: &Section, all: &mut Vec<Spelling>) {
    let mut known: HashMap<&'a [u8], u32> = HashMap::new();
    for line in &section.settings {
        if !subject.bytes(line.name).eq_ignore_ascii_case(b"exten") {
            continue;
        }
        let whole = field(subject, line.value);
        let bytes = subject.bytes(whole);
        if !could_mean_more(bytes) || super::target::is_dynamic(bytes) {
            continue;
        }
        let place = |text| subject.dialplan.files.place(text).unwrap_or(line.place);
        let (name, caller) = parted(subject, whole);
        let at = *known.entry(bytes).or_insert(narrow(all.len())) as usize;
        if at == all.len() {
            // Most stand in one line; a list begins with room for four.
            let (places, caller_places) = (Vec::with_capacity(1), Vec::new());
            all.push(Spelling { name, caller, places, caller_places });
        }
        all[at].places.push(place(name));
        if let Some(caller) = caller {
            let places = &mut all[at].caller_places;
            if places.is_empty() {
                places.reserve_exact(1);
            }
            places.push(place(caller));
        }
    }
}

/// Whether a name is a pattern, asks for a caller or has a character that patterns have.
fn could_mean_more(name: &[u8]) -> bool {
    name.first() == Some(&b'_') || name.iter().any(|byte| b"/XNZ[].!".contains(byte))
}

/// The name: up to the first comma outside of `[]` that has no backslash before it.
fn field(subject: &Subject<'_>, value: Text) -> Text {
    let bytes = subject.bytes(value);
    let (mut at, mut depth) = (0, 0_usize);
    while at < bytes.len() {
        match bytes[at] {
            b'[' => depth += 1,
            b']' => depth = depth.saturating_sub(1),
            b'\\' => at += 1,
            b',' if depth == 0 => break,
            _ => {}
        }
        at += 1;
    }
    stripped(subject, value.slice(0, at.min(bytes.len())))
}

fn parted(subject: &Subject<'_>, whole: Text) -> (Text, Option<Text>) {
    match subject.bytes(whole).iter().position(|&byte| byte == b'/') {
        None => (whole, None),
        Some(at) => {
            let caller = stripped(subject, whole.slice(at + 1, whole.len()));
            (stripped(subject, whole.slice(0, at)), Some(caller))
        }
    }
}

fn stripped(subject: &Subject<'_>, text: Text) -> Text {
    let (start, end) = crate::syntax::strip(subject.bytes(text));
    text.slice(start, end)
}
