//! A blank at the beginning or end of a variable's name.

use crate::{
    diagnostic::Severity,
    lint::{
        Call, Check, Edit, Findings, Fix, Group, Origin, Safety, rule::rule, variables::blank_ends,
    },
};

rule! {
    /// # What it finds
    /// A blank before or after the name that `Set` or `MSet` assigns to.
    ///
    /// # Why it hurts
    /// The blank belongs to the name: `Set(A = 1)` sets a variable `A `, and `${A}` stays empty.
    /// For a function it is worse: `TIMEOUT(digit) = 3` is no time-out but a variable of that name,
    /// and every caller waits the default seconds.
    ///
    /// # Example
    /// ```text
    /// same => n,Set(TIMEOUT(digit) = 3)
    /// ```
    /// Better:
    /// ```text
    /// same => n,Set(TIMEOUT(digit)=3)
    /// ```
    pub(super) static RULE = {
        name: "blank-in-variable-name",
        code: "E015",
        group: Group::Expressions,
        severity: Severity::Error,
        origin: Origin::Asterisklint,
        fix: Some(Safety::Unsafe),
        check: Check::CallOf(|application| application.is_one_of(&["Set", "MSet"]), check),
    }
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let is_many = call.is("MSet");
    let data = call.data();
    let mut start = 0;
    for assignment in data.split(|&byte| is_many && byte == b',') {
        let at = start;
        start += assignment.len() + 1;
        let Some(equals) = memchr::memchr(b'=', assignment) else { continue };
        let blanks = blank_ends(&assignment[..equals]);
        let places: Vec<_> =
            blanks.map(|span| call.data_place(at + span.start..at + span.end)).collect();
        let Some(&first) = places.first() else { continue };
        let name = String::from_utf8_lossy(&assignment[..equals]);
        let message = format!("the blank belongs to the name: this sets `{name}`");
        let edits = places.into_iter().map(|place| Edit { place, text: Vec::new() }).collect();
        let title = "remove the blanks".to_owned();
        findings.report(first, message).fix = Some(Fix { title, safety: Safety::Unsafe, edits });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn blanks_belong_to_the_name() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Set(A = 1)
                              ^ the blank belongs to the name: this sets `A `
             same => n,Set(TIMEOUT(digit) = 3)
                                         ^ the blank belongs to the name: this sets `TIMEOUT(digit) `
             same => n,Set(A=b = c)
             same => n,MSet(A=1, B =2)
                                ^ the blank belongs to the name: this sets ` B `
             same => n,NoOp(A = 1)
            ",
        );
    }

    #[test]
    fn the_fix_takes_it_away() {
        check_fix(
            &RULE,
            "
            [a]
            exten => 1,1,Set( A = 1)
            ",
            "
            [a]
            exten => 1,1,Set(A= 1)
            ",
        );
    }
}
