//! A scenario as a graph: a node for each IVR, and one for each hold.

use super::{EdgeKind, Graph, LineKind, Node, NodeKind, Spot, Visit};
use crate::scenario::{Entry, Ivr, Number, Scenario, Target};
use std::collections::BTreeMap;

/// A scenario's graph, which knows where a step of the rendered dialplan belongs.
#[derive(Debug)]
pub struct ScenarioGraph {
    /// The graph.
    pub graph: Graph,
    ivrs: BTreeMap<Number, usize>,
    holds: BTreeMap<Number, usize>,
    end: Option<usize>,
}

/// Draws a scenario.
pub fn of(scenario: &Scenario) -> ScenarioGraph {
    let graph = Graph { title: title(scenario), ..Graph::default() };
    let mut drawn =
        ScenarioGraph { graph, ivrs: BTreeMap::new(), holds: BTreeMap::new(), end: None };
    drawn.add_nodes(scenario);
    drawn.add_starts(scenario);
    for (number, ivr) in &scenario.ivrs {
        drawn.add_ways(number, ivr);
        if let Some(entry) = &ivr.entry {
            drawn.add_verdicts(scenario, number, ivr, entry);
        }
    }
    drawn.graph.bundle();
    drawn
}

fn title(scenario: &Scenario) -> String {
    match &scenario.description {
        Some(description) => format!("{}: {description}", scenario.name),
        None => scenario.name.clone(),
    }
}

impl ScenarioGraph {
    /// What shows a step of the rendered dialplan, see `templates/`.
    pub fn find(&self, visit: &Visit) -> Option<Spot> {
        let spot = |node| Some(Spot { node, line: None, is_first: false, by: None });
        let is_end = matches!(visit.exten.as_str(), "h" | "hangup");
        if is_end || visit.context.eq_ignore_ascii_case("always-Hangup") {
            return spot(self.end?);
        }
        let number = visit.context.strip_prefix("ivr_")?;
        let menu = number.strip_suffix("-menu");
        let number = Number::new(menu.unwrap_or(number))?;
        if menu.is_some() && visit.exten == "hold" {
            return spot(*self.holds.get(&number)?);
        }
        // The call is on its way to the beginning, as its next step shows.
        if menu.is_none() || visit.exten == "replay" {
            return None;
        }
        let is_first = (visit.exten.as_str(), visit.priority) == ("s", 1);
        let by = match visit.exten.as_str() {
            "t" => Some(EdgeKind::Timeout),
            "i" => Some(EdgeKind::Wrong),
            exten if exten.starts_with(|c: char| c.is_ascii_digit()) => Some(EdgeKind::Key),
            _ => None,
        };
        Some(Spot { node: *self.ivrs.get(&number)?, line: None, is_first, by })
    }

    /// What shows a context of the rendered dialplan.
    pub fn node_of_context(&self, context: &str) -> Option<usize> {
        let number = context.strip_prefix("ivr_")?;
        let number = Number::new(number.strip_suffix("-menu").unwrap_or(number))?;
        self.ivrs.get(&number).copied()
    }

    fn add_nodes(&mut self, scenario: &Scenario) {
        for (number, ivr) in &scenario.ivrs {
            let node = self.graph.add(ivr_node(scenario, number, ivr));
            self.ivrs.insert(number.clone(), node);
            if let Some(entry) = &ivr.entry {
                let node = self.graph.add(hold_node(scenario, entry));
                self.holds.insert(number.clone(), node);
            }
        }
    }

    fn add_starts(&mut self, scenario: &Scenario) {
        let starts = [("outbound", &scenario.calls.outbound), ("inbound", &scenario.calls.inbound)];
        for (way, number) in starts {
            let Some(&to) = number.as_ref().and_then(|number| self.ivrs.get(number)) else {
                continue;
            };
            let start = self.graph.add(Node::new(NodeKind::Start, format!("{way} call")));
            self.graph.connect(start, to, EdgeKind::Next, "");
        }
    }

    fn add_ways(&mut self, number: &Number, ivr: &Ivr) {
        let from = self.ivrs[number];
        for (keys, target) in &ivr.keys {
            let word = if keys.as_str().len() == 1 { "key" } else { "keys" };
            let label = format!("{word} {}", keys.as_str());
            self.connect(from, from, ivr, target, EdgeKind::Key, &label);
        }
        let times = if ivr.plays > 1 { format!(", {} times", ivr.plays) } else { String::new() };
        let silence = format!("no key for {} s{times}", ivr.wait_s);
        self.connect(from, from, ivr, &ivr.on_timeout, EdgeKind::Timeout, &silence);
        let wrong = if ivr.entry.is_some() { "wrong key or too short" } else { "wrong key" };
        self.connect(from, from, ivr, &ivr.on_wrong_key, EdgeKind::Wrong, wrong);
    }

    fn add_verdicts(&mut self, scenario: &Scenario, number: &Number, ivr: &Ivr, entry: &Entry) {
        let (from, hold) = (self.ivrs[number], self.holds[number]);
        let label = format!("{} and {}", digits(entry), entry.end_key.key());
        self.graph.connect(from, hold, EdgeKind::Key, label);
        let late = format!("no verdict within {} s", entry.hold.limit_s);
        self.connect(hold, from, ivr, &entry.on_no_verdict, EdgeKind::Timeout, &late);
        let Some(verification) = scenario.verifications.get(&entry.verify) else { return };
        self.connect(hold, from, ivr, &verification.on_match, EdgeKind::Right, "right code");
        if verification.on_unavailable != Target::Replay {
            let (target, label) = (&verification.on_unavailable, "look-up fails");
            self.connect(hold, from, ivr, target, EdgeKind::Timeout, label);
        }
        let attempts = verification.attempts;
        if attempts > 1 {
            let target = &verification.on_mismatch;
            self.connect(hold, from, ivr, target, EdgeKind::Wrong, "wrong code");
        }
        let last = match attempts {
            1 => "wrong code".to_owned(),
            _ => format!("wrong code for the {} time", ordinal(attempts)),
        };
        self.connect(hold, from, ivr, &verification.on_exhausted, EdgeKind::Wrong, &last);
    }

    fn connect(
        &mut self,
        from: usize,
        own: usize,
        ivr: &Ivr,
        target: &Target,
        kind: EdgeKind,
        label: &str,
    ) {
        let to = match target {
            Target::Ivr(number) => self.ivrs.get(number).copied(),
            Target::Replay => Some(own),
            Target::Hangup => Some(self.end()),
        };
        let Some(to) = to else { return };
        let label = match target {
            Target::Replay => {
                format!("{label}: again, at most {} times, then the call ends", ivr.max_replays)
            }
            _ => label.to_owned(),
        };
        self.graph.connect(from, to, kind, label);
    }

    fn end(&mut self) -> usize {
        *self.end.get_or_insert_with(|| self.graph.add(Node::new(NodeKind::End, "the call ends")))
    }
}

fn ivr_node(scenario: &Scenario, number: &Number, ivr: &Ivr) -> Node {
    let mut node = Node::new(NodeKind::Menu, format!("IVR {number}"));
    node.subtitle.clone_from(&ivr.title);
    for name in &ivr.prompts {
        node.line(LineKind::Prompt, prompt(scenario, name));
    }
    if ivr.plays > 1 {
        node.line(LineKind::Note, format!("played {} times", ivr.plays));
    }
    if let Some(entry) = &ivr.entry {
        let end = entry.end_key.key();
        node.line(LineKind::Note, format!("entry: {}, ended by {end}", digits(entry)));
    }
    node
}

fn hold_node(scenario: &Scenario, entry: &Entry) -> Node {
    let mut node = Node::new(NodeKind::Hold, "hold");
    node.subtitle = Some(format!("until the verdict of {}", entry.verify));
    for name in &entry.hold.prompts {
        node.line(LineKind::Prompt, prompt(scenario, name));
    }
    node.line(LineKind::Note, format!("over and over, at most {} s", entry.hold.limit_s));
    node
}

/// A prompt's name and text.
fn prompt(scenario: &Scenario, name: &str) -> String {
    let Some(prompt) = scenario.prompts.get(name) else { return name.to_owned() };
    let whose = if prompt.per_callee { " (each callee's own)" } else { "" };
    match prompt.words() {
        Some(text) => format!("{name}{whose}: {text}"),
        None => format!("{name}{whose}"),
    }
}

fn digits(entry: &Entry) -> String {
    match (entry.min_digits, entry.max_digits) {
        (1, 1) => "1 digit".to_owned(),
        (min, max) if min == max => format!("{min} digits"),
        (min, max) => format!("{min} to {max} digits"),
    }
}

fn ordinal(number: u8) -> String {
    let ending = match number {
        1 => "st",
        2 => "nd",
        3 => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{scenario, source::Source};

    const SHIPPED: &str = include_str!("../../../../scenarios/driving-test.yaml");

    fn shipped() -> ScenarioGraph {
        let reading = scenario::read(Source::new("driving-test.yaml", SHIPPED));
        of(&reading.scenario.expect("the shipped scenario is sound"))
    }

    /// Each edge as `from > to: labels`.
    fn ways(graph: &Graph) -> Vec<String> {
        let title = |node: usize| graph.nodes[node].title.as_str();
        let shown = |edge: &crate::graph::Edge| {
            format!("{} > {}: {}", title(edge.from), title(edge.to), edge.labels.join(" | "))
        };
        graph.edges.iter().map(shown).collect()
    }

    #[test]
    fn every_way_of_the_shipped_scenario_is_there() {
        let drawn = shipped();
        let again = "again, at most 2 times, then the call ends";
        let code = |number: &str| {
            [
                format!("IVR {number} > the call ends: no key for 4 s, 2 times"),
                format!("IVR {number} > IVR {number}: wrong key or too short: {again}"),
                format!("IVR {number} > hold: 4 to 8 digits and #"),
                format!("hold > IVR {number}: no verdict within 40 s: {again}"),
                "hold > IVR 6502: right code".to_owned(),
                "hold > IVR 6503: wrong code".to_owned(),
                "hold > the call ends: wrong code for the 3rd time".to_owned(),
            ]
        };
        let mut expected: Vec<String> = [
            "outbound call > IVR 6500: ",
            "inbound call > IVR 6500: ",
            "IVR 6500 > IVR 6501: key 1",
            "IVR 6500 > the call ends: no key for 1 s, 2 times",
            "IVR 6500 > IVR 6500: wrong key: again, at most 2 times, then the call ends",
        ]
        .map(str::to_owned)
        .to_vec();
        expected.extend(code("6501"));
        expected.push("IVR 6502 > the call ends: no key for 1 s".to_owned());
        expected.push("IVR 6502 > the call ends: wrong key".to_owned());
        expected.extend(code("6503"));
        assert_eq!(ways(&drawn.graph), expected);
    }

    #[test]
    fn prompts_are_shown_with_their_texts() {
        let drawn = shipped();
        let lines: Vec<_> =
            drawn.graph.nodes[0].lines.iter().map(|line| line.text.as_str()).collect();
        let expected = [
            "notice: 这里是驾校考试受理员",
            "appointment (each callee's own): 为您预约3月12日科目二考试",
            "confirm: 同意请按1",
            "played 2 times",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_call_is_followed_through_the_rendered_dialplan() {
        let mut drawn = shipped();
        let visit = |(context, exten, priority): (&str, &str, i32)| Visit {
            context: context.to_owned(),
            exten: exten.to_owned(),
            priority,
        };
        let visits = [
            ("ivrs", "6500", 1),
            ("ivr_6500", "6500", 1),
            ("ivr_6500-menu", "s", 1),
            ("ivr_6500-menu", "i", 1),
            ("ivr_6500-menu", "replay", 1),
            ("ivr_6500-menu", "s", 1),
            ("ivr_6500-menu", "1", 1),
            ("ivr_6501-menu", "s", 1),
            ("ivr_6501-menu", "56789#", 1),
            ("ivr_6501-menu", "hold", 1),
            ("ivr_6502", "6502", 1),
            ("ivr_6502-menu", "s", 1),
            ("ivr_6502-menu", "t", 1),
            ("ivr_6502-menu", "hangup", 1),
        ]
        .map(visit);
        let spots: Vec<_> = visits.iter().map(|visit| drawn.find(visit)).collect();
        assert_eq!(drawn.graph.follow(&spots), 10);
        let taken = Graph {
            edges: drawn.graph.edges.iter().filter(|edge| edge.is_on_path).cloned().collect(),
            ..drawn.graph.clone()
        };
        let expected = [
            "IVR 6500 > IVR 6501: key 1",
            "IVR 6500 > IVR 6500: wrong key: again, at most 2 times, then the call ends",
            "IVR 6501 > hold: 4 to 8 digits and #",
            "hold > IVR 6502: right code",
            "IVR 6502 > the call ends: no key for 1 s",
        ];
        assert_eq!(ways(&taken), expected);
        assert_eq!(drawn.graph.nodes[0].turns, [1, 2]);
    }
}
