//! `Exec` and `TryExec`: an application whose name and data are computed.
//!
//! What is in the parentheses is replaced once more. Follows Asterisk's `apps/app_exec.c`.

use super::{super::line::Line, Outcome, run_nested};

/// `Exec(application(data))`: as if it stood there itself.
pub(super) async fn exec(line: &Line, data: &[u8]) -> Outcome {
    match run(line, data).await {
        Some(outcome) => outcome,
        None if data.is_empty() => Outcome::Next,
        None => Outcome::HangUp,
    }
}

/// `TryExec(application(data))`: goes on whatever comes of it, which is in `TRYSTATUS`.
pub(super) async fn try_exec(line: &Line, data: &[u8]) -> Outcome {
    let status: &[u8] = match run(line, data).await {
        Some(Outcome::Next) => b"SUCCESS",
        Some(_) => b"FAILED",
        None if data.is_empty() => return Outcome::Next,
        None => b"NOAPP",
    };
    line.set(b"TRYSTATUS", status);
    Outcome::Next
}

/// Runs what the data names; none without such an application.
async fn run(line: &Line, data: &[u8]) -> Option<Outcome> {
    if data.is_empty() {
        return None;
    }
    let (name, given) = named(data);
    let given = line.substitute(given);
    run_nested(line, name, &given).await
}

/// `application(data)`, cut at the first opening and at the last closing parenthesis.
pub(super) fn named(text: &[u8]) -> (&[u8], &[u8]) {
    let Some(open) = text.iter().position(|&byte| byte == b'(') else { return (text, b"") };
    let inner = &text[open + 1..];
    let close = inner.iter().rposition(|&byte| byte == b')').unwrap_or(inner.len());
    (&text[..open], &inner[..close])
}

#[cfg(test)]
mod tests {
    use crate::{
        application::Version,
        call::application::testing::{check, check_complaints, check_on},
    };

    #[test]
    fn values_are_replaced_once_more() {
        let dialplan = "[m]\nexten => s,1,Set(A=Set\\(B=)\nsame => n,Set(D=$)\n\
            same => n,Exec(Set(B=${D}{EXTEN}))\nsame => n,NoOp(${B})\nsame => n,Exec()\n\
            same => n,Exec(NoOp)\nsame => n,Exec(Goto(a,1))\nexten => a,1,Exec(Gosub(b,1(x)))\n\
            same => n,Exec(Nope(x))\nexten => b,1,Exec(Return(${ARG1}))\n";
        let expected = [
            "m,s,1 Set(A=Set\\(B=)",
            "m,s,2 Set(D=$)",
            "m,s,3 Exec(Set(B=${EXTEN}))",
            "m,s,4 NoOp(s)",
            "m,s,5 Exec()",
            "m,s,6 Exec(NoOp)",
            "m,s,7 Exec(Goto(a,1))",
            "m,a,1 Exec(Gosub(b,1(x)))",
            "m,b,1 Exec(Return(x))",
            "m,a,2 Exec(Nope(x))",
            "end m,a,2",
        ];
        check(dialplan, "s", &expected);
        check_complaints(dialplan, "s", &["there is no application Nope"]);
    }

    #[test]
    fn a_trial_goes_on_and_tells() {
        let dialplan = "[m]\nexten => s,1,TryExec(NoOp())\nsame => n,NoOp(${TRYSTATUS})\n\
            same => n,TryExec(Goto(nolab))\nsame => n,NoOp(${TRYSTATUS})\n\
            same => n,TryExec(Nope)\nsame => n,NoOp(${TRYSTATUS})\nsame => n,TryExec()\n\
            same => n,TryExec(Hangup())\nsame => n,NoOp(never)\n";
        let expected = [
            "m,s,1 TryExec(NoOp())",
            "m,s,2 NoOp(SUCCESS)",
            "m,s,3 TryExec(Goto(nolab))",
            "m,s,4 NoOp(FAILED)",
            "m,s,5 TryExec(Nope)",
            "m,s,6 NoOp(NOAPP)",
            "m,s,7 TryExec()",
            "m,s,8 TryExec(Hangup())",
            "end m,s,8, cause 16",
        ];
        check(dialplan, "s", &expected);
    }

    #[test]
    fn a_key_leads_on_from_within() {
        let dialplan = "[m]\nexten => s,1,Exec(WaitExten(3))\nexten => 1,1,TryExec(WaitExten(2))\n\
            same => n,NoOp(${TRYSTATUS})\n";
        let expected = [
            "m,s,1 Exec(WaitExten(3))",
            "1.100 m,1,1 TryExec(WaitExten(2))",
            "2.300 m,1,2 NoOp(FAILED)",
            "2.300 end m,1,3",
        ];
        for version in [Version::V16, Version::V22] {
            check_on(version, dialplan, "s", "wait 1 1 wait 1 1", &expected);
        }
    }

    #[test]
    fn too_deep_nesting_is_not_guessed() {
        let inner = "Exec(".repeat(70) + "NoOp" + &")".repeat(70);
        let step = format!("m,s,1 {inner}");
        let dialplan = format!("[m]\nexten => s,1,{inner}\n");
        check(&dialplan, "s", &[&step, "not modelled Exec"]);
    }
}
