//! Full-width punctuation where Asterisk wants ASCII.

use crate::{
    diagnostic::Severity,
    lint::{
        Check, Edit, ExtensionLine, Findings, Fix, Group, Origin, Safety, free_text, rule::rule,
    },
};

rule! {
    /// # What it finds
    /// A full-width comma, parenthesis, digit or the like (`，（）１`) in the name, priority or
    /// application of a step, as the closing parenthesis, or between the arguments of a jump or a
    /// prompt. An input method for Chinese or Japanese left on types them.
    ///
    /// # Why it hurts
    /// They are letters to Asterisk: the name ends elsewhere, the application does not exist and
    /// the call ends there, the step is dropped.
    ///
    /// # Example
    /// ```text
    /// exten => 6500，n，Goto（ivrs，6501，1）
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,n,Goto(ivrs,6501,1)
    /// ```
    pub(super) static RULE = {
        name: "full-width-punctuation",
        code: "L055",
        group: Group::Load,
        severity: Severity::Error,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Extension(check),
    }
}

fn check(line: &ExtensionLine<'_>, findings: &mut Findings<'_>) {
    let value = line.setting.value;
    let bytes = line.bytes(value);
    if bytes.is_ascii() {
        return;
    }
    let text = String::from_utf8_lossy(bytes);
    let head = text.find(['(', '（']).unwrap_or(text.len());
    let is_closed = text.rfind(')') > text.rfind('）');
    let is_free = free_text::is(bytes);
    let is_jump = ["Goto", "Gosub"].iter().any(|name| text[..head].trim_end().ends_with(name));
    let wrong: Vec<_> = text
        .char_indices()
        .filter(|&(at, c)| {
            let is_last = c == '）' && !is_closed && text[at..].trim_end().len() == c.len_utf8();
            let is_between = is_jump && !is_free && matches!(c, '，' | '０'..='９');
            ascii(c).is_some() && (at <= head || is_last || is_between)
        })
        .collect();
    let Some(&(first, c)) = wrong.first().filter(|_| text.len() == bytes.len()) else { return };
    let place = |at: usize, c: char| line.place(value.slice(at, at + c.len_utf8()));
    let text = format!("`{c}` is a letter to Asterisk");
    let finding = findings.report(place(first, c), text);
    let edits = wrong
        .iter()
        .filter_map(|&(at, c)| Some(Edit { place: place(at, c), text: vec![ascii(c)?] }));
    let title = "write them in ASCII".to_owned();
    finding.fix = Some(Fix { title, safety: Safety::Unsafe, edits: edits.collect() });
}

/// What a full-width character stands for.
fn ascii(c: char) -> Option<u8> {
    match c {
        '\u{ff01}'..='\u{ff5e}' => u8::try_from(u32::from(c) - 0xff01 + u32::from(b'!')).ok(),
        '\u{3001}' => Some(b','),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn they_are_letters() {
        check(
            &RULE,
            "
                [a]
                exten => 1，1,Answer()
                          ^ `，` is a letter to Asterisk
                exten => 1,1,NoOp（a）
                                 ^ `（` is a letter to Asterisk
                exten => 1,1,NoOp(a）
                                   ^ `）` is a letter to Asterisk
                exten => 1,1,Goto(a，1，1)
                                   ^ `，` is a letter to Asterisk
                exten => 1,1,NoOp(你好，世界（一）)
                exten => 1,1,Answer() ；说明
                ",
        );
    }

    #[test]
    fn they_are_written_in_ascii() {
        check_fix(
            &RULE,
            "
                [a]
                exten => 1，１，Goto（ivrs，6501，1）
                ",
            "
                [a]
                exten => 1,1,Goto(ivrs,6501,1)
                ",
        );
    }
}
