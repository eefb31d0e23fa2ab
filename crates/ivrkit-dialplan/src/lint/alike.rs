//! Names of a dialplan that differ in case or one letter: one of them is probably misspelt.
//!
//! Names that differ in digits are meant to: `line1` and `line2`.

use super::{
    Reading, Settings, Subject,
    variables::{FEWEST_LETTERS, differ_in_digits, shortened},
};
use crate::syntax::{Place, Text};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What a name is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NameKind {
    /// A context, begun or included.
    Context,
    /// An extension that is no number and no pattern.
    Extension,
    /// A label of a priority.
    Label,
    /// A variable that is set or read.
    Variable,
}

/// How two names differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Difference {
    /// In upper and lower case.
    Case,
    /// In one letter that is another, is missing, or is swapped with the next.
    Letter,
}

/// A name and where it stands first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The name.
    pub name: Vec<u8>,
    /// Where it stands first.
    pub place: Place,
}

/// Two names that look alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alike {
    /// What they are of.
    pub kind: NameKind,
    /// How they differ.
    pub difference: Difference,
    /// The two, in the order of their places.
    pub names: [Named; 2],
}

/// Names by kind, each with its first place.
type Names = BTreeMap<(NameKind, Vec<u8>), Place>;

/// The pairs of names that look alike, by kind and place.
pub fn alike(reading: &Reading) -> Vec<Alike> {
    let names = names(reading);
    let mut all = Vec::new();
    for kind in [NameKind::Context, NameKind::Extension, NameKind::Label, NameKind::Variable] {
        let own = names.iter().filter(|((of, _), _)| *of == kind);
        let own: Vec<_> = own.map(|((_, name), &place)| (name.as_slice(), place)).collect();
        for (difference, left, right) in pairs(&own.iter().map(|one| one.0).collect::<Vec<_>>()) {
            let spot = |at: usize| Named { name: own[at].0.to_vec(), place: own[at].1 };
            let mut names = [spot(left), spot(right)];
            names.sort_by_key(|one| one.place);
            all.push(Alike { kind, difference, names });
        }
    }
    all.sort_by_cached_key(|one| (one.kind, one.names[0].place, one.names[1].place));
    all
}

fn names(reading: &Reading) -> Names {
    let settings = Settings::default();
    let subject = Subject::new(reading, &settings);
    let mut names = Names::new();
    let mut note = |kind, name: &[u8], place: Place| {
        let first = names.entry((kind, name.to_vec())).or_insert(place);
        *first = place.min(*first);
    };
    let dialplan = subject.dialplan;
    for section in subject.sections {
        let name = subject.bytes(section.name);
        let is_context =
            [&b"general"[..], b"globals"].iter().all(|own| !name.eq_ignore_ascii_case(own));
        if let Some(place) = dialplan.files.place(section.name).filter(|_| is_context) {
            note(NameKind::Context, name, place);
        }
    }
    for context in &dialplan.contexts {
        for include in &context.includes {
            note(NameKind::Context, subject.bytes(include.context()), include.place);
        }
    }
    for step in subject.steps() {
        let place = |text: Text| step.place(text);
        let name = step.priority.name;
        if is_word(subject.bytes(name)) {
            note(NameKind::Extension, subject.bytes(name), place(name));
        }
        if let Some(label) = step.priority.label {
            note(NameKind::Label, subject.bytes(label), place(label));
        }
    }
    let variables = subject.variables();
    for (name, &place) in variables.set.iter().chain(&variables.read) {
        note(NameKind::Variable, name, place);
    }
    names
}

/// Whether an extension is called by letters, not by digits.
fn is_word(name: &[u8]) -> bool {
    !name.starts_with(b"_") && name.iter().any(u8::is_ascii_alphabetic)
}

/// The pairs that look alike among names that all differ, as indices.
fn pairs(names: &[&[u8]]) -> BTreeSet<(Difference, usize, usize)> {
    let folded: Vec<_> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
    let mut first: HashMap<&[u8], usize> = HashMap::new();
    let mut found = BTreeSet::new();
    for (at, name) in folded.iter().enumerate() {
        let before = *first.entry(name).or_insert(at);
        if before != at {
            found.insert((Difference::Case, before, at));
        }
    }
    // Two names that differ in one letter are the same after one is left out of either or both.
    let mut by_short: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
    for (&name, &at) in &first {
        if (FEWEST_LETTERS..80).contains(&name.len()) {
            for short in shortened(name).chain([name.to_vec()]) {
                by_short.entry(short).or_default().push(at);
            }
        }
    }
    let lossy = |at: usize| String::from_utf8_lossy(&folded[at]);
    for same in by_short.values() {
        for (nth, &left) in same.iter().enumerate() {
            for &right in &same[nth + 1..] {
                let is_new = left != right && !differ_in_digits(&folded[left], &folded[right]);
                if is_new && strsim::osa_distance(&lossy(left), &lossy(right)) == 1 {
                    found.insert((Difference::Letter, left.min(right), left.max(right)));
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{lint::read, syntax::Nothing};

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let reading = read(b"extensions.conf", text.as_bytes().to_vec(), &mut Nothing);
        let shown = alike(&reading).into_iter().map(|one| {
            let [left, right] = one.names.map(|name| name.name.escape_ascii().to_string());
            format!("{:?} {:?} {left} {right}", one.kind, one.difference)
        });
        assert_eq!(shown.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn names_of_each_kind_are_compared_with_their_own_kind() {
        check(
            "[from-pstn]\n\
             include => from-pstm\n\
             exten => start,1,Set(IvrId=1)\n\
             same => n(again),NoOp(${Ivrid}${start})\n\
             exten => strat,1,Goto(agian)\n\
             same => n(agian),NoOp()\n",
            &[
                "Context Letter from-pstn from-pstm",
                "Extension Letter start strat",
                "Label Letter again agian",
                "Variable Case IvrId Ivrid",
            ],
        );
    }

    #[test]
    fn numbers_and_short_names_are_meant_to_differ() {
        check(
            "[line1]\nexten => 100,1,NoOp()\nexten => 101,1(a),NoOp()\n\
             [line2]\nexten => s,1(b),NoOp()\nexten => t,1,NoOp()\nexten => _1X,1,NoOp()\n",
            &[],
        );
    }
}
