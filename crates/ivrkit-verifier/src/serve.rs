//! Puts the rooms together: opens the store, listens, logs in, runs, and stops cleanly.

use crate::{
    Config, clock, config,
    driver::{Actor, Driver, Event, Handle, Hands, Shown},
    http,
    http::{Api, Health, Reports},
    lookup::{self, Lookups},
    metrics::Metrics,
    pbx::{Pbx, Readiness, asterisk, yeastar, yeastar::client::ReportAddress},
    secret, shutdown,
    store::{self, Instance, Store},
    web,
};
use ivrkit_dialplan::scenario::Scenario;
use secrecy::{ExposeSecret as _, SecretString};
use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64},
        mpsc,
    },
    thread,
    time::Duration,
};
use tokio::{
    net::TcpListener,
    sync::{oneshot, watch},
    task::JoinHandle,
};

/// Fewest characters of the API's token.
const MIN_TOKEN: usize = 16;

/// A server that cannot start, or could not go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// What the store holds cannot be read.
    #[error("cannot go on with the calls in the store: {0}")]
    Calls(String),
    /// A secret cannot be read.
    #[error(transparent)]
    Secret(#[from] secret::Error),
    /// Requests to the PBX cannot be prepared.
    #[error("cannot prepare requests to the PBX: {0}")]
    Pbx(#[from] web::SetUp),
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {source}; `{key}` in the configuration names the address")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Where the configuration names it.
        key: &'static str,
        /// Why.
        source: io::Error,
    },
    /// A look-up cannot be used.
    #[error(transparent)]
    Lookup(#[from] lookup::Error),
    /// The scenario has nothing to serve.
    #[error("the scenario has no verification; there is nothing for a server to do")]
    NothingToVerify,
    /// The event loop ended without being asked to; the log has the reason.
    #[error("the event loop has ended by itself; what was recorded is kept for the next start")]
    LoopEnded,
    /// A thread cannot be started.
    #[error("cannot start the event loop: {0}")]
    Thread(io::Error),
}

/// A running server.
#[derive(Debug)]
pub struct Running {
    api_address: SocketAddr,
    report_address: Option<SocketAddr>,
    handle: Handle,
    readiness: watch::Receiver<Readiness>,
    supervisor: JoinHandle<Result<(), Error>>,
}

/// Starts the server; it runs until `stop` is pulled. Must be called within a tokio runtime.
///
/// # Errors
/// When the store, a secret, an address or the scenario cannot be used. An unreachable PBX, or one
/// that refuses the password, is no error: the server is up and says that it is not ready.
pub async fn serve(
    scenario: Scenario,
    config: Config,
    stop: shutdown::Signal,
) -> Result<Running, Error> {
    if scenario.verifications.is_empty() {
        return Err(Error::NothingToVerify);
    }
    warn_of_risks(&scenario, &config);
    let token = config.api.token().read("API token", MIN_TOKEN)?;
    // Read again at each login, since it may be corrected meanwhile; a server that has none cannot start.
    pbx_password(&config).read("PBX password", 1)?;
    let lookups = Arc::new(Lookups::new(&scenario, &config.lookups)?);
    lookups.check().await?;
    let instance = Instance::take(&config.store.file)?;
    let store = Store::open(&config.store)?;
    let path = store.report_path().map_err(|failure| Error::Calls(failure.to_string()))?;
    let path = SecretString::from(format!("hook/{path}"));
    let report_listener = match &config.reports {
        Some(reports) => Some(listen(reports.listen, "reports.listen").await?),
        None => None,
    };
    let api_listener = listen(config.api.listen, "api.listen").await?;
    let (report_address, api_address) = (report_listener.as_ref().map(local), local(&api_listener));

    let pbx = pbx(&config, report_address, path.clone())?;
    let scenario = Arc::new(scenario);
    let metrics = Arc::new(Metrics::new());
    let (handle, ended) = start_loop(&scenario, &config, store, &pbx, lookups, &metrics)?;
    let readiness = pbx.readiness();
    let health = Health { handle: handle.clone(), pbx: readiness.clone() };
    let api = http::api(Api {
        handle: handle.clone(),
        token,
        show_numbers: config.api.show_numbers,
        codes: config.codes.clone(),
        metrics: Arc::clone(&metrics),
        health,
    });

    // New calls are refused first, reports are taken until the loop has ended.
    let (end_reports, reports_end) = shutdown::pair();
    let mut servers = vec![tokio::spawn(http::listen(api_listener, api, stop.clone()))];
    if let (Some(listener), Some(reports)) = (report_listener, &config.reports) {
        let allow_from = reports.allow_from.clone();
        let path = SecretString::from(format!("/{}", path.expose_secret()));
        let (handle, unused) = (handle.clone(), AtomicU64::new(0));
        let metrics = Arc::clone(&metrics);
        let reports = http::reports(Reports { handle, path, allow_from, metrics, unused });
        servers.push(tokio::spawn(http::listen(listener, reports, reports_end.clone())));
    }
    tokio::spawn(Arc::clone(&pbx).keep_session(handle.clone(), reports_end));
    tokio::spawn(tell_of_session(pbx, handle.clone(), scenario, metrics));
    let patience = config.shutdown_s.duration();
    let supervisor = tokio::spawn(supervise(
        stop,
        handle.clone(),
        patience,
        ended,
        end_reports,
        servers,
        instance,
    ));
    if let Some(reports) = report_address {
        tracing::info!(%reports, api = %api_address, "listening");
    } else {
        tracing::info!(api = %api_address, "listening");
    }
    Ok(Running { api_address, report_address, handle, readiness, supervisor })
}

impl Running {
    /// Where calls are asked for.
    pub fn api_address(&self) -> SocketAddr {
        self.api_address
    }

    /// Where reports are taken; nothing when the PBX sends them over our connection to it.
    pub fn report_address(&self) -> Option<SocketAddr> {
        self.report_address
    }

    /// Begins calls and reads their records without HTTP.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Waits until the PBX has let us in.
    pub async fn ready(&self) {
        // An error says that the server has ended; there is nothing to wait for then.
        let _ = self.readiness.clone().wait_for(|now| *now == Readiness::Ready).await;
    }

    /// Waits until the server has stopped.
    ///
    /// # Errors
    /// [`Error::LoopEnded`] when nobody asked it to.
    pub async fn join(self) -> Result<(), Error> {
        self.supervisor.await.unwrap_or(Err(Error::LoopEnded))
    }
}

/// The client of the PBX. A Yeastar is told to report to this path.
fn pbx(
    config: &Config,
    reports: Option<SocketAddr>,
    path: SecretString,
) -> Result<Arc<dyn Pbx>, Error> {
    if let Some(asterisk) = &config.asterisk {
        return Ok(Arc::new(asterisk::Client::new(asterisk.clone())?));
    }
    let yeastar = config.pbx.clone().expect("a configuration has one PBX");
    let outside = config.reports.as_ref().and_then(|reports| reports.address.clone());
    let listening = reports.expect("reports of a Yeastar are listened for").port();
    let port = outside.as_deref().and_then(port_of).unwrap_or(listening);
    Ok(Arc::new(yeastar::Client::new(yeastar, ReportAddress { port, path, outside })?))
}

fn pbx_password(config: &Config) -> secret::Source {
    let yeastar = config.pbx.as_ref().map(config::Pbx::password);
    let asterisk = config.asterisk.as_ref().map(config::Asterisk::password);
    yeastar.or(asterisk).expect("a configuration has one PBX")
}

/// Starts the event loop with what the store holds; tells when it has ended.
fn start_loop(
    scenario: &Arc<Scenario>,
    config: &Config,
    store: Store,
    pbx: &Arc<dyn Pbx>,
    lookups: Arc<Lookups>,
    metrics: &Arc<Metrics>,
) -> Result<(Handle, oneshot::Receiver<()>), Error> {
    let (sender, events) = mpsc::channel();
    let store_works = Arc::new(AtomicBool::new(true));
    let handle = Handle::new(sender, Arc::clone(&store_works));
    let runtime = tokio::runtime::Handle::current();
    let hands = Hands { pbx: Arc::clone(pbx), lookups, metrics: Arc::clone(metrics) };
    let actor = Actor::new(hands, handle.clone(), runtime);
    let now = clock::now_ms();
    let scenario = Arc::clone(scenario);
    let shown = Shown { store_works, metrics: Arc::clone(metrics) };
    let driver = Driver::load(scenario, config, store, actor, events, shown, now)
        .map_err(|failure| Error::Calls(failure.to_string()))?;
    let (has_ended, ended) = oneshot::channel();
    let running = move || {
        driver.run();
        drop(has_ended);
    };
    thread::Builder::new().name("calls".to_owned()).spawn(running).map_err(Error::Thread)?;
    Ok((handle, ended))
}

async fn listen(address: SocketAddr, key: &'static str) -> Result<TcpListener, Error> {
    TcpListener::bind(address).await.map_err(|source| Error::Listen { address, key, source })
}

fn local(listener: &TcpListener) -> SocketAddr {
    listener.local_addr().expect("a bound listener has an address")
}

fn port_of(address: &str) -> Option<u16> {
    address.rsplit_once(':')?.1.parse().ok()
}

/// Tells the loop what becomes of the session, and once which IVRs the PBX lacks.
async fn tell_of_session(
    pbx: Arc<dyn Pbx>,
    handle: Handle,
    scenario: Arc<Scenario>,
    metrics: Arc<Metrics>,
) {
    let (mut readiness, mut logins) = (pbx.readiness(), pbx.logins());
    let mut seen = 0;
    loop {
        let now = *readiness.borrow_and_update();
        metrics.pbx(now);
        handle.send(Event::PbxReady(now == Readiness::Ready));
        let count = *logins.borrow_and_update();
        if count > seen {
            (seen..count).for_each(|_| metrics.logged_in());
            handle.send(Event::LoggedIn);
            if seen == 0 {
                check_ivrs(&*pbx, &scenario).await;
            }
            seen = count;
        }
        let changed = tokio::select! {
            changed = readiness.changed() => changed,
            changed = logins.changed() => changed,
        };
        if changed.is_err() {
            return;
        }
    }
}

/// Warns of IVRs that the scenario sends calls to and the PBX does not have.
async fn check_ivrs(pbx: &dyn Pbx, scenario: &Scenario) {
    let Some(there) = pbx.ivrs().await else {
        tracing::warn!("the PBX does not list its IVRs; whether the scenario's are there is open");
        return;
    };
    let missing: Vec<&str> = scenario
        .ivrs
        .keys()
        .map(ivrkit_dialplan::scenario::Number::as_str)
        .filter(|number| !there.iter().any(|known| known == number))
        .collect();
    if missing.is_empty() {
        tracing::info!(ivrs = scenario.ivrs.len(), "the PBX has every IVR of the scenario");
    } else {
        tracing::warn!(
            missing = missing.join(", "),
            "the PBX lacks IVRs of the scenario; calls and transfers to them will fail",
        );
    }
}

async fn supervise(
    mut stop: shutdown::Signal,
    handle: Handle,
    patience: Duration,
    mut ended: oneshot::Receiver<()>,
    end_reports: shutdown::Trigger,
    servers: Vec<JoinHandle<()>>,
    instance: Instance,
) -> Result<(), Error> {
    let mut outcome = Ok(());
    tokio::select! {
        () = stop.pulled() => {
            tracing::info!("stopping: no new calls, requests in flight go on");
            let within_ms = u64::try_from(patience.as_millis()).unwrap_or(u64::MAX);
            handle.send(Event::Stop { within_ms });
            // An error is the loop's end, which drops the sender.
            let _ = (&mut ended).await;
        }
        _ = &mut ended => outcome = Err(Error::LoopEnded),
    }
    end_reports.pull();
    for server in servers {
        let mut server = server;
        // A client that keeps its connection open must not keep the process alive.
        if tokio::time::timeout(Duration::from_secs(1), &mut server).await.is_err() {
            server.abort();
        }
    }
    drop(instance);
    tracing::info!("stopped");
    outcome
}

/// Says what the configuration makes possible and somebody may regret.
fn warn_of_risks(scenario: &Scenario, config: &Config) {
    let mut secrets = vec![pbx_password(config), config.api.token(), config.store.key()];
    secrets.extend(config.lookups.values().flat_map(config::Lookup::secrets));
    for exposed in secrets.iter().filter_map(secret::Source::exposed) {
        tracing::warn!("{exposed}");
    }
    warn_of_line(config);
    let shortest =
        scenario.ivrs.values().filter_map(|ivr| ivr.entry.as_ref()).map(|e| e.min_digits);
    if let Some(digits) = shortest.min().filter(|digits| *digits < 6) {
        tracing::warn!(
            digits,
            "codes of fewer than 6 digits can be guessed; 6 or more are advised"
        );
    }
}

/// Says what can be read or changed on the way to the PBX and to look-ups.
fn warn_of_line(config: &Config) {
    for (name, risk) in config.lookups.iter().filter_map(|(name, one)| Some((name, one.risk()?))) {
        tracing::warn!(lookup = name, "{risk}");
    }
    let insecure = config.pbx.as_ref().is_some_and(|pbx| pbx.tls.insecure)
        || config.asterisk.as_ref().and_then(|a| a.tls.as_ref()).is_some_and(|tls| tls.insecure);
    if insecure {
        tracing::warn!("`tls.insecure` is on: whoever is between us and the PBX can log in as us");
    } else if config.pbx.as_ref().is_some_and(|pbx| !pbx.url.https) {
        tracing::warn!("the PBX is reached without TLS: the password can be read on the way");
    } else if config.asterisk.as_ref().is_some_and(|a| a.tls.is_none() && !a.address.is_local()) {
        tracing::warn!("Asterisk is reached without TLS: codes can be read on the way");
    }
}
