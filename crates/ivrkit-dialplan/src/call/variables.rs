//! The variables of a channel.
//!
//! A name may stand several times: subroutines push theirs over the others. Only the newest is seen,
//! set or removed, as in Asterisk's list of a channel's variables.

/// Channel variables, the newest last; names with the underscores of inheritance.
#[derive(Debug, Default)]
pub(super) struct Variables {
    list: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Variables {
    /// The value of a variable, whatever its inheritance.
    pub(super) fn value(&self, name: &[u8]) -> Option<&[u8]> {
        let found = self.list.iter().rev().find(|(known, _)| plain(known) == name);
        found.map(|(_, value)| value.as_slice())
    }

    /// Sets a variable, or removes it; an older one of the name is seen again then.
    pub(super) fn set(&mut self, name: &[u8], value: Option<&[u8]>) {
        let own = plain(name);
        let at = self.list.iter().rposition(|(known, _)| plain(known) == own);
        let old = at.map(|at| self.list.remove(at));
        let Some(value) = value else { return };
        let entry = match old {
            // Its memory is used again.
            Some((mut known, mut text)) => {
                name.clone_into(&mut known);
                value.clone_into(&mut text);
                (known, text)
            }
            None => (name.to_vec(), value.to_vec()),
        };
        self.list.push(entry);
    }

    /// Adds a variable that hides those of its name until it is removed.
    pub(super) fn push(&mut self, name: &[u8], value: &[u8]) {
        self.list.push((name.to_vec(), value.to_vec()));
    }

    /// The value of a variable that others of its name hide, so many that are newer.
    pub(super) fn hidden(&self, name: &[u8], newer: usize) -> Option<&[u8]> {
        let mut found = self.list.iter().rev().filter(|(known, _)| plain(known) == name);
        found.nth(newer).map(|(_, value)| value.as_slice())
    }

    /// The names without underscores, the newest first.
    pub(super) fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.list.iter().rev().map(|(name, _)| plain(name))
    }

    /// Removes all variables for which it holds by their names without underscores.
    pub(super) fn remove_where(&mut self, is_it: impl Fn(&[u8]) -> bool) {
        self.list.retain(|(name, _)| !is_it(plain(name)));
    }
}

/// A variable's name without the underscores that let other channels inherit it.
pub(super) fn plain(name: &[u8]) -> &[u8] {
    name.strip_prefix(b"__").or_else(|| name.strip_prefix(b"_")).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_of_a_name_counts() {
        let mut variables = Variables::default();
        variables.set(b"__A", Some(b"1"));
        variables.push(b"A", b"2");
        assert_eq!(variables.value(b"A"), Some(&b"2"[..]));
        assert_eq!(variables.hidden(b"A", 1), Some(&b"1"[..]));
        variables.set(b"_A", Some(b"3"));
        assert_eq!(variables.value(b"A"), Some(&b"3"[..]));
        assert_eq!(variables.value(b"_A"), None);
        variables.set(b"A", None);
        assert_eq!(variables.value(b"A"), Some(&b"1"[..]));
        variables.set(b"B", Some(b""));
        assert_eq!(variables.names().collect::<Vec<_>>(), [b"B", b"A"]);
        variables.remove_where(|name| name == b"A");
        assert_eq!(variables.value(b"A"), None);
    }
}
