//! Where a jump leads: its context, extension and priority or label, looked up as Asterisk does.
//!
//! Says "unknown" wherever a variable, a switch, an include or a file that is not there, or a
//! context of the operator's list leaves it open. Must not decide what is a mistake: rules do.

mod index;
mod trie;

pub(crate) use index::{Index, Look};

use super::{Step, Subject};
use crate::dialplan::{Context, pattern::Language};

/// A target as an application was given it: `context,extension,priority`, each as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target<'a> {
    /// The context; none for the one that the call is in.
    pub context: Option<&'a [u8]>,
    /// The extension; none for the one that the call is at.
    pub exten: Option<&'a [u8]>,
    /// A priority, `+` or `-` and a distance, or a label.
    pub priority: &'a [u8],
}

/// Where a [`Target`] leads.
#[derive(Debug, Clone, Copy)]
pub enum Resolution<'a> {
    /// To this step; where several could be meant, to the first that Asterisk would ask.
    Found(Step<'a>),
    /// There is no such context.
    NoContext,
    /// The context is there, but neither it nor what it includes has the extension.
    NoExtension,
    /// The extension is there, but has no such priority.
    NoPriority,
    /// The extension is there, but has no such label.
    NoLabel,
    /// That cannot be known from the files.
    Unknown,
}

/// What is looked for within an extension.
#[derive(Debug, Clone, Copy)]
enum Wanted<'a> {
    Priority(i32),
    Label(&'a [u8]),
    /// It is known at run time only.
    Unknown,
}

impl<'a> Target<'a> {
    /// Splits `[[context,]extension,]priority` as `Goto` does; none if there is nothing.
    pub fn new(text: &'a [u8]) -> Option<Self> {
        let mut parts = text.splitn(3, |&byte| byte == b',');
        let (first, second, third) = (parts.next()?, parts.next(), parts.next());
        let (context, exten, priority) = match (second, third) {
            (None, _) => (None, None, first),
            (Some(second), None) => (None, Some(first), second),
            (Some(second), Some(third)) => (Some(first), Some(second), third),
        };
        (!text.is_empty()).then_some(Self { context, exten, priority })
    }
}

/// Whether a text has a variable or an expression, so that it is known at run time only.
pub(super) fn is_dynamic(text: &[u8]) -> bool {
    let is_followed = |at: usize| matches!(text.get(at + 1), Some(b'{' | b'['));
    memchr::memchr_iter(b'$', text).any(is_followed)
}

impl<'a> Subject<'a> {
    /// Where a jump leads that is made at a step.
    ///
    /// A target without a context is looked for in the context of the call: that of the step, or
    /// one that includes it. It is found if one of them has it.
    pub fn resolve(&'a self, from: Step<'a>, target: Target<'_>) -> Resolution<'a> {
        if let Some(context) = target.context.filter(|context| !context.is_empty()) {
            return match self.context_number(context) {
                _ if is_dynamic(context) => Resolution::Unknown,
                Some(number) => self.resolve_in(number, from, target),
                None if self.may_have(context) => Resolution::Unknown,
                None => Resolution::NoContext,
            };
        }
        let Some(own) = self.context_number(self.bytes(from.context.name)) else {
            return Resolution::Unknown;
        };
        if !self.index().is_included(own) {
            return self.resolve_in(own, from, target);
        }
        let Some(channels) = self.index().channels(own) else { return Resolution::Unknown };
        let mut first = None;
        for channel in channels {
            match self.resolve_in(channel, from, target) {
                Resolution::Found(step) => return Resolution::Found(step),
                Resolution::Unknown => first = Some(Resolution::Unknown),
                other => _ = first.get_or_insert(other),
            }
        }
        first.unwrap_or(Resolution::Unknown)
    }

    /// Whether the PBX may have a context that no file shows.
    pub fn may_have(&self, context: &[u8]) -> bool {
        // Parking makes its context itself.
        self.is_external(context) || context == b"parkedcalls" || !self.index().is_complete()
    }

    /// Where a target leads for a call in this context; that of the target does not count.
    pub(super) fn resolve_in(
        &'a self,
        channel: usize,
        from: Step<'a>,
        target: Target<'_>,
    ) -> Resolution<'a> {
        let wanted = Wanted::new(target.priority, from.priority.number);
        let language = match target.exten.filter(|exten| !exten.is_empty()) {
            Some(exten) if is_dynamic(exten) => return Resolution::Unknown,
            Some(exten) if exten.first() == Some(&b'_') => {
                return self.resolve_pattern(channel, exten, wanted);
            }
            Some(exten) => Language::exactly(exten),
            None => {
                if let Some(step) = self.step_of(from, wanted) {
                    return Resolution::Found(step);
                }
                Language::new(&from.extension.key.pattern)
            }
        };
        self.resolve_language(channel, &language, wanted)
    }

    /// Where a priority of an extension leads for a call in this context.
    pub(super) fn resolve_priority(
        &'a self,
        channel: usize,
        language: &Language,
        priority: i32,
    ) -> Resolution<'a> {
        self.resolve_language(channel, language, Wanted::Priority(priority))
    }

    fn resolve_language(
        &'a self,
        channel: usize,
        language: &Language,
        wanted: Wanted<'_>,
    ) -> Resolution<'a> {
        let mut answer = Resolution::NoExtension;
        self.index().search(self, channel, language, &mut |look| {
            answer = match look {
                Look::Unknown => Resolution::Unknown,
                Look::Extension(context, extension) => {
                    match self.step_at(context, extension, wanted) {
                        Some(step) => Resolution::Found(step),
                        None if matches!(answer, Resolution::Unknown) => answer,
                        None => wanted.missing(),
                    }
                }
            };
            !matches!(answer, Resolution::Found(_))
        });
        if matches!(answer, Resolution::Found(_)) || self.index().is_complete() {
            return answer;
        }
        Resolution::Unknown
    }

    /// `Goto(_X.,1)` means the pattern itself; what else takes such a string does not matter.
    fn resolve_pattern(
        &'a self,
        channel: usize,
        exten: &[u8],
        wanted: Wanted<'_>,
    ) -> Resolution<'a> {
        let name = crate::dialplan::pattern::Pattern::new(exten);
        let context: &Context = &self.dialplan.contexts[channel];
        let found = context.extensions.iter().position(|one| one.key.pattern == name);
        let step = found.and_then(|extension| self.step_at(channel, extension, wanted));
        step.map_or(Resolution::Unknown, Resolution::Found)
    }

    fn step_of(&'a self, from: Step<'a>, wanted: Wanted<'_>) -> Option<Step<'a>> {
        let at = wanted.find(self, from.extension)?;
        Some(Step { priority: &from.extension.priorities[at], ..from })
    }

    fn step_at(&'a self, context: usize, extension: usize, wanted: Wanted<'_>) -> Option<Step<'a>> {
        let context = &self.dialplan.contexts[context];
        let extension = &context.extensions[extension];
        let priority = &extension.priorities[wanted.find(self, extension)?];
        Some(Step { subject: self, context, extension, priority })
    }
}

impl<'a> Wanted<'a> {
    /// Reads a priority as `Goto` does: what begins with a number is one, all else is a label.
    fn new(text: &'a [u8], current: i32) -> Self {
        if is_dynamic(text) {
            return Self::Unknown;
        }
        let (distance, digits) = match text {
            [b'+', digits @ ..] => (Some(1), digits),
            [b'-', digits @ ..] => (Some(-1), digits),
            digits => (None, digits),
        };
        match (number(digits), distance) {
            (None, _) => Self::Label(digits),
            (Some(number), None) => Self::Priority(number),
            (Some(number), Some(sign)) => {
                Self::Priority(number.checked_mul(sign).map_or(0, |by| current.saturating_add(by)))
            }
        }
    }

    /// Which priority of the extension it is.
    fn find(self, subject: &Subject<'_>, extension: &crate::dialplan::Extension) -> Option<usize> {
        let priorities = &extension.priorities;
        match self {
            Self::Priority(number) => {
                priorities.binary_search_by_key(&number, |one| one.number).ok()
            }
            Self::Label(label) => priorities
                .iter()
                .position(|one| one.label.is_some_and(|own| subject.bytes(own) == label)),
            Self::Unknown => None,
        }
    }

    fn missing(self) -> Resolution<'static> {
        match self {
            Self::Priority(_) => Resolution::NoPriority,
            Self::Label(_) => Resolution::NoLabel,
            Self::Unknown => Resolution::Unknown,
        }
    }
}

/// As `sscanf("%30d")` reads it.
fn number(text: &[u8]) -> Option<i32> {
    let start = text.iter().position(|byte| !byte.is_ascii_whitespace())?;
    let text = &text[start..];
    let sign_bytes = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    let digits = text[sign_bytes..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let written = std::str::from_utf8(&text[..sign_bytes + digits]).ok()?;
    (digits > 0).then(|| written.parse().unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests;
