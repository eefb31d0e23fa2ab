//! `$NAME` or `$(NAME)`, as a shell would have it.

use crate::{
    diagnostic::Severity,
    expression::Piece,
    lint::{Call, Check, Findings, Group, Origin, Safety, Substitutions, rule::rule},
    source::Span,
};

rule! {
    /// # What it finds
    /// `$NAME` or `$(NAME)` in what an application is given, where the rest of the line has
    /// `${NAME}`.
    ///
    /// # Why it hurts
    /// Only `${NAME}` is a variable. Asterisk takes the text as it stands: it dials the number
    /// `$EXTEN`, or plays a sound of that name.
    ///
    /// # Example
    /// ```text
    /// exten => _X.,1,Dial(PJSIP/$(EXTEN)@trunk)
    /// ```
    /// Better:
    /// ```text
    /// exten => _X.,1,Dial(PJSIP/${EXTEN}@trunk)
    /// ```
    pub(super) static RULE = {
        name: "dollar-without-brace",
        code: "E013",
        group: Group::Expressions,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Substitutions(check),
    }
}

/// Applications whose data another language reads.
const FOREIGN: [&str; 9] =
    ["System", "TrySystem", "AGI", "EAGI", "DeadAGI", "ExternalIVR", "MYSQL", "Log", "Verbose"];

fn check(call: &Call<'_>, substitutions: &Substitutions, findings: &mut Findings<'_>) {
    if call.is_inner || FOREIGN.iter().any(|name| call.is(name)) {
        return;
    }
    let data = call.data();
    for piece in &substitutions.template.pieces {
        let Piece::Text(span) = piece else { continue };
        let mut at = span.start;
        while let Some(found) = memchr::memchr(b'$', &data[at..span.end]) {
            at += found + 1;
            if let Some((name, end)) = named(data, Span::new(at, span.end)) {
                report(call, Span::new(at - 1, end), name, findings);
            }
        }
    }
}

/// The name after a dollar, and where it ends with its parentheses.
fn named(data: &[u8], rest: Span) -> Option<(&str, usize)> {
    let text = &data[rest.range()];
    let (open, text) = match text.strip_prefix(b"(") {
        Some(text) => (1, text),
        None => (0, text),
    };
    let len = text.iter().position(|&byte| !byte.is_ascii_alphanumeric() && byte != b'_');
    let len = len.unwrap_or(text.len());
    let is_closed = open == 0 || text.get(len) == Some(&b')');
    let name = std::str::from_utf8(&text[..len]).ok()?;
    // `$5` is money.
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic()) && name.len() > 1;
    (is_name && is_closed).then_some((name, rest.start + 2 * open + len))
}

fn report(call: &Call<'_>, span: Span, name: &str, findings: &mut Findings<'_>) {
    let place = call.data_place(span.range());
    let shown = String::from_utf8_lossy(&call.data()[span.range()]);
    findings
        .report(place, format!("`{shown}` is taken as it stands: a variable is `${{{name}}}`"))
        .fix(Safety::Unsafe, "make it a variable", place, format!("${{{name}}}"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn only_braces_make_a_variable() {
        check(
            &RULE,
            "
            [a]
            exten => _X.,1,Dial(PJSIP/$(EXTEN)@$HOST)
                                      ^^^^^^^^ `$(EXTEN)` is taken as it stands: a variable is `${EXTEN}`
                                               ^^^^^ `$HOST` is taken as it stands: a variable is `${HOST}`
             same => n,System(echo $HOME)
             same => n,NoOp(${X} $5 $ $$ a$)
            ",
        );
    }

    #[test]
    fn the_fix_sets_braces() {
        check_fix(
            &RULE,
            "
            [a]
            exten => _X.,1,Dial(PJSIP/$(EXTEN)@$HOST)
            ",
            "
            [a]
            exten => _X.,1,Dial(PJSIP/${EXTEN}@${HOST})
            ",
        );
    }
}
