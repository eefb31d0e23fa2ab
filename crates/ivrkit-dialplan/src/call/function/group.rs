//! `GROUP` and its like: the groups this channel is in. Other channels there are none.

use super::{DONE, failed, truth};
use crate::{call::line::Line, function::Called, posix_regex::PosixRegex};

/// `GROUP(category)`: the group of this channel.
pub(super) fn read(line: &Line, category: &[u8]) -> Called {
    line.with(|channel| {
        let mut groups = channel.facts.groups.iter();
        let found =
            groups.find(|(own, _)| category.is_empty() || own.eq_ignore_ascii_case(category));
        found.map_or(Called::Failed, |(_, group)| Called::Value(group.clone()))
    })
}

/// `GROUP(category)=group`: the channel is in this one of the category from now on.
pub(super) fn write(line: &Line, category: &[u8], value: &[u8]) -> Called {
    let whole = match category {
        b"" => value.to_vec(),
        category => [value, b"@", category].concat(),
    };
    let (group, category) = divided(&whole);
    if group.is_empty() {
        return failed(line, "GROUP takes the name of a group");
    }
    line.with(|channel| {
        let groups = &mut channel.facts.groups;
        groups.retain(|(own, _)| !own.eq_ignore_ascii_case(category));
        groups.push((category.to_vec(), group.to_vec()));
    });
    DONE
}

/// `GROUP_COUNT(group@category)`: how many channels are in it.
pub(super) fn count(line: &Line, given: &[u8]) -> Called {
    let (group, category) = divided(given);
    line.with(|channel| {
        let mut groups = channel.facts.groups.iter();
        let is_in = |own: &Vec<u8>| category.is_empty() || own.eq_ignore_ascii_case(category);
        if group.is_empty() {
            return if groups.any(|(own, _)| is_in(own)) { truth(true) } else { Called::Failed };
        }
        // Without a category only groups without one are counted.
        truth(groups.any(|(own, known)| {
            own.eq_ignore_ascii_case(category) && known.eq_ignore_ascii_case(group)
        }))
    })
}

/// `GROUP_MATCH_COUNT(pattern@category)`: how many channels are in a group that the regular
/// expression finds.
pub(super) fn match_count(line: &Line, given: &[u8]) -> Called {
    let (pattern, category) = divided(given);
    if pattern.is_empty() {
        return Called::Failed;
    }
    let Ok(regex) = PosixRegex::new(pattern, false) else { return Called::NotModelled };
    line.with(|channel| {
        let is_it = |(own, group): &&(Vec<u8>, Vec<u8>)| {
            (category.is_empty() || own.eq_ignore_ascii_case(category))
                && regex.find(group).is_some()
        };
        let count = channel.facts.groups.iter().filter(is_it).count();
        Called::Value(count.to_string().into_bytes())
    })
}

/// `GROUP_LIST()`: all groups of this channel.
pub(super) fn list(line: &Line) -> Called {
    line.with(|channel| {
        let shown = channel.facts.groups.iter().map(|(category, group)| match &category[..] {
            b"" => group.clone(),
            category => [group, &b"@"[..], category].concat(),
        });
        Called::Value(shown.collect::<Vec<_>>().join(&b' '))
    })
}

/// `group@category`.
fn divided(text: &[u8]) -> (&[u8], &[u8]) {
    match text.iter().position(|&byte| byte == b'@') {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, b""),
    }
}
