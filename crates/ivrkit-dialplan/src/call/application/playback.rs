//! `Playback(sounds,options)`: plays sounds; keys are lost.

use super::{
    super::line::{Line, Played},
    Outcome,
    given::Given,
    sound_list::SoundList,
};
use crate::application::Version;

/// Plays all of them, whichever are missing.
pub(super) async fn run(line: &Line, data: &[u8]) -> Outcome {
    if data.is_empty() {
        line.complain(None, "Playback is given no sound".to_owned());
        return Outcome::HangUp;
    }
    let given = Given::new(data, 2);
    let options = given.text(1).to_ascii_lowercase();
    let has = |word: &[u8]| memchr::memmem::find(&options, word).is_some();
    let is_answered = line.with(|channel| channel.is_answered);
    let mut status = &b"SUCCESS"[..];
    let mut outcome = Outcome::Next;
    if !is_answered && has(b"skip") {
    } else if !is_answered && !has(b"noanswer") && !line.answer(0).await {
        outcome = Outcome::HangUp;
    } else {
        let language = line.with(|channel| channel.setup.language.clone());
        for name in SoundList::new(&given.text(0), line.pbx.version) {
            if has(b"say") || (has(b"mix") && is_spoken(name)) {
                line.not_modelled("Playback with what say.conf says");
                return Outcome::HangUp;
            }
            match line.play(name, &language, &|_| false).await {
                Played::Missing | Played::Refused => status = b"FAILED",
                Played::Gone if line.pbx.version < Version::V18 => {
                    status = b"FAILED";
                    break;
                }
                Played::Gone => {
                    outcome = Outcome::HangUp;
                    break;
                }
                Played::Whole | Played::Key(_) => {}
            }
        }
    }
    line.set(b"PLAYBACKSTATUS", status);
    outcome
}

/// Whether a name asks for something to be said, such as `number:5`.
fn is_spoken(name: &[u8]) -> bool {
    name.contains(&b':') && memchr::memmem::find(name, b"://").is_none()
}

#[cfg(test)]
mod tests {
    use super::super::trial::Trial;

    #[test]
    fn keys_are_lost() {
        let dialplan = "[m]\nexten => s,1,Playback(/snd/2)\nsame => n,WaitExten(2)\n\
                        same => n,NoOp(none)\nexten => 1,1,NoOp(one)\n";
        Trial::of(dialplan).check(
            "wait 1 1",
            &[
                "0.00 m,s,1 Playback(/snd/2)",
                "1.10 digit 1 lost",
                "2.00 m,s,2 WaitExten(2)",
                "4.00 m,s,3 NoOp(none)",
                "4.00 end, cause 0, at m,s,4",
            ],
        );
    }

    #[test]
    fn a_missing_sound_does_not_end_the_list() {
        let dialplan = "[m]\nexten => s,1,Playback(/snd/none&/snd/1)\n\
                        same => n,NoOp(${PLAYBACKSTATUS})\nsame => n,Playback(/snd/1&)\n\
                        same => n,NoOp(${PLAYBACKSTATUS})\nsame => n,Playback(/snd/1)\n\
                        same => n,NoOp(${PLAYBACKSTATUS})\nsame => n,Playback()\n";
        Trial::of(dialplan).check(
            "",
            &[
                "0.00 m,s,1 Playback(/snd/none&/snd/1)",
                "1.00 m,s,2 NoOp(FAILED)",
                "1.00 m,s,3 Playback(/snd/1&)",
                "2.00 m,s,4 NoOp(FAILED)",
                "2.00 m,s,5 Playback(/snd/1)",
                "3.00 m,s,6 NoOp(SUCCESS)",
                "3.00 m,s,7 Playback()",
                "3.00 end, cause 0, at m,s,7",
            ],
        );
    }

    #[test]
    fn blanks_around_names_matter_on_asterisk_16() {
        let dialplan = "[m]\nexten => s,1,Playback(/snd/1 & /snd/2)\n";
        let step = "0.00 m,s,1 Playback(/snd/1 & /snd/2)";
        Trial::of(dialplan).check("", &[step, "3.00 end, cause 0, at m,s,2"]);
        Trial::of(dialplan).on_asterisk_16().check("", &[step, "0.00 end, cause 0, at m,s,2"]);
    }

    #[test]
    fn it_answers_unless_told_otherwise() {
        let answered = |data: &str, expected: &[&str]| {
            let dialplan = format!("[m]\nexten => s,1,Playback({data})\n");
            let step = format!("0.00 m,s,1 Playback({data})");
            let mut all = vec![step.as_str()];
            all.extend(expected);
            Trial::unanswered(&dialplan).heard().check("", &all);
        };
        let end = "1.00 end, cause 0, at m,s,2";
        answered("/snd/1", &["0.00 answered", "0.00 hears /snd/1", end]);
        answered("/snd/1,NOANSWER", &["0.00 hears /snd/1", end]);
        answered("/snd/1,skip", &["0.00 end, cause 0, at m,s,2"]);
    }

    #[test]
    fn a_hangup_counted_as_failure_on_asterisk_16() {
        let dialplan = "[m]\nexten => s,1,Playback(/snd/5&/snd/1)\nsame => n,NoOp(never)\n\
                        exten => h,1,NoOp(${PLAYBACKSTATUS})\n";
        let step = "0.00 m,s,1 Playback(/snd/5&/snd/1)";
        let end = "1.00 end, cause 16, at m,h,2";
        let new = [step, "1.00 m,h,1 NoOp(SUCCESS)", end];
        Trial::of(dialplan).check("wait 1 hangup", &new);
        let old = [step, "1.00 m,h,1 NoOp(FAILED)", end];
        Trial::of(dialplan).on_asterisk_16().check("wait 1 hangup", &old);
    }

    #[test]
    fn no_sound_begins_once_the_call_is_over() {
        let dialplan = "[m]\nexten => s,1,NoOp()\nexten => h,1,Playback(/snd/1&/snd/1)\n\
                        same => n,NoOp(${PLAYBACKSTATUS})\nsame => n,Background(/snd/1)\n\
                        same => n,NoOp(${BACKGROUNDSTATUS})\n";
        let expected = [
            "0.00 m,s,1 NoOp()",
            "0.00 m,h,1 Playback(/snd/1&/snd/1)",
            "0.00 m,h,2 NoOp(FAILED)",
            "0.00 m,h,3 BackGround(/snd/1)",
            "0.00 m,h,4 NoOp(FAILED)",
            "0.00 end, cause 0, at m,h,5",
        ];
        Trial::of(dialplan).check("", &expected);
        Trial::of(dialplan).on_asterisk_16().check("", &expected);
    }

    #[test]
    fn say_conf_is_not_modelled() {
        let dialplan = "[m]\nexten => s,1,Playback(number:5,mix)\n";
        Trial::of(dialplan).check(
            "",
            &[
                "0.00 m,s,1 Playback(number:5,mix)",
                "0.00 end, cause 0, at m,s,1, not modelled: Playback with what say.conf says",
            ],
        );
    }
}
