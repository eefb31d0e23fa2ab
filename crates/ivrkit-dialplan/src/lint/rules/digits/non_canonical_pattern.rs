//! A pattern in another than its usual spelling.

use crate::{
    diagnostic::Severity,
    dialplan::pattern::{Language, Pattern},
    lint::{Check, Edit, Findings, Fix, Group, Origin, Safety, Subject, rule::rule},
};
use hashbrown::HashMap;

rule! {
    /// # What it finds
    /// Small `x`, `z` and `n`, sets of one key, and sets that have a letter of their own: `[0-9]` is `X`,
    /// `[1-9]` is `Z`, `[2-9]` is `N`.
    ///
    /// # Why it hurts
    /// Asterisk takes them for the same, and so for the same extension: a second spelling further down
    /// collides with the first, and who searches the file for one finds only half of the steps.
    ///
    /// # Example
    /// ```text
    /// exten => _[1]x[0-9],1,NoOp()
    /// ```
    /// Better:
    /// ```text
    /// exten => _1XX,1,NoOp()
    /// ```
    pub(super) static RULE = {
        name: "non-canonical-pattern",
        code: "D008",
        group: Group::Digits,
        severity: Severity::Hint,
        origin: Origin::Asterisklint,
        fix: Some(Safety::Safe),
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let mut sets = Sets::default();
    for spelling in subject.spellings() {
        for (text, places) in spelling.both() {
            let bytes = subject.bytes(text);
            let usual = canonical(bytes, &mut sets);
            let Some(usual) = usual.filter(|usual| usual != bytes) else { continue };
            let shown = usual.escape_ascii();
            let finding = findings.report(places[0], format!("this is `{shown}`"));
            let edits = places.iter().map(|&place| Edit { place, text: usual.clone() });
            finding.fix = Some(Fix {
                title: format!("write `{shown}`"),
                safety: Safety::Safe,
                edits: edits.collect(),
            });
        }
    }
}

/// Sets that were met, each as it is usually spelled: a dialplan has few of them.
type Sets<'a> = HashMap<&'a [u8], Vec<u8>>;

/// A pattern in its usual spelling; none for words, which are spelled as they sound.
fn canonical<'a>(name: &'a [u8], sets: &mut Sets<'a>) -> Option<Vec<u8>> {
    let mut rest = name.strip_prefix(b"_")?;
    let mut usual = Vec::with_capacity(name.len());
    usual.push(b'_');
    while let [byte, after @ ..] = rest {
        rest = after;
        match byte {
            b'x' | b'n' | b'z' => usual.push(byte.to_ascii_uppercase()),
            b'[' => {
                let end = rest.iter().position(|&byte| byte == b']')?;
                let set = &rest[..end];
                rest = &rest[end + 1..];
                // An empty set counts as nothing, but not at the end.
                if !set.is_empty() || rest.is_empty() {
                    usual.extend(&*sets.entry(set).or_insert_with(|| canonical_set(set)));
                }
            }
            b'.' | b'!' => {
                usual.push(*byte);
                usual.extend(rest);
                return Some(usual);
            }
            byte if byte.is_ascii_lowercase() => return None,
            byte => usual.push(*byte),
        }
    }
    Some(usual)
}

fn canonical_set(set: &[u8]) -> Vec<u8> {
    let written = || [b"[", set, b"]"].concat();
    let name = Pattern::new(&[b"_", written().as_slice()].concat());
    let language = Language::new(&name);
    let Some(class) = language.places.first().filter(|_| !language.is_empty) else {
        return written();
    };
    let letter = b"XZN".iter().find(|&&letter| {
        Language::new(&Pattern::new(&[b'_', letter])).places.first() == Some(class)
    });
    match (letter, class.only()) {
        (Some(&letter), _) => vec![letter],
        (None, Some(key)) if key.is_ascii_digit() || b"*#".contains(&key) => vec![key],
        _ => written(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn other_spellings_are_found() {
        check(
            &RULE,
            "
            [a]
            exten => _[1]x[0-9],1,NoOp()
                     ^^^^^^^^^^ this is `_1XX`
            exten => _5[2-9],1,NoOp()
                     ^^^^^^^ this is `_5N`
            exten => 1/_5xx,1,NoOp()
                       ^^^^ this is `_5XX`
            exten => _9[]5,1,NoOp()
                     ^^^^^ this is `_95`
            exten => _6[],1,NoOp()
            exten => _1[2-8]X.#,1,NoOp()
            exten => _co[n]f-x,1,NoOp()
            exten => _5[,1,NoOp()
            ",
        );
    }

    #[test]
    fn the_fix_spells_every_line_anew() {
        check_fix(
            &RULE,
            "
            [a]
            exten => _5xx,1,NoOp()
            exten => _5xx,n,NoOp()
            ",
            "
            [a]
            exten => _5XX,1,NoOp()
            exten => _5XX,n,NoOp()
            ",
        );
    }
}
