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
use std::cell::Cell;

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
    /// A step that has this label.
    Label(&'a [u8]),
    /// What was dialled, or something longer.
    Can,
    /// Something longer.
    More,
}

impl Line {
    /// The step of a priority.
    pub(super) fn step(&self, context: &[u8], exten: &[u8], priority: i32) -> Option<Priority> {
        self.search(context, exten, priority, Sought::Exact, |extension| {
            let numbers = &extension.priorities;
            let at = numbers.binary_search_by_key(&priority, |one| one.number);
            numbers[at.expect("it was found by its priority")]
        })
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
