//! Sends the reports of one call to the application, in order, each on a connection of its own.
//!
//! A report that is not answered with 200 is sent again. How often and how fast a real PBX does so
//! is not documented; [`Delivery`] is a guess that survives the restart of an application. When no
//! login is alive, reports are dropped silently, as documented.

use super::{
    call::Call,
    exchange::Exchange,
    json::Members,
    report::Report,
    session::{Format, Target},
    value::Chance,
};
use axum::http::{Request, StatusCode, Uri, header};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{net::TcpStream, sync::mpsc, time};

/// Milliseconds of call time that an overtaken report waits for its successor.
const OVERTAKEN_WITHIN_MS: u64 = 2000;
/// Milliseconds of call time until an `infos` comes again.
const INFOS_AGAIN_AFTER_MS: u64 = 3000;
/// How long a stalled connection stays open.
const STALL: Duration = Duration::from_secs(10);
/// Bytes of a huge report.
const HUGE_BYTES: usize = 2 << 20;

/// How stubbornly reports are sent. Times are of life, not of calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// How often a report is sent at most.
    pub attempts: u32,
    /// Time between two attempts.
    pub gap: Duration,
    /// How long an answer is waited for.
    pub answer_timeout: Duration,
}

impl Default for Delivery {
    /// Every second, 30 times; five seconds for an answer. Inferred: no document says.
    fn default() -> Self {
        Self { attempts: 30, gap: Duration::from_secs(1), answer_timeout: Duration::from_secs(5) }
    }
}

/// Why a report was not taken.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("no connection: {0}")]
    Connect(io::Error),
    #[error("connection broken: {0}")]
    Broken(#[from] hyper::Error),
    #[error("answered {0}, expected 200")]
    Status(StatusCode),
    #[error("no answer in time")]
    Timeout,
}

/// Sends the reports of a call until its last.
pub(super) async fn run(
    exchange: Arc<Exchange>,
    call: Arc<Call>,
    mut queue: mpsc::UnboundedReceiver<Report>,
) {
    let courier = Courier { exchange, call };
    while let Some(report) = queue.recv().await {
        if courier.strikes(courier.exchange.settings.faults.swapped) {
            let wait = courier.exchange.clock.duration(OVERTAKEN_WITHIN_MS);
            if let Ok(Some(successor)) = time::timeout(wait, queue.recv()).await {
                courier.send(&successor).await;
            }
        }
        courier.send(&report).await;
    }
}

/// Makes a body of its own from a report.
type Made = fn(&Report, Format) -> String;

struct Courier {
    exchange: Arc<Exchange>,
    call: Arc<Call>,
}

impl Courier {
    /// Sends a report with all that the faults make of it.
    async fn send(&self, report: &Report) {
        let faults = &self.exchange.settings.faults;
        if self.strikes(faults.lost) {
            return self.call.count_undelivered();
        }
        self.send_unasked(report).await;
        if !self.deliver(report).await {
            return;
        }
        if self.strikes(faults.twice) {
            self.deliver(report).await;
        }
        if report.is_entry() && self.strikes(faults.infos_again) {
            self.deliver_later(report.clone());
        }
    }

    /// Sends a report until it is taken; whether it was.
    async fn deliver(&self, report: &Report) -> bool {
        let delivery = &self.exchange.settings.delivery;
        for attempt in 1..=delivery.attempts {
            if self.call.is_lost() {
                return false;
            }
            let Some(target) = self.target() else { break };
            let body = report.body(target.format);
            if attempt == 1 && report.is_entry() {
                self.call.send_entry();
            }
            let sent = Instant::now();
            match self.post(&target.uri, body).await {
                Ok(()) => {
                    self.exchange.timings().answered(sent.elapsed());
                    self.exchange.desk().report_taken(Instant::now());
                    return true;
                }
                Err(error) => tracing::debug!(
                    call = self.call.ids.callid, action = report.action, attempt, %error,
                    "report not taken"
                ),
            }
            time::sleep(delivery.gap).await;
        }
        self.call.count_undelivered();
        false
    }

    fn deliver_later(&self, report: Report) {
        let courier = Self { exchange: Arc::clone(&self.exchange), call: Arc::clone(&self.call) };
        self.exchange.spawn(async move {
            time::sleep(courier.exchange.clock.duration(INFOS_AGAIN_AFTER_MS)).await;
            courier.deliver(&report).await;
        });
    }

    /// Sends what no application asked for: each once, whatever the answer.
    async fn send_unasked(&self, report: &Report) {
        let faults = &self.exchange.settings.faults;
        let Some(Target { uri, format }) = self.target() else { return };
        let bodies: [(Chance, Made); 3] = [
            (faults.unknown_actions, unknown),
            (faults.broken_bodies, half),
            (faults.huge_bodies, huge),
        ];
        for (chance, body) in bodies {
            if self.strikes(chance) {
                let _ = self.post(&uri, body(report, format)).await;
            }
        }
        if self.strikes(faults.forged) {
            let _ = self.post(&forged_path(&uri), forged(report, format)).await;
        }
        if self.strikes(faults.stalled_connections) {
            self.stall(uri);
        }
    }

    async fn post(&self, uri: &Uri, body: String) -> Result<(), Refused> {
        let limit = self.exchange.settings.delivery.answer_timeout;
        let status =
            time::timeout(limit, post(uri, body)).await.map_err(|_| Refused::Timeout)??;
        if status == StatusCode::OK { Ok(()) } else { Err(Refused::Status(status)) }
    }

    /// Opens a connection, sends half a request, and leaves it so.
    fn stall(&self, uri: Uri) {
        self.exchange.spawn(async move {
            let Ok(stream) = connect(&uri).await else { return };
            if stream.writable().await.is_ok() {
                let _ = stream.try_write(b"POST / HTTP/1.1\r\nUser-Agent: WebAPI\r\nContent-Le");
            }
            time::sleep(STALL).await;
        });
    }

    fn target(&self) -> Option<Target> {
        self.exchange.desk().target(Instant::now())
    }

    fn strikes(&self, chance: Chance) -> bool {
        self.exchange.dice.strikes(chance)
    }
}

/// One request on a connection of its own; the headers are those that the documents show.
async fn post(uri: &Uri, body: String) -> Result<StatusCode, Refused> {
    let stream = connect(uri).await.map_err(Refused::Connect)?;
    let (mut sender, connection) = http1::Builder::new()
        .title_case_headers(true)
        .handshake::<_, String>(TokioIo::new(stream))
        .await?;
    let request = Request::post(uri.path_and_query().map_or("/", |path| path.as_str()))
        .header(header::USER_AGENT, "WebAPI")
        .header(header::HOST, uri.authority().map_or("", |authority| authority.as_str()))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/json")
        .body(body)
        .expect("the address was a URI and the headers are constant");
    let answer = sender.send_request(request);
    tokio::pin!(connection);
    tokio::select! {
        answer = answer => Ok(answer?.status()),
        // The connection may end before the answer was looked at; then there is none.
        Err(error) = &mut connection => Err(error.into()),
    }
}

async fn connect(uri: &Uri) -> io::Result<TcpStream> {
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    TcpStream::connect((host, uri.port_u16().unwrap_or(80))).await
}

fn unknown(report: &Report, format: Format) -> String {
    let rest = Members::default().text("mood", "good");
    Report { action: "WeatherChange", rest, ..report.clone() }.body(format)
}

fn half(report: &Report, format: Format) -> String {
    let body = report.body(format);
    body.chars().take(body.chars().count() / 2).collect()
}

fn huge(report: &Report, format: Format) -> String {
    let rest = Members::default().text("padding", "x".repeat(HUGE_BYTES));
    Report { action: "WeatherChange", rest, ..report.clone() }.body(format)
}

fn forged(report: &Report, format: Format) -> String {
    let rest = Members::default().text("infos", "00000000");
    Report { action: "DTMF", rest, ..report.clone() }.body(format)
}

/// A path beside the one that the application gave.
fn forged_path(uri: &Uri) -> Uri {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    format!("http://{authority}/hook/guessed").parse().expect("the authority was in a URI")
}
