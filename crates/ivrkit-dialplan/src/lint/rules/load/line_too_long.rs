//! A line that is too long.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
    syntax::{Kind, MAX_LINE_BYTES, Message},
};

rule! {
    /// # What it finds
    /// A line of more than 8,190 bytes.
    ///
    /// # Why it hurts
    /// Asterisk skips it, with a warning that names no line. If it was a step, the callers never
    /// come by it.
    ///
    /// # Example
    /// Spread a long `Set` or a long list of devices over several lines, or keep it in a global.
    pub(super) static RULE = {
        name: "line-too-long",
        code: "L016",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(&[Kind::LineLength], check),
    }
}

fn check(_subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    findings
        .report(
            message.place,
            format!("line of more than {MAX_LINE_BYTES} bytes: Asterisk skips it"),
        )
        .help("spread it over several lines");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check_bytes;

    #[test]
    fn it_is_found() {
        let line = [b"[a]\n".as_slice(), &[b'x'; MAX_LINE_BYTES + 2], b"\n"].concat();
        check_bytes(&RULE, &line, &["2:1 line of more than 8190 bytes: Asterisk skips it"], &line);
    }
}
