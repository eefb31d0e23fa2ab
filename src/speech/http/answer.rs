//! What an engine's answer means: sound, a refusal, or something to try again.
//!
//! What a server says may repeat the request: keys are taken out before it is shown.

use super::{
    super::{Error, excerpt, raw},
    Http, Tried,
    client::Received,
};
use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use hyper::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use secrecy::ExposeSecret as _;
use std::time::{Duration, SystemTime};

/// Base64 with or without its padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A whole answer, and who gave it.
pub(super) struct Answer<'a> {
    pub(super) engine: &'a Http,
    pub(super) received: Received,
}

impl Answer<'_> {
    pub(super) fn judged(self) -> Tried {
        match self.received.status {
            200..=299 => match self.sound() {
                Ok(sound) => Tried::Sound(sound),
                Err(error) => Tried::Never(error),
            },
            300..=399 => Tried::Never(self.redirected()),
            408 | 429 | 500..=599 => Tried::Again(self.refused(), self.retry_after()),
            _ => Tried::Never(self.refused()),
        }
    }

    fn sound(&self) -> Result<Vec<u8>, Error> {
        let kind = self.header(&CONTENT_TYPE).to_lowercase();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let is_sound = kind.starts_with("audio/")
            || matches!(kind, "" | "application/octet-stream" | "binary/octet-stream");
        let sound = if let Some(pointer) = &self.engine.request.audio_at {
            self.in_json(kind, pointer)?
        } else if is_sound {
            self.received.body.to_vec()
        } else {
            return Err(self.unexpected(&format!("`{kind}`"), "sound (`audio/...`)"));
        };
        match self.engine.request.raw_rate_hz {
            None => Ok(sound),
            Some(rate_hz) => raw::wav(&sound, rate_hz)
                .map_err(|reason| Error::NoSound { engine: self.engine.host.clone(), reason }),
        }
    }

    fn in_json(&self, kind: &str, pointer: &str) -> Result<Vec<u8>, Error> {
        if !kind.is_empty() && !kind.ends_with("json") {
            return Err(self.unexpected(&format!("`{kind}`"), "JSON, as `audio_at` says"));
        }
        let json: serde_json::Value = serde_json::from_slice(&self.received.body)
            .map_err(|_| self.unexpected("what is no JSON", "JSON, as `audio_at` says"))?;
        let text = json.pointer(pointer).and_then(serde_json::Value::as_str).ok_or_else(|| {
            self.unexpected(&format!("JSON without a text at `{pointer}`"), "sound in Base64 there")
        })?;
        let text: String = text.split_ascii_whitespace().collect();
        BASE64.decode(text).map_err(|_| {
            self.unexpected(&format!("a text at `{pointer}` that is no Base64"), "sound in Base64")
        })
    }

    fn redirected(&self) -> Error {
        let to = self.header(&LOCATION);
        let host =
            to.split_once("://").map(|(_, rest)| rest.split(['/', '?']).next().unwrap_or(""));
        let found = match host {
            Some(host) => format!("a redirection to {}", self.cleaned(host.as_bytes())),
            None => "a redirection".to_owned(),
        };
        self.unexpected(&found, "sound; write the final address into `url`, keys go nowhere else")
    }

    fn refused(&self) -> Error {
        Error::Status {
            host: self.engine.host.clone(),
            status: self.received.status,
            body: self.cleaned(&self.received.body),
        }
    }

    fn unexpected(&self, found: &str, expected: &str) -> Error {
        let kind = self.header(&CONTENT_TYPE).to_lowercase();
        let is_text = ["text", "json", "xml"].iter().any(|text| kind.contains(text));
        Error::Answer {
            host: self.engine.host.clone(),
            found: found.to_owned(),
            expected: expected.to_owned(),
            body: if is_text { self.cleaned(&self.received.body) } else { String::new() },
        }
    }

    /// The beginning of a text of the server's, without our keys.
    fn cleaned(&self, bytes: &[u8]) -> String {
        let mut text = String::from_utf8_lossy(bytes).into_owned();
        for key in self.engine.keys.values() {
            text = text.replace(key.expose_secret(), "***");
        }
        excerpt(text.as_bytes())
    }

    /// RFC 9110, section 10.2.3: seconds, or a date.
    fn retry_after(&self) -> Option<Duration> {
        let text = self.header(&RETRY_AFTER);
        if let Ok(seconds) = text.trim().parse() {
            return Some(Duration::from_secs(seconds));
        }
        let date = httpdate::parse_http_date(text.trim()).ok()?;
        Some(date.duration_since(SystemTime::now()).unwrap_or_default())
    }

    fn header(&self, name: &hyper::header::HeaderName) -> &str {
        self.received.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}
