//! `(+)` on a section that is not there.

use crate::{
    diagnostic::Severity,
    lint::{
        Check, Findings, Group, Origin, Safety, Subject, nearest::nearest, rule::rule,
        subject::part, subject::shown,
    },
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// `[name](+)` where no section of that name stands above, or only a template.
    ///
    /// # Why it hurts
    /// There is nothing to add to, and Asterisk stops at this line. In the main file it refuses the
    /// whole dialplan and keeps the old one.
    ///
    /// # Example
    /// ```text
    /// [ivr_6500](+)
    /// exten => 6500,1,Answer()
    /// ```
    /// Begin the section without `(+)`, or move this part below the section's first one.
    pub(super) static RULE = {
        name: "append-to-missing-section",
        code: "L003",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: Some(Safety::Unsafe),
        check: Check::Message(&[Kind::AppendMissing], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    let code = subject.code(message.place);
    let header = subject.at(code);
    let end = header.iter().position(|&byte| byte == b']').unwrap_or(header.len());
    let name = header.get(1..end).unwrap_or_default();
    let text = format!(
        "`(+)` adds to [{}], which is not there: {}",
        shown(name),
        subject.cost_of_stopping(message.place)
    );
    let finding = findings.report(code, text);
    let known = subject.sections.iter().filter(|section| !section.is_template);
    match nearest(name, known.map(|section| subject.bytes(section.name))) {
        Some(near) => finding.help(format!("did you mean [{}]?", shown(near))),
        None => finding.help("begin the section without `(+)`, or above this line"),
    };
    if header.get(end + 1..) == Some(b"(+)") {
        let options = part(code, end + 1, header.len());
        finding.fix(Safety::Unsafe, "begin the section here", options, "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn there_must_be_a_section() {
        check(
            &RULE,
            "
                [t](!)
                [t](+)
                ^^^^^^ `(+)` adds to [t], which is not there: Asterisk refuses the whole dialplan and keeps the old one
                ",
        );
        check(
            &RULE,
            "
                [a]
                [A](+)
                ",
        );
    }

    #[test]
    fn it_can_begin_here() {
        check_fix(
            &RULE,
            "
                [a](+)
                ",
            "
                [a]
                ",
        );
    }
}
