//! Makes the graph: one look at each step.

use super::{At, Blocks, Edge, Flow, Open, Trait, Traits, Way, Which};
use crate::{
    application::{
        Version,
        arguments::Text,
        behaviour::{self, Behaviour, Block, Digits},
        target::{self, Condition, Part, Role},
    },
    dialplan::pattern::Language,
    lint::{Resolution, Step, Subject, Target, target::is_dynamic},
};
use std::{collections::HashMap, sync::OnceLock};

/// What is known of an application by its name.
#[derive(Debug, Clone, Copy)]
struct Known {
    behaviour: Option<&'static Behaviour>,
    names_places: bool,
    /// Whether it steers calls from outside of the dialplan.
    is_program: bool,
}

struct Builder<'a> {
    subject: &'a Subject<'a>,
    flow: Flow,
    /// The first step of each extension of each context.
    extensions: Vec<Vec<u32>>,
    known: HashMap<&'a [u8], Known>,
    /// The contexts that a call can be in at a step of a context, where they are few.
    channels: Vec<Option<Vec<usize>>>,
}

impl Flow {
    pub(crate) fn new<'a>(subject: &'a Subject<'a>) -> Self {
        let count = subject.dialplan.contexts.len();
        let flow = Flow {
            steps: Vec::new(),
            contexts: Vec::with_capacity(count + 1),
            traits: Vec::new(),
            offsets: Vec::new(),
            edges: Vec::new(),
            open: Vec::new(),
            blocks: Blocks::default(),
            reached: OnceLock::new(),
        };
        let channels = (0..count).map(|context| subject.index().channels(context)).collect();
        let extensions = Vec::with_capacity(count);
        let mut builder = Builder { subject, flow, extensions, known: HashMap::new(), channels };
        builder.number();
        builder.flow.blocks = Blocks::new(subject, &builder.flow);
        for step in 0..builder.flow.steps.len() {
            builder.add(step);
        }
        builder.flow.offsets.push(narrow(builder.flow.edges.len()));
        builder.flow
    }
}

impl<'a> Builder<'a> {
    fn number(&mut self) {
        for (context, one) in (0..).zip(&self.subject.dialplan.contexts) {
            self.flow.contexts.push(narrow(self.flow.steps.len()));
            let mut firsts = Vec::with_capacity(one.extensions.len());
            for (extension, one) in (0..).zip(&one.extensions) {
                firsts.push(narrow(self.flow.steps.len()));
                for (priority, _) in (0..).zip(&one.priorities).filter(|(_, one)| one.number > 0) {
                    self.flow.steps.push(At { context, extension, priority });
                }
            }
            self.extensions.push(firsts);
        }
        self.flow.contexts.push(narrow(self.flow.steps.len()));
        self.flow.traits = vec![Traits::default(); self.flow.steps.len()];
    }

    fn add(&mut self, number: usize) {
        self.flow.offsets.push(narrow(self.flow.edges.len()));
        let step = self.flow.step(self.subject, number);
        let name = self.subject.bytes(step.priority.application).trim_ascii_end();
        let known = self.known(name);
        let data = self.subject.bytes(step.priority.data);
        if known.is_program || is_dynamic(name) {
            self.open(number, None, Which::Labelled);
        }
        if known.names_places {
            self.add_places(number, step, name, data);
        }
        if name.eq_ignore_ascii_case(b"Set") {
            self.add_assigned(number, step, data);
        }
        if let Some(behaviour) = known.behaviour {
            self.add_behaviour(number, behaviour);
        }
        if known.behaviour.is_none_or(goes_on) {
            self.add_next(number, step);
        }
        let joins = self.flow.blocks.joins(number).to_vec();
        for to in joins {
            self.edge(to as usize, Way::Branch);
        }
    }

    fn add_behaviour(&mut self, number: usize, behaviour: &Behaviour) {
        use behaviour::Flow as Goes;
        let traits = &mut self.flow.traits[number];
        if takes_time(behaviour) {
            traits.add(Trait::TakesTime);
        }
        if behaviour.digits == Digits::Extension {
            traits.add(Trait::Collects);
        }
        let is_return = matches!(behaviour.block, Some(Block::Return | Block::MacroExit));
        if behaviour.flow == Goes::Ends || is_return {
            traits.add(Trait::Ends);
        }
        if behaviour.flow == Goes::MayEnd {
            traits.add(Trait::MayEnd);
        }
    }

    /// The step after this one, wherever Asterisk finds it.
    fn add_next(&mut self, number: usize, step: Step<'a>) {
        let next = step.priority.number.saturating_add(1);
        let own = self.flow.steps.get(number + 1).filter(|at| {
            let own = self.flow.steps[number];
            (at.context, at.extension) == (own.context, own.extension)
        });
        if own.is_some() && self.flow.step(self.subject, number + 1).priority.number == next {
            self.edge(number + 1, Way::Next);
            return;
        }
        let is_wait = self.is(step, "WaitExten");
        let language = Language::new(&step.extension.key.pattern);
        let context = self.flow.steps[number].context as usize;
        let Some(channels) = self.channels[context].clone() else {
            self.open(number, None, Which::All);
            return;
        };
        for channel in channels {
            match self.subject.resolve_priority(channel, &language, next) {
                Resolution::Found(step) => {
                    self.flow.traits[number].add(Trait::GoesElsewhere);
                    self.edge(self.number_of(step), Way::Next);
                }
                Resolution::Unknown => self.open(number, Some(channel), Which::All),
                _ if is_wait => self.add_timeout(number, channel),
                _ => self.flow.traits[number].add(Trait::FallsOff),
            }
        }
    }

    /// Where `WaitExten` goes if there is no step after it.
    fn add_timeout(&mut self, number: usize, channel: usize) {
        for name in [b"t", b"e"] {
            match self.subject.resolve_priority(channel, &Language::exactly(name), 1) {
                Resolution::Found(step) => {
                    self.edge(self.number_of(step), Way::Timeout);
                    return;
                }
                Resolution::Unknown => {
                    self.open(number, Some(channel), Which::First);
                    return;
                }
                _ => {}
            }
        }
        self.flow.traits[number].add(Trait::FallsOff);
    }

    fn add_places(&mut self, number: usize, step: Step<'a>, name: &[u8], data: &[u8]) {
        let version = Version::newest();
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
    fn add_assigned(&mut self, number: usize, step: Step<'a>, data: &[u8]) {
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
        if known.is_program || is_dynamic(name) {
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
                    for channel in self.channels[own].clone().unwrap_or_default() {
                        self.typed(number, Some(channel));
                    }
                }
                _ => self.typed(number, None),
            }
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
            match self.subject.resolve_in(channel, step, asked) {
                Resolution::Found(to) => {
                    is_found = true;
                    self.edge(self.number_of(to), way);
                }
                Resolution::Unknown => {
                    is_found = true;
                    self.open(number, Some(channel), which);
                }
                Resolution::NoExtension => is_found |= self.add_invalid(number, channel, way),
                _ => {}
            }
        }
        if !is_found && matches!(way, Way::Jump | Way::Branch) {
            self.flow.traits[number].add(Trait::Misses);
        }
    }

    /// A jump to an extension that is not there goes to `i`, or else to `e`; whether there is one.
    fn add_invalid(&mut self, number: usize, channel: usize, way: Way) -> bool {
        let handlers = [b"i", b"e"].into_iter();
        let found = handlers
            .map(|name| self.subject.resolve_priority(channel, &Language::exactly(name), 1));
        let found = found.into_iter().find_map(|one| match one {
            Resolution::Found(step) => Some(step),
            _ => None,
        });
        if let Some(step) = found {
            self.edge(self.number_of(step), way);
        }
        found.is_some()
    }

    /// The caller chooses an extension of this context by keys; none if that is unknown.
    fn typed(&mut self, number: usize, context: Option<usize>) {
        let context = context.map(narrow);
        self.flow.open.push(Open { from: narrow(number), context, which: Which::First });
    }

    fn open(&mut self, number: usize, context: Option<usize>, which: Which) {
        self.flow.traits[number].add(Trait::Open);
        let context = context.map(narrow);
        self.flow.open.push(Open { from: narrow(number), context, which });
    }

    fn edge(&mut self, to: usize, way: Way) {
        let edge = Edge { to: narrow(to), way };
        let from = self.flow.offsets[self.flow.offsets.len() - 1] as usize;
        if !self.flow.edges[from..].contains(&edge) {
            self.flow.edges.push(edge);
        }
    }

    fn number_of(&self, step: Step<'_>) -> usize {
        let Step { context, extension, priority, .. } = step;
        let name = self.subject.bytes(context.name);
        let at = self.subject.context_number(name).expect("a step stands in a context");
        let extensions = &self.subject.dialplan.contexts[at].extensions;
        let extension_at = extensions.partition_point(|one| one.key < extension.key);
        let numbers = extension.priorities.iter().filter(|one| one.number > 0);
        let before = numbers.take_while(|one| one.number < priority.number).count();
        self.extensions[at][extension_at] as usize + before
    }

    fn is(&self, step: Step<'_>, name: &str) -> bool {
        let application = self.subject.bytes(step.priority.application).trim_ascii_end();
        application.eq_ignore_ascii_case(name.as_bytes())
    }

    fn known(&mut self, name: &'a [u8]) -> Known {
        if let Some(&known) = self.known.get(name) {
            return known;
        }
        let known = self.known_for(name);
        self.known.insert(name, known);
        known
    }

    fn known_for(&self, name: &[u8]) -> Known {
        if let Some(&known) = self.known.get(name) {
            return known;
        }
        let programs = ["AGI", "EAGI", "DeadAGI", "ExternalIVR", "Stasis", "MYSQL"];
        Known {
            behaviour: behaviour::behaviour(name),
            names_places: target::names_places(name),
            is_program: programs.iter().any(|one| name.eq_ignore_ascii_case(one.as_bytes())),
        }
    }
}

/// Whether a call can go on at the next priority after an application.
fn goes_on(behaviour: &Behaviour) -> bool {
    use behaviour::Flow as Goes;
    matches!(behaviour.flow, Goes::Continues | Goes::MayLeave | Goes::MayEnd)
}

fn takes_time(behaviour: &Behaviour) -> bool {
    let speaks = ["Say", "Playtones", "Festival", "MP3Player", "DateTime", "SendDTMF", "Morsecode"];
    let is_spoken = speaks.iter().any(|one| behaviour.name.starts_with(one));
    behaviour.waits || !behaviour.sounds.is_empty() || is_spoken
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

fn narrow(number: usize) -> u32 {
    u32::try_from(number).expect("files are shorter than 4 GiB")
}
