//! The HTTP edge of the Yeastar API: sends requests, keeps the session alive.
//!
//! Which requests repeat and what answers mean is the [session](super::session)'s to say.

use super::{
    message::Reply,
    session::{Failure, LoginOutcome, NoLogin, Session, Token},
};
use crate::{
    clock, config,
    driver::Handle,
    number::PhoneNumber,
    pbx::{Doing, Listed, Pbx, Readiness},
    secret, shutdown, web,
    web::Web,
};
use http_body_util::Full;
use hyper::{Request, body::Bytes, header};
use ivrkit_dialplan::{
    scenario::Number,
    verification::{Answer, Direction, Leg},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use std::{
    net::{SocketAddr, UdpSocket},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::watch;

/// Format of the reports asked for: well-formed JSON with an array of parties.
const REPORT_VERSION: &str = "1.0.2";
/// Between two tries to reach a PBX that does not answer.
const REACH_AGAIN: Duration = Duration::from_secs(3);

/// A client of one PBX.
#[derive(Debug)]
pub struct Client {
    web: Web,
    config: config::Pbx,
    reports: ReportAddress,
    session: Mutex<Session>,
    /// Held while logging in, so that one lost token leads to one login.
    logging_in: tokio::sync::Mutex<()>,
    readiness: watch::Sender<Readiness>,
    logins: watch::Sender<u64>,
}

/// Where the PBX shall send its reports.
#[derive(Clone)]
pub struct ReportAddress {
    /// Port on which we listen.
    pub port: u16,
    /// Secret path without its leading slash.
    pub path: SecretString,
    /// Host and port from outside, when they differ from where our requests come from.
    pub outside: Option<String>,
}

impl Client {
    /// Prepares a client; nothing is sent yet.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(config: config::Pbx, reports: ReportAddress) -> Result<Self, web::SetUp> {
        let web = Web::new(&config.url, &config.tls, config.request_timeout_s.duration())?;
        Ok(Self {
            web,
            config,
            reports,
            session: Mutex::default(),
            logging_in: tokio::sync::Mutex::default(),
            readiness: watch::channel(Readiness::Starting).0,
            logins: watch::channel(0).0,
        })
    }

    /// Logs in and beats until told to stop. Does not log out: reports that the PBX cannot deliver
    /// while we restart are then still repeated by it.
    pub async fn keep_alive(self: Arc<Self>, mut stop: shutdown::Signal) {
        loop {
            let alive = self.request("heartbeat", self.heartbeat().await).await.is_ok();
            if alive {
                self.set_readiness(Readiness::Ready);
            } else if self.is(Readiness::Ready) {
                self.set_readiness(Readiness::Unreachable);
            }
            let beat = self.config.heartbeat_s.duration();
            let pause = if alive { beat } else { beat.min(REACH_AGAIN) };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.pulled() => return,
            }
        }
    }

    /// Dials a callee through an IVR; gives the PBX's id of the call.
    ///
    /// # Errors
    /// What is known of a dial that was not done.
    async fn ask_to_dial(&self, ivr: &Number, to: &PhoneNumber) -> Result<String, Answer> {
        let body = json!({
            "ivrid": ivr.as_str(), "outto": to.dialled(), "fromext": self.config.from_extension,
        });
        let reply = self.request("ivr/dial_outbound", body).await.map_err(Failure::answer)?;
        // Done, but which call it is, is not said: it must be looked for.
        reply.call().ok_or(Answer::Unsure)
    }

    /// Sends a call to an IVR.
    ///
    /// # Errors
    /// What is known of a transfer that was not done.
    async fn ask_to_transfer(
        &self,
        direction: Direction,
        leg: &Leg,
        to: &Number,
    ) -> Result<(), Answer> {
        let (endpoint, id) = match direction {
            Direction::Outbound => ("outbound/transfer_number", "outboundid"),
            Direction::Inbound => ("inbound/transfer_number", "inboundid"),
        };
        let body = json!({
            id: leg.as_str(), "number": to.as_str(), "fromext": self.config.from_extension,
        });
        // The id in the answer is a copy of the request's and proves nothing.
        self.request(endpoint, body).await.map(drop).map_err(Failure::answer)
    }

    /// Ends a call.
    ///
    /// # Errors
    /// What is known of a hang-up that was not done.
    async fn ask_to_hang_up(&self, direction: Direction, leg: &Leg) -> Result<(), Answer> {
        let (endpoint, id) = match direction {
            Direction::Outbound => ("outbound/hangup", "outboundid"),
            Direction::Inbound => ("inbound/hangup", "inboundid"),
        };
        let body = json!({ id: leg.as_str() });
        self.request(endpoint, body).await.map(drop).map_err(Failure::answer)
    }

    /// The PBX's calls in one direction.
    ///
    /// # Errors
    /// When there is no list.
    async fn calls_in(&self, direction: Direction) -> Result<Vec<Listed>, Failure> {
        let endpoint = match direction {
            Direction::Outbound => "outbound/query",
            Direction::Inbound => "inbound/query",
        };
        Ok(self.request(endpoint, json!({})).await?.calls(direction))
    }

    /// One request under a session; a lost token costs one login and one repeat.
    async fn request(&self, endpoint: &'static str, body: Value) -> Result<Reply, Failure> {
        let token = self.logged_in(None).await?;
        let answer = self.exchange(endpoint, Some(&token), &body).await;
        let Err(failure) = answer else { return answer };
        if self.session().token_refused(&token, failure) {
            tracing::info!(errno = failure.code(), "the PBX no longer knows the token");
            let token = self.logged_in(Some(&token)).await?;
            return self.exchange(endpoint, Some(&token), &body).await;
        }
        if matches!(failure, Failure::Refused(_) | Failure::Status(_)) {
            tracing::warn!(endpoint, code = failure.code(), "the PBX refused a request");
        }
        answer
    }

    /// The present token, after a login if there is none.
    async fn logged_in(&self, lost: Option<&Token>) -> Result<Token, Failure> {
        let newer = |token: &Token| lost.is_none_or(|lost| token.login > lost.login);
        if let Some(token) = self.session().token().filter(newer) {
            return Ok(token);
        }
        let _one_at_a_time = self.logging_in.lock().await;
        if let Some(token) = self.session().token().filter(newer) {
            return Ok(token);
        }
        self.log_in().await?;
        self.session().token().ok_or(Failure::NotSent)
    }

    async fn log_in(&self) -> Result<(), Failure> {
        let password = match self.config.password().read("PBX password", 1) {
            Ok(password) => secret::md5_hex(&password),
            Err(error) => {
                tracing::error!(%error, "cannot log in to the PBX");
                return Err(Failure::NotSent);
            }
        };
        loop {
            match self.session().may_log_in(clock::now_ms(), &password) {
                Ok(()) => {}
                Err(NoLogin::Refused | NoLogin::Locked | NoLogin::TooSoon) => {
                    return Err(Failure::NotSent);
                }
            }
            let answer = self.exchange("login", None, &self.login(&password)).await;
            let answer = answer.and_then(|reply| match reply.token() {
                Some(token) => Ok(SecretString::from(token)),
                None => Err(Failure::Unsure),
            });
            let outcome = self.session().login_answered(clock::now_ms(), &password, answer);
            match outcome {
                LoginOutcome::OtherVersion => {}
                LoginOutcome::In => {
                    tracing::info!(pbx = %self.config.url, "logged in to the PBX");
                    self.set_readiness(Readiness::Ready);
                    self.logins.send_modify(|count| *count += 1);
                    return Ok(());
                }
                LoginOutcome::Refused | LoginOutcome::Locked | LoginOutcome::Failed(_) => {
                    self.login_failed(outcome);
                    return Err(Failure::NotSent);
                }
            }
        }
    }

    fn login_failed(&self, outcome: LoginOutcome) {
        match outcome {
            LoginOutcome::Refused => {
                tracing::error!(
                    pbx = %self.config.url, user = self.config.username,
                    "the PBX refused user or password; it is not sent again. Correct the password \
                     in {}: a change is noticed by itself; a wrong user name needs a restart",
                    self.config.password(),
                );
                self.set_readiness(Readiness::Refused);
            }
            LoginOutcome::Locked => {
                tracing::error!(
                    pbx = %self.config.url,
                    "the PBX has locked this address out; trying again in 10 minutes. Its page \
                     `API` can unblock the address",
                );
                self.set_readiness(Readiness::Locked);
            }
            LoginOutcome::Failed(code) => {
                if !self.is(Readiness::Unreachable) {
                    tracing::warn!(pbx = %self.config.url, code, "cannot log in; trying again");
                }
                self.set_readiness(Readiness::Unreachable);
            }
            LoginOutcome::In | LoginOutcome::OtherVersion => {}
        }
    }

    /// One HTTP exchange.
    async fn exchange(
        &self,
        endpoint: &'static str,
        token: Option<&Token>,
        body: &Value,
    ) -> Result<Reply, Failure> {
        let version = self.session().version();
        let mut address = format!("{}/api/{version}/{endpoint}", self.config.url);
        if let Some(token) = token {
            address.push_str("?token=");
            address.push_str(token.text.expose_secret());
        }
        let request = Request::post(address)
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .header(header::CONNECTION, "close")
            .body(Full::new(Bytes::from(body.to_string())));
        // A token with characters that no address has was never given out by a PBX.
        let request = request.map_err(|_| Failure::NotSent)?;
        let answer = self.web.send(request).await.map_err(|failure| {
            if self.is(Readiness::Unreachable) {
                tracing::debug!(endpoint, %failure, "a request to the PBX failed");
            } else {
                tracing::warn!(endpoint, %failure, "a request to the PBX failed");
            }
            match failure {
                web::Failure::NotSent(_) => Failure::NotSent,
                web::Failure::Unsure(_) => Failure::Unsure,
            }
        })?;
        if answer.status != 200 {
            tracing::warn!(endpoint, status = answer.status, "a request to the PBX failed");
            return Err(Failure::Status(answer.status));
        }
        let reply = Reply::read(&answer.body).ok_or(Failure::Unsure)?;
        reply.verdict()?;
        Ok(reply)
    }

    fn login(&self, password: &SecretString) -> Value {
        let (url, absolute) = self.reports.url();
        json!({
            "username": self.config.username,
            "password": password.expose_secret(),
            "port": self.reports.port.to_string(),
            "version": REPORT_VERSION,
            "url": url,
            "urltag": absolute,
        })
    }

    /// The documents call the same switch `urltag` in one place and `urlflag` in another.
    async fn heartbeat(&self) -> Value {
        let (url, absolute) = self.reports.url();
        json!({
            "ipaddr": self.own_address().await,
            "port": self.reports.port.to_string(),
            "version": REPORT_VERSION,
            "url": url,
            "urlflag": absolute,
            "urltag": absolute,
        })
    }

    /// The address that our requests come from, as far as this machine can tell.
    async fn own_address(&self) -> String {
        let host = self.config.url.host.trim_matches(['[', ']']);
        let pbx = tokio::net::lookup_host((host, self.config.url.port)).await;
        let local = pbx.ok().and_then(|mut all| {
            let pbx = all.next()?;
            let any: SocketAddr =
                if pbx.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0u16; 8], 0).into() };
            // Connecting a datagram socket sends nothing; it only chooses the way.
            let socket = UdpSocket::bind(any).ok()?;
            socket.connect(pbx).ok()?;
            socket.local_addr().ok()
        });
        local.map_or_else(String::new, |address| address.ip().to_string())
    }

    fn is(&self, readiness: Readiness) -> bool {
        *self.readiness.borrow() == readiness
    }

    fn set_readiness(&self, now: Readiness) {
        self.readiness.send_if_modified(|before| {
            let changed = *before != now;
            *before = now;
            changed
        });
    }

    fn session(&self) -> std::sync::MutexGuard<'_, Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pbx for Client {
    fn dial<'a>(
        &'a self,
        _call: &'a str,
        ivr: &'a Number,
        to: &'a PhoneNumber,
    ) -> Doing<'a, Result<String, Answer>> {
        Box::pin(self.ask_to_dial(ivr, to))
    }

    fn transfer<'a>(
        &'a self,
        direction: Direction,
        leg: &'a Leg,
        to: &'a Number,
    ) -> Doing<'a, Result<(), Answer>> {
        Box::pin(self.ask_to_transfer(direction, leg, to))
    }

    fn hang_up<'a>(&'a self, direction: Direction, leg: &'a Leg) -> Doing<'a, Result<(), Answer>> {
        Box::pin(self.ask_to_hang_up(direction, leg))
    }

    fn calls(&self) -> Doing<'_, Option<Vec<Listed>>> {
        Box::pin(async {
            let mut listed = self.calls_in(Direction::Outbound).await.ok()?;
            listed.extend(self.calls_in(Direction::Inbound).await.ok()?);
            Some(listed)
        })
    }

    fn ivrs(&self) -> Doing<'_, Option<Vec<String>>> {
        Box::pin(async { Some(self.request("ivr/query", json!({})).await.ok()?.ivrs()) })
    }

    fn readiness(&self) -> watch::Receiver<Readiness> {
        self.readiness.subscribe()
    }

    fn logins(&self) -> watch::Receiver<u64> {
        self.logins.subscribe()
    }

    /// Reports come over HTTP, each on a connection of its own, and not here.
    fn keep_session(
        self: Arc<Self>,
        _handle: Handle,
        stop: shutdown::Signal,
    ) -> Doing<'static, ()> {
        Box::pin(self.keep_alive(stop))
    }
}

impl ReportAddress {
    /// The `url` to register, and whether it is absolute: `"1"`, without a scheme.
    fn url(&self) -> (String, &'static str) {
        match &self.outside {
            Some(outside) => (format!("{outside}/{}", self.path.expose_secret()), "1"),
            None => (self.path.expose_secret().to_owned(), "0"),
        }
    }
}

impl std::fmt::Debug for ReportAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReportAddress").field("port", &self.port).finish_non_exhaustive()
    }
}
