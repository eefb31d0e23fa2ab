//! A `#` line that is no directive.

use crate::{
    diagnostic::Severity,
    lint::{
        Check, Findings, Group, Origin, Safety, Subject, nearest::nearest, rule::rule,
        subject::part, subject::shown,
    },
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// A line that begins with `#` and goes on with anything but `include`, `tryinclude` or `exec`:
    /// most often a comment of another language, or a blank after the `#`.
    ///
    /// # Why it hurts
    /// Asterisk skips the line with a warning. If it was to include a file, all extensions in that
    /// file are missing.
    ///
    /// # Example
    /// ```text
    /// # the menu
    /// #inlcude menu.conf
    /// ```
    /// Better:
    /// ```text
    /// ; the menu
    /// #include menu.conf
    /// ```
    pub(super) static RULE = {
        name: "unknown-file-directive",
        code: "L010",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: Some(Safety::Unsafe),
        check: Check::Message(&[Kind::UnknownHash], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    let code = subject.code(message.place);
    let text = &subject.at(code)[1..];
    let blanks = text.iter().take_while(|byte| b" \t".contains(byte)).count();
    let word = text[blanks..].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let word = &text[blanks..blanks + word];
    let near = nearest(word, [b"include".as_slice(), b"tryinclude"]);
    let place = part(code, 1, 1 + blanks + word.len());
    let finding = findings.report(code, "no directive begins like this: Asterisk skips the line");
    match near {
        Some(near) if text.len() > blanks + word.len() => {
            finding.fix(Safety::Unsafe, format!("write #{}", shown(near)), place, near);
        }
        _ => {
            let hash = part(code, 0, 1);
            finding.help("comments begin with ;").fix(Safety::Safe, "make it a comment", hash, ";");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn only_three_words_follow() {
        check(
            &RULE,
            "
                [a]
                # the menu
                ^^^^^^^^^^ no directive begins like this: Asterisk skips the line
                #tryinclude nothing.conf
                ",
        );
    }

    #[test]
    fn it_is_mended() {
        check_fix(
            &RULE,
            "
                [a]
                #!the menu
                #tryinclud nothing.conf
                # tryinclude nothing.conf
                ",
            "
                [a]
                ;!the menu
                #tryinclude nothing.conf
                #tryinclude nothing.conf
                ",
        );
    }
}
