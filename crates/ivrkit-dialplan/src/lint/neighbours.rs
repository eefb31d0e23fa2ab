//! What other configuration files beside the dialplan define: queues, mailboxes, endpoints and more.
//!
//! Pure data: a floor up reads the files and hands them to [`Neighbours::take`]. A list is there
//! only if all of it is known: a file that is missing, includes one that is missing, or leaves its
//! contents to a database, has none. Must not decide what is a mistake: rules do.

use super::Call;
use crate::{
    application::arguments::{self, Text},
    syntax::{Document, Kind, Section, Setting},
};
use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

/// The files that are worth reading.
pub const FILES: [&str; 12] = [
    "confbridge.conf",
    "extconfig.conf",
    "func_odbc.conf",
    "musiconhold.conf",
    "pjsip.conf",
    "pjsip_wizard.conf",
    "queues.conf",
    "res_parking.conf",
    "sip.conf",
    "sorcery.conf",
    "users.conf",
    "voicemail.conf",
];

/// What the files beside the dialplan define.
#[derive(Debug, Clone, Default)]
pub struct Neighbours {
    known: HashMap<Defined, HashSet<Vec<u8>>>,
    /// What cannot be known wholly from files.
    open: HashSet<Defined>,
}

/// A kind of thing that is defined in a file and named in a dialplan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Defined {
    /// `queues.conf`.
    Queue,
    /// `voicemail.conf`, as `mailbox@context`.
    Mailbox,
    /// `pjsip.conf` and `pjsip_wizard.conf`.
    Endpoint,
    /// `sip.conf`.
    Peer,
    /// `confbridge.conf`, `type=bridge`.
    BridgeProfile,
    /// `confbridge.conf`, `type=user`.
    UserProfile,
    /// `confbridge.conf`, `type=menu`.
    ConferenceMenu,
    /// `musiconhold.conf`.
    MusicClass,
    /// `res_parking.conf`.
    ParkingLot,
    /// `func_odbc.conf`, with the prefix: `ODBC_LOOKUP`.
    OdbcFunction,
}

impl Neighbours {
    /// Takes what a file defines; its name is one of [`FILES`].
    pub fn take(&mut self, file_name: &str, document: &Document) {
        let reader = Reader { document };
        match file_name {
            "confbridge.conf" => {
                for (kind, word, builtin) in [
                    (Defined::BridgeProfile, "bridge", "default_bridge"),
                    (Defined::UserProfile, "user", "default_user"),
                    (Defined::ConferenceMenu, "menu", "default_menu"),
                ] {
                    self.add(
                        kind,
                        &reader,
                        reader.of_type(word).chain([builtin.as_bytes().to_vec()]),
                    );
                }
            }
            "func_odbc.conf" => {
                self.add(Defined::OdbcFunction, &reader, reader.odbc_functions());
            }
            "musiconhold.conf" => {
                let classes = reader.sections(&["general"]).chain([b"default".to_vec()]);
                self.add(Defined::MusicClass, &reader, classes);
            }
            "pjsip.conf" => self.add(Defined::Endpoint, &reader, reader.of_type("endpoint")),
            "pjsip_wizard.conf" => {
                self.add(Defined::Endpoint, &reader, reader.of_type("wizard"));
            }
            "queues.conf" => self.add(Defined::Queue, &reader, reader.sections(&["general"])),
            "res_parking.conf" => {
                let lots = reader.sections(&["general"]).chain([b"default".to_vec()]);
                self.add(Defined::ParkingLot, &reader, lots);
                if reader.says("general", "parkeddynamic", is_yes) {
                    self.open.insert(Defined::ParkingLot);
                }
            }
            "sip.conf" => {
                self.add(Defined::Peer, &reader, reader.sections(&["general", "authentication"]));
            }
            "voicemail.conf" => self.add(Defined::Mailbox, &reader, reader.mailboxes()),
            // Users are peers with boxes, and may be members of queues.
            "users.conf" => self.open.extend([Defined::Peer, Defined::Mailbox, Defined::Queue]),
            "extconfig.conf" => self.take_realtime(&reader),
            "sorcery.conf" => _ = self.open.insert(Defined::Endpoint),
            _ => {}
        }
    }

    /// Whether something of that name is missing; never if not all of them are known.
    pub fn lacks(&self, kind: Defined, name: &[u8]) -> bool {
        !self.open.contains(&kind)
            && self.known.get(&kind).is_some_and(|known| !known.contains(&folded(kind, name)))
    }

    /// Whether something of that name is defined.
    pub fn has(&self, kind: Defined, name: &[u8]) -> bool {
        self.known.get(&kind).is_some_and(|known| known.contains(&folded(kind, name)))
    }

    fn add(&mut self, kind: Defined, reader: &Reader<'_>, names: impl Iterator<Item = Vec<u8>>) {
        if !reader.is_complete() {
            self.open.insert(kind);
        }
        self.known.entry(kind).or_default().extend(names.map(|name| folded(kind, &name)));
    }

    /// `extconfig.conf` says which of them are in a database.
    fn take_realtime(&mut self, reader: &Reader<'_>) {
        for setting in reader.document.sections.iter().flat_map(|section| &section.settings) {
            let kinds: &[Defined] = match reader.bytes(setting.name) {
                b"queues" | b"queues.conf" => &[Defined::Queue],
                b"voicemail" | b"voicemail.conf" => &[Defined::Mailbox],
                b"sippeers" | b"sipusers" | b"sip.conf" => &[Defined::Peer],
                b"ps_endpoints" | b"pjsip.conf" => &[Defined::Endpoint],
                b"musiconhold" | b"musiconhold.conf" => &[Defined::MusicClass],
                b"func_odbc.conf" => &[Defined::OdbcFunction],
                b"res_parking.conf" | b"parkinglots" => &[Defined::ParkingLot],
                b"confbridge.conf" => {
                    &[Defined::BridgeProfile, Defined::UserProfile, Defined::ConferenceMenu]
                }
                _ => &[],
            };
            self.open.extend(kinds);
        }
    }
}

/// Asterisk compares the names of these without regard to letter case.
fn folded(kind: Defined, name: &[u8]) -> Vec<u8> {
    match kind {
        Defined::OdbcFunction => name.to_vec(),
        _ => name.to_ascii_lowercase(),
    }
}

fn is_yes(value: &[u8]) -> bool {
    [&b"yes"[..], b"true", b"on", b"1", b"y", b"t"]
        .iter()
        .any(|yes| value.eq_ignore_ascii_case(yes))
}

/// One file.
struct Reader<'a> {
    document: &'a Document,
}

impl<'a> Reader<'a> {
    fn bytes(&self, text: crate::syntax::Text) -> &'a [u8] {
        self.document.files.bytes(text)
    }

    /// Whether all that belongs to it was read.
    fn is_complete(&self) -> bool {
        let is_hole = |kind| {
            matches!(kind, Kind::Exec | Kind::FileMissing | Kind::IncludeDepth | Kind::Limit)
        };
        !self.document.is_refused && !self.document.messages.iter().any(|one| is_hole(one.kind))
    }

    fn own(&self) -> impl Iterator<Item = &'a Section> {
        self.document.sections.iter().filter(|section| !section.is_template)
    }

    fn sections(&self, except: &[&str]) -> impl Iterator<Item = Vec<u8>> {
        let names = self.own().map(|section| self.bytes(section.name));
        let is_one = move |name: &&[u8]| {
            !except.iter().any(|other| name.eq_ignore_ascii_case(other.as_bytes()))
        };
        names.filter(is_one).map(<[u8]>::to_vec).collect::<Vec<_>>().into_iter()
    }

    fn of_type(&self, wanted: &'static str) -> impl Iterator<Item = Vec<u8>> {
        let has_type = move |section: &&Section| {
            self.value(section, "type")
                .is_some_and(|found| found.eq_ignore_ascii_case(wanted.as_bytes()))
        };
        self.own().filter(has_type).map(|section| self.bytes(section.name).to_vec())
    }

    /// The last value of a setting.
    fn value(&self, section: &Section, name: &str) -> Option<&'a [u8]> {
        let is_it = |one: &&Setting| {
            self.bytes(one.name).trim_ascii().eq_ignore_ascii_case(name.as_bytes())
        };
        let found = section.settings.iter().rev().find(is_it)?;
        Some(without_arrow(self.bytes(found.value)))
    }

    fn says(&self, section: &str, name: &str, check: fn(&[u8]) -> bool) -> bool {
        let sections =
            self.own().filter(|one| self.bytes(one.name).eq_ignore_ascii_case(section.as_bytes()));
        sections.into_iter().any(|one| self.value(one, name).is_some_and(check))
    }

    fn odbc_functions(&self) -> impl Iterator<Item = Vec<u8>> {
        let functions =
            self.own().filter(|one| !self.bytes(one.name).eq_ignore_ascii_case(b"general"));
        functions.map(|section| {
            let prefix = self.value(section, "prefix").filter(|prefix| !prefix.is_empty());
            [prefix.unwrap_or(b"ODBC"), b"_", self.bytes(section.name)].concat()
        })
    }

    fn mailboxes(&self) -> impl Iterator<Item = Vec<u8>> {
        let no_contexts = ["general", "zonemessages"];
        let is_context = move |section: &&Section| {
            let name = self.bytes(section.name);
            !no_contexts.iter().any(|other| name.eq_ignore_ascii_case(other.as_bytes()))
        };
        self.own().filter(is_context).flat_map(|section| {
            let boxes = section.settings.iter().map(|one| self.bytes(one.name).trim_ascii());
            boxes.map(|one| [one, b"@", self.bytes(section.name)].concat())
        })
    }
}

fn without_arrow(value: &[u8]) -> &[u8] {
    value.strip_prefix(b">").unwrap_or(value).trim_ascii()
}

/// The argument of an application, without the blanks around it; none if it is not given, or known at
/// run time only.
pub(super) fn plain_argument(call: &Call<'_>, at: usize) -> Option<Range<usize>> {
    let data = call.data();
    let range = arguments::split(data, Text::Source).get(at)?.clone();
    plain(data, range)
}

/// A range without the blanks around it, if its text is known before the call runs.
pub(super) fn plain(data: &[u8], range: Range<usize>) -> Option<Range<usize>> {
    let text = &data[range.clone()];
    let start = range.start + text.len() - text.trim_ascii_start().len();
    let trimmed = start..start + text.trim_ascii().len();
    let is_plain = !trimmed.is_empty() && memchr::memchr(b'$', text).is_none();
    is_plain.then_some(trimmed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::{self, Nothing};

    fn read(files: &[(&str, &str)]) -> Neighbours {
        let mut neighbours = Neighbours::default();
        for (name, text) in files {
            let document = syntax::read(name.as_bytes(), text.as_bytes().to_vec(), &mut Nothing);
            neighbours.take(name, &document);
        }
        neighbours
    }

    #[track_caller]
    fn check(files: &[(&str, &str)], kind: Defined, there: &[&str], missing: &[&str]) {
        let neighbours = read(files);
        for name in there {
            assert!(neighbours.has(kind, name.as_bytes()), "{name}");
            assert!(!neighbours.lacks(kind, name.as_bytes()), "{name}");
        }
        for name in missing {
            assert!(neighbours.lacks(kind, name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn sections_and_types_are_names() {
        let queues = ("queues.conf", "[general]\n[t](!)\n[sales](t)\n[Support]\n");
        check(&[queues], Defined::Queue, &["sales", "support"], &["general", "t", "sale"]);
        let pjsip = ("pjsip.conf", "[100]\ntype=endpoint\n[100]\ntype=aor\n[trunk]\ntype=aor\n");
        let wizard = ("pjsip_wizard.conf", "[200]\ntype = wizard\n");
        check(&[pjsip, wizard], Defined::Endpoint, &["100", "200"], &["trunk"]);
        let profiles = ("confbridge.conf", "[big]\ntype=bridge\n[me]\ntype=user\n");
        check(&[profiles], Defined::BridgeProfile, &["big", "default_bridge"], &["me"]);
    }

    #[test]
    fn mailboxes_belong_to_contexts_and_functions_have_prefixes() {
        let boxes =
            ("voicemail.conf", "[general]\nformat=wav\n[default]\n100 => 1,A\n[b]\n2 = 3\n");
        check(
            &[boxes],
            Defined::Mailbox,
            &["100@default", "2@b"],
            &["2@default", "format@general"],
        );
        let odbc = ("func_odbc.conf", "[LOOKUP]\nreadsql=x\n[GET]\nprefix=ACME\n");
        check(&[odbc], Defined::OdbcFunction, &["ODBC_LOOKUP", "ACME_GET"], &["ODBC_GET"]);
    }

    #[test]
    fn what_is_not_known_wholly_lacks_nothing() {
        let lacks = |files: &[(&str, &str)], kind| read(files).lacks(kind, b"none");
        let queues = ("queues.conf", "[sales]\n");
        assert!(lacks(&[queues], Defined::Queue));
        assert!(!lacks(&[], Defined::Queue));
        assert!(!lacks(&[("queues.conf", "#include gone\n[sales]\n")], Defined::Queue));
        let realtime = ("extconfig.conf", "[settings]\nqueues => odbc,asterisk\n");
        assert!(!lacks(&[queues, realtime], Defined::Queue));
        let pjsip = ("pjsip.conf", "[1]\ntype=endpoint\n");
        assert!(!lacks(&[pjsip, ("sorcery.conf", "")], Defined::Endpoint));
    }
}
