//! Where texts go that would be obeyed.

use super::{Given, Reader};
use crate::{
    application::{
        arguments::Text,
        behaviour::{self, Behaviour},
    },
    expression::{Template, parse},
    lint::{
        Call,
        taint::{
            At, Risk, Sink,
            leaves::{self, Leaf},
        },
    },
    source::Span,
    syntax,
};

/// Functions that obey what they are given, besides those of `func_odbc.conf`.
const OBEDIENT: [&[u8]; 7] =
    [b"SHELL", b"CURL", b"EVAL", b"FILE", b"STAT", b"AST_CONFIG", b"ODBC_"];

/// Applications that call whoever stands between `&`.
const DIALLING: [&str; 4] = ["Dial", "RetryDial", "Page", "Originate"];

impl<'a> Reader<'a, '_> {
    /// The application's name itself may be a value.
    pub(super) fn application(&mut self, call: &Call<'a>, at: At) {
        let name = call.name();
        if !call.is_inner || memchr::memchr(b'$', name).is_none() {
            return;
        }
        let (template, _) = parse(name, Span::new(0, name.len()));
        for leaf in leaves::of(self.surroundings(call.application, at), &template.pieces) {
            self.facts.sinks.push(Sink {
                at,
                risk: Risk::Application,
                name: call.application,
                place: call.step.place(leaf.written),
                is_exact: false,
                leaf,
            });
        }
    }

    pub(super) fn sinks(&mut self, given: &Given<'_, 'a>) {
        let call = given.call;
        let Some(behaviour) = call.behaviour else { return };
        let (data, version) = (call.data(), call.version());
        for (range, danger) in behaviour.sinks(data, version, Text::Source) {
            let Some(risk) = Risk::of(danger) else { continue };
            let mut leaves = self.leaves(given, range.clone());
            if risk == Risk::Dial && !DIALLING.contains(&behaviour.name) {
                continue;
            }
            if risk == Risk::Program {
                // What follows `?` in `agi://host/script?` is an argument.
                leaves.retain(|leaf| !data[range.start..leaf.span.start].contains(&b'?'));
            }
            if risk == Risk::Dial && is_to_trunk(&data[range]) {
                self.add_sinks(given, Risk::Trunk, call.application, leaves.clone());
            }
            self.add_sinks(given, risk, call.application, leaves);
        }
        for range in behaviour.sounds(data, version, Text::Source) {
            let leaves = self.leaves(given, range);
            self.add_sinks(given, Risk::File, call.application, leaves);
        }
        if asks_password(behaviour) {
            let first = call.arguments().into_iter().next();
            let leaves = first.map_or_else(Vec::new, |range| self.leaves(given, range));
            self.add_sinks(given, Risk::Password, call.application, leaves);
        }
    }

    /// Functions that obey their arguments.
    pub(super) fn functions(&mut self, given: &Given<'_, 'a>) {
        let data = given.call.data();
        if given.call.is_inner {
            return;
        }
        for variable in given.substitutions.variables() {
            let Some(arguments) = &variable.arguments else { continue };
            let name = &data[variable.name.span.range()];
            for &(at, danger) in behaviour::function_sinks(name) {
                let Some(risk) = Risk::of(danger).filter(|_| is_obedient(name)) else { continue };
                let values: &[Template] = match at {
                    None => &arguments.values,
                    Some(at) => arguments.values.get(at).map_or(&[], std::slice::from_ref),
                };
                let surroundings = self.surroundings(given.call.data, given.at);
                let pieces = values.iter().flat_map(|value| &value.pieces);
                let span = variable.name.span;
                let name = given.call.data.slice(span.start, span.end);
                self.add_sinks(given, risk, name, leaves::of(surroundings, pieces));
            }
        }
    }

    pub(super) fn add_sinks(
        &mut self,
        given: &Given<'_, 'a>,
        risk: Risk,
        name: syntax::Text,
        leaves: Vec<Leaf>,
    ) {
        for leaf in leaves {
            self.facts.sinks.push(Sink {
                at: given.at,
                risk,
                name,
                place: given.call.step.place(leaf.written),
                is_exact: self.subject.dialplan.files.place(leaf.written).is_some(),
                leaf,
            });
        }
    }
}

pub(super) fn asks_password(behaviour: &Behaviour) -> bool {
    ["Authenticate", "DISA"].contains(&behaviour.name)
}

fn is_obedient(name: &[u8]) -> bool {
    OBEDIENT.iter().any(|one| name == *one || (one.ends_with(b"_") && name.starts_with(one)))
}

pub(super) fn has_obedient_function(data: &[u8]) -> bool {
    memchr::memchr(b'(', data).is_some()
        && OBEDIENT.iter().any(|name| memchr::memmem::find(data, name).is_some())
}

/// Whether a callee is somebody behind another system: `PJSIP/number@trunk`, `SIP/trunk/number`.
/// A `Local` channel stays in the dialplan.
pub(in crate::lint) fn is_to_trunk(callees: &[u8]) -> bool {
    callees.split(|&byte| byte == b'&').any(|callee| {
        let mut parts = callee.splitn(3, |&byte| byte == b'/');
        let technology = parts.next().unwrap_or_default().trim_ascii();
        let has_address = callee.contains(&b'@') || parts.nth(1).is_some();
        let is_plain = !technology.is_empty() && !technology.contains(&b'$');
        is_plain && has_address && !technology.eq_ignore_ascii_case(b"Local")
    })
}
