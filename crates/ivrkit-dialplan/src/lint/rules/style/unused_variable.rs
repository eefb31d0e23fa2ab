//! A variable that is set and never read.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
};

rule! {
    /// # What it finds
    /// A variable that is set and that nothing in the dialplan reads.
    ///
    /// # Why it hurts
    /// Perhaps it is read under another name, and empty there. A channel or a script may read it,
    /// which this rule cannot know, so it is off unless asked for.
    ///
    /// # Example
    /// `Set(LANG=zh)` with no `${LANG}` anywhere: the language is set with `Set(CHANNEL(language)=zh)`.
    pub(super) static RULE = {
        name: "unused-variable",
        code: "Y902",
        group: Group::Style,
        severity: Severity::Hint,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let variables = subject.variables();
    if variables.has_computed_names {
        return;
    }
    for (name, &place) in &variables.set {
        if !name.is_empty() && !variables.is_used(name) {
            let name = String::from_utf8_lossy(name);
            findings.report(place, format!("nothing in this dialplan reads {name}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn what_nothing_reads_is_told_where_it_is_first_set() {
        check(
            &RULE,
            "
            [globals]
            TRUNK=PJSIP/trunk
            [a]
            exten => 1,1,Set(__LANG=zh)
                             ^^^^^^ nothing in this dialplan reads LANG
             same => n,Set(LANG=en)
             same => n,Dial(${TRUNK}/1)
             same => n,Set(N=1)
             same => n,NoOp(${N} ${CUT(M,-,1)})
             same => n,Set(M=a-b)
            ",
        );
    }
}
