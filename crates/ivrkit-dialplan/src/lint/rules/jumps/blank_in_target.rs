//! A blank in the target of a jump.

use crate::{
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Jump, Origin, Safety, rule::rule},
    syntax::Place,
};

rule! {
    /// # What it finds
    /// A blank before or after the context, the extension or the label of a jump.
    ///
    /// # Why it hurts
    /// The blank belongs to the name: `Goto(ivrs, 6501, 1)` looks for the extension ` 6501`, which is not
    /// there, and the call is "sent to invalid extension" and ends. A blank before the number of a priority
    /// does no harm.
    ///
    /// # Example
    /// ```text
    /// same => n,Goto(ivrs, 6501, 1)
    /// ```
    /// Better:
    /// ```text
    /// same => n,Goto(ivrs,6501,1)
    /// ```
    pub(super) static RULE = {
        name: "blank-in-target",
        code: "J005",
        group: Group::Jumps,
        severity: Severity::Error,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Jumps(check),
    }
}

fn check(_: &Call<'_>, jumps: &[Jump<'_>], findings: &mut Findings<'_>) {
    for jump in jumps {
        let parts = jump.parts().into_iter().zip(jump.places());
        for (number, (part, place)) in parts.enumerate() {
            let (Some(part), Some(place)) = (part, place) else { continue };
            let kind = ["context", "extension", "label"][number];
            let trimmed = part.trim_ascii();
            let is_number = trimmed.first().is_some_and(|byte| b"0123456789+-$".contains(byte));
            let is_harmless = number == 2 && is_number;
            if trimmed.is_empty() || trimmed.len() == part.len() || is_harmless {
                continue;
            }
            let shown = String::from_utf8_lossy(part);
            let message = format!("the blank belongs to the name: there is no {kind} `{shown}`");
            let text = trimmed.to_vec();
            findings.report(blank(part, place), message).fix(
                Safety::Unsafe,
                "remove the blank",
                place,
                text,
            );
        }
    }
}

/// The blanks before a part, or else those after it.
fn blank(part: &[u8], place: Place) -> Place {
    let before = part.len() - part.trim_ascii_start().len();
    let after = part.len() - part.trim_ascii_end().len();
    let narrow = |length: usize| u32::try_from(length).expect("a line is shorter than 4 GiB");
    // A place that stands for more than the part, such as the whole line, stays as it is.
    if (place.end - place.start) as usize != part.len() {
        return place;
    }
    match before {
        0 => Place { start: place.end - narrow(after), ..place },
        before => Place { end: place.start + narrow(before), ..place },
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
            r#"
            [ivrs]
            exten => 6500,1,Goto(ivrs, 6501, 1)
                                      ^ the blank belongs to the name: there is no extension ` 6501`
             same => n,Goto(ivrs ,6501,1)
                                ^ the blank belongs to the name: there is no context `ivrs `
             same => n,GotoIf($["${X}" = "1"]? yes)
                                              ^ the blank belongs to the name: there is no label ` yes`
             same => n(yes),Goto(ivrs,6501, 1)
            exten => 6501,1,Hangup()
            "#,
        );
    }

    #[test]
    fn the_fix_removes_it() {
        check_fix(
            &RULE,
            "
            [ivrs]
            exten => 6500,1,Goto(ivrs, 6501, 1)
            exten => 6501,1,Hangup()
            ",
            "
            [ivrs]
            exten => 6500,1,Goto(ivrs,6501, 1)
            exten => 6501,1,Hangup()
            ",
        );
    }
}
