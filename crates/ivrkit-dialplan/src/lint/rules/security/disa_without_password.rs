//! A dial tone for everybody.

use crate::{
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, rule::rule},
};

rule! {
    /// # What it finds
    /// `DISA(no-password,...)`.
    ///
    /// # Why it hurts
    /// `DISA` gives the caller a dial tone, as if he sat at a telephone of the house. Without a password whoever
    /// finds the number calls the world at the operator's cost.
    ///
    /// # Example
    /// ```text
    /// exten => 700,1,DISA(no-password,outbound)
    /// ```
    /// Better, ask for a code that is kept in a file, or look at who calls before:
    /// ```text
    /// exten => 700,1,DISA(/etc/asterisk/disa.codes)
    /// ```
    pub(super) static RULE = {
        name: "disa-without-password",
        code: "S013",
        group: Group::Security,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::CallOf(|application| application.is("DISA"), check),
    }
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let Some(first) = call.arguments().into_iter().next() else { return };
    if call.data()[first.clone()].trim_ascii().eq_ignore_ascii_case(b"no-password") {
        let message = "whoever gets here has a dial tone of the house";
        findings.report(call.data_place(first), message).help("ask for a code");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_dial_tone_wants_a_code() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,DISA(no-password,outbound)
                              ^^^^^^^^^^^ whoever gets here has a dial tone of the house
             same => n,DISA(/etc/asterisk/codes)
             same => n,DISA(${CODE},outbound)
            ",
        );
    }
}
