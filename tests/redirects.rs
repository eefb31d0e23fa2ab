//! Calls on hold that are sent on at any moment, on real Asterisks: none is lost, none goes wrong.
//!
//! A Redirect can come while Asterisk goes from one priority to the next. The holds here have a prompt
//! without a sound, so that they do so as soon as they begin and at every pause; redirects come at once
//! or at any moment of the first two rounds.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use ivrkit_dialplan::scenario::Profile;
use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};
use support::{
    asterisk::{Asterisk, Manager, Version},
    scenario,
};

/// Calls for each profile and version.
const CALLS: usize = 400;
/// Calls that begin in one second.
const CALLS_PER_S: u32 = 80;
/// Calls on hold at one time: were there more of them on a slow machine, each would be there longer, and
/// so on.
const AT_ONCE: usize = 64;
/// Calls are sent on within one of these times after they came to hold.
const LATEST_US: [u64; 3] = [1, 1_000, 1_200_000];
/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_mins(1);

/// Who is on hold, what the PBX of `yeastar-s` brings along.
const AROUND: &str = "
[callees]
exten => held,1,Answer()
same => n,Wait(30)
";
const OF_YEASTAR: &str = "[ivrs]\n[always-Hangup]\nexten => h,1,Hangup()\n";

#[test]
fn calls_are_sent_on_at_any_moment_on_asterisk_16() {
    check(Version::V16);
}

#[test]
fn calls_are_sent_on_at_any_moment_on_asterisk_22() {
    check(Version::V22);
}

fn check(version: Version) {
    let sounds = tempfile::tempdir().unwrap();
    for (prompt, length_ms) in [("holdon", 0), ("ok", 20)] {
        silence(&sounds.path().join(format!("{prompt}.wav")), length_ms);
    }
    let pbx = Asterisk::start(version, Some(sounds.path()));
    for profile in [Profile::YeastarS, Profile::Asterisk] {
        let mut scenario = scenario::shipped();
        let ivr = scenario.ivrs.get_mut("6501").unwrap();
        ivr.entry.as_mut().unwrap().hold.prompts = vec!["holdon".to_owned()];
        let dialplan = scenario::dialplan(&scenario, profile, OF_YEASTAR) + AROUND;
        assert_eq!(pbx.load(&dialplan), []);
        let calls = send_on(&pbx);
        let wrong: Vec<_> = calls.values().filter(|call| !call.is_right()).collect();
        assert!(
            wrong.is_empty() && calls.len() == CALLS,
            "{} of {} went wrong on Asterisk {version}, {profile}:\n{wrong:#?}",
            wrong.len(),
            calls.len(),
        );
    }
}

/// What became of a call.
#[derive(Debug, Default)]
struct Held {
    /// How often it came to hold.
    times: usize,
    /// IVRs whose prompts it heard to the end.
    heard: Vec<String>,
    has_left: bool,
    /// Where and why it ended.
    end: Option<String>,
}

impl Held {
    fn is_right(&self) -> bool {
        self.times == 1 && self.heard == ["6502"] && self.end.is_some()
    }
}

/// Begins the calls and sends each to 6502 at a random moment after it came to hold.
fn send_on(pbx: &Asterisk) -> HashMap<String, Held> {
    let mut listening = pbx.manager();
    listening.events("call,user");
    let (sender, mut redirecting) = (mpsc::channel(), pbx.manager());
    let (due, orders) = sender;
    let redirects = thread::spawn(move || redirect(&mut redirecting, &orders));
    let mut originating = pbx.manager();
    let (places, ended) = mpsc::sync_channel(AT_ONCE);
    let begins = thread::spawn(move || {
        let start = Instant::now();
        for at in 0..CALLS {
            // Nobody takes them any more when the calls are given up.
            if places.send(()).is_err() {
                return;
            }
            let next = Duration::from_secs(1) / CALLS_PER_S * u32::try_from(at).unwrap();
            thread::sleep(next.saturating_sub(start.elapsed()));
            hold(&mut originating, at);
        }
    });
    let leave = |call: &mut Held| {
        if !std::mem::replace(&mut call.has_left, true) {
            let _place = ended.try_recv();
        }
    };
    let mut calls: HashMap<String, Held> = HashMap::new();
    let mut last = Instant::now();
    while calls.len() < CALLS || calls.values().any(|call| call.end.is_none()) {
        let Some(event) = listening.event(Instant::now() + Duration::from_millis(100)) else {
            // What is lost for ever is told by what is known of it.
            if last.elapsed() > PATIENCE {
                break;
            }
            continue;
        };
        let id = event.field("Uniqueid");
        if !id.starts_with("held-") || id.contains(';') {
            continue;
        }
        last = Instant::now();
        let call = calls.entry(id.to_owned()).or_default();
        match event.field("Event") {
            "UserEvent" if event.field("UserEvent") == "DtmfEndString" => {
                call.times += 1;
                let latest_us = fastrand::choice(LATEST_US).unwrap();
                let wait = Duration::from_micros(fastrand::u64(..latest_us));
                due.send((Instant::now() + wait, id.to_owned())).unwrap();
            }
            "UserEvent" if event.field("UserEvent") == "PlayPromptEnd" => {
                call.heard.push(event.field("Ivrid").to_owned());
                leave(call);
            }
            "Hangup" => {
                let names = ["Context", "Exten", "Priority", "Cause-txt"];
                call.end = Some(names.map(|name| event.field(name)).join(","));
                leave(call);
            }
            _ => {}
        }
    }
    drop((due, ended));
    begins.join().unwrap();
    redirects.join().unwrap();
    calls
}

/// Begins a call whose callee has just typed a code.
fn hold(manager: &mut Manager, at: usize) {
    let id = format!("held-{at}");
    let fields = [
        ("Channel", "Local/held@callees/n"),
        ("Context", "ivr_6501-menu"),
        ("Exten", "56789#"),
        ("Priority", "1"),
        ("Async", "true"),
        ("ChannelId", &*id),
    ];
    assert_eq!(manager.action("Originate", &fields).field("Response"), "Success");
}

/// Does the redirects when they are due.
fn redirect(manager: &mut Manager, orders: &mpsc::Receiver<(Instant, String)>) {
    let mut waiting: BTreeMap<Instant, String> = BTreeMap::new();
    loop {
        let next = waiting.keys().next().copied();
        let pause = next.map_or(PATIENCE * 2, |at| at.saturating_duration_since(Instant::now()));
        match orders.recv_timeout(pause) {
            Ok((at, id)) => drop(waiting.insert(at, id)),
            Err(RecvTimeoutError::Timeout) => {
                let (_, id) = waiting.pop_first().expect("it is due");
                let target = [("Context", "ivr_6502"), ("Exten", "6502"), ("Priority", "1")];
                let fields = [&[("Channel", &*id)][..], &target].concat();
                let reply = manager.action("Redirect", &fields);
                assert_eq!(reply.field("Response"), "Success", "{id}: {reply:?}");
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn silence(path: &Path, length_ms: u32) {
    let format = hound::WavSpec {
        channels: 1,
        sample_rate: 8000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = hound::WavWriter::create(path, format).unwrap();
    (0..length_ms * 8).for_each(|_| file.write_sample(0_i16).unwrap());
    file.finalize().unwrap();
}
