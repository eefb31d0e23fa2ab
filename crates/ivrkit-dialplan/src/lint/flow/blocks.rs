//! Blocks that begin and end: `While` and `EndWhile`, `If` and `EndIf`.
//!
//! Asterisk looks for the other end among the priorities of the extension, counting those of the
//! same kind on the way, and so does this.

use super::Flow;
use crate::{application::behaviour::Block, lint::Subject};

/// Where the parts of blocks lead, and parts that stand alone.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    /// From which step to which, in the order of the first.
    joins: Vec<(u32, u32)>,
    targets: Vec<u32>,
    unpaired: Vec<Unpaired>,
}

/// A part of a block whose other part is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unpaired {
    /// The step.
    pub(crate) step: u32,
    /// What it is.
    pub(crate) block: Block,
}

/// A block that was begun.
struct Begun {
    step: u32,
    is_loop: bool,
    /// Its parts up to here; `ExitWhile` and the like too.
    parts: Vec<u32>,
}

impl Blocks {
    pub(super) fn new(subject: &Subject<'_>, flow: &Flow) -> Self {
        let mut blocks = Self::default();
        let mut begun: Vec<Begun> = Vec::new();
        let mut extension = None;
        for number in 0..flow.len() {
            let at = flow.at(number);
            if extension != Some((at.context, at.extension)) {
                blocks.leave(&mut begun);
                extension = Some((at.context, at.extension));
            }
            let step = flow.step(subject, number);
            let name = subject.bytes(step.priority.application).trim_ascii_end();
            if let Some(block) = block(name) {
                blocks.add(&mut begun, u32::try_from(number).expect("a step's number"), block);
            }
        }
        blocks.leave(&mut begun);
        blocks.joins.sort_unstable();
        blocks.joins.dedup();
        blocks.targets = blocks.joins.iter().map(|&(_, to)| to).collect();
        blocks
    }

    /// Where a part of a block leads besides the next priority.
    pub(super) fn joins(&self, step: usize) -> &[u32] {
        let from = self.joins.partition_point(|&(from, _)| (from as usize) < step);
        let to = self.joins.partition_point(|&(from, _)| from as usize <= step);
        &self.targets[from..to]
    }

    /// The parts that stand alone, in the order of the steps.
    pub(crate) fn unpaired(&self) -> impl Iterator<Item = Unpaired> {
        let mut unpaired = self.unpaired.clone();
        unpaired.sort_unstable_by_key(|one| one.step);
        unpaired.into_iter()
    }

    fn add(&mut self, begun: &mut Vec<Begun>, step: u32, block: Block) {
        let of_loop = |one: &Begun| one.is_loop;
        let of_choice = |one: &Begun| !one.is_loop;
        match block {
            Block::While | Block::If => {
                let is_loop = block == Block::While;
                begun.push(Begun { step, is_loop, parts: vec![step] });
            }
            Block::EndWhile | Block::EndIf => {
                let is_loop = block == Block::EndWhile;
                let Some(at) = begun.iter().rposition(|one| one.is_loop == is_loop) else {
                    self.unpaired.push(Unpaired { step, block });
                    return;
                };
                let ended = begun.remove(at);
                if is_loop {
                    self.joins.push((step, ended.step));
                }
                self.end(&ended, step);
            }
            Block::ContinueWhile => match begun.iter().rfind(|one| of_loop(one)) {
                Some(one) => self.joins.push((step, one.step)),
                None => self.unpaired.push(Unpaired { step, block }),
            },
            Block::ExitWhile | Block::ElseIf | Block::Else | Block::ExitIf => {
                let is_wanted = if block == Block::ExitWhile { of_loop } else { of_choice };
                match begun.iter_mut().rfind(|one| is_wanted(one)) {
                    Some(one) => one.parts.push(step),
                    None => self.unpaired.push(Unpaired { step, block }),
                }
            }
            Block::Return | Block::StackPop | Block::MacroExit => {}
        }
    }

    /// Each part can lead to those after it, the end included.
    fn end(&mut self, ended: &Begun, end: u32) {
        for (at, &part) in ended.parts.iter().enumerate() {
            self.joins.push((part, end));
            if let Some(&next) = ended.parts.get(at + 1).filter(|_| !ended.is_loop) {
                self.joins.push((part, next));
            }
        }
    }

    fn leave(&mut self, begun: &mut Vec<Begun>) {
        for one in begun.drain(..) {
            let block = if one.is_loop { Block::While } else { Block::If };
            self.unpaired.push(Unpaired { step: one.step, block });
        }
    }
}

fn block(name: &[u8]) -> Option<Block> {
    // Few steps have one of these letters, and comparing names takes longer.
    if !name.first().is_some_and(|first| b"wceiWCEI".contains(first)) {
        return None;
    }
    let names = [
        ("While", Block::While),
        ("EndWhile", Block::EndWhile),
        ("ContinueWhile", Block::ContinueWhile),
        ("ExitWhile", Block::ExitWhile),
        ("If", Block::If),
        ("ElseIf", Block::ElseIf),
        ("Else", Block::Else),
        ("ExitIf", Block::ExitIf),
        ("EndIf", Block::EndIf),
    ];
    let found = names.iter().find(|(known, _)| name.eq_ignore_ascii_case(known.as_bytes()));
    found.map(|&(_, block)| block)
}
