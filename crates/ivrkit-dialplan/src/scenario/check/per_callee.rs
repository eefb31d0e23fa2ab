//! Prompts that differ per callee: where their files come from, and that there is one such prompt.
//!
//! On the PBX a callee's file is named by his number and lies in `media.root`, so a second prompt
//! per callee would be the same file.

use crate::{
    diagnostic::Diagnostic,
    scenario::{code, outline::Outline, words::quoted},
};

pub(super) fn check(outline: &Outline, findings: &mut Vec<Diagnostic>) {
    let per_callee = outline.prompts.iter().filter(|prompt| prompt.per_callee);
    for (at, prompt) in per_callee.enumerate() {
        let name = quoted(&prompt.name.text);
        match &prompt.source {
            None => findings.push(
                Diagnostic::error(
                    code::PER_CALLEE_SOURCE,
                    prompt.name.span,
                    format!(
                        "prompt {name} differs per callee and has no `source`, expected a folder"
                    ),
                )
                .with_help(
                    "`source` is a folder with one WAV per callee, each named by the number",
                ),
            ),
            Some(source) if source.text.to_lowercase().ends_with(".wav") => findings.push(
                Diagnostic::error(
                    code::PER_CALLEE_SOURCE,
                    source.span,
                    format!("found the file {}, expected a folder", quoted(&source.text)),
                )
                .with_help("a prompt per callee has one WAV per callee, each named by the number"),
            ),
            Some(_) => {}
        }
        if at > 0 {
            let message =
                format!("prompt {name} is the second that differs per callee, expected one");
            findings.push(
                Diagnostic::error(code::PER_CALLEE_TWICE, prompt.name.span, message).with_help(
                    "on the PBX a callee's file is named by his number alone: both would be one file",
                ),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::scenario::tests::check;

    #[test]
    fn files_per_callee() {
        check(
            r"
prompts:
  welcome: {}
  own: { per_callee: true }
# ^^^ error[per-callee-source]: prompt `own` differs per callee and has no `source`, expected a folder
  date:
# ^^^^ error[per-callee-twice]: prompt `date` is the second that differs per callee, expected one
    per_callee: true
    source: dates/date.WAV
#           ^^^^^^^^^^^^^^ error[per-callee-source]: found the file `dates/date.WAV`, expected a folder
ivrs:
  100: { prompts: [welcome, own, date] }
",
        );
    }
}
