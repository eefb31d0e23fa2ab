//! Look-ups by an HTTP service of the operator's.
//!
//! Each entry is one POST of JSON with an idempotency key; the service may get it more than once.
//! Whatever is neither *right* nor *wrong* as the configuration has it is no verdict.

use super::{
    Doing, Failure, Lookup, Problem, Question, answer,
    answer::Cell,
    pool::in_time,
    question::{Bound, Parameter},
};
use crate::{
    clock,
    config::{Answer, Http, Signature},
    secret,
    web::{self, Web},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http_body_util::Full;
use hyper::{
    Method, Request,
    body::Bytes,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use ivrkit_dialplan::verification::{Digits, Verdict};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use sha2::Sha256;
use std::{fmt, time::Duration};
use tokio::sync::Semaphore;

/// Statuses that may be other ones a moment later.
const PASSING: [u16; 3] = [408, 425, 429];
/// Fewest characters of the key that signs.
const LEAST_KEY: usize = 16;

/// A service and what its answers mean.
pub(super) struct Service {
    web: Web,
    url: String,
    body: Template,
    headers: HeaderMap,
    signature: Option<(Signature, SecretString)>,
    answer: Answer,
    places: Semaphore,
    timeout: Duration,
}

/// JSON in which some texts are parameters.
#[derive(Debug, Clone, PartialEq)]
enum Template {
    Value(Value),
    Parameter(Parameter),
    List(Vec<Template>),
    Object(Vec<(String, Template)>),
}

/// Look-ups as a section says.
pub(super) fn lookup(section: &Http, values: &[&str]) -> Result<Service, Problem> {
    let timeout = section.timeout_s.duration();
    let base = &section.url.base;
    let web = Web::new(base, &section.tls, timeout).map_err(|error| error.to_string())?;
    let body = Template::read(&section.body, values)?;
    if section.answer.code_at.is_none() && !body.names(&Parameter::Digits) {
        let text = "`body` has no `:digits`, so that the service cannot judge them";
        return Err(text.to_owned().into());
    }
    let signature = match &section.signature {
        Some(signature) => {
            let key = signature.key().read("key of the signature", LEAST_KEY);
            let names = [&signature.header, &signature.timestamp_header];
            for name in names {
                header_name(name)?;
            }
            Some((signature.clone(), key.map_err(Problem::Secret)?))
        }
        None => None,
    };
    Ok(Service {
        web,
        url: format!("{base}{}", section.url.path),
        body,
        headers: headers(section)?,
        signature,
        answer: section.answer.clone(),
        places: Semaphore::new(section.connections.0),
        timeout,
    })
}

fn headers(section: &Http) -> Result<HeaderMap, Problem> {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    headers.insert("accept", HeaderValue::from_static("application/json"));
    let base = &section.url.base;
    let is_usual = base.port == if base.https { 443 } else { 80 };
    let host = if is_usual { base.host.clone() } else { format!("{}:{}", base.host, base.port) };
    headers.insert("host", header_value("url", &host)?);
    for (name, value) in &section.headers {
        headers.insert(header_name(name)?, header_value(name, value)?);
    }
    for (name, secret) in &section.secret_headers {
        let value = secret.value().read("value of a secret header", 1).map_err(Problem::Secret)?;
        let text = SecretString::from(format!("{}{}", secret.prefix, value.expose_secret()));
        let mut value = header_value(name, text.expose_secret())?;
        value.set_sensitive(true);
        headers.insert(header_name(name)?, value);
    }
    Ok(headers)
}

fn header_name(name: &str) -> Result<HeaderName, String> {
    name.parse().map_err(|_| format!("found `{name}`, which cannot be the name of a header"))
}

fn header_value(name: &str, value: &str) -> Result<HeaderValue, String> {
    value.parse().map_err(|_| format!("the value of header `{name}` has signs that none may have"))
}

impl Lookup for Service {
    /// The service itself is not asked: it would take any entry for a real one.
    fn check<'a>(
        &'a self,
        columns: &'a [Option<String>],
    ) -> Doing<'a, Result<Vec<String>, Failure>> {
        Box::pin(async move {
            match columns.iter().flatten().next() {
                None => Ok(Vec::new()),
                Some(column) => Err(Failure::Lasting(format!(
                    "the scenario wants column `{column}`, but an HTTP service has none"
                ))),
            }
        })
    }

    fn look_up<'a>(&'a self, question: &'a Question) -> Doing<'a, Result<Verdict, Failure>> {
        Box::pin(in_time(self.timeout, self.ask(question)))
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Service {
    async fn ask(&self, question: &Question) -> Result<Verdict, Failure> {
        let _place = self.places.acquire().await.expect("places are never closed");
        let request = self.request(question)?;
        let answered = self.web.send(request).await.map_err(|failure| {
            let (web::Failure::NotSent(text) | web::Failure::Unsure(text)) = &failure;
            if text.contains("certificate verify failed") {
                Failure::Lasting(failure.to_string())
            } else {
                Failure::Passing(failure.to_string())
            }
        })?;
        judge(&self.answer, answered.status, &answered.body, &question.digits)
    }

    fn request(&self, question: &Question) -> Result<Request<Full<Bytes>>, Failure> {
        let body = serde_json::to_vec(&self.body.fill(question)).expect("JSON is written");
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(&self.url)
            .body(Full::new(Bytes::from(body.clone())))
            .map_err(|error| Failure::Lasting(error.to_string()))?;
        let headers = request.headers_mut();
        headers.extend(self.headers.clone());
        let entry = HeaderValue::from_str(&question.entry()).expect("an id is plain text");
        headers.insert("idempotency-key", entry);
        if let Some((signature, key)) = &self.signature {
            let at = (clock::wall_ms() / 1000).to_string();
            let signed = sign(key, &at, &body);
            for (name, value) in [(&signature.timestamp_header, at), (&signature.header, signed)] {
                let name = header_name(name).expect("it was looked at");
                headers.insert(name, HeaderValue::from_str(&value).expect("hex digits"));
            }
        }
        Ok(request)
    }
}

/// `sha256=` and the HMAC of `<time>.<body>` in hex digits.
fn sign(key: &SecretString, at: &str, body: &[u8]) -> String {
    let key = key.expose_secret().as_bytes();
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(at.as_bytes());
    mac.update(b".");
    mac.update(body);
    format!("sha256={}", secret::hex(&mac.finalize().into_bytes()))
}

/// What an answer means.
fn judge(answer: &Answer, status: u16, body: &[u8], digits: &Digits) -> Result<Verdict, Failure> {
    if answer.mismatch_status.contains(&status) {
        return Ok(Verdict::Mismatch);
    }
    if !answer.status.contains(&status) {
        let text = format!("the service answered {status}");
        let passes = status >= 500 || PASSING.contains(&status);
        return Err(if passes { Failure::Passing(text) } else { Failure::Lasting(text) });
    }
    let Some(pointer) = answer.verdict_at.as_ref().or(answer.code_at.as_ref()) else {
        return Ok(Verdict::Match);
    };
    let unread = |what: &str| {
        Err(Failure::Lasting(format!("the service's answer {what} at `{}`", pointer.as_str())))
    };
    let Ok(json) = serde_json::from_slice::<Value>(body) else {
        return Err(Failure::Lasting("the service's answer is no JSON".to_owned()));
    };
    let Some(found) = json.pointer(pointer.as_str()) else { return unread("has nothing") };
    if answer.code_at.is_some() {
        let cells = match found {
            Value::Array(list) => list.iter().map(cell).collect::<Option<Vec<_>>>(),
            one => cell(one).map(|cell| vec![cell]),
        };
        return match cells {
            Some(cells) => Ok(answer::judge(&cells, digits)),
            None => unread("has neither a text nor a whole number"),
        };
    }
    if std::mem::discriminant(found) != std::mem::discriminant(&answer.match_value) {
        return unread("has a value of another type than `match_value`");
    }
    Ok(if *found == answer.match_value { Verdict::Match } else { Verdict::Mismatch })
}

fn cell(value: &Value) -> Option<Cell> {
    match value {
        Value::Null => Some(Cell::Nothing),
        Value::String(text) => Some(Cell::Text(text.clone())),
        Value::Number(number) => number.as_i64().map(Cell::Integer),
        _ => None,
    }
}

impl Template {
    fn read(value: &Value, values: &[&str]) -> Result<Self, String> {
        Ok(match value {
            Value::String(text) if text.starts_with("::") => Self::Value(text[1..].into()),
            Value::String(text) if text.starts_with(':') => {
                let parameter = Parameter::named(&text[1..], values).ok_or_else(|| {
                    let known = Parameter::known(values);
                    format!(
                        "`body` has the unknown parameter `{text}`; there are {known}; `::` at \
                             the beginning of a text stands for `:`"
                    )
                })?;
                Self::Parameter(parameter)
            }
            Value::Array(list) => {
                let list: Result<_, _> = list.iter().map(|one| Self::read(one, values)).collect();
                Self::List(list?)
            }
            Value::Object(object) => {
                let object = object.iter();
                let object: Result<_, String> =
                    object.map(|(key, one)| Ok((key.clone(), Self::read(one, values)?))).collect();
                Self::Object(object?)
            }
            plain => Self::Value(plain.clone()),
        })
    }

    fn names(&self, wanted: &Parameter) -> bool {
        match self {
            Self::Value(_) => false,
            Self::Parameter(parameter) => parameter == wanted,
            Self::List(list) => list.iter().any(|one| one.names(wanted)),
            Self::Object(object) => object.iter().any(|(_, one)| one.names(wanted)),
        }
    }

    fn fill(&self, question: &Question) -> Value {
        match self {
            Self::Value(value) => value.clone(),
            Self::Parameter(parameter) => match parameter.of(question) {
                Bound::Seconds(seconds) => seconds.into(),
                bound => bound.text().map_or(Value::Null, Value::String),
            },
            Self::List(list) => list.iter().map(|one| one.fill(question)).collect(),
            Self::Object(object) => {
                object.iter().map(|(key, one)| (key.clone(), one.fill(question))).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an answer means to a section `answer`.
    #[track_caller]
    fn check(section: &str, status: u16, body: &str, expected: &str) {
        let answer: Answer = serde_yaml::from_str(section).unwrap();
        let said = match judge(&answer, status, body.as_bytes(), &Digits::new("0012")) {
            Ok(verdict) => format!("{verdict:?}"),
            Err(Failure::Passing(why)) => format!("again: {why}"),
            Err(Failure::Lasting(why)) => why,
        };
        assert_eq!(said, expected);
    }

    #[test]
    fn only_what_is_said_to_be_right_is_right() {
        let verdict = "verdict_at: /ok";
        check(verdict, 200, r#"{"ok":true}"#, "Match");
        check(verdict, 200, r#"{"ok":false}"#, "Mismatch");
        check(
            verdict,
            200,
            r#"{"ok":null}"#,
            "the service's answer has a value of another type than `match_value` at `/ok`",
        );
        check(
            verdict,
            200,
            r#"{"ok":"true"}"#,
            "the service's answer has a value of another type than `match_value` at `/ok`",
        );
        check(verdict, 200, r#"{"right":true}"#, "the service's answer has nothing at `/ok`");
        check(verdict, 200, "<html>", "the service's answer is no JSON");
        check(verdict, 200, "", "the service's answer is no JSON");
        check(verdict, 201, r#"{"ok":true}"#, "the service answered 201");
        check(verdict, 404, r#"{"ok":true}"#, "the service answered 404");
        check(verdict, 302, r#"{"ok":true}"#, "the service answered 302");
        check(verdict, 503, r#"{"ok":true}"#, "again: the service answered 503");
        check(verdict, 429, "", "again: the service answered 429");
        let words = "{ verdict_at: /0/state, match_value: valid, mismatch_status: [404] }";
        check(words, 200, r#"[{"state":"valid"}]"#, "Match");
        check(words, 200, r#"[{"state":"invalid"}]"#, "Mismatch");
        check(words, 404, "", "Mismatch");
    }

    #[test]
    fn a_service_may_tell_the_code_or_several() {
        let code = "{ code_at: /code, mismatch_status: [404] }";
        check(code, 200, r#"{"code":"0012"}"#, "Match");
        check(code, 200, r#"{"code":12}"#, "Mismatch");
        check(code, 200, r#"{"code":null}"#, "Mismatch");
        check(code, 200, r#"{"code":["1","0012"]}"#, "Match");
        check(code, 200, r#"{"code":[]}"#, "Mismatch");
        check(
            code,
            200,
            r#"{"code":1.5}"#,
            "the service's answer has neither a text nor a whole number at `/code`",
        );
        check("mismatch_status: [422]", 200, "", "Match");
        check("mismatch_status: [422]", 422, "", "Mismatch");
    }

    #[test]
    fn the_signature_covers_time_and_body() {
        let key = SecretString::from("key of the signature");
        let signed = sign(&key, "1770000000", b"{}");
        assert_eq!(signed.len(), "sha256=".len() + 64);
        assert_ne!(signed, sign(&key, "1770000001", b"{}"));
        assert_ne!(signed, sign(&key, "1770000000", b"{ }"));
    }

    #[test]
    fn a_template_is_json_with_parameters_as_whole_texts() {
        let read = |text: &str| Template::read(&serde_json::from_str(text).unwrap(), &["course"]);
        assert!(read(r#"{"a":[":digits",":course","::digits","a:b",1,null]}"#).is_ok());
        let unknown = read(r#"{"a":":nothing"}"#).unwrap_err();
        assert!(
            unknown.starts_with("`body` has the unknown parameter `:nothing`; there are `:callee`")
        );
    }
}
