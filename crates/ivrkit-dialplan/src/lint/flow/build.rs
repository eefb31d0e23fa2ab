//! Makes the graph: one look at each step.

use super::{At, Blocks, Edge, Flow, Open, Trait, Traits, Way, Which};
use crate::{
    application::{
        Version,
        arguments::Text,
        behaviour::{self, Behaviour, Block, Digits},
        target::{self, Condition, Part, Role},
    },
    dialplan::{Extension, pattern::Language},
    lint::{
        Resolution, Step, Subject, Target,
        target::{Look, is_dynamic},
    },
    syntax::narrow,
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
    /// Steps that go on at a step of another extension, which lacks the priority before it: from
    /// which to which, in order.
    joined: Vec<(u32, u32)>,
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
            closed_loops: OnceLock::new(),
            has_unknown_extensions: false,
        };
        let channels = (0..count).map(|context| subject.index().channels(context)).collect();
        let extensions = Vec::with_capacity(count);
        let (known, joined) = (HashMap::new(), Vec::new());
        let mut builder = Builder { subject, flow, extensions, known, joined, channels };
        builder.number();
        builder.join();
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

    /// A step without one before it in its extension takes calls over from all extensions that
    /// have the priority before it and a string in common with its own.
    fn join(&mut self) {
        /// Most extensions that a step takes calls over from.
        const MOST: usize = 64;
        let subject = self.subject;
        let mut joined = Vec::new();
        for number in 0..self.flow.len() {
            let step = self.flow.step(subject, number);
            let before = step.priority.number - 1;
            if before < 1 || self.flow.follows_own(subject, number) {
                continue;
            }
            let own = self.flow.steps[number].context as usize;
            let language = Language::new(&step.extension.key.pattern);
            for &channel in self.channels[own].iter().flatten() {
                let mut left = MOST;
                subject.index().search(subject, channel, &language, &mut |look| {
                    if let Look::Extension(context, extension) = look
                        && let Some(from) = self.step_of(context, extension, before)
                    {
                        joined.push((narrow(from), narrow(number)));
                        left -= 1;
                    }
                    left > 0
                });
            }
        }
        joined.sort_unstable();
        joined.dedup();
        self.joined = joined;
    }

    fn add(&mut self, number: usize) {
        self.flow.offsets.push(narrow(self.flow.edges.len()));
        let step = self.flow.step(self.subject, number);
        let name = self.subject.bytes(step.priority.application).trim_ascii_end();
        let known = self.known(name);
        let data = self.subject.bytes(step.priority.data);
        if known.is_program || is_dynamic(name) {
            self.flow.has_unknown_extensions = true;
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
        if known.behaviour.is_none_or(goes_on)
            && !always_leaves(name, data, self.subject.settings.version)
        {
            self.add_next(number, step);
            let first = self.joined.partition_point(|&(from, _)| (from as usize) < number);
            let others = self.joined[first..].iter().take_while(|one| one.0 as usize == number);
            for to in others.map(|&(_, to)| to as usize).collect::<Vec<_>>() {
                self.edge(to, Way::Next);
            }
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
        let Some(next) = step.priority.number.checked_add(1) else {
            self.flow.traits[number].add(Trait::FallsOff);
            return;
        };
        let own = self.flow.steps.get(number + 1).filter(|at| {
            let own = self.flow.steps[number];
            (at.context, at.extension) == (own.context, own.extension)
        });
        if own.is_some() && self.flow.step(self.subject, number + 1).priority.number == next {
            self.edge(number + 1, Way::Next);
            return;
        }
        let is_wait = self.is(step, "WaitExten");
        let own = self.flow.steps[number];
        let Some(channels) = self.channels[own.context as usize].clone() else {
            self.open(number, None, Which::All);
            return;
        };
        let language = Language::new(&step.extension.key.pattern);
        for channel in channels {
            match self.next_elsewhere(channel, own, &language, next) {
                Some(Look::Extension(context, extension)) => {
                    let to = self.step_of(context, extension, next).expect("it has such a step");
                    let extension = &self.subject.dialplan.contexts[context].extensions[extension];
                    self.flow.traits[number].add(Trait::GoesElsewhere);
                    self.edge(to, Way::Next);
                    if !Language::new(&extension.key.pattern).covers(&language) {
                        self.flow.traits[number].add(Trait::FallsOff);
                    }
                }
                Some(Look::Unknown) => self.open(number, Some(channel), Which::All),
                None if is_wait => self.add_timeout(number, channel),
                None => self.flow.traits[number].add(Trait::FallsOff),
            }
        }
    }

    /// The extension that goes on with a priority that this one lacks.
    fn next_elsewhere(
        &self,
        channel: usize,
        own: At,
        language: &Language,
        next: i32,
    ) -> Option<Look> {
        let has = |extension: &Extension, number: i32| {
            extension.priorities.binary_search_by_key(&number, |one| one.number).is_ok()
        };
        let mut found = None;
        self.subject.index().search(self.subject, channel, language, &mut |look| {
            let is_it = match look {
                Look::Unknown => true,
                Look::Extension(context, at) => {
                    let extension = &self.subject.dialplan.contexts[context].extensions[at];
                    // What goes before this one would have had the call already.
                    let is_before = context == own.context as usize && at < own.extension as usize;
                    has(extension, next) && !(is_before && has(extension, next - 1))
                }
            };
            if is_it {
                found = Some(look);
            }
            !is_it
        });
        let is_complete = self.subject.index().is_complete();
        found.or_else(|| (!is_complete).then_some(Look::Unknown))
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
            match self.subject.resolve_in(channel, step, asked) {
                Resolution::Found(to) => {
                    is_found = true;
                    self.edge(self.number_of(to), way);
                }
                Resolution::Unknown => {
                    is_found = true;
                    self.open(number, Some(channel), which);
                }
                Resolution::NoExtension => is_found |= self.add_invalid(channel, way),
                _ => {}
            }
        }
        if !is_found && matches!(way, Way::Jump | Way::Branch) {
            self.flow.traits[number].add(Trait::Misses);
        }
    }

    /// A jump to an extension that is not there goes to `i`, or else to `e`; whether there is one.
    fn add_invalid(&mut self, channel: usize, way: Way) -> bool {
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

    /// The step of that priority of an extension.
    fn step_of(&self, context: usize, extension: usize, priority: i32) -> Option<usize> {
        let priorities = &self.subject.dialplan.contexts[context].extensions[extension].priorities;
        let at = priorities.binary_search_by_key(&priority, |one| one.number).ok()?;
        // Hints stand before all steps, and are none.
        let hints = priorities.partition_point(|one| one.number < 1);
        Some(self.extensions[context][extension] as usize + at - hints)
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

/// Whether a condition leads elsewhere both when it is true and when it is false. A target that is
/// empty at run time leads on.
fn always_leaves(name: &[u8], data: &[u8], version: Version) -> bool {
    if !name.eq_ignore_ascii_case(b"GotoIf") && !name.eq_ignore_ascii_case(b"GotoIfTime") {
        return false;
    }
    let targets = target::targets(name, data, version, Text::Source);
    let is_sure = |target: &&target::Target| !is_dynamic(&data[target.whole.clone()]);
    targets.iter().filter(is_sure).count() == 2
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
