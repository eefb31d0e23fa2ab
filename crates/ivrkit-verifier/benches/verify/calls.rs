//! The simulated PBX with its callees, the server beside it, and calls asked for at a steady rate.

use crate::process::{Server, driving_test};
use ivrkit_dialplan::{
    application::Version,
    call::{FixedSounds, Pbx},
    scenario::Profile,
    syntax::Nothing,
};
use ivrkit_verifier::{
    number::PhoneNumber,
    pbx::simulated::{CallRecord, Callee, Callees, Faults, Settings, Simulator, dialplan},
};
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

/// The code of everybody.
const RIGHT: &str = "56789";
/// Longest wait for calls to end.
const PATIENCE: Duration = Duration::from_mins(3);

/// Who types a wrong code, then the right one whenever he is asked again: a transfer of unknown fate is
/// repeated up to six times, and each time 6503 begins anew.
const REFUSED_ONCE: [&str; 8] = [
    "6500: 1",
    "6501: 11111#",
    "6503: 56789#",
    "6503: 56789#",
    "6503: 56789#",
    "6503: 56789#",
    "6503: 56789#",
    "6503: 56789#",
];

/// What callees do in turn, and the IVRs that they must be in.
const SCRIPTS: [(&[&str], &str); 4] = [
    (&["6500: start, wait 2, 1", "6501: start, wait 1, 56789#"], "6500 6501 6502"),
    (&["6500: 1", "6501: 56789#"], "6500 6501 6502"),
    (&REFUSED_ONCE, "6500 6501 6503 6502"),
    (&["6500: start, wait 3, 1", "6501: 56789"], "6500 6501 6502"),
];

/// A PBX and a server.
pub(crate) struct Bench {
    pub(crate) pbx: Simulator,
    pub(crate) server: Server,
    count: usize,
}

impl Bench {
    /// Callees as [`SCRIPTS`] has them, and their codes.
    pub(crate) async fn new(count: usize, faults: &[&str], https: bool) -> Self {
        let callees = (0..count).fold(Callees::default(), |callees, at| {
            let (lines, _) = SCRIPTS[at % SCRIPTS.len()];
            callees.with(number(at), Callee::doing(lines.iter().copied()).unwrap())
        });
        Self::with(Settings { callees, ..Settings::default() }, count, faults, https).await
    }

    /// Callees who pick up and are silent, in calls so slow that none ends.
    pub(crate) async fn silent(count: usize) -> Self {
        let settings = Settings { speed: 0.02, ..Settings::default() };
        Self::with(settings, count, &[], false).await
    }

    async fn with(settings: Settings, count: usize, faults: &[&str], https: bool) -> Self {
        let faults = Faults::default().with(faults.iter().copied()).unwrap();
        let settings = Settings { faults, ..settings };
        let pbx = Simulator::start(driving_test(), &dialplan_of_calls(), settings).await.unwrap();
        let address = if https { crate::tls::before(pbx.address()).await } else { pbx.address() };
        let server = Server::new(address, https);
        server.import((0..count).map(number), RIGHT);
        Self { pbx, server, count }
    }

    /// Asks for all calls, so many in a second; asks again until the server answers, as an
    /// application does. `meanwhile` is done again and again until all were asked for.
    pub(crate) async fn call_all(
        &mut self,
        calls_per_s: u32,
        mut meanwhile: impl AsyncFnMut(&mut Self),
    ) {
        let (start, mut asked) = (Instant::now(), tokio::task::JoinSet::new());
        let remote = Arc::new(self.server.remote());
        for at in 0..self.count {
            let next = Duration::from_secs(1) / calls_per_s * u32::try_from(at).unwrap();
            while start.elapsed() < next {
                meanwhile(self).await;
                let rest = next.saturating_sub(start.elapsed());
                tokio::time::sleep(rest.min(Duration::from_millis(20))).await;
            }
            let (remote, number) = (Arc::clone(&remote), PhoneNumber::parse(&number(at)).unwrap());
            asked.spawn(async move {
                let key = number.digits().to_owned();
                while remote.start_call(&number, &key).await.is_err() {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            });
        }
        while !asked.is_empty() {
            meanwhile(self).await;
            tokio::time::sleep(Duration::from_millis(5)).await;
            while asked.try_join_next().is_some() {}
        }
    }

    /// Waits until the PBX has no call any more.
    pub(crate) async fn all_over(&self) -> Vec<CallRecord> {
        let start = Instant::now();
        loop {
            let calls = self.pbx.calls();
            let over = calls.iter().filter(|call| call.end.is_some()).count();
            if over >= self.count || start.elapsed() > PATIENCE {
                return calls;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// How many were never rung or have no end, are where they should not be, and were rung twice.
    /// With `faults`, a callee may hear a prompt again; nobody may be sent to another outcome.
    pub(crate) fn mistakes(&self, calls: &[CallRecord], faults: bool) -> [usize; 3] {
        let mut rung: HashMap<&str, Vec<&CallRecord>> = HashMap::new();
        for call in calls {
            rung.entry(call.number.as_str()).or_default().push(call);
        }
        let [mut lost, mut wrong, mut twice] = [0; 3];
        for at in 0..self.count {
            let (_, path) = SCRIPTS[at % SCRIPTS.len()];
            match rung.get(&*number(at)).map(Vec::as_slice) {
                Some([call]) if call.end.is_some() => {
                    let walked = call.path.join(" ");
                    let outcome = walked.ends_with("6502");
                    let refused = walked.contains("6503") && !path.contains("6503");
                    let is_right = if faults { outcome && !refused } else { walked == path };
                    wrong += usize::from(!is_right);
                    if !is_right {
                        println!("  {} {walked}, not {path}: {call:?}", call.callid);
                    }
                }
                Some([_]) | None => lost += 1,
                Some(_) => twice += 1,
            }
        }
        [lost, wrong, twice]
    }
}

pub(crate) fn number(at: usize) -> String {
    format!("139{:08}", 10_000 + at)
}

/// What `ivrkit render` makes of the scenario, and the contexts that the PBX owns.
fn dialplan_of_calls() -> Pbx {
    let rendered = include_bytes!("../../../../tests/golden/driving-test.yeastar-s.conf");
    let own = dialplan::own_contexts(&driving_test(), Profile::YeastarS);
    let loaded = dialplan::load(b"extensions.conf", rendered, &own, &mut Nothing);
    Pbx::new(loaded, Version::newest(), Arc::new(FixedSounds::new()))
}
