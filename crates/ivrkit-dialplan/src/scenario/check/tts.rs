//! The speech engine: that its section is there, that a request says the text, and that no key stands
//! in the scenario.
//!
//! Messages never repeat what may be a key.

use crate::{
    diagnostic::Diagnostic,
    scenario::{
        code,
        outline::{Outline, Request, Tts, Word},
        words::{did_you_mean, quoted},
    },
};

pub(super) fn check(outline: &Outline, findings: &mut Vec<Diagnostic>) {
    let Some(tts) = &outline.tts else { return };
    sections(tts, findings);
    let Some(request) = &tts.request else { return };
    body(request, findings);
    findings.extend(request.headers.iter().filter_map(written_key));
    for (key, places) in request.keys.iter().filter(|(_, places)| *places != 1) {
        let found = if *places == 0 { "neither `env` nor `file`" } else { "`env` and `file`" };
        let message = format!("key {} has {found}, expected one of them", quoted(&key.text));
        findings.push(Diagnostic::error(code::TTS_KEY, key.span, message));
    }
    findings.extend(request.templates.iter().filter_map(|text| unknown_key(request, text)));
    findings.extend(cleartext(request));
}

fn sections(tts: &Tts, findings: &mut Vec<Diagnostic>) {
    let Some(engine) = &tts.engine else { return };
    let has = |name: &str| tts.sections.iter().any(|section| section.text == name);
    if engine.text != "espeak-ng" && !has(&engine.text) {
        let message = format!("the engine {} has no section of its settings", quoted(&engine.text));
        let help = format!("add `{}:` to `tts`", engine.text);
        findings.push(Diagnostic::error(code::TTS_ENGINE, engine.span, message).with_help(help));
    }
    for section in tts.sections.iter().filter(|section| section.text != engine.text) {
        let (section_name, engine) = (quoted(&section.text), quoted(&engine.text));
        let message = format!("{section_name} is not used: the engine is {engine}");
        findings.push(Diagnostic::warning(code::TTS_ENGINE, section.span, message));
    }
}

fn body(request: &Request, findings: &mut Vec<Diagnostic>) {
    let error = |span, message| Diagnostic::error(code::TTS_REQUEST, span, message);
    if let [first, second, ..] = request.bodies.as_slice() {
        let (first, name) = (quoted(&first.text), quoted(&second.text));
        findings.push(error(
            second.span,
            format!("found the body {name} beside {first}, expected one"),
        ));
    }
    if let (Some(method), Some(body)) = (&request.method, request.bodies.first())
        && method.text == "GET"
    {
        findings.push(error(body.span, "found a body for GET, which has none".to_owned()));
    }
    if !request.templates.iter().any(|text| is_filled_with(&text.text, "text")) {
        let message = "the request does not say what is to be spoken".to_owned();
        findings.push(
            error(request.key, message)
                .with_help("write `{{ text }}` where the engine expects the sentence"),
        );
    }
}

/// Whether a template names a value: between its braces, and not as part of a longer name.
fn is_filled_with(template: &str, name: &str) -> bool {
    expressions(template).any(|expression| {
        expression
            .split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.')))
            .any(|word| word == name)
    })
}

fn expressions(template: &str) -> impl Iterator<Item = &str> {
    template.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")).map(|(inside, _)| inside)
}

/// A header that is a key by its name and does not take it from where keys are kept.
fn written_key((name, value): &(Word, Word)) -> Option<Diagnostic> {
    let lower = name.text.to_lowercase();
    let is_key = ["authorization", "key", "token", "secret", "password"];
    let holds_key = is_key.iter().any(|word| lower.contains(word));
    let is_taken = expressions(&value.text).any(|inside| inside.trim().starts_with("keys."));
    (holds_key && !is_taken).then(|| {
        let message = format!(
            "the header {} holds a key, expected `{{{{ keys.NAME }}}}`",
            quoted(&name.text)
        );
        Diagnostic::error(code::TTS_KEY, name.span, message)
            .with_help("scenarios are shared and shown: name under `keys` where it is kept")
    })
}

fn unknown_key(request: &Request, text: &Word) -> Option<Diagnostic> {
    let known = || request.keys.iter().map(|(key, _)| key.text.as_str());
    let name = expressions(&text.text)
        .filter_map(|inside| inside.trim().strip_prefix("keys."))
        .map(|rest| {
            rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default()
        })
        .find(|name| !known().any(|known| known == *name))?;
    let message = format!("there is no key {} under `keys`", quoted(name));
    let known: Vec<&str> = known().collect();
    let help = did_you_mean(name, known.iter().copied());
    Some(Diagnostic::error(code::TTS_KEY, text.span, message).with_optional_help(help))
}

/// A key that everybody on the way can read.
fn cleartext(request: &Request) -> Option<Diagnostic> {
    let url = request.url.as_ref()?;
    let host = url.text.strip_prefix("http://")?.split(['/', '?']).next()?;
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let is_here = host == "localhost" || host.starts_with("127.") || host == "[::1]";
    (!is_here && !request.keys.is_empty()).then(|| {
        let message = "the key goes over the network in clear text, expected `https://`";
        Diagnostic::warning(code::TTS_CLEARTEXT, url.span, message)
    })
}

#[cfg(test)]
mod tests {
    use crate::scenario::tests::check;

    #[test]
    fn engines_and_their_sections() {
        check("tts: {}\n");
        check(
            "tts: { engine: espeak-ng, voice: cmn-latn-pinyin, espeak-ng: { words_per_minute: 220 } }\n",
        );
        check("tts: { engine: command, command: { run: [say] } }\n");
        check(
            r"
tts:
  engine: command
#         ^^^^^^^ error[tts-engine]: the engine `command` has no section of its settings
#         ^^^^^^^ help: add `command:` to `tts`
  espeak-ng: {}
# ^^^^^^^^^ warning[tts-engine]: `espeak-ng` is not used: the engine is `command`
",
        );
        check(
            r"
tts: { engine: piper }
#              ^^^^^ error[unknown-value]
",
        );
    }

    #[test]
    fn requests() {
        check(
            r#"
tts:
  engine: http
  http:
    url: https://speech.example/v1?voice={{ voice }}
    headers: { Authorization: "Bearer {{ keys.api }}" }
    json: { input: "{{ text }}", options: [1, true, null] }
    keys: { api: { env: SPEECH_KEY } }
"#,
        );
        check(
            r#"
tts:
  engine: http
  http:
# ^^^^ error[tts-request]: the request does not say what is to be spoken
    url: http://speech.example/
#        ^^^^^^^^^^^^^^^^^^^^^^ warning[tts-cleartext]
    method: GET
    headers: { X-Api-Key: abcdef }
#              ^^^^^^^^^ error[tts-key]: the header `X-Api-Key` holds a key, expected `{{ keys.NAME }}`
    form: { a: b }
#   ^^^^ error[tts-request]: found a body for GET, which has none
    xml: "{{ keys.apy }}"
#   ^^^ error[tts-request]: found the body `xml` beside `form`, expected one
#        ^^^^^^^^^^^^^^^^ error[tts-key]: there is no key `apy` under `keys`
#        ^^^^^^^^^^^^^^^^ help: did you mean `api`?
    keys:
      api: { env: A, file: b }
#     ^^^ error[tts-key]: key `api` has `env` and `file`, expected one of them
"#,
        );
    }
}
