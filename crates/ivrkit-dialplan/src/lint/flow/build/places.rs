//! Where an application sends a call: the places that its data names, or that it implies.

use super::{Builder, Open, Trait, Way, Which};
use crate::{
    application::{
        arguments::Text,
        behaviour,
        target::{self, Condition, Part, Role},
    },
    dialplan::pattern::Language,
    lint::{Resolution, Step, Target, target::is_dynamic},
    syntax::narrow,
};

impl<'a> Builder<'a> {
    pub(super) fn add_places(&mut self, number: usize, step: Step<'a>, name: &[u8], data: &[u8]) {
        let version = self.subject.settings.version;
        for target in target::targets(name, data, version, Text::Source) {
            self.add_place(number, step, &target, data);
        }
        for one in target::nested(name, data, Text::Source) {
            if one.condition != Condition::NewCall {
                self.add_nested(number, one.name(data));
            }
        }
    }

    /// Variables and functions that are given a place, such as a hangup handler.
    pub(super) fn add_assigned(&mut self, number: usize, step: Step<'a>, data: &[u8]) {
        let Some(at) = data.iter().position(|&byte| byte == b'=') else { return };
        let value = &data[at + 1..];
        for target in target::assigned_targets(&data[..at], value, Text::Source) {
            self.add_place(number, step, &target, value);
        }
    }

    /// An application that another one runs can end the call as if it stood alone.
    fn add_nested(&mut self, number: usize, name: &[u8]) {
        use behaviour::Flow as Goes;
        let known = self.known_for(name);
        if known.leads_anywhere {
            self.open(number, None, Which::Labelled);
        }
        let Some(behaviour) = known.behaviour else { return };
        if matches!(behaviour.flow, Goes::Ends | Goes::MayEnd | Goes::Leaves) {
            self.flow.traits[number].add(Trait::MayEnd);
        }
    }

    fn add_place(&mut self, number: usize, step: Step<'a>, target: &target::Target, data: &[u8]) {
        let Some(way) = way(target.role) else { return };
        let is_open = |part: &Part| matches!(part, Part::Variable(_));
        if target.exten == Part::Digits || is_open(&target.context) || is_open(&target.exten) {
            let context = target.context.bytes(data).filter(|context| !is_dynamic(context));
            let context = context.and_then(|context| self.subject.context_number(context));
            match (context, &target.context) {
                (Some(context), _) => self.typed(number, Some(context)),
                (None, Part::Current) => {
                    let own = self.flow.steps[number].context as usize;
                    match self.channels[own].clone() {
                        Some(channels) => {
                            for one in channels {
                                self.typed(number, Some(one));
                            }
                        }
                        None => self.typed(number, None),
                    }
                }
                _ => self.typed(number, None),
            }
            return;
        }
        if let (Part::Current, Part::Fixed(exten), Part::Fixed("1")) =
            (&target.context, &target.exten, &target.priority)
            && let [channel] = self.channels[self.flow.steps[number].context as usize]
                .as_deref()
                .unwrap_or_default()
        {
            self.add_implied(number, step, (*channel, exten), way);
            return;
        }
        let asked = Target {
            context: target.context.bytes(data),
            exten: target.exten.bytes(data),
            priority: target.priority.bytes(data).unwrap_or(b"1"),
        };
        self.add_target(number, step, asked, way);
        if target.role == Role::Both {
            let beside = asked.priority.trim_ascii();
            let beside = std::str::from_utf8(beside).ok().and_then(|one| one.parse::<i32>().ok());
            let beside = beside.map(|one| one.saturating_add(1).to_string());
            let priority = beside.as_deref().map_or(&b"+1"[..], str::as_bytes);
            self.add_target(number, step, Target { priority, ..asked }, Way::Other);
        }
    }

    fn add_target(&mut self, number: usize, step: Step<'a>, asked: Target<'_>, way: Way) {
        self.flow.has_unknown_extensions |= asked.exten.is_some_and(is_dynamic);
        let own = self.flow.steps[number].context as usize;
        let given = asked.context.filter(|context| !context.is_empty());
        let channels = match given {
            Some(context) if is_dynamic(context) => None,
            Some(context) => match self.subject.context_number(context) {
                Some(context) => Some(vec![context]),
                None if self.subject.may_have(context) => None,
                None => Some(Vec::new()),
            },
            None => self.channels[own].clone(),
        };
        let which = match asked.priority {
            priority if priority.trim_ascii() == b"1" => Which::First,
            priority if is_dynamic(priority) || priority.iter().any(u8::is_ascii_digit) => {
                Which::All
            }
            _ => Which::Labelled,
        };
        let Some(channels) = channels else {
            // Contexts that no file shows do not lead into the middle of those that files show.
            let is_elsewhere = given.is_some_and(|context| !is_dynamic(context));
            self.open(number, None, if is_elsewhere { Which::First } else { which });
            return;
        };
        let mut is_found = false;
        for channel in channels {
            let resolution = self.subject.resolve_in(channel, step, asked);
            is_found |= self.add_resolved(number, channel, resolution, (way, which));
        }
        if !is_found && matches!(way, Way::Jump | Way::Branch) {
            self.flow.traits[number].add(Trait::Misses);
        }
    }

    /// An extension that the application implies: asked once for each context.
    fn add_implied(
        &mut self,
        number: usize,
        step: Step<'a>,
        (channel, exten): (usize, &'static str),
        way: Way,
    ) {
        let resolution = *self.implied.entry((channel, exten)).or_insert_with(|| {
            let asked = Target { context: None, exten: Some(exten.as_bytes()), priority: b"1" };
            self.subject.resolve_in(channel, step, asked)
        });
        let is_found = self.add_resolved(number, channel, resolution, (way, Which::First));
        if !is_found && matches!(way, Way::Jump | Way::Branch) {
            self.flow.traits[number].add(Trait::Misses);
        }
    }

    /// Adds where a target leads in one context; whether that is somewhere.
    fn add_resolved(
        &mut self,
        number: usize,
        channel: usize,
        resolution: Resolution<'a>,
        (way, which): (Way, Which),
    ) -> bool {
        match resolution {
            Resolution::Found(to) => self.edge(self.number_of(to), way),
            Resolution::Unknown => self.open(number, Some(channel), which),
            Resolution::NoExtension => return self.add_invalid(channel, way),
            _ => return false,
        }
        true
    }

    /// A jump to an extension that is not there goes to `i`, or else to `e`; whether there is one.
    fn add_invalid(&mut self, channel: usize, way: Way) -> bool {
        let found = if let Some(&known) = self.invalid.get(&channel) {
            known
        } else {
            let found = self.invalid(channel);
            self.invalid.insert(channel, found);
            found
        };
        if let Some(to) = found {
            self.edge(to, way);
        }
        found.is_some()
    }

    fn invalid(&self, channel: usize) -> Option<usize> {
        let handlers = [b"i", b"e"].into_iter();
        let found = handlers
            .map(|name| self.subject.resolve_priority(channel, &Language::exactly(name), 1));
        let found = found.into_iter().find_map(|one| match one {
            Resolution::Found(step) => Some(step),
            _ => None,
        });
        found.map(|step| self.number_of(step))
    }

    /// The caller chooses an extension of this context by keys; none if that is unknown.
    fn typed(&mut self, number: usize, context: Option<usize>) {
        let context = context.map(narrow);
        self.flow.open.push(Open { from: narrow(number), context, which: Which::First });
    }
}

/// How a call gets to such a place; none if it does not.
fn way(role: Role) -> Option<Way> {
    Some(match role {
        Role::Jump => Way::Jump,
        Role::Branch { .. } => Way::Branch,
        Role::Subroutine
        | Role::SubroutineBranch { .. }
        | Role::Macro
        | Role::MacroBranch { .. } => Way::Call,
        Role::Question => return None,
        _ => Way::Other,
    })
}
