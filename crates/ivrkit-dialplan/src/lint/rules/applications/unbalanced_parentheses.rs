//! Parentheses in data that do not match.

use crate::{
    application::arguments::value_end,
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, rule::rule},
};

rule! {
    /// # What it finds
    /// An opening parenthesis in an application's data without its closing one, or the other way round.
    ///
    /// # Why it hurts
    /// The last `)` of the line ends the data. With one too few, the `)` of a function is taken for it, and
    /// what an application is given is cut or runs on. With one open, commas behind it divide nothing.
    ///
    /// # Example
    /// ```text
    /// same => n,Set(X=${IF($[${N}>1]?a:b})
    /// ```
    /// Better:
    /// ```text
    /// same => n,Set(X=${IF($[${N}>1]?a:b)})
    /// ```
    pub(super) static RULE = {
        name: "unbalanced-parentheses",
        code: "A011",
        group: Group::Applications,
        severity: Severity::Warning,
        origin: Origin::Asterisklint,
        fix: None,
        check: Check::CallOf(|application| !application.is_one_of(&TEXTS), check),
    }
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let data = call.data();
    if call.is_inner || memchr::memchr2(b'(', b')', data).is_none() {
        return;
    }
    let mut open = Vec::new();
    let mut at = 0;
    let mut is_quoted = false;
    while at < data.len() {
        if let Some(end) = value_end(data, at) {
            at = end;
            continue;
        }
        match data[at] {
            b'\\' => at += 1,
            b'"' => is_quoted = !is_quoted,
            b'(' if !is_quoted => open.push(at),
            b')' if !is_quoted && open.pop().is_none() => {
                let place = call.data_place(at..at + 1);
                findings.report(place, "this `)` closes nothing");
                return;
            }
            _ => {}
        }
        at += 1;
    }
    if let Some(&first) = open.first() {
        findings.report(call.data_place(first..first + 1), "this `(` is never closed");
    }
}

/// Applications whose data is text for people.
const TEXTS: [&str; 6] = ["NoOp", "Verbose", "Log", "SendText", "System", "TrySystem"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn each_parenthesis_needs_its_other() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Dial(PJSIP/1,20,U(sub)
                                          ^ this `(` is never closed
             same => n,Set(X=a)b)
                              ^ this `)` closes nothing
             same => n,Set(X=${LEN(a)})
             same => n,NoOp(:-()
             same => n,ExecIf($[1]?Set(X=1):Set(X=2))
            ",
        );
    }
}
