//! A parking lot that `res_parking.conf` does not have.

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
    /// A parking lot that is not in the `res_parking.conf` beside the dialplan. Nothing is said without that
    /// file, or if it lets lots be made as they are needed (`parkeddynamic`).
    ///
    /// # Why it hurts
    /// The call is not parked, or not found again: the caller is cut off.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,1,Park(salse)
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,1,Park(sales)
    /// ```
    pub(super) static RULE = {
        name: "missing-parking-lot",
        code: "A106",
        group: Group::Applications,
        severity: Severity::Error,
        origin: Origin::New,
        fix: None,
        check: Check::CallOf(|application| application.is_one_of(&APPLICATIONS), check),
    }
}

const APPLICATIONS: [&str; 3] = ["Park", "ParkAndAnnounce", "ParkedCall"];

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let Some(neighbours) = &call.step.subject.settings.neighbours else { return };
    let Some(range) = plain_argument(call, 0) else { return };
    let name = &call.data()[range.clone()];
    if neighbours.lacks(Defined::ParkingLot, name) {
        let message = format!("res_parking.conf has no parking lot {}", name.escape_ascii());
        findings.report(call.data_place(range), message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::{rules::applications::tests::beside, testing::check_with};

    #[test]
    fn a_lot_must_be_defined() {
        let text = "
            [a]
            exten => 1,1,Park(sales)
             same => n,Park(default)
             same => n,Park()
             same => n,ParkedCall(salse,701)";
        let marked =
            "\n                                  ^^^^^ res_parking.conf has no parking lot salse";
        let lots = "[general]\n[sales]\nparkpos=1-2\n";
        let settings = beside(&[("res_parking.conf", lots)]);
        check_with(&settings, &RULE, &format!("{text}{marked}"));
        let dynamic = format!("[general]\nparkeddynamic = yes\n{lots}");
        check_with(&beside(&[("res_parking.conf", &dynamic)]), &RULE, text);
    }
}
