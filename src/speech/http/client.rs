//! One request, one whole answer, within a time and a size.
//!
//! Redirections are not followed: a key must not go to a host that the scenario does not name. Must
//! not know what is asked for.

use super::{Error, Interrupt, check_interrupt};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::{HeaderMap, Request, body::Bytes};
use hyper_openssl::client::legacy::HttpsConnector;
use hyper_util::{
    client::legacy::{Client as Pool, connect::HttpConnector},
    rt::TokioExecutor,
};
use openssl::ssl::{SslConnector, SslConnectorBuilder, SslMethod};
use std::{
    error::Error as _,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::runtime::Runtime;

/// How often a signal is looked for.
const GLANCE: Duration = Duration::from_millis(50);

/// Sends requests to one host; may be used by many threads at once.
pub(super) struct Client {
    pool: Pool<HttpsConnector<HttpConnector>, Full<Bytes>>,
    runtime: Runtime,
    host: String,
}

/// A whole answer.
pub(super) struct Received {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Client {
    /// Prepares requests to a host, whose certificate one of the authorities in `ca_file`, or else of
    /// the system's, must have signed.
    pub(super) fn new(host: &str, ca_file: Option<PathBuf>) -> Result<Self, Error> {
        let failed = |problem: String| Error::Client { host: host.to_owned(), problem };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| failed(error.to_string()))?;
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        let tls = authorities(ca_file.as_deref()).map_err(|error| {
            let file = ca_file.map(|file| format!(" with {}", file.display()));
            failed(format!("TLS cannot be set up{}: {error}", file.unwrap_or_default()))
        })?;
        let https =
            HttpsConnector::with_connector(http, tls).map_err(|error| failed(error.to_string()))?;
        let pool = Pool::builder(TokioExecutor::new()).build(https);
        Ok(Self { pool, runtime, host: host.to_owned() })
    }

    /// Sends a request and reads the whole answer.
    pub(super) fn send(
        &self,
        request: Request<Full<Bytes>>,
        timeout: Duration,
        interrupt: &Interrupt,
        max_bytes: u64,
    ) -> Result<Received, Error> {
        self.runtime.block_on(async {
            let exchange = tokio::time::timeout(timeout, self.exchange(request, max_bytes));
            tokio::select! {
                received = exchange => received.unwrap_or_else(|_| Err(self.timed_out(timeout))),
                error = interrupted(interrupt) => Err(error),
            }
        })
    }

    async fn exchange(
        &self,
        request: Request<Full<Bytes>>,
        max_bytes: u64,
    ) -> Result<Received, Error> {
        let answer = self.pool.request(request).await.map_err(|error| {
            let host = self.host.clone();
            if let Some(problem) = distrust(&error) {
                return Error::Certificate { host, problem };
            }
            let problem = causes(&error);
            if error.is_connect() {
                Error::Unreachable { host, problem }
            } else {
                Error::Lost { host, problem }
            }
        })?;
        let (head, body) = answer.into_parts();
        let limit = usize::try_from(max_bytes).unwrap_or(usize::MAX);
        let body = Limited::new(body, limit).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                return Error::TooLarge { engine: self.host.clone() };
            }
            Error::Lost { host: self.host.clone(), problem: error.to_string() }
        })?;
        let status = head.status.as_u16();
        Ok(Received { status, headers: head.headers, body: body.to_bytes() })
    }

    fn timed_out(&self, timeout: Duration) -> Error {
        Error::Silent { host: self.host.clone(), seconds: timeout.as_secs_f64() }
    }
}

async fn interrupted(interrupt: &Interrupt) -> Error {
    loop {
        if let Err(error) = check_interrupt(interrupt) {
            return error;
        }
        tokio::time::sleep(GLANCE).await;
    }
}

fn authorities(ca_file: Option<&Path>) -> Result<SslConnectorBuilder, openssl::error::ErrorStack> {
    let mut builder = SslConnector::builder(SslMethod::tls_client())?;
    if let Some(path) = ca_file {
        // An own store, so that the system's authorities are not trusted beside it.
        builder.set_cert_store(openssl::x509::store::X509StoreBuilder::new()?.build());
        builder.set_ca_file(path)?;
        return Ok(builder);
    }
    // An OpenSSL of our own does not know where this system keeps its authorities.
    let system = openssl_probe::probe();
    if let Some(file) = system.cert_file {
        builder.set_ca_file(file)?;
    }
    Ok(builder)
}

/// The client's own message says little; its causes say why.
fn causes(error: &hyper_util::client::legacy::Error) -> String {
    let mut causes = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    if causes.is_empty() { error.to_string() } else { causes.join(": ") }
}

/// Why the host's certificate was not accepted, if that is what went wrong.
fn distrust(error: &hyper_util::client::legacy::Error) -> Option<String> {
    const REASON: &str = "certificate verify failed";
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        cause = error.source();
        let tls = cause.and_then(|cause| cause.downcast_ref::<openssl::ssl::Error>());
        let stack = tls.and_then(openssl::ssl::Error::ssl_error);
        if stack.is_some_and(|stack| stack.errors().iter().any(|one| one.reason() == Some(REASON)))
        {
            // The connector puts what it found behind what OpenSSL says.
            return Some(text.rsplit(": ").next().unwrap_or(REASON).to_owned());
        }
    }
    None
}
