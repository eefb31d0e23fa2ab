//! The requests of the API: what each checks, does and answers.
//!
//! Must not know sockets: a request comes read, an answer goes as a value.

use super::{
    call::Call,
    errno::Errno,
    event::{Direction, End},
    exchange::Exchange,
    json::{Content, Members, Parameters},
    value::Chance,
    walk::{Destination, Refusal},
};
use axum::http::Method;
use ivrkit_dialplan::scenario::{Ivr, Number};
use std::{net::IpAddr, sync::Arc, time::Instant};

/// The versions in request addresses that are served; some documents write the second.
const VERSIONS: [&str; 2] = ["v1.1.0", "v1.10"];

/// A request as it was read.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub(super) method: &'a Method,
    pub(super) path: &'a str,
    pub(super) token: Option<&'a str>,
    pub(super) from: IpAddr,
    pub(super) body: &'a [u8],
}

/// What the client gets.
#[derive(Debug)]
pub(super) enum Answer {
    /// HTTP 200 with this object.
    Json(Members),
    /// HTTP 500.
    ServerError,
    /// The connection is reset.
    Reset,
}

type Done = Result<Members, Errno>;

/// Serves one request of the API.
pub(super) fn serve(exchange: &Arc<Exchange>, request: &Request<'_>) -> Answer {
    let faults = &exchange.settings.faults;
    let (instead, afterwards): (&[_], &[_]) = match endpoint(request.path) {
        Some(name) if name.contains("/transfer_") => (
            &[(faults.transfer_undone_500, false), (faults.transfer_undone_reset, true)],
            &[(faults.transfer_done_500, false), (faults.transfer_done_reset, true)],
        ),
        Some("ivr/dial_outbound") => {
            (&[], &[(faults.dial_done_500, false), (faults.dial_done_reset, true)])
        }
        _ => (&[], &[]),
    };
    if let Some(failure) = failure(exchange, instead) {
        return failure;
    }
    match handle(exchange, request) {
        Ok(members) => failure(exchange, afterwards).unwrap_or_else(|| {
            let mut all = Members::default().text("status", "Success");
            all.0.extend(members.0);
            Answer::Json(all)
        }),
        Err(errno) => {
            tracing::debug!(path = request.path, errno = errno.number(), "request refused");
            let failed = Members::default().text("status", "Failed");
            Answer::Json(failed.text("errno", errno.number().to_string()))
        }
    }
}

/// The first failure that strikes, of pairs of a chance and whether the connection is reset.
fn failure(exchange: &Exchange, failures: &[(Chance, bool)]) -> Option<Answer> {
    let struck = failures.iter().find(|(chance, _)| exchange.dice.strikes(*chance))?;
    Some(if struck.1 { Answer::Reset } else { Answer::ServerError })
}

/// The endpoint's name behind `/api/{version}/`.
fn endpoint(path: &str) -> Option<&str> {
    let (version, name) = path.strip_prefix("/api/")?.split_once('/')?;
    VERSIONS.contains(&version).then_some(name)
}

fn handle(exchange: &Arc<Exchange>, request: &Request<'_>) -> Done {
    if request.method != Method::POST {
        return Err(Errno::NotPost);
    }
    let name = endpoint(request.path).ok_or(Errno::NotSupported)?;
    if name.is_empty() {
        return Err(Errno::NoName);
    }
    if request.body.trim_ascii_start().first() == Some(&b'<') {
        return Err(Errno::XmlBody);
    }
    let parameters = Parameters::read(request.body).ok_or(Errno::NotJson)?;
    let now = Instant::now();
    match name {
        "login" => {
            let token = exchange.desk().log_in(request.from, &parameters, now)?;
            return Ok(Members::default().text("token", token));
        }
        "heartbeat" => {
            exchange.desk().beat(request.token, &parameters, now)?;
            return Ok(Members::default());
        }
        "logout" => {
            exchange.desk().log_out(request.token, now)?;
            return Ok(Members::default());
        }
        _ => exchange.desk().pass(request.token, now)?,
    }
    if NEED_DATA.contains(&name) && request.body.trim_ascii().is_empty() {
        return Err(Errno::NoData);
    }
    let shop = Counter { exchange, parameters: &parameters };
    match name {
        "ivr/dial_outbound" => shop.dial(),
        "ivr/query" => shop.query_ivrs(),
        "outbound/transfer_number" => shop.transfer(Direction::Outbound, "number"),
        "inbound/transfer_number" => shop.transfer(Direction::Inbound, "number"),
        "outbound/transfer_ivr" => shop.transfer(Direction::Outbound, "ivrid"),
        "inbound/transfer_ivr" => shop.transfer(Direction::Inbound, "ivrid"),
        "outbound/hangup" => shop.hang_up(Direction::Outbound),
        "inbound/hangup" => shop.hang_up(Direction::Inbound),
        "outbound/query" => Ok(shop.query(Direction::Outbound)),
        "inbound/query" => Ok(shop.query(Direction::Inbound)),
        "deviceinfo/query" => Ok(shop.query_device()),
        _ => Err(Errno::NotSupported),
    }
}

/// Endpoints that cannot be called with an empty body.
const NEED_DATA: [&str; 7] = [
    "ivr/dial_outbound",
    "outbound/transfer_number",
    "inbound/transfer_number",
    "outbound/transfer_ivr",
    "inbound/transfer_ivr",
    "outbound/hangup",
    "inbound/hangup",
];

/// Where requests with a good token are served.
struct Counter<'a> {
    exchange: &'a Arc<Exchange>,
    parameters: &'a Parameters,
}

impl Counter<'_> {
    fn dial(&self) -> Done {
        let ivr = self.needed("ivrid")?;
        let number = self.needed("outto")?;
        let extension = self.needed("fromext")?;
        let ivr = self.ivr(&ivr).ok_or(Errno::NoIvr)?;
        self.check_extension(&extension)?;
        let call = self.exchange.begin(Direction::Outbound, &number, &ivr);
        Ok(Members::default().text("callid", call.ids.callid.clone()))
    }

    fn transfer(&self, direction: Direction, target: &'static str) -> Done {
        let leg = self.needed(leg_name(direction))?;
        let to = self.needed(target)?;
        if target == "number" {
            let extension = self.needed("fromext")?;
            self.check_extension(&extension)?;
        }
        let call = self.call(direction, &leg)?;
        if let Some(sent) = call.take_entry_sent() {
            self.exchange.timings().reacted(sent.elapsed());
        }
        let done = self.destination(&to, target).and_then(|destination| {
            call.transfer(destination, self.exchange).map_err(|refusal| match refusal {
                Refusal::Over => Errno::NoCall,
                Refusal::NotConnected => Errno::NotConnected,
            })
        });
        if let Err(errno) = done {
            call.note_refused(&to, errno.number(), self.exchange);
        }
        done?;
        // The documents answer with the id of the request, whatever its name says.
        Ok(Members::default().text("callid", leg))
    }

    fn hang_up(&self, direction: Direction) -> Done {
        let leg = self.needed(leg_name(direction))?;
        let call = self.call(direction, &leg)?;
        call.hang_up(End::Application, self.exchange).map_err(|_| Errno::NoCall)?;
        Ok(Members::default())
    }

    fn query(&self, direction: Direction) -> Members {
        let wanted = self.parameters.list(leg_name(direction));
        let is_wanted =
            |call: &Arc<Call>| wanted.as_ref().is_none_or(|legs| legs.contains(&call.ids.leg));
        let calls = self.exchange.up(direction).into_iter().filter(is_wanted);
        let lines = calls.filter_map(|call| call.query_line(self.exchange)).collect();
        let name = match direction {
            Direction::Outbound => "outbound",
            Direction::Inbound => "inbound",
        };
        Members::default().with(name, Content::List(lines))
    }

    fn query_ivrs(&self) -> Done {
        let all = &self.exchange.scenario().ivrs;
        let wanted = match self.parameters.list("ivrid") {
            None => all.keys().cloned().collect(),
            Some(numbers) => numbers
                .iter()
                .map(|number| self.ivr(number).ok_or(Errno::NoIvr))
                .collect::<Result<Vec<_>, _>>()?,
        };
        let lines = wanted.iter().map(|number| ivr_line(number, &all[number])).collect();
        Ok(Members::default().with("ivr", Content::List(lines)))
    }

    fn query_device(&self) -> Members {
        let now = jiff::Zoned::now().strftime("%Y-%m-%d %H:%M:%S").to_string();
        let device = Members::default()
            .text("name", "ivrkit pbx-sim")
            .text("sn", self.exchange.settings.serial.clone())
            .text("hardwarever", "simulated")
            .text("firmwarever", env!("CARGO_PKG_VERSION"))
            .text("systemtime", now);
        Members::default().with("deviceinfo", Content::Object(device))
    }

    fn needed(&self, name: &str) -> Result<String, Errno> {
        self.parameters.text(name).ok_or(Errno::EmptyParameter)
    }

    fn call(&self, direction: Direction, leg: &str) -> Result<Arc<Call>, Errno> {
        self.exchange.find(direction, leg).ok_or(Errno::NoCall)
    }

    fn ivr(&self, number: &str) -> Option<Number> {
        Number::new(number).filter(|number| self.exchange.scenario().ivrs.contains_key(number))
    }

    fn destination(&self, to: &str, target: &str) -> Result<Destination, Errno> {
        if let Some(ivr) = self.ivr(to) {
            return Ok(Destination::Ivr(ivr));
        }
        let extensions = &self.exchange.settings.extensions;
        match target {
            "number" if extensions.contains_key(to) => Ok(Destination::Extension(to.to_owned())),
            "number" => Err(Errno::NoNumber),
            _ => Err(Errno::NoIvr),
        }
    }

    fn check_extension(&self, extension: &str) -> Result<(), Errno> {
        match self.exchange.settings.extensions.get(extension) {
            None => Err(Errno::NoExtension),
            Some(false) => Err(Errno::NotPermitted),
            Some(true) => Ok(()),
        }
    }
}

fn leg_name(direction: Direction) -> &'static str {
    match direction {
        Direction::Outbound => "outboundid",
        Direction::Inbound => "inboundid",
    }
}

fn ivr_line(number: &Number, ivr: &Ivr) -> Members {
    let number = number.as_str();
    Members::default()
        .text("ivrnumber", number)
        .text("ivrname", ivr.title.as_deref().unwrap_or(number))
        .text("prompt", ivr.prompts.join("+"))
        .text("promptrepeat", ivr.plays.to_string())
        .text("responsetimeout", ivr.wait_s.to_string())
        .text("digittimeout", ivr.digit_timeout_s.to_string())
        .text("dialext", "no")
        .text("dialoutboundroutes", "no")
        .text("dialtocheckvoicemail", "no")
}
