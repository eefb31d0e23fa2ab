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
    /// A target is a context, an extension and a priority. Asterisk does not look at what follows; what was
    /// meant by it does not happen.
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
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::CallOf(|application| application.is("Goto"), check),
    }
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let data = call.data();
    if let [_, _, _, fourth, ..] = &split_plain(data, b',', usize::MAX, Text::Source)[..] {
        let place = call.data_place(fourth.start..data.len());
        findings.report(place, "a target has three parts: this one is not looked at");
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
                                    ^ a target has three parts: this one is not looked at
             same => n,Goto(a,1,1)
             same => n,Gosub(a,1,1(x,y))
            ",
        );
    }
}
