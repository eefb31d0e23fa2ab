//! A variable where an application wants the name of one.

use crate::{
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, rule::rule},
};

rule! {
    /// # What it finds
    /// `${NAME}` as the first argument of `Read` and its kin, which want the name of a variable.
    ///
    /// # Why it hurts
    /// The digits go into a variable that is called as the value of `NAME`. If that is empty, they go
    /// nowhere, and the caller has typed in vain.
    ///
    /// # Example
    /// ```text
    /// same => n,Read(${code},enter-code,4)
    /// ```
    /// Better:
    /// ```text
    /// same => n,Read(code,enter-code,4)
    /// ```
    pub(super) static RULE = {
        name: "computed-variable-name",
        code: "A016",
        group: Group::Applications,
        severity: Severity::Warning,
        origin: Origin::Asterisklint,
        fix: None,
        check: Check::CallOf(|application| application.is_one_of(&["Read", "ReadExten"]), check),
    }
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let data = call.data();
    if !data.starts_with(b"${") {
        return;
    }
    let Some(first) = call.arguments().into_iter().next() else { return };
    let shown = String::from_utf8_lossy(&data[first.clone()]);
    let is_one = shown.ends_with('}') && shown.matches("${").count() == 1;
    if is_one && !shown.contains('(') {
        let name = shown[2..shown.len() - 1].to_owned();
        let message = format!("the digits go into a variable named as the value of {name}");
        let place = call.data_place(first);
        findings.report(place, message).help(format!("write {name} for the variable itself"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_name_is_wanted() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Read(${code},enter-code,4)
                              ^^^^^^^ the digits go into a variable named as the value of code
             same => n,Read(code,enter-code,4)
             same => n,Read(code_${EXTEN},enter-code,4)
            ",
        );
    }
}
