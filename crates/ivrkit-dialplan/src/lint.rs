//! The linter: what is wrong with a dialplan, whether Asterisk says so or not.
//!
//! [`read`] reads a dialplan and keeps its lines; [`Reading::lint`] holds it against the
//! [rules](rules::ALL), one file for each. Nothing is decided here about how findings look or which
//! exit code they cause, and no file is read: sound files, too, are told in the [`Settings`].

pub mod alike;
pub mod modules;
pub mod neighbours;
pub mod rules;
pub mod sounds;

mod call;
mod condition;
mod exact;
mod extension_line;
mod finding;
mod flow;
mod free_text;
mod jump;
mod menu;
mod nearest;
mod note;
mod numbered;
mod rule;
mod semicolon;
mod settings;
mod spelling;
mod subject;
mod substitutions;
mod suppression;
mod taint;
mod target;
#[cfg(test)]
mod testing;
mod variables;
mod wrapped;
mod written;

pub use call::{Call, Step};
use condition::may_have_conditions;
pub use condition::{Condition, conditions};
pub use extension_line::ExtensionLine;
pub use finding::{Edit, Finding, Findings, Fix, Note, Safety};
pub use jump::{Jump, jumps};
pub(crate) use menu::{TypedInto, is_dialled, typed_into};
pub use neighbours::Neighbours;
pub use rule::{Check, Group, Origin, Rule};
pub use settings::{Level, Settings};
pub use sounds::{Played, Sounds};
pub use subject::Subject;
pub(crate) use subject::shown;
pub use substitutions::{Substitution, Substitutions};
pub use target::{Resolution, Target};
pub use variables::{Similar, Variables};
pub use written::{Signs, Written};

use crate::{
    diagnostic::Severity,
    dialplan::{self, Dialplan},
    syntax::{self, Place, Provider, Remark, Section},
};

/// A dialplan and the lines it was loaded from.
#[derive(Debug)]
pub struct Reading {
    /// The sections with their lines, templates and `[globals]` too.
    pub sections: Vec<Section>,
    /// Comments that speak to ivrkit.
    pub remarks: Vec<Remark>,
    /// What Asterisk makes of them.
    pub dialplan: Dialplan,
}

/// Reads a dialplan from its main file and what that includes; see [`dialplan::load`].
pub fn read(name: &[u8], bytes: Vec<u8>, provider: &mut dyn Provider) -> Reading {
    let document = syntax::read(name, bytes, provider);
    let sections = document.sections.clone();
    let remarks = document.remarks.clone();
    Reading { sections, remarks, dialplan: dialplan::load_document(document) }
}

impl Reading {
    /// What the rules that are on find and the dialplan does not allow, in the order of the places.
    pub fn lint(&self, settings: &Settings) -> Vec<Finding> {
        let subject = Subject::new(self, settings);
        let rules: Vec<_> =
            rules::ALL.iter().filter_map(|&rule| Some((rule, settings.severity(rule)?))).collect();
        let mut found = Vec::new();
        for &(rule, severity) in &rules {
            run(&subject, rule.check, &mut Findings::new(rule, severity, &mut found));
        }
        run_on_calls(&subject, &rules, &mut found);
        run_on_written(&subject, &rules, &mut found);
        run_on_extension_lines(&subject, &rules, &mut found);
        exact::keep_exact_fixes(self, &mut found);
        suppression::apply(self, settings, &mut found);
        weigh_as_said(settings, &mut found);
        sort(&mut found);
        found
    }

    /// The places of secrets, which nobody may show: whether the rule that tells of them is on or
    /// not, and allowed ones too.
    ///
    /// # Panics
    /// If the rule that knows them were gone from the list of rules.
    pub fn secrets(&self) -> Vec<Place> {
        let settings = Settings::default();
        let subject = Subject::new(self, &settings);
        let rule = rules::find("plaintext-password").expect("it is a rule");
        let mut found = Vec::new();
        run(&subject, rule.check, &mut Findings::new(rule, rule.severity, &mut found));
        found.iter().filter(|finding| finding.is_secret).map(|finding| finding.place).collect()
    }
}

/// What the operator says of a rule counts for all that it finds, also where the rule itself would
/// say less of some of it.
fn weigh_as_said(settings: &Settings, found: &mut [Finding]) {
    if settings.levels.is_empty() {
        return;
    }
    for finding in found {
        finding.severity = settings.severity_said(finding.rule).unwrap_or(finding.severity);
    }
}

/// A rule that is on, and how much it matters.
type Chosen = (&'static Rule, Severity);

/// The rules that look in one way.
fn looking<C>(
    rules: &[Chosen],
    way: impl Fn(Check) -> Option<C>,
) -> Vec<(&'static Rule, Severity, C)> {
    let chosen = rules.iter();
    chosen.filter_map(|&(rule, severity)| Some((rule, severity, way(rule.check)?))).collect()
}

fn run_on_calls(subject: &Subject<'_>, rules: &[Chosen], found: &mut Vec<Finding>) {
    let on_calls = |&&(rule, _): &&Chosen| rule.check.is_on_calls();
    let rules: Vec<_> = rules.iter().filter(on_calls).copied().collect();
    for step in subject.steps() {
        for call in step.calls() {
            run_on_call(&rules, &call, found);
        }
    }
}

fn run_on_written(subject: &Subject<'_>, rules: &[Chosen], found: &mut Vec<Finding>) {
    let rules = looking(rules, |check| match check {
        Check::Written(check) => Some(check),
        _ => None,
    });
    if rules.is_empty() {
        return;
    }
    for (number, file) in subject.files() {
        for line in Written::all(subject, number, file) {
            for &(rule, severity, check) in &rules {
                check(&line, &mut Findings::new(rule, severity, found));
            }
        }
    }
}

fn run_on_extension_lines(subject: &Subject<'_>, rules: &[Chosen], found: &mut Vec<Finding>) {
    let rules = looking(rules, |check| match check {
        Check::Extension(check) => Some(check),
        _ => None,
    });
    let settings = subject.contexts_and_templates().flat_map(|section| {
        let own = section.settings.iter().filter(|one| subject.is_first_reading(one.place.file));
        own.map(move |setting| (section, setting))
    });
    for (section, setting) in settings {
        let Some(line) = ExtensionLine::new(subject, section, setting) else { continue };
        for &(rule, severity, check) in &rules {
            check(&line, &mut Findings::new(rule, severity, found));
        }
    }
}

/// Runs a rule, unless it looks at things that are gone through once for all rules.
fn run(subject: &Subject<'_>, check: Check, findings: &mut Findings<'_>) {
    match check {
        Check::Suppression
        | Check::Jumps(_)
        | Check::Sounds(_)
        | Check::Call(_)
        | Check::Substitutions(_)
        | Check::Written(_)
        | Check::Extension(_) => {}
        Check::Message(kinds, check) => {
            let messages = subject.dialplan.messages.iter();
            messages
                .filter(|message| kinds.contains(&message.kind))
                .for_each(|message| check(subject, message, findings));
        }
        Check::File(check) => {
            subject.files().for_each(|(number, file)| check(subject, number, file, findings));
        }
        Check::Line(check) => {
            for section in subject.sections {
                section.settings.iter().for_each(|line| check(subject, section, line, findings));
            }
        }
        Check::Context(check) => {
            let contexts = subject.dialplan.contexts.iter();
            contexts.for_each(|context| check(subject, context, findings));
        }
        Check::Dialplan(check) => check(subject, findings),
    }
}

fn run_on_call(rules: &[(&'static Rule, Severity)], call: &Call<'_>, found: &mut Vec<Finding>) {
    // What stands inside of another call was read with that.
    let substitutions = if call.is_inner { None } else { Substitutions::of(call) };
    let jumps = jumps(call);
    let played = call.behaviour.and_then(|behaviour| Played::of(call, behaviour));
    for &(rule, severity) in rules {
        match rule.check {
            Check::Call(check) => check(call, &mut Findings::new(rule, severity, found)),
            Check::Jumps(_) if jumps.is_empty() => {}
            Check::Jumps(check) => check(call, &jumps, &mut Findings::new(rule, severity, found)),
            Check::Sounds(check) => {
                if let Some(played) = &played {
                    check(played, &mut Findings::new(rule, severity, found));
                }
            }
            Check::Substitutions(check) => {
                if let Some(substitutions) = &substitutions {
                    check(call, substitutions, &mut Findings::new(rule, severity, found));
                }
            }
            _ => {}
        }
    }
}

/// In the order of the places; a line that a template gave to several sections counts once.
fn sort(found: &mut Vec<Finding>) {
    found.sort_by(|left, right| {
        let key = |finding: &Finding| (finding.place, finding.rule.code);
        key(left).cmp(&key(right)).then_with(|| left.message.cmp(&right.message))
    });
    found.dedup_by(|left, right| {
        (left.place, left.rule.code) == (right.place, right.rule.code)
            && left.message == right.message
    });
}
