//! The request for one sentence, made of the scenario's templates.
//!
//! A value cannot leave its place: texts of JSON and fields of forms are written by libraries, the
//! rest is escaped. Must not send anything, nor repeat in an error what was filled in.

use super::{
    super::{
        Setting,
        template::{Place, fill},
    },
    Error, Http,
};
use http_body_util::Full;
use hyper::{
    Request, Uri,
    body::Bytes,
    header::{CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT},
};
use ivrkit_dialplan::scenario::speech::Method;
use minijinja::context;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use std::collections::BTreeMap;

/// What a form leaves as it is.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'*');

/// The host and port of an address that may be a template.
pub(super) fn host(url: &str) -> Result<String, Error> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains(['{', '@']) {
        let problem = "the host is to be written out, without a user, a password or a template";
        return Err(Error::Template { place: "http.url".to_owned(), problem: problem.to_owned() });
    }
    Ok(authority.to_owned())
}

/// The request that asks for a sentence.
pub(super) fn build(engine: &Http, text: &str) -> Result<Request<Full<Bytes>>, Error> {
    let Http { request, keys, setting, .. } = engine;
    let Setting { voice, language, .. } = setting;
    let keys: BTreeMap<String, String> =
        keys.iter().map(|(name, key)| (name.clone(), key.expose_secret().to_owned())).collect();
    let mut values = context! { text, language, keys };
    if let Some(voice) = voice {
        values = context! { voice, ..values };
    }
    let fill = |template: &str, place, name: &str| fill(template, place, name, &values);
    let (kind, body) = if let Some(json) = &request.json {
        let json = filled_json(json, &|text| fill(text, Place::Plain, "http.json"))?;
        (Some("application/json"), json.to_string())
    } else if let Some(form) = &request.form {
        let pairs = form.iter().map(|(name, value)| {
            let value = fill(value, Place::Plain, "http.form")?;
            Ok(format!("{}={}", form_encoded(name), form_encoded(&value)))
        });
        let pairs = pairs.collect::<Result<Vec<_>, Error>>()?;
        (Some("application/x-www-form-urlencoded"), pairs.join("&"))
    } else if let Some(xml) = &request.xml {
        (Some("application/ssml+xml; charset=utf-8"), fill(xml, Place::Xml, "http.xml")?)
    } else {
        (None, String::new())
    };
    let url: Uri = fill(&request.url, Place::Url, "http.url")?
        .parse()
        .map_err(|_| unfit("http.url", "what it becomes is no address"))?;
    let method = match request.method {
        Method::Post => hyper::Method::POST,
        Method::Get => hyper::Method::GET,
    };
    let mut built = Request::new(Full::from(body));
    (*built.method_mut(), *built.uri_mut()) = (method, url);
    let headers = built.headers_mut();
    headers.insert(
        USER_AGENT,
        HeaderValue::from_static(concat!("ivrkit/", env!("CARGO_PKG_VERSION"))),
    );
    if let Some(kind) = kind {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    for (name, value) in &request.headers {
        let place = format!("http.headers.{name}");
        let value = fill(value, Place::Plain, &place)?;
        let mut value = HeaderValue::from_bytes(value.as_bytes())
            .map_err(|_| unfit(&place, "what it becomes has a control character"))?;
        value.set_sensitive(true);
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| unfit(&place, "it is no name of a header"))?;
        headers.insert(name, value);
    }
    Ok(built)
}

fn unfit(place: &str, problem: &str) -> Error {
    Error::Template { place: place.to_owned(), problem: problem.to_owned() }
}

fn form_encoded(text: &str) -> String {
    utf8_percent_encode(text, FORM).to_string()
}

/// A JSON value with every text in it filled.
fn filled_json(
    value: &Value,
    fill: &dyn Fn(&str) -> Result<String, Error>,
) -> Result<Value, Error> {
    Ok(match value {
        Value::String(text) => Value::String(fill(text)?),
        Value::Array(items) => Value::Array(
            items.iter().map(|item| filled_json(item, fill)).collect::<Result<_, _>>()?,
        ),
        Value::Object(members) => {
            let fill_member =
                |(name, value): (&String, &Value)| Ok((name.clone(), filled_json(value, fill)?));
            Value::Object(members.iter().map(fill_member).collect::<Result<_, Error>>()?)
        }
        other => other.clone(),
    })
}
