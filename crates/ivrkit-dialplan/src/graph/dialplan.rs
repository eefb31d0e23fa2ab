//! A dialplan as a graph: a node for each straight run of steps.
//!
//! A run begins with an extension, at a step that some jump names, or after a step that never goes
//! on. Extensions of one context that do exactly the same share their nodes. What is not known of a
//! jump leads to a node that says so.

mod condition;
mod refer;
mod run;
mod text;
mod ways;

use super::{EdgeKind, Graph, Group, Node, NodeKind, Spot, Visit};
use crate::{
    dialplan::{Context, Extension},
    lint::{self, Resolution, Step, Subject, Target},
    syntax::{Place, Text},
};
use run::Runs;
use std::collections::{BTreeMap, HashMap, HashSet};
use text::Texts;

/// A dialplan's graph, which knows where a step belongs.
#[derive(Debug)]
pub struct DialplanGraph<'a> {
    /// The graph; its groups are the contexts, in the order of the dialplan.
    pub graph: Graph,
    subject: &'a Subject<'a>,
    spots: HashMap<Key, Spot>,
    /// The lines of the steps with their nodes.
    places: Vec<(Place, usize)>,
}

/// Draws a dialplan. `secrets` are the places that nobody may show; `begin` is a context that calls
/// begin in, although nothing leads there.
pub fn of<'a>(
    subject: &'a Subject<'a>,
    title: &str,
    secrets: &[Place],
    begin: Option<&str>,
) -> DialplanGraph<'a> {
    let mut builder = Builder {
        subject,
        texts: Texts::new(subject, secrets),
        runs: Runs::new(subject),
        graph: Graph { title: title.to_owned(), ..Graph::default() },
        spots: HashMap::new(),
        dialled: BTreeMap::new(),
        outside: HashMap::new(),
        waiting: Vec::new(),
    };
    builder.add_nodes();
    let begin = begin.and_then(|name| subject.context_number(name.as_bytes()));
    builder.add_begins(begin);
    builder.add_ways();
    builder.add_dialled();
    builder.graph.bundle();
    refer::refer(&mut builder.graph);
    builder.finish()
}

/// A step: the places of its context and its extension, and its priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Key {
    context: usize,
    extension: usize,
    priority: i32,
}

struct Builder<'a> {
    subject: &'a Subject<'a>,
    texts: Texts<'a>,
    runs: Runs,
    graph: Graph,
    /// The steps of those extensions that stand for others too.
    spots: HashMap<Key, Spot>,
    /// The nodes in which a number finds its extension, by context.
    dialled: BTreeMap<usize, usize>,
    /// The nodes of what is not there, by the contexts that lead there and their titles.
    outside: HashMap<(usize, NodeKind, Vec<u8>), usize>,
    /// Contexts whose node for numbers is to be joined to their extensions.
    waiting: Vec<usize>,
}

impl DialplanGraph<'_> {
    /// What shows a step of a call.
    pub fn find(&self, visit: &Visit) -> Option<Spot> {
        let from = self.subject.steps().next()?;
        let priority = visit.priority.to_string();
        let target = Target {
            context: Some(visit.context.as_bytes()).filter(|context| !context.is_empty()),
            exten: Some(visit.exten.as_bytes()).filter(|exten| !exten.is_empty()),
            priority: priority.as_bytes(),
        };
        target.context.and(target.exten)?;
        let Resolution::Found(step) = self.subject.resolve(from, target) else { return None };
        self.spots.get(&Key::of(step)?).copied()
    }

    /// The node that has a place of the files.
    pub fn node_at(&self, place: Place) -> Option<usize> {
        let has = |line: &Place| {
            line.file == place.file && (line.start..=line.end).contains(&place.start)
        };
        self.places.iter().find(|(line, _)| has(line)).map(|&(_, node)| node)
    }

    /// The group of a context.
    pub fn group(&self, context: &str) -> Option<usize> {
        self.graph.groups.iter().position(|group| group.name == context)
    }
}

impl Key {
    fn of(step: Step<'_>) -> Option<Self> {
        let subject = step.subject;
        let context = subject.context_number(subject.bytes(step.context.name))?;
        let extensions = &step.context.extensions;
        let extension = extensions.partition_point(|one| one.key < step.extension.key);
        Some(Self { context, extension, priority: step.priority.number })
    }
}

impl<'a> Builder<'a> {
    fn context(&self, number: usize) -> &'a Context {
        &self.subject.dialplan.contexts[number]
    }

    fn extension(&self, key: Key) -> &'a Extension {
        &self.context(key.context).extensions[key.extension]
    }

    fn add_nodes(&mut self) {
        for (number, context) in self.subject.dialplan.contexts.iter().enumerate() {
            let name = self.subject.shown(context.name);
            self.graph.groups.push(Group { name });
            for at in self.runs.in_order(self.subject, number) {
                self.add_runs(number, at);
            }
        }
    }

    fn add_runs(&mut self, context: usize, extension: usize) {
        let key = |priority| Key { context, extension, priority };
        let own = self.extension(key(1));
        let mut node = None;
        let steps = own.priorities.iter().filter(|one| one.number > 0);
        for priority in steps {
            let step = Step {
                subject: self.subject,
                context: self.context(context),
                extension: own,
                priority,
            };
            let begins = self.runs.begins_at(key(priority.number));
            let node = match node {
                Some(node) if !begins => node,
                _ => {
                    let alike = self.runs.alike(context, extension);
                    let new = self.texts.node(step, node.is_none(), &alike);
                    *node.insert(self.graph.add(Node { group: Some(context), ..new }))
                }
            };
            let is_first = self.graph.nodes[node].lines.is_empty();
            let line = self.texts.line(step);
            self.graph.nodes[node].lines.push(line);
            if lint::typed_into(step).is_some() && self.graph.nodes[node].kind == NodeKind::Steps {
                self.graph.nodes[node].kind = NodeKind::Menu;
            }
            let line = Some(self.graph.nodes[node].lines.len() - 1);
            self.spots.insert(key(priority.number), Spot { node, line, is_first, by: None });
        }
    }

    /// Contexts that include others, and the one that calls begin in, take numbers.
    fn add_begins(&mut self, begin: Option<usize>) {
        for number in 0..self.subject.dialplan.contexts.len() {
            if begin == Some(number) || !self.context(number).includes.is_empty() {
                self.dialled(number);
            }
        }
    }

    /// The node in which a number finds its extension.
    fn dialled(&mut self, context: usize) -> usize {
        if let Some(&node) = self.dialled.get(&context) {
            return node;
        }
        let name = self.subject.shown(self.context(context).name);
        let mut node = Node::new(NodeKind::Dialled, format!("a number in {name}"));
        node.group = Some(context);
        let node = self.graph.add(node);
        self.dialled.insert(context, node);
        self.waiting.push(context);
        node
    }

    fn add_dialled(&mut self) {
        while let Some(context) = self.waiting.pop() {
            let from = self.dialled[&context];
            for to in self.dialled_runs(context) {
                self.graph.connect(from, to, EdgeKind::Key, "");
            }
            for include in &self.context(context).includes {
                let name = self.subject.bytes(include.context());
                let to = match self.subject.context_number(name) {
                    Some(included) => self.dialled(included),
                    None => self.absent(
                        context,
                        NodeKind::Outside,
                        name,
                        "a context that is not in these files",
                    ),
                };
                let times = self.included_when(include.text, include.name_bytes);
                self.graph.connect(from, to, EdgeKind::Include, times);
            }
        }
    }

    fn included_when(&self, text: Text, name_bytes: usize) -> String {
        let times = self.subject.bytes(text).get(name_bytes + 1..).unwrap_or_default();
        if times.is_empty() { "include".to_owned() } else { format!("at {}", lint::shown(times)) }
    }

    /// The first nodes of the extensions of a context that can be dialled.
    fn dialled_runs(&self, context: usize) -> Vec<usize> {
        let extensions = self.context(context).extensions.iter().enumerate();
        let dialled = extensions.filter(|(_, extension)| lint::is_dialled(extension));
        let mut seen = HashSet::new();
        let nodes = dialled.filter_map(|(extension, _)| {
            let extension = self.runs.representative(context, extension);
            self.spots.get(&Key { context, extension, priority: 1 }).map(|spot| spot.node)
        });
        let mut nodes: Vec<_> = nodes.filter(|&node| seen.insert(node)).collect();
        nodes.sort_unstable();
        nodes
    }

    /// The node of something that is not there; each context that leads there has its own.
    fn absent(&mut self, context: usize, kind: NodeKind, title: &[u8], why: &str) -> usize {
        let key = (context, kind, title.to_vec());
        if let Some(&node) = self.outside.get(&key) {
            return node;
        }
        let mut node = Node::new(kind, text::cut(&lint::shown(title), text::MAX_TITLE));
        node.subtitle = Some(why.to_owned());
        node.group = Some(context);
        let node = self.graph.add(node);
        self.outside.insert(key, node);
        node
    }

    fn finish(mut self) -> DialplanGraph<'a> {
        let mut places = Vec::new();
        for (number, context) in self.subject.dialplan.contexts.iter().enumerate() {
            for (extension, one) in context.extensions.iter().enumerate() {
                let representative = self.runs.representative(number, extension);
                for priority in &one.priorities {
                    let key =
                        |extension| Key { context: number, extension, priority: priority.number };
                    let Some(&spot) = self.spots.get(&key(representative)) else { continue };
                    self.spots.insert(key(extension), spot);
                    places.push((priority.place, spot.node));
                }
            }
        }
        DialplanGraph { graph: self.graph, subject: self.subject, spots: self.spots, places }
    }
}

#[cfg(test)]
mod tests;
