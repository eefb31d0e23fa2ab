//! Makes the graph: one look at each step.

mod next;
mod places;

use super::{At, Blocks, Edge, Flow, Open, Trait, Traits, Way, Which};
use crate::{
    application::{
        Version,
        arguments::Text,
        behaviour::{self, Behaviour, Block, Digits},
        target,
    },
    lint::{Resolution, Step, Subject, target::is_dynamic},
    syntax::narrow,
};
use hashbrown::HashMap;
use std::sync::OnceLock;

/// What is known of an application by its name.
#[derive(Debug, Clone, Copy)]
struct Known {
    behaviour: Option<&'static Behaviour>,
    names_places: bool,
    /// Whether it plays something, or waits.
    takes_time: bool,
    /// Whether it steers calls from outside of the dialplan, or is known at run time only.
    leads_anywhere: bool,
}

struct Builder<'a> {
    subject: &'a Subject<'a>,
    flow: Flow,
    /// The first step of each extension of each context.
    extensions: Vec<Vec<u32>>,
    known: HashMap<&'a [u8], Known>,
    /// Where the first step is of extensions that applications imply, such as `a` and `h`.
    implied: HashMap<(usize, &'static str), Resolution<'a>>,
    /// Where a jump goes in a context to an extension that is not there.
    invalid: HashMap<usize, Option<usize>>,
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
        let mut builder = Builder {
            subject,
            flow,
            extensions,
            known: HashMap::new(),
            implied: HashMap::new(),
            invalid: HashMap::new(),
            joined: Vec::new(),
            channels,
        };
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

    fn add(&mut self, number: usize) {
        self.flow.offsets.push(narrow(self.flow.edges.len()));
        let step = self.flow.step(self.subject, number);
        let name = self.subject.bytes(step.priority.application).trim_ascii_end();
        let known = self.known(name);
        let data = self.subject.bytes(step.priority.data);
        if known.leads_anywhere {
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
            self.add_behaviour(number, behaviour, known.takes_time);
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

    fn add_behaviour(&mut self, number: usize, behaviour: &Behaviour, takes_time: bool) {
        use behaviour::Flow as Goes;
        let traits = &mut self.flow.traits[number];
        if takes_time {
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
        let contexts = &self.subject.dialplan.contexts;
        let at = place_in(contexts, context).expect("a step stands in a context");
        let extension_at = place_in(&contexts[at].extensions, extension);
        let extension_at = extension_at.expect("a step stands in an extension of its context");
        let found = self.step_of(at, extension_at, priority.number);
        found.expect("a step is one of its extension")
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
        let behaviour = behaviour::behaviour(name);
        Known {
            behaviour,
            takes_time: behaviour.is_some_and(takes_time),
            names_places: target::names_places(name),
            leads_anywhere: is_dynamic(name)
                || programs.iter().any(|one| name.eq_ignore_ascii_case(one.as_bytes())),
        }
    }
}

/// Which item of a list this very one is: to compare names takes longer than to look where it is.
fn place_in<T>(all: &[T], one: &T) -> Option<usize> {
    let from_start = std::ptr::from_ref(one).addr().checked_sub(all.as_ptr().addr())?;
    let place = from_start / size_of::<T>();
    (place < all.len()).then_some(place)
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
