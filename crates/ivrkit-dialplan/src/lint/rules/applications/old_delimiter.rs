//! `|` between arguments.

use crate::{
    application::arguments::{Text, split_at},
    diagnostic::Severity,
    lint::{Call, Check, Edit, Findings, Fix, Group, Origin, Safety, rule::rule},
};

rule! {
    /// # What it finds
    /// A `|` where the arguments of an application are divided.
    ///
    /// # Why it hurts
    /// Up to version 1.4 a bar divided arguments. Today it is a part of the argument: `Dial(PJSIP/100|20)`
    /// calls the device `100|20`, which nobody has.
    ///
    /// # Example
    /// ```text
    /// same => n,Dial(PJSIP/100|20|t)
    /// ```
    /// Better:
    /// ```text
    /// same => n,Dial(PJSIP/100,20,t)
    /// ```
    pub(super) static RULE = {
        name: "old-delimiter",
        code: "A010",
        group: Group::Applications,
        severity: Severity::Error,
        origin: Origin::Asterisklint,
        fix: Some(Safety::Unsafe),
        check: Check::CallOf(|application| application.is_one_of(&APPLICATIONS), check),
    }
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let data = call.data();
    if memchr::memchr(b'|', data).is_none() {
        return;
    }
    let pieces = split_at(data, b'|', usize::MAX, Text::Source);
    // With a comma as well the bar is a part of some text.
    if pieces.len() < 2 || call.arguments().len() > 1 {
        return;
    }
    let bars: Vec<_> = pieces[1..].iter().map(|piece| piece.start - 1).collect();
    let place = |at: usize| call.data_place(at..at + 1);
    let edits = bars.iter().map(|&at| Edit { place: place(at), text: b",".to_vec() }).collect();
    let finding =
        findings.report(place(bars[0]), "a `|` divides nothing, it belongs to the argument");
    // Calls end at a jump that misses; elsewhere something is left out.
    if !JUMPS.iter().any(|name| call.is(name)) {
        finding.severity = finding.severity.max(Severity::Warning);
    }
    let title = "divide with commas".to_owned();
    finding.fix = Some(Fix { title, safety: Safety::Unsafe, edits });
}

const JUMPS: [&str; 3] = ["Goto", "Gosub", "Macro"];

/// Applications in whose first arguments a bar has nothing to do.
const APPLICATIONS: [&str; 13] = [
    "Dial",
    "Goto",
    "Gosub",
    "Playback",
    "Background",
    "Queue",
    "VoiceMail",
    "Read",
    "Record",
    "MeetMe",
    "Macro",
    "ChanSpy",
    "WaitExten",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn a_bar_divides_nothing() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Dial(PJSIP/100|20|t)
                                       ^ a `|` divides nothing, it belongs to the argument
             same => n,Dial(PJSIP/100,20,t)
             same => n,NoOp(a|b)
             same => n,Goto(${CUT(X,|,1)},1)
            ",
        );
    }

    #[test]
    fn commas_take_its_place() {
        check_fix(
            &RULE,
            "
            [a]
            exten => 1,1,Dial(PJSIP/100|20|t)
            ",
            "
            [a]
            exten => 1,1,Dial(PJSIP/100,20,t)
            ",
        );
    }
}
