//! The lengths of sounds, as tests and commands give them.

use crate::call::Sounds;
use std::collections::HashMap;

/// Sounds by name, and what is true of all others.
#[derive(Debug, Clone, Default)]
pub struct SoundLengths {
    /// Length in milliseconds by the name that the dialplan uses; none for a missing sound.
    pub by_name: HashMap<Vec<u8>, Option<u64>>,
    /// Folders of which everything is known: what is not in `by_name` is missing there, unless its
    /// last part is all digits and `callees_ms` says otherwise.
    pub known_below: Vec<Vec<u8>>,
    /// Length of the prompts of single callees: names of digits in the known folders.
    pub callees_ms: Option<u64>,
    /// Length of all other sounds.
    pub others_ms: u64,
}

impl Sounds for SoundLengths {
    fn length_ms(&self, name: &[u8], _: &[u8]) -> Option<u64> {
        if let Some(&length_ms) = self.by_name.get(name) {
            return length_ms;
        }
        let below = self.known_below.iter().find_map(|folder| below(name, folder));
        match below {
            None => Some(self.others_ms),
            Some(name) if !name.is_empty() && name.iter().all(u8::is_ascii_digit) => {
                self.callees_ms
            }
            Some(_) => None,
        }
    }
}

/// What a name has after its folder.
fn below<'a>(name: &'a [u8], folder: &[u8]) -> Option<&'a [u8]> {
    name.strip_prefix(folder)?.strip_prefix(b"/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_in_a_known_folder_is_missing() {
        let lengths = SoundLengths {
            by_name: HashMap::from([(b"/media/ok".to_vec(), Some(1500)), (b"beep".to_vec(), None)]),
            known_below: vec![b"/media".to_vec()],
            callees_ms: Some(700),
            others_ms: 2000,
        };
        let check = |name: &str, expected: Option<u64>| {
            assert_eq!(lengths.length_ms(name.as_bytes(), b"en"), expected, "{name}");
        };
        check("/media/ok", Some(1500));
        check("beep", None);
        check("/media/13900001111", Some(700));
        check("/media/", None);
        check("/media/other", None);
        check("/mediathek/other", Some(2000));
        check("demo-congrats", Some(2000));
    }
}
