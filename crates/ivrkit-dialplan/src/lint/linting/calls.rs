//! Has the rules about calls look at each call, but only those that it can be a matter of.

use super::Chosen;
use crate::{
    diagnostic::Severity,
    lint::{Call, Check, Finding, Findings, Jump, Played, Rule, Substitutions, jumps},
};
use hashbrown::HashMap;

/// A rule that looks at something, and how much it matters.
type Looking<C> = (&'static Rule, Severity, C);
type OnCall = fn(&Call<'_>, &mut Findings<'_>);
type OnJumps = fn(&Call<'_>, &[Jump<'_>], &mut Findings<'_>);
type OnSounds = fn(&Played<'_>, &mut Findings<'_>);
type OnSubstitutions = fn(&Call<'_>, &Substitutions, &mut Findings<'_>);

/// The rules that look at calls, by what they look at.
pub(super) struct CallRules<'a> {
    rules: &'a [Chosen],
    /// Those that look at the calls of an application, by its name as written.
    by_name: HashMap<&'a [u8], Vec<Looking<OnCall>>>,
    jumps: Vec<Looking<OnJumps>>,
    sounds: Vec<Looking<OnSounds>>,
    substitutions: Vec<Looking<OnSubstitutions>>,
}

impl<'a> CallRules<'a> {
    pub(super) fn new(rules: &'a [Chosen]) -> Self {
        let mut own = Self {
            rules,
            by_name: HashMap::new(),
            jumps: Vec::new(),
            sounds: Vec::new(),
            substitutions: Vec::new(),
        };
        for &(rule, severity) in rules {
            match rule.check {
                Check::Jumps(check) => own.jumps.push((rule, severity, check)),
                Check::Sounds(check) => own.sounds.push((rule, severity, check)),
                Check::Substitutions(check) => own.substitutions.push((rule, severity, check)),
                _ => {}
            }
        }
        own
    }

    pub(super) fn look(&mut self, call: &Call<'a>, found: &mut Vec<Finding>) {
        let rules = self.rules;
        let own = self.by_name.entry(call.name()).or_insert_with(|| about(rules, call));
        for &(rule, severity, check) in &*own {
            check(call, &mut Findings::new(rule, severity, found));
        }
        let jumps = if self.jumps.is_empty() { Vec::new() } else { jumps(call) };
        if !jumps.is_empty() {
            for &(rule, severity, check) in &self.jumps {
                check(call, &jumps, &mut Findings::new(rule, severity, found));
            }
        }
        let behaviour = call.behaviour.filter(|_| !self.sounds.is_empty());
        if let Some(played) = behaviour.and_then(|behaviour| Played::of(call, behaviour)) {
            for &(rule, severity, check) in &self.sounds {
                check(&played, &mut Findings::new(rule, severity, found));
            }
        }
        // What stands inside of another call was read with that.
        if call.is_inner || self.substitutions.is_empty() {
            return;
        }
        if let Some(substitutions) = Substitutions::of(call) {
            for &(rule, severity, check) in &self.substitutions {
                check(call, &substitutions, &mut Findings::new(rule, severity, found));
            }
        }
    }
}

/// The rules that look at all calls of the application that a call names.
fn about(rules: &[Chosen], call: &Call<'_>) -> Vec<Looking<OnCall>> {
    let application = call.application();
    let looking = rules.iter().filter_map(|&(rule, severity)| match rule.check {
        Check::Call(check) => Some((rule, severity, check)),
        Check::CallOf(picks, check) => picks(&application).then_some((rule, severity, check)),
        _ => None,
    });
    looking.collect()
}
