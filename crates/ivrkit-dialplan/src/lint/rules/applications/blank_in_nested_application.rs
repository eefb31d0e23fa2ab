//! A blank around the application that `ExecIf` runs.

use crate::{
    application::application,
    diagnostic::Severity,
    lint::{Call, Check, Edit, Findings, Fix, Group, Origin, Safety, rule::rule},
};

rule! {
    /// # What it finds
    /// A blank before the name of an application that `ExecIf` runs, or between that and its parenthesis.
    ///
    /// # Why it hurts
    /// The blank belongs to the name. There is no application ` Set`: if the condition holds, the call
    /// ends at this step.
    ///
    /// # Example
    /// ```text
    /// same => n,ExecIf($["${X}" = "1"]? Set(Y=1))
    /// ```
    /// Better:
    /// ```text
    /// same => n,ExecIf($["${X}" = "1"]?Set(Y=1))
    /// ```
    pub(super) static RULE = {
        name: "blank-in-nested-application",
        code: "A004",
        group: Group::Applications,
        severity: Severity::Error,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::CallOf(|application| application.name != application.meant, check),
    }
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let name = call.name();
    let written = name.trim_ascii();
    if !call.is_inner || written.len() == name.len() || application(written).is_none() {
        return;
    }
    let start = name.len() - name.trim_ascii_start().len();
    let place = |from, to| call.step.place(call.application.slice(from, to));
    let blanks = [(0, start), (start + written.len(), name.len())];
    let places: Vec<_> = blanks
        .into_iter()
        .filter(|(from, to)| from < to)
        .map(|(from, to)| place(from, to))
        .collect();
    let shown = String::from_utf8_lossy(name);
    let message = format!("there is no application `{shown}`: the call ends here");
    let edits = places.iter().map(|&place| Edit { place, text: Vec::new() }).collect();
    let title = "remove the blanks".to_owned();
    let finding = findings.report(places[0], message);
    finding.fix = Some(Fix { title, safety: Safety::Unsafe, edits });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn the_blank_belongs_to_the_name() {
        check(
            &RULE,
            r#"
            [a]
            exten => 1,1,ExecIf($["${X}" = "1"]? Set(Y=1))
                                                ^ there is no application ` Set`: the call ends here
             same => n,ExecIf($["${X}" = "1"]?Set (Y=1):NoOp())
                                                 ^ there is no application `Set `: the call ends here
             same => n,ExecIf($["${X}" = "1"]?Set(Y=1):NoOp())
            "#,
        );
    }

    #[test]
    fn the_fix_removes_it() {
        check_fix(
            &RULE,
            r#"
            [a]
            exten => 1,1,ExecIf($["${X}" = "1"]? Set (Y=1))
            "#,
            r#"
            [a]
            exten => 1,1,ExecIf($["${X}" = "1"]?Set(Y=1))
            "#,
        );
    }
}
