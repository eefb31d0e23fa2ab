//! A step that goes on in the line below.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Safety, Written, rule::rule, wrapped},
    syntax::Place,
};

rule! {
    /// # What it finds
    /// A step whose parentheses are open at the end of the line, above a line that closes them and
    /// is nothing by itself: a mail program or a word processor broke it in two.
    ///
    /// # Why it hurts
    /// Asterisk knows no such lines. The step runs with half of its data, and what stands below is
    /// skipped with a warning: conditions are cut, prompts missing.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,n,ExecIf($[${OUTBOUND} =
    /// yes]?Set(CDR(outbound)=yes))
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,n,ExecIf($[${OUTBOUND} = yes]?Set(CDR(outbound)=yes))
    /// ```
    pub(super) static RULE = {
        name: "wrapped-line",
        code: "L028",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Written(check),
    }
}

fn check(line: &Written<'_>, findings: &mut Findings<'_>) {
    let code = line.code();
    let is_open = code.contains(&b'(') && wrapped::open_parentheses(code) > 0;
    if !is_open {
        return;
    }
    let whole = line.place(line.code.clone());
    let Some(rest) = wrapped::rest(line.subject, whole) else { return };
    let gap = Place { file: whole.file, start: whole.end, end: rest.start };
    let is_within_word = code.last().is_some_and(|last| b"-_/&,(".contains(last));
    findings
        .report(
            whole,
            "this step goes on in the line below, which Asterisk does not read as a part of it",
        )
        .note(rest, "the rest")
        .fix(Safety::Unsafe, "join the lines", gap, if is_within_word { "" } else { " " });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn only_what_is_nothing_else_is_a_rest() {
        check(
            &RULE,
            "
                [a]
                exten => 1,1,ExecIf($[${A} =
                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this step goes on in the line below, which Asterisk does not read as a part of it
                yes]?Answer())
                exten => 1,n,NoOp(a
                exten => 1,n,NoOp(b)
                exten => 1,n,NoOp(a
                ; b)
                exten => 1,n,NoOp(a
                ",
        );
    }

    #[test]
    fn the_lines_are_joined() {
        check_fix(
            &RULE,
            "
                [a]
                exten => 1,1,ExecIf($[${A} =
                  yes]?Answer())
                exten => 1,n,Playback(a-
                b) //note
                ",
            "
                [a]
                exten => 1,1,ExecIf($[${A} = yes]?Answer())
                exten => 1,n,Playback(a-b) //note
                ",
        );
    }
}
