//! `GotoIfTime` and `ExecIfTime`: `hours,days of the week,days,months,time zone?...`.

use super::{
    super::{clock::Wall, line::Line},
    Outcome,
    exec::named,
    goto::go_to_one,
    run_nested,
};
use crate::{dialplan::time, number::scanned_long};

/// `GotoIfTime(times?place:place)`; the variable `TESTTIME` stands for the moment, if it is set.
pub(super) fn goto(line: &Line, data: &[u8]) -> Outcome {
    if data.is_empty() {
        line.complain(None, "GotoIfTime is given no time".to_owned());
        return Outcome::HangUp;
    }
    let epoch_s = test_time(line).unwrap_or_else(|| line.with(|channel| channel.epoch_s()));
    let (times, places) = divided(data);
    match is_time(line, times, epoch_s) {
        Some(is_time) => go_to_one(line, is_time, places.unwrap_or_default()),
        None => unknown(line, "GotoIfTime"),
    }
}

/// `ExecIfTime(times?application(data))`; what is in the parentheses is replaced once more.
pub(super) async fn execute(line: &Line, data: &[u8]) -> Outcome {
    let (times, Some(application)) = divided(data) else {
        line.complain(None, "ExecIfTime is given no application".to_owned());
        return Outcome::HangUp;
    };
    if times.is_empty() {
        line.complain(None, "ExecIfTime is given no time".to_owned());
        return Outcome::HangUp;
    }
    let epoch_s = line.with(|channel| channel.epoch_s());
    match is_time(line, times, epoch_s) {
        Some(true) => {}
        Some(false) => return Outcome::Next,
        None => return unknown(line, "ExecIfTime"),
    }
    let (name, given) = named(application);
    if application.contains(&b'(') && !given_is_closed(application) {
        line.complain(None, "the application has no closing parenthesis".to_owned());
    }
    let given = line.substitute(given);
    run_nested(line, name, &given).await.unwrap_or(Outcome::HangUp)
}

/// The times, and what follows the first `?`, if there is one.
fn divided(data: &[u8]) -> (&[u8], Option<&[u8]>) {
    let mut parts = data.splitn(2, |&byte| byte == b'?');
    (parts.next().unwrap_or_default(), parts.next())
}

fn given_is_closed(application: &[u8]) -> bool {
    let open = application.iter().position(|&byte| byte == b'(');
    open < application.iter().rposition(|&byte| byte == b')')
}

/// The moment that `TESTTIME` says; what is no number is removed.
fn test_time(line: &Line) -> Option<i64> {
    let text = line.plain_variable(b"TESTTIME")?;
    let epoch_s = scanned_long(&text);
    if epoch_s.is_none() {
        line.complain(None, "TESTTIME is no time".to_owned());
        line.with(|channel| channel.variables.set(b"TESTTIME", None));
    }
    epoch_s
}

/// Whether a moment is within times, which no times are not; none if their zone is not known.
fn is_time(line: &Line, times: &[u8], epoch_s: i64) -> Option<bool> {
    if times.is_empty() {
        return Some(false);
    }
    let zone = time::time_zone(times);
    let offset_s = line.with(|channel| channel.utc_offset_s(zone, epoch_s))?;
    let (holds, mistakes) = time::holds(times, Wall::at(epoch_s, offset_s).minute_of_times());
    for mistake in mistakes {
        line.complain(Some(mistake.kind), mistake.text);
    }
    Some(holds)
}

fn unknown(line: &Line, name: &str) -> Outcome {
    line.not_modelled(name);
    Outcome::HangUp
}

#[cfg(test)]
mod tests {
    use crate::call::application::testing::{check, check_complaints};

    /// Whether times hold on Thursday the 29th of February 2024 at 22:05.
    fn check_time(times: &str, expected: bool) {
        let dialplan = format!(
            "[m]\nexten => s,1,Set(TESTTIME=1709244300)\nsame => n,GotoIfTime({times}?in:out)\n\
             same => n(in),Goto(yes,1)\nsame => n(out),Goto(no,1)\n\
             exten => yes,1,NoOp()\nexten => no,1,NoOp()\n"
        );
        let step = format!("m,s,2 GotoIfTime({times}?in:out)");
        let (place, way) = if expected { ("yes", "m,s,3") } else { ("no", "m,s,4") };
        let expected = [
            "m,s,1 Set(TESTTIME=1709244300)".to_owned(),
            step,
            format!("{way} Goto({place},1)"),
            format!("m,{place},1 NoOp()"),
            format!("end m,{place},2"),
        ];
        check(&dialplan, "s", &expected.each_ref().map(String::as_str));
    }

    #[test]
    fn times_hold_or_not() {
        check_time("22:05,thu,29,feb", true);
        check_time("22:00-06:00,mon-fri,*,dec-feb", true);
        check_time("22:05,*,*,*,UTC", true);
        check_time("22:05,*,*,*,UTC,more", true);
        check_time("*", true);
        check_time("23:05", false);
        check_time("*,fri", false);
        check_time("xx", false);
        check_time("", false);
    }

    #[test]
    fn without_a_place_the_call_goes_on() {
        let dialplan = "[m]\nexten => s,1,GotoIfTime(*?)\nsame => n,GotoIfTime(*)\n\
            same => n,GotoIfTime(?:x)\nexten => a,1,GotoIfTime()\n";
        let expected =
            ["m,s,1 GotoIfTime(*?)", "m,s,2 GotoIfTime(*)", "m,s,3 GotoIfTime(?:x)", "end m,s,3"];
        check(dialplan, "s", &expected);
        check(dialplan, "a", &["m,a,1 GotoIfTime()", "end m,a,1"]);
    }

    #[test]
    fn a_wrong_test_time_is_removed() {
        let dialplan = "[m]\nexten => s,1,Set(TESTTIME=abc)\nsame => n,GotoIfTime(*,sun?x)\n\
            same => n,NoOp([${TESTTIME}])\n";
        let expected =
            ["m,s,1 Set(TESTTIME=abc)", "m,s,2 GotoIfTime(*,sun?x)", "m,s,3 NoOp([])", "end m,s,4"];
        check(dialplan, "s", &expected);
        check_complaints(dialplan, "s", &["TESTTIME is no time"]);
        let dialplan = "[m]\nexten => s,1,GotoIfTime(25:00?x)\n";
        check_complaints(dialplan, "s", &["25:00 is no time of day"]);
    }

    #[test]
    fn a_zone_that_is_not_known_is_not_guessed() {
        let dialplan = "[m]\nexten => s,1,GotoIfTime(*,*,*,*,Mars/Olympus?x)\n";
        let step = "m,s,1 GotoIfTime(*,*,*,*,Mars/Olympus?x)";
        check(dialplan, "s", &[step, "not modelled GotoIfTime"]);
    }

    #[test]
    fn an_application_runs_at_its_time() {
        // The call begins on Monday the 1st of January 2024.
        let dialplan = "[m]\nexten => s,1,Set(D=$)\nsame => n,ExecIfTime(*?Set(A=${D}{EXTEN}))\n\
            same => n,NoOp(${A})\nsame => n,ExecIfTime(*,tue?Set(A=2))\nsame => n,NoOp(${A})\n\
            same => n,ExecIfTime(*,mon,1,jan?Set(A=3)\nsame => n,NoOp(${A})\n\
            same => n,ExecIfTime(*?NoOp)\nsame => n,ExecIfTime(*?Gosub(sub,1(q)))\n\
            same => n,ExecIfTime(*)\nexten => sub,1,Return()\n\
            exten => a,1,ExecIfTime(?NoOp())\nexten => b,1,ExecIfTime()\n\
            exten => c,1,ExecIfTime(*?)\n";
        let expected = [
            "m,s,1 Set(D=$)",
            "m,s,2 ExecIfTime(*?Set(A=${EXTEN}))",
            "m,s,3 NoOp(s)",
            "m,s,4 ExecIfTime(*,tue?Set(A=2))",
            "m,s,5 NoOp(s)",
            "m,s,6 ExecIfTime(*,mon,1,jan?Set(A=3)",
            "m,s,7 NoOp(3)",
            "m,s,8 ExecIfTime(*?NoOp)",
            "m,s,9 ExecIfTime(*?Gosub(sub,1(q)))",
            "m,sub,1 Return()",
            "m,s,10 ExecIfTime(*)",
            "end m,s,10",
        ];
        check(dialplan, "s", &expected);
        let complaints =
            ["the application has no closing parenthesis", "ExecIfTime is given no application"];
        check_complaints(dialplan, "s", &complaints);
        check(dialplan, "a", &["m,a,1 ExecIfTime(?NoOp())", "end m,a,1"]);
        check(dialplan, "b", &["m,b,1 ExecIfTime()", "end m,b,1"]);
        check(dialplan, "c", &["m,c,1 ExecIfTime(*?)", "end m,c,1"]);
    }
}
