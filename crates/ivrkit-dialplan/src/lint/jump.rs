//! The jumps that a call makes: each place that it names, ready to be looked up.
//!
//! Must not decide what is a mistake: rules do.

use super::{Call, Resolution, Target};
use crate::{
    application::{
        arguments::Text,
        target::{self, Form, Part, Role},
    },
    syntax::Place,
};
use std::{cell::OnceCell, ops::Range};

/// A place that a call names.
#[derive(Debug)]
pub struct Jump<'a> {
    call: Call<'a>,
    /// What it names; ranges count from `at`.
    target: target::Target,
    /// Where the text that names it begins in the data of the call.
    at: usize,
    /// The text.
    text: &'a [u8],
    /// Where it leads, once somebody asked.
    resolution: OnceCell<Resolution<'a>>,
}

/// All places that a call names; those inside of other calls belong to the outermost.
pub fn jumps<'a>(call: &Call<'a>) -> Vec<Jump<'a>> {
    let mut found = Vec::new();
    let data = call.data();
    if !call.is_inner {
        let own = call.targets().into_iter();
        found.extend(own.map(|target| Jump::new(call, target, 0, data)));
    }
    if call.is("Set")
        && let Some(equals) = memchr::memchr(b'=', data)
    {
        let (name, value) = (&data[..equals], &data[equals + 1..]);
        let assigned = target::assigned_targets(name, value, Text::Source).into_iter();
        let at = equals + 1;
        found.extend(assigned.map(|target| Jump::new(call, target, at, value)));
    }
    // Whether it is there is what these ask.
    found.retain(|jump| jump.target.role != Role::Question);
    found
}

impl<'a> Jump<'a> {
    fn new(call: &Call<'a>, target: target::Target, at: usize, text: &'a [u8]) -> Self {
        Self { call: *call, target, at, text, resolution: OnceCell::new() }
    }

    /// How a call gets there.
    pub fn role(&self) -> Role {
        self.target.role
    }

    /// How it is written.
    pub fn form(&self) -> Form {
        self.target.form
    }

    /// Where all of it stands.
    pub fn place(&self) -> Place {
        self.at(&self.target.whole)
    }

    /// Its context, extension and priority as far as they are written.
    pub fn parts(&self) -> [Option<&'a [u8]>; 3] {
        [&self.target.context, &self.target.exten, &self.target.priority].map(|part| match part {
            Part::Given(range) => Some(&self.text[range.clone()]),
            _ => None,
        })
    }

    /// Its extension as it is written, or as the application implies it; none for the current one.
    pub fn exten(&self) -> Option<&'a [u8]> {
        match &self.target.exten {
            Part::Given(range) => Some(&self.text[range.clone()]),
            Part::Fixed(name) => Some(name.as_bytes()),
            _ => None,
        }
    }

    /// Where these stand.
    pub fn places(&self) -> [Option<Place>; 3] {
        [&self.target.context, &self.target.exten, &self.target.priority].map(|part| match part {
            Part::Given(range) => Some(self.at(range)),
            _ => None,
        })
    }

    /// Where it leads if the blanks around its parts are not counted.
    pub fn resolution(&self) -> Resolution<'a> {
        *self.resolution.get_or_init(|| self.resolve())
    }

    fn resolve(&self) -> Resolution<'a> {
        let parts = [&self.target.context, &self.target.exten, &self.target.priority];
        let is_open = |part: &&Part| matches!(part, Part::Variable(_) | Part::Digits);
        if parts.iter().any(is_open) {
            return Resolution::Unknown;
        }
        let [context, exten, priority] =
            parts.map(|part| part.bytes(self.text).map(<[u8]>::trim_ascii));
        let macro_context = match (self.target.form, context) {
            (Form::Macro, Some(name)) => Some([b"macro-", name].concat()),
            _ => None,
        };
        let context = macro_context.as_deref().or(context);
        // A context alone may be of any shape.
        if self.target.form == Form::Context {
            let subject = self.call.step.subject;
            let name = context.unwrap_or_default();
            let is_there = name.is_empty()
                || super::target::is_dynamic(name)
                || subject.context(name).is_some()
                || subject.may_have(name);
            return if is_there { Resolution::Unknown } else { Resolution::NoContext };
        }
        let priority = priority.unwrap_or(b"1");
        self.call.step.subject.resolve(self.call.step, Target { context, exten, priority })
    }

    fn at(&self, range: &Range<usize>) -> Place {
        self.call.data_place(self.at + range.start..self.at + range.end)
    }
}
