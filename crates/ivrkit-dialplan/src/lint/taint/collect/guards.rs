//! What a regular expression is asked about: it counts as checked from there on.

use super::{Given, Reader};
use crate::{
    application::arguments::{self, Text},
    expression::{BinaryOperator, NodeKind, Variable},
    lint::taint::{At, leaves, sources},
};
use std::ops::Range;

impl<'a> Reader<'a, '_> {
    /// What a regular expression was asked about is checked from here on.
    pub(super) fn guards(&mut self, given: &Given<'_, 'a>) {
        let data = given.call.data();
        if !may_check(data) {
            return;
        }
        for variable in given.substitutions.variables() {
            if &data[variable.name.span.range()] == b"REGEX" {
                self.guard(given, variable.span.range());
            }
        }
        for expression in given.substitutions.expressions() {
            for node in &expression.nodes {
                let is_match = matches!(
                    node.kind,
                    NodeKind::Binary(BinaryOperator::Match | BinaryOperator::MatchStart, ..)
                );
                if is_match {
                    self.guard(given, expression.span.range());
                }
            }
        }
    }

    fn guard(&mut self, given: &Given<'_, 'a>, range: Range<usize>) {
        let data = given.call.data();
        let within = |variable: &&Variable| {
            range.start <= variable.span.start && variable.span.end <= range.end
        };
        for variable in given.substitutions.variables().filter(within) {
            let name = &data[variable.name.span.range()];
            let name = match &variable.arguments {
                None => leaves::name(name, given.at.context),
                Some(arguments) => {
                    let part = &data[arguments.span.range()];
                    let Some(name) = sources::caller_id(name, part) else { continue };
                    name
                }
            };
            let At { extension, step, .. } = given.at;
            let guards = self.facts.guards.entry(name).or_default();
            if guards.last().is_none_or(|&(last, _)| last != extension) {
                guards.push((extension, step));
            }
        }
    }
}

/// Whether there may be a regular expression.
pub(super) fn may_check(data: &[u8]) -> bool {
    if memchr::memchr(b'(', data).is_some() && memchr::memmem::find(data, b"REGEX(").is_some() {
        return true;
    }
    if !memchr::memchr_iter(b'$', data).any(|at| data.get(at + 1) == Some(&b'[')) {
        return false;
    }
    // What stands behind a condition is divided by a colon, too.
    let end = arguments::find_plain(data, b'?', Text::Source).unwrap_or(data.len());
    memchr::memchr2(b':', b'~', &data[..end]).is_some()
}
