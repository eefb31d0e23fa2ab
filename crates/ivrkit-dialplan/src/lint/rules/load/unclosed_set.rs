//! A pattern with a `[` and no `]`.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// A `[` without its `]` in a pattern, or with nothing before it, noticed by Asterisk when it
    /// compares this pattern with another one.
    ///
    /// # Why it hurts
    /// Nothing that a caller dials matches from there on.
    ///
    /// # Example
    /// ```text
    /// exten => _1[2-4,1,Answer()
    /// ```
    /// Better:
    /// ```text
    /// exten => _1[2-4],1,Answer()
    /// ```
    pub(super) static RULE = {
        name: "unclosed-set",
        code: "L033",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(&[Kind::PatternBrackets, Kind::PatternSet, Kind::PatternSetEmpty], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    let line = subject.extension_line(message.place);
    let name = line.and_then(|line| line.name.map(|name| line.place(name)));
    findings
        .report(
            name.unwrap_or_else(|| subject.code(message.place)),
            "a pattern with a `[` and no `]`: what follows it matches nothing",
        )
        .help("close the set with ], before the comma");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_set_is_closed() {
        check(
            &RULE,
            "
                [globals]
                A = _1[2
                [a]
                exten => _1X,1,Answer()
                exten => ${A},1,Answer()
                         ^^^^ a pattern with a `[` and no `]`: what follows it matches nothing
                exten => _1[2-4],1,Answer()
                ",
        );
    }
}
