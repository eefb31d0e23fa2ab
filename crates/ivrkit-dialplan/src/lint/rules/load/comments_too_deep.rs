//! Block comments too deep in each other.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// A `;--` inside of 128 others that are open.
    ///
    /// # Why it hurts
    /// Asterisk looks at that place for ever: the load never ends, and the PBX with it.
    ///
    /// # Example
    /// ```text
    /// ;-- ;-- ;-- and so on
    /// ```
    /// End each `;--` with `--;`; a comment of one line needs `;` only.
    pub(super) static RULE = {
        name: "comments-too-deep",
        code: "L019",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(&[Kind::CommentDepth], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    findings
        .report(
            subject.code(message.place),
            "block comments stand too deep in each other: Asterisk never ends reading",
        )
        .help("end each ;-- with --;");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check_bytes;

    #[test]
    fn it_takes_128() {
        let text = [b"[a]\n".as_slice(), &b";-- ".repeat(129), b"\n"].concat();
        check_bytes(
            &RULE,
            &text,
            &["2:1 block comments stand too deep in each other: Asterisk never ends reading"],
            &text,
        );
        let text = [b"[a]\n".as_slice(), &b";-- ".repeat(128), b"\n"].concat();
        check_bytes(&RULE, &text, &[], &text);
    }
}
