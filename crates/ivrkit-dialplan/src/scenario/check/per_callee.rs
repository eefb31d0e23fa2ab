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
        // Spoken for a list of callees, or joined: then there is nothing to lie in a folder.
        let is_made = prompt.parts_key.is_some() || outline.tts.is_some() && prompt.text.is_some();
        match &prompt.source {
            None if is_made => {}
            None => findings.push(
                Diagnostic::error(
                    code::PER_CALLEE_SOURCE,
                    prompt.name.span,
                    format!(
                        "prompt {name} differs per callee and has no `source`, expected a folder"
                    ),
                )
                .with_help(
                    "`source` is a folder with one WAV per callee, each named by the number; with \
                     `tts` and a `text` the prompt is spoken for each callee of a list",
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

    #[test]
    fn what_is_spoken_needs_no_folder() {
        check(
            r#"
tts: {}
prompts: { welcome: { per_callee: true, text: "Your test is on {{ date }}" } }
"#,
        );
        check(
            r#"
tts: {}
prompts: { welcome: { per_callee: true, parts: [{ text: Hello }, { text: "{{ name }}" }] } }
"#,
        );
    }
}
