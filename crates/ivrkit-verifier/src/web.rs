//! HTTP requests, one connection each, and what can be said of those that fail.
//!
//! Must not know what is asked for.

use crate::config::{BaseUrl, Fingerprint, Tls};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Request, body::Bytes};
use hyper_openssl::client::legacy::HttpsConnector;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use openssl::{
    hash::MessageDigest,
    ssl::{SslConnector, SslConnectorBuilder, SslMethod, SslVerifyMode},
};
use std::{error::Error as _, path::PathBuf, time::Duration};

/// Most bytes of an answer.
const MAX_ANSWER_BYTES: usize = 4 << 20;

/// Sends requests to one server.
#[derive(Debug, Clone)]
pub(crate) struct Web {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    timeout: Duration,
}

/// TLS that cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetUp {
    /// The authorities cannot be read.
    #[error("cannot use the certificates in {}: {source}", path.display())]
    Authorities {
        /// The file.
        path: PathBuf,
        /// Why.
        source: openssl::error::ErrorStack,
    },
    /// The TLS library refused.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] openssl::error::ErrorStack),
}

/// A request without an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// The server was not reached, so that it has certainly not acted.
    #[error("no connection: {0}")]
    NotSent(String),
    /// It may have acted.
    #[error("no answer: {0}")]
    Unsure(String),
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// HTTP status.
    pub(crate) status: u16,
    /// Its body.
    pub(crate) body: Bytes,
}

impl Web {
    /// Prepares requests to a server whose certificate is recognised as `tls` says.
    pub(crate) fn new(url: &BaseUrl, tls: &Tls, timeout: Duration) -> Result<Self, SetUp> {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_connect_timeout(Some(timeout.mul_f64(0.5)));
        http.set_nodelay(true);
        let pinned = tls.fingerprint.is_some();
        let mut https = HttpsConnector::with_connector(http, connector(tls)?)?;
        if pinned || tls.insecure {
            // The certificate itself is known, whatever name stands in it.
            https.set_callback(|configuration, _| {
                configuration.set_verify_hostname(false);
                Ok(())
            });
        }
        tracing::debug!(url = %url, "requests prepared");
        let mut builder = Client::builder(TokioExecutor::new());
        // The PBX closes each connection after its answer; a kept one would only fail later.
        builder.pool_max_idle_per_host(0).retry_canceled_requests(false);
        Ok(Self { client: builder.build(https), timeout })
    }

    /// Sends one request and reads the whole answer.
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Result<Answer, Failure> {
        let exchange = async {
            let answer = self.client.request(request).await.map_err(|error| {
                let text = with_causes(&error);
                if error.is_connect() { Failure::NotSent(text) } else { Failure::Unsure(text) }
            })?;
            let status = answer.status().as_u16();
            let body = Limited::new(answer.into_body(), MAX_ANSWER_BYTES).collect().await;
            let body = body.map_err(|error| Failure::Unsure(error.to_string()))?.to_bytes();
            Ok(Answer { status, body })
        };
        match tokio::time::timeout(self.timeout, exchange).await {
            Ok(answer) => answer,
            Err(_) => Err(Failure::Unsure(format!("time-out after {:?}", self.timeout))),
        }
    }
}

/// What connects by TLS to a server whose certificate is recognised as `tls` says. With a
/// fingerprint, or without any check, the caller must not have the host name compared either.
pub(crate) fn connector(tls: &Tls) -> Result<SslConnectorBuilder, SetUp> {
    let mut builder = SslConnector::builder(SslMethod::tls_client())?;
    if let Some(path) = &tls.ca_file {
        // An own store, so that the system's authorities are not trusted beside it.
        builder.set_cert_store(openssl::x509::store::X509StoreBuilder::new()?.build());
        builder
            .set_ca_file(path)
            .map_err(|source| SetUp::Authorities { path: path.clone(), source })?;
    }
    if let Some(Fingerprint(expected)) = tls.fingerprint {
        builder.set_verify_callback(SslVerifyMode::PEER, move |_, context| {
            // The server's own certificate is at depth 0; it alone is compared.
            context.error_depth() > 0
                || context.current_cert().is_some_and(|certificate| {
                    certificate
                        .digest(MessageDigest::sha256())
                        .is_ok_and(|digest| digest.as_ref() == expected)
                })
        });
    } else if tls.insecure {
        builder.set_verify(SslVerifyMode::NONE);
    }
    Ok(builder)
}

/// The client's own message says little; its causes say why.
fn with_causes(error: &hyper_util::client::legacy::Error) -> String {
    let mut text = String::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&error.to_string());
        cause = error.source();
    }
    if text.is_empty() { error.to_string() } else { text }
}
