//! Reads a dialplan once: what is assigned, what is checked, and where texts go that would be
//! obeyed.

mod guards;
mod sinks;

pub(in crate::lint) use sinks::is_to_trunk;

use super::{
    Assignment, At, Facts, Risk,
    leaves::{self, Leaf, Read, Surroundings},
    sources::{self, Source},
};
use crate::{
    application::{
        arguments::{self, Text},
        behaviour::{self, Behaviour},
        target::{Form, Part, Target},
    },
    dialplan::{Extension, pattern::Class},
    lint::{Call, Step, Subject, Substitutions},
    source::Span,
    syntax::{self, Place},
};
use guards::may_check;
use sinks::{asks_password, has_obedient_function};
use std::{cell::OnceCell, ops::Range};

pub(super) fn facts(subject: &Subject<'_>) -> Facts {
    let mut facts = Facts::default();
    let (mut extensions, mut steps) = (0, 0);
    for (context, number) in subject.dialplan.contexts.iter().zip(0..) {
        for extension in &context.extensions {
            let exten = OnceCell::new();
            let mut reader = Reader { subject, facts: &mut facts, extension, exten, from: 0 };
            reader.from = reader.facts.assignments.len();
            for priority in extension.priorities.iter().filter(|one| one.number > 0) {
                let at = At { context: number, extension: extensions, step: steps };
                reader.step(Step { subject, context, extension, priority }, at);
                steps += 1;
            }
            reader.end();
            extensions += 1;
        }
    }
    for (assignment, number) in facts.assignments.iter().zip(0..) {
        match facts.by_name.get_mut(&assignment.name) {
            Some(numbers) => numbers.push(number),
            None => _ = facts.by_name.insert(assignment.name.clone(), vec![number]),
        }
    }
    facts
}

struct Reader<'a, 'f> {
    subject: &'a Subject<'a>,
    facts: &'f mut Facts,
    extension: &'a Extension,
    /// What `${EXTEN}` is here, once asked.
    exten: OnceCell<Option<Source>>,
    /// The first assignment of the extension.
    from: usize,
}

/// A call whose data has substitutions.
struct Given<'c, 'a> {
    call: &'c Call<'a>,
    substitutions: &'c Substitutions,
    at: At,
}

impl<'a> Reader<'a, '_> {
    fn step(&mut self, step: Step<'a>, at: At) {
        let data = self.subject.bytes(step.priority.data);
        let has_value = memchr::memchr(b'$', data).is_some();
        if !has_value && !sets_variables(self.subject.bytes(step.priority.application)) {
            return;
        }
        for call in step.calls() {
            if has_value {
                self.application(&call, at);
            }
            self.call(&call, at);
        }
    }

    /// What an extension surely replaces later does not last.
    fn end(&mut self) {
        let own = &mut self.facts.assignments[self.from..];
        for at in 0..own.len() {
            let (first, later) = own[at..].split_at_mut(1);
            let is_replaced = later.iter().take(64).any(|one| {
                !one.is_conditional && one.at.step > first[0].at.step && one.name == first[0].name
            });
            first[0].is_lasting = !is_replaced;
        }
    }

    fn call(&mut self, call: &Call<'a>, at: At) {
        if let Some(behaviour) = call.behaviour
            && behaviour.digits == behaviour::Digits::Variable
        {
            self.typed(call, behaviour, at);
        }
        let is_set = ["Set", "MSet", "SetGlobalVar"].iter().any(|name| call.is(name));
        let data = call.data();
        let jumps = call.names_places() && has_value_behind_condition(data);
        let has_sinks = call.behaviour.is_some_and(|one| {
            !one.sinks.is_empty() || !one.sounds.is_empty() || asks_password(one)
        });
        if !is_set && !jumps && !has_sinks && !has_obedient_function(data) && !may_check(data) {
            return;
        }
        let substitutions = match Substitutions::of(call) {
            Some(substitutions) => substitutions,
            None if is_set => Substitutions::none(data),
            None => return,
        };
        let given = Given { call, substitutions: &substitutions, at };
        if is_set {
            self.assignments(&given);
        }
        if jumps {
            self.targets(&given);
        }
        if has_sinks {
            self.sinks(&given);
        }
        self.functions(&given);
        self.guards(&given);
    }

    /// What the caller types.
    fn typed(&mut self, call: &Call<'a>, behaviour: &Behaviour, at: At) {
        let data = call.data();
        for range in behaviour.sets(data, call.version(), Text::Source) {
            let name = data[range.clone()].trim_ascii();
            let leaf = Leaf {
                read: Read::Source(Source::keys()),
                mask: Class::ALL,
                span: Span::new(range.start, range.end),
                written: call.application,
                is_whole: true,
            };
            let place = call.data_place(range);
            self.assign(call, at, leaves::name(name, at.context), place, vec![leaf]);
        }
    }

    fn assignments(&mut self, given: &Given<'_, 'a>) {
        let Given { call, at, .. } = *given;
        let data = call.data();
        let parts = if call.is("MSet") {
            arguments::split(data, Text::Source)
        } else {
            std::iter::once(0..data.len()).collect()
        };
        for part in parts {
            let text = &data[part.clone()];
            let Some(equals) = arguments::find_plain(text, b'=', Text::Source) else { continue };
            let name = &text[..equals];
            let leaves = self.leaves(given, part.start + equals + 1..part.end);
            let place = call.data_place(part.start..part.start + equals);
            if name.starts_with(b"PJSIP_HEADER(add") || name.starts_with(b"PJSIP_HEADER(update") {
                self.add_sinks(given, Risk::Header, call.application, leaves);
                continue;
            }
            let mut names = assigned_names(name);
            let last = names.pop();
            for name in names {
                self.assign(call, at, leaves::name(&name, at.context), place, leaves.clone());
            }
            if let Some(name) = last {
                self.assign(call, at, leaves::name(&name, at.context), place, leaves);
            }
        }
    }

    fn assign(&mut self, call: &Call<'a>, at: At, name: Vec<u8>, place: Place, leaves: Vec<Leaf>) {
        let is_conditional = call.is_inner;
        let assignment = Assignment { at, name, place, is_conditional, is_lasting: true, leaves };
        self.facts.assignments.push(assignment);
    }

    /// Where a call goes, and what a subroutine is given.
    fn targets(&mut self, given: &Given<'_, 'a>) {
        let Given { call, at, .. } = *given;
        if call.is_inner {
            return;
        }
        let data = call.data();
        for target in call.targets() {
            if target.form == Form::Comma && target.role.is_own() {
                let first = [&target.context, &target.exten, &target.priority];
                let first = first.into_iter().find_map(|part| match part {
                    Part::Given(range) => Some(range.clone()),
                    _ => None,
                });
                let leaves = first.map_or_else(Vec::new, |range| self.leaves(given, range));
                self.add_sinks(given, Risk::Context, call.application, leaves);
            }
            self.subroutine(given, &target);
            if target.form == Form::Macro
                && let Some(exten) = self.exten()
            {
                let leaf = Leaf {
                    read: Read::Exten(exten),
                    mask: exten.class,
                    span: Span::new(0, 0),
                    written: call.data,
                    is_whole: true,
                };
                let place = call.data_place(0..data.len());
                self.assign(call, at, b"MACRO_EXTEN".to_vec(), place, vec![leaf]);
            }
        }
    }

    fn subroutine(&mut self, given: &Given<'_, 'a>, target: &Target) {
        let Given { call, at, .. } = *given;
        let data = call.data();
        let Some(range) = target.arguments.clone() else { return };
        let context = match (target.context.bytes(data), target.form) {
            (Some(name), Form::Macro) => self.subject.context_number(&[b"macro-", name].concat()),
            (Some(name), _) => self.subject.context_number(name.trim_ascii()),
            (None, _) => Some(at.context as usize),
        };
        let Some(context) = context.and_then(|number| u32::try_from(number).ok()) else { return };
        let is_option = matches!(target.form, Form::Caret)
            || (target.form != Form::Comma && memchr::memchr(b'^', data).is_some());
        let delimiter = if is_option { b'^' } else { b',' };
        let text = &data[range.clone()];
        let parts = arguments::split_at(text, delimiter, usize::MAX, Text::Source);
        for (part, number) in parts.into_iter().zip(1..) {
            let own = range.start + part.start..range.start + part.end;
            let leaves = self.leaves(given, own.clone());
            if !leaves.is_empty() {
                let name = leaves::name(format!("ARG{number}").as_bytes(), context);
                self.assign(call, at, name, call.data_place(own), leaves);
            }
        }
    }

    fn leaves(&self, given: &Given<'_, 'a>, range: Range<usize>) -> Vec<Leaf> {
        let pieces = given.substitutions.template.pieces.iter();
        let within = pieces.filter(|piece| {
            let span = piece.span();
            range.start <= span.start && span.end <= range.end
        });
        leaves::of(self.surroundings(given.call.data, given.at), within)
    }

    fn exten(&self) -> Option<Source> {
        *self.exten.get_or_init(|| sources::exten(self.extension))
    }

    fn surroundings(&self, text: syntax::Text, at: At) -> Surroundings<'a> {
        let data = self.subject.bytes(text);
        Surroundings { text, data, exten: self.exten(), context: at.context }
    }
}

/// Whether there is a value behind the condition, if there is one: most jumps have a condition and a
/// label, and are not worth reading.
fn has_value_behind_condition(data: &[u8]) -> bool {
    let condition = arguments::find_plain(data, b'?', Text::Source);
    memchr::memchr(b'$', &data[condition.unwrap_or(0)..]).is_some()
}

/// Whether it gives a variable another value although it is given none itself.
fn sets_variables(application: &[u8]) -> bool {
    let names: [&[u8]; 4] = [b"Set", b"MSet", b"Read", b"ReadExten"];
    names.iter().any(|name| application.eq_ignore_ascii_case(name))
}

/// The variables that `Set` sets: one, or all of `ARRAY(...)`.
fn assigned_names(name: &[u8]) -> Vec<Vec<u8>> {
    let name = name.trim_ascii();
    let name = name.strip_prefix(b"__").or_else(|| name.strip_prefix(b"_")).unwrap_or(name);
    let Some(open) = memchr::memchr(b'(', name) else { return vec![name.to_vec()] };
    let (function, arguments) = (&name[..open], &name[open + 1..]);
    let arguments = arguments.strip_suffix(b")").unwrap_or(arguments);
    match function {
        b"GLOBAL" | b"LOCAL" | b"SHARED" => vec![arguments.to_vec()],
        b"ARRAY" => arguments.split(|&byte| byte == b',').map(<[u8]>::to_vec).collect(),
        _ => sources::caller_id(function, arguments).into_iter().collect(),
    }
}
