//! Loops that a call never leaves unless the caller hangs up or presses a key.

use super::{Flow, Trait, Way};

impl Flow {
    /// The loops of which no way leads out but a key: each as its steps, lowest first.
    ///
    /// Only what is certain counts: a condition, a subroutine or an application that may end the
    /// call is a way out.
    pub(crate) fn closed_loops(&self) -> &[Vec<usize>] {
        self.closed_loops.get_or_init(|| {
            let mut loops = components(self);
            loops.retain(|steps| is_closed(self, steps));
            loops.sort_unstable();
            loops
        })
    }
}

fn is_closed(flow: &Flow, steps: &[usize]) -> bool {
    let is_way_out = [Trait::FallsOff, Trait::Open, Trait::MayEnd, Trait::Ends, Trait::Misses];
    let has_edge_inside = |step: usize| flow.edges(step).iter().any(|edge| edge.way != Way::Other);
    steps.iter().all(|&step| {
        let stays =
            flow.edges(step).iter().filter(|edge| edge.way != Way::Other).all(|edge| {
                edge.way != Way::Call && steps.binary_search(&(edge.to as usize)).is_ok()
            });
        stays && has_edge_inside(step) && !flow.traits(step).has_any(&is_way_out)
    })
}

/// A step on the way of the search, and which of its edges is next.
struct Frame {
    step: usize,
    edge: usize,
}

/// The search for groups of steps that all lead to each other (Tarjan's, without recursion).
struct Search<'a> {
    flow: &'a Flow,
    /// When each step was come to first; none before that.
    index: Vec<Option<u32>>,
    /// The earliest step that each can get back to.
    low: Vec<u32>,
    /// Steps whose group is not complete.
    waiting: Vec<usize>,
    is_waiting: Vec<bool>,
    count: u32,
    found: Vec<Vec<usize>>,
}

fn components(flow: &Flow) -> Vec<Vec<usize>> {
    let mut search = Search {
        flow,
        index: vec![None; flow.len()],
        low: vec![0; flow.len()],
        waiting: Vec::new(),
        is_waiting: vec![false; flow.len()],
        count: 0,
        found: Vec::new(),
    };
    for step in 0..flow.len() {
        if search.index[step].is_none() {
            search.run(step);
        }
    }
    search.found
}

impl Search<'_> {
    fn run(&mut self, root: usize) {
        let mut frames = vec![self.begin(root)];
        while let Some(frame) = frames.last_mut() {
            let step = frame.step;
            let edge = self.flow.edges(step).get(frame.edge).copied();
            frame.edge += 1;
            match edge {
                Some(edge) if !stays(edge.way) => {}
                Some(edge) => {
                    let to = edge.to as usize;
                    match self.index[to] {
                        None => frames.push(self.begin(to)),
                        Some(index) if self.is_waiting[to] => {
                            self.low[step] = self.low[step].min(index);
                        }
                        Some(_) => {}
                    }
                }
                None => {
                    frames.pop();
                    if let Some(parent) = frames.last() {
                        self.low[parent.step] = self.low[parent.step].min(self.low[step]);
                    }
                    self.end(step);
                }
            }
        }
    }

    fn begin(&mut self, step: usize) -> Frame {
        self.index[step] = Some(self.count);
        self.low[step] = self.count;
        self.count += 1;
        self.waiting.push(step);
        self.is_waiting[step] = true;
        Frame { step, edge: 0 }
    }

    /// Takes the group of a step out, if it is complete with it.
    fn end(&mut self, step: usize) {
        if self.index[step] != Some(self.low[step]) {
            return;
        }
        let at = self.waiting.iter().rposition(|&one| one == step).expect("it waits");
        let mut group = self.waiting.split_off(at);
        for &one in &group {
            self.is_waiting[one] = false;
        }
        group.sort_unstable();
        let ways = self.flow.edges(step).iter().filter(|edge| stays(edge.way));
        if group.len() > 1 || ways.into_iter().any(|edge| edge.to as usize == step) {
            self.found.push(group);
        }
    }
}

/// Whether the call itself takes the way and goes on there for good.
fn stays(way: Way) -> bool {
    !matches!(way, Way::Other | Way::Call)
}
