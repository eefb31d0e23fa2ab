//! `Goto` with more than context, extension and priority.

use crate::{
    application::arguments::{Text, split_plain},
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, rule::rule},
};

rule! {
    /// # What it finds
    /// `Goto` with four parts or more.
    ///
    /// # Why it hurts
    /// All that follows the second comma is the priority: `Goto(a,b,c,d)` looks for a label `c,d`, which
    /// cannot be there, and the call ends.
    ///
    /// # Example
    /// ```text
    /// same => n,Goto(menu,s,1,again)
    /// ```
    /// Better: `Goto(menu,s,1)`, or `Goto(menu,s,again)` for the label.
    pub(super) static RULE = {
        name: "too-many-target-parts",
        code: "J008",
        group: Group::Jumps,
        severity: Severity::Error,
        origin: Origin::New,
        fix: None,
        check: Check::Call(check),
    }
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    if !call.is("Goto") {
        return;
    }
    let data = call.data();
    let parts = split_plain(data, b',', usize::MAX, Text::Source);
    if let [_, _, third, fourth, ..] = &parts[..]
        && !data[third.clone()].trim_ascii().starts_with(b"$")
    {
        // A number is read up to the comma; what follows is not looked at.
        let reads_number = data[third.clone()].trim_ascii_start().first();
        let is_number = reads_number.is_some_and(u8::is_ascii_digit);
        let message = match is_number {
            true => "what follows the priority is not looked at",
            false => "a target has three parts: no label holds a comma",
        };
        let place = call.data_place(fourth.start..data.len());
        let finding = findings.report(place, message);
        if is_number {
            finding.severity = Severity::Warning;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn three_parts_are_all() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Goto(a,1,x,y)
                                    ^ a target has three parts: no label holds a comma
             same => n,Goto(a,1,1,y)
                                  ^ what follows the priority is not looked at
             same => n,Goto(a,1,1)
             same => n,Gosub(a,1,1(x,y))
            ",
        );
    }
}
