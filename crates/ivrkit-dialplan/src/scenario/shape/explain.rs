//! What does not fit, in a sentence: what was found, what was expected, what helps.
//!
//! No message of a library reaches the user: each kind of misfit has its own words here, and what
//! was expected comes from the schema.

use super::{Form, Place, Slip, absent_keys};
use crate::{
    diagnostic::Diagnostic,
    scenario::{
        code,
        words::{did_you_mean, nearest, or_list, quoted},
        yaml::{Kind, Node},
    },
};
use jsonschema::{ValidationError, error::ValidationErrorKind};
use serde_json::Value;

/// Adds the findings that one of the validator's errors stands for.
pub(super) fn explain(
    place: &Place<'_>,
    form: &Form,
    error: &ValidationError<'_>,
    slips: &[Slip],
    findings: &mut Vec<Diagnostic>,
) {
    let schema = form.around(error);
    let span = place.span();
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let absent = absent_keys(place, schema);
            findings.extend(unexpected.iter().map(|name| unknown_key(place, name, &absent)));
        }
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let section = error.instance_path().as_str();
            if !slips.iter().any(|slip| slip.section == section && slip.meant == name) {
                findings.push(missing_key(place, name, schema));
            }
        }
        ValidationErrorKind::PropertyNames { error } => findings.push(bad_name(place, form, error)),
        ValidationErrorKind::Minimum { .. } | ValidationErrorKind::Maximum { .. } => {
            findings.push(Diagnostic::error(
                code::OUT_OF_RANGE,
                span,
                sentence(place.node, schema),
            ));
        }
        ValidationErrorKind::MinItems { .. }
        | ValidationErrorKind::MaxItems { .. }
        | ValidationErrorKind::MinProperties { .. }
        | ValidationErrorKind::MinLength { .. }
        | ValidationErrorKind::MaxLength { .. } => {
            findings.push(Diagnostic::error(
                code::WRONG_LENGTH,
                span,
                length_sentence(place.node, schema),
            ));
        }
        ValidationErrorKind::OneOfNotValid { .. } => findings.push(unknown_value(place, schema)),
        ValidationErrorKind::Pattern { .. } => {
            let finding = Diagnostic::error(code::WRONG_FORM, span, sentence(place.node, schema));
            findings.push(finding.with_optional_help(form_help(place.node, schema)));
        }
        _ => findings.push(wrong_type(place, schema)),
    }
}

fn unknown_key(place: &Place<'_>, name: &str, absent: &[&str]) -> Diagnostic {
    let span = place.node.entry(name).map_or_else(|| place.span(), |(key, _)| key.span);
    let message = format!("found the unknown key {} in {}", quoted(name), place.section());
    Diagnostic::error(code::UNKNOWN_KEY, span, message)
        .with_optional_help(did_you_mean(name, absent.iter().copied()))
}

fn missing_key(place: &Place<'_>, name: &str, schema: &Value) -> Diagnostic {
    let message = format!("the key {} is missing in {}", quoted(name), place.section());
    let help =
        schema["properties"][name]["description"].as_str().map(|text| format!("{name}: {text}"));
    Diagnostic::error(code::MISSING_KEY, place.section_span(), message).with_optional_help(help)
}

/// A key whose name does not fit: the number of an IVR, a sequence of keys, a profile.
fn bad_name(place: &Place<'_>, form: &Form, error: &ValidationError<'_>) -> Diagnostic {
    let name = error.instance().as_str().unwrap_or_default().to_owned();
    let span = place.node.entry(&name).map_or_else(|| place.span(), |(key, _)| key.span);
    let schema = form.around(error);
    let message = format!(
        "found the key {} in {}, expected {}",
        quoted(&name),
        place.section(),
        expected(schema)
    );
    let finding = Diagnostic::error(code::WRONG_KEY, span, message);
    let choices = choices(schema);
    let near = nearest(&name, choices.iter().map(String::as_str));
    finding.with_optional_help(near.map(|word| format!("did you mean {}?", quoted(word))))
}

fn unknown_value(place: &Place<'_>, schema: &Value) -> Diagnostic {
    let finding =
        Diagnostic::error(code::UNKNOWN_VALUE, place.span(), sentence(place.node, schema));
    let Kind::Text(text) = &place.node.kind else { return finding };
    let choices = choices(schema);
    let near = nearest(text, choices.iter().map(String::as_str));
    finding.with_optional_help(near.map(|word| format!("did you mean {}?", quoted(word))))
}

fn wrong_type(place: &Place<'_>, schema: &Value) -> Diagnostic {
    let finding = Diagnostic::error(code::WRONG_TYPE, place.span(), sentence(place.node, schema));
    finding.with_optional_help(type_help(place.node, schema))
}

fn type_help(node: &Node, schema: &Value) -> Option<String> {
    match (&node.kind, schema["type"].as_str()) {
        (Kind::Number(_, written), Some("string")) => {
            Some(format!("put it in quotes to make it text: \"{written}\""))
        }
        (Kind::Bool(value), Some("string")) => {
            Some(format!("put it in quotes to make it text: \"{value}\""))
        }
        (Kind::Text(text), Some("boolean")) => match text.to_lowercase().as_str() {
            "yes" | "on" | "y" => Some("write `true`".to_owned()),
            "no" | "off" | "n" => Some("write `false`".to_owned()),
            _ => None,
        },
        (Kind::Text(text), Some("array")) => Some(format!("write `[{}]`", text.escape_debug())),
        (Kind::Null, Some("object")) => Some("write `{}` for a section without keys".to_owned()),
        (Kind::Text(text), Some("integer" | "number")) if text.parse::<f64>().is_ok() => {
            Some("write the number without quotes and leading zeros".to_owned())
        }
        _ => None,
    }
}

fn form_help(node: &Node, schema: &Value) -> Option<String> {
    let Kind::Text(text) = &node.kind else { return None };
    if text.starts_with('/') && text.ends_with('/') {
        return Some("write the folder without `/` at the end".to_owned());
    }
    schema["pattern"].as_str().filter(|pattern| pattern.contains("hangup"))?;
    nearest(text, ["hangup", "replay"]).map(|word| format!("did you mean {}?", quoted(word)))
}

fn sentence(node: &Node, schema: &Value) -> String {
    format!("found {}, expected {}", found(node), expected(schema))
}

fn length_sentence(node: &Node, schema: &Value) -> String {
    let count = |limit: &str| schema[limit].as_u64();
    match &node.kind {
        Kind::List(items) => {
            let (min, max) = (count("minItems").unwrap_or(0), count("maxItems").unwrap_or(0));
            let items = if items.len() == 1 {
                "1 item".to_owned()
            } else {
                format!("{} items", items.len())
            };
            format!("found a list of {items}, expected {min} to {max}")
        }
        Kind::Map(_) => "found an empty section, expected at least one key".to_owned(),
        Kind::Text(text) if !text.is_empty() => {
            let max = count("maxLength").unwrap_or(0);
            format!("found {} characters, expected at most {max}", text.chars().count())
        }
        _ => "found an empty text, expected at least one character".to_owned(),
    }
}

fn found(node: &Node) -> String {
    match &node.kind {
        Kind::Null => "nothing".to_owned(),
        Kind::Bool(value) => format!("`{value}`"),
        Kind::Number(_, written) => format!("the number {written}"),
        Kind::Text(text) if text.is_empty() => "an empty text".to_owned(),
        Kind::Text(text) => format!("the text {}", quoted(text)),
        Kind::List(_) => "a list".to_owned(),
        Kind::Map(_) => "a section with keys".to_owned(),
    }
}

/// What a schema wants, in words.
fn expected(schema: &Value) -> String {
    if let Some(message) = schema["patternErrorMessage"].as_str() {
        return message.trim_start_matches("expected ").to_owned();
    }
    let choices = choices(schema);
    if !choices.is_empty() {
        return or_list(&choices.iter().map(|choice| quoted(choice)).collect::<Vec<_>>());
    }
    let range = match (&schema["minimum"], &schema["maximum"]) {
        (Value::Number(min), Value::Number(max)) if min == max => {
            return format!("the number {min}");
        }
        (Value::Number(min), Value::Number(max)) => format!(" from {min} to {max}"),
        _ => String::new(),
    };
    match schema["type"].as_str() {
        Some("integer") => format!("a whole number{range}"),
        Some("number") => format!("a number{range}"),
        Some("boolean") => "`true` or `false`".to_owned(),
        Some("string") => "text".to_owned(),
        Some("array") => "a list".to_owned(),
        _ => "a section with keys".to_owned(),
    }
}

/// The words that a schema allows; none when it allows more than words.
fn choices(schema: &Value) -> Vec<String> {
    let constants = schema["oneOf"].as_array().into_iter().flatten().map(|branch| &branch["const"]);
    let listed = schema["enum"].as_array().into_iter().flatten();
    constants.chain(listed).filter_map(|word| word.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use crate::scenario::tests::{check, check_whole};

    #[test]
    fn unknown_and_missing_keys() {
        check(
            r"
prompts:
  welcome: {}
# ^^^^^^^ warning[unused-prompt]
profiles:
  yeastar-s: { callee: CALLERID(num) }
#              ^^^^^^ error[unknown-key]: found the unknown key `callee` in `yeastar-s`
#              ^^^^^^ help: known here: `callee_number`
ivrs:
  100:
# ^^^ error[missing-key]: the key `prompts` is missing in IVR `100`
    colour: blue
#   ^^^^^^ error[unknown-key]: found the unknown key `colour` in IVR `100`
#   ^^^^^^ help: known here: `digit_timeout_s`, `entry`, `keys`
",
        );
    }

    #[test]
    fn a_misspelt_key_is_one_finding() {
        check(
            r"
ivrs:
  100:
    promts: [welcome]
#   ^^^^^^ error[unknown-key]: found the unknown key `promts` in IVR `100`
#   ^^^^^^ help: did you mean `prompts`?
    on_timout: 101
#   ^^^^^^^^^ error[unknown-key]: found the unknown key `on_timout` in IVR `100`
  101:
    prompts: [welcome]
",
        );
    }

    #[test]
    fn what_is_missing_at_the_top_is_said_at_the_first_key() {
        check_whole(
            r"
name: test
#^^^ error[missing-key]: the key `ivrkit` is missing in the scenario
#^^^ error[missing-key]: the key `language` is missing in the scenario
#^^^ error[missing-key]: the key `profile` is missing in the scenario
#^^^ error[missing-key]: the key `calls` is missing in the scenario
#^^^ help: calls: Where calls begin.
#^^^ error[missing-key]: the key `media` is missing in the scenario
#^^^ error[missing-key]: the key `prompts` is missing in the scenario
#^^^ error[missing-key]: the key `ivrs` is missing in the scenario
",
        );
    }

    #[test]
    fn types() {
        check(
            r#"
name: 7
#     ^ error[wrong-type]: found the number 7, expected up to 64 lower-case letters
#     ^ help: put it in quotes to make it text: "7"
description:
#^^^^^^^^^^ error[wrong-type]: found nothing, expected text
profile: 5
#        ^ error[unknown-value]: found the number 5, expected `yeastar-s` or `asterisk`
prompts:
  welcome:
# ^^^^^^^ error[wrong-type]: found nothing, expected a section with keys
# ^^^^^^^ help: write `{}` for a section without keys
ivrs:
  100:
    title: true
#          ^^^^ error[wrong-type]: found `true`, expected text
    prompts: welcome
#            ^^^^^^^ error[wrong-type]: found the text `welcome`, expected a list
#            ^^^^^^^ help: write `[welcome]`
    plays: three
#          ^^^^^ error[wrong-type]: found the text `three`, expected a whole number from 1 to 5
    wait_s: "4"
#           ^^^ error[wrong-type]: found the text `4`, expected a number from 0.1 to 600
    max_replays: 1.5
#                ^^^ error[wrong-type]: found the number 1.5, expected a whole number from 1 to 10
    digit_timeout_s: [3]
#   ^^^^^^^^^^^^^^^ error[wrong-type]: found a list, expected a number from 0.1 to 600
    keys_may_wait: yes
#                  ^^^ error[wrong-type]: found the text `yes`, expected `true` or `false`
#                  ^^^ help: write `true`
    keys: 5
#         ^ error[wrong-type]: found the number 5, expected a section with keys
    on_timeout: { goto: 100 }
#   ^^^^^^^^^^ error[wrong-type]: found a section with keys, expected the number of an IVR, `replay` or `hangup`
"#,
        );
    }

    #[test]
    fn ranges_lengths_and_forms() {
        check(
            r#"
ivrkit: 2
#       ^ error[out-of-range]: found the number 2, expected the number 1
name: Driving Test
#     ^^^^^^^^^^^^ error[wrong-form]: found the text `Driving Test`, expected up to 64 lower-case letters, digits, `-` and `_`
language: chinese!
#         ^^^^^^^^ error[wrong-form]: found the text `chinese!`, expected a language tag such as `zh-CN` or `en`
profile: astrisk
#        ^^^^^^^ error[unknown-value]: found the text `astrisk`, expected `yeastar-s` or `asterisk`
#        ^^^^^^^ help: did you mean `asterisk`?
profiles:
  yeastar: {}
# ^^^^^^^ error[wrong-key]: found the key `yeastar` in `profiles`, expected `yeastar-s` or `asterisk`
# ^^^^^^^ help: did you mean `yeastar-s`?
  asterisk: { callee_number: "${CALLERID(num)}" }
#                            ^^^^^^^^^^^^^^^^^^ error[wrong-form]: found the text `${CALLERID(num)}`, expected a variable or function without `${}`
media:
  root: /tmp/media/networkdisk1/
#       ^^^^^^^^^^^^^^^^^^^^^^^^ error[wrong-form]: found the text `/tmp/media/networkdisk1/`, expected an absolute folder on the PBX
#       ^^^^^^^^^^^^^^^^^^^^^^^^ help: write the folder without `/` at the end
  source: ""
#         ^^ error[wrong-length]: found an empty text, expected at least one character
calls:
  outbound: 100
  inbound: 12345678901
#          ^^^^^^^^^^^ error[out-of-range]: found the number 12345678901, expected the number of an IVR: 1 to 10 digits
ivrs:
  abc: { prompts: [welcome] }
# ^^^ error[wrong-key]: found the key `abc` in `ivrs`, expected the number of an IVR: 1 to 10 digits
  100:
    prompts: []
#   ^^^^^^^ error[wrong-length]: found a list of 0 items, expected 1 to 32
    plays: 0
#          ^ error[out-of-range]: found the number 0, expected a whole number from 1 to 5
    wait_s: 1000
#           ^^^^ error[out-of-range]: found the number 1000, expected a number from 0.1 to 600
    keys:
      A: 100
#     ^ error[wrong-key]: found the key `A` in `keys`, expected 1 to 10 keys of 0-9, * and #
    on_timeout: hang-up
#               ^^^^^^^ error[wrong-form]: found the text `hang-up`, expected the number of an IVR, `replay` or `hangup`
#               ^^^^^^^ help: did you mean `hangup`?
    on_wrong_key: -100
#                 ^^^^ error[out-of-range]: found the number -100, expected the number of an IVR, `replay` or `hangup`
"#,
        );
    }

    #[test]
    fn values_of_an_entry() {
        check(
            r"
ivrs:
  100:
    prompts: [welcome]
    entry:
#   ^^^^^ error[missing-key]: the key `verify` is missing in `entry`
      min_digits: 0
#                 ^ error[out-of-range]: found the number 0, expected a whole number from 1 to 20
      max_digits: 21
#                 ^^ error[out-of-range]: found the number 21, expected a whole number from 1 to 20
      end_key: 9
#              ^ error[unknown-value]: found the number 9, expected `#` or `*`
      hold: {}
#     ^^^^ error[missing-key]: the key `prompts` is missing in `hold`
",
        );
    }
}
