//! A `;` that cuts the arguments of an application.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Safety, Written, rule::rule, semicolon, wrapped},
};

rule! {
    /// # What it finds
    /// A `;` within the parentheses of an application. Quotes do not protect it.
    ///
    /// # Why it hurts
    /// It begins a comment: Asterisk reads half of the arguments, and warns about a missing `)` at
    /// best.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,n,System(echo a; echo b)
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,n,System(echo a\; echo b)
    /// ```
    pub(super) static RULE = {
        name: "semicolon-in-arguments",
        code: "L050",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Written(check),
    }
}

fn check(line: &Written<'_>, findings: &mut Findings<'_>) {
    let code = line.code();
    if line.comment.is_none() || wrapped::open_parentheses(code) <= 0 {
        return;
    }
    let (from, to) = crate::syntax::strip(line.bytes);
    let Some(place) = semicolon::cut(line.subject, line.place(from..to)) else { return };
    findings.report(place, "this `;` begins a comment: the arguments end here").fix(
        Safety::Unsafe,
        "write \\;",
        place,
        "\\;",
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn it_is_marked() {
        check(
            &RULE,
            r#"
                [a]
                exten => 1,1,NoOp(a;b)
                                   ^ this `;` begins a comment: the arguments end here
                exten => 1,n,Set(A=${CUT(B,";",1)}) ; (first)
                                            ^ this `;` begins a comment: the arguments end here
                exten => 1,n,NoOp(a\;b) ; (c)
                exten => 1,n,NoOp(a ; more (or less)
                exten => 1,n,NoOp(a) ;)
                "#,
        );
    }

    #[test]
    fn it_is_escaped() {
        check_fix(
            &RULE,
            "
                [a]
                exten => 1,1,NoOp(a;b)
                ",
            r"
                [a]
                exten => 1,1,NoOp(a\;b)
                ",
        );
    }
}
