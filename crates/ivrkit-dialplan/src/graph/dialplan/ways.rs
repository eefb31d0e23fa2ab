//! How a call moves from node to node.

use super::{
    Builder, Key, NodeKind, condition,
    run::{goes_on, next_of},
    text,
};
use crate::{
    application::{
        arguments,
        behaviour::{Block, Flow},
        target::{Form, Role},
    },
    graph::{EdgeKind, LineKind},
    lint::{Call, Jump, Resolution, Step, Target, TypedInto, jumps, shown, typed_into},
};
use std::collections::{BTreeMap, BTreeSet};

/// Most extensions that edges lead to from where they are typed; more are led to from one node.
const MAX_KEYS: usize = 12;
/// Most nodes that call a subroutine along edges; of more, the lines say it.
const MAX_CALLERS: usize = 4;
/// Most nodes that edges lead from to what runs when the call ends.
const MAX_ENDS: usize = 6;

impl<'a> Builder<'a> {
    /// Adds the edges of all steps, and says at the nodes where calls end.
    pub(super) fn add_ways(&mut self) {
        let keys: BTreeSet<Key> = self.spots.keys().copied().collect();
        let mut ends: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for key in keys {
            let step = self.step(key);
            let from = self.spots[&key].node;
            self.add_jumps(from, key, step);
            self.add_keys(from, key, step);
            if self.add_end(from, step) {
                ends.entry(key.context).or_default().insert(from);
            }
        }
        self.add_hangups(&ends);
        self.leave_out_busy_calls();
    }

    fn step(&self, key: Key) -> Step<'a> {
        let extension = self.extension(key);
        let at = extension.priorities.binary_search_by_key(&key.priority, |one| one.number);
        let priority = &extension.priorities[at.expect("it is a step of the extension")];
        Step { subject: self.subject, context: self.context(key.context), extension, priority }
    }

    fn add_jumps(&mut self, from: usize, key: Key, step: Step<'a>) {
        for call in step.calls() {
            let found = jumps(&call);
            let both = |wanted| found.iter().any(|one| is_branch(one, wanted));
            let has_other = both(true) && both(false);
            for jump in &found {
                if let Some((kind, label)) = self.way(step, &call, jump, has_other) {
                    self.add_jump(from, key, jump, kind, &label);
                }
            }
        }
    }

    /// How a call gets to a place, and in which words; nothing for what is drawn otherwise.
    fn way(
        &self,
        step: Step<'_>,
        call: &Call<'_>,
        jump: &Jump<'_>,
        has_other: bool,
    ) -> Option<(EdgeKind, String)> {
        let words = |when| {
            if self.texts.is_secret(step) {
                return "on a condition".to_owned();
            }
            condition::words(call, when, has_other)
        };
        let name = shown(call.meant());
        Some(match jump.role() {
            Role::Jump => (EdgeKind::Jump, String::new()),
            Role::Branch { when } => (EdgeKind::Jump, words(when)),
            Role::Subroutine | Role::Macro => (EdgeKind::Call, name),
            Role::SubroutineBranch { when } | Role::MacroBranch { when } => {
                (EdgeKind::Call, words(when))
            }
            Role::PeerSubroutine => (EdgeKind::Call, format!("{name}: the called side")),
            Role::PeerGoesOn => (EdgeKind::Jump, format!("{name}: the called side, later")),
            Role::Both => (EdgeKind::Jump, format!("{name}: both sides")),
            Role::Exit => (EdgeKind::Key, format!("a key in {name}")),
            Role::ComeBack => (EdgeKind::Timeout, format!("comes back from {name}")),
            Role::OtherCall => (EdgeKind::Moved, format!("{name}: another call")),
            Role::NewCall => (EdgeKind::Moved, format!("{name}: a new call")),
            Role::Handler => (EdgeKind::End, "when the call ends".to_owned()),
            Role::Digits | Role::Question => return None,
        })
    }

    fn add_jump(&mut self, from: usize, own: Key, jump: &Jump<'_>, kind: EdgeKind, label: &str) {
        let to = match jump.resolution() {
            Resolution::Found(step) => self.node_of(step),
            Resolution::Unknown => self.unknown(own, jump),
            // Whether they are there is theirs to know.
            _ if matches!(jump.role(), Role::Exit | Role::ComeBack) => None,
            Resolution::NoContext => Some(self.missing(own, jump, "there is no such context")),
            Resolution::NoExtension => Some(self.missing(own, jump, "there is no such extension")),
            Resolution::NoPriority => Some(self.missing(own, jump, "there is no such priority")),
            Resolution::NoLabel => Some(self.missing(own, jump, "there is no such label")),
        };
        let Some(to) = to else { return };
        self.graph.connect(from, to, kind, label);
    }

    fn node_of(&self, step: Step<'_>) -> Option<usize> {
        let key = self.runs.represented(Key::of(step)?);
        self.spots.get(&key).map(|spot| spot.node)
    }

    /// Where a jump leads of which the files do not say all.
    fn unknown(&mut self, own: Key, jump: &Jump<'_>) -> Option<usize> {
        if matches!(jump.role(), Role::Exit | Role::ComeBack) {
            return None;
        }
        let [context, exten, _] = jump.parts();
        let context = context.map(<[u8]>::trim_ascii).filter(|context| !context.is_empty());
        if jump.form() == Form::Context && context.is_none() {
            return None;
        }
        let is_dynamic = |part: &[u8]| part.windows(2).any(|two| two == b"${" || two == b"$[");
        let number = match context {
            None => Some(own.context),
            Some(context) => self.subject.context_number(context),
        };
        if let Some(number) = number
            && exten.is_none_or(is_dynamic)
        {
            return Some(self.dialled(number));
        }
        let title = written(jump);
        let why = match context {
            Some(context) if !is_dynamic(context) && number.is_none() => "not in these files",
            _ => "known at run time only",
        };
        let is_secret = self.texts.is_secret(self.step(own));
        let title = if is_secret { b"somewhere".to_vec() } else { title };
        Some(self.absent(own.context, NodeKind::Outside, &title, why))
    }

    fn missing(&mut self, own: Key, jump: &Jump<'_>, why: &str) -> usize {
        if self.texts.is_secret(self.step(own)) {
            return self.absent(own.context, NodeKind::Missing, b"somewhere", why);
        }
        let mut title = written(jump);
        // Without its context and extension the same words mean other places elsewhere.
        let [context, exten, _] = jump.parts();
        if exten.is_none() {
            let own = self.subject.bytes(self.step(own).priority.name);
            title = [own, b",", &title].concat();
        }
        if context.is_none() {
            let own = self.subject.bytes(self.context(own.context).name);
            title = [own, b",", &title].concat();
        }
        self.absent(own.context, NodeKind::Missing, &title, why)
    }

    /// Where keys lead that are typed at a step.
    fn add_keys(&mut self, from: usize, own: Key, step: Step<'a>) {
        let context = match typed_into(step) {
            None => return,
            Some(TypedInto::Current) => own.context,
            Some(TypedInto::Named(name)) => {
                let Some(context) = self.subject.context_number(name) else {
                    let to =
                        self.absent(own.context, NodeKind::Outside, name, "not in these files");
                    self.graph.connect(from, to, EdgeKind::Key, "keys");
                    return;
                };
                context
            }
        };
        let runs = self.dialled_runs(context);
        let has_includes = !self.context(context).includes.is_empty();
        if runs.len() > MAX_KEYS || has_includes {
            let to = self.dialled(context);
            self.graph.connect(from, to, EdgeKind::Key, "keys");
        } else {
            for to in runs {
                let title = &self.graph.nodes[to].title;
                let word = if title.len() == 1 { "key" } else { "keys" };
                let label = format!("{word} {title}");
                self.graph.connect(from, to, EdgeKind::Key, label);
            }
        }
        self.add_wrong_keys(from, context, step);
    }

    fn add_wrong_keys(&mut self, from: usize, context: usize, step: Step<'a>) {
        match self.handler(context, step, b"i") {
            Resolution::Found(to) => {
                if let Some(to) = self.node_of(to) {
                    self.graph.connect(from, to, EdgeKind::Wrong, "other keys");
                }
            }
            Resolution::Unknown => {}
            _ => self.note(from, "other keys: the call ends"),
        }
    }

    fn handler(&self, context: usize, step: Step<'a>, name: &[u8]) -> Resolution<'a> {
        let context = self.subject.bytes(self.context(context).name);
        let target = Target { context: Some(context), exten: Some(name), priority: b"1" };
        self.subject.resolve(step, target)
    }

    /// Where a call goes on after a step; says whether it may end there.
    fn add_end(&mut self, from: usize, step: Step<'a>) -> bool {
        let call = step.calls().next();
        let flow = call.and_then(|call| call.behaviour).map(|behaviour| behaviour.flow);
        let is_return = matches!(text::block(step), Some(Block::Return | Block::MacroExit));
        if flow == Some(Flow::Ends) && !is_return {
            return true;
        }
        if !goes_on(step) || is_return {
            return false;
        }
        match next_of(step) {
            Resolution::Found(next) => {
                let to = self.node_of(next);
                if let Some(to) = to.filter(|&to| to != from || !follows(step, next)) {
                    self.graph.connect(from, to, EdgeKind::Next, next_label(step));
                }
                false
            }
            Resolution::Unknown => false,
            _ => match call.filter(|call| call.is("WaitExten")) {
                Some(call) => self.add_timeout(from, step, &call),
                None => self.falls_off(from, step),
            },
        }
    }

    fn falls_off(&mut self, from: usize, step: Step<'_>) -> bool {
        let name = step.extension.key.pattern.name();
        let is_macro = self.subject.bytes(step.context.name).starts_with(b"macro-");
        if matches!(name, b"h") || is_macro {
            return false;
        }
        self.note(from, "no step left: the call ends");
        true
    }

    /// Where `WaitExten` goes if there is no step after it; says whether the call ends.
    fn add_timeout(&mut self, from: usize, step: Step<'a>, call: &Call<'_>) -> bool {
        let silence = silence(call);
        for name in [b"t", b"e"] {
            let target = Target { context: None, exten: Some(name), priority: b"1" };
            match self.subject.resolve(step, target) {
                Resolution::Found(to) => {
                    if let Some(to) = self.node_of(to) {
                        self.graph.connect(from, to, EdgeKind::Timeout, silence);
                    }
                    return false;
                }
                Resolution::Unknown => return false,
                _ => {}
            }
        }
        self.note(from, &format!("{silence}: the call ends"));
        true
    }

    fn note(&mut self, node: usize, text: &str) {
        if self.graph.nodes[node].lines.iter().all(|line| line.text != text) {
            self.graph.nodes[node].line(LineKind::Note, text);
        }
    }

    /// Joins where calls end with what runs then.
    fn add_hangups(&mut self, ends: &BTreeMap<usize, BTreeSet<usize>>) {
        for (&context, nodes) in ends {
            let Some(&first) = nodes.first() else { continue };
            let Some(key) = self.spots.iter().find(|(_, spot)| spot.node == first) else {
                continue;
            };
            let step = self.step(*key.0);
            let Resolution::Found(handler) = self.handler(context, step, b"h") else {
                continue;
            };
            let Some(to) = self.node_of(handler).filter(|_| nodes.len() <= MAX_ENDS) else {
                continue;
            };
            for &from in nodes.iter().filter(|&&from| from != to) {
                self.graph.connect(from, to, EdgeKind::End, "the call ends");
            }
        }
    }

    /// Subroutines that everybody calls would cover all else with their edges.
    fn leave_out_busy_calls(&mut self) {
        let mut callers: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for edge in self.graph.edges.iter().filter(|edge| edge.kind == EdgeKind::Call) {
            callers.entry(edge.to).or_default().insert(edge.from);
        }
        callers.retain(|_, callers| callers.len() > MAX_CALLERS);
        for (&node, callers) in &callers {
            self.note(node, &format!("called from {} places", callers.len()));
        }
        let edges = &mut self.graph.edges;
        edges.retain(|edge| edge.kind != EdgeKind::Call || !callers.contains_key(&edge.to));
    }
}

fn is_branch(jump: &Jump<'_>, wanted: bool) -> bool {
    matches!(
        jump.role(),
        Role::Branch { when } | Role::SubroutineBranch { when } | Role::MacroBranch { when }
            if when == wanted
    )
}

/// The parts of a place that are written.
fn written(jump: &Jump<'_>) -> Vec<u8> {
    let parts = jump.parts().into_iter().flatten().map(<[u8]>::trim_ascii);
    parts.collect::<Vec<_>>().join(&b","[..])
}

/// Whether a step is the next one of the same extension.
fn follows(step: Step<'_>, next: Step<'_>) -> bool {
    step.extension.key == next.extension.key && step.priority.number + 1 == next.priority.number
}

/// What it takes to go on to the next run.
fn next_label(step: Step<'_>) -> String {
    match step.calls().next() {
        Some(call) if call.is("WaitExten") => silence(&call),
        Some(call) if call.is("GotoIf") || call.is("GotoIfTime") => "else".to_owned(),
        _ => String::new(),
    }
}

fn silence(call: &Call<'_>) -> String {
    let data = call.data();
    let first = arguments::split(data, arguments::Text::Source).into_iter().next();
    match first.map(|range| shown(data[range].trim_ascii())) {
        Some(seconds) if !seconds.is_empty() => format!("no key for {seconds} s"),
        _ => "no key in time".to_owned(),
    }
}
