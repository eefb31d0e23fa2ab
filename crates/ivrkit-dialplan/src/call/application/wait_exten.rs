//! `WaitExten(seconds,options)`: waits for the first digit of an extension.

use super::{
    super::{
        duration::{self, Unit},
        exchange::{Signal, What, Why},
        line::{Line, Woken},
    },
    Outcome,
    given::{Flags, Given},
};
use crate::application::Version;

/// Waits for a key; without one on at the next priority, `t` or `e`, whichever is there first.
pub(super) async fn run(line: &Line, data: &[u8]) -> Outcome {
    let given = Given::new(data, 2);
    let ends = entertain(line, &given.flags(1));
    let ms = duration::milliseconds(&given.text(0), Unit::Seconds)
        .and_then(|ms| u64::try_from(ms).ok())
        .filter(|&ms| ms > 0)
        .unwrap_or_else(|| line.with(|channel| channel.response_timeout_ms));
    let woken = line.wait_for_key(Some(ms)).await;
    let outcome = match woken {
        Woken::Key(key) => Outcome::Key(key),
        Woken::Gone => Outcome::HangUp,
        Woken::Time => no_key(line),
    };
    if let Some(ends) = ends {
        line.tell(What::Signal(ends));
    }
    outcome
}

/// Lets the caller hear music or a tone; the signal that ends it.
fn entertain(line: &Line, flags: &Flags) -> Option<Signal> {
    let is_old = line.pbx.version < Version::V20;
    if flags.has(b'm') {
        let class = flags.argument(b'm').to_vec();
        if class.is_empty() {
            line.complain(None, "option m of WaitExten names no class of music".to_owned());
        }
        if class.is_empty() && is_old {
            return None;
        }
        line.tell(What::Signal(Signal::Music { class }));
        return Some(Signal::MusicEnds);
    }
    if !flags.has(b'd') {
        return None;
    }
    let tone = match flags.argument(b'd') {
        b"" => b"dial",
        _ if is_old => &b"dial"[..],
        tone => tone,
    };
    line.tell(What::Signal(Signal::Tone { tone: tone.to_vec() }));
    Some(Signal::ToneEnds)
}

fn no_key(line: &Line) -> Outcome {
    let (context, exten, priority) =
        line.with(|channel| (channel.context.clone(), channel.exten.clone(), channel.priority));
    if line.exists(&context, &exten, priority + 1) {
    } else if line.exists(&context, b"t", 1) {
        line.with(|channel| channel.set_place(b"t", 0));
    } else if line.exists(&context, b"e", 1) {
        line.with(|channel| channel.raise("RESPONSETIMEOUT", 0));
    } else {
        let context = context.escape_ascii();
        line.complain(None, format!("no key came, and {context} has neither t nor e"));
        line.with(|channel| channel.why.get_or_insert(Why::NoTimeout).clone());
        return Outcome::HangUp;
    }
    Outcome::Next
}

#[cfg(test)]
mod tests {
    use super::super::trial::Trial;

    #[test]
    fn without_a_key_the_next_priority_is_before_t() {
        let dialplan = "[m]\nexten => s,1,NoOp(start)\nsame => n,Background(/snd/2)\n\
                        same => n,WaitExten(3)\nsame => n,NoOp(after WaitExten)\n\
                        exten => t,1,NoOp(t)\nexten => a,1,WaitExten(2)\n";
        Trial::of(dialplan).check(
            "",
            &[
                "0.00 m,s,1 NoOp(start)",
                "0.00 m,s,2 BackGround(/snd/2)",
                "2.00 m,s,3 WaitExten(3)",
                "5.00 m,s,4 NoOp(after WaitExten)",
                "5.00 end, cause 0, at m,s,5",
            ],
        );
        Trial::of(dialplan).at("a").check(
            "",
            &["0.00 m,a,1 WaitExten(2)", "2.00 m,t,1 NoOp(t)", "2.00 end, cause 0, at m,t,2"],
        );
    }

    #[test]
    fn the_response_timeout_counts_without_a_time() {
        for data in ["", "0", "x", "-1"] {
            let dialplan = format!("[m]\nexten => s,1,WaitExten({data})\n");
            let step = format!("0.00 m,s,1 WaitExten({data})");
            Trial::of(&dialplan).check("", &[&step, "10.00 end, cause 0, at m,s,1"]);
        }
        let set = "[m]\nexten => s,1,Set(TIMEOUT(response)=2)\nsame => n,WaitExten()\n\
                   exten => t,1,NoOp(t)\n";
        Trial::of(set).check(
            "",
            &[
                "0.00 m,s,1 Set(TIMEOUT(response)=2)",
                "0.00 m,s,2 WaitExten()",
                "2.00 m,t,1 NoOp(t)",
                "2.00 end, cause 0, at m,t,2",
            ],
        );
    }

    #[test]
    fn music_and_tones_are_heard_meanwhile() {
        let dialplan = "[m]\nexten => s,1,WaitExten(500ms,m(jazz))\nsame => n,WaitExten(.5,d(busy))\n\
                        same => n,WaitExten(.5,m)\n";
        let start = ["0.00 m,s,1 WaitExten(500ms,m(jazz))", "0.00 music jazz", "0.50 music ends"];
        let new = [
            "0.50 m,s,2 WaitExten(.5,d(busy))",
            "0.50 tone busy",
            "1.00 tone ends",
            "1.00 m,s,3 WaitExten(.5,m)",
            "1.00 music",
            "1.50 music ends",
            "1.50 end, cause 0, at m,s,3",
        ];
        Trial::of(dialplan).heard().check("", &[&start[..], &new[..]].concat());
        let old = [
            "0.50 m,s,2 WaitExten(.5,d(busy))",
            "0.50 tone dial",
            "1.00 tone ends",
            "1.00 m,s,3 WaitExten(.5,m)",
            "1.50 end, cause 0, at m,s,3",
        ];
        let trial = Trial::of(dialplan).heard().on_asterisk_16();
        trial.check("", &[&start[..], &old[..]].concat());
    }
}
