//! A loaded dialplan as [`matching`](super::matching) needs it.

use super::{Context, Dialplan, Extension, matching::Model, pattern::ExtensionKey};

/// An include with times counts as if it were its time.
impl Model for Dialplan {
    type Context = Context;
    type Extension = Extension;

    fn context(&self, name: &[u8]) -> Option<&Context> {
        self.context(name)
    }

    fn name<'a>(&'a self, context: &'a Context) -> &'a [u8] {
        self.files.bytes(context.name)
    }

    fn extensions<'a>(&'a self, context: &'a Context) -> &'a [Extension] {
        &context.extensions
    }

    fn includes<'a>(&'a self, context: &'a Context) -> impl Iterator<Item = &'a [u8]> {
        context.includes.iter().map(|include| self.files.bytes(include.context()))
    }

    fn has_switches(&self, context: &Context) -> bool {
        !context.switches.is_empty()
    }

    fn key<'a>(&'a self, extension: &'a Extension) -> &'a ExtensionKey {
        &extension.key
    }

    fn has_priority(&self, extension: &Extension, priority: i32) -> bool {
        extension.priorities.binary_search_by_key(&priority, |one| one.number).is_ok()
    }
}
