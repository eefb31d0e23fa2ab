//! A context whose name is cut.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Written, rule::rule},
    syntax::MAX_SECTION_BYTES,
};

rule! {
    /// # What it finds
    /// A name of more than 79 bytes in a section header.
    ///
    /// # Why it hurts
    /// Asterisk cuts it: whatever leads to the whole name misses the context.
    ///
    /// # Example
    /// Give the context a shorter name. A letter of Chinese takes three bytes.
    pub(super) static RULE = {
        name: "long-context-name",
        code: "L068",
        group: Group::Load,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Written(check),
    }
}

fn check(line: &Written<'_>, findings: &mut Findings<'_>) {
    let code = line.code();
    if code.len() <= MAX_SECTION_BYTES || !code.starts_with(b"[") {
        return;
    }
    let end = code.iter().position(|&byte| byte == b']').unwrap_or(0);
    if end > MAX_SECTION_BYTES + 1 {
        let start = line.code.start + 1;
        findings
            .report(
                line.place(start + MAX_SECTION_BYTES..start + end - 1),
                format!("names of contexts end after {MAX_SECTION_BYTES} bytes: this is cut"),
            )
            .help("give it a shorter name");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check_bytes;

    #[test]
    fn after_79_bytes() {
        let header = |bytes: usize| format!("[{}]\n", "a".repeat(bytes));
        check_bytes(&RULE, header(79).as_bytes(), &[], header(79).as_bytes());
        let found = "1:81 names of contexts end after 79 bytes: this is cut";
        check_bytes(&RULE, header(80).as_bytes(), &[found], header(80).as_bytes());
    }
}
