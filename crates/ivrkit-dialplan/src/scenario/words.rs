//! How messages show what was found, and which known word is nearest to an unknown one.

/// Longest piece of a user's text that a message repeats, in characters.
const MAX_SHOWN: usize = 40;

/// A text of the user's in backquotes, cut to a readable length, control characters spelled out.
pub(crate) fn quoted(text: &str) -> String {
    let mut shown = String::new();
    for (at, c) in text.chars().enumerate() {
        if at == MAX_SHOWN {
            shown.push('…');
            break;
        }
        if is_invisible(c) { shown.push_str(&control_shown(c)) } else { shown.push(c) }
    }
    format!("`{shown}`")
}

/// Control characters, and those that turn the direction of the text after them.
fn is_invisible(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A character that must not reach a terminal, by its number.
pub(crate) fn control_shown(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

/// Most known words that are compared with an unknown one: no scenario of a person's has as many of
/// one kind, and a text of a machine's must not take minutes.
const MAX_COMPARED: usize = 300;

/// The known word that was most likely meant: at most a third of its letters differ, and at least
/// one of them may.
pub(crate) fn nearest<'a>(
    found: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let found: String = found.chars().take(MAX_SHOWN).collect::<String>().to_lowercase();
    let length = found.chars().count();
    if length == 0 {
        return None;
    }
    let compared = |word: &'a str| {
        let word_length = word.chars().count();
        let allowed = (word_length.max(length) / 3).max(1);
        if word_length.abs_diff(length) > allowed {
            return None;
        }
        let distance = strsim::damerau_levenshtein(&found, &word.to_lowercase());
        (distance <= allowed).then_some((distance, word))
    };
    known.into_iter().take(MAX_COMPARED).filter_map(compared).min().map(|(_, word)| word)
}

/// Advice that names the nearest known word, or else the known words if they are few.
pub(crate) fn did_you_mean<'a>(
    found: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<String> {
    if let Some(word) = nearest(found, known.clone()) {
        return Some(format!("did you mean {}?", quoted(word)));
    }
    let words: Vec<_> = known.into_iter().take(13).map(quoted).collect();
    (1..=12).contains(&words.len()).then(|| format!("known here: {}", words.join(", ")))
}

/// `a`, `a or b`, `a, b or c`.
pub(crate) fn or_list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_forgives_a_slip_and_no_more() {
        assert_eq!(nearest("promts", ["prompts", "plays"]), Some("prompts"));
        assert_eq!(nearest("on_wrongkey", ["on_timeout", "on_wrong_key"]), Some("on_wrong_key"));
        assert_eq!(nearest("6510", ["6500", "6501"]), Some("6500"));
        assert_eq!(nearest("music", ["prompts", "plays"]), None);
        assert_eq!(nearest("WAIT_S", ["wait_s"]), Some("wait_s"));
    }

    #[test]
    fn messages_hold_no_control_characters() {
        assert_eq!(quoted("a\u{1b}[31m\n"), "`aU+001B[31mU+000A`");
        assert_eq!(quoted("a\u{202e}b"), "`aU+202Eb`");
        assert_eq!(quoted(&"x".repeat(50)), format!("`{}…`", "x".repeat(40)));
    }
}
