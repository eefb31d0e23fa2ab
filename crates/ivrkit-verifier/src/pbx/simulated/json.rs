//! JSON objects whose members keep their order, as the PBX writes them.
//!
//! Also reads request bodies, where strings and numbers are taken alike.

use serde::{Serialize, Serializer, ser::SerializeMap as _};
use serde_json::Value;

/// An object with its members in order; a name may occur twice.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Members(pub(super) Vec<(&'static str, Content)>);

/// What stands behind a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    Text(String),
    Number(u64),
    Object(Members),
    List(Vec<Members>),
}

/// The parameters of a request.
#[derive(Debug, Default)]
pub(super) struct Parameters(serde_json::Map<String, Value>);

impl Members {
    /// Adds a text.
    pub(super) fn text(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.0.push((name, Content::Text(text.into())));
        self
    }

    /// Adds anything.
    pub(super) fn with(mut self, name: &'static str, content: Content) -> Self {
        self.0.push((name, content));
        self
    }

    /// The same with numbers for texts that are one, except for ids: `1770000000.40` would lose its
    /// last digit.
    pub(super) fn with_numbers(self) -> Self {
        let turn = |(name, content)| match content {
            Content::Text(text) => {
                (name, number(&text).map_or(Content::Text(text), Content::Number))
            }
            Content::Object(members) => (name, Content::Object(members.with_numbers())),
            Content::List(all) => {
                (name, Content::List(all.into_iter().map(Self::with_numbers).collect()))
            }
            Content::Number(_) => (name, content),
        };
        Self(self.0.into_iter().map(turn).collect())
    }

    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts and numbers are JSON")
    }
}

/// The number that a text is, if it would be written the same again.
fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, content) in &self.0 {
            map.serialize_entry(name, content)?;
        }
        map.end()
    }
}

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => serializer.serialize_u64(*number),
            Self::Object(members) => members.serialize(serializer),
            Self::List(all) => serializer.collect_seq(all),
        }
    }
}

impl Parameters {
    /// Reads a body; an empty one has no parameters, and one that is no JSON object is `None`.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        if body.trim_ascii().is_empty() {
            return Some(Self::default());
        }
        serde_json::from_slice(body).ok().map(Self)
    }

    /// A parameter as text; `None` if it is absent, empty, or neither a string nor a number.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let text = match self.0.get(name)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    /// A list that is separated by commas.
    pub(super) fn list(&self, name: &str) -> Option<Vec<String>> {
        Some(self.text(name)?.split(',').map(|item| item.trim().to_owned()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_order_and_may_repeat() {
        let party = Members::default().text("extid", "1000");
        let members = Members::default()
            .text("b", "1")
            .with("ext", Content::Object(party.clone()))
            .with("ext", Content::Object(party))
            .text("a", "\"");
        assert_eq!(
            members.to_json(),
            r#"{"b":"1","ext":{"extid":"1000"},"ext":{"extid":"1000"},"a":"\""}"#
        );
    }

    #[test]
    fn numbers_for_texts_lose_nothing() {
        let members = Members::default()
            .text("flag", "3")
            .text("infos", "012345")
            .text("callid", "1770000000.40")
            .with("call", Content::List(vec![Members::default().text("to", "13900001111")]));
        assert_eq!(
            members.with_numbers().to_json(),
            r#"{"flag":3,"infos":"012345","callid":"1770000000.40","call":[{"to":13900001111}]}"#
        );
    }

    #[test]
    fn parameters_are_strings_or_numbers() {
        let parameters =
            Parameters::read(br#"{"ivrid":6500,"outto":" 139 ","fromext":"","x":[],"l":"1, 2"}"#)
                .unwrap();
        assert_eq!(parameters.text("ivrid").as_deref(), Some("6500"));
        assert_eq!(parameters.text("outto").as_deref(), Some("139"));
        assert_eq!(parameters.text("fromext"), None);
        assert_eq!(parameters.text("x"), None);
        assert_eq!(parameters.list("l").unwrap(), ["1", "2"]);
        assert!(Parameters::read(b" \r\n").is_some());
        for not_json in [&b"ivrid=6500"[..], b"[]", b"6500", b"{", b"\xff"] {
            assert!(Parameters::read(not_json).is_none());
        }
    }
}
