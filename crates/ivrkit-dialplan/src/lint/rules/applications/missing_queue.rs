//! A queue that `queues.conf` does not have.

use crate::{
    diagnostic::Severity,
    lint::{
        Call, Check, Findings, Group, Origin,
        neighbours::{Defined, plain_argument},
        rule::rule,
    },
};

rule! {
    /// # What it finds
    /// The name of a queue that is not in the `queues.conf` beside the dialplan. Nothing is said without
    /// that file, or if queues are kept in a database.
    ///
    /// # Why it hurts
    /// Asterisk logs a warning and goes on at the next step: the caller waits for nobody, and most often
    /// the call ends there.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,1,Queue(salse)
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,1,Queue(sales)
    /// ```
    pub(super) static RULE = {
        name: "missing-queue",
        code: "A101",
        group: Group::Applications,
        severity: Severity::Error,
        origin: Origin::New,
        fix: None,
        check: Check::CallOf(|application| application.is_one_of(&APPLICATIONS), check),
    }
}

const APPLICATIONS: [&str; 3] = ["Queue", "AddQueueMember", "RemoveQueueMember"];

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let Some(neighbours) = &call.step.subject.settings.neighbours else { return };
    let Some(range) = plain_argument(call, 0) else { return };
    let name = &call.data()[range.clone()];
    if neighbours.lacks(Defined::Queue, name) {
        let message = format!("queues.conf has no queue {}", name.escape_ascii());
        findings.report(call.data_place(range), message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::{
        rules::applications::tests::beside,
        testing::{check, check_with},
    };

    const TEXT: &str = "
        [a]
        exten => 1,1,Queue(sales,t)
         same => n,Queue(${NAME})
         same => n,Queue(salse,t)";

    #[test]
    fn a_queue_must_be_defined() {
        let marked = "\n                         ^^^^^ queues.conf has no queue salse";
        let settings = beside(&[("queues.conf", "[general]\n[sales]\n")]);
        check_with(&settings, &RULE, &format!("{TEXT}{marked}"));
        check(&RULE, TEXT);
    }
}
