//! Ways that lead to an IVR that does not exist, and `replay` where nothing is there to replay.

use crate::{
    diagnostic::Diagnostic,
    scenario::{
        code,
        outline::{Outline, To, Way},
        words::{did_you_mean, quoted},
    },
};

/// A way, the key it stands under, and whether `replay` makes sense there.
struct Written<'o> {
    way: &'o Way,
    key: &'static str,
    may_replay: bool,
}

pub(super) fn check(outline: &Outline, findings: &mut Vec<Diagnostic>) {
    let in_calls = outline.calls.iter().flat_map(|calls| &calls.starts);
    // The shape of `calls` has numbers only and has refused a `replay` there already.
    let in_calls = in_calls.map(|way| Written { way, key: "calls", may_replay: true });
    for written in in_calls.chain(ways(outline)) {
        match &written.way.to {
            To::Ivr(number) => findings.extend(unknown(outline, written.way, number)),
            To::Replay if !written.may_replay => findings.push(no_replay(&written)),
            To::Replay | To::Hangup | To::Broken(_) => {}
        }
    }
}

/// Every way but those of `calls`. `replay` starts the IVR over that the caller is in: that makes
/// sense after a wrong key and after a hold without a verdict. After a time-out the prompts have
/// been played `plays` times already, and a verdict leads away from the IVR that asked.
fn ways(outline: &Outline) -> impl Iterator<Item = Written<'_>> {
    let plain = |way, key| Written { way, key, may_replay: false };
    let replaying = |way, key| Written { way, key, may_replay: true };
    let of_ivrs = outline.ivrs.iter().flat_map(move |ivr| {
        let keys = ivr.keys.iter().map(move |(_, way)| plain(way, "keys"));
        let entry =
            ivr.entry.iter().map(move |entry| replaying(&entry.on_no_verdict, "on_no_verdict"));
        let own =
            [plain(&ivr.on_timeout, "on_timeout"), replaying(&ivr.on_wrong_key, "on_wrong_key")];
        keys.chain(entry).chain(own)
    });
    let of_verifications = outline.verifications.iter().flat_map(move |verification| {
        [
            plain(&verification.on_match, "on_match"),
            plain(&verification.on_mismatch, "on_mismatch"),
            plain(&verification.on_exhausted, "on_exhausted"),
            replaying(&verification.on_unavailable, "on_unavailable"),
        ]
    });
    of_ivrs.chain(of_verifications)
}

fn unknown(outline: &Outline, way: &Way, number: &str) -> Option<Diagnostic> {
    if outline.ivrs.is_empty() || outline.ivr(number).is_some() {
        return None;
    }
    let message = format!("there is no IVR {} in this scenario", quoted(number));
    let finding = Diagnostic::error(code::UNKNOWN_IVR, way.span, message);
    Some(finding.with_optional_help(did_you_mean(number, outline.numbers())))
}

fn no_replay(written: &Written<'_>) -> Diagnostic {
    let help = match written.key {
        "keys" => "a key may lead to the number of its own IVR to play it again",
        "on_timeout" => "`plays` says how often the prompts are played before the time-out counts",
        _ => "a verdict leads to an IVR; name the one that asks again",
    };
    let message = format!(
        "`replay` makes no sense in `{}`, expected the number of an IVR or `hangup`",
        written.key
    );
    Diagnostic::error(code::REPLAY_NOT_ALLOWED, written.way.span, message).with_help(help)
}

#[cfg(test)]
mod tests {
    use crate::scenario::tests::check;

    #[test]
    fn unknown_ivrs() {
        check(
            r#"
calls:
  outbound: 101
#           ^^^ error[unknown-ivr]: there is no IVR `101` in this scenario
ivrs:
  100:
    prompts: [welcome]
    keys:
      1: 110
#        ^^^ error[unknown-ivr]: there is no IVR `110` in this scenario
      2: 77
#        ^^ error[unknown-ivr]: there is no IVR `77` in this scenario
    on_timeout: "200"
    on_wrong_key: 0200
#                 ^^^^ error[unknown-ivr]: there is no IVR `0200` in this scenario
  200:
    prompts: [welcome]
"#,
        );
    }

    #[test]
    fn the_nearest_ivr_is_proposed_and_else_all() {
        check(
            r"
calls:
  outbound: 1000
#           ^^^^ help: did you mean `100`?
  inbound: 77
#          ^^ help: known here: `100`
",
        );
    }

    #[test]
    fn replay_only_after_a_wrong_key_and_without_a_verdict() {
        check(
            r#"
calls:
  outbound: 100
  inbound: replay
#          ^^^^^^ error[wrong-form]: found the text `replay`, expected the number of an IVR: 1 to 10 digits
ivrs:
  100:
    prompts: [welcome]
    keys:
      "*": replay
#          ^^^^^^ error[replay-not-allowed]: `replay` makes no sense in `keys`, expected the number of an IVR or `hangup`
    on_timeout: replay
#               ^^^^^^ error[replay-not-allowed]: `replay` makes no sense in `on_timeout`
    on_wrong_key: replay
    entry:
      verify: pin
      min_digits: 4
      max_digits: 4
      hold: { prompts: [welcome] }
      on_no_verdict: replay
verifications:
  pin:
    on_match: replay
#             ^^^^^^ error[replay-not-allowed]: `replay` makes no sense in `on_match`
    on_mismatch: replay
#                ^^^^^^ error[replay-not-allowed]: `replay` makes no sense in `on_mismatch`
    on_exhausted: replay
#                 ^^^^^^ error[replay-not-allowed]: `replay` makes no sense in `on_exhausted`
"#,
        );
    }

    #[test]
    fn a_look_up_that_fails_leads_somewhere_too() {
        check(
            r"
ivrs:
  100:
    prompts: [welcome]
    entry: { verify: pin, min_digits: 4, max_digits: 4, hold: { prompts: [welcome] } }
    on_timeout: 101
  101:
    prompts: [welcome]
    entry: { verify: sms, min_digits: 4, max_digits: 4, hold: { prompts: [welcome] } }
  102: { prompts: [welcome] }
verifications:
  pin: { on_match: hangup, on_mismatch: 100, on_unavailable: 999 }
#                                                            ^^^ error[unknown-ivr]: there is no IVR `999` in this scenario
  sms: { on_match: hangup, on_mismatch: 101, on_unavailable: 102 }
",
        );
    }
}
