//! What variables and functions are worth while a dialplan loads: globals, and no call.
//!
//! Only names, includes, switches, hints and globals are expanded then; what applications are given
//! is expanded when they run.

use crate::{
    application::{self, Access, Presence, Version},
    expression::{self, Environment},
    function::{self, Called},
    syntax::Kind,
};
use std::collections::HashMap;

/// What a hint knows of the extension it belongs to.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) exten: Vec<u8>,
    pub(super) context: Vec<u8>,
}

/// One expansion.
#[derive(Debug)]
pub(super) struct Substitution<'a> {
    version: Version,
    globals: &'a HashMap<Vec<u8>, Vec<u8>>,
    call: Option<&'a Call>,
    mistakes: Vec<(Kind, String)>,
}

impl<'a> Substitution<'a> {
    pub(super) fn new(
        version: Version,
        globals: &'a HashMap<Vec<u8>, Vec<u8>>,
        call: Option<&'a Call>,
    ) -> Self {
        Self { version, globals, call, mistakes: Vec::new() }
    }

    /// What Asterisk said on the way.
    pub(super) fn into_mistakes(self) -> Vec<(Kind, String)> {
        self.mistakes
    }

    /// The text with everything in it expanded, cut at a length.
    pub(super) fn expand(&mut self, text: &[u8], most_bytes: usize) -> Vec<u8> {
        expression::substitute(text, most_bytes, self)
    }
}

impl Environment for Substitution<'_> {
    fn variable(&mut self, name: &[u8]) -> Option<Vec<u8>> {
        match (self.call, name) {
            (Some(call), b"EXTEN") => Some(call.exten.clone()),
            (Some(call), b"CONTEXT") => Some(call.context.clone()),
            (_, name) if is_of_the_daemon(name) => {
                let text =
                    format!("the value of {} is known to the PBX alone", name.escape_ascii());
                self.complain(Kind::NotModelled, &text);
                None
            }
            _ => self.globals.get(name).cloned(),
        }
    }

    fn function(&mut self, name: &[u8], given: &[u8]) -> Option<Vec<u8>> {
        let shown = name.escape_ascii();
        let (kind, text) = match Readable::of(name, self.version) {
            Readable::Yes => {
                match self.value(name, given) {
                    Called::Value(value) => return Some(value),
                    Called::Failed => return None,
                    Called::NotModelled => {}
                }
                let text = format!("the function {shown} has no value here; empty is taken");
                (Kind::NotModelled, text)
            }
            Readable::No => {
                (Kind::FunctionWriteOnly, format!("the function {shown} can be set, not read"))
            }
            Readable::Missing => (Kind::FunctionMissing, format!("there is no function {shown}")),
        };
        self.complain(kind, &text);
        None
    }

    /// Without a call Asterisk asks none.
    fn called(&mut self, name: &[u8], _: &[u8]) -> Option<Vec<u8>> {
        let name = name.escape_ascii();
        let text = format!("{name} cannot be asked within an expression while nothing rings");
        self.complain(Kind::ExpressionFunction, &text);
        None
    }

    fn complain(&mut self, kind: Kind, text: &str) {
        self.mistakes.push((kind, text.to_owned()));
    }

    fn version(&self) -> Version {
        self.version
    }
}

impl Substitution<'_> {
    fn value(&mut self, name: &[u8], given: &[u8]) -> Called {
        let exists = |is_there| Called::Value(vec![if is_there { b'1' } else { b'0' }]);
        match name {
            b"GLOBAL" => self.globals.get(given).cloned().map_or(Called::Failed, Called::Value),
            // No call has variables of its own yet.
            b"GLOBAL_EXISTS" | b"VARIABLE_EXISTS" => exists(self.globals.contains_key(given)),
            _ => function::call(name, given, self),
        }
    }
}

/// Whether a version reads a function.
enum Readable {
    Yes,
    /// It can be set alone.
    No,
    /// The version has none of that name.
    Missing,
}

impl Readable {
    fn of(name: &[u8], version: Version) -> Self {
        let Some(function) = application::function(name) else { return Self::Missing };
        match (function.presence(version), function.access(version)) {
            (Presence::Gone { .. } | Presence::NotYet { .. }, _) => Self::Missing,
            (_, Some(Access::Write)) => Self::No,
            _ => Self::Yes,
        }
    }
}

/// Variables that a daemon has by itself: its folders, its name, its clock.
fn is_of_the_daemon(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 15] = [
        b"EPOCH",
        b"SYSTEMNAME",
        b"ENTITYID",
        b"ASTCACHEDIR",
        b"ASTETCDIR",
        b"ASTMODDIR",
        b"ASTVARLIBDIR",
        b"ASTDBDIR",
        b"ASTKEYDIR",
        b"ASTDATADIR",
        b"ASTAGIDIR",
        b"ASTSPOOLDIR",
        b"ASTRUNDIR",
        b"ASTLOGDIR",
        b"ASTSBINDIR",
    ];
    NAMES.contains(&name)
}
