//! An included file that is not there.

use crate::{
    diagnostic::Severity,
    lint::{
        Check, Findings, Group, Origin, Safety, Subject, rule::rule, subject::part, subject::shown,
    },
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// An `#include` of a file that is not there, or of a wildcard without a match. Names are
    /// relative to the folder of the main file, even in a file of another folder. Quotes are taken
    /// away if they are `"..."` or `<...>`; `'...'` belongs to the name, and so does what follows
    /// the closing quote.
    ///
    /// # Why it hurts
    /// Asterisk stops at this line. In the main file it refuses the whole dialplan: after a reload
    /// every caller still meets the old one, after a restart each call fails.
    ///
    /// # Example
    /// ```text
    /// #include 'menu.conf'
    /// ```
    /// Better, or `#tryinclude` for a file that need not be there:
    /// ```text
    /// #include menu.conf
    /// ```
    pub(super) static RULE = {
        name: "missing-include-file",
        code: "L012",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::Asterisk,
        fix: Some(Safety::Unsafe),
        check: Check::Message(&[Kind::FileMissing], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    let code = subject.code(message.place);
    let text = subject.at(code);
    let word = text.iter().position(|&byte| byte <= b' ').unwrap_or(text.len());
    let blanks = text[word..].iter().take_while(|&&byte| byte <= b' ').count();
    let place = part(code, word + blanks, text.len());
    let name = subject.at(place);
    let text =
        format!("`{}` is not there: {}", shown(name), subject.cost_of_stopping(message.place));
    let finding = findings.report(place, text);
    match name {
        [b'\'', inner @ .., b'\''] => {
            finding.help("single quotes belong to the name").fix(
                Safety::Unsafe,
                "take the quotes away",
                place,
                inner,
            );
        }
        [quote @ (b'"' | b'<'), .., last]
            if !matches!((quote, last), (b'"', b'"') | (b'<', b'>')) =>
        {
            finding.help("what follows the closing quote belongs to the name");
        }
        _ => {
            finding.help(
                "names are relative to the folder of the main file; use #tryinclude if it need \
                 not be there",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_bytes};

    #[test]
    fn it_must_be_there() {
        check(
            &RULE,
            "
                [a]
                #include other.conf
                #include menu.conf
                         ^^^^^^^^^ `menu.conf` is not there: Asterisk refuses the whole dialplan and keeps the old one
                //- other.conf
                #include x.conf
                         ^^^^^^ `x.conf` is not there: the rest of this file is not read
                ",
        );
    }

    #[test]
    fn single_quotes_go() {
        check_bytes(
            &RULE,
            b"#include 'a b'\n",
            &[
                "1:10 `'a b'` is not there: Asterisk refuses the whole dialplan and keeps the old one",
            ],
            b"#include a b\n",
        );
    }
}
