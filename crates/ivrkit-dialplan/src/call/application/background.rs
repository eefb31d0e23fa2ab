//! `BackGround(sounds,options,language,context)`: plays sounds until a key is pressed.

use super::{
    super::line::{Line, Played},
    Outcome,
    given::{Flags, Given},
    sound_list::SoundList,
};
use crate::application::Version;

/// What the options ask for.
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
struct Wishes {
    /// Nothing at all if the call is not answered.
    skips: bool,
    /// Not to answer.
    is_silent: bool,
    /// Only a key that is an extension is taken.
    takes_extensions_only: bool,
    /// No key is taken.
    takes_none: bool,
}

/// Plays; a key that is a whole extension goes there, any other begins one.
pub(super) async fn run(line: &Line, data: &[u8]) -> Outcome {
    if data.is_empty() {
        line.complain(None, "BackGround is given no sound".to_owned());
        return Outcome::HangUp;
    }
    let given = Given::new(data, 4);
    let wishes = Wishes::of(&given.text(1), &given.flags(1));
    let (is_answered, own_language) =
        line.with(|channel| (channel.is_answered, channel.setup.language.clone()));
    let context = if given.text(3).is_empty() { own_context(line) } else { given.text(3).to_vec() };
    let language = if given.text(2).is_empty() { own_language } else { given.text(2).to_vec() };
    let (outcome, status) = if !is_answered && wishes.skips {
        (Outcome::Next, "SUCCESS")
    } else if !is_answered && !wishes.is_silent && !line.answer(0).await {
        (Outcome::HangUp, "SUCCESS")
    } else {
        play(line, &given.text(0), &wishes, &language, &context).await
    };
    let outcome = match outcome {
        Outcome::Key(key) => press(line, &context, key),
        outcome => outcome,
    };
    line.set(b"BACKGROUNDSTATUS", status.as_bytes());
    outcome
}

impl Wishes {
    fn of(options: &[u8], flags: &Flags) -> Self {
        let is = |word: &[u8]| options.eq_ignore_ascii_case(word);
        if is(b"skip") || is(b"noanswer") {
            return Self {
                skips: is(b"skip"),
                is_silent: is(b"noanswer"),
                takes_extensions_only: false,
                takes_none: false,
            };
        }
        Self {
            skips: flags.has(b's'),
            is_silent: flags.has(b'n'),
            takes_extensions_only: flags.has(b'm'),
            takes_none: flags.has(b'p'),
        }
    }
}

/// The context that keys are for: in a `Macro` the one that called it.
fn own_context(line: &Line) -> Vec<u8> {
    let has_macros = line.pbx.version < Version::V22;
    let calling = if has_macros { line.plain_variable(b"MACRO_CONTEXT") } else { None };
    calling.unwrap_or_else(|| line.with(|channel| channel.context.to_vec()))
}

/// Plays one after the other; the first that is missing ends it.
async fn play(
    line: &Line,
    list: &[u8],
    wishes: &Wishes,
    language: &[u8],
    context: &[u8],
) -> (Outcome, &'static str) {
    let stops = |key: u8| {
        !wishes.takes_none && (!wishes.takes_extensions_only || line.exists(context, &[key], 1))
    };
    for name in SoundList::new(list.trim_ascii(), line.pbx.version) {
        match line.play(name, language, &stops).await {
            Played::Whole => {}
            Played::Missing | Played::Refused => return (Outcome::Next, "FAILED"),
            Played::Gone => return (Outcome::HangUp, "SUCCESS"),
            Played::Key(key) => return (Outcome::Key(key), "SUCCESS"),
        }
    }
    (Outcome::Next, "SUCCESS")
}

fn press(line: &Line, context: &[u8], key: u8) -> Outcome {
    if !line.can_match(context, &[key]) || line.match_more(context, &[key]) {
        return Outcome::Key(key);
    }
    line.with(|channel| {
        channel.context = context.into();
        channel.set_place(&[key], 0);
    });
    Outcome::Next
}

#[cfg(test)]
mod tests {
    use super::super::trial::Trial;

    const MENU: &str = "[m]\nexten => s,1,NoOp(start)\nsame => n,Background(/snd/2)\n\
                        same => n,WaitExten(3)\nsame => n,NoOp(after WaitExten)\n\
                        exten => 1,1,NoOp(one)\nexten => 23,1,NoOp(23)\n\
                        exten => i,1,NoOp(i ${INVALID_EXTEN})\n";

    fn menu(keys: &str, then: &[&str]) {
        let start = ["0.00 m,s,1 NoOp(start)", "0.00 m,s,2 BackGround(/snd/2)"];
        Trial::of(MENU).check(keys, &[&start[..], then].concat());
    }

    #[test]
    fn any_key_interrupts() {
        menu("wait 1 1", &["1.10 digit 1", "1.10 m,1,1 NoOp(one)", "1.10 end, cause 0, at m,1,2"]);
        menu("wait 1 2", &["1.10 digit 2", "6.10 m,i,1 NoOp(i 2)", "6.10 end, cause 0, at m,i,2"]);
        menu("wait 1 9", &["1.10 digit 9", "1.10 m,i,1 NoOp(i 9)", "1.10 end, cause 0, at m,i,2"]);
        menu(
            "wait 2.5 1",
            &[
                "2.00 m,s,3 WaitExten(3)",
                "2.60 digit 1",
                "2.60 m,1,1 NoOp(one)",
                "2.60 end, cause 0, at m,1,2",
            ],
        );
    }

    #[test]
    fn option_m_takes_only_extensions_of_one_digit() {
        let dialplan = "[m]\nexten => s,1,Background(/snd/2,m)\nsame => n,WaitExten(3)\n\
                        exten => 1,1,NoOp(one)\nexten => 23,1,NoOp(23)\n";
        let step = "0.00 m,s,1 BackGround(/snd/2,m)";
        let one = ["1.10 digit 1", "1.10 m,1,1 NoOp(one)", "1.10 end, cause 0, at m,1,2"];
        Trial::of(dialplan).check("wait 1 1", &[&[step], &one[..]].concat());
        for key in ["2", "9"] {
            let lost = format!("1.10 digit {key} lost");
            let then = [&lost, "2.00 m,s,2 WaitExten(3)", "5.00 end, cause 0, at m,s,2"];
            Trial::of(dialplan).check(&format!("wait 1 {key}"), &[&[step], &then[..]].concat());
        }
    }

    #[test]
    fn option_p_takes_no_key() {
        let dialplan = "[m]\nexten => s,1,Background(/snd/2,p)\nexten => 1,1,NoOp(one)\n";
        Trial::of(dialplan).check(
            "wait 1 1",
            &[
                "0.00 m,s,1 BackGround(/snd/2,p)",
                "1.10 digit 1 lost",
                "2.00 end, cause 0, at m,s,2",
            ],
        );
    }

    #[test]
    fn keys_may_be_for_another_context() {
        let dialplan = "[m]\nexten => s,1,Background(/snd/2,,,n)\nsame => n,NoOp(end)\n\
                        exten => 1,1,NoOp(m one)\n[n]\nexten => 1,1,NoOp(n one)\n";
        Trial::of(dialplan).check(
            "wait 1 1",
            &[
                "0.00 m,s,1 BackGround(/snd/2,,,n)",
                "1.10 digit 1",
                "1.10 n,1,1 NoOp(n one)",
                "1.10 end, cause 0, at n,1,2",
            ],
        );
    }

    #[test]
    fn sounds_follow_one_another() {
        let dialplan = "[m]\nexten => s,1,Background(/snd/1&/snd/1)\nsame => n,NoOp(end)\n\
                        exten => 1,1,NoOp(one)\n";
        let step = "0.00 m,s,1 BackGround(/snd/1&/snd/1)";
        let whole = [step, "2.00 m,s,2 NoOp(end)", "2.00 end, cause 0, at m,s,3"];
        Trial::of(dialplan).check("", &whole);
        let cut = [step, "1.60 digit 1", "1.60 m,1,1 NoOp(one)", "1.60 end, cause 0, at m,1,2"];
        Trial::of(dialplan).check("wait 1.5 1", &cut);
    }

    #[test]
    fn a_missing_sound_ends_the_list() {
        let dialplan = "[m]\nexten => s,1,Background(/snd/none)\nsame => n,NoOp(${BACKGROUNDSTATUS})\n\
                        same => n,Background(/snd/1&/snd/none&/snd/1)\n\
                        same => n,NoOp(${BACKGROUNDSTATUS})\nsame => n,Background(/snd/1.wav)\n\
                        same => n,NoOp(${BACKGROUNDSTATUS})\nsame => n,Background()\n";
        Trial::of(dialplan).check(
            "",
            &[
                "0.00 m,s,1 BackGround(/snd/none)",
                "0.00 m,s,2 NoOp(FAILED)",
                "0.00 m,s,3 BackGround(/snd/1&/snd/none&/snd/1)",
                "1.00 m,s,4 NoOp(FAILED)",
                "1.00 m,s,5 BackGround(/snd/1.wav)",
                "1.00 m,s,6 NoOp(FAILED)",
                "1.00 m,s,7 BackGround()",
                "1.00 end, cause 0, at m,s,7",
            ],
        );
    }

    #[test]
    fn it_answers_unless_told_otherwise() {
        let answered = |data: &str, expected: &[&str]| {
            let dialplan = format!("[m]\nexten => s,1,Background({data})\n");
            let step = format!("0.00 m,s,1 BackGround({data})");
            let mut all = vec![step.as_str()];
            all.extend(expected);
            Trial::unanswered(&dialplan).heard().check("", &all);
        };
        let end = "1.00 end, cause 0, at m,s,2";
        answered("/snd/1", &["0.00 answered", "0.00 hears /snd/1", end]);
        answered("/snd/1,n", &["0.00 hears /snd/1", end]);
        answered("/snd/1,NoAnswer", &["0.00 hears /snd/1", end]);
        answered("/snd/1,s", &["0.00 end, cause 0, at m,s,2"]);
        answered("/snd/1,skip", &["0.00 end, cause 0, at m,s,2"]);
    }

    #[test]
    fn a_hangup_and_a_transfer_cut_it_short() {
        let dialplan = "[m]\nexten => s,1,Background(/snd/5)\nexten => 7,1,NoOp(seven)\n\
                        exten => h,1,NoOp(h)\n";
        Trial::of(dialplan).heard().check(
            "wait 1 hangup",
            &[
                "0.00 m,s,1 BackGround(/snd/5)",
                "0.00 hears /snd/5",
                "1.00 stops /snd/5",
                "1.00 m,h,1 NoOp(h)",
                "1.00 end, cause 16, at m,h,2",
            ],
        );
        Trial::of(dialplan).heard().check(
            "wait 1 to 7",
            &[
                "0.00 m,s,1 BackGround(/snd/5)",
                "0.00 hears /snd/5",
                "1.00 stops /snd/5",
                "1.00 m,7,1 NoOp(seven)",
                "1.00 m,h,1 NoOp(h)",
                "1.00 end, cause 0, at m,h,2",
            ],
        );
    }
}
