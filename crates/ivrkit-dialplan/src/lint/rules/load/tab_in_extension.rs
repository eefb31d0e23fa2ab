//! A tab in the name of an extension.

use crate::{
    diagnostic::Severity,
    lint::{Check, ExtensionLine, Findings, Group, Origin, Safety, rule::rule},
};

rule! {
    /// # What it finds
    /// A tab within the name of an extension, or between it and the comma.
    ///
    /// # Why it hurts
    /// Asterisk takes blanks out of names, but tabs stay: nobody can dial that extension.
    ///
    /// # Example
    /// ```text
    /// exten => 6500	,1,Answer()
    /// ```
    /// Take the tab away.
    pub(super) static RULE = {
        name: "tab-in-extension",
        code: "L063",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Extension(check),
    }
}

fn check(line: &ExtensionLine<'_>, findings: &mut Findings<'_>) {
    let Some(name) = line.name else { return };
    let bytes = line.bytes(name);
    let Some(start) = bytes.iter().position(|&byte| byte == b'\t') else { return };
    let length = bytes[start..].iter().take_while(|&&byte| byte == b'\t').count();
    let place = line.place(name.slice(start, start + length));
    findings.report(place, "a tab belongs to the name of the extension: nobody can dial it").fix(
        Safety::Unsafe,
        "take it away",
        place,
        "",
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check_bytes;

    #[test]
    fn tabs_stay() {
        check_bytes(
            &RULE,
            b"[a]\nexten\t=>\t1 \t,\t1,\tAnswer()\n",
            &["2:12 a tab belongs to the name of the extension: nobody can dial it"],
            b"[a]\nexten\t=>\t1 ,\t1,\tAnswer()\n",
        );
    }
}
