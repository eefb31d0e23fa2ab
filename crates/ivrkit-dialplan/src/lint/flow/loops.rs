//! Loops that a call never leaves unless the caller hangs up or presses a key.

use super::{Flow, Trait, Way};

/// The loops of which no way leads out but a key: each as its steps, lowest first.
///
/// Only what is certain counts: a condition, a subroutine or an application that may end the call
/// is a way out.
pub(crate) fn closed_loops(flow: &Flow) -> Vec<Vec<usize>> {
    let mut loops = components(flow);
    loops.retain(|steps| is_closed(flow, steps));
    loops.sort_unstable();
    loops
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

/// The groups of steps that all lead to each other, each sorted (Tarjan's way, without recursion).
fn components(flow: &Flow) -> Vec<Vec<usize>> {
    const NONE: u32 = u32::MAX;
    let mut index = vec![NONE; flow.len()];
    let mut low = vec![0_u32; flow.len()];
    let mut is_waiting = vec![false; flow.len()];
    let (mut waiting, mut frames, mut next) = (Vec::new(), Vec::<Frame>::new(), 0);
    let mut found = Vec::new();
    for root in 0..flow.len() {
        if index[root] == NONE {
            frames.push(Frame { step: root, edge: 0 });
        }
        while let Some(frame) = frames.last_mut() {
            let step = frame.step;
            if frame.edge == 0 {
                index[step] = next;
                low[step] = next;
                next += 1;
                waiting.push(step);
                is_waiting[step] = true;
            }
            let edge = flow.edges(step).get(frame.edge).copied();
            frame.edge += 1;
            match edge {
                Some(edge) if matches!(edge.way, Way::Other | Way::Call) => {}
                Some(edge) if index[edge.to as usize] == NONE => {
                    frames.push(Frame { step: edge.to as usize, edge: 0 });
                }
                Some(edge) if is_waiting[edge.to as usize] => {
                    low[step] = low[step].min(index[edge.to as usize]);
                }
                Some(_) => {}
                None => {
                    frames.pop();
                    if let Some(parent) = frames.last() {
                        low[parent.step] = low[parent.step].min(low[step]);
                    }
                    if low[step] == index[step] {
                        let at = waiting.iter().rposition(|&one| one == step);
                        let mut group = waiting.split_off(at.expect("it waits"));
                        group.iter().for_each(|&one| is_waiting[one] = false);
                        group.sort_unstable();
                        let leads_to_itself = || {
                            let ways = flow.edges(step).iter();
                            ways.filter(|edge| !matches!(edge.way, Way::Other | Way::Call))
                                .any(|edge| edge.to as usize == step)
                        };
                        if group.len() > 1 || leads_to_itself() {
                            found.push(group);
                        }
                    }
                }
            }
        }
    }
    found
}
