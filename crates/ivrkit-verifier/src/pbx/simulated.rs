//! A simulated PBX: the Yeastar S-series API v1.1.0 from the PBX's side, over real HTTP, with
//! callees who do what a script says.
//!
//! For demonstrations, for development without a PBX, and for the verifier's tests. Its calls run
//! through the dialplan that it is given, and it knows nothing of the client in this crate: the two
//! are built from the same documents and check each other. What a reading of those documents leaves open is decided for the
//! harder case, and said where it is.
//!
//! The rooms: `plan`, `walk`, `course` and `person` are one call without a clock; `call` and `exchange` the
//! calls that are up; `dialplan` what they run through; `request` and `session` the API; `report` and `delivery` what the application
//! is told; `http` the edge. Must not hold anything that the client of a real PBX needs.

mod call;
mod callee;
mod course;
mod delivery;
pub mod dialplan;
mod errno;
mod event;
mod exchange;
mod fault;
mod http;
mod json;
mod length;
mod person;
mod plan;
mod report;
mod request;
mod session;
mod timing;
mod value;
mod walk;

pub use callee::{Answer, Callee, Callees, Error as ScriptError, Moment, Script, Step, StepError};
pub use delivery::Delivery;
pub use event::{CallRecord, Cause, Direction, End, Event, Happening, Keys, Party, Transfer};
pub use fault::{Error as FaultError, Faults};
pub use length::Lengths;
pub use session::Sessions;
pub use timing::Timings;
pub use value::{Chance, Seconds};

use exchange::Exchange;
use ivrkit_dialplan::{call::Pbx, scenario::Scenario};
use secrecy::SecretString;
use std::{
    collections::BTreeMap,
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    ops::RangeInclusive,
    sync::Arc,
    time::Duration,
};
use tokio::{net::TcpListener, sync::broadcast, task::JoinHandle};

/// The API user of a simulator that was given no other.
pub const DEFAULT_USER: &str = "ivrkit";
/// The API password of a simulator that was given no other. No PBX should have it.
pub const DEFAULT_PASSWORD: &str = "ivrkit-pbx-sim";

/// Why a simulator cannot start, or a caller cannot call in.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The port cannot be listened on.
    #[error("cannot listen on {address}: {source}; choose another port, or 0 for a free one")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// A speed that calls cannot have.
    #[error("found speed {0}, expected a factor of 0.01 to 1000")]
    Speed(f64),
    /// An inbound call for a scenario without inbound calls.
    #[error("the scenario has no `calls.inbound`, so nobody can call in")]
    NoInbound,
}

/// How many times faster than life calls can run.
pub const SPEEDS: RangeInclusive<f64> = 0.01..=1000.0;

/// How a simulator is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Address to listen on; loopback unless the application runs on another machine.
    pub host: IpAddr,
    /// Port to listen on; 0 is a free one.
    pub port: u16,
    /// API user.
    pub user: String,
    /// API password, in the clear; the application sends its MD5.
    pub password: SecretString,
    /// What callees do.
    pub callees: Callees,
    /// What the PBX does wrong.
    pub faults: Faults,
    /// Seed of the dice for faults with a chance.
    pub seed: u64,
    /// How many times faster than life calls run.
    pub speed: f64,
    /// How long prompts are.
    pub lengths: Lengths,
    /// Logins and tokens.
    pub sessions: Sessions,
    /// How reports are sent.
    pub delivery: Delivery,
    /// Extensions by number, and whether each may dial out. They serve as `fromext` and as targets
    /// of transfers.
    pub extensions: BTreeMap<String, bool>,
    /// Name of the trunk in reports.
    pub trunk: String,
    /// Serial number of the PBX in reports.
    pub serial: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            host: Ipv4Addr::LOCALHOST.into(),
            port: 0,
            user: DEFAULT_USER.to_owned(),
            password: DEFAULT_PASSWORD.into(),
            callees: Callees::default(),
            faults: Faults::default(),
            seed: 1,
            speed: 1.0,
            lengths: Lengths::default(),
            sessions: Sessions::default(),
            delivery: Delivery::default(),
            extensions: [("1000".to_owned(), true), ("1001".to_owned(), false)].into(),
            trunk: "SIP-A".to_owned(),
            serial: "360000000001".to_owned(),
        }
    }
}

/// A running simulator; it ends when it is shut down or dropped.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    exchange: Arc<Exchange>,
    server: JoinHandle<()>,
}

impl Simulator {
    /// Listens and serves. The scenario must be a sound one, as [`ivrkit_dialplan::scenario::read`]
    /// gives it, and the PBX have its dialplan: calls enter at `ivrs,NUMBER,1`, as
    /// [`dialplan::load`] sees to. Its sounds are those of [`Settings::lengths`].
    ///
    /// # Errors
    ///
    /// The port is taken, or the speed makes no sense.
    pub async fn start(scenario: Scenario, pbx: &Pbx, settings: Settings) -> Result<Self, Error> {
        if !SPEEDS.contains(&settings.speed) {
            return Err(Error::Speed(settings.speed));
        }
        let dialling_in = settings.callees.dialling_in().next().is_some();
        if dialling_in && scenario.calls.inbound.is_none() {
            return Err(Error::NoInbound);
        }
        let address = SocketAddr::new(settings.host, settings.port);
        let bind = |source| Error::Bind { address, source };
        let listener = TcpListener::bind(address).await.map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        let exchange = Exchange::new(scenario, pbx, settings);
        plan_ahead(&exchange);
        let server = tokio::spawn(http::serve(Arc::clone(&exchange), listener));
        Ok(Self { address, exchange, server })
    }

    /// Where the API is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// All calls, oldest first; of those that are over the last ten thousand.
    pub fn calls(&self) -> Vec<CallRecord> {
        self.exchange.records()
    }

    /// What happens in calls from now on.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.exchange.events().subscribe()
    }

    /// How fast the application was since this was last asked.
    pub fn take_timings(&self) -> Timings {
        std::mem::take(&mut *self.exchange.timings())
    }

    /// Where reports go now; nothing without a login that is alive.
    pub fn reports_to(&self) -> Option<String> {
        let target = self.exchange.desk().target(std::time::Instant::now());
        target.map(|target| target.uri.to_string())
    }

    /// Calls in from this number; gives the call's id.
    ///
    /// # Errors
    ///
    /// The scenario has no inbound calls.
    pub fn dial_in(&self, number: &str) -> Result<String, Error> {
        dial_in(&self.exchange, number)
    }

    /// Forgets all tokens, as a restart of the API service does.
    pub fn forget_tokens(&self) {
        self.exchange.desk().forget_tokens();
    }

    /// Loses all tokens and calls without a report, as a restart of the PBX does.
    pub fn reboot(&self) {
        self.exchange.reboot();
    }

    /// Ends all calls and connections.
    pub async fn shutdown(mut self) {
        self.server.abort();
        // Aborted: the only way in which it ends.
        let _ = (&mut self.server).await;
        self.exchange.stop().await;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.server.abort();
        self.exchange.abort();
    }
}

fn dial_in(exchange: &Arc<Exchange>, number: &str) -> Result<String, Error> {
    let ivr = exchange.scenario().calls.inbound.as_ref().ok_or(Error::NoInbound)?;
    Ok(exchange.begin(Direction::Inbound, number, ivr).ids.callid.clone())
}

/// Starts what happens by itself: callers from outside, and restarts.
fn plan_ahead(exchange: &Arc<Exchange>) {
    let callers: Vec<_> = exchange.settings.callees.dialling_in().collect();
    for (number, after_ms) in callers {
        let (number, wait) = (number.to_owned(), exchange.clock.duration(after_ms));
        later(exchange, wait, move |exchange| {
            if let Err(error) = dial_in(exchange, &number) {
                tracing::warn!(%error, "caller cannot call in");
            }
        });
    }
    let faults = &exchange.settings.faults;
    if faults.api_restart.0 > 0 {
        let wait = Duration::from_millis(faults.api_restart.0);
        later(exchange, wait, |exchange| exchange.desk().forget_tokens());
    }
    if faults.reboot.0 > 0 {
        let wait = Duration::from_millis(faults.reboot.0);
        later(exchange, wait, |exchange| exchange.reboot());
    }
}

fn later(
    exchange: &Arc<Exchange>,
    wait: Duration,
    act: impl FnOnce(&Arc<Exchange>) + Send + 'static,
) {
    let same = Arc::clone(exchange);
    exchange.spawn(async move {
        tokio::time::sleep(wait).await;
        act(&same);
    });
}
