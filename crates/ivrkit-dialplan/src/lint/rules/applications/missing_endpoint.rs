//! An endpoint that `pjsip.conf` or `sip.conf` does not have.

use crate::{
    application::arguments::{Text, split_plain},
    diagnostic::Severity,
    lint::{
        Call, Check, Findings, Group, Origin,
        neighbours::{Defined, plain},
        rule::rule,
    },
};

rule! {
    /// # What it finds
    /// An endpoint in `Dial` that is not in the `pjsip.conf` (or `pjsip_wizard.conf`) beside the dialplan, or
    /// a peer that is not in `sip.conf`. For `SIP/` only names without a dot, which could not be hosts.
    /// Nothing is said without those files, or if endpoints are kept in a database.
    ///
    /// # Why it hurts
    /// Nobody is called: `DIALSTATUS` becomes `CHANUNAVAIL`, and the call goes on at the next step.
    ///
    /// # Example
    /// ```text
    /// exten => 6502,1,Dial(PJSIP/6520,30)
    /// ```
    /// Better:
    /// ```text
    /// exten => 6502,1,Dial(PJSIP/6502,30)
    /// ```
    pub(super) static RULE = {
        name: "missing-endpoint",
        code: "A103",
        group: Group::Applications,
        severity: Severity::Error,
        origin: Origin::New,
        fix: None,
        check: Check::CallOf(|application| application.is_one_of(&["Dial", "Page"]), check),
    }
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let Some(neighbours) = &call.step.subject.settings.neighbours else { return };
    let data = call.data();
    let all = call.arguments().first().cloned().unwrap_or_default();
    for one in split_plain(&data[all.clone()], b'&', usize::MAX, Text::Source) {
        let Some(range) = plain(data, all.start + one.start..all.start + one.end) else { continue };
        let Some((kind, name)) = callee(&data[range.clone()]) else { continue };
        if neighbours.lacks(kind, name) {
            let file = if kind == Defined::Endpoint { "pjsip.conf" } else { "sip.conf" };
            let message = format!("{file} has no endpoint {}", name.escape_ascii());
            findings.report(call.data_place(range), message);
        }
    }
}

/// The endpoint or peer of a dial string.
fn callee(text: &[u8]) -> Option<(Defined, &[u8])> {
    let slash = memchr::memchr(b'/', text)?;
    let (technology, rest) = (&text[..slash], &text[slash + 1..]);
    let after_at = memchr::memchr(b'@', rest).map(|at| &rest[at + 1..]);
    let before_slash = rest.split(|&byte| byte == b'/').next().unwrap_or(rest);
    if technology.eq_ignore_ascii_case(b"PJSIP") {
        // `endpoint/sip:uri` may hold an `@` in its address.
        let has_address = before_slash.len() < rest.len();
        return Some((
            Defined::Endpoint,
            if has_address { before_slash } else { after_at.unwrap_or(rest) },
        ));
    }
    let is_host = |name: &[u8]| name.iter().any(|byte| b".:[".contains(byte));
    let is_sip = technology.eq_ignore_ascii_case(b"SIP");
    let name = if after_at.is_some() { after_at? } else { before_slash };
    (is_sip && !is_host(name) && !name.is_empty()).then_some((Defined::Peer, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::{rules::applications::tests::beside, testing::check_with};

    #[test]
    fn an_endpoint_must_be_defined() {
        check_with(
            &beside(&[
                ("pjsip.conf", "[100]\ntype=endpoint\n[trunk]\ntype=endpoint\n"),
                ("sip.conf", "[general]\n[desk]\n"),
            ]),
            &RULE,
            "
            [a]
            exten => 1,1,Dial(PJSIP/100&PJSIP/${X}&PJSIP/555@trunk,30)
             same => n,Dial(PJSIP/100/sip:1@host&PJSIP/101,30)
                                                 ^^^^^^^^^ pjsip.conf has no endpoint 101
             same => n,Dial(PJSIP/555@trnk)
                            ^^^^^^^^^^^^^^ pjsip.conf has no endpoint trnk
             same => n,Dial(SIP/desk/1&SIP/10.0.0.1&SIP/1@desk&IAX2/x)
             same => n,Dial(SIP/dsk)
                            ^^^^^^^ sip.conf has no endpoint dsk
            ",
        );
    }
}
