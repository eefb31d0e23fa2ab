//! A step without an application.

use crate::{
    diagnostic::Severity,
    lint::{Check, ExtensionLine, Findings, Group, Origin, Safety, rule::rule},
    syntax::Place,
};

rule! {
    /// # What it finds
    /// An `exten` or `same` line that ends with its priority, or has nothing before the `(`.
    ///
    /// # Why it hurts
    /// Asterisk loads it and says nothing. A call that comes here ends: there is no application
    /// without a name.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,1
    ///  same => n,Answer()
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,1,NoOp()
    ///  same => n,Answer()
    /// ```
    pub(super) static RULE = {
        name: "no-application",
        code: "L066",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Extension(check),
    }
}

fn check(line: &ExtensionLine<'_>, findings: &mut Findings<'_>) {
    let word = line.bytes(line.priority);
    let is_step = matches!(word, b"n" | b"next" | b"s" | b"same")
        || word.first().is_some_and(u8::is_ascii_digit);
    if is_step && line.application.is_empty() {
        let place = line.place(line.priority);
        let finding = findings.report(place, "no application follows: the call ends here");
        match comma_before_label(line) {
            Some(comma) => {
                finding.fix(Safety::Unsafe, "take the comma before the label away", comma, "");
            }
            None => {
                finding.help("NoOp() does nothing");
            }
        }
    }
}

/// The comma of `n,(label),application`.
fn comma_before_label(line: &ExtensionLine<'_>) -> Option<Place> {
    let rest = line.bytes(line.rest);
    let comma = rest.iter().position(|&byte| byte == b',')?;
    let label = rest[comma + 1..].strip_prefix(b"(")?;
    let close = label.iter().position(|&byte| byte == b')')?;
    let is_label = !label[..close].contains(&b',') && label[close + 1..].starts_with(b",");
    is_label.then(|| line.place(line.rest.slice(comma, comma + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn a_step_does_something() {
        check(
            &RULE,
            "
                [a]
                exten => 1,1
                           ^ no application follows: the call ends here
                exten => 1,n,
                           ^ no application follows: the call ends here
                exten => 1,n,(a)
                           ^ no application follows: the call ends here
                exten => 1,n,NoOp
                exten => 1,n,${A}(b)
                exten => 1,hint
                ",
        );
    }

    #[test]
    fn a_label_follows_its_priority() {
        check_fix(
            &RULE,
            "
                [a]
                exten => 1,1,Answer()
                 same => n,(end),Hangup()
                ",
            "
                [a]
                exten => 1,1,Answer()
                 same => n(end),Hangup()
                ",
        );
    }
}
