//! An included context that is not there.

use crate::{
    diagnostic::Severity,
    lint::{
        Check, Findings, Group, Origin, Safety, Subject, nearest::nearest, rule::rule,
        subject::shown,
    },
    syntax::Kind,
};
use std::collections::HashSet;

rule! {
    /// # What it finds
    /// An `include` of a context that no file has. Asterisk itself names only the first one of each
    /// context.
    ///
    /// # Why it hurts
    /// It is looked for at each call and never found: what a caller dials and only that context
    /// answers is refused. Contexts that the PBX makes by itself (parking, for instance) can be
    /// told to this tool as external contexts. Contexts whose names end with `-custom`, which
    /// vendors leave to their users, are a hint, and only where Asterisk says it.
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
        check: Check::Dialplan(check),
    }
}

/// Most includes for which a near name is looked for; a machine leaves out thousands, on purpose.
const MAX_GUESSED: usize = 20;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let includes = subject.dialplan.contexts.iter().flat_map(|context| &context.includes);
    let missing = includes.filter(|include| {
        let name = subject.bytes(include.context());
        subject.context(name).is_none() && !subject.is_external(name)
    });
    let templates = subject.sections.iter().filter(|section| section.is_template);
    let templates: HashSet<_> = templates.map(|section| subject.bytes(section.name)).collect();
    let messages = subject.dialplan.messages.iter();
    let named: HashSet<_> = messages
        .filter(|message| message.kind == Kind::ContextMissing)
        .map(|message| message.place)
        .collect();
    for (count, include) in missing.enumerate() {
        let name = subject.bytes(include.context());
        // Vendors include such contexts for their users, whether these write them or not.
        let is_optional = name.ends_with(b"-custom");
        if is_optional && !named.contains(&include.place) {
            continue;
        }
        let written = subject.dialplan.files.place(include.context());
        let place = written.unwrap_or_else(|| subject.code(include.place));
        let finding = findings.report(place, format!("there is no context `{}`", shown(name)));
        if is_optional {
            finding.severity = finding.severity.max(Severity::Hint);
        }
        if templates.contains(name) {
            finding.help("a template is no context: make one from it");
            continue;
        }
        let near = if count < MAX_GUESSED { near(subject, name) } else { None };
        if let (Some(near), Some(place)) = (near, written) {
            finding.fix(Safety::Unsafe, format!("include {}", shown(near)), place, near);
        } else {
            finding.help("it is looked for at each call: add the context, or take the line away");
        }
    }
}

fn near<'a>(subject: &Subject<'a>, name: &[u8]) -> Option<&'a [u8]> {
    nearest(name, subject.dialplan.contexts.iter().map(|context| subject.bytes(context.name)))
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
    #[test]
    fn what_vendors_leave_to_their_users_is_said_where_asterisk_says_it() {
        check(
            &RULE,
            "
                [a]
                include => a-custom
                           ^^^^^^^^ there is no context `a-custom`
                include => b-custom
                ",
        );
    }
}
