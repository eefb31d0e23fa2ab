//! What `${...}` and `$[...]` are worth in a call, and what `Set` does.
//!
//! Follows `ast_str_retrieve_variable` and `pbx_builtin_setvar_helper` of Asterisk's
//! `main/pbx_variables.c`, and `ast_func_write` of `main/pbx_functions.c`.

use super::{channel::Channel, function, line::Line};
use crate::{
    application::{self, Access, Presence, Version},
    dialplan::Priority,
    expression::{self, Environment},
    function::{self as without_channel, Called},
    syntax::Kind,
};
use std::borrow::Cow;

/// Most bytes of an application's data (`EXT_DATA_SIZE`).
const MAX_DATA_BYTES: usize = 8191;

/// How deep functions may ask each other for values; Asterisk goes on until its stack is full.
const MAX_FUNCTION_DEPTH: u32 = 30;

/// A call as expressions see it.
pub(super) struct OnLine<'a> {
    pub(super) line: &'a Line,
}

impl Line {
    /// A text with everything in it replaced.
    pub(super) fn substitute<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        if expression::is_plain(text) {
            return Cow::Borrowed(&text[..text.len().min(MAX_DATA_BYTES)]);
        }
        let environment = &mut OnLine { line: self };
        Cow::Owned(expression::substitute(text, MAX_DATA_BYTES, environment))
    }

    /// The value of a variable of any kind; none if it has none.
    pub(super) fn variable(&self, name: &[u8]) -> Option<Vec<u8>> {
        if let Some(value) = self.predefined(name) {
            return value;
        }
        self.plain_variable(name)
    }

    /// The value of a plain variable, of the channel or global, as Asterisk's own code sees it.
    pub(super) fn plain_variable(&self, name: &[u8]) -> Option<Vec<u8>> {
        let loaded = &self.pbx.dialplan.globals;
        self.with(|channel| {
            let own = channel.variables.value(name);
            own.or_else(|| channel.global(loaded, name)).map(<[u8]>::to_vec)
        })
    }

    /// Sets a variable, or writes to a function, as `Set` does: a name that ends with `)` is a
    /// function.
    pub(super) fn set(&self, name: &[u8], value: &[u8]) {
        match name.strip_suffix(b")") {
            None => self.with(|channel| {
                channel.count(name.len() + value.len());
                channel.variables.set(name, Some(value));
            }),
            Some(call) => {
                let open = call.iter().position(|&byte| byte == b'(');
                // Without a ( the name of the function is all of it, and there is none such.
                let function = &name[..open.unwrap_or(name.len())];
                let given = open.map_or(&b""[..], |open| &call[open + 1..]);
                self.write_function(function, given, value);
            }
        }
    }

    /// Sets a global variable, or writes to a function.
    pub(super) fn set_global(&self, name: &[u8], value: &[u8]) {
        if name.ends_with(b")") {
            return self.set(name, value);
        }
        self.with(|channel| {
            channel.count(name.len() + value.len());
            channel.set_global(name, Some(value));
        });
    }

    fn write_function(&self, name: &[u8], arguments: &[u8], value: &[u8]) {
        // What is scripted is what is read of it; what is written goes to the real one.
        if self.is_scripted(name) {
            function::write(self, name, arguments, value);
        } else if self.has_function(name, Access::is_writable)
            && function::write(self, name, arguments, value) == Called::NotModelled
        {
            self.stop_at(name);
        }
    }

    /// Whether this version of Asterisk has a function that can be used in a way; else it says so.
    fn has_function(&self, name: &[u8], is_allowed: fn(Access) -> bool) -> bool {
        let version = self.pbx.version;
        let known =
            application::function(name).filter(|entry| entry.presence(version) == Presence::There);
        let Some(entry) = known else {
            let text = format!("there is no function {}", name.escape_ascii());
            self.complain(Some(Kind::FunctionMissing), text);
            return false;
        };
        let is_usable = entry.access(version).is_none_or(is_allowed);
        if !is_usable {
            let shown = name.escape_ascii();
            self.complain(None, format!("the function {shown} cannot be used like this"));
        }
        is_usable
    }

    /// Ends the simulation: nobody knows what comes of a function.
    pub(super) fn stop_at(&self, name: &[u8]) {
        self.not_modelled(&name.escape_ascii().to_string());
    }

    /// The value of a variable that no dialplan can set; the outer none if it is none of these.
    #[expect(clippy::option_option, reason = "a predefined variable may have no value")]
    fn predefined(&self, name: &[u8]) -> Option<Option<Vec<u8>>> {
        let of_channel: fn(&Channel) -> Vec<u8> = match name {
            b"EXTEN" => |channel| channel.exten.to_vec(),
            b"CONTEXT" => |channel| channel.context.to_vec(),
            b"PRIORITY" => |channel| channel.priority.to_string().into_bytes(),
            b"CHANNEL" => |channel| channel.setup.channel.clone(),
            b"UNIQUEID" => |channel| channel.setup.unique_id.clone(),
            b"HANGUPCAUSE" => |channel| channel.cause.to_string().into_bytes(),
            b"EPOCH" => |channel| channel.epoch_s().to_string().into_bytes(),
            b"CALLINGPRES" => |channel| channel.presentation().to_string().into_bytes(),
            b"CALLINGANI2" => |channel| channel.ani2().to_string().into_bytes(),
            b"CALLINGTON" => |channel| channel.number_plan().to_string().into_bytes(),
            b"CALLINGTNS" => |_| b"0".to_vec(),
            b"HINT" => return Some(self.own_hint(false)),
            b"HINTNAME" => return Some(self.own_hint(true)),
            b"SYSTEMNAME" => return Some(Some(Vec::new())),
            b"ENTITYID" => {
                self.stop_at(name);
                return Some(None);
            }
            _ => return self.folder(name).map(|folder| Some(folder.to_vec())),
        };
        Some(Some(self.with(|channel| of_channel(channel))))
    }

    /// A folder of Asterisk as Debian configures it.
    fn folder(&self, name: &[u8]) -> Option<&'static [u8]> {
        Some(match name.strip_prefix(b"AST")?.strip_suffix(b"DIR")? {
            b"ETC" => b"/etc/asterisk",
            b"MOD" if self.pbx.version == Version::V16 => b"/usr/lib/asterisk/modules",
            b"MOD" => b"/usr/lib/x86_64-linux-gnu/asterisk/modules",
            b"VARLIB" | b"KEY" => b"/var/lib/asterisk",
            b"DB" => b"/var/lib/asterisk/astdb",
            b"DATA" => b"/usr/share/asterisk",
            b"AGI" => b"/usr/share/asterisk/agi-bin",
            b"SPOOL" => b"/var/spool/asterisk",
            b"CACHE" if self.pbx.version == Version::V22 => b"/var/cache/asterisk",
            b"RUN" => b"/var/run/asterisk",
            b"LOG" => b"/var/log/asterisk",
            b"SBIN" => b"/usr/sbin",
            _ => return None,
        })
    }

    /// The devices of the running extension's hint, or the name that it is given.
    fn own_hint(&self, is_name: bool) -> Option<Vec<u8>> {
        let (context, exten) =
            self.with(|channel| (channel.context.clone(), channel.exten.clone()));
        self.hint(&context, &exten).map(|hint| self.hint_text(&hint, is_name))
    }

    pub(super) fn hint_text(&self, hint: &Priority, is_name: bool) -> Vec<u8> {
        let files = &self.pbx.dialplan.files;
        files.bytes(if is_name { hint.data } else { hint.application }).to_vec()
    }
}

impl Environment for OnLine<'_> {
    fn variable(&mut self, name: &[u8]) -> Option<Vec<u8>> {
        self.line.variable(name)
    }

    fn function(&mut self, name: &[u8], arguments: &[u8]) -> Option<Vec<u8>> {
        let line = self.line;
        // What the user says of a function counts before what it would do, and before whether it is
        // known: those of func_odbc are in no catalogue.
        if let Some(value) = line.scripted_value(name, arguments) {
            return Some(value);
        }
        if !line.has_function(name, Access::is_readable) {
            return None;
        }
        let is_too_deep = line.with(|channel| {
            channel.function_depth += 1;
            channel.function_depth > MAX_FUNCTION_DEPTH
        });
        let called = if is_too_deep {
            Called::NotModelled
        } else {
            match function::read(line, name, arguments) {
                Called::NotModelled => without_channel::call(name, arguments, self),
                called => called,
            }
        };
        line.with(|channel| channel.function_depth -= 1);
        match called {
            Called::Value(value) => Some(value),
            Called::Failed => None,
            Called::NotModelled => {
                line.stop_at(name);
                None
            }
        }
    }

    fn called(&mut self, name: &[u8], arguments: &[u8]) -> Option<Vec<u8>> {
        self.function(name, arguments)
    }

    fn version(&self) -> Version {
        self.line.pbx.version
    }

    /// What is not computed here ends the simulation: nobody knows the value.
    fn complain(&mut self, kind: Kind, text: &str) {
        if kind == Kind::NotModelled {
            return self.line.not_modelled(text);
        }
        self.line.complain(Some(kind), text.to_owned());
    }
}
