//! `#exec` is used.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// An `#exec` line, which reads what a program prints.
    ///
    /// # Why it hurts
    /// Unless `execincludes = yes` stands in `asterisk.conf`, Asterisk skips the line and all
    /// extensions it should give are missing. With that option each reload runs the program with
    /// the rights of Asterisk, and what it prints on a bad day is the dialplan. What the program
    /// gives is not looked at here either.
    ///
    /// # Example
    /// ```text
    /// #exec /usr/local/bin/make-dialplan
    /// ```
    /// Let the program write a file when something changes, and `#include` that.
    pub(super) static RULE = {
        name: "exec-directive",
        code: "L009",
        group: Group::Load,
        severity: Severity::Warning,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(&[Kind::Exec], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    findings
        .report(
            subject.code(message.place),
            "`#exec` is off in Asterisk unless asterisk.conf says otherwise",
        )
        .help("write the program's output into a file and #include that");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn it_is_found() {
        check(
            &RULE,
            "
                [a]
                #exec /bin/date
                ^^^^^^^^^^^^^^^ `#exec` is off in Asterisk unless asterisk.conf says otherwise
                ",
        );
    }
}
