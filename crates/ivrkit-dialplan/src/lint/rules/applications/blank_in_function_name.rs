//! A blank between a function and its `(`.

use crate::{
    application::function,
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, Safety, Substitutions, rule::rule},
};

rule! {
    /// # What it finds
    /// A blank between the name of a function and its opening parenthesis, where the function is set or
    /// read.
    ///
    /// # Why it hurts
    /// The blank belongs to the name, and there is no such function: nothing is set, and nothing is read.
    /// A digit time-out stays at 5 s, and a mark is missing in the call records.
    ///
    /// # Example
    /// ```text
    /// same => n,Set(TIMEOUT (digit)=3)
    /// ```
    /// Better:
    /// ```text
    /// same => n,Set(TIMEOUT(digit)=3)
    /// ```
    pub(super) static RULE = {
        name: "blank-in-function-name",
        code: "A090",
        group: Group::Applications,
        severity: Severity::Error,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Call(check),
    }
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let data = call.data();
    if !memchr::memchr_iter(b'(', data).any(|at| data[..at].ends_with(b" ")) {
        return;
    }
    if call.is("Set")
        && let Some(equals) = memchr::memchr(b'=', data)
        && data[..equals].ends_with(b")")
        && let Some(open) = memchr::memchr(b'(', &data[..equals])
    {
        report(call, (0, open), "set", findings);
    }
    if call.is_inner {
        return;
    }
    for variable in Substitutions::of(call).iter().flat_map(Substitutions::variables) {
        if variable.arguments.is_some() && variable.name.is_plain() {
            let name = variable.name.span;
            report(call, (name.start, name.end), "read", findings);
        }
    }
}

/// Looks at what stands before a parenthesis, from where to where in the data.
fn report(call: &Call<'_>, (start, end): (usize, usize), done: &str, findings: &mut Findings<'_>) {
    let name = &call.data()[start..end];
    let meant = name.trim_ascii_end();
    if meant.len() == name.len() || function(meant.trim_ascii_start()).is_none() {
        return;
    }
    let blank = call.data_place(start + meant.len()..end);
    let (name, meant) = (name.escape_ascii(), meant.escape_ascii());
    findings
        .report(blank, format!("there is no function `{name}`: nothing is {done}"))
        .help(format!("write {meant}( without a blank"))
        .fix(Safety::Unsafe, "remove the blank", blank, "");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn the_blank_belongs_to_the_name() {
        check(
            &RULE,
            r#"
            [a]
            exten => 1,1,Set(TIMEOUT (digit)=3)
                                    ^ there is no function `TIMEOUT `: nothing is set
             same => n,ExecIf($["${LEN (${X})}" = "1"]?Set (CDR (userfield)=yes))
                                      ^ there is no function `LEN `: nothing is read
                                                               ^ there is no function `CDR `: nothing is set
             same => n,Set(TIMEOUT(digit)=3)
             same => n,Set(A (b)=c)
             same => n,NoOp(CDR (userfield))
            "#,
        );
    }

    #[test]
    fn the_fix_removes_it() {
        check_fix(
            &RULE,
            "
            [a]
            exten => 1,1,Set (CDR (userfield)=${LEN (${X})})
            ",
            "
            [a]
            exten => 1,1,Set (CDR(userfield)=${LEN(${X})})
            ",
        );
    }
}
