//! Formats of prompts that the PBX does not play.

use crate::{
    diagnostic::Diagnostic,
    scenario::{
        code,
        outline::{Outline, Word},
        words::quoted,
    },
};

pub(super) fn check(outline: &Outline, findings: &mut Vec<Diagnostic>) {
    if outline.profile.as_ref().is_none_or(|profile| profile.text != "yeastar-s") {
        return;
    }
    let own = outline.prompts.iter().filter_map(|prompt| prompt.sound_format.as_ref());
    for format in outline.media.sound_format.iter().chain(own).filter(|it| it.text != "wav") {
        findings.push(refused(format));
    }
}

fn refused(format: &Word) -> Diagnostic {
    let message = format!("a Yeastar S-series plays no {}, expected `wav`", quoted(&format.text));
    Diagnostic::error(code::SOUND_FORMAT, format.span, message)
        .with_help("other formats are for the profile `asterisk`")
}

#[cfg(test)]
mod tests {
    use crate::scenario::tests::check;

    #[test]
    fn a_yeastar_plays_wav() {
        check(
            r"
profile: yeastar-s
media:
  root: /tmp/media
  source: prompts
  sound: { format: alaw, level: itu, trim: true, high_pass_hz: 100 }
#                  ^^^^ error[sound-format]: a Yeastar S-series plays no `alaw`, expected `wav`
prompts:
  welcome: { sound: { format: wav } }
  bye: { sound: { format: sln16 } }
#                         ^^^^^ error[sound-format]: a Yeastar S-series plays no `sln16`, expected `wav`
ivrs:
  100: { prompts: [welcome, bye] }
",
        );
    }

    #[test]
    fn an_asterisk_plays_all() {
        check(
            r"
profile: asterisk
media: { root: /tmp/media, source: prompts, sound: { format: alaw } }
prompts:
  welcome: { sound: { format: wav16 } }
ivrs:
  100: { prompts: [welcome] }
",
        );
    }
}
