//! A loaded dialplan as one JSON object, written straight into a buffer.
//!
//! A dialplan of 100,000 lines has a million values; most of them are plain texts, which are copied
//! as they are. Must not decide what is listed beyond what its caller asks for.

use super::located;
use ivrkit_dialplan::{
    dialplan::{Context, Dialplan, Extension, Priority},
    syntax::Text,
};
use serde::Serialize;
use std::{io, path::Path};

/// So many bytes are written at once.
const PART_BYTES: usize = 64 << 10;

/// What is listed.
#[derive(Debug, Clone, Copy)]
pub struct Listing<'a> {
    /// The file that was loaded.
    pub path: &'a Path,
    /// What it holds.
    pub dialplan: &'a Dialplan,
    /// This context only.
    pub context: Option<&'a [u8]>,
    /// What this dialled string reaches only; included contexts are not followed.
    pub exten: Option<&'a [u8]>,
}

/// Writes `{"file": ..., "refused": ..., "contexts": [...], "messages": [...]}` and a newline;
/// whether a context is among them.
///
/// # Errors
/// Those of `out`.
pub fn write_listing(out: &mut impl io::Write, listing: Listing<'_>) -> io::Result<bool> {
    let file_names = listing.dialplan.files.origins().map(quoted).collect();
    let buffer = Vec::with_capacity(PART_BYTES * 2);
    let mut writer = Writer { out, buffer, listing, file_names };
    writer.listing()?;
    writer.out.write_all(&writer.buffer)?;
    Ok(listing.contexts().next().is_some())
}

impl<'a> Listing<'a> {
    /// The contexts that are asked for, in the order of Asterisk's listing.
    fn contexts(self) -> impl Iterator<Item = &'a Context> {
        let contexts = self.dialplan.contexts.iter().rev();
        contexts.filter(move |context| {
            let is_asked =
                self.context.is_none_or(|name| self.dialplan.files.bytes(context.name) == name);
            is_asked && (self.exten.is_none() || self.extensions(context).next().is_some())
        })
    }

    fn extensions(self, context: &'a Context) -> impl Iterator<Item = &'a Extension> {
        let is_asked = move |one: &&Extension| {
            self.exten.is_none_or(|exten| one.key.pattern.matches(exten).exact)
        };
        context.extensions.iter().filter(is_asked)
    }
}

/// A listing on its way.
struct Writer<'a, W> {
    out: W,
    buffer: Vec<u8>,
    listing: Listing<'a>,
    /// The names of the files as JSON, by their numbers.
    file_names: Vec<Vec<u8>>,
}

impl<'a, W: io::Write> Writer<'a, W> {
    fn listing(&mut self) -> io::Result<()> {
        let Listing { path, dialplan, .. } = self.listing;
        self.raw(b"{\"file\":");
        self.value(&path.to_string_lossy());
        self.raw(b",\"refused\":");
        self.value(&dialplan.is_refused);
        self.raw(b",\"contexts\":[");
        for (at, context) in self.listing.contexts().enumerate() {
            self.separate(at);
            self.context(context)?;
        }
        self.raw(b"],\"messages\":[");
        for (at, message) in located(dialplan).enumerate() {
            self.separate(at);
            self.value(&message);
            self.pass_on()?;
        }
        self.raw(b"]}\n");
        Ok(())
    }

    fn context(&mut self, context: &'a Context) -> io::Result<()> {
        self.raw(b"{\"name\":");
        self.text(context.name);
        self.raw(b",\"autohints\":");
        self.value(&context.has_autohints);
        self.raw(b",\"extensions\":[");
        for (at, extension) in self.listing.extensions(context).enumerate() {
            self.separate(at);
            self.extension(extension)?;
        }
        self.raw(b"],\"includes\":[");
        self.texts(context.includes.iter().map(|include| include.text))?;
        self.raw(b"],\"ignorepats\":[");
        self.texts(context.ignorepats.iter().copied())?;
        self.raw(b"],\"switches\":[");
        for (at, switch) in context.switches.iter().enumerate() {
            self.separate(at);
            let parts = [switch.name, switch.data].map(|part| self.bytes(part));
            self.string(&parts.join(&b'/'));
            self.pass_on()?;
        }
        self.raw(b"]}");
        Ok(())
    }

    fn extension(&mut self, extension: &Extension) -> io::Result<()> {
        self.raw(b"{\"name\":");
        self.text(extension.priorities[0].name);
        if let Some(caller) = &extension.key.caller {
            self.raw(b",\"caller\":");
            self.string(caller.compared());
        }
        self.raw(b",\"priorities\":[");
        for (at, priority) in extension.priorities.iter().enumerate() {
            self.separate(at);
            self.priority(priority);
            self.pass_on()?;
        }
        self.raw(b"]}");
        Ok(())
    }

    fn priority(&mut self, priority: &Priority) {
        self.raw(b"{\"priority\":");
        self.value(&priority.number);
        if let Some(label) = priority.label {
            self.raw(b",\"label\":");
            self.text(label);
        }
        self.raw(b",\"application\":");
        self.text(priority.application);
        self.raw(b",\"data\":");
        self.text(priority.data);
        self.raw(b",\"file\":");
        self.buffer.extend_from_slice(&self.file_names[priority.origin as usize]);
        self.raw(b",\"line\":");
        self.value(&priority.line);
        self.raw(b"}");
    }

    fn texts(&mut self, texts: impl Iterator<Item = Text>) -> io::Result<()> {
        for (at, text) in texts.enumerate() {
            self.separate(at);
            self.text(text);
            self.pass_on()?;
        }
        Ok(())
    }

    fn text(&mut self, text: Text) {
        self.string(self.bytes(text));
    }

    fn string(&mut self, bytes: &[u8]) {
        append_string(bytes, &mut self.buffer);
    }

    fn value(&mut self, value: &(impl Serialize + ?Sized)) {
        append(value, &mut self.buffer);
    }

    /// Separates an item from the one before it.
    fn separate(&mut self, at: usize) {
        if at > 0 {
            self.raw(b",");
        }
    }

    fn raw(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    fn bytes(&self, text: Text) -> &'a [u8] {
        self.listing.dialplan.files.bytes(text)
    }

    /// Writes what has come together, once it is worth the while.
    fn pass_on(&mut self) -> io::Result<()> {
        if self.buffer.len() >= PART_BYTES {
            self.out.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }
}

fn quoted(bytes: &[u8]) -> Vec<u8> {
    let mut json = Vec::new();
    append_string(bytes, &mut json);
    json
}

/// JSON knows characters only: a byte that is none becomes `\u{fffd}`.
fn append_string(bytes: &[u8], json: &mut Vec<u8>) {
    // Without an early end the loop takes many bytes at a time.
    let is_plain = bytes.iter().fold(true, |is_plain, &byte| is_plain & is_plain_byte(byte));
    if is_plain {
        json.push(b'"');
        json.extend_from_slice(bytes);
        json.push(b'"');
    } else {
        append(&String::from_utf8_lossy(bytes), json);
    }
}

/// Whether a byte stands for itself in a JSON string, whatever is around it.
fn is_plain_byte(byte: u8) -> bool {
    matches!(byte, b' ' | b'!' | b'#'..=b'[' | b']'..=b'~')
}

fn append(value: &(impl Serialize + ?Sized), json: &mut Vec<u8>) {
    serde_json::to_writer(json, value).expect("a vector takes all, and no map has odd keys");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_written_as_a_json_library_writes_it() {
        let check = |bytes: &[u8]| {
            let expected = serde_json::to_vec(&String::from_utf8_lossy(bytes)).unwrap();
            assert_eq!(
                quoted(bytes).escape_ascii().to_string(),
                expected.escape_ascii().to_string()
            );
        };
        check(b"");
        check(b"custom/menu-1&custom/menu-2");
        (0..=u8::MAX).for_each(|byte| check(&[b'a', byte, b'z']));
        check("é验\u{1f600}".as_bytes());
        check(&[&b"long enough to be taken at once: "[..], b"\"\xe9 and on and on"].concat());
    }
}
