//! Asks a running server for calls, over its API.

use crate::{
    config::{BaseUrl, Tls},
    number::PhoneNumber,
    web,
    web::Web,
};
use http_body_util::Full;
use hyper::{Request, body::Bytes, header};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use std::time::Duration;

/// For one request.
const TIMEOUT: Duration = Duration::from_secs(15);

/// A server that is asked for calls.
#[derive(Debug)]
pub struct Remote {
    web: Web,
    url: BaseUrl,
    token: SecretString,
}

/// A request that was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// TLS cannot be set up.
    #[error(transparent)]
    SetUp(#[from] web::SetUp),
    /// The server was not reached.
    #[error("cannot reach {url}: {why}; is `ivrkit verify` running?")]
    Unreachable {
        /// The server.
        url: String,
        /// Why.
        why: String,
    },
    /// The server was reached and gave no answer; the call may have begun.
    #[error("{url} gave no answer: {why}; the call may have begun")]
    NoAnswer {
        /// The server.
        url: String,
        /// Why.
        why: String,
    },
    /// The server refused.
    #[error("{url} refused: {message} (HTTP {status})")]
    Refused {
        /// The server.
        url: String,
        /// HTTP status.
        status: u16,
        /// What it said.
        message: String,
    },
}

impl Remote {
    /// A server at this address.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(url: BaseUrl, token: SecretString) -> Result<Self, Error> {
        Ok(Self { web: Web::new(&url, &Tls::default(), TIMEOUT)?, url, token })
    }

    /// Begins a call; gives its id. The key makes a repeat of this request the same request.
    ///
    /// # Errors
    /// When the server is not reached, refuses, or gives no answer.
    pub async fn start_call(&self, to: &PhoneNumber, key: &str) -> Result<String, Error> {
        let request = Request::post(format!("{}/calls", self.url))
            .header("idempotency-key", key)
            .header(header::CONTENT_TYPE, "application/json");
        let answer = self.ask(request, json!({ "to": to.dialled() }).to_string()).await?;
        match answer.get("id").and_then(Value::as_str) {
            Some(id) => Ok(id.to_owned()),
            None => Err(self.no_answer("the answer has no `id`")),
        }
    }

    /// The call's record as the API shows it.
    ///
    /// # Errors
    /// When the server is not reached, refuses, or gives no answer.
    pub async fn call(&self, id: &str) -> Result<Value, Error> {
        self.ask(Request::get(format!("{}/calls/{id}", self.url)), String::new()).await
    }

    async fn ask(
        &self,
        request: hyper::http::request::Builder,
        body: String,
    ) -> Result<Value, Error> {
        let token = format!("Bearer {}", self.token.expose_secret());
        let request = request
            .header(header::AUTHORIZATION, token)
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| self.no_answer(&error.to_string()))?;
        let answer = self.web.send(request).await.map_err(|failure| match failure {
            web::Failure::NotSent(why) => Error::Unreachable { url: self.url.to_string(), why },
            web::Failure::Unsure(why) => self.no_answer(&why),
        })?;
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if (200..300).contains(&answer.status) {
            return Ok(body);
        }
        let message = body.pointer("/error/message").and_then(Value::as_str);
        Err(Error::Refused {
            url: self.url.to_string(),
            status: answer.status,
            message: message.unwrap_or("without a reason").to_owned(),
        })
    }

    fn no_answer(&self, why: &str) -> Error {
        Error::NoAnswer { url: self.url.to_string(), why: why.to_owned() }
    }
}
