//! Files that include each other too deep.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
    syntax::{Kind, MAX_INCLUDE_DEPTH, Message},
};

rule! {
    /// # What it finds
    /// An `#include` more than ten files deep: most often a file that includes itself, by way of
    /// others.
    ///
    /// # Why it hurts
    /// Asterisk reads no deeper. Each reading before that has added the same lines again.
    ///
    /// # Example
    /// A file `menu.conf` with the line
    /// ```text
    /// #include menu.conf
    /// ```
    /// Take the line away.
    pub(super) static RULE = {
        name: "include-too-deep",
        code: "L014",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(&[Kind::IncludeDepth], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    findings
        .report(
            subject.code(message.place),
            format!(
                "files include each other deeper than {MAX_INCLUDE_DEPTH} levels: it is not read"
            ),
        )
        .help("a file that includes itself, by way of others or not, never ends");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_file_includes_itself() {
        check(
            &RULE,
            "
                [a]
                #include x.conf
                //- x.conf
                #include x.conf
                ^^^^^^^^^^^^^^^ files include each other deeper than 10 levels: it is not read
                ",
        );
    }
}
