//! A profile or menu that `confbridge.conf` does not have.

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
    /// A bridge profile, user profile or menu of `ConfBridge` that is not in the `confbridge.conf` beside the
    /// dialplan. Nothing is said without that file.
    ///
    /// # Why it hurts
    /// `ConfBridge` refuses the caller, and the call goes on at the next step without a conference.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,1,ConfBridge(1,larg)
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,1,ConfBridge(1,large)
    /// ```
    pub(super) static RULE = {
        name: "missing-conference-profile",
        code: "A104",
        group: Group::Applications,
        severity: Severity::Error,
        origin: Origin::New,
        fix: None,
        check: Check::CallOf(|application| application.is("ConfBridge"), check),
    }
}

const ARGUMENTS: [(usize, Defined, &str); 3] = [
    (1, Defined::BridgeProfile, "bridge profile"),
    (2, Defined::UserProfile, "user profile"),
    (3, Defined::ConferenceMenu, "menu"),
];

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let Some(neighbours) = &call.step.subject.settings.neighbours else { return };
    for (at, kind, word) in ARGUMENTS {
        let Some(range) = plain_argument(call, at) else { continue };
        let name = &call.data()[range.clone()];
        if neighbours.lacks(kind, name) {
            let message = format!("confbridge.conf has no {word} {}", name.escape_ascii());
            findings.report(call.data_place(range), message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::{rules::applications::tests::beside, testing::check_with};

    #[test]
    fn profiles_must_be_defined() {
        check_with(
            &beside(&[("confbridge.conf", "[big]\ntype=bridge\n[chair]\ntype=user\n")]),
            &RULE,
            "
            [a]
            exten => 1,1,ConfBridge(1,big,chair)
             same => n,ConfBridge(1,default_bridge)
             same => n,ConfBridge(1,chair,${X},keys)
                                    ^^^^^ confbridge.conf has no bridge profile chair
                                               ^^^^ confbridge.conf has no menu keys
            ",
        );
    }
}
