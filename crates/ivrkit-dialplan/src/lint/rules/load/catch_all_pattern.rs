//! `_.` or `_!` as extension.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// The patterns `_.` and `_!`, which match whatever nothing else matches.
    ///
    /// # Why it hurts
    /// They match `h`, `i`, `t` and the like too: after the call has ended its steps run once more
    /// as `h`, and a wrong key or a time-out comes here instead of to a help text.
    ///
    /// # Example
    /// ```text
    /// exten => _.,1,Goto(menu,s,1)
    /// ```
    /// Better:
    /// ```text
    /// exten => _X.,1,Goto(menu,s,1)
    /// ```
    pub(super) static RULE = {
        name: "catch-all-pattern",
        code: "L029",
        group: Group::Load,
        severity: Severity::Warning,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(&[Kind::CatchAll], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    let line = subject.extension_line(message.place);
    let name = line.and_then(|line| line.name.map(|name| line.place(name)));
    findings
        .report(
            name.unwrap_or_else(|| subject.code(message.place)),
            "this pattern takes all that nothing else takes, `h`, `i` and `t` too",
        )
        .help("_X. takes numbers only");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn h_is_no_number() {
        check(
            &RULE,
            "
                [a]
                exten => _.,1,Answer()
                         ^^ this pattern takes all that nothing else takes, `h`, `i` and `t` too
                exten => _X.,1,Answer()
                ",
        );
    }
}
