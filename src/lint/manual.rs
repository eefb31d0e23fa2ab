//! The manual of the linter: the page of a rule, and the list of all.

use super::{safety_name, severity_name};
use crate::report::Look;
use ivrkit_dialplan::lint::{Group, Origin, Rule, Safety, rules};
use serde::Serialize;
use std::io::{self, Write};

const BOLD: &str = "\x1b[1m";
const PLAIN: &str = "\x1b[0m";

/// Writes the manual page of a rule as text.
///
/// # Errors
/// Those of `out`.
pub fn write_page(out: &mut impl Write, rule: &Rule, look: Look) -> io::Result<()> {
    let (bold, plain) = match look {
        Look::Plain => ("", ""),
        Look::Coloured => (BOLD, PLAIN),
    };
    writeln!(out, "{bold}{} {}{plain}", rule.code, rule.name)?;
    writeln!(out, "{}\n", facts(rule))?;
    let mut is_code = false;
    for line in explanation(rule) {
        match line.strip_prefix("# ") {
            _ if line.starts_with("```") => is_code = !is_code,
            Some(heading) if !is_code => writeln!(out, "{bold}{heading}{plain}")?,
            _ if line.is_empty() => writeln!(out)?,
            _ if is_code => writeln!(out, "    {line}")?,
            _ => writeln!(out, "{line}")?,
        }
    }
    Ok(())
}

/// Writes a line for each rule, in columns.
///
/// # Errors
/// Those of `out`.
pub fn write_list(out: &mut impl Write) -> io::Result<()> {
    let width = rules::ALL.iter().map(|rule| rule.name.len()).max().unwrap_or_default();
    for rule in sorted() {
        let Rule { code, name, group, severity, .. } = rule;
        let severity = if group.is_on() { severity_name(*severity) } else { "off" };
        let (group, fix) = (group.name(), fix_name(rule).unwrap_or("-"));
        let row = format!("{code}  {name:<width$}  {group:<12}  {severity:<7}  {fix}");
        writeln!(out, "{}", row.trim_end())?;
    }
    Ok(())
}

/// A rule as machines read it.
#[derive(Serialize)]
struct Row {
    code: &'static str,
    name: &'static str,
    group: Group,
    severity: &'static str,
    is_on: bool,
    origin: Origin,
    fix: Option<&'static str>,
    explanation: String,
}

/// Writes a JSON array of objects and a newline. Fields may be added, none is renamed.
///
/// # Errors
/// Those of `out`.
pub fn write_json(out: &mut impl Write) -> io::Result<()> {
    let rows = sorted().into_iter().map(|rule| Row {
        code: rule.code,
        name: rule.name,
        group: rule.group,
        severity: severity_name(rule.severity),
        is_on: rule.group.is_on(),
        origin: rule.origin,
        fix: fix_name(rule),
        explanation: explanation(rule).collect::<Vec<_>>().join("\n"),
    });
    serde_json::to_writer_pretty(&mut *out, &rows.collect::<Vec<_>>())?;
    writeln!(out)
}

/// Writes docs/rules.md: the table of all rules, and their pages.
///
/// # Errors
/// Those of `out`.
pub fn write_markdown(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "# The rules of `ivrkit lint`\n")?;
    writeln!(out, "{INTRODUCTION}\n")?;
    writeln!(out, "| code | rule | group | severity | origin | fix |\n|---|---|---|---|---|---|")?;
    for rule in sorted() {
        let Rule { code, name, group, severity, .. } = rule;
        let severity = severity_name(*severity);
        let severity = if group.is_on() { severity.to_owned() } else { format!("{severity}, off") };
        let (group, origin) = (group.name(), origin_name(rule.origin));
        let fix = fix_name(rule).unwrap_or_default();
        writeln!(out, "| {code} | [{name}](#{name}) | {group} | {severity} | {origin} | {fix} |")?;
    }
    for rule in sorted() {
        writeln!(out, "\n## {}\n\n{}, {}\n", rule.name, rule.code, facts(rule))?;
        let mut is_code = false;
        for line in explanation(rule) {
            is_code ^= line.starts_with("```");
            match line.strip_prefix("# ") {
                Some(heading) if !is_code => writeln!(out, "### {heading}\n")?,
                _ => writeln!(out, "{line}")?,
            }
        }
    }
    Ok(())
}

const INTRODUCTION: &str = "\
`ivrkit rules --format markdown` writes this page. Origin: `asterisk` says it itself while it loads;
`asterisklint` has a check of this kind too; `new` is in no other tool. A safe fix changes nothing
that a call could notice; an unsafe one has calls go the way that was most likely meant.";

/// Group, severity, origin and fix in a line.
fn facts(rule: &Rule) -> String {
    let Rule { group, severity, origin, .. } = rule;
    let (severity, origin) = (severity_name(*severity), origin_name(*origin));
    let is_off = if group.is_on() { "" } else { " (off unless asked for)" };
    let fix = match rule.fix {
        None => "",
        Some(Safety::Safe) => ", safe fix",
        Some(Safety::Unsafe) => ", unsafe fix",
    };
    format!("group {}, {severity}{is_off}, origin: {origin}{fix}", group.name())
}

/// In the order of the groups and codes.
fn sorted() -> Vec<&'static Rule> {
    let mut sorted = rules::ALL.clone();
    sorted.sort_by_key(|rule| (rule.group, rule.code));
    sorted
}

/// The lines of the manual page, without the blank that each doc comment begins with.
fn explanation(rule: &Rule) -> impl Iterator<Item = &'static str> {
    rule.explanation.trim_end().lines().map(|line| line.strip_prefix(' ').unwrap_or(line))
}

fn fix_name(rule: &Rule) -> Option<&'static str> {
    rule.fix.map(safety_name)
}

fn origin_name(origin: Origin) -> &'static str {
    match origin {
        Origin::Asterisk => "asterisk",
        Origin::Asterisklint => "asterisklint",
        Origin::New => "new",
    }
}
