//! Extensions that Asterisk's tree of names takes for the same one.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// A line at which Asterisk notices that two extensions of the context, though written
    /// differently, stand for the same digits in its tree of names, such as `_X1` and `_[X]1`.
    ///
    /// # Why it hurts
    /// Asterisk warns of it without a line. By default the tree is not asked for what callers dial.
    /// With `extenpatternmatchnew=yes` it is, and then only one of the two extensions is ever found:
    /// steps that were meant for the other never run.
    ///
    /// # Example
    /// ```text
    /// exten => _[X]1,1,NoOp()
    /// exten => _X1,1,NoOp()
    /// ```
    /// Keep one of the two, and give it all steps.
    pub(super) static RULE = {
        name: "duplicate-extension",
        code: "L077",
        group: Group::Load,
        severity: Severity::Warning,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(&[Kind::DuplicateExtension], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    let message_text = "two extensions of this context are the same in Asterisk's tree of names";
    findings.report(subject.code(message.place), message_text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn the_line_that_asks_the_tree_is_found() {
        check(
            &RULE,
            "
                [a]
                exten => _[X]1,1,NoOp
                exten => _X1,1,NoOp
                exten => s,nowhere,NoOp
                ^^^^^^^^^^^^^^^^^^^^^^^ two extensions of this context are the same in Asterisk's tree of names
                ",
        );
    }

    #[test]
    fn names_that_differ_are_left_alone() {
        check(
            &RULE,
            "
                [a]
                exten => _[12]1,1,NoOp
                exten => _X1,1,NoOp
                exten => s,nowhere,NoOp
                ",
        );
    }
}
