//! A sound twice in a row.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Played, rule::rule, sounds::is_stock},
};

rule! {
    /// # What it finds
    /// The same sound twice in a row in a list. Asterisk's own sounds, such as `beep&beep` or
    /// `silence/1&silence/1`, are left alone.
    ///
    /// # Why it hurts
    /// The caller hears the prompt twice, most likely because a line was copied and not changed: the
    /// prompt that was meant is never heard.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,1,Background(custom/for-sales&custom/for-sales)
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,1,Background(custom/for-sales&custom/for-support)
    /// ```
    pub(super) static RULE = {
        name: "repeated-sound",
        code: "P010",
        group: Group::Prompts,
        severity: Severity::Hint,
        origin: Origin::New,
        fix: None,
        check: Check::Sounds(check),
    }
}

fn check(played: &Played<'_>, findings: &mut Findings<'_>) {
    let mut last = None;
    for (number, name) in played.names() {
        if last == Some((number.wrapping_sub(1), name)) && !is_stock(name) {
            findings.report(played.place(number), "the caller hears this sound twice in a row");
        }
        last = Some((number, name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn twice_in_a_row_is_hardly_meant() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Playback(custom/a&custom/a&custom/b&custom/a)
                                           ^^^^^^^^ the caller hears this sound twice in a row
             same => n,Playback(beep&beep)
             same => n,Playback(custom/a&${X}&custom/a)
            ",
        );
    }
}
