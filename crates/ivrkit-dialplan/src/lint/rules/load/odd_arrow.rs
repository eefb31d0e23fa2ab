//! An arrow that leaves a sign in the name.

use crate::{
    diagnostic::Severity,
    lint::{Check, ExtensionLine, Findings, Group, Origin, Safety, rule::rule, subject::shown},
};

rule! {
    /// # What it finds
    /// `=>>`, `==`, `==>` or the like in an `exten` line.
    ///
    /// # Why it hurts
    /// Asterisk takes a `=` and one `>`. What is left belongs to the name of the extension, which
    /// nobody can dial.
    ///
    /// # Example
    /// ```text
    /// exten ==> 6500,1,Answer()
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,1,Answer()
    /// ```
    pub(super) static RULE = {
        name: "odd-arrow",
        code: "L062",
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
    let length = bytes.iter().take_while(|byte| b"=>".contains(byte)).count();
    if length == 0 {
        return;
    }
    let place = line.place(name.slice(0, length));
    let text = format!("`{}` belongs to the name of the extension", shown(&bytes[..length]));
    findings.report(place, text).fix(Safety::Unsafe, "take it away", place, "");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn it_belongs_to_the_name() {
        check(
            &RULE,
            "
                [a]
                exten =>> 1,1,Answer()
                        ^ `>` belongs to the name of the extension
                exten == 1,1,Answer()
                       ^ `=` belongs to the name of the extension
                exten = 1,1,Answer()
                ",
        );
    }

    #[test]
    fn it_goes() {
        check_fix(
            &RULE,
            "
                [a]
                exten ==> 1,1,Answer()
                ",
            "
                [a]
                exten = 1,1,Answer()
                ",
        );
    }
}
