//! Text after a priority that Asterisk ignores.

use crate::{
    diagnostic::Severity,
    lint::{Check, ExtensionLine, Findings, Group, Origin, rule::rule, subject::shown},
};

rule! {
    /// # What it finds
    /// A priority that begins with a number and goes on with letters, or text between the `)` of a
    /// label and the comma.
    ///
    /// # Why it hurts
    /// Asterisk takes the number, or the label, and drops the rest without a word: mostly a comma
    /// is missing, and the step does nothing or something else.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,1Answer(),Wait(1)
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,1,Answer()
    /// ```
    pub(super) static RULE = {
        name: "text-after-priority",
        code: "L064",
        group: Group::Load,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Extension(check),
    }
}

fn check(line: &ExtensionLine<'_>, findings: &mut Findings<'_>) {
    let word = line.bytes(line.priority);
    let digits = word.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits > 0 && digits < word.len() {
        let text = format!("Asterisk takes the priority {} and drops this", shown(&word[..digits]));
        findings
            .report(line.place(line.priority.slice(digits, word.len())), text)
            .help("a comma stands between the priority and the application");
        return;
    }
    let rest = line.bytes(line.rest);
    let end = rest.iter().position(|&byte| byte == b',').unwrap_or(rest.len());
    let Some(open) = rest[..end].iter().position(|&byte| byte == b'(') else { return };
    let Some(close) = rest[open..end].iter().position(|&byte| byte == b')') else { return };
    let start = open + close + 1;
    let (from, to) = crate::syntax::strip(&rest[start..end]);
    let is_priority = [b"n".as_slice(), b"s", b"hint"].contains(&word) || digits > 0;
    if from < to && is_priority {
        findings
            .report(
                line.place(line.rest.slice(start + from, start + to)),
                "Asterisk drops what stands between the label and the comma",
            )
            .help("write n+1(label) to skip numbers");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn it_is_dropped() {
        check(
            &RULE,
            "
                [a]
                exten => 1,1a,Answer()
                            ^ Asterisk takes the priority 1 and drops this
                exten => 1,n(b)+1,Answer()
                               ^^ Asterisk drops what stands between the label and the comma
                exten => 1,n+101(c) ,Answer()
                exten => 1,10,Answer()
                ",
        );
    }
}
