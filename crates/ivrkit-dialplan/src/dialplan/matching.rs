//! Which extension a dialled string reaches, and what Asterisk would wait for.
//!
//! Works on any model of a dialplan that can list its contexts ([`Model`]). The rules are those
//! of `pbx_find_extension` in Asterisk's `main/pbx.c` with its default way of matching. Each
//! priority is looked up anew, so two steps of one call may belong to different extensions.

use super::pattern::{ExtensionKey, Matching, More};
use std::{
    cmp::Ordering,
    iter::once_with,
    ops::ControlFlow::{self, Break, Continue},
};

/// How many contexts one search goes through before Asterisk gives up (`AST_PBX_MAX_STACK`).
pub const MAX_CONTEXTS: usize = 128;

/// A model of a dialplan, as far as matching needs it.
pub trait Model {
    /// One of its contexts.
    type Context;
    /// One of their extensions.
    type Extension;

    /// The context of exactly this name.
    fn context(&self, name: &[u8]) -> Option<&Self::Context>;

    /// The name of a context.
    fn name<'a>(&'a self, context: &'a Self::Context) -> &'a [u8];

    /// Its extensions in the order of their keys, which is that of the listing.
    fn extensions<'a>(&'a self, context: &'a Self::Context) -> &'a [Self::Extension];

    /// The names of the contexts that it includes at the time in question, in their order.
    fn includes<'a>(&'a self, context: &'a Self::Context) -> impl Iterator<Item = &'a [u8]>;

    /// Whether another PBX or a data base is asked before the included contexts.
    fn has_switches(&self, context: &Self::Context) -> bool;

    /// The name of an extension and the caller it asks for.
    fn key<'a>(&'a self, extension: &'a Self::Extension) -> &'a ExtensionKey;

    /// Whether an extension has a step of this priority.
    fn has_priority(&self, extension: &Self::Extension, priority: i32) -> bool;
}

/// What Asterisk is asked at each step of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question<'a> {
    /// The context of the channel.
    pub context: &'a [u8],
    /// What was dialled.
    pub digits: &'a [u8],
    /// The caller's number; empty without one.
    pub caller: &'a [u8],
    /// The priority that is looked for; 1 when a call comes in.
    pub priority: i32,
}

/// What a dialplan says to a [`Question`].
#[derive(Debug)]
pub struct Answer<'a, E> {
    /// All that was considered, in the order it is tried: of the plain names those that begin with
    /// what was dialled, and every pattern; the context itself before its includes.
    pub candidates: Vec<Candidate<'a, E>>,
    /// The extensions that could match if more is dialled: while there is one, Asterisk waits for
    /// the next digit.
    pub longer: Vec<Place<'a, E>>,
    /// Whether what was dialled, or something longer, could be answered.
    pub can_match: bool,
    /// The contexts whose switches are asked before anything answers; they may know better.
    pub switches: Vec<&'a [u8]>,
}

/// An extension in its context.
#[derive(Debug)]
pub struct Place<'a, E> {
    /// The name of the context.
    pub context: &'a [u8],
    /// The extension.
    pub extension: &'a E,
}

/// An extension that was considered.
#[derive(Debug)]
pub struct Candidate<'a, E> {
    /// Which one.
    pub place: Place<'a, E>,
    /// What became of it.
    pub verdict: Verdict,
}

/// What became of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It takes the call.
    Answers,
    /// It would, had no earlier candidate answered.
    Shadowed,
    /// It stands for other digits.
    OtherDigits,
    /// It stands for more digits than were dialled.
    NeedsMore,
    /// It asks for another caller.
    OtherCaller,
    /// It has no step of this priority.
    NoPriority,
}

/// What a search for one extension comes to.
#[derive(Debug)]
pub enum Found<'a, M: Model> {
    /// This one.
    Extension(&'a M::Extension),
    /// The switches of this context are asked before anything is found; they may know better.
    Switch(&'a M::Context),
    /// Nothing.
    Nothing,
}

/// One search through a context and all it includes.
struct Search<'a, M> {
    model: &'a M,
    /// The contexts whose includes were or are being followed.
    searched: Vec<&'a [u8]>,
}

/// Looks for the step that a call would take next.
pub fn answer<'a, M: Model>(model: &'a M, question: &Question<'_>) -> Answer<'a, M::Extension> {
    let mut candidates = Vec::new();
    let mut switches = Vec::new();
    let mut answered = false;
    let mut can_match = false;
    let _: Option<()> = Search::run(model, question.context, &mut |context| {
        let name = model.name(context);
        for extension in considered(model, context, question.digits) {
            let matching = model.key(extension).pattern.matches(question.digits);
            can_match |= matching.can_match && question.fits(model, extension);
            let mut verdict = question.verdict(model, extension, matching);
            if verdict == Verdict::Answers && std::mem::replace(&mut answered, true) {
                verdict = Verdict::Shadowed;
            }
            candidates.push(Candidate { place: Place { context: name, extension }, verdict });
        }
        if !answered && model.has_switches(context) {
            switches.push(name);
        }
        Continue(true)
    });
    Answer { candidates, longer: longer(model, question), can_match, switches }
}

/// The extension that takes the next step, as [`answer`] finds it, without all the others.
pub fn find<'a, M: Model>(model: &'a M, question: &Question<'_>) -> Found<'a, M> {
    find_where(model, question, |extension| model.has_priority(extension, question.priority))
}

/// The first extension that what was dialled stands for and for which `is_it` holds; the priority
/// of the question does not count.
pub fn find_where<'a, M: Model>(
    model: &'a M,
    question: &Question<'_>,
    is_it: impl Fn(&M::Extension) -> bool,
) -> Found<'a, M> {
    first(model, question, &|extension| {
        let is_exact = model.key(extension).pattern.matches(question.digits).exact;
        let is_it = is_exact && question.has_caller(model, extension) && is_it(extension);
        if is_it { More::Yes } else { More::No }
    })
}

/// An extension that what was dialled, or something longer, could reach.
pub fn can_match<'a, M: Model>(model: &'a M, question: &Question<'_>) -> Found<'a, M> {
    first(model, question, &|extension| {
        let can_match = model.key(extension).pattern.matches(question.digits).can_match;
        if can_match && question.fits(model, extension) { More::Yes } else { More::No }
    })
}

/// An extension that something longer could reach: while there is one, Asterisk waits.
pub fn match_more<'a, M: Model>(model: &'a M, question: &Question<'_>) -> Found<'a, M> {
    first(model, question, &|extension| question.longer(model, extension))
}

/// The first extension for which `says` says yes; once it says never, neither later ones of the
/// context nor its switches and includes are asked.
fn first<'a, M: Model>(
    model: &'a M,
    question: &Question<'_>,
    says: &dyn Fn(&'a M::Extension) -> More,
) -> Found<'a, M> {
    let found = Search::run(model, question.context, &mut |context| {
        for extension in considered(model, context, question.digits) {
            match says(extension) {
                More::Never => return Continue(false),
                More::Yes => return Break(Found::Extension(extension)),
                More::No => {}
            }
        }
        if model.has_switches(context) { Break(Found::Switch(context)) } else { Continue(true) }
    });
    found.unwrap_or(Found::Nothing)
}

impl<'a, E> Answer<'a, E> {
    /// The extension that takes the call.
    pub fn exact(&self) -> Option<&Place<'a, E>> {
        let answers = |candidate: &&Candidate<'a, E>| candidate.verdict == Verdict::Answers;
        self.candidates.iter().find(answers).map(|candidate| &candidate.place)
    }

    /// Whether Asterisk waits for another digit.
    pub fn match_more(&self) -> bool {
        !self.longer.is_empty()
    }
}

impl Question<'_> {
    fn verdict<M: Model>(
        &self,
        model: &M,
        extension: &M::Extension,
        matching: Matching,
    ) -> Verdict {
        if !matching.exact {
            if matching.can_match { Verdict::NeedsMore } else { Verdict::OtherDigits }
        } else if !self.has_caller(model, extension) {
            Verdict::OtherCaller
        } else if !model.has_priority(extension, self.priority) {
            Verdict::NoPriority
        } else {
            Verdict::Answers
        }
    }

    fn fits<M: Model>(&self, model: &M, extension: &M::Extension) -> bool {
        self.has_caller(model, extension) && model.has_priority(extension, self.priority)
    }

    /// Whether something longer could reach an extension.
    fn longer<M: Model>(&self, model: &M, extension: &M::Extension) -> More {
        match model.key(extension).pattern.matches(self.digits).match_more {
            More::No => More::No,
            _ if !self.has_caller(model, extension) => More::No,
            More::Yes if !model.has_priority(extension, self.priority) => More::No,
            more => more,
        }
    }

    fn has_caller<M: Model>(&self, model: &M, extension: &M::Extension) -> bool {
        let caller = model.key(extension).caller.as_ref();
        caller.is_none_or(|caller| caller.matches_caller(self.caller))
    }
}

impl<'a, M: Model> Search<'a, M> {
    /// Shows each context in the order it is searched until `look` breaks off or none is left; the
    /// includes of one for which it says no are not followed.
    fn run<T>(
        model: &'a M,
        context: &[u8],
        look: &mut dyn FnMut(&'a M::Context) -> ControlFlow<T, bool>,
    ) -> Option<T> {
        Self { model, searched: Vec::new() }.visit(context, look).break_value()
    }

    fn visit<T>(
        &mut self,
        name: &[u8],
        look: &mut dyn FnMut(&'a M::Context) -> ControlFlow<T, bool>,
    ) -> ControlFlow<T> {
        // Names that differ in case only are different contexts, but not to this test.
        let again = self.searched.iter().any(|searched| searched.eq_ignore_ascii_case(name));
        if again || self.searched.len() >= MAX_CONTEXTS {
            return Continue(());
        }
        let Some(context) = self.model.context(name) else { return Continue(()) };
        if look(context)? {
            self.searched.push(self.model.name(context));
            for include in self.model.includes(context) {
                self.visit(include, look)?;
            }
        }
        Continue(())
    }
}

/// All that Asterisk finds when it asks whether more digits could be of use.
fn longer<'a, M: Model>(model: &'a M, question: &Question<'_>) -> Vec<Place<'a, M::Extension>> {
    let mut longer = Vec::new();
    let _: Option<()> = Search::run(model, question.context, &mut |context| {
        for extension in considered(model, context, question.digits) {
            match question.longer(model, extension) {
                More::Never => return Continue(false),
                More::Yes => longer.push(Place { context: model.name(context), extension }),
                More::No => {}
            }
        }
        Continue(true)
    });
    longer
}

/// The plain names that begin with the digits, then all patterns. Most searches end at the first
/// name, so the patterns are looked for only when it is their turn.
fn considered<'a, M: Model>(
    model: &'a M,
    context: &'a M::Context,
    digits: &[u8],
) -> impl Iterator<Item = &'a M::Extension> {
    let extensions = model.extensions(context);
    let order = |extension: &M::Extension| model.key(extension).pattern.cmp_plain_prefix(digits);
    let start = extensions.partition_point(|extension| order(extension) == Ordering::Less);
    let begin_alike = move |extension: &&M::Extension| order(extension) == Ordering::Equal;
    let patterns = move || {
        let is_plain = |extension: &M::Extension| !model.key(extension).pattern.is_pattern();
        &extensions[extensions.partition_point(is_plain)..]
    };
    extensions[start..].iter().take_while(begin_alike).chain(once_with(patterns).flatten())
}

#[cfg(test)]
mod tests;
