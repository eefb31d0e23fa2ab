//! An included context that is not there.

use crate::{
    diagnostic::Severity,
    dialplan::{Context, Include},
    lint::{
        Check, Findings, Group, Origin, Safety, Subject, nearest::nearest, rule::rule,
        subject::shown,
    },
};

rule! {
    /// # What it finds
    /// An `include` of a context that no file has. Asterisk itself names only the first one of each
    /// context.
    ///
    /// # Why it hurts
    /// It is looked for at each call and never found: what a caller dials and only that context
    /// answers is refused. Contexts that the PBX makes by itself (parking, for instance) can be
    /// told to this tool as external contexts.
    ///
    /// # Example
    /// ```text
    /// [menu]
    /// include => hour
    /// [hours]
    /// ```
    /// Better:
    /// ```text
    /// [menu]
    /// include => hours
    /// ```
    pub(super) static RULE = {
        name: "missing-context",
        code: "L038",
        group: Group::Load,
        severity: Severity::Warning,
        origin: Origin::Asterisk,
        fix: Some(Safety::Unsafe),
        check: Check::Context(check),
    }
}

fn check(subject: &Subject<'_>, context: &Context, findings: &mut Findings<'_>) {
    for include in &context.includes {
        let name = subject.bytes(include.context());
        if subject.context(name).is_none() && !subject.is_external(name) {
            report(subject, include, name, findings);
        }
    }
}

fn report(subject: &Subject<'_>, include: &Include, name: &[u8], findings: &mut Findings<'_>) {
    let written = subject.dialplan.files.place(include.context());
    let place = written.unwrap_or_else(|| subject.code(include.place));
    let finding = findings.report(place, format!("there is no context `{}`", shown(name)));
    let template = subject
        .sections
        .iter()
        .find(|section| section.is_template && subject.bytes(section.name) == name);
    let known = subject.dialplan.contexts.iter().map(|context| subject.bytes(context.name));
    if template.is_some() {
        finding.help("a template is no context: make one from it");
    } else if let (Some(near), Some(place)) = (nearest(name, known), written) {
        let near = near.to_vec();
        let title = format!("include {}", shown(&near));
        finding.fix(Safety::Unsafe, title, place, near);
    } else {
        finding.help("it is looked for at each call: add the context, or take the line away");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::Settings;
    use crate::lint::testing::{check, check_fix, check_with};

    #[test]
    fn each_missing_one_is_found() {
        check(
            &RULE,
            "
                [a]
                include => b
                include => c,9:00-17:00,mon-fri,*,*
                           ^ there is no context `c`
                include => ddddd
                           ^^^^^ there is no context `ddddd`
                [b]
                ",
        );
    }

    #[test]
    fn external_contexts_are_there() {
        let settings = Settings { external_contexts: vec!["parked".into()], ..Settings::default() };
        check_with(&settings, &RULE, "[a]\ninclude => parked\n");
    }

    #[test]
    fn a_near_name_was_meant() {
        check_fix(
            &RULE,
            "
                [menu]
                include => hour
                [hours]
                ",
            "
                [menu]
                include => hours
                [hours]
                ",
        );
    }
}
