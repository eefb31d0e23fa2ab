//! What must hold of every text that is expanded, whatever its bytes.
//!
//! Used by the fuzz target `evaluation` and by `tests/fuzz.rs`. The first byte says which version of
//! Asterisk computes, and how long the outcome may be.

use ivrkit_dialplan::{
    application::Version,
    expression::{self, Environment},
    function::{self, Called},
    syntax::Kind,
};

/// A few variables, all functions that need no call, and ears.
#[derive(Debug, PartialEq, Eq)]
struct Listener {
    version: Version,
    heard: Vec<(Kind, String)>,
}

impl Environment for Listener {
    fn variable(&mut self, name: &[u8]) -> Option<Vec<u8>> {
        let value: &[u8] = match name {
            b"A" => b"12",
            b"B" => b"a,b,,c",
            b"C" => b"-0.5",
            b"EXTEN" => b"${A} + (",
            b"CALLERID(num)" => b"\"+49\"",
            b"VAR" => b"\xff\xe9 |",
            _ => return None,
        };
        Some(value.to_vec())
    }

    fn function(&mut self, name: &[u8], given: &[u8]) -> Option<Vec<u8>> {
        match function::call(name, given, self) {
            Called::Value(value) => Some(value),
            Called::Failed | Called::NotModelled => None,
        }
    }

    fn called(&mut self, name: &[u8], given: &[u8]) -> Option<Vec<u8>> {
        self.function(name, given)
    }

    fn complain(&mut self, kind: Kind, text: &str) {
        self.heard.push((kind, text.to_owned()));
    }

    fn version(&self) -> Version {
        self.version
    }
}

/// Expands the text, and takes all of it for an expression too.
pub(crate) fn check(bytes: &[u8]) {
    let Some((&first, text)) = bytes.split_first() else { return };
    let version = if first % 2 == 0 { Version::V22 } else { Version::V16 };
    let most_bytes = usize::from(first) * 32;
    let (expanded, listener) =
        heard(version, |listener| expression::substitute(text, most_bytes, listener));
    assert!(expanded.len() <= most_bytes, "{} of {most_bytes}", expanded.len());
    if !text.contains(&b'$') {
        assert_eq!(expanded, text[..text.len().min(most_bytes)]);
        assert!(listener.heard.is_empty(), "{listener:?}");
    }
    let again = heard(version, |listener| expression::substitute(text, most_bytes, listener));
    assert_eq!(again, (expanded, listener));
    check_expression(version, text);
}

/// An expression is worth one text, and so is that text in quotes as an expression.
fn check_expression(version: Version, text: &[u8]) {
    let (value, listener) = heard(version, |listener| expression::evaluate(text, listener));
    assert!(listener.heard.iter().all(|(_, text)| !text.is_empty()));
    if value.is_empty() || value.contains(&b'"') {
        return;
    }
    let quoted = [b"\"", value.as_slice(), b"\""].concat();
    let (same, _) = heard(version, |listener| expression::evaluate(&quoted, listener));
    assert_eq!(same.escape_ascii().to_string(), quoted.escape_ascii().to_string());
}

fn heard(version: Version, ask: impl Fn(&mut Listener) -> Vec<u8>) -> (Vec<u8>, Listener) {
    let mut listener = Listener { version, heard: Vec::new() };
    let value = ask(&mut listener);
    (value, listener)
}
