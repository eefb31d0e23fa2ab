//! Applications whose outcome is scripted: nothing of them is run here but what comes of it.
//!
//! Which application sets which status, and what that status means for the call, is Asterisk's own
//! (`apps/*.c`). `Dial` and `Queue` have rooms of their own.

use super::{
    super::{EndedBy, ScriptedOutcome, channel::Channel, line::Line},
    Outcome, dial, queue,
};

/// What is known of an application that may be scripted.
struct Kind {
    application: &'static str,
    /// The variable that tells how it went; empty if it sets none.
    variable: &'static str,
    /// What it is if nothing else is said.
    status: &'static str,
    /// The status that ends the call; empty if none does.
    ends_with: &'static str,
    /// Whether it answers a call that is not answered.
    answers: bool,
}

/// In the order of the alphabet.
const KINDS: &[Kind] = &[
    kind("AddQueueMember", "AQMSTATUS", "ADDED"),
    ending("AGI", "AGISTATUS", "SUCCESS", "HANGUP"),
    kind("AMD", "AMDSTATUS", "HUMAN"),
    kind("AttendedTransfer", "ATTENDEDTRANSFERSTATUS", "SUCCESS"),
    kind("BlindTransfer", "BLINDTRANSFERSTATUS", "SUCCESS"),
    kind("ChanIsAvail", "AVAILSTATUS", "0"),
    kind("ChannelRedirect", "CHANNELREDIRECT_STATUS", "SUCCESS"),
    answering("ConfBridge", "CONFBRIDGE_RESULT", "HANGUP"),
    kind("ControlPlayback", "CPLAYBACKSTATUS", "SUCCESS"),
    answering("Directory", "", ""),
    answering("DISA", "", ""),
    ending("EAGI", "AGISTATUS", "SUCCESS", "HANGUP"),
    answering("Festival", "", ""),
    answering("MeetMe", "", ""),
    kind("Originate", "ORIGINATE_STATUS", "SUCCESS"),
    kind("PauseQueueMember", "PQMSTATUS", "PAUSED"),
    answering("PrivacyManager", "PRIVACYMGRSTATUS", "SUCCESS"),
    answering("Read", "READSTATUS", "OK"),
    answering("ReadExten", "READEXTENSTATUS", "OK"),
    kind("ReceiveFAX", "FAXSTATUS", "SUCCESS"),
    answering("Record", "RECORD_STATUS", "DTMF"),
    kind("RemoveQueueMember", "RQMSTATUS", "REMOVED"),
    kind("SendFAX", "FAXSTATUS", "SUCCESS"),
    kind("SendText", "SENDTEXTSTATUS", "SUCCESS"),
    kind("Stasis", "STASISSTATUS", "SUCCESS"),
    ending("System", "SYSTEMSTATUS", "SUCCESS", "FAILURE"),
    kind("Transfer", "TRANSFERSTATUS", "SUCCESS"),
    kind("TrySystem", "SYSTEMSTATUS", "SUCCESS"),
    kind("UnpauseQueueMember", "UPQMSTATUS", "UNPAUSED"),
    answering("VoiceMail", "VMSTATUS", "SUCCESS"),
    answering("VoiceMailMain", "", ""),
    kind("WaitForNoise", "WAITSTATUS", "NOISE"),
    kind("WaitForSilence", "WAITSTATUS", "SILENCE"),
];

/// Carries out an application as one of its outcomes says.
pub(super) async fn run(
    line: &Line,
    name: &str,
    data: &[u8],
    outcome: &ScriptedOutcome,
) -> Outcome {
    match name {
        "Dial" => dial::run(line, data, outcome).await,
        "Queue" => queue::run(line, data, outcome).await,
        // It dials again and again, which one outcome does not tell.
        "RetryDial" => {
            line.not_modelled(name);
            Outcome::HangUp
        }
        _ => other(line, name, outcome).await,
    }
}

/// What every scripted application does at its end: variables are set, and the call goes on where
/// it is told to, or is over.
pub(super) fn finish(line: &Line, outcome: &ScriptedOutcome, own: Outcome) -> Outcome {
    if let Some(cause) = outcome.cause {
        line.with(|channel| channel.cause = cause);
    }
    for (name, value) in &outcome.sets {
        line.set(name, value);
    }
    if own == Outcome::Next
        && let Some(place) = &outcome.goes_to
        && !line.go(place)
    {
        return Outcome::HangUp;
    }
    match outcome.ended_by {
        EndedBy::Peer => own,
        EndedBy::Application => Outcome::HangUp,
        EndedBy::Caller => {
            line.with(Channel::leave);
            Outcome::HangUp
        }
    }
}

async fn other(line: &Line, name: &str, outcome: &ScriptedOutcome) -> Outcome {
    let kind = KINDS.iter().find(|kind| kind.application == name);
    if kind.is_some_and(|kind| kind.answers) && !line.answer(0).await {
        return Outcome::HangUp;
    }
    if let Some(ms) = outcome.takes_ms
        && ms > 0
        && !line.sleep(ms).await
    {
        // A script that is told of the hang-up has that status.
        if let Some(kind) = kind.filter(|kind| kind.ends_with == "HANGUP") {
            line.set(kind.variable.as_bytes(), b"HANGUP");
        }
        return Outcome::HangUp;
    }
    let Some(kind) = kind.filter(|kind| !kind.variable.is_empty()) else {
        return finish(line, outcome, Outcome::Next);
    };
    let status = outcome.status.as_deref().unwrap_or(kind.status);
    line.set(kind.variable.as_bytes(), status.as_bytes());
    let ends = !kind.ends_with.is_empty() && status == kind.ends_with;
    finish(line, outcome, if ends { Outcome::HangUp } else { Outcome::Next })
}

const fn kind(application: &'static str, variable: &'static str, status: &'static str) -> Kind {
    Kind { application, variable, status, ends_with: "", answers: false }
}

const fn answering(
    application: &'static str,
    variable: &'static str,
    status: &'static str,
) -> Kind {
    Kind { application, variable, status, ends_with: "", answers: true }
}

const fn ending(
    application: &'static str,
    variable: &'static str,
    status: &'static str,
    ends_with: &'static str,
) -> Kind {
    Kind { application, variable, status, ends_with, answers: false }
}

#[cfg(test)]
mod tests {
    use super::super::{
        super::{EndedBy, ScriptedFunction, ScriptedOutcome},
        trial::{Trial, outcome},
    };

    #[test]
    fn the_status_is_the_applications_own() {
        let dialplan = "[m]\nexten => s,1,TrySystem(x)\nsame => n,NoOp(${SYSTEMSTATUS})\n\
                        same => n,AGI(a.sh)\nsame => n,NoOp(${AGISTATUS})\n\
                        same => n,System(y)\nsame => n,NoOp(never)\n";
        let mut slow = outcome("agi", "FAILURE");
        slow.takes_ms = Some(1500);
        let trial = Trial::of(dialplan).with(outcome("TrySystem", "")).with(slow);
        trial.with(outcome("System", "FAILURE")).check(
            "1",
            &[
                "0.00 m,s,1 TrySystem(x)",
                "0.00 m,s,2 NoOp(SUCCESS)",
                "0.00 m,s,3 AGI(a.sh)",
                "0.10 digit 1 lost",
                "1.50 m,s,4 NoOp(FAILURE)",
                "1.50 m,s,5 System(y)",
                "1.50 end, cause 0, at m,s,5",
            ],
        );
    }

    #[test]
    fn outcomes_are_taken_in_turn_by_what_the_data_says() {
        let dialplan = "[m]\nexten => s,1,TrySystem(a)\nsame => n,NoOp(${SYSTEMSTATUS})\n\
                        same => n,TrySystem(b)\nsame => n,NoOp(${SYSTEMSTATUS})\n\
                        same => n,TrySystem(a)\nsame => n,NoOp(${SYSTEMSTATUS})\n\
                        same => n,TrySystem(c)\n";
        let mut first = outcome("TrySystem", "FAILURE");
        (first.data_contains, first.times) = (b"a".to_vec(), Some(1));
        let mut second = outcome("TrySystem", "APPERROR");
        second.data_contains = b"a".to_vec();
        let mut third = outcome("TrySystem", "SUCCESS");
        third.data_contains = b"b".to_vec();
        Trial::of(dialplan).with(first).with(second).with(third).check(
            "",
            &[
                "0.00 m,s,1 TrySystem(a)",
                "0.00 m,s,2 NoOp(FAILURE)",
                "0.00 m,s,3 TrySystem(b)",
                "0.00 m,s,4 NoOp(SUCCESS)",
                "0.00 m,s,5 TrySystem(a)",
                "0.00 m,s,6 NoOp(APPERROR)",
                "0.00 m,s,7 TrySystem(c)",
                "0.00 end, cause 0, at m,s,7, not modelled: TrySystem",
            ],
        );
    }

    #[test]
    fn an_application_may_send_the_call_elsewhere_or_end_it() {
        let dialplan =
            "[m]\nexten => s,1,AGI(go)\nexten => a,1,AGI(end)\nexten => 7,1,NoOp(${X})\n";
        let mut goes = outcome("AGI", "");
        goes.goes_to = Some(b"m,7,1".to_vec());
        goes.sets = vec![(b"X".to_vec(), b"set".to_vec())];
        Trial::of(dialplan).with(goes).check(
            "",
            &["0.00 m,s,1 AGI(go)", "0.00 m,7,1 NoOp(set)", "0.00 end, cause 0, at m,7,2"],
        );
        let mut ends = outcome("AGI", "");
        ends.ended_by = EndedBy::Caller;
        let expected = ["0.00 m,a,1 AGI(end)", "0.00 end, cause 16, at m,a,1"];
        Trial::of(dialplan).at("a").with(ends).check("", &expected);
    }

    #[test]
    fn a_hangup_ends_a_script() {
        let dialplan = "[m]\nexten => s,1,AGI(slow)\nexten => h,1,NoOp(${AGISTATUS})\n";
        let slow = ScriptedOutcome { takes_ms: Some(5000), ..outcome("AGI", "") };
        Trial::of(dialplan).with(slow).check(
            "wait 1 hangup",
            &["0.00 m,s,1 AGI(slow)", "1.00 m,h,1 NoOp(HANGUP)", "1.00 end, cause 16, at m,h,2"],
        );
    }

    #[test]
    fn what_is_not_scripted_is_not_guessed() {
        for (application, shown) in [("Dial(SIP/1)", "Dial"), ("VoiceMail(1)", "VoiceMail")] {
            let dialplan = format!("[m]\nexten => s,1,{application}\n");
            let step = format!("0.00 m,s,1 {application}");
            let end = format!("0.00 end, cause 0, at m,s,1, not modelled: {shown}");
            Trial::of(&dialplan).check("", &[&step, &end]);
        }
    }

    #[test]
    fn functions_have_scripted_values() {
        let dialplan = "[m]\nexten => s,1,NoOp(${ODBC_CODE(1)} ${ODBC_CODE(2)} ${ODBC_CODE(1)})\n\
                        same => n,Set(ODBC_CODE(3)=x)\nsame => n,NoOp(${CURL(http://x)})\n";
        let value = |call: &str, value: &str, times| ScriptedFunction {
            call: call.into(),
            value: value.into(),
            times,
        };
        Trial::of(dialplan)
            .with_function(value("ODBC_CODE(1)", "a", Some(1)))
            .with_function(value("ODBC_CODE", "b", None))
            .with_function(value("CURL", "ok", None))
            .check(
                "",
                &[
                    "0.00 m,s,1 NoOp(a b b)",
                    "0.00 m,s,2 Set(ODBC_CODE(3)=x)",
                    "0.00 m,s,3 NoOp(ok)",
                    "0.00 end, cause 0, at m,s,4",
                ],
            );
    }
}
