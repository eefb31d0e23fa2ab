//! A blank between an application and its `(`.

use crate::{
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, Safety, rule::rule},
};

rule! {
    /// # What it finds
    /// A blank between the name of an application and its opening parenthesis.
    ///
    /// # Why it hurts
    /// For Asterisk the blank belongs to the name. There is no application `Set `, so the call ends
    /// at this step: the caller is cut off.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,1,Set (LANGUAGE=zh)
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,1,Set(LANGUAGE=zh)
    /// ```
    pub(super) static RULE = {
        name: "blank-before-parenthesis",
        code: "A001",
        group: Group::Applications,
        severity: Severity::Error,
        origin: Origin::Asterisklint,
        fix: Some(Safety::Unsafe),
        check: Check::CallOf(|application| !application.name.ends_with(application.meant), check),
    }
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let name = call.name();
    let written = name.trim_ascii_end();
    if written.len() == name.len() || written.is_empty() {
        return;
    }
    // A rule of its own tells of those that others run.
    if call.is_inner && call.entry.is_some() {
        return;
    }
    let blank = call.application.slice(written.len(), name.len());
    let (written, name) = (written.escape_ascii(), name.escape_ascii());
    let blank = call.step.place(blank);
    findings
        .report(blank, format!("there is no application `{name}`: the call ends here"))
        .help(format!("write {written}( without a blank"))
        .fix(Safety::Unsafe, "remove the blank", blank, "");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn the_blank_belongs_to_the_name() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Set (X=1)
                            ^ there is no application `Set `: the call ends here
             same => n,NoOp( fine )
             same => n,ExecIf(1?Set (X=1):Own (X=1))
                                             ^ there is no application `Own `: the call ends here
             same => n, Hangup()
            ",
        );
    }

    #[test]
    fn the_fix_removes_it() {
        check_fix(
            &RULE,
            "
            [a]
            exten => 1,1,Set  (X=1)
            ",
            "
            [a]
            exten => 1,1,Set(X=1)
            ",
        );
    }
}
