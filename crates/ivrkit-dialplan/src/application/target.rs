//! Which places of the dialplan an application or a function names, and how a call gets there.
//!
//! [`targets`] finds them in an application's data, those of the applications that it runs in its
//! turn included ([`nested`]). Written by hand from Asterisk's source; [`table`] has the rows. Must
//! not look the places up: whether they exist is for who knows the dialplan.

mod label;
mod table;

use super::{Version, arguments::Text};
use std::ops::Range;

/// A place that data names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// All that names it, its arguments included; empty where the application says it all.
    pub whole: Range<usize>,
    /// The context.
    pub context: Part,
    /// The extension.
    pub exten: Part,
    /// The priority: a number, a label, or `+1` and `-1` from the running one.
    pub priority: Part,
    /// What stands in the parentheses of a subroutine, or behind a macro's name.
    pub arguments: Option<Range<usize>>,
    /// How it is written.
    pub form: Form,
    /// How a call gets there.
    pub role: Role,
}

/// A part of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Not named: that of the call as it runs.
    Current,
    /// Named in the data.
    Given(Range<usize>),
    /// Always this one.
    Fixed(&'static str),
    /// Whatever the caller presses.
    Digits,
    /// Named in a variable: where it is set, it counts, otherwise the current one.
    Variable(&'static str),
}

/// How a place is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// `[[context,]extension,]priority`, and `(arguments)` for a subroutine.
    Comma,
    /// The same with `^` in place of commas.
    Caret,
    /// `name^argument^...`: a context whose extension `s` is run.
    Routine,
    /// The name of a macro, which is the context `macro-name`; its arguments follow.
    Macro,
    /// A context alone.
    Context,
    /// Parts that are arguments of their own.
    Arguments,
    /// Nothing: the application itself says it.
    Implied,
}

/// How a call gets to a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The call goes there.
    Jump,
    /// The call goes there if the condition is true, or if it is false; otherwise it goes on.
    Branch {
        /// Which of both.
        when: bool,
    },
    /// The call goes there and comes back by `Return`.
    Subroutine,
    /// A subroutine if the condition is true, or if it is false.
    SubroutineBranch {
        /// Which of both.
        when: bool,
    },
    /// The call goes there and comes back at the end of the macro.
    Macro,
    /// A macro if the condition is true, or if it is false.
    MacroBranch {
        /// Which of both.
        when: bool,
    },
    /// The called side runs it as a subroutine or macro before the two sides are joined.
    PeerSubroutine,
    /// The called side goes there when the caller hangs up.
    PeerGoesOn,
    /// Both sides go there when the call is answered, the called side one priority further.
    Both,
    /// A key that the caller presses leads there.
    Exit,
    /// The digits that the caller presses are an extension there.
    Digits,
    /// A call that came back, such as one that was parked too long, goes there.
    ComeBack,
    /// Another call is sent there.
    OtherCall,
    /// A new call begins there.
    NewCall,
    /// It runs when the call is hung up.
    Handler,
    /// Whether it exists is asked; no call goes there.
    Question,
}

/// An application that another one runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nested {
    /// Its name: given, or fixed.
    pub application: Part,
    /// What it is given.
    pub data: Range<usize>,
    /// When it runs.
    pub condition: Condition,
}

/// When something runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Condition {
    /// Whenever the one around it does.
    Always,
    /// If the condition is true.
    True,
    /// If the condition is false.
    False,
    /// In a call of its own.
    NewCall,
}

impl Role {
    /// Whether the running call itself gets there.
    pub fn is_own(self) -> bool {
        !matches!(
            self,
            Self::PeerSubroutine
                | Self::PeerGoesOn
                | Self::OtherCall
                | Self::NewCall
                | Self::Question
        )
    }

    /// Whether control comes back to the application behind.
    pub fn comes_back(self) -> bool {
        matches!(
            self,
            Self::Subroutine
                | Self::SubroutineBranch { .. }
                | Self::Macro
                | Self::MacroBranch { .. }
                | Self::PeerSubroutine
        )
    }
}

/// All places that an application's data names, in the order of the data.
///
/// Ranges are within `data`. With [`Text::Source`] parts can hold `${...}`; a part that a variable
/// might split at run time is taken as it stands.
pub fn targets(application: &[u8], data: &[u8], version: Version, text: Text) -> Vec<Target> {
    let mut found = collect(application, data, version, text, 0);
    found.sort_by_key(|target| target.whole.start);
    found
}

/// Whether an application names places at all, or runs other applications; most do not.
pub fn names_places(application: &[u8]) -> bool {
    table::rows(application).next().is_some() || table::inner(application).is_some()
}

/// How deep applications are followed into the data of others.
const MAX_DEPTH: usize = 8;

/// The applications that an application runs with a part of its data, such as the two of `ExecIf`.
pub fn nested(application: &[u8], data: &[u8], text: Text) -> Vec<Nested> {
    table::inner(application).map_or_else(Vec::new, |inner| inner.calls(data, text))
}

/// The places that a function's arguments name; `arguments` is what stands in its parentheses.
pub fn function_targets(name: &[u8], arguments: &[u8], text: Text) -> Vec<Target> {
    let row = table::FUNCTIONS.iter().find(|row| row.name.as_bytes() == name);
    row.map_or_else(Vec::new, |row| {
        row.source.targets(row.name, row.role, arguments, Version::newest(), text)
    })
}

/// The place that is named by giving a variable or a function its value: `GOTO_ON_BLINDXFR`,
/// `CHANNEL(hangup_handler_push)`. Ranges are within `value`.
pub fn assigned_targets(variable: &[u8], value: &[u8], text: Text) -> Vec<Target> {
    let inherited = without_inheritance(variable.trim_ascii());
    let row = table::VARIABLES.iter().find(|row| row.name.as_bytes() == inherited);
    row.map_or_else(Vec::new, |row| {
        row.source.targets(row.name, row.role, value, Version::newest(), text)
    })
}

fn collect(
    application: &[u8],
    data: &[u8],
    version: Version,
    text: Text,
    depth: usize,
) -> Vec<Target> {
    let mut found = Vec::new();
    for row in table::rows(application).filter(|row| row.source.may_be_in(data)) {
        found.extend(row.source.targets(row.name, row.role, data, version, text));
    }
    for one in nested(application, data, text) {
        let inner = &data[one.data.clone()];
        if depth < MAX_DEPTH {
            let targets = collect(one.name(data), inner, version, text, depth + 1);
            let moved = targets.into_iter().map(|target| target.moved(one.data.start));
            found.extend(moved.map(|target| target.under(one.condition)));
        }
    }
    found
}

impl Nested {
    /// The name of the application, without blanks around it.
    pub fn name<'a>(&self, data: &'a [u8]) -> &'a [u8] {
        match &self.application {
            Part::Given(range) => data[range.clone()].trim_ascii(),
            Part::Fixed(name) => name.as_bytes(),
            Part::Current | Part::Digits | Part::Variable(_) => b"",
        }
    }
}

impl Part {
    /// The bytes it names; nothing if it names none.
    pub fn bytes<'a>(&self, data: &'a [u8]) -> Option<&'a [u8]> {
        match self {
            Self::Given(range) => Some(&data[range.clone()]),
            Self::Fixed(name) => Some(name.as_bytes()),
            Self::Current | Self::Digits | Self::Variable(_) => None,
        }
    }

    fn moved(self, by: usize) -> Self {
        match self {
            Self::Given(range) => Self::Given(range.start + by..range.end + by),
            other => other,
        }
    }
}

impl Target {
    /// The same place, for data that begins further on.
    fn moved(self, by: usize) -> Self {
        Self {
            whole: self.whole.start + by..self.whole.end + by,
            context: self.context.moved(by),
            exten: self.exten.moved(by),
            priority: self.priority.moved(by),
            arguments: self.arguments.map(|range| range.start + by..range.end + by),
            ..self
        }
    }

    /// The same place, if the application runs that names it.
    fn under(self, condition: Condition) -> Self {
        let when = condition == Condition::True;
        let role = match (condition, self.role) {
            (Condition::Always, role) => role,
            (Condition::NewCall, role) if role.is_own() => Role::NewCall,
            (_, Role::Jump) => Role::Branch { when },
            (_, Role::Subroutine) => Role::SubroutineBranch { when },
            (_, Role::Macro) => Role::MacroBranch { when },
            (_, role) => role,
        };
        Self { role, ..self }
    }
}

/// A variable's name without the underscores that let other calls inherit it.
fn without_inheritance(name: &[u8]) -> &[u8] {
    name.strip_prefix(b"__").or_else(|| name.strip_prefix(b"_")).unwrap_or(name)
}

#[cfg(test)]
mod tests;
