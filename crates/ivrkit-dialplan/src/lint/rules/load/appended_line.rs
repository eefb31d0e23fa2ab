//! `+=` in a context.

use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Safety, Written, rule::rule, subject::shown, wrapped},
};

rule! {
    /// # What it finds
    /// `+=` instead of `=>` after `exten`, `same`, `include` or the like, below a line of the same
    /// name.
    ///
    /// # Why it hurts
    /// It begins no new line: the text goes to the end of the last line of that name. That one gets
    /// the text as data, and the new step is missing.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,1,Answer()
    /// exten += 6500,n,Hangup()
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,1,Answer()
    /// exten => 6500,n,Hangup()
    /// ```
    pub(super) static RULE = {
        name: "appended-line",
        code: "L061",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Written(check),
    }
}

fn check(line: &Written<'_>, findings: &mut Findings<'_>) {
    let code = line.code();
    if !code.first().is_some_and(u8::is_ascii_alphabetic) {
        return;
    }
    let Some(equals) = code.iter().position(|&byte| byte == b'=') else { return };
    let Some((b'+', name)) = code[..equals].split_last() else { return };
    let name = name.trim_ascii();
    let (from, to) = crate::syntax::strip(line.bytes);
    let is_directive = wrapped::DIRECTIVES.iter().any(|one| name.eq_ignore_ascii_case(one));
    if is_directive && line.subject.setting(line.place(from..to)).is_none() {
        let at = line.code.start + equals;
        let place = line.place(at - 1..at + 1);
        let text = format!("`+=` puts this to the end of the last `{}` line", shown(name));
        findings.report(place, text).fix(Safety::Unsafe, "write =>", place, "=>");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn it_is_no_line_of_its_own() {
        check(
            &RULE,
            "
                [a]
                same += n,NoOp(a)
                exten => 1,1,Answer()
                exten += 1,n,Hangup()
                      ^^ `+=` puts this to the end of the last `exten` line
                ",
        );
    }

    #[test]
    fn an_arrow_begins_a_line() {
        check_fix(
            &RULE,
            "
                [a]
                exten => 1,1,Answer()
                exten +=1,n,Hangup()
                ",
            "
                [a]
                exten => 1,1,Answer()
                exten =>1,n,Hangup()
                ",
        );
    }
}
