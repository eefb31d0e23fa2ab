//! Which known word an unknown one was most likely meant to be.

/// Longest word that is compared, in bytes.
const MAX_COMPARED_BYTES: usize = 80;
/// Most known words that an unknown one is compared with: a machine's dialplan has thousands of
/// names, and nobody mistypes those.
const MAX_COMPARED: usize = 300;

/// The known word that was most likely meant: at most a third of its letters differ, and at least
/// one of them may. Case does not count, and of several the one that is named first wins.
pub(crate) fn nearest<'a>(
    found: &[u8],
    known: impl IntoIterator<Item = &'a [u8]>,
) -> Option<&'a [u8]> {
    if found.is_empty() || found.len() > MAX_COMPARED_BYTES {
        return None;
    }
    let letters = letters_of(found);
    let found = String::from_utf8_lossy(found).to_lowercase();
    let compared = |word: &'a [u8]| {
        let allowed = (word.len().max(found.len()) / 3).max(1);
        if word.is_empty() || word.len().abs_diff(found.len()) > allowed {
            return None;
        }
        if least_distance(&letters, &letters_of(word)) > allowed {
            return None;
        }
        let distance = strsim::osa_distance(&found, &String::from_utf8_lossy(word).to_lowercase());
        (distance <= allowed).then_some((distance, word))
    };
    let near = known.into_iter().take(MAX_COMPARED).filter_map(compared);
    near.min_by_key(|&(distance, _)| distance).map(|(_, word)| word)
}

/// How often a word has which bytes; those count together that are alike in their last five bits:
/// those of both cases. Bytes over 127 do not count, as case changes them in other ways.
fn letters_of(word: &[u8]) -> [i8; 32] {
    let mut letters = [0; 32];
    // A word that is compared has 80 bytes and a third of that at most.
    let ascii = word.iter().filter(|byte| byte.is_ascii());
    ascii.for_each(|byte| letters[usize::from(byte & 31)] += 1);
    letters
}

/// In how many letters two words differ at least: one change brings in one letter at most, and takes
/// one away.
fn least_distance(letters: &[i8; 32], others: &[i8; 32]) -> usize {
    let count = |more: &[i8; 32], less: &[i8; 32]| -> usize {
        more.iter()
            .zip(less)
            .map(|(more, less)| usize::from((more - less).max(0).unsigned_abs()))
            .sum()
    };
    count(letters, others).max(count(others, letters))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_near() {
        let known: [&[u8]; 4] = [b"exten", b"same", b"include", b"ignorepat"];
        let check = |found: &str, expected: Option<&str>| {
            let near = nearest(found.as_bytes(), known);
            assert_eq!(near, expected.map(str::as_bytes), "{found}");
        };
        check("extem", Some("exten"));
        check("saem", Some("same"));
        check("INCLUD", Some("include"));
        check("n", None);
        check("", None);
        check("unknown", None);
    }
}
