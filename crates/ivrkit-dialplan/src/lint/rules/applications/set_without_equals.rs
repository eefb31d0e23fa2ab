//! `Set` or `MSet` without a `=`.

use crate::{
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, rule::rule},
};

rule! {
    /// # What it finds
    /// `Set` without a `=`, or `MSet` with an assignment that has none.
    ///
    /// # Why it hurts
    /// Asterisk warns when a call comes by and sets nothing: what is read later is empty, or the value of
    /// before.
    ///
    /// # Example
    /// ```text
    /// same => n,Set(CHANNEL(language))
    /// ```
    /// Better:
    /// ```text
    /// same => n,Set(CHANNEL(language)=zh)
    /// ```
    pub(super) static RULE = {
        name: "set-without-equals",
        code: "A009",
        group: Group::Applications,
        severity: Severity::Error,
        origin: Origin::Asterisklint,
        fix: None,
        check: Check::CallOf(|application| application.is("Set"), check),
    }
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let data = call.data();
    // A variable may bring the whole assignment.
    if data.contains(&b'=') || data.contains(&b'$') {
        return;
    }
    let place =
        if data.is_empty() { call.application_place() } else { call.data_place(0..data.len()) };
    findings.report(place, "nothing is set without a `=`").help("write Set(name=value)");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn nothing_is_set() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Set(CHANNEL(language))
                             ^^^^^^^^^^^^^^^^^ nothing is set without a `=`
             same => n,Set()
                       ^^^ nothing is set without a `=`
             same => n,Set(A=)
             same => n,Set(${ASSIGNMENT})
            ",
        );
    }
}
