//! What the dialplan has for a call at its moment: steps, labels, what its keys could become.
//!
//! Follows `pbx_find_extension` of Asterisk's `main/pbx.c`. A switch on the way may know better than
//! the dialplan: then nobody knows how the call goes on.

use super::{channel::Channel, exchange::Why, line::Line, setup::Pbx};
use crate::dialplan::{
    Context, Extension, HINT, Include, Priority,
    matching::{self, Found, Model, Question},
    pattern::ExtensionKey,
    time,
};
use std::{cell::Cell, ptr, sync::Arc};

/// The extension that a channel's last step is of, when it is the first in its own context that stands
/// for the channel's extension: then the next priority is of it too, if it has that.
#[derive(Debug)]
pub(super) struct Stay {
    context: Arc<[u8]>,
    exten: Arc<[u8]>,
    /// Indices into the dialplan.
    context_at: usize,
    extension_at: usize,
}

/// The dialplan as one call sees it at its moment.
struct View<'a> {
    pbx: &'a Pbx,
    channel: &'a Channel,
    /// Whether an include asks for a time zone that is not known here.
    unknown_zone: Cell<bool>,
}

/// What a search is for.
#[derive(Clone, Copy)]
enum Sought<'a> {
    /// The step of a priority.
    Exact,
    /// The step of a priority; notes whether an extension that stands for the digits was passed
    /// because it has no such step, which may have the next one.
    First(&'a Cell<bool>),
    /// A step that has this label.
    Label(&'a [u8]),
    /// What was dialled, or something longer.
    Can,
    /// Something longer.
    More,
}

impl Line {
    /// The step of a priority of the channel's place. One priority after the other is mostly of the
    /// same extension, which is then not looked for again.
    pub(super) fn next_step(
        &self,
        context: &Arc<[u8]>,
        exten: &Arc<[u8]>,
        priority: i32,
    ) -> Option<Priority> {
        let stay = self.with(|channel| {
            let stay = channel.stay.as_ref()?;
            let is_there = Arc::ptr_eq(&stay.context, context) && Arc::ptr_eq(&stay.exten, exten);
            is_there.then_some((stay.context_at, stay.extension_at))
        });
        let dialplan = &self.pbx.dialplan;
        if let Some((context_at, extension_at)) = stay {
            let extension = &dialplan.contexts[context_at].extensions[extension_at];
            if dialplan.has_priority(extension, priority) {
                return Some(step_of(extension, priority));
            }
        }
        let has_passed = Cell::new(false);
        let sought = Sought::First(&has_passed);
        let (step, extension_at) = self.search(context, exten, priority, sought, |extension| {
            (step_of(extension, priority), self.place_of(context, extension))
        })?;
        let stay = extension_at.filter(|_| !has_passed.get());
        let stay = stay.map(|(context_at, extension_at)| Stay {
            context: context.clone(),
            exten: exten.clone(),
            context_at,
            extension_at,
        });
        self.with(|channel| channel.stay = stay);
        Some(step)
    }

    /// Where an extension stands in the dialplan, if it is in that context itself.
    fn place_of(&self, context: &[u8], extension: &Extension) -> Option<(usize, usize)> {
        let context_at = *self.pbx.contexts.get(context)?;
        let extensions = &self.pbx.dialplan.contexts[context_at].extensions;
        let bytes = ptr::from_ref(extension).addr().checked_sub(extensions.as_ptr().addr())?;
        let extension_at = bytes / size_of::<Extension>();
        let is_it = extensions.get(extension_at).is_some_and(|one| ptr::eq(one, extension));
        is_it.then_some((context_at, extension_at))
    }

    /// The step of a priority.
    pub(super) fn step(&self, context: &[u8], exten: &[u8], priority: i32) -> Option<Priority> {
        let take = |extension: &Extension| step_of(extension, priority);
        self.search(context, exten, priority, Sought::Exact, take)
    }

    /// Whether there is a step of a priority.
    pub(super) fn exists(&self, context: &[u8], exten: &[u8], priority: i32) -> bool {
        self.search(context, exten, priority, Sought::Exact, |_| ()).is_some()
    }

    /// Whether the channel's context has a step of a priority.
    pub(super) fn exists_here(&self, exten: &[u8], priority: i32) -> bool {
        let context = self.with(|channel| channel.context.clone());
        self.exists(&context, exten, priority)
    }

    /// Whether an extension, or a longer one, could be reached.
    pub(super) fn can_match(&self, context: &[u8], digits: &[u8]) -> bool {
        self.search(context, digits, 1, Sought::Can, |_| ()).is_some()
    }

    /// Whether a longer extension could be reached.
    pub(super) fn match_more(&self, context: &[u8], digits: &[u8]) -> bool {
        self.search(context, digits, 1, Sought::More, |_| ()).is_some()
    }

    /// The number of the priority that has a label. Of several of one extension it is the highest:
    /// the one that was loaded first.
    pub(super) fn label(&self, context: &[u8], exten: &[u8], label: &[u8]) -> Option<i32> {
        let number = |extension: &Extension| labelled(&self.pbx, extension, label);
        self.search(context, exten, 0, Sought::Label(label), number).flatten()
    }

    /// The devices of the hint of an extension.
    pub(super) fn hint(&self, context: &[u8], exten: &[u8]) -> Option<Priority> {
        self.step(context, exten, HINT)
    }

    fn search<T>(
        &self,
        context: &[u8],
        digits: &[u8],
        priority: i32,
        sought: Sought<'_>,
        take: impl FnOnce(&Extension) -> T,
    ) -> Option<T> {
        let pbx = &*self.pbx;
        self.with(|channel| {
            let view = View { pbx, channel, unknown_zone: Cell::new(false) };
            let question = Question { context, digits, caller: channel.caller(), priority };
            let found = match sought {
                Sought::Exact => matching::find(&view, &question),
                Sought::First(has_passed) => matching::find_where(&view, &question, |extension| {
                    let has_step = view.has_priority(extension, priority);
                    has_passed.set(has_passed.get() || !has_step);
                    has_step
                }),
                Sought::Label(label) => matching::find_where(&view, &question, |extension| {
                    labelled(pbx, extension, label).is_some()
                }),
                Sought::Can => matching::can_match(&view, &question),
                Sought::More => matching::match_more(&view, &question),
            };
            let (found, switch) = match found {
                Found::Extension(extension) => (Some(take(extension)), None),
                Found::Switch(context) => (None, Some(switch_name(pbx, context))),
                Found::Nothing => (None, None),
            };
            let zone = view.unknown_zone.get().then(|| "the time zone of an include".to_owned());
            if let Some(unknown) = switch.or(zone) {
                channel.stop(Why::NotModelled(unknown));
                return None;
            }
            found
        })
    }
}

fn step_of(extension: &Extension, priority: i32) -> Priority {
    let numbers = &extension.priorities;
    let at = numbers.binary_search_by_key(&priority, |one| one.number);
    numbers[at.expect("it was found by its priority")]
}

impl Model for View<'_> {
    type Context = Context;
    type Extension = Extension;

    fn context(&self, name: &[u8]) -> Option<&Context> {
        self.pbx.contexts.get(name).map(|&at| &self.pbx.dialplan.contexts[at])
    }

    fn name<'a>(&'a self, context: &'a Context) -> &'a [u8] {
        self.pbx.dialplan.name(context)
    }

    fn extensions<'a>(&'a self, context: &'a Context) -> &'a [Extension] {
        &context.extensions
    }

    fn includes<'a>(&'a self, context: &'a Context) -> impl Iterator<Item = &'a [u8]> {
        let files = &self.pbx.dialplan.files;
        let hold = context.includes.iter().filter(|include| self.holds(include));
        hold.map(|include| files.bytes(include.context()))
    }

    fn has_switches(&self, context: &Context) -> bool {
        !context.switches.is_empty()
    }

    fn key<'a>(&'a self, extension: &'a Extension) -> &'a ExtensionKey {
        &extension.key
    }

    fn has_priority(&self, extension: &Extension, priority: i32) -> bool {
        self.pbx.dialplan.has_priority(extension, priority)
    }
}

impl View<'_> {
    /// Whether an include holds at the call's moment.
    fn holds(&self, include: &Include) -> bool {
        if !include.is_timed() {
            return true;
        }
        let text = self.pbx.dialplan.files.bytes(include.text);
        let times = &text[include.name_bytes + 1..];
        let Some(wall) = self.channel.wall(time::time_zone(times)) else {
            self.unknown_zone.set(true);
            return false;
        };
        // What is wrong with the times was told when they were loaded.
        time::holds(times, wall.minute_of_times()).0
    }
}

/// The number of the priority of an extension that has a label.
pub(super) fn labelled(pbx: &Pbx, extension: &Extension, label: &[u8]) -> Option<i32> {
    let files = &pbx.dialplan.files;
    let has = |one: &&Priority| one.label.is_some_and(|own| files.bytes(own) == label);
    extension.priorities.iter().rev().find(has).map(|one| one.number)
}

fn switch_name(pbx: &Pbx, context: &Context) -> String {
    let name = context.switches.first().map(|switch| pbx.dialplan.files.bytes(switch.name));
    format!("switch {}", name.unwrap_or_default().escape_ascii())
}
