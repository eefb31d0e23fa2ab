//! A step of the dialplan and the applications it calls.

use super::Subject;
use crate::{
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
}

impl<'a> Step<'a> {
    /// The call of this step, then those inside of it.
    pub fn calls(self) -> impl Iterator<Item = Call<'a>> {
        let Priority { application, data, .. } = *self.priority;
        std::iter::once(Call { step: self, application, data, is_inner: false })
    }

    /// Where a text of this step stands: the whole line if no file has it as it is.
    pub fn place(&self, text: Text) -> Place {
        self.subject.dialplan.files.place(text).unwrap_or(self.priority.place)
    }
}

impl<'a> Call<'a> {
    /// The application's name as written.
    pub fn name(&self) -> &'a [u8] {
        self.step.subject.bytes(self.application)
    }

    /// Whether it is this application; Asterisk takes any case, but no blank after it.
    pub fn is(&self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name.as_bytes())
    }

    /// The bytes of its data.
    pub fn data(&self) -> &'a [u8] {
        self.step.subject.bytes(self.data)
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
