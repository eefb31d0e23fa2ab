//! Where prompts come from: folders and files beside the scenario; and what they say.

use crate::{
    diagnostic::Diagnostic,
    scenario::{
        code,
        outline::{Outline, Word},
        words::quoted,
    },
};

pub(super) fn check(outline: &Outline, findings: &mut Vec<Diagnostic>) {
    findings.extend(outline.media.source.as_ref().and_then(path));
    for prompt in &outline.prompts {
        findings.extend(prompt.source.as_ref().and_then(path));
        for source in prompt.parts.iter().filter_map(|part| part.source.as_ref()) {
            findings.extend(path(source));
            findings.extend(folder_for_file(source));
        }
        if let Some(source) = prompt.source.as_ref().filter(|_| !prompt.per_callee) {
            findings.extend(folder_for_file(source));
        }
        if let Some(text) = prompt.text.as_ref().filter(|text| text.text.trim().is_empty()) {
            findings.push(
                Diagnostic::warning(
                    code::EMPTY_TEXT,
                    text.span,
                    "found a prompt that says nothing",
                )
                .with_help("leave `text` out for music"),
            );
        }
    }
}

/// A path that means something else on another machine, or nothing at all.
fn path(word: &Word) -> Option<Diagnostic> {
    let text = word.text.as_str();
    let shown = quoted(text);
    let error = |message, help: &str| {
        Some(Diagnostic::error(code::SOURCE_PATH, word.span, message).with_help(help))
    };
    if text.contains('\\') {
        return error(format!("found `\\` in {shown}, expected `/`"), "write `/` between folders");
    }
    if text.starts_with('~') {
        return error(
            format!("found {shown}, expected a path without `~`"),
            "`~` is for shells only",
        );
    }
    if text.contains("://") {
        return error(
            format!("found the address {shown}, expected a path"),
            "sources are local files",
        );
    }
    if text.chars().any(char::is_control) {
        return error(format!("found a control character in {shown}"), "remove it");
    }
    text.starts_with('/').then(|| {
        let message = format!("{shown} is found on this machine only, expected a relative path");
        Diagnostic::warning(code::SOURCE_PATH, word.span, message)
    })
}

fn folder_for_file(source: &Word) -> Option<Diagnostic> {
    let last = source.text.rsplit('/').next().unwrap_or_default();
    let message = format!("found the folder {}, expected a file", quoted(&source.text));
    matches!(last, "" | "." | "..").then(|| {
        Diagnostic::error(code::SOURCE_PATH, source.span, message)
            .with_help("a folder is for prompts with `per_callee: true`")
    })
}

#[cfg(test)]
mod tests {
    use crate::scenario::tests::check;

    #[test]
    fn sources() {
        check(
            r#"
media:
  root: /tmp/media/networkdisk1
  source: ~/prompts
#         ^^^^^^^^^ error[source-path]: found `~/prompts`, expected a path without `~`
prompts:
  welcome: { source: 'speech\welcome.wav' }
#                    ^^^^^^^^^^^^^^^^^^^^ error[source-path]: found `\` in `speech\welcome.wav`, expected `/`
  a: { source: speech/ }
#              ^^^^^^^ error[source-path]: found the folder `speech/`, expected a file
  b: { source: /srv/b.wav }
#              ^^^^^^^^^^ warning[source-path]: `/srv/b.wav` is found on this machine only, expected a relative path
  c: { source: ../shared/c.wav }
  d: { source: "https://example.org/d.wav" }
#              ^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[source-path]: found the address `https://example.org/d.wav`, expected a path
ivrs:
  100: { prompts: [welcome, a, b, c, d] }
"#,
        );
    }

    #[test]
    fn texts_that_say_nothing() {
        check(
            r#"
prompts:
  welcome: { text: " " }
#                  ^^^ warning[empty-text]: found a prompt that says nothing
"#,
        );
    }
}
