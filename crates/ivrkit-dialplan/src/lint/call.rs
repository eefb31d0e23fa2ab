//! A step of the dialplan and the applications it calls.

use super::{Subject, meant::Meant};
use crate::{
    application::{
        Entry, Syntax, Version, arguments,
        behaviour::Behaviour,
        target::{self, Target},
    },
    dialplan::{Context, Extension, Priority},
    syntax::{Place, Text},
};
use std::ops::Range;

/// A priority of an extension.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// The dialplan.
    pub subject: &'a Subject<'a>,
    /// The context it stands in.
    pub context: &'a Context,
    /// The extension it belongs to.
    pub extension: &'a Extension,
    /// The priority.
    pub priority: &'a Priority,
}

/// A call of an application: that of a step, or one inside of its data as in `ExecIf`.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The step.
    pub step: Step<'a>,
    /// The application as written; blanks after it belong to it.
    pub application: Text,
    /// What it is given.
    pub data: Text,
    /// Whether it stands inside of another call.
    pub is_inner: bool,
    /// The bytes of the application's name and of the data: all rules ask for them.
    name: &'a [u8],
    meant: &'a [u8],
    names_places: bool,
    given: &'a [u8],
    /// What the catalogue knows of the application that is meant, in any version.
    pub entry: Option<&'static Entry>,
    /// What the one that is meant does to the call that runs it, as far as that is known.
    pub behaviour: Option<&'static Behaviour>,
}

/// An application as a call names it.
#[derive(Debug, Clone, Copy)]
pub struct Application<'a> {
    /// The name as written, with blanks around it.
    pub name: &'a [u8],
    /// The name that is meant: without them.
    pub meant: &'a [u8],
    /// What the catalogue knows of it, in any version.
    pub entry: Option<&'static Entry>,
    /// What it does to the call that runs it, as far as that is known.
    pub behaviour: Option<&'static Behaviour>,
    /// The version of Asterisk that is to run it.
    pub version: Version,
}

/// How deep calls are followed into the data of others.
const MAX_DEPTH: usize = 8;

impl<'a> Step<'a> {
    /// The call of this step, then those inside of it.
    pub fn calls(self) -> impl Iterator<Item = Call<'a>> {
        let Priority { application, data, .. } = *self.priority;
        let own = Call::new(self, application, data, false);
        // Most have none, and then nothing is allocated.
        let mut inner = own.inner();
        let (mut at, mut depth_ends, mut depth) = (0, inner.len(), 1);
        while at < inner.len() && depth < MAX_DEPTH {
            let further = inner[at].inner();
            inner.extend(further);
            at += 1;
            if at == depth_ends {
                (depth_ends, depth) = (inner.len(), depth + 1);
            }
        }
        std::iter::once(own).chain(inner)
    }

    /// Where a text of this step stands: the whole line if no file has it as it is.
    pub fn place(&self, text: Text) -> Place {
        self.subject.dialplan.files.place(text).unwrap_or(self.priority.place)
    }
}

impl Application<'_> {
    /// Whether this one is meant; Asterisk takes any case.
    pub fn is(&self, name: &str) -> bool {
        self.meant.eq_ignore_ascii_case(name.as_bytes())
    }

    /// Whether one of these is meant.
    pub fn is_one_of(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.is(name))
    }

    /// Its arguments; nothing if the version lacks it or does not describe it.
    pub fn syntax(&self) -> Option<&'static Syntax> {
        self.entry?.syntax(self.version)
    }
}

impl<'a> Call<'a> {
    fn new(step: Step<'a>, application: Text, data: Text, is_inner: bool) -> Self {
        let (name, given) = (step.subject.bytes(application), step.subject.bytes(data));
        let meant = name.trim_ascii();
        let Meant { entry, behaviour, names_places } = step.subject.applications().meant(meant);
        Self {
            step,
            application,
            data,
            is_inner,
            name,
            meant,
            names_places,
            given,
            entry,
            behaviour,
        }
    }

    /// The calls that stand in its data; one whose application is not written there is left out.
    fn inner(&self) -> Vec<Self> {
        if !self.names_places {
            return Vec::new();
        }
        let data = self.data();
        let nested = target::nested(self.meant(), data, arguments::Text::Source);
        let calls = nested.iter().filter_map(|one| {
            let target::Part::Given(name) = &one.application else { return None };
            let application = self.data.slice(name.start, name.end);
            let data = self.data.slice(one.data.start, one.data.end);
            Some(Self::new(self.step, application, data, true))
        });
        calls.collect()
    }

    /// The application without the call.
    pub fn application(&self) -> Application<'a> {
        let Self { name, meant, entry, behaviour, .. } = *self;
        Application { name, meant, entry, behaviour, version: self.version() }
    }

    /// The version of Asterisk that is to run it.
    pub fn version(&self) -> Version {
        self.step.subject.settings.version
    }

    /// Its arguments as most applications split them: ranges of the data, blanks included.
    pub fn arguments(&self) -> Vec<Range<usize>> {
        arguments::split(self.data(), arguments::Text::Source)
    }

    /// The argument at that place, from 0, without looking at those behind it.
    pub fn argument(&self, place: usize) -> Option<Range<usize>> {
        arguments::nth(self.data(), place, arguments::Text::Source)
    }

    /// The places of the dialplan that it names, those named by calls inside of it too.
    pub fn targets(&self) -> Vec<Target> {
        if !self.names_places {
            return Vec::new();
        }
        target::targets(self.meant(), self.data(), self.version(), arguments::Text::Source)
    }

    /// Whether an application of the name as written names places of the dialplan, or runs others.
    pub(super) fn names_places(&self) -> bool {
        self.names_places && self.name.len() == self.meant.len()
    }

    /// The application's name as written; with blanks around it there is none of that name.
    pub fn name(&self) -> &'a [u8] {
        self.name
    }

    /// The application that is meant: blanks around its name are a mistake that has rules of its
    /// own, and what else is wrong with the call is told beside it.
    pub fn meant(&self) -> &'a [u8] {
        self.meant
    }

    /// Whether this application is meant; Asterisk takes any case.
    pub fn is(&self, name: &str) -> bool {
        self.meant().eq_ignore_ascii_case(name.as_bytes())
    }

    /// The bytes of its data.
    pub fn data(&self) -> &'a [u8] {
        self.given
    }

    /// Where the application's name stands.
    pub fn application_place(&self) -> Place {
        self.step.place(self.application)
    }

    /// Where a part of the data stands; the range counts from the start of the data.
    pub fn data_place(&self, range: Range<usize>) -> Place {
        self.step.place(self.data.slice(range.start, range.end))
    }
}
