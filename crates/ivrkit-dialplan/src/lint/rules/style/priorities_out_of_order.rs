//! Priorities that are not in the order of their numbers.

use crate::{
    diagnostic::Severity,
    dialplan::{Context, Priority},
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
};

rule! {
    /// # What it finds
    /// A numbered step that stands below one of the same extension with a higher number, in the
    /// same file.
    ///
    /// # Why it hurts
    /// Asterisk sorts them. Who reads the extension from top to bottom reads another order than the
    /// one a call takes.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,2,Hangup()
    /// exten => 6500,1,Answer()
    /// ```
    /// Write the steps in their order.
    pub(super) static RULE = {
        name: "priorities-out-of-order",
        code: "Y009",
        group: Group::Style,
        severity: Severity::Hint,
        origin: Origin::Asterisklint,
        fix: None,
        check: Check::Context(check),
    }
}

fn check(subject: &Subject<'_>, context: &Context, findings: &mut Findings<'_>) {
    for extension in &context.extensions {
        let steps = extension.priorities.iter().filter(|step| step.number > 0);
        let mut above: Option<&Priority> = None;
        for step in steps {
            let is_below = above.is_some_and(|above| {
                above.place.file == step.place.file && above.place.start > step.place.start
            });
            if let Some(above) = above.filter(|_| is_below) {
                let line = subject.line(above.place);
                let text = format!(
                    "priority {} comes after priority {} on line {line}",
                    step.number, above.number
                );
                findings
                    .report(subject.code(step.place), text)
                    .note(above.place, "the step before it");
            }
            above = Some(step);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_call_takes_the_order_of_the_numbers() {
        check(
            &RULE,
            "
                [a]
                exten => 1,2,Hangup()
                ^^^^^^^^^^^^^^^^^^^^^ priority 2 comes after priority 1 on line 3
                exten => 1,1,Answer()
                exten => 2,1,Answer()
                exten => 2,n,Hangup()
                ",
        );
    }
}
