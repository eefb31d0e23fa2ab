//! A file that is included more than once.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// A second `#include` of a file.
    ///
    /// # Why it hurts
    /// The lines are read again. In the same context each step collides with itself and is dropped
    /// with a warning; in another one the extensions are there twice, and a change of the file
    /// changes both.
    ///
    /// # Example
    /// ```text
    /// [a]
    /// #include steps.conf
    /// [b]
    /// #include steps.conf
    /// ```
    /// Put the extensions into a context of their own and `include =>` that context.
    pub(super) static RULE = {
        name: "file-included-twice",
        code: "L013",
        group: Group::Load,
        severity: Severity::Warning,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(&[Kind::FileTwice], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    findings
        .report(
            subject.code(message.place),
            "this file is included already, its lines are read again",
        )
        .help("put its extensions into a context of their own, and include that context");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn the_second_time_is_found() {
        check(
            &RULE,
            "
                [a]
                #include x.conf
                [b]
                #include x.conf
                ^^^^^^^^^^^^^^^ this file is included already, its lines are read again
                //- x.conf
                ; nothing
                ",
        );
    }
}
