//! The sounds that a call of an application plays, as they are written.

use crate::{
    application::{arguments::Text, behaviour::Behaviour},
    lint::{Call, target::is_dynamic},
    syntax::Place,
};
use std::ops::Range;

/// The sounds that a call plays, in their order; those known at run time only are among them.
#[derive(Debug)]
pub struct Played<'a> {
    /// The call.
    pub call: Call<'a>,
    /// Where their names stand in the data; empty ones are left out.
    pub ranges: Vec<Range<usize>>,
}

impl<'a> Played<'a> {
    /// What a call plays; nothing if it plays nothing by name.
    pub(in crate::lint) fn of(call: &Call<'a>, behaviour: &Behaviour) -> Option<Self> {
        let data = call.data();
        if behaviour.sounds.is_empty() || data.is_empty() || says(call) {
            return None;
        }
        let ranges = behaviour.sounds(data, call.version(), Text::Source);
        (!ranges.is_empty()).then_some(Self { call: *call, ranges })
    }

    /// Each name that is known before the call runs, with its place in the list.
    pub fn names(&self) -> impl Iterator<Item = (usize, &'a [u8])> {
        let data = self.call.data();
        let named = self.ranges.iter().map(|range| &data[range.clone()]).enumerate();
        // An address is fetched, and needs its ending.
        let is_known = |name: &[u8]| {
            !is_dynamic(name) && memchr::memchr(b'$', name).is_none() && !is_address(name)
        };
        named.filter(move |&(_, name)| is_known(name) && !name.trim_ascii().is_empty())
    }

    /// Where a name stands.
    pub fn place(&self, number: usize) -> Place {
        self.call.data_place(self.ranges[number].clone())
    }

    /// Where a part of a name stands.
    pub fn part(&self, number: usize, part: Range<usize>) -> Place {
        let start = self.ranges[number].start;
        self.call.data_place(start + part.start..start + part.end)
    }
}

fn is_address(name: &[u8]) -> bool {
    memchr::memmem::find(name, b"://").is_some()
}

/// With these options `Playback` is given words to say.
fn says(call: &Call<'_>) -> bool {
    let data = call.data();
    let Some(comma) = memchr::memchr(b',', data) else { return false };
    let has = |option: &[u8]| memchr::memmem::find(&data[comma..], option).is_some();
    call.is("Playback") && (has(b"say") || has(b"mix") || has(b"$"))
}
