//! `n` before any priority.

use crate::{
    diagnostic::Severity,
    lint::{
        Check, ExtensionLine, Findings, Group, Origin, Safety, Subject, rule::rule, subject::shown,
    },
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// `n` or `s` as priority of the first step of a section. Each `[section]` line begins anew,
    /// even one that continues a context.
    ///
    /// # Why it hurts
    /// There is nothing to count from. Asterisk drops the line, and with it all others until one
    /// has a number: the extension never answers.
    ///
    /// # Example
    /// ```text
    /// [ivr_6500]
    /// exten => 6500,n,Answer()
    /// ```
    /// Better:
    /// ```text
    /// [ivr_6500]
    /// exten => 6500,1,Answer()
    /// ```
    pub(super) static RULE = {
        name: "next-before-priority",
        code: "L023",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: Some(Safety::Unsafe),
        check: Check::Message(&[Kind::NextFirst, Kind::SameFirstPriority], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    let Some(line) = subject.extension_line(message.place) else { return };
    let place = line.place(line.priority);
    let word = shown(line.bytes(line.priority));
    let text = format!("no step stands above it that `{word}` could count from: Asterisk drops it");
    let finding = findings.report(place, text);
    let mut settings = line.section.settings.iter();
    let first = settings.find_map(|one| ExtensionLine::new(subject, line.section, one));
    if first.is_some_and(|first| first.setting.place == message.place) {
        finding.fix(Safety::Unsafe, "begin with 1", place, "1");
    } else {
        finding.help("begin the extension with priority 1");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn each_section_begins_anew() {
        check(
            &RULE,
            "
                [a]
                exten => 1,n,Answer()
                           ^ no step stands above it that `n` could count from: Asterisk drops it
                exten => 1,n,Hangup()
                           ^ no step stands above it that `n` could count from: Asterisk drops it
                [b]
                exten => 1,s,Answer()
                           ^ no step stands above it that `s` could count from: Asterisk drops it
                exten => 1,2,Answer()
                exten => 1,n,Answer()
                ",
        );
    }

    #[test]
    fn the_first_becomes_1() {
        check_fix(
            &RULE,
            "
                [a]
                exten => 1, n, Answer()
                exten => 1, n, Hangup()
                ",
            "
                [a]
                exten => 1, 1, Answer()
                exten => 1, n, Hangup()
                ",
        );
    }
}
