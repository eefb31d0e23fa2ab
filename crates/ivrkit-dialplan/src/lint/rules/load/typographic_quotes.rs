//! Typographic quotes in an expression.

use crate::{
    diagnostic::Severity,
    lint::{Check, Edit, Findings, Fix, Group, Origin, Safety, Signs, Written, rule::rule},
};

rule! {
    /// # What it finds
    /// A quote of typography within `$[...]`, as office programs put it in the place of `"`.
    ///
    /// # Why it hurts
    /// It is a letter to Asterisk and belongs to the text that is compared, so `=` is never true:
    /// the caller always goes the other way.
    ///
    /// # Example
    /// ```text
    /// same => n,GotoIf($[“${ANSWER}” = “1”]?yes:no)
    /// ```
    /// Better:
    /// ```text
    /// same => n,GotoIf($["${ANSWER}" = "1"]?yes:no)
    /// ```
    pub(super) static RULE = {
        name: "typographic-quotes",
        code: "L057",
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
    let Some(start) = text.find("$[") else { return };
    let end = text.rfind(']').unwrap_or(text.len()).max(start);
    let quotes = text[start..end].char_indices().filter(|(_, c)| "“”„‟″＂".contains(*c));
    let edits: Vec<_> = quotes
        .map(|(at, c)| {
            let at = line.code.start + start + at;
            Edit { place: line.place(at..at + c.len_utf8()), text: b"\"".to_vec() }
        })
        .collect();
    let Some(first) = edits.first() else { return };
    let finding = findings
        .report(first.place, "a typographic quote is a letter to Asterisk: it belongs to the text");
    let title = "write \"".to_owned();
    finding.fix = Some(Fix { title, safety: Safety::Unsafe, edits });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn they_belong_to_the_text() {
        check(
            &RULE,
            r#"
                [a]
                exten => 1,1,GotoIf($[“${A}” = “1”]?2)
                                      ^ a typographic quote is a letter to Asterisk: it belongs to the text
                exten => 1,2,NoOp(“${A}”)
                exten => 1,3,GotoIf($["${A}" = "1"]?2)
                "#,
        );
    }

    #[test]
    fn they_become_plain() {
        check_fix(
            &RULE,
            "
                [a]
                exten => 1,1,GotoIf($[“${A}” = “1”]?2)
                ",
            r#"
                [a]
                exten => 1,1,GotoIf($["${A}" = "1"]?2)
                "#,
        );
    }
}
