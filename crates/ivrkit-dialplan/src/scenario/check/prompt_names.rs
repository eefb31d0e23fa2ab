//! Names of prompts that the PBX refuses or confuses. A prompt's name is its file name there.
//!
//! The S-series manual allows no special characters in prompt names; its API joins prompt names by
//! `+` and takes a name of digits for a number, so a name needs a letter. Files of single callees
//! are named by their numbers, which must not be taken either. A share of a PC or a NAS often does
//! not tell capitals from small letters: two names that differ in nothing else are one file there.
//! The length leaves room for the folder in any field of the PBX (our judgement: 64 characters).

use crate::{
    diagnostic::Diagnostic,
    scenario::{
        code,
        outline::{Outline, Word},
        words::{control_shown, quoted},
    },
};
use std::collections::HashMap;

const LONGEST_NAME: usize = 64;

pub(super) fn check(outline: &Outline, findings: &mut Vec<Diagnostic>) {
    let mut seen: HashMap<String, &Word> = HashMap::new();
    for prompt in &outline.prompts {
        let name = &prompt.name;
        if let Some((found, help)) = refused(&name.text) {
            let message = format!(
                "found {found} in the prompt name {}, expected letters, digits, `-` and `_`",
                quoted(&name.text)
            );
            findings.push(Diagnostic::error(code::PROMPT_NAME, name.span, message).with_help(help));
        }
        let key = name.text.to_lowercase();
        if let Some(first) = seen.get(&key) {
            let message = format!(
                "the prompt names {} and {} differ in capitals only",
                quoted(&first.text),
                quoted(&name.text)
            );
            findings.push(
                Diagnostic::error(code::PROMPT_NAME_CLASH, name.span, message)
                    .with_help("many shares do not tell capitals from small letters"),
            );
        } else {
            seen.insert(key, name);
        }
    }
}

/// What is wrong with a name and what helps.
fn refused(name: &str) -> Option<(String, &'static str)> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if let Some(ending) = [".wav", ".gsm", ".mp3"].iter().find(|ending| name.ends_with(*ending)) {
        return Some((format!("the ending `{ending}`"), "leave the ending out: the PBX adds it"));
    }
    if let Some(c) = name.chars().find(|&c| !allowed(c)) {
        let shown = if c.is_control() { control_shown(c) } else { format!("`{c}`") };
        return Some((shown, "the PBX refuses other characters in names of prompts"));
    }
    if name.starts_with('-') {
        return Some(("`-` at the beginning".to_owned(), "begin with a letter, a digit or `_`"));
    }
    if !name.chars().any(|c| c.is_ascii_alphabetic()) {
        return Some((
            "no letter".to_owned(),
            "the PBX takes a name without letters for a number, and files of callees have such names",
        ));
    }
    let length = name.len();
    (length > LONGEST_NAME)
        .then(|| (format!("{length} characters"), "at most 64 characters, please"))
}

#[cfg(test)]
mod tests {
    use crate::scenario::tests::check;

    #[test]
    fn names_that_the_pbx_refuses() {
        check(
            r#"
prompts:
  welcome: {}
  please wait: {}
# ^^^^^^^^^^^ error[prompt-name]: found ` ` in the prompt name `please wait`, expected letters, digits, `-` and `_`
  a+b: {}
# ^^^ error[prompt-name]: found `+` in the prompt name `a+b`
  请稍后: {}
# ^^^ error[prompt-name]: found `请` in the prompt name `请稍后`
  8000: {}
# ^^^^ error[prompt-name]: found no letter in the prompt name `8000`
  ok.wav: {}
# ^^^^^^ error[prompt-name]: found the ending `.wav` in the prompt name `ok.wav`
# ^^^^^^ help: leave the ending out: the PBX adds it
  a/b: {}
# ^^^ error[prompt-name]: found `/` in the prompt name `a/b`
  -ok: {}
# ^^^ error[prompt-name]: found `-` at the beginning in the prompt name `-ok`
  "a\nb": {}
# ^^^^^^ error[prompt-name]: found U+000A in the prompt name `aU+000Ab`
  aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: {}
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[prompt-name]: found 65 characters
  macroform-the_simplicity: {}
ivrs:
  100:
    prompts:
      - welcome
      - please wait
      - a+b
      - 请稍后
      - "8000"
      - ok.wav
      - a/b
      - -ok
      - "a\nb"
      - aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
      - macroform-the_simplicity
"#,
        );
    }

    #[test]
    fn names_that_differ_in_capitals_only() {
        check(
            r"
prompts:
  welcome: {}
  Welcome: {}
# ^^^^^^^ error[prompt-name-clash]: the prompt names `welcome` and `Welcome` differ in capitals only
ivrs:
  100: { prompts: [welcome, Welcome] }
",
        );
    }
}
