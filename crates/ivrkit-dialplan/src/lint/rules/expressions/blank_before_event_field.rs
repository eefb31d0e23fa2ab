//! A blank before the name of a field of an event.

use crate::{
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, Safety, rule::rule},
};

rule! {
    /// # What it finds
    /// A blank after a comma of `UserEvent`, before the name of a field.
    ///
    /// # Why it hurts
    /// The blank belongs to the name: `UserEvent(End, Id: 1)` sends a field ` Id`. A program that looks for
    /// `Id` in the events of the manager interface does not find it, unless it strips blanks.
    ///
    /// # Example
    /// ```text
    /// same => n,UserEvent(PlayPromptEnd, Ivrid: 6500)
    /// ```
    /// Better:
    /// ```text
    /// same => n,UserEvent(PlayPromptEnd,Ivrid: 6500)
    /// ```
    pub(super) static RULE = {
        name: "blank-before-event-field",
        code: "E090",
        group: Group::Expressions,
        severity: Severity::Hint,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::CallOf(|application| application.is("UserEvent"), check),
    }
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let data = call.data();
    for comma in memchr::memchr_iter(b',', data) {
        let field = data[comma + 1..].split(|&byte| byte == b',').next().unwrap_or_default();
        let name = field.split(|&byte| byte == b':').next().unwrap_or_default();
        let blanks = name.len() - name.trim_ascii_start().len();
        if blanks == 0 || blanks == name.len() || name.len() == field.len() {
            continue;
        }
        let blank = call.data_place(comma + 1..comma + 1 + blanks);
        let shown = String::from_utf8_lossy(name);
        findings
            .report(blank, format!("the blank belongs to the name: this sends the field `{shown}`"))
            .fix(Safety::Unsafe, "remove the blank", blank, "");
    }
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
            exten => 1,1,UserEvent(End, Id: 1,Call: 2,  Last:3)
                                       ^ the blank belongs to the name: this sends the field ` Id`
                                                      ^^ the blank belongs to the name: this sends the field `  Last`
             same => n,UserEvent(End,Id: 1, no field)
             same => n,NoOp(End, Id: 1)
            ",
        );
    }

    #[test]
    fn the_fix_removes_it() {
        check_fix(
            &RULE,
            "
            [a]
            exten => 1,1,UserEvent(End, Id: 1)
            ",
            "
            [a]
            exten => 1,1,UserEvent(End,Id: 1)
            ",
        );
    }
}
