//! `{NAME}` without its `$`.

use crate::{
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, Safety, rule::rule},
    source::Span,
};

rule! {
    /// # What it finds
    /// `{EXTEN}` and other names that every channel has, in braces without a `$`.
    ///
    /// # Why it hurts
    /// Asterisk takes the text as it stands: it dials `{EXTEN}`, which nobody has.
    ///
    /// # Example
    /// ```text
    /// exten => _X.,1,Dial(PJSIP/{EXTEN})
    /// ```
    /// Better:
    /// ```text
    /// exten => _X.,1,Dial(PJSIP/${EXTEN})
    /// ```
    pub(super) static RULE = {
        name: "brace-without-dollar",
        code: "E014",
        group: Group::Expressions,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Call(check),
    }
}

/// What nobody writes in braces unless it is meant to be a variable.
const NAMES: [&str; 8] =
    ["EXTEN", "CALLERID(", "CONTEXT", "UNIQUEID", "CHANNEL", "DIALSTATUS", "PRIORITY", "ARG1"];

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let data = call.data();
    if call.is_inner {
        return;
    }
    for at in memchr::memchr_iter(b'{', data) {
        let rest = &data[at + 1..];
        let is_variable = at > 0 && data[at - 1] == b'$';
        let Some(end) = memchr::memchr(b'}', rest).filter(|_| !is_variable) else { continue };
        let inner = &rest[..end];
        let is_known = NAMES.iter().any(|name| {
            let inner = inner.strip_prefix(name.as_bytes());
            inner.is_some_and(|after| after.is_empty() || name.ends_with('(') || after[0] == b':')
        });
        if is_known {
            report(call, Span::new(at, at + end + 2), findings);
        }
    }
}

fn report(call: &Call<'_>, span: Span, findings: &mut Findings<'_>) {
    let shown = String::from_utf8_lossy(&call.data()[span.range()]);
    let start = call.data_place(span.start..span.start);
    findings
        .report(call.data_place(span.range()), format!("`{shown}` has no `$`, so it is plain text"))
        .fix(Safety::Unsafe, "add the `$`", start, "$");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn the_dollar_is_missed() {
        check(
            &RULE,
            "
            [a]
            exten => _X.,1,Dial(PJSIP/{EXTEN:1})
                                      ^^^^^^^^^ `{EXTEN:1}` has no `$`, so it is plain text
             same => n,Set(JSON={A})
             same => n,NoOp(${EXTEN} {EXTENSION})
            ",
        );
    }

    #[test]
    fn the_fix_adds_it() {
        check_fix(
            &RULE,
            "
            [a]
            exten => _X.,1,Dial(PJSIP/{EXTEN}@{CALLERID(num)})
            ",
            "
            [a]
            exten => _X.,1,Dial(PJSIP/${EXTEN}@${CALLERID(num)})
            ",
        );
    }
}
