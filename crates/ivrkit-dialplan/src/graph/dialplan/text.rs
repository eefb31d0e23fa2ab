//! What is shown of extensions and steps. No secret is.

use super::run::steps;
use crate::{
    application::{arguments, behaviour::Block},
    dialplan::Extension,
    graph::{Line, LineKind, Node, NodeKind},
    lint::{Call, Step, Subject, shown},
    syntax::Place,
};
use std::collections::HashSet;

/// Longest title, in characters.
pub(super) const MAX_TITLE: usize = 48;
/// Longest line, in characters.
const MAX_LINE: usize = 64;
/// How many names of extensions that do the same are shown.
const MAX_NAMES: usize = 6;
/// What stands for a secret.
const STARS: &str = "****";

/// The texts of a dialplan.
pub(super) struct Texts<'a> {
    subject: &'a Subject<'a>,
    /// The lines that hold a secret.
    secret: HashSet<Place>,
}

impl<'a> Texts<'a> {
    pub(super) fn new(subject: &'a Subject<'a>, secrets: &[Place]) -> Self {
        let is_in = |line: Place, secret: &Place| {
            line.file == secret.file && line.start <= secret.start && secret.start <= line.end
        };
        let lines = subject.steps().map(|step| step.priority.place);
        let secret = lines.filter(|&line| secrets.iter().any(|secret| is_in(line, secret)));
        Self { subject, secret: secret.collect() }
    }

    /// Whether a step's line holds a secret.
    pub(super) fn is_secret(&self, step: Step<'_>) -> bool {
        self.secret.contains(&step.priority.place)
    }

    /// The node of a run that begins with a step.
    pub(super) fn node(&self, step: Step<'a>, is_first: bool, alike: &[usize]) -> Node {
        let extensions = alike.iter().map(|&at| &step.context.extensions[at]);
        let name = self.names(&extensions.collect::<Vec<_>>());
        let handler = handler(step.extension.key.pattern.name());
        if is_first {
            let is_event = handler.is_some() && step.extension.key.pattern.name() != b"s";
            let kind = if is_event { NodeKind::Handler } else { NodeKind::Steps };
            let mut node = Node::new(kind, name);
            node.subtitle = match alike.len() {
                1 => handler.map(str::to_owned),
                count => Some(format!("{count} extensions that do the same")),
            };
            return node;
        }
        let label = step.priority.label.map(|label| self.subject.shown(label));
        let begin = label.unwrap_or_else(|| format!("step {}", step.priority.number));
        Node::new(NodeKind::Steps, cut(&format!("{name}, {begin}"), MAX_TITLE))
    }

    fn names(&self, extensions: &[&Extension]) -> String {
        let mut shown_names: Vec<String> =
            extensions.iter().take(MAX_NAMES).map(|one| self.name(one)).collect();
        if extensions.len() > MAX_NAMES {
            shown_names.push("…".to_owned());
        }
        shown_names.join(", ")
    }

    fn name(&self, extension: &Extension) -> String {
        let first = steps(extension).next().unwrap_or(&extension.priorities[0]);
        let name = self.subject.shown(first.name);
        match &extension.key.caller {
            Some(caller) => format!("{name} from {}", shown(caller.compared())),
            None => name,
        }
    }

    /// A step as a line of its node.
    pub(super) fn line(&self, step: Step<'_>) -> Line {
        let line =
            |kind, text: String| Line { kind, text: cut(&text, MAX_LINE), is_on_path: false };
        let Some(call) = step.calls().next() else { return line(LineKind::Step, String::new()) };
        let name = shown(call.meant());
        if self.is_secret(step) {
            return line(LineKind::Step, format!("{name}({STARS})"));
        }
        if let Some(prompts) = prompts(&call) {
            return line(LineKind::Prompt, format!("{name}: {prompts}"));
        }
        line(LineKind::Step, format!("{name}({})", shown(call.data())))
    }
}

/// The sounds that a call is there to play, without their folders.
fn prompts(call: &Call<'_>) -> Option<String> {
    if !["Background", "Playback", "ControlPlayback", "BackgroundDetect"]
        .iter()
        .any(|one| call.is(one))
    {
        return None;
    }
    let ranges = call.behaviour?.sounds(call.data(), call.version(), arguments::Text::Source);
    let names = ranges.into_iter().map(|range| {
        let name = &call.data()[range];
        // A slash within `${...}` ends no folder.
        let brace = name.iter().position(|&byte| byte == b'{').unwrap_or(name.len());
        let folder = name[..brace].iter().rposition(|&byte| byte == b'/').map_or(0, |at| at + 1);
        shown(&name[folder..])
    });
    let names: Vec<_> = names.collect();
    (!names.is_empty()).then(|| names.join(" & "))
}

/// Whether a step begins, divides or ends a block.
pub(super) fn block(step: Step<'_>) -> Option<Block> {
    step.calls().next()?.behaviour?.block
}

/// What an extension is that Asterisk looks for itself.
pub(super) fn handler(name: &[u8]) -> Option<&'static str> {
    Some(match name {
        b"s" => "calls without a number",
        b"i" => "what nobody expects",
        b"t" => "no key in time",
        b"T" => "the call lasts too long",
        b"h" => "when the call ends",
        b"e" => "an error, or no handler for one",
        b"o" => "key 0 in voicemail",
        b"a" => "key * in voicemail",
        b"fax" => "a fax calls",
        _ => return None,
    })
}

/// A text of at most so many characters, with `…` for what is left out.
pub(super) fn cut(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some(_) => text.chars().take(max - 1).chain(['…']).collect(),
    }
}
