//! An extension without priority 1.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Subject, flow::Flow, numbered, rule::rule},
};

rule! {
    /// # What it finds
    /// An extension that has steps but none with priority 1, and to which nothing jumps.
    ///
    /// # Why it hurts
    /// Calls begin at priority 1, so that nobody can dial the extension. Mostly an `n` went astray: it
    /// counts on from the last priority of the *context*, whichever extension that belonged to.
    ///
    /// # Example
    /// ```text
    /// exten => 100,1,Dial(PJSIP/100)
    /// exten => 200,n,Dial(PJSIP/200)
    /// ```
    /// The second is priority 2 of 200. Better:
    /// ```text
    /// exten => 200,1,Dial(PJSIP/200)
    /// ```
    pub(super) static RULE = {
        name: "no-first-priority",
        code: "F003",
        group: Group::Flow,
        severity: Severity::Error,
        origin: Origin::Asterisklint,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let flow = subject.flow();
    let reached = flow.reached(subject);
    // Of these the rule about `n` speaks.
    let continued = numbered::continued(subject);
    let mut number = 0;
    while number < flow.len() {
        let steps = extension(flow, number);
        let step = flow.step(subject, number);
        let is_reached = steps.clone().any(|step| reached[step]);
        // Asterisk itself adds the first step to who is called back by a parked call; and what
        // begins with a label is mostly a subroutine.
        let is_meant =
            step.priority.label.is_some() || subject.bytes(step.context.name) == b"park-dial";
        let is_first = step.priority.number == 1 || continued.contains(&step.priority.place);
        if !is_first && !is_reached && !is_meant {
            let name = step.extension.key.pattern.name().escape_ascii();
            let first = step.priority.number;
            findings
                .report(
                    step.priority.place,
                    format!("`{name}` begins with priority {first}: nobody can dial it"),
                )
                .help("begin it with priority 1");
        }
        number = steps.end;
    }
}

/// The steps of the extension that begins with this one.
fn extension(flow: &Flow, first: usize) -> std::ops::Range<usize> {
    let own = flow.at(first);
    let same = |step: &usize| {
        let at = flow.at(*step);
        (at.context, at.extension) == (own.context, own.extension)
    };
    first..first + (first..flow.len()).take_while(same).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn nobody_gets_to_it() {
        check(
            &RULE,
            "
            [a]
            exten => 100,1,NoOp()
            exten => 200,2,NoOp()
            ^^^^^^^^^^^^^^^^^^^^^ `200` begins with priority 2: nobody can dial it
            exten => 200,n,NoOp()
            exten => 210,n,NoOp()
            exten => 300,hint,PJSIP/300
            exten => 400,2,NoOp()
            exten => _4XX,1,NoOp()
            exten => 500,2(label),NoOp()
            exten => _8.,1,NoOp()
            exten => _8.,2,NoOp()
            exten => _81.,2,NoOp()
            exten => _82.,2,NoOp()
            exten => 83,3,NoOp()
            exten => 700,30000(time),NoOp()
            exten => 600,1,Goto(500,label)
            [park-dial]
            exten => PJSIP_100,2,NoOp()
            ",
        );
    }
}
