//! The linter: what is wrong with a dialplan, whether Asterisk says so or not.
//!
//! [`read`] reads a dialplan and keeps its lines; [`Reading::lint`] holds it against the
//! [rules](rules::ALL), one file for each. Nothing is decided here about how findings look or which
//! exit code they cause, and no file is read: sound files, too, are told in the [`Settings`].

pub mod neighbours;
pub mod rules;
pub mod sounds;

mod call;
mod condition;
mod finding;
mod flow;
mod jump;
mod menu;
mod rule;
mod settings;
mod spelling;
mod subject;
mod substitutions;
mod target;
#[cfg(test)]
mod testing;
mod variables;

pub use call::{Call, Step};
use condition::may_have_conditions;
pub use condition::{Condition, conditions};
pub use finding::{Edit, Finding, Findings, Fix, Note, Safety};
pub use jump::{Jump, jumps};
pub use neighbours::Neighbours;
pub use rule::{Check, Group, Origin, Rule};
pub use settings::{Level, Settings};
pub use sounds::{Played, Sounds};
pub use subject::Subject;
pub use substitutions::{Substitution, Substitutions};
pub use target::{Resolution, Target};
pub use variables::{Similar, Variables};

use crate::{
    diagnostic::Severity,
    dialplan::{self, Dialplan},
    syntax::{self, Provider, Section},
};

/// A dialplan and the lines it was loaded from.
#[derive(Debug)]
pub struct Reading {
    /// The sections with their lines, templates and `[globals]` too.
    pub sections: Vec<Section>,
    /// What Asterisk makes of them.
    pub dialplan: Dialplan,
}

/// Reads a dialplan from its main file and what that includes; see [`dialplan::load`].
pub fn read(name: &[u8], bytes: Vec<u8>, provider: &mut dyn Provider) -> Reading {
    let document = syntax::read(name, bytes, provider);
    let sections = document.sections.clone();
    Reading { sections, dialplan: dialplan::load_document(document) }
}

impl Reading {
    /// What the rules that are on find, in the order of the places.
    pub fn lint(&self, settings: &Settings) -> Vec<Finding> {
        let subject = Subject::new(self, settings);
        let rules: Vec<_> =
            rules::ALL.iter().filter_map(|&rule| Some((rule, settings.severity(rule)?))).collect();
        let mut found = Vec::new();
        for &(rule, severity) in &rules {
            run(&subject, rule.check, &mut Findings::new(rule, severity, &mut found));
        }
        let on_calls = |&(rule, _): &(&Rule, _)| rule.check.is_on_calls();
        let rules: Vec<_> = rules.into_iter().filter(on_calls).collect();
        for step in subject.steps() {
            for call in step.calls() {
                run_on_call(&rules, &call, &mut found);
            }
        }
        sort(&mut found);
        found
    }
}

/// Runs a rule, unless it looks at calls: these are gone through once for all rules.
fn run(subject: &Subject<'_>, check: Check, findings: &mut Findings<'_>) {
    match check {
        Check::Call(_) | Check::Jumps(_) | Check::Sounds(_) | Check::Substitutions(_) => {}
        Check::Message(kind, check) => {
            let messages = subject.dialplan.messages.iter();
            messages
                .filter(|message| message.kind == kind)
                .for_each(|message| check(subject, message, findings));
        }
        Check::File(check) => {
            (0..).zip(subject.dialplan.files.all()).for_each(|(number, file)| {
                check(subject, number, file, findings);
            });
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
