//! The API: begin a call, look at one.

use super::{Health, NoBody, read_body, refusal, view::CallView};
use crate::{
    config,
    driver::{Handle, NewCall, Refusal},
    metrics::Metrics,
    number::PhoneNumber,
    secret,
};
use axum::{
    Router,
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderMap, Response, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::IntoResponse,
    routing::{get, post},
};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;
use std::{sync::Arc, time::Duration};

/// Most bytes of a request.
const MAX_REQUEST_BYTES: usize = 16 * 1024;
/// Most characters of an idempotency key.
const MAX_KEY: usize = 255;
/// Digits of a code, at least and at most.
const CODE_DIGITS: std::ops::RangeInclusive<usize> = 1..=20;

/// What the API needs.
pub(crate) struct Api {
    /// The loop.
    pub(crate) handle: Handle,
    /// Bearer token.
    pub(crate) token: SecretString,
    /// Whether answers show whole numbers.
    pub(crate) show_numbers: bool,
    /// For how long a code is good that came with a call.
    pub(crate) codes: config::Codes,
    /// What `/metrics` shows.
    pub(crate) metrics: Arc<Metrics>,
    /// What `/readyz` looks at.
    pub(crate) health: Health,
}

/// The body of `POST /calls`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallRequest {
    to: String,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    verification: Option<String>,
    #[serde(default)]
    code_expires_in_s: Option<u64>,
}

/// The listener's routes; all but the health reports and figures want the token.
pub(crate) fn api(state: Api) -> Router {
    let state = Arc::new(state);
    let (health, metrics) = (state.health.clone(), Arc::clone(&state.metrics));
    Router::new()
        .route("/calls", post(begin))
        .route("/calls/{id}", get(show))
        .layer(from_fn_with_state(Arc::clone(&state), authorise))
        .route("/healthz", get(async || Health::up()))
        .route("/readyz", get(async move || health.ready()))
        .route("/metrics", get(async move || figures(&metrics)))
        .fallback(async || refusal(StatusCode::NOT_FOUND, "not-found", "there is no such path"))
        .method_not_allowed_fallback(async || {
            let text = "this path does not take that method";
            refusal(StatusCode::METHOD_NOT_ALLOWED, "method", text)
        })
        .with_state(state)
}

/// The figures, in the text format 0.0.4.
fn figures(metrics: &Metrics) -> Response<Body> {
    let format = [(header::CONTENT_TYPE, prometheus::TEXT_FORMAT)];
    (StatusCode::OK, format, metrics.text()).into_response()
}

async fn authorise(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response<Body> {
    let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = given
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    match token {
        Some((_, token)) if secret::same(&SecretString::from(token.trim()), &api.token) => {
            next.run(request).await
        }
        _ => {
            let text = "expected `Authorization: Bearer <token>` with the server's token";
            let mut answer = refusal(StatusCode::UNAUTHORIZED, "unauthorised", text);
            let scheme = header::HeaderValue::from_static("Bearer");
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
            answer
        }
    }
}

async fn begin(State(api): State<Arc<Api>>, headers: HeaderMap, body: Body) -> Response<Body> {
    let call = match read_body(body, MAX_REQUEST_BYTES).await {
        Ok(body) => api.call_of(&headers, &body),
        Err(NoBody::TooLarge) => {
            let text = format!("the body has more than {MAX_REQUEST_BYTES} bytes");
            return refusal(StatusCode::PAYLOAD_TOO_LARGE, "too-large", &text);
        }
        Err(NoBody::Broken) => Err(bad("the body did not arrive")),
    };
    let call = match call {
        Ok(call) => call,
        Err(answer) => return *answer,
    };
    match api.handle.start_call(call).await {
        Ok(started) => {
            // The same answer twice: whoever lost the first one cannot tell, and need not.
            let body = json!({ "id": started.id }).to_string();
            let place = format!("/calls/{}", started.id);
            let repeated = if started.repeated { "true" } else { "false" };
            let headers = [
                (header::CONTENT_TYPE.as_str(), "application/json"),
                (header::LOCATION.as_str(), &place),
                ("idempotency-replayed", repeated),
            ];
            (StatusCode::CREATED, headers, body).into_response()
        }
        Err(why) => refused(&why),
    }
}

async fn show(State(api): State<Arc<Api>>, Path(id): Path<String>) -> Response<Body> {
    match api.handle.call(&id).await {
        Ok(Some(record)) => {
            let view = CallView::new(&record, api.show_numbers);
            let body = serde_json::to_string(&view).expect("a view serialises");
            (StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], body).into_response()
        }
        Ok(None) => refusal(StatusCode::NOT_FOUND, "no-such-call", "there is no such call"),
        Err(why) => refused(&why),
    }
}

fn refused(why: &Refusal) -> Response<Body> {
    let (status, code) = match why {
        Refusal::InCall { .. } => (StatusCode::CONFLICT, "in-call"),
        Refusal::KeyUsed => (StatusCode::CONFLICT, "idempotency-key-used"),
        Refusal::QueueFull => (StatusCode::TOO_MANY_REQUESTS, "queue-full"),
        Refusal::NoOutbound => (StatusCode::UNPROCESSABLE_ENTITY, "no-outbound"),
        Refusal::Verification { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "verification"),
        Refusal::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
    };
    refusal(status, code, &why.to_string())
}

/// An answer to a bad request; boxed, for answers are large beside what stands in their place.
#[expect(clippy::unnecessary_box_returns, reason = "every use is the error of a result")]
fn bad(message: &str) -> Box<Response<Body>> {
    Box::new(refusal(StatusCode::BAD_REQUEST, "bad-request", message))
}

impl Api {
    fn call_of(&self, headers: &HeaderMap, body: &[u8]) -> Result<NewCall, Box<Response<Body>>> {
        let request: CallRequest = serde_json::from_slice(body).map_err(|error| {
            // Its own text may repeat a member's value, and a code is one.
            let text = error.to_string();
            if text.starts_with("unknown field `") || text.starts_with("missing field `") {
                return bad(text.split(" at line ").next().unwrap_or(&text));
            }
            let (line, column) = (error.line(), error.column());
            bad(&format!(
                "expected JSON such as {{\"to\": \"13900001111\"}}; the mistake is at line {line}, \
                 column {column}"
            ))
        })?;
        let to = PhoneNumber::parse(&request.to).map_err(|why| bad(&format!("to: {why}")))?;
        let code = request.code.map(|code| self.code(&code, request.code_expires_in_s));
        Ok(NewCall {
            to,
            code: code.transpose()?,
            verification: request.verification,
            idempotency_key: idempotency_key(headers)?,
        })
    }

    fn code(
        &self,
        code: &str,
        expires_in_s: Option<u64>,
    ) -> Result<(SecretString, Duration), Box<Response<Body>>> {
        if !CODE_DIGITS.contains(&code.len()) || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(bad("code: expected 1 to 20 digits"));
        }
        let expires_in =
            expires_in_s.map_or(self.codes.expires_in_s.duration(), Duration::from_secs);
        if !(1..=90 * 24 * 3600).contains(&expires_in.as_secs()) {
            return Err(bad("code_expires_in_s: expected 1 second to 90 days"));
        }
        Ok((SecretString::from(code), expires_in))
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Box<Response<Body>>> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
    match key.to_str() {
        Ok(key) if (1..=MAX_KEY).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => Err(bad("Idempotency-Key: expected 1 to 255 printable characters")),
    }
}
