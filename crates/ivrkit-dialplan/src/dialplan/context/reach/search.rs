//! The first extension of a tree of keys that one name reaches.

use super::tree::{Branch, Node, Steps};
use crate::dialplan::{
    Extension,
    pattern::{ANY_CALLER, ExtensionKey, PATTERN, Pattern, UnitKey},
};

/// A name that is looked for in a tree.
pub(super) struct Search<'a> {
    pub(super) extensions: &'a [Extension],
    pub(super) wanted: &'a Wanted<'a>,
}

/// A name that is looked for, and who calls.
pub(in crate::dialplan::context) struct Wanted<'a> {
    /// What was dialled.
    dialled: &'a [u8],
    /// The caller's number; empty for none.
    caller: &'a [u8],
    /// The name that is spelled as what was dialled.
    name: Pattern,
    own: Asked,
    by: Asked,
}

/// What the name of an extension, or the caller that it asks for, is held against.
struct Asked {
    /// The key of the name that is spelled so.
    key: Vec<u8>,
    is_pattern: bool,
    /// What was dialled, without `-`.
    digits: Vec<u8>,
}

/// Which name of an extension.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Own,
    Caller,
}

impl<'a> Wanted<'a> {
    pub(in crate::dialplan::context) fn new(dialled: &'a [u8], caller: &'a [u8]) -> Self {
        let name = Pattern::new(dialled);
        let own = Asked::new(&name, dialled);
        let by = Asked::new(&Pattern::new(caller), caller);
        Self { dialled, caller, name, own, by }
    }
}

impl Asked {
    fn new(name: &Pattern, dialled: &[u8]) -> Self {
        let mut key = Vec::with_capacity(2 + 3 * dialled.len());
        name.append_key(&mut key);
        let digits = dialled.iter().copied().filter(|&byte| byte != b'-').collect();
        Self { key, is_pattern: name.is_pattern(), digits }
    }
}

impl Search<'_> {
    /// Whether an extension is what is looked for: where it stands in a tree does not tell all.
    pub(super) fn is_reached(&self, extension: u32) -> bool {
        let Wanted { dialled, caller, name, .. } = self.wanted;
        let ExtensionKey { pattern, caller: asked } = &self.extensions[extension as usize].key;
        let is_named =
            if pattern.is_pattern() { pattern.matches(dialled).exact } else { pattern == name };
        is_named && asked.as_ref().is_none_or(|asked| asked.matches_caller(caller))
    }

    /// The first extension that is reached.
    pub(super) fn first(&self, tree: &Node) -> Option<u32> {
        self.name(tree, Which::Own)
    }

    /// The one that comes first of two that were found.
    pub(super) fn earlier(&self, one: Option<u32>, other: Option<u32>) -> Option<u32> {
        let both = one.into_iter().chain(other);
        both.min_by_key(|&extension| &self.extensions[extension as usize].key)
    }

    /// The first below a place where a name begins.
    fn name(&self, node: &Node, which: Which) -> Option<u32> {
        let Node::Many(branch) = node else { return self.end(node) };
        let asked = self.asked(which);
        let itself = self.exactly(branch, which);
        // Plain names come before patterns.
        if itself.is_some() && !asked.is_pattern {
            return itself;
        }
        // Nothing but an empty name asks for a call without a number.
        let may_match = which == Which::Own || !asked.digits.is_empty();
        let patterns = branch.byte(PATTERN).filter(|_| may_match);
        let patterns = patterns.and_then(|node| self.patterns(node, &asked.digits, which));
        let everybody = || branch.byte(ANY_CALLER).and_then(|node| self.end(node));
        self.earlier(itself, patterns).or_else(everybody)
    }

    /// The first of this very name, or another one that stands in the same list.
    fn exactly(&self, branch: &Branch, which: Which) -> Option<u32> {
        let mut steps = Steps::of(&self.asked(which).key);
        let mut node = branch.next(steps.next()?)?;
        while let Node::Many(branch) = node {
            node = match steps.next() {
                Some(step) => branch.next(step)?,
                None => return self.after(node, which),
            };
        }
        self.after(node, which)
    }

    /// The first pattern that takes the digits from a place on.
    fn patterns(&self, node: &Node, digits: &[u8], which: Which) -> Option<u32> {
        let Node::Many(branch) = node else { return self.end(node) };
        let one = digits.split_first().and_then(|(&digit, rest)| {
            let next = branch.byte(digit)?;
            self.patterns(next, rest, which)
        });
        let others = branch.others.iter();
        one.or_else(|| {
            others.into_iter().find_map(|(unit, next)| match (UnitKey::first_of(unit), digits) {
                (UnitKey::End, []) => self.after(next, which),
                (UnitKey::Rest, [_, ..]) | (UnitKey::Early, _) => self.rest(next, which),
                (unit @ UnitKey::Members(_), [digit, rest @ ..]) if unit.takes(*digit) => {
                    self.patterns(next, rest, which)
                }
                _ => None,
            })
        })
    }

    /// The first of those whose patterns go on, where nothing of them matters any more.
    fn rest(&self, node: &Node, which: Which) -> Option<u32> {
        let Node::Many(branch) = node else { return self.end(node) };
        branch.after_bytes().find_map(|next| self.rest(next, which)).or_else(|| {
            branch.others.iter().find_map(|(unit, next)| match UnitKey::first_of(unit) {
                UnitKey::End => self.after(next, which),
                _ => self.rest(next, which),
            })
        })
    }

    /// The first below a place where a name has ended.
    fn after(&self, node: &Node, which: Which) -> Option<u32> {
        match which {
            Which::Own => self.name(node, Which::Caller),
            Which::Caller => self.end(node),
        }
    }

    /// The first of those that a place does not tell apart.
    fn end(&self, node: &Node) -> Option<u32> {
        let Node::Few(few) = node else { return None };
        few.iter().copied().find(|&extension| self.is_reached(extension))
    }

    fn asked(&self, which: Which) -> &Asked {
        match which {
            Which::Own => &self.wanted.own,
            Which::Caller => &self.wanted.by,
        }
    }
}
