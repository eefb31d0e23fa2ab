//! Whether the process is up, and whether it can do its work.

use crate::{driver::Handle, pbx::Readiness};
use axum::{
    body::Body,
    http::{Response, StatusCode, header},
    response::IntoResponse,
};
use serde_json::json;
use tokio::sync::watch;

/// What health reports look at.
#[derive(Debug, Clone)]
pub(crate) struct Health {
    /// The loop.
    pub(crate) handle: Handle,
    /// The PBX.
    pub(crate) pbx: watch::Receiver<Readiness>,
}

impl Health {
    /// The process is up: it can say so.
    pub(crate) fn up() -> Response<Body> {
        answer(StatusCode::OK, &json!({ "status": "up" }))
    }

    /// Calls can be made: the PBX has let us in, and the store can be written.
    pub(crate) fn ready(&self) -> Response<Body> {
        let pbx = *self.pbx.borrow();
        let store = self.handle.store_works();
        let ready = pbx == Readiness::Ready && store;
        let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        let store = if store { "ready" } else { "cannot be written, tried again" };
        answer(status, &json!({ "ready": ready, "pbx": pbx.as_str(), "store": store }))
    }
}

fn answer(status: StatusCode, body: &serde_json::Value) -> Response<Body> {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
