//! A blank that is no blank.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Safety, Signs, Written, free_text, rule::rule},
};

rule! {
    /// # What it finds
    /// A no-break space, an ideographic space, a zero-width space or the like in a line that
    /// Asterisk reads; not in the text of `NoOp`, `Verbose`, `Log` and `Set`. Texts copied from web
    /// pages, office documents and PDF files bring them along.
    ///
    /// # Why it hurts
    /// They are letters to Asterisk: a name with one is another name, an application with one does
    /// not exist, a jump with one misses. On the screen nothing is to be seen.
    ///
    /// # Example
    /// Copy the line into an editor that shows such characters, or let the fix put a plain blank in
    /// their place.
    pub(super) static RULE = {
        name: "invisible-blank",
        code: "L056",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Written(check),
    }
}

fn check(line: &Written<'_>, findings: &mut Findings<'_>) {
    let code = line.code();
    if !line.signs.has(Signs::HIGH) || code.is_ascii() {
        return;
    }
    let Ok(text) = std::str::from_utf8(code) else { return };
    let value = text.find(['=']).map_or(0, |at| at + 1);
    let value = value + usize::from(text[value..].starts_with('>'));
    let is_free = free_text::is(&text.as_bytes()[value..]);
    let head = text.find('(').unwrap_or(text.len());
    for (at, c) in text.char_indices() {
        let Some((name, better)) = blank(c).filter(|_| at <= head || !is_free) else { continue };
        let start = line.code.start + at;
        let place = line.place(start..start + c.len_utf8());
        findings.report(place, format!("{name}, which is a letter to Asterisk")).fix(
            Safety::Unsafe,
            "replace it",
            place,
            better,
        );
        return;
    }
}

/// What such a blank is called, and what to put in its place.
fn blank(c: char) -> Option<(&'static str, &'static str)> {
    match c {
        '\u{a0}' | '\u{202f}' => Some(("a no-break space", " ")),
        '\u{3000}' => Some(("an ideographic space", " ")),
        '\u{2000}'..='\u{200a}' | '\u{205f}' => Some(("a typographic space", " ")),
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => {
            Some(("an invisible character", ""))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check_bytes;

    #[test]
    fn it_is_marked() {
        check_bytes(
            &RULE,
            "[a]\nexten => 1,1,\u{a0}Answer()\nexten => 1,n,NoOp(a\u{a0}b) ; \u{a0}\n".as_bytes(),
            &["2:14 a no-break space, which is a letter to Asterisk"],
            "[a]\nexten => 1,1, Answer()\nexten => 1,n,NoOp(a\u{a0}b) ; \u{a0}\n".as_bytes(),
        );
        check_bytes(
            &RULE,
            "[a]\nexten => 1,1,Goto(a,\u{3000}1,1)\ninclude => b\u{200b}\n".as_bytes(),
            &[
                "2:21 an ideographic space, which is a letter to Asterisk",
                "3:13 an invisible character, which is a letter to Asterisk",
            ],
            b"[a]\nexten => 1,1,Goto(a, 1,1)\ninclude => b\n",
        );
    }
}
