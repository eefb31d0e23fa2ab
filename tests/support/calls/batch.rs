//! Many cases in one dialplan: those that do not get in each other's way, on as few loads as that
//! takes, in several daemons.

use super::{case::Case, sounds::Sounds};
use crate::support::asterisk::{Asterisk, Followed, Order, Version};
use std::{collections::BTreeSet, path::Path, sync::Mutex, thread, time::Duration};

/// Daemons of one version at the same time.
const DAEMONS: usize = 2;

/// Calls at the same time on one daemon. With more the times of events are no longer right.
const AT_ONCE: usize = 40;

/// Longest time for a call of a case.
const CALL_LIMIT: Duration = Duration::from_mins(1);

/// Modules beside those that every test's daemon has, and what else each version has of its own.
const MODULES: [&str; 8] = [
    "app_channelredirect",
    "app_controlplayback",
    "app_playtones",
    "app_readexten",
    "app_waitforcond",
    "app_waituntil",
    "func_blacklist",
    "func_evalexten",
];
const MODULES_OF_16: [&str; 1] = ["app_macro"];
const MODULES_OF_22: [&str; 1] = ["func_export"];

/// Cases that one dialplan holds.
#[derive(Default)]
struct Batch<'a> {
    general: &'a str,
    contexts: BTreeSet<&'a str>,
    /// Nothing else goes in.
    is_alone: bool,
    cases: Vec<(usize, &'a Case)>,
}

/// What became of the calls of each case, in their order; nothing for a case that is not for this
/// version.
pub(crate) fn run(version: Version, cases: &[Case], sounds: &Sounds) -> Vec<Vec<Followed>> {
    let mut batches = batches(version, cases);
    // What takes longest begins first: they are taken from the end.
    batches.sort_by_key(Batch::weight);
    let (batches, done) = (Mutex::new(batches), Mutex::new(vec![Vec::new(); cases.len()]));
    thread::scope(|scope| {
        for _ in 0..DAEMONS {
            scope.spawn(|| {
                let mut daemon = None;
                while let Some(batch) = next(&batches) {
                    let pbx = daemon.get_or_insert_with(|| start(version, sounds));
                    for (number, calls) in batch.run(pbx) {
                        done.lock().unwrap()[number] = calls;
                    }
                }
            });
        }
    });
    done.into_inner().unwrap()
}

fn next<'a>(batches: &Mutex<Vec<Batch<'a>>>) -> Option<Batch<'a>> {
    batches.lock().unwrap().pop()
}

fn start(version: Version, sounds: &Sounds) -> Asterisk {
    let places = sounds.places();
    let places: Vec<(&Path, &str)> =
        places.iter().map(|(folder, place)| (folder.as_path(), *place)).collect();
    let pbx = Asterisk::start_with(version, &places);
    let own = match version {
        Version::V16 => MODULES_OF_16,
        Version::V22 => MODULES_OF_22,
    };
    let mut manager = pbx.manager();
    for module in MODULES.into_iter().chain(own) {
        let module = format!("{module}.so");
        let fields = [("Module", module.as_str()), ("LoadType", "load")];
        let reply = manager.action("ModuleLoad", &fields);
        assert_eq!(reply.field("Response"), "Success", "{module}: {}", reply.field("Message"));
    }
    let music = "[general]\n[default]\nmode=files\ndirectory=/snd\n";
    std::fs::write(pbx.etc().join("musiconhold.conf"), music).unwrap();
    pbx.command("moh reload");
    pbx
}

fn batches(version: Version, cases: &[Case]) -> Vec<Batch<'_>> {
    let mut batches: Vec<Batch<'_>> = Vec::new();
    for (number, case) in cases.iter().enumerate().filter(|(_, case)| case.runs_on(version)) {
        let fit = batches.iter().position(|batch| batch.has_room_for(case));
        let place = fit.unwrap_or_else(|| {
            batches.push(Batch { general: &case.general, ..Batch::default() });
            batches.len() - 1
        });
        batches[place].add(number, case);
    }
    batches
}

impl<'a> Batch<'a> {
    fn has_room_for(&self, case: &Case) -> bool {
        !self.is_alone
            && !case.is_whole_file()
            && self.general == case.general
            && case.contexts().all(|context| !self.contexts.contains(context))
    }

    fn add(&mut self, number: usize, case: &'a Case) {
        self.is_alone = case.is_whole_file();
        self.contexts.extend(case.contexts());
        self.cases.push((number, case));
    }

    fn weight(&self) -> usize {
        self.cases.iter().map(|(_, case)| case.calls.len()).sum()
    }

    fn run(&self, pbx: &Asterisk) -> Vec<(usize, Vec<Followed>)> {
        let texts: Vec<&str> = self.cases.iter().map(|(_, case)| case.dialplan.as_str()).collect();
        let head = self.cases[0].1.head();
        if self.is_alone {
            pbx.load_file(&head);
            pbx.load_file(&texts.concat());
        } else {
            pbx.load_file(&format!("{head}{}", texts.join("\n")));
        }
        let ids: Vec<Vec<String>> = self
            .cases
            .iter()
            .map(|(_, case)| (0..case.calls.len()).map(|call| case.call_id(call)).collect())
            .collect();
        let variables: Vec<Vec<_>> = self
            .cases
            .iter()
            .flat_map(|(_, case)| case.calls.iter().map(|call| call.variables()))
            .collect();
        let calls = self.cases.iter().flat_map(|(_, case)| &case.calls);
        let orders: Vec<Order<'_>> = calls
            .zip(&variables)
            .zip(ids.iter().flatten())
            .map(|((call, variables), id)| Order {
                dial: call.dial(variables),
                id,
                limit: CALL_LIMIT,
            })
            .collect();
        let mut followed = pbx.follow(&orders, AT_ONCE).into_iter();
        let mut of_case = |case: &Case| followed.by_ref().take(case.calls.len()).collect();
        self.cases.iter().map(|(number, case)| (*number, of_case(case))).collect()
    }
}
