//! An `&` with no sound on one of its sides.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Played, Safety, rule::rule},
};

rule! {
    /// # What it finds
    /// An `&` too many in a list of sounds: `a&&b`, `a&`, `&a`.
    ///
    /// # Why it hurts
    /// Asterisk takes the nothing between them for the name of a sound, which is not there.
    /// `Background` leaves out the rest of the list; `Playback` says that it failed.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,1,Background(welcome&&choose)
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,1,Background(welcome&choose)
    /// ```
    pub(super) static RULE = {
        name: "empty-sound-in-list",
        code: "P011",
        group: Group::Prompts,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Sounds(check),
    }
}

fn check(played: &Played<'_>, findings: &mut Findings<'_>) {
    let data = played.call.data();
    let is_joint = |at: usize| data.get(at) == Some(&b'&');
    for range in &played.ranges {
        // Between two sounds there is one `&`, before the first and after the last there is none.
        let before = data[..range.start].iter().rev().take_while(|&&byte| byte == b'&').count();
        let is_first = before == range.start
            || !played.ranges.iter().any(|one| one.end + before == range.start);
        let superfluous = if is_first { before } else { before - before.min(1) };
        if superfluous > 0 {
            report(played, range.start - superfluous..range.start, findings);
        }
    }
    if let Some(last) = played.ranges.last() {
        let end = (last.end..data.len()).take_while(|&at| is_joint(at)).last();
        if let Some(end) = end {
            report(played, last.end..end + 1, findings);
        }
    }
}

fn report(played: &Played<'_>, range: std::ops::Range<usize>, findings: &mut Findings<'_>) {
    let place = played.call.data_place(range);
    findings.report(place, "no sound stands here: Asterisk looks for one without a name").fix(
        Safety::Unsafe,
        "remove the `&`",
        place,
        "",
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn each_joint_needs_two_sounds() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Playback(a&b&${X}&c)
             same => n,Background(a&&b,m)
                                    ^ no sound stands here: Asterisk looks for one without a name
             same => n,Background(&a)
                                  ^ no sound stands here: Asterisk looks for one without a name
             same => n,Background(a&b&,m)
                                     ^ no sound stands here: Asterisk looks for one without a name
            ",
        );
    }

    #[test]
    fn the_fix_removes_it() {
        check_fix(
            &RULE,
            "
            [a]
            exten => 1,1,Background(&a&&&b&)
            ",
            "
            [a]
            exten => 1,1,Background(a&b)
            ",
        );
    }
}
