//! How applications and functions affect a call: where it goes on, who answers, what is played,
//! where digits and texts end up.
//!
//! Written by hand from Asterisk's source, versions 13 to 22; [`table`] has the rows. What stands
//! in no row is not known, and a rule must not conclude anything from it. Must not say which places
//! a call goes to: that is [`super::target`].

mod table;

use super::{
    Version, application,
    arguments::{self, Text},
    by_name::ByName,
};
use std::{ops::Range, sync::LazyLock};

/// What an application does to the call that runs it.
#[derive(Debug, Clone, Copy)]
pub struct Behaviour {
    /// The application's name as Asterisk spells it.
    pub name: &'static str,
    /// Where the call goes on.
    pub flow: Flow,
    /// Its part in a block that begins and ends.
    pub block: Option<Block>,
    /// Whether it answers.
    pub answer: Answer,
    /// What it does with the digits that the caller presses.
    pub digits: Digits,
    /// Which sounds it plays.
    pub sounds: &'static [Sounds],
    /// Which arguments name variables that it sets.
    pub sets: &'static [Place],
    /// Which arguments do harm if the caller says what is in them.
    pub sinks: &'static [(Place, Danger)],
    /// Whether it waits until the caller or somebody else does something, and for how long.
    pub waits: bool,
}

/// Where a call goes on after an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flow {
    /// At the next priority, unless the caller hangs up meanwhile.
    Continues,
    /// At the next priority, or where its arguments say: a condition, a result, a pressed key.
    MayLeave,
    /// At the next priority if it does not come to its purpose; else the call mostly ends in it.
    MayEnd,
    /// Where its arguments say, never at the next priority if they are right.
    Leaves,
    /// Nowhere: the call ends.
    Ends,
}

/// A part of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Block {
    /// `While`.
    While,
    /// `EndWhile`: on at its `While`.
    EndWhile,
    /// `ContinueWhile`: on at its `While`.
    ContinueWhile,
    /// `ExitWhile`: on after its `EndWhile`.
    ExitWhile,
    /// `If`.
    If,
    /// `ElseIf`.
    ElseIf,
    /// `Else`.
    Else,
    /// `ExitIf`: on after its `EndIf`.
    ExitIf,
    /// `EndIf`.
    EndIf,
    /// `Return`: on after the `Gosub`.
    Return,
    /// `StackPop`: forgets where to return to.
    StackPop,
    /// `MacroExit`: on after the `Macro`.
    MacroExit,
}

/// Whether an application answers a call that nobody has answered yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// No.
    Never,
    /// Yes.
    Always,
    /// Unless this option is given: a letter or a word.
    Unless(&'static str),
    /// When somebody else answers.
    WithPeer,
}

/// What becomes of the digits that a caller presses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Digits {
    /// Nothing that is known.
    Unused,
    /// They choose an extension, and the call goes on there.
    Extension,
    /// They are put into the variable that [`Behaviour::sets`] names.
    Variable,
    /// They steer the application, such as a menu of its own.
    Own,
    /// One key may leave the application for an extension of one digit.
    Exit,
}

/// A part of an application's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// All of it.
    All,
    /// The argument of that name, as the catalogue has it for the version.
    Named(&'static str),
    /// The argument at that place, from 0.
    Argument(usize),
    /// All arguments from that place on.
    From(usize),
    /// What stands in the parentheses of an option.
    Option(u8),
    /// What stands before the first `=`.
    BeforeEquals,
    /// What stands before the first `=` of each argument.
    EachBeforeEquals,
}

/// Names of sound files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sounds {
    /// Where they stand.
    pub at: Place,
    /// What stands between them; nothing for a single one.
    pub separator: Option<u8>,
}

/// What a text can do that the caller controls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Danger {
    /// A shell runs it.
    Shell,
    /// A database runs it.
    Sql,
    /// It is an address that the PBX asks over the network.
    Url,
    /// It says whom to call: `&` adds a callee, `Local/...` reaches any context.
    Dial,
    /// It names a file that is read, played or written.
    File,
    /// It names a program or script that is run.
    Program,
    /// It is the name or the data of an application that is run.
    Application,
    /// It is expanded again, functions included.
    Evaluation,
    /// It becomes a header or a message on the wire.
    Header,
}

static BEHAVIOURS: LazyLock<ByName<Vec<&'static Behaviour>>> =
    LazyLock::new(|| table::ROWS.iter().map(|row| (row.name, row)).collect());

/// How an application behaves; letter case does not count. Nothing if it is not known.
pub fn behaviour(name: &[u8]) -> Option<&'static Behaviour> {
    BEHAVIOURS.find(name).and_then(|found| found.first().copied())
}

/// All that is known, by family.
pub fn behaviours() -> &'static [Behaviour] {
    table::ROWS
}

/// What harm a function's arguments can do if the caller says what is in them; the arguments count
/// from 0, and nothing stands for all of them.
pub fn function_sinks(name: &[u8]) -> &'static [(Option<usize>, Danger)] {
    let row = table::FUNCTIONS.iter().find(|(function, _)| function.as_bytes() == name);
    match row {
        Some((_, sinks)) => sinks,
        None if super::third_party::is_configured_function(name) => &[(None, Danger::Sql)],
        None => &[],
    }
}

impl Behaviour {
    /// The ranges of the names of sounds in an application's data; empty names are left out.
    pub fn sounds(&self, data: &[u8], version: Version, text: Text) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        for sounds in self.sounds {
            for range in self.ranges(sounds.at, data, version, text) {
                let Some(separator) = sounds.separator else {
                    found.push(range);
                    continue;
                };
                let pieces =
                    arguments::split_plain(&data[range.clone()], separator, usize::MAX, text);
                found.extend(
                    pieces.into_iter().map(|one| range.start + one.start..range.start + one.end),
                );
            }
        }
        found.retain(|range| !range.is_empty());
        found
    }

    /// The ranges of the names of variables that it sets.
    pub fn sets(&self, data: &[u8], version: Version, text: Text) -> Vec<Range<usize>> {
        let places = self.sets.iter();
        places.flat_map(|&place| self.ranges(place, data, version, text)).collect()
    }

    /// The ranges where a caller's text does harm, and which.
    pub fn sinks(&self, data: &[u8], version: Version, text: Text) -> Vec<(Range<usize>, Danger)> {
        let found = self.sinks.iter().flat_map(|&(place, danger)| {
            let ranges = self.ranges(place, data, version, text);
            ranges.into_iter().map(move |range| (range, danger))
        });
        found.collect()
    }

    fn ranges(&self, at: Place, data: &[u8], version: Version, text: Text) -> Vec<Range<usize>> {
        ranges(self.name, at, data, version, text)
    }
}

/// Where a place stands in the data of an application; nothing if it is not given.
pub fn ranges(
    name: &str,
    place: Place,
    data: &[u8],
    version: Version,
    text: Text,
) -> Vec<Range<usize>> {
    // Most places need no splitting, and most calls lack what the others look for.
    let at = |index: usize| arguments::nth(data, index, text).into_iter().collect();
    match place {
        Place::All => std::iter::once(0..data.len()).collect(),
        Place::Argument(index) => at(index),
        Place::From(index) => {
            arguments::nth(data, index, text).map(|one| one.start..data.len()).into_iter().collect()
        }
        Place::Named(argument) => position(name, argument, version).map_or_else(Vec::new, at),
        Place::Option(letter) => {
            let option = given_option(name, letter, data, version, text);
            option.and_then(|option| option.argument).into_iter().collect()
        }
        Place::BeforeEquals => before_equals(data, 0..data.len(), text).into_iter().collect(),
        Place::EachBeforeEquals => arguments::split(data, text)
            .into_iter()
            .filter_map(|one| before_equals(data, one, text))
            .collect(),
    }
}

/// Which argument, from 0, has that name in that version.
fn position(name: &str, argument: &str, version: Version) -> Option<usize> {
    let syntax = application(name.as_bytes())?.syntax(version)?;
    syntax.arguments.iter().position(|one| one.name == argument)
}

/// An option that the data gives.
pub(super) fn given_option(
    name: &str,
    letter: u8,
    data: &[u8],
    version: Version,
    text: Text,
) -> Option<arguments::GivenOption> {
    // Most data have no such letter, and are not worth reading.
    memchr::memchr(letter, data)?;
    let entry = application(name.as_bytes())?;
    // A version that lacks the application is answered for by the newest one that has it.
    let mut versions = std::iter::once(version).chain(Version::ALL.into_iter().rev());
    let at = versions.find_map(|one| entry.syntax(one))?.options_at()?;
    if at > 0 && !data[memchr::memchr(b',', data)?..].contains(&letter) {
        return None;
    }
    let argument = arguments::nth(data, at, text)?;
    arguments::options(data, argument, text).option(letter).cloned()
}

fn before_equals(data: &[u8], range: Range<usize>, text: Text) -> Option<Range<usize>> {
    let equals = arguments::find_plain(&data[range.clone()], b'=', text)?;
    Some(range.start..range.start + equals)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::{applications, functions};

    #[test]
    fn every_row_is_of_an_application_that_asterisk_has() {
        for row in behaviours() {
            let entry = application(row.name.as_bytes());
            assert_eq!(entry.map(crate::application::Entry::name), Some(row.name));
            let places = row.sounds.iter().map(|one| one.at);
            let places = places.chain(row.sets.iter().copied());
            for place in places.chain(row.sinks.iter().map(|one| one.0)) {
                assert!(is_somewhere(row.name, place), "{} {place:?}", row.name);
            }
        }
        assert_eq!(BEHAVIOURS.len(), behaviours().len(), "each has one row");
        assert!(behaviours().len() * 3 > applications().len(), "{}", behaviours().len());
        for row in behaviours() {
            if let Answer::Unless(option) = row.answer {
                assert!(has_option(row.name, option), "{} {option}", row.name);
            }
        }
        for (name, _) in table::FUNCTIONS {
            assert!(functions().iter().any(|entry| entry.name() == *name), "{name}");
        }
    }

    fn has_option(name: &str, option: &str) -> bool {
        let entry = application(name.as_bytes()).expect("there is one");
        Version::ALL.into_iter().any(|version| {
            let described = entry.syntax(version).map_or(&[][..], |syntax| syntax.options());
            described
                .iter()
                .chain(entry.undocumented_options(version))
                .any(|one| one.name == option)
        })
    }

    /// Whether one version at least documents that place.
    fn is_somewhere(name: &str, place: Place) -> bool {
        Version::ALL.into_iter().any(|version| {
            let entry = application(name.as_bytes()).expect("there is one");
            match (place, entry.syntax(version)) {
                (Place::Named(argument), _) => position(name, argument, version).is_some(),
                (Place::Option(letter), Some(syntax)) => {
                    let letter = char::from(letter).to_string();
                    let undocumented = entry.undocumented_options(version).iter();
                    let mut options = syntax.options().iter().chain(undocumented);
                    options.any(|one| one.name == letter && one.argument.is_some())
                }
                (Place::Argument(index) | Place::From(index), Some(syntax)) => {
                    index < syntax.arguments.len()
                }
                _ => true,
            }
        })
    }

    fn check(application: &str, data: &str, expected: &[&str]) {
        let row = behaviour(application.as_bytes()).expect("it is known");
        let found = row.sounds(data.as_bytes(), Version::V22, Text::Source);
        let found: Vec<&str> = found.into_iter().map(|range| &data[range]).collect();
        assert_eq!(found, expected, "{application}({data})");
    }

    #[test]
    fn sounds_are_found_where_they_stand() {
        check("playback", "a&b,noanswer", &["a", "b"]);
        check("BackGround", "custom/${X}&b,m,,menu", &["custom/${X}", "b"]);
        check("Read", "digit,please,1", &["please"]);
        check("Read", "digit", &[]);
        check("Queue", "sales,t,,first&second,30", &["first", "second"]);
        check("Dial", "SIP/1,30,tA(x)g", &["x"]);
        check("Dial", "SIP/1,30,tA(x:y)g", &["x", "y"]);
        check("Wait", "1", &[]);
    }

    #[test]
    fn variables_and_sinks_are_found() {
        let sets = |application: &str, data: &str| {
            let row = behaviour(application.as_bytes()).expect("it is known");
            let found = row.sets(data.as_bytes(), Version::V22, Text::Source);
            found.into_iter().map(|range| data[range].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(sets("Set", "a=b=c"), ["a"]);
        assert_eq!(sets("MSet", "a=1,b=2"), ["a", "b"]);
        assert_eq!(sets("Read", "digit,please"), ["digit"]);
        let row = behaviour(b"MixMonitor").expect("it is known");
        let data = "a.wav,b,rm ${X}";
        let sinks = row.sinks(data.as_bytes(), Version::V22, Text::Source);
        assert_eq!(sinks, [(0..5, Danger::File), (8..15, Danger::Shell)]);
    }

    #[test]
    fn an_argument_that_moved_is_found_by_its_name() {
        let gosub =
            |version| ranges("Queue", Place::Named("gosub"), b"q,,,,,,a,b", version, Text::Source);
        assert_eq!(gosub(Version::V20).first(), Some(&(9..10)));
        assert_eq!(gosub(Version::V22).first(), Some(&(7..8)));
    }
}
