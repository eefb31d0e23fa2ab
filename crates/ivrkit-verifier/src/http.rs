//! What others send us: reports of the PBX on one listener, requests for calls on another.
//!
//! Must not decide anything about a call: requests become events of the [driver](crate::driver).

mod calls;
mod health;
mod listener;
mod reports;
mod view;

pub(crate) use calls::{Api, api};
pub(crate) use health::Health;
pub(crate) use listener::listen;
pub(crate) use reports::{Reports, reports};
pub use view::{CallView, StepView};

use axum::{
    body::{Body, Bytes},
    http::{Response, StatusCode, header},
    response::IntoResponse,
};
use http_body_util::{BodyExt as _, Limited};
use serde_json::json;
use std::time::Duration;

/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NoBody {
    TooLarge,
    Broken,
}

/// Reads a body of at most `limit` bytes that keeps coming.
async fn read_body(body: Body, limit: usize) -> Result<Bytes, NoBody> {
    let whole = Limited::new(body, limit).collect();
    match tokio::time::timeout(BODY_TIMEOUT, whole).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(NoBody::TooLarge),
        _ => Err(NoBody::Broken),
    }
}

/// An error as every error of the API looks: a stable word and a sentence.
fn refusal(status: StatusCode, code: &str, message: &str) -> Response<Body> {
    let body = json!({ "error": { "code": code, "message": message } });
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
