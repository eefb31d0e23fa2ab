//! A function without an argument that it needs.

use crate::{
    application::function,
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, Substitutions, rule::rule},
};

rule! {
    /// # What it finds
    /// A function with empty parentheses that cannot do without an argument.
    ///
    /// # Why it hurts
    /// Asterisk logs an error when a call comes by and puts nothing in its place.
    ///
    /// # Example
    /// `${CALLERID()}` is nobody's number; `${CALLERID(num)}` is the caller's.
    pub(super) static RULE = {
        name: "too-few-function-arguments",
        code: "A015",
        group: Group::Applications,
        severity: Severity::Warning,
        origin: Origin::Asterisklint,
        fix: None,
        check: Check::Substitutions(check),
    }
}

fn check(call: &Call<'_>, substitutions: &Substitutions, findings: &mut Findings<'_>) {
    let data = call.data();
    for variable in substitutions.variables() {
        let Some(arguments) = &variable.arguments else { continue };
        if !variable.name.is_plain() || !data[arguments.span.range()].trim_ascii().is_empty() {
            continue;
        }
        let span = variable.name.span;
        let Some(entry) = function(&data[span.range()]) else { continue };
        let Some(syntax) = entry.syntax(call.version()) else { continue };
        let first = syntax.arguments.first().filter(|first| first.required);
        if let Some(first) = first.filter(|_| !TAKES_NOTHING.contains(&entry.name())) {
            let message = format!("{} is nothing without its {}", entry.name(), first.name);
            findings.report(call.data_place(span.range()), message);
        }
    }
}

/// Functions that have a value for empty parentheses, whatever their documentation asks for.
const TAKES_NOTHING: [&str; 9] =
    ["LEN", "ISNULL", "EXISTS", "QUOTE", "MD5", "SHA1", "STRFTIME", "TOUPPER", "TOLOWER"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn what_it_needs_is_missed() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,NoOp(${CALLERID()} ${LEN()} ${EPOCH} ${RAND()})
                                ^^^^^^^^ CALLERID is nothing without its datatype
            ",
        );
    }
}
