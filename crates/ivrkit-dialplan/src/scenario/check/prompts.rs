//! Prompts that are played and do not exist, and prompts that exist and are never played.

use crate::{
    diagnostic::Diagnostic,
    scenario::{
        code,
        outline::{Outline, Word},
        words::{did_you_mean, nearest, quoted},
    },
};
use std::collections::HashSet;

pub(super) fn check(outline: &Outline, findings: &mut Vec<Diagnostic>) {
    if outline.prompts.is_empty() {
        return;
    }
    let names = outline.prompts.iter().map(|prompt| prompt.name.text.as_str());
    let mut used = HashSet::new();
    for played in played(outline) {
        let name = played.text.as_str();
        if outline.prompt(name).is_some() {
            used.insert(name);
            continue;
        }
        used.extend(nearest(name, names.clone()));
        let message = format!("there is no prompt {} in this scenario", quoted(name));
        let finding = Diagnostic::error(code::UNKNOWN_PROMPT, played.span, message);
        findings.push(finding.with_optional_help(did_you_mean(name, names.clone())));
    }
    for prompt in outline.prompts.iter().filter(|prompt| !used.contains(prompt.name.text.as_str()))
    {
        let message = format!("prompt {} is never played", quoted(&prompt.name.text));
        findings.push(Diagnostic::warning(code::UNUSED_PROMPT, prompt.name.span, message));
    }
}

fn played(outline: &Outline) -> impl Iterator<Item = &Word> {
    outline.ivrs.iter().flat_map(|ivr| {
        let held = ivr.entry.iter().filter_map(|entry| entry.hold.as_ref());
        ivr.prompts.iter().chain(held.flat_map(|hold| &hold.prompts))
    })
}

#[cfg(test)]
mod tests {
    use crate::scenario::tests::check;

    #[test]
    fn unknown_and_unused_prompts() {
        check(
            r"
prompts:
  welcome: {}
  goodbye: {}
# ^^^^^^^ warning[unused-prompt]: prompt `goodbye` is never played
ivrs:
  100:
    prompts: [welcome, music]
#                      ^^^^^ error[unknown-prompt]: there is no prompt `music` in this scenario
    entry:
      verify: pin
      min_digits: 4
      max_digits: 4
      hold:
        prompts:
          - bell
#           ^^^^ error[unknown-prompt]: there is no prompt `bell` in this scenario
verifications:
  pin: { on_match: hangup, on_mismatch: 100 }
",
        );
    }

    #[test]
    fn the_prompt_that_was_meant_counts_as_played() {
        check(
            r"
prompts:
  welcome: {}
  请稍后-wait: {}
# ^^^^^^^^ error[prompt-name]
ivrs:
  100:
    prompts: [welcom, 请稍后-wait]
#             ^^^^^^ error[unknown-prompt]: there is no prompt `welcom` in this scenario
#             ^^^^^^ help: did you mean `welcome`?
",
        );
    }
}
