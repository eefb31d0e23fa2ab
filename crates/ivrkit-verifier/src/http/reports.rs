//! Takes the PBX's reports: recorded first, answered 200 then, worked on after that.
//!
//! Anything but 200 makes the PBX send a report again, so what will never be understood is answered
//! 200 like the rest; only what could not be recorded is answered 503.

use super::{NoBody, read_body};
use crate::{
    config::Network,
    driver::Handle,
    metrics::{Metrics, ReportFate},
    pbx::yeastar::message::{self, Unheard},
    secret,
};
use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, State},
    http::{Method, StatusCode, Uri},
};
use secrecy::SecretString;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// Most bytes of a report; real ones have some hundred.
const MAX_REPORT_BYTES: usize = 64 * 1024;

/// What taking reports needs.
pub(crate) struct Reports {
    /// The loop.
    pub(crate) handle: Handle,
    /// The secret path, with its leading slash.
    pub(crate) path: SecretString,
    /// Addresses that reports may come from; any when empty.
    pub(crate) allow_from: Vec<Network>,
    /// What becomes of reports is counted there.
    pub(crate) metrics: Arc<Metrics>,
    /// Reports that could not be used so far.
    pub(crate) unused: AtomicU64,
}

/// The listener's one route: the secret path. Everything else is 404. No router compares the path,
/// for it would take longer the more of the path was guessed.
pub(crate) fn reports(state: Reports) -> Router {
    Router::new().fallback(take).with_state(Arc::new(state))
}

async fn take(
    State(state): State<Arc<Reports>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    method: Method,
    uri: Uri,
    body: Body,
) -> StatusCode {
    let known = secret::same(&SecretString::from(uri.path()), &state.path);
    if !known || method != Method::POST {
        state.metrics.report(ReportFate::Misplaced);
        return StatusCode::NOT_FOUND;
    }
    let from = from.ip().to_canonical();
    let is_known = || state.allow_from.iter().any(|network| network.contains(from));
    if !state.allow_from.is_empty() && !is_known() {
        state.metrics.report(ReportFate::NotAllowed);
        state.count("its source address is not allowed", &from.to_string());
        return StatusCode::NOT_FOUND;
    }
    let body = match read_body(body, MAX_REPORT_BYTES).await {
        Ok(body) => body,
        Err(NoBody::TooLarge) => {
            state.metrics.report(ReportFate::Unreadable);
            state.count("it is too large", "");
            return StatusCode::OK;
        }
        // The connection is gone: there is nobody to answer.
        Err(NoBody::Broken) => return StatusCode::BAD_REQUEST,
    };
    match message::read_report(&body) {
        Ok(told) => {
            let recorded = state.handle.report(told).await;
            if recorded {
                return StatusCode::OK;
            }
            state.metrics.report(ReportFate::Unrecorded);
            StatusCode::SERVICE_UNAVAILABLE
        }
        Err(unheard) => {
            state.metrics.report(match unheard {
                Unheard::Action(_) => ReportFate::Unconcerning,
                Unheard::Broken | Unheard::Incomplete(_) => ReportFate::Unreadable,
            });
            match unheard {
                Unheard::Broken => state.count("it is not JSON", ""),
                Unheard::Action(action) => tracing::debug!(action, "a report of no concern"),
                Unheard::Incomplete(missing) => state.count("it is incomplete", missing),
            }
            StatusCode::OK
        }
    }
}

impl Reports {
    /// Counts a report that cannot be used; logs the first and then ever fewer of them.
    fn count(&self, why: &str, detail: &str) {
        let count = self.unused.fetch_add(1, Ordering::Relaxed) + 1;
        if count.is_power_of_two() {
            tracing::warn!(count, why, detail, "a report cannot be used");
        } else {
            tracing::debug!(count, why, detail, "a report cannot be used");
        }
    }
}
