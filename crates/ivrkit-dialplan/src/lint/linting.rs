//! The linting of one dialplan, in parts that can be done side by side.
//!
//! The core starts no threads: who has some does the parts on them. Findings are the same and in
//! the same order whoever does which part when. Must not know what rules look for.

mod calls;
mod parts;

use super::{
    Check, ExtensionLine, Finding, Findings, Reading, Rule, Settings, Subject, Written, exact,
    rules, suppression,
};
use crate::diagnostic::Severity;
use calls::CallRules;
use parts::{Lines, Part, Steps};
use std::ops::Range;

/// The linting of one dialplan.
#[derive(Debug)]
pub struct Linting<'a> {
    reading: &'a Reading,
    subject: Subject<'a>,
    rules: Vec<Chosen>,
    parts: Vec<Part>,
}

/// A rule that is on, and how much it matters.
type Chosen = (&'static Rule, Severity);

impl<'a> Linting<'a> {
    pub(super) fn new(reading: &'a Reading, settings: &'a Settings) -> Self {
        let subject = Subject::new(reading, settings);
        let all = rules::ALL.iter();
        let rules: Vec<_> =
            all.filter_map(|&rule| Some((rule, settings.severity(rule)?))).collect();
        let parts = parts::of(&subject, &rules);
        Self { reading, subject, rules, parts }
    }

    /// How many parts there are.
    pub fn parts(&self) -> usize {
        self.parts.len()
    }

    /// Does one part; the same is found whether others are done meanwhile or not.
    ///
    /// # Panics
    /// If there is no such part: they count from 0.
    pub fn part(&self, number: usize) -> Vec<Finding> {
        let mut found = Vec::new();
        match &self.parts[number] {
            Part::Rules(rules) => {
                for &(rule, severity) in &self.rules[rules.clone()] {
                    let mut findings = Findings::new(rule, severity, &mut found);
                    look(&self.subject, rule.check, &mut findings);
                }
            }
            Part::Calls(steps) => self.look_at_calls(steps, &mut found),
            Part::Written(files) => self.look_at_written(files.clone(), &mut found),
            Part::ExtensionLines(lines) => self.look_at_extension_lines(lines, &mut found),
        }
        found
    }

    /// Puts together what the parts found, each in its place, and takes out what the dialplan
    /// allows.
    pub fn finish(self, parts: Vec<Vec<Finding>>) -> Vec<Finding> {
        let Self { reading, subject, .. } = self;
        let settings = subject.settings;
        // Its memory is needed for what comes now.
        drop(subject);
        let mut parts = parts.into_iter().skip_while(Vec::is_empty);
        let mut found = parts.next().unwrap_or_default();
        parts.for_each(|mut part| found.append(&mut part));
        exact::keep_exact_fixes(reading, &mut found);
        suppression::apply(reading, settings, &mut found);
        weigh_as_said(settings, &mut found);
        sort(&mut found);
        found
    }

    fn look_at_calls(&self, steps: &Steps, found: &mut Vec<Finding>) {
        let mut rules = CallRules::new(&self.rules);
        for step in steps.of(&self.subject) {
            for call in step.calls() {
                rules.look(&call, found);
            }
        }
    }

    fn look_at_written(&self, files: Range<usize>, found: &mut Vec<Finding>) {
        let rules = looking(&self.rules, |check| match check {
            Check::Written(check) => Some(check),
            _ => None,
        });
        for (number, file) in self.subject.files().skip(files.start).take(files.len()) {
            for line in Written::all(&self.subject, number, file) {
                for &(rule, severity, check) in &rules {
                    check(&line, &mut Findings::new(rule, severity, found));
                }
            }
        }
    }

    fn look_at_extension_lines(&self, lines: &Lines, found: &mut Vec<Finding>) {
        let rules = looking(&self.rules, |check| match check {
            Check::Extension(check) => Some(check),
            _ => None,
        });
        for (section, setting) in lines.of(&self.subject) {
            if !self.subject.is_first_reading(setting.place.file) {
                continue;
            }
            let Some(line) = ExtensionLine::new(&self.subject, section, setting) else { continue };
            for &(rule, severity, check) in &rules {
                check(&line, &mut Findings::new(rule, severity, found));
            }
        }
    }
}

/// The rules that look in one way.
fn looking<C>(
    rules: &[Chosen],
    way: impl Fn(Check) -> Option<C>,
) -> Vec<(&'static Rule, Severity, C)> {
    let chosen = rules.iter();
    chosen.filter_map(|&(rule, severity)| Some((rule, severity, way(rule.check)?))).collect()
}

/// Has a rule look, unless it looks at things that are gone through once for all rules.
pub(super) fn look(subject: &Subject<'_>, check: Check, findings: &mut Findings<'_>) {
    match check {
        Check::Suppression
        | Check::Jumps(_)
        | Check::Sounds(_)
        | Check::Call(_)
        | Check::CallOf(..)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lint::{Group, Level, read},
        syntax::Nothing,
    };
    use std::fmt::Write as _;

    /// The findings as text, all of them.
    fn shown(found: &[Finding]) -> Vec<String> {
        found.iter().map(|one| format!("{} {one:?}", one.rule.name)).collect()
    }

    #[track_caller]
    fn check(text: String, least_parts: usize) {
        let levels = Group::ALL.map(|group| (group.name().to_owned(), Level::On)).into();
        let settings = Settings { levels, ..Settings::default() };
        let reading = read(b"extensions.conf", text.into(), &mut Nothing);
        let linting = reading.linting(&settings);
        assert!(linting.parts() >= least_parts, "{}", linting.parts());
        // Whoever comes first makes what others need.
        let mut parts: Vec<_> =
            (0..linting.parts()).rev().map(|number| linting.part(number)).collect();
        parts.reverse();
        assert_eq!(shown(&linting.finish(parts)), shown(&reading.lint(&settings)));
    }

    #[test]
    fn the_order_in_which_parts_are_done_does_not_count() {
        check(String::new(), 1);
        let mut text = "[globals]\nX=1\n[one]\n".to_owned();
        for at in 0..10_000 {
            writeln!(text, "exten => {at},1,Goto({at},there)\nsame => n,Dial(SIP/${{EXTEM}},t)")
                .expect("a string takes all");
        }
        for at in 0..2_000 {
            writeln!(
                text,
                "[menu-{at}]\ninclude => one\nexten => s,1,Background(a)\nexten = _{at}X,n,Wait (x)"
            )
            .expect("a string takes all");
        }
        check(text, 20);
    }

    #[test]
    fn each_call_and_each_line_is_in_one_part() {
        let mut text = "[a]\n".to_owned();
        for at in 0..9_000 {
            writeln!(text, "exten => {at},1,Hangip() // why").expect("a string takes all");
            if at % 1_000 == 999 {
                writeln!(text, "[b{at}]").expect("a string takes all");
            }
        }
        let reading = read(b"extensions.conf", text.into(), &mut Nothing);
        let found = reading.lint(&Settings::default());
        let count = |name: &str| found.iter().filter(|one| one.rule.name == name).count();
        assert_eq!((count("unknown-application"), count("slash-comment")), (9_000, 9_000));
    }
}
