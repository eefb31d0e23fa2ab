//! A template that is not there.

use crate::{
    diagnostic::Severity,
    lint::{
        Check, Findings, Group, Origin, Safety, Subject, nearest::nearest, rule::rule,
        subject::part, subject::shown,
    },
    syntax::{Kind, Message, Place},
};

rule! {
    /// # What it finds
    /// A section that is made from a template which does not stand above it. Blanks belong to the
    /// name: `(a, b)` asks for ` b`.
    ///
    /// # Why it hurts
    /// Asterisk stops at this line. In the main file it refuses the whole dialplan: after a reload
    /// every caller still meets the old one.
    ///
    /// # Example
    /// ```text
    /// [6500](menu, hours)
    /// ```
    /// Better:
    /// ```text
    /// [6500](menu,hours)
    /// ```
    pub(super) static RULE = {
        name: "missing-template",
        code: "L004",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: Some(Safety::Unsafe),
        check: Check::Message(&[Kind::TemplateMissing], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    let code = subject.code(message.place);
    let place = missing(subject, code).unwrap_or(code);
    let name = subject.at(place);
    let text = format!(
        "no template `{}` stands above: {}",
        shown(name),
        subject.cost_of_stopping(message.place)
    );
    let finding = findings.report(place, text);
    finding.help("templates stand above their use; blanks belong to the name");
    let known = subject.sections.iter().map(|section| subject.bytes(section.name));
    if let Some(near) = nearest(name, known).filter(|_| place != code) {
        let title = format!("use [{}]", shown(near));
        finding.fix(Safety::Unsafe, title, place, near);
    }
}

/// The first base of a header that no section has the name of.
fn missing(subject: &Subject<'_>, header: Place) -> Option<Place> {
    let text = subject.at(header);
    let mut start = text.windows(2).position(|two| two == b"](")? + 2;
    let end = start + text[start..].iter().position(|&byte| byte == b')')?;
    for option in text[start..end].split(|&byte| byte == b',') {
        let is_known = option == b"!"
            || option.first() == Some(&b'+')
            || subject
                .sections
                .iter()
                .any(|section| subject.bytes(section.name).eq_ignore_ascii_case(option));
        if !is_known {
            return Some(part(header, start, start + option.len()));
        }
        start += option.len() + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn the_name_is_marked() {
        check(
            &RULE,
            "
                [t](!)
                [a](t,u)
                      ^ no template `u` stands above: Asterisk refuses the whole dialplan and keeps the old one
                ",
        );
        check(
            &RULE,
            "
                [t](!)
                [a](T)
                ",
        );
    }

    #[test]
    fn a_blank_goes() {
        check_fix(
            &RULE,
            "
                [t](!)
                [hours](!)
                [a](t, hours)
                ",
            "
                [t](!)
                [hours](!)
                [a](t,hours)
                ",
        );
    }
}
