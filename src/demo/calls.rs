//! The calls of a demonstration: server and simulated PBX on loopback, each call compared with its
//! plan.

use super::{
    Error,
    folder::Folder,
    plan::{self, PlannedCall},
    transcript,
};
use crate::{files, media};
use ivrkit_dialplan::{
    call::Pbx,
    scenario::Scenario,
    verification::{Direction, Outcome},
};
use ivrkit_verifier::{
    Config, Running,
    driver::NewCall,
    number::PhoneNumber,
    pbx::simulated::{self, Callee, Callees, Event, Lengths, Settings, Simulator},
    serve, shutdown,
    store::{
        CallRecord,
        codes::{Codes, NewCode},
    },
};
use secrecy::SecretString;
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::Write,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    time::{Duration, Instant},
};
use tokio::sync::broadcast::{Receiver, error::TryRecvError};

/// For the server's login.
const READY_LIMIT: Duration = Duration::from_secs(10);
/// For all calls, in real time; they take some ten seconds.
const CALLS_LIMIT: Duration = Duration::from_mins(2);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A call that was made: its plan, what happened on the PBX, what the server recorded.
pub(super) struct MadeCall {
    pub(super) plan: PlannedCall,
    pub(super) events: Vec<Event>,
    pub(super) pbx: Option<simulated::CallRecord>,
    pub(super) server: Option<CallRecord>,
}

impl MadeCall {
    fn is_over(&self) -> bool {
        self.pbx.as_ref().is_some_and(|call| call.end.is_some())
            && self.server.as_ref().is_some_and(|call| call.outcome.is_some())
    }

    /// How the server says that it ended.
    pub(super) fn outcome(&self) -> Option<Outcome> {
        self.server.as_ref().and_then(|call| call.outcome)
    }

    /// Whether the PBX saw the planned path and the server the planned outcome.
    pub(super) fn is_as_planned(&self) -> bool {
        let planned = self.plan.path.iter().map(ToString::to_string);
        self.pbx.as_ref().is_some_and(|call| planned.eq(call.path.iter().cloned()))
            && self.outcome() == Some(self.plan.outcome)
    }
}

/// Makes the planned calls, all at once, and writes what happened; whether all went as planned.
pub(super) async fn make(
    scenario: &Scenario,
    pbx: &Pbx,
    built: &[media::Built],
    folder: &Folder,
    speed: f64,
    out: &mut dyn Write,
) -> Result<bool, Error> {
    let plans = plan::plan(scenario);
    let simulator = start_pbx(scenario, pbx, built, &plans, speed).await?;
    writeln!(out, "pbx-sim     http://{}, {speed} times faster than life", simulator.address())?;
    let (stop, signal) = shutdown::pair();
    let running = start_server(scenario, &simulator, &plans, folder, signal).await?;
    writeln!(
        out,
        "verify      reports on {}, API on {}, logged in",
        running.report_address().expect("the simulated PBX posts its reports"),
        running.api_address()
    )?;
    let events = simulator.events();
    let mut calls = begin(&simulator, &running, plans).await?;
    follow(&simulator, &running, events, &mut calls, scenario, out).await?;
    stop.pull();
    running.join().await?;
    simulator.shutdown().await;
    transcript::table(&calls, out)?;
    Ok(calls.iter().all(MadeCall::is_as_planned))
}

async fn start_pbx(
    scenario: &Scenario,
    pbx: &Pbx,
    built: &[media::Built],
    plans: &[PlannedCall],
    speed: f64,
) -> Result<Simulator, Error> {
    let mut callees = Callees::default();
    for plan in plans {
        let steps: Vec<String> =
            plan.presses.iter().map(|(ivr, keys)| format!("{ivr}: {keys}")).collect();
        let callee = Callee::doing(steps.iter().map(String::as_str))
            .expect("planned keys and IVR numbers make sound steps");
        callees = callees.with(plan.number.clone(), callee);
    }
    let lengths = built.iter().map(|prompt| (stem(&prompt.name), length_ms(prompt))).collect();
    let lengths = Lengths::Measured(lengths);
    let settings = Settings { callees, lengths, speed, ..Settings::default() };
    Ok(Simulator::start(scenario.clone(), pbx, settings).await?)
}

fn stem(name: &str) -> String {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned()
}

fn length_ms(prompt: &media::Built) -> u64 {
    u64::try_from(prompt.duration.as_millis()).unwrap_or(u64::MAX)
}

async fn start_server(
    scenario: &Scenario,
    simulator: &Simulator,
    plans: &[PlannedCall],
    folder: &Folder,
    signal: shutdown::Signal,
) -> Result<Running, Error> {
    let config = configure(folder.path(), simulator)?;
    issue_codes(scenario, plans, &config)?;
    let running = serve(scenario.clone(), config, signal).await?;
    let ready = tokio::time::timeout(READY_LIMIT, running.ready()).await;
    ready.map_err(|_| Error::NotReady(READY_LIMIT))?;
    Ok(running)
}

/// Writes the configuration and its secrets as an operator would, and reads it back.
fn configure(folder: &Path, simulator: &Simulator) -> Result<Config, Error> {
    let secrets = [
        ("pbx-password", simulated::DEFAULT_PASSWORD.to_owned()),
        ("api-token", random_secret()),
        ("store-key", random_secret()),
    ];
    for (name, value) in secrets {
        let path = folder.join(name);
        files::write(&path, value.as_bytes())?;
        let private = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(&path, private)
            .map_err(|source| files::Error::Write { path, source })?;
    }
    let mut text = String::new();
    write!(
        text,
        "pbx:\n  url: http://{}\n  username: {}\n  password_file: pbx-password\n  \
         from_extension: \"1000\"\n\
         reports:\n  listen: 127.0.0.1:0\n\
         api:\n  listen: 127.0.0.1:0\n  token_file: api-token\n\
         store:\n  file: calls.sqlite\n  key_file: store-key\n\
         calls:\n  max_at_once: 20\n  dials_per_s: 50\n",
        simulator.address(),
        simulated::DEFAULT_USER,
    )
    .expect("a String takes everything");
    let path = folder.join("verify.yaml");
    files::write(&path, text.as_bytes())?;
    Ok(Config::parse(&path, &text).expect("the configuration written here is sound"))
}

/// 256 random bits in hexadecimal.
fn random_secret() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn issue_codes(scenario: &Scenario, plans: &[PlannedCall], config: &Config) -> Result<(), Error> {
    let codes: Vec<NewCode> = plans
        .iter()
        .filter_map(|plan| {
            let (verification, digits) = plan.code.clone()?;
            Some(NewCode {
                scenario: scenario.name.clone(),
                verification,
                to: phone(plan),
                digits: SecretString::from(digits),
                expires_in: config.codes.expires_in_s.duration(),
            })
        })
        .collect();
    Codes::open(&config.store, &config.codes)?.add(&codes, |_| {})?;
    Ok(())
}

fn phone(plan: &PlannedCall) -> PhoneNumber {
    PhoneNumber::parse(&plan.number).expect("planned numbers are sound")
}

async fn begin(
    simulator: &Simulator,
    running: &Running,
    plans: Vec<PlannedCall>,
) -> Result<Vec<MadeCall>, Error> {
    let mut calls = Vec::new();
    for plan in plans {
        match plan.direction {
            Direction::Outbound => {
                let call = NewCall {
                    to: phone(&plan),
                    code: None,
                    verification: None,
                    idempotency_key: None,
                };
                let started = running.handle().start_call(call).await;
                started.map_err(|refusal| Error::Call(refusal.to_string()))?;
            }
            Direction::Inbound => {
                simulator.dial_in(&plan.number)?;
            }
        }
        calls.push(MadeCall { plan, events: Vec::new(), pbx: None, server: None });
    }
    Ok(calls)
}

/// Watches until every call is over, or for too long; each call is told as soon as it and those
/// before it are over.
async fn follow(
    simulator: &Simulator,
    running: &Running,
    mut events: Receiver<Event>,
    calls: &mut [MadeCall],
    scenario: &Scenario,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let deadline = Instant::now() + CALLS_LIMIT;
    let mut told = 0;
    while told < calls.len() {
        tokio::time::sleep(LOOK_EVERY).await;
        let late = Instant::now() > deadline;
        look(simulator, running, calls).await;
        gather(&mut events, calls);
        while let Some(call) = calls.get(told).filter(|call| late || call.is_over()) {
            told += 1;
            transcript::call(told, call, scenario, out)?;
        }
    }
    Ok(())
}

async fn look(simulator: &Simulator, running: &Running, calls: &mut [MadeCall]) {
    let records: BTreeMap<String, simulated::CallRecord> = simulator
        .calls()
        .into_iter()
        .map(|record| (record.number.as_str().to_owned(), record))
        .collect();
    for call in calls.iter_mut().filter(|call| !call.is_over()) {
        call.pbx = records.get(&call.plan.number).cloned();
        if let Ok(found) = running.handle().latest_call_of(&phone(&call.plan)).await {
            call.server = found;
        }
    }
}

fn gather(events: &mut Receiver<Event>, calls: &mut [MadeCall]) {
    loop {
        match events.try_recv() {
            Ok(event) => {
                let number = event.number.as_str();
                if let Some(call) = calls.iter_mut().find(|call| call.plan.number == number) {
                    call.events.push(event);
                }
            }
            Err(TryRecvError::Lagged(_)) => {}
            Err(TryRecvError::Empty | TryRecvError::Closed) => return,
        }
    }
}
