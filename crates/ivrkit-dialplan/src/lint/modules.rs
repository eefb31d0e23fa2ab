//! Which modules of Asterisk a dialplan needs.
//!
//! Knows what is written: an application, function or technology that a variable names is not
//! found. What is part of Asterisk itself needs no module.

use super::{Call, Reading, Settings, Subject, Substitutions};
use crate::{
    application::{
        Entry, Presence, Version, application, function, module,
        technology::{Technology, technology},
        third_party::third_party_application,
    },
    syntax::Place,
};
use std::collections::BTreeMap;

/// What a dialplan needs.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Needed {
    /// What is used of each module, by the module's name without `.so`.
    pub modules: BTreeMap<&'static str, Vec<Use>>,
    /// Applications and functions that no module of the catalogue provides.
    pub unknown: Vec<Use>,
}

/// Something that a dialplan uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// Its name, as Asterisk spells it if it is known.
    pub name: String,
    /// Where it stands first.
    pub place: Place,
    /// How often it is used.
    pub count: usize,
}

/// The modules that a dialplan needs in a version of Asterisk.
pub fn needed(reading: &Reading, version: Version) -> Needed {
    let settings = Settings { version, ..Settings::default() };
    let subject = Subject::new(reading, &settings);
    let mut uses = Uses::default();
    for context in &subject.dialplan.contexts {
        for switch in &context.switches {
            let place = subject.dialplan.files.place(switch.name).unwrap_or_default();
            uses.note(Kind::Switch, subject.bytes(switch.name), place);
        }
    }
    for call in subject.steps().flat_map(super::Step::calls) {
        uses.call(&call);
    }
    uses.needed(version)
}

/// What is used, by kind and name.
#[derive(Debug, Default)]
struct Uses {
    all: BTreeMap<(Kind, Vec<u8>), (Place, usize)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Application,
    Function,
    Technology,
    Switch,
}

impl Uses {
    fn note(&mut self, kind: Kind, name: &[u8], place: Place) {
        let name = match kind {
            Kind::Function => name.to_vec(),
            _ => name.to_ascii_lowercase(),
        };
        let (first, count) = self.all.entry((kind, name)).or_insert((place, 0));
        *first = place.min(*first);
        *count += 1;
    }

    fn call(&mut self, call: &Call<'_>) {
        self.note(Kind::Application, call.name(), call.application_place());
        let data = call.data();
        if call.is("Set") {
            self.assigned(call);
        }
        if call.is("Dial") || call.is("Page") || call.is("Originate") {
            self.technologies(call);
        }
        if call.is_inner {
            return;
        }
        let Some(substitutions) = Substitutions::of(call) else { return };
        for variable in substitutions.variables() {
            let name = &variable.name;
            if variable.arguments.is_some() && name.is_plain() {
                let range = name.span.range();
                self.note(Kind::Function, &data[range.clone()], call.data_place(range));
            }
        }
    }

    /// `Set(CALLERID(num)=...)`.
    fn assigned(&mut self, call: &Call<'_>) {
        let name = call.data().split(|&byte| byte == b'=').next().unwrap_or_default();
        let Some(open) = name.iter().position(|&byte| byte == b'(') else { return };
        if !name[..open].contains(&b'$') {
            self.note(Kind::Function, &name[..open], call.data_place(0..open));
        }
    }

    /// `Dial(PJSIP/100&SIP/200,20)`.
    fn technologies(&mut self, call: &Call<'_>) {
        let callees = call.data().split(|&byte| byte == b',').next().unwrap_or_default();
        let mut start = 0;
        for callee in callees.split(|&byte| byte == b'&') {
            let slash = callee.iter().position(|&byte| byte == b'/').unwrap_or(0);
            if technology(&callee[..slash]).is_some() {
                let place = call.data_place(start..start + slash);
                self.note(Kind::Technology, &callee[..slash], place);
            }
            start += callee.len() + 1;
        }
    }

    fn needed(self, version: Version) -> Needed {
        let mut needed = Needed::default();
        for ((kind, name), (place, count)) in self.all {
            let (name, modules) = match kind {
                Kind::Application => match application(&name) {
                    Some(entry) => of_entry(entry),
                    None => (unknown_application(&name), None),
                },
                Kind::Function => match function(&name) {
                    Some(entry) => of_entry(entry),
                    None => (String::from_utf8_lossy(&name).into_owned(), None),
                },
                Kind::Technology => of_technology(&name, version),
                Kind::Switch => of_switch(&name),
            };
            let one = Use { name, place, count };
            match modules {
                Some(Some(module)) => needed.modules.entry(module).or_default().push(one),
                Some(None) => {}
                None => needed.unknown.push(one),
            }
        }
        needed.unknown.sort_by_key(|one| one.place);
        needed
    }
}

/// A name and its module: nothing if that is not known, and nothing in that if it needs none.
type Provided = (String, Option<Option<&'static str>>);

fn of_entry(entry: &Entry) -> Provided {
    (entry.name().to_owned(), Some(entry.module()))
}

fn unknown_application(name: &[u8]) -> String {
    match third_party_application(name) {
        Some(known) => format!("{} (of {})", known.name, known.product),
        None => String::from_utf8_lossy(name).into_owned(),
    }
}

/// Of several modules that bring a technology, the one that the version has.
fn of_technology(name: &[u8], version: Version) -> Provided {
    let Technology { name, modules, .. } = technology(name).expect("it was looked up before");
    let has = |name: &&&str| {
        module(name).is_some_and(|module| module.presence(version) == Presence::There)
    };
    let module = modules.iter().find(has).or(modules.first());
    ((*name).to_owned(), Some(module.copied()))
}

fn of_switch(name: &[u8]) -> Provided {
    let known = [
        ("DUNDi", "pbx_dundi"),
        ("IAX2", "chan_iax2"),
        ("Loopback", "pbx_loopback"),
        ("Lua", "pbx_lua"),
        ("Realtime", "pbx_realtime"),
    ];
    let found = known.iter().find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(name));
    match found {
        Some(&(name, module)) => (format!("switch {name}"), Some(Some(module))),
        None => (format!("switch {}", String::from_utf8_lossy(name)), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{lint::read, syntax::Nothing};

    #[test]
    fn applications_functions_technologies_and_switches_need_modules() {
        let text = "[a]\n\
                    exten => 1,1,Set(CALLERID(num)=${FILTER(0-9,${EXTEN})})\n\
                    same => n,dial(PJSIP/1&Local/2@a&IAX2/x,20)\n\
                    same => n,Dial(${TARGET})\n\
                    same => n,Goto(1)\n\
                    same => n,Frobnicate()\n\
                    same => n,MRCPSynth(x)\n\
                    switch => Realtime/x\n";
        let reading = read(b"x", text.as_bytes().to_vec(), &mut Nothing);
        let needed = needed(&reading, Version::V22);
        let shown = |uses: &[Use]| {
            let uses = uses.iter().map(|one| format!("{} {}", one.name, one.count));
            uses.collect::<Vec<_>>().join(", ")
        };
        let modules: Vec<_> = needed
            .modules
            .iter()
            .map(|(module, uses)| format!("{module}: {}", shown(uses)))
            .collect();
        assert_eq!(
            modules,
            [
                "app_dial: Dial 2",
                "chan_iax2: IAX2 1",
                "chan_pjsip: PJSIP 1",
                "func_callerid: CALLERID 1",
                "func_strings: FILTER 1",
                "pbx_realtime: switch Realtime 1",
            ]
        );
        assert_eq!(shown(&needed.unknown), "frobnicate 1, MRCPSynth (of UniMRCP) 1");
    }
}
