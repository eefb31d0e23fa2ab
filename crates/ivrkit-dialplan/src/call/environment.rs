//! What `${...}` and `$[...]` are worth in a call.

use super::{exchange::Why, line::Line};
use crate::{
    application::{self, Access, Presence},
    expression::{self, Environment},
    function::{self, Called},
    syntax::Kind,
};

/// Most bytes of an application's data (`EXT_DATA_SIZE`).
const MAX_DATA_BYTES: usize = 8191;

struct OnLine<'a> {
    line: &'a Line,
}

impl Line {
    /// A text with everything in it replaced.
    pub(super) fn substitute(&self, text: &[u8]) -> Vec<u8> {
        if !text.windows(2).any(|two| two == b"${" || two == b"$[") {
            return text[..text.len().min(MAX_DATA_BYTES)].to_vec();
        }
        expression::substitute(text, MAX_DATA_BYTES, &mut OnLine { line: self })
    }

    /// Sets a variable, or writes to a function, as `Set` does.
    pub(super) fn set(&self, name: &[u8], value: &[u8]) {
        if let Some(call) = name.strip_suffix(b")") {
            let open = call.iter().position(|&byte| byte == b'(').unwrap_or(call.len());
            let arguments = call.get(open + 1..).unwrap_or_default();
            return self.write_function(&call[..open], arguments, value);
        }
        self.with(|channel| channel.variables.set(name, Some(value)));
    }

    /// The value of a plain variable, of the channel or global, as Asterisk's own code sees it.
    pub(super) fn plain_variable(&self, name: &[u8]) -> Option<Vec<u8>> {
        self.with(|channel| channel.variables.value(name).map(<[u8]>::to_vec))
            .or_else(|| self.pbx.dialplan.globals.get(name).cloned())
    }

    fn write_function(&self, name: &[u8], arguments: &[u8], value: &[u8]) {
        match super::application::write_function(self, name, arguments, value) {
            Called::Value(_) | Called::Failed => {}
            Called::NotModelled => self.unknown_function(name, Access::is_writable),
        }
    }

    /// A function that is not modelled: Asterisk does not know it either, or the call stops here.
    fn unknown_function(&self, name: &[u8], is_allowed: fn(Access) -> bool) {
        let version = self.pbx.version;
        let shown = name.escape_ascii().to_string();
        let known =
            application::function(name).filter(|entry| entry.presence(version) == Presence::There);
        match known {
            None => {
                self.complain(Some(Kind::FunctionMissing), format!("there is no function {shown}"))
            }
            Some(entry) if entry.access(version).is_some_and(|access| !is_allowed(access)) => {
                self.complain(None, format!("the function {shown} cannot be used like this"));
            }
            Some(_) => self.with(|channel| channel.stop(Why::NotModelled(shown))),
        }
    }
}

impl Environment for OnLine<'_> {
    fn variable(&mut self, name: &[u8]) -> Option<Vec<u8>> {
        let line = self.line;
        line.with(|channel| match name {
            b"EXTEN" => Some(channel.exten.clone()),
            b"CONTEXT" => Some(channel.context.clone()),
            b"PRIORITY" => Some(channel.priority.to_string().into_bytes()),
            b"CHANNEL" => Some(channel.setup.channel.clone()),
            b"UNIQUEID" => Some(channel.setup.unique_id.clone()),
            b"HANGUPCAUSE" => Some(channel.cause.to_string().into_bytes()),
            b"EPOCH" => {
                let seconds = i64::try_from(channel.now_ms / 1000).unwrap_or(i64::MAX);
                Some(channel.setup.epoch_s.saturating_add(seconds).to_string().into_bytes())
            }
            _ => channel.variables.value(name).map(<[u8]>::to_vec),
        })
        .or_else(|| line.pbx.dialplan.globals.get(name).cloned())
    }

    fn function(&mut self, name: &[u8], arguments: &[u8]) -> Option<Vec<u8>> {
        match super::application::read_function(self.line, name, arguments) {
            Called::Value(value) => return Some(value),
            Called::Failed => return None,
            Called::NotModelled => {}
        }
        match function::call(name, arguments, self) {
            Called::Value(value) => Some(value),
            Called::Failed => None,
            Called::NotModelled => {
                self.line.unknown_function(name, Access::is_readable);
                None
            }
        }
    }

    fn called(&mut self, name: &[u8], arguments: &[u8]) -> Option<Vec<u8>> {
        self.function(name, arguments)
    }

    fn complain(&mut self, kind: Kind, text: &str) {
        self.line.complain(Some(kind), text.to_owned());
    }
}
