//! Findings that the dialplan itself allows.
//!
//! ```text
//! exten => s,1,Set (X=1)   ; ivrkit: allow(blank-before-parenthesis) our own Asterisk has `Set `
//! ; ivrkit: allow-context(menu-without-timeout, no-goodbye) a robot listens
//! ; ivrkit: allow-file(F003) generated, looked through on 2024-05-01
//! ```
//! `allow` is about the line it ends, or alone in a line about the next one that is no comment;
//! `allow-context` about the section it stands in, or directly above whose header it stands;
//! `allow-file` about the file. Rules go by name or code, and what follows the `)` is the reason.
//! Each counts in its own file only, included or not.

use super::{Finding, Findings, Group, Reading, Rule, Safety, Settings, rules};
use crate::syntax::{Files, Place, Remark, narrow};
use std::{borrow::Cow, collections::HashMap, ops::Range};

/// How far a suppression reaches; the narrower one is asked first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    Line,
    Context,
    File,
}

/// What the words of a remark say.
enum Words {
    /// Something that is no business of the linter.
    Other,
    /// They mean to suppress, but cannot be read.
    Malformed { expected: &'static str },
    /// They name rules.
    Allow { reach: Reach, names: Vec<Place>, has_reason: bool },
}

/// One rule in one remark.
struct Suppression {
    remark: Remark,
    rule: &'static Rule,
    reach: Reach,
    /// Where findings are suppressed; the end belongs to it.
    scope: Place,
    /// All names of the remark, and which of them this is.
    names: Vec<Place>,
    number: usize,
    is_used: bool,
}

/// Takes out what the dialplan allows, and adds what there is to say about how it does.
pub(super) fn apply(reading: &Reading, settings: &Settings, found: &mut Vec<Finding>) {
    if reading.remarks.is_empty() {
        return;
    }
    let files = OneReading::of(&reading.dialplan.files);
    let mut remarked = Remarked { settings, found: Vec::new() };
    let mut all = Suppressions::read(reading, &files, &mut remarked);
    found.append(&mut remarked.found);
    found.retain(|finding| !all.suppress(finding, &files));
    if reading.dialplan.is_refused {
        // Most rules saw nothing of it, so that nothing can be said of what they would find.
        return;
    }
    let mut unused = all.unused(reading, settings);
    unused.retain(|finding| !all.suppress(finding, &files));
    found.append(&mut unused);
}

/// Files that are read more than once count once, by their names.
struct OneReading(Vec<u32>);

impl OneReading {
    fn of(files: &Files) -> Self {
        let mut first = HashMap::new();
        let all = (0..).zip(files.all());
        Self(all.map(|(number, file)| *first.entry(&file.name).or_insert(number)).collect())
    }

    fn place(&self, place: Place) -> Place {
        Place { file: self.0[place.file as usize], ..place }
    }
}

/// What there is to say about remarks.
struct Remarked<'a> {
    settings: &'a Settings,
    found: Vec<Finding>,
}

impl Remarked<'_> {
    fn malformed(&mut self, remark: &Remark, expected: &str) {
        let message = format!("this suppresses nothing: {expected}");
        let help = "write `; ivrkit: allow(rule-name) reason`";
        self.say("malformed-suppression", remark.place, message, help);
    }

    fn without_reason(&mut self, remark: &Remark) {
        let message = "nothing says why this is allowed".to_owned();
        self.say(
            "suppression-without-reason",
            remark.place,
            message,
            "write the reason after the )",
        );
    }

    /// The rule that is named at a place.
    fn rule(&mut self, bytes: &[u8], name: Place) -> Option<&'static Rule> {
        let written = String::from_utf8_lossy(&bytes[name.start as usize..name.end as usize]);
        let rule = rules::find(&written);
        if rule.is_none() {
            let message = format!("there is no rule `{}`", written.escape_debug());
            self.say("unknown-suppression", name, message, nearest(&written));
        }
        rule
    }

    fn say(
        &mut self,
        rule: &str,
        place: Place,
        message: String,
        help: impl Into<Cow<'static, str>>,
    ) {
        let rule = rules::find(rule).expect("the rules about suppressions are in the list");
        if let Some(severity) = self.settings.severity(rule) {
            Findings::new(rule, severity, &mut self.found).report(place, message).help(help);
        }
    }
}

/// Sorted by reach, file, rule and place.
struct Suppressions(Vec<Suppression>);

impl Suppressions {
    /// What the remarks allow; what is wrong with them goes to `remarked`.
    fn read(reading: &Reading, files: &OneReading, remarked: &mut Remarked<'_>) -> Self {
        let mut all = Vec::new();
        for remark in &reading.remarks {
            if files.place(remark.place) != remark.place {
                continue;
            }
            let bytes = &reading.dialplan.files.file(remark.place.file).bytes;
            match words(bytes, remark) {
                Words::Other => {}
                Words::Malformed { expected } => remarked.malformed(remark, expected),
                Words::Allow { reach, names, has_reason } => {
                    if !has_reason {
                        remarked.without_reason(remark);
                    }
                    for number in 0..names.len() {
                        let Some(rule) = remarked.rule(bytes, names[number]) else { continue };
                        let (remark, names) = (*remark, names.clone());
                        let scope = scope(bytes, &remark, reach);
                        let is_used = false;
                        all.push(Suppression {
                            remark,
                            rule,
                            reach,
                            scope,
                            names,
                            number,
                            is_used,
                        });
                    }
                }
            }
        }
        all.sort_by_key(Suppression::key);
        Self(all)
    }

    /// Whether a finding is allowed; what allows it is used then.
    fn suppress(&mut self, finding: &Finding, files: &OneReading) -> bool {
        let place = files.place(finding.place);
        [Reach::Line, Reach::Context, Reach::File].into_iter().any(|reach| {
            let key = (reach, place.file, finding.rule.code, place.start);
            let after = self.0.partition_point(|one| one.key() <= key);
            // Of several at one place the first counts, and the others are superfluous.
            let Some(last) = after.checked_sub(1) else { return false };
            let scope = self.0[last].key();
            let first = self.0.partition_point(|one| one.key() < scope);
            let one = &mut self.0[first];
            let is_allowed = (one.reach, one.scope.file, one.rule.code)
                == (reach, place.file, finding.rule.code)
                && place.start <= one.scope.end;
            one.is_used |= is_allowed;
            is_allowed
        })
    }

    fn unused(&self, reading: &Reading, settings: &Settings) -> Vec<Finding> {
        let mut found = Vec::new();
        let rule = rules::find("unused-suppression").expect("the rule is in the list");
        let Some(severity) = settings.severity(rule) else { return found };
        let mut findings = Findings::new(rule, severity, &mut found);
        let unused = self.0.iter().filter(|one| {
            // What these two find hangs on sounds and versions that another run may be told.
            let is_certain = !matches!(one.rule.group, Group::Prompts | Group::Versions);
            !one.is_used
                && is_certain
                && one.rule.name != rule.name
                && settings.severity(one.rule).is_some()
        });
        for one in unused {
            let name = one.names[one.number];
            let finding = findings
                .report(name, format!("`{}` finds nothing that this allows", one.rule.name));
            let bytes = &reading.dialplan.files.file(name.file).bytes;
            finding.fix(Safety::Safe, "remove it", one.removed(bytes), "");
        }
        found
    }
}

impl Suppression {
    fn key(&self) -> (Reach, u32, &'static str, u32) {
        (self.reach, self.scope.file, self.rule.code, self.scope.start)
    }

    /// What to take out so that it is gone: a name of several, the comment, or its whole line.
    fn removed(&self, bytes: &[u8]) -> Place {
        let Self { remark, names, number, .. } = self;
        let name = names[*number];
        if let Some(next) = names.get(number + 1) {
            return Place { end: next.start, ..name };
        }
        if *number > 0 {
            return Place { start: names[number - 1].end, ..name };
        }
        let Place { start, end, .. } = remark.place;
        let line = line_around(bytes, start as usize..end as usize);
        let before = line.start + bytes[line.start..start as usize].trim_ascii_end().len();
        if before > line.start {
            return Place { start: narrow(before), ..remark.place };
        }
        let is_last = bytes[end as usize..line.end].trim_ascii().is_empty();
        let end = if is_last { bytes.len().min(line.end + 1) } else { end as usize };
        Place { start: narrow(line.start), end: narrow(end), ..remark.place }
    }
}

/// What a remark says.
fn words(bytes: &[u8], remark: &Remark) -> Words {
    let all = &bytes[remark.words as usize..remark.place.end as usize];
    let text = all.trim_ascii_start();
    let start = remark.words as usize + all.len() - text.len();
    let len = text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count();
    let (verb, rest) = text.split_at(len);
    let reach = match verb {
        b"allow" => Reach::Line,
        b"allow-context" => Reach::Context,
        b"allow-file" => Reach::File,
        _ if rest.trim_ascii_start().starts_with(b"(") && is_like_allow(verb) => {
            return Words::Malformed { expected: "the words are allow, allow-context, allow-file" };
        }
        _ => return Words::Other,
    };
    let Some(list) = rest.trim_ascii_start().strip_prefix(b"(") else {
        return Words::Malformed { expected: "the names of rules follow in parentheses" };
    };
    let Some(close) = list.iter().position(|&byte| byte == b')') else {
        return Words::Malformed { expected: "the names of rules end with )" };
    };
    let from = start + text.len() - list.len();
    let names: Vec<_> = names(bytes, from..from + close)
        .map(|name| Place { start: narrow(name.start), end: narrow(name.end), ..remark.place })
        .collect();
    if names.is_empty() {
        return Words::Malformed { expected: "there is no name of a rule between ( and )" };
    }
    let has_reason =
        list[close + 1..].iter().any(u8::is_ascii_alphanumeric) || !list[close + 1..].is_ascii();
    Words::Allow { reach, names, has_reason }
}

/// The names between commas, without the blanks around them.
fn names(bytes: &[u8], list: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut from = list.start;
    let parts = bytes[list].split(|&byte| byte == b',').map(move |part| {
        let start = from + part.len() - part.trim_ascii_start().len();
        from += part.len() + 1;
        start..start + part.trim_ascii().len()
    });
    parts.filter(|name| !name.is_empty())
}

/// Whether somebody who wrote this meant one of our words.
fn is_like_allow(verb: &[u8]) -> bool {
    let verb = String::from_utf8_lossy(verb).to_ascii_lowercase();
    let others = ["ignore", "disable", "suppress", "noqa"];
    ["allow", "allow-context", "allow-file"]
        .iter()
        .any(|&word| strsim::levenshtein(&verb, word) <= 2)
        || verb.starts_with("allow-")
        || others.iter().any(|other| verb.starts_with(other))
}

/// What to do about a name that no rule has.
fn nearest(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let near = rules::ALL.iter().map(|rule| (strsim::jaro_winkler(&name, rule.name), rule.name));
    let near = near
        .filter(|(likeness, _)| *likeness > 0.85)
        .max_by(|left, right| left.0.total_cmp(&right.0));
    match near {
        Some((_, near)) => format!("the nearest is `{near}`"),
        None => "`ivrkit rules` lists all rules".to_owned(),
    }
}

fn scope(bytes: &[u8], remark: &Remark, reach: Reach) -> Place {
    let whole = |place: Place| line_around(bytes, place.start as usize..place.end as usize);
    let (start, end) = match reach {
        Reach::Line => (whole(remark.line).start, whole(remark.line).end),
        // The line of the next header is no part of it.
        Reach::Context if (remark.section.end as usize) < bytes.len() => {
            let end = whole(Place { start: remark.section.end, ..remark.section }).start;
            (whole(remark.section).start, end.saturating_sub(1))
        }
        Reach::Context => (whole(remark.section).start, bytes.len()),
        Reach::File => (0, bytes.len()),
    };
    Place { file: remark.place.file, start: narrow(start), end: narrow(end) }
}

/// The lines of a range, without the newline of the last.
fn line_around(bytes: &[u8], range: Range<usize>) -> Range<usize> {
    let start = memchr::memrchr(b'\n', &bytes[..range.start]).map_or(0, |newline| newline + 1);
    let end = memchr::memchr(b'\n', &bytes[range.end..]);
    start..end.map_or(bytes.len(), |newline| range.end + newline)
}

#[cfg(test)]
mod tests;
