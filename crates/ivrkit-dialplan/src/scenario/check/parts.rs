//! What prompts are made of: a file, a text that is spoken, or parts, and never two of them at once.

use crate::{
    diagnostic::Diagnostic,
    scenario::{
        code,
        outline::{Outline, Part, Prompt, Word},
        words::quoted,
    },
};

pub(super) fn check(outline: &Outline, findings: &mut Vec<Diagnostic>) {
    let speaks = outline.tts.is_some();
    for prompt in &outline.prompts {
        findings.extend(beside_parts(prompt));
        findings.extend(prompt.parts.iter().filter_map(|part| misfit(part, speaks)));
        findings.extend(spoken_without_text(prompt));
        if !prompt.per_callee && speaks {
            let texts =
                prompt.text.iter().chain(prompt.parts.iter().filter_map(|p| p.text.as_ref()));
            findings.extend(texts.filter_map(|text| template_for_all(prompt, text)));
        }
    }
}

fn beside_parts(prompt: &Prompt) -> Option<Diagnostic> {
    prompt.parts_key?;
    let (other, span) = match (&prompt.text, &prompt.source, prompt.spoken) {
        (Some(text), ..) => ("text", text.span),
        (_, Some(source), _) => ("source", source.span),
        (.., Some(spoken)) => ("spoken", spoken),
        _ => return None,
    };
    let name = quoted(&prompt.name.text);
    let message = format!("prompt {name} has `parts` and `{other}`, expected one of them");
    let help = "each part has a `text` or a `source` of its own";
    Some(Diagnostic::error(code::PROMPT_PARTS, span, message).with_help(help))
}

fn misfit(part: &Part, speaks: bool) -> Option<Diagnostic> {
    let error = |message: &str| Some(Diagnostic::error(code::PROMPT_PARTS, part.span, message));
    match (&part.text, &part.source) {
        (Some(_), Some(_)) => error("found a part with `text` and `source`, expected one of them"),
        (None, None) => {
            error("found a part with neither `text` nor `source`, expected one of them")
        }
        (Some(text), None) if !speaks => {
            let message = "found a part to be spoken, and no `tts` that names an engine";
            let finding = Diagnostic::error(code::PROMPT_PARTS, text.span, message);
            Some(finding.with_help("add the section `tts`, or name a recording with `source`"))
        }
        _ => None,
    }
}

fn spoken_without_text(prompt: &Prompt) -> Option<Diagnostic> {
    let span = prompt.spoken.filter(|_| prompt.text.is_none() && prompt.parts_key.is_none())?;
    let message = "found `spoken` without the `text` that it stands for";
    Some(Diagnostic::error(code::PROMPT_PARTS, span, message))
}

/// What is spoken for everybody has nobody's columns: the braces would be read out.
fn template_for_all(prompt: &Prompt, text: &Word) -> Option<Diagnostic> {
    (text.text.contains("{{") || text.text.contains("{%")).then(|| {
        let name = quoted(&prompt.name.text);
        let message = format!("found a template in prompt {name}, which is the same for everybody");
        Diagnostic::error(code::TEXT_TEMPLATE, text.span, message)
            .with_help("templates are for the prompt with `per_callee: true`")
    })
}

#[cfg(test)]
mod tests {
    use crate::scenario::tests::check;

    #[test]
    fn parts() {
        check(
            r##"
tts: {}
prompts:
  welcome: { text: Hello, parts: [{ text: a }] }
#                  ^^^^^ error[prompt-parts]: prompt `welcome` has `parts` and `text`, expected one of them
  a: { parts: [{ text: a, source: a.wav }] }
#              ^ error[prompt-parts]: found a part with `text` and `source`, expected one of them
  b: { parts: [{}] }
#              ^ error[prompt-parts]: found a part with neither `text` nor `source`
  c: { parts: [{ source: intro.wav }, { text: Goodbye }] }
  d: { spoken: hash }
#      ^^^^^^ error[prompt-parts]: found `spoken` without the `text` that it stands for
  e: { text: "#", spoken: hash }
  f: { text: "On {{ date }}" }
#            ^^^^^^^^^^^^^^^ error[text-template]: found a template in prompt `f`, which is the same for everybody
ivrs:
  100: { prompts: [welcome, a, b, c, d, e, f] }
"##,
        );
        check(
            r"
prompts:
  welcome: { parts: [{ text: Hello }] }
#                            ^^^^^ error[prompt-parts]: found a part to be spoken, and no `tts` that names an engine
",
        );
    }
}
