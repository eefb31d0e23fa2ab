//! What rules about sounds claim.

use crate::support::asterisk::{Asterisk, Version};

const DIALPLAN: &str = "
[prompts]
exten => missing,1,Playback(custom/no-such-sound)
 same => n,NoOp(${PLAYBACKSTATUS})
exten => there,1,Playback(silence/1)
 same => n,NoOp(${PLAYBACKSTATUS})
exten => ending,1,Playback(silence/1.wav)
 same => n,NoOp(${PLAYBACKSTATUS})
exten => blank,1,Playback(silence/1& silence/1)
 same => n,NoOp(${PLAYBACKSTATUS})
exten => empty,1,Playback(silence/1&&silence/1)
 same => n,NoOp(${PLAYBACKSTATUS})
exten => folder,1,Playback(silence/)
 same => n,NoOp(${PLAYBACKSTATUS})
exten => sounds,1,Playback(sounds/silence/1)
 same => n,NoOp(${PLAYBACKSTATUS})
exten => language,1,Set(CHANNEL(language)=zh)
 same => n,Playback(silence/1)
 same => n,NoOp(${PLAYBACKSTATUS})
exten => list,1,Answer()
 same => n,Set(BEFORE=${EPOCH})
 same => n,Background(no-such-sound&silence/5)
 same => n,NoOp(cut $[${EPOCH} - ${BEFORE} < 3])
exten => playback,1,Answer()
 same => n,Set(BEFORE=${EPOCH})
 same => n,Playback(no-such-sound&silence/3)
 same => n,NoOp(cut $[${EPOCH} - ${BEFORE} < 2])
";

pub(crate) fn hold(pbx: &Asterisk) {
    assert_eq!(pbx.load(DIALPLAN), []);
    let check = |exten: &str, expected: &str| {
        let call = pbx.call("prompts", exten, "");
        let last = call.steps().last().cloned().unwrap_or_default();
        assert!(last.ends_with(&format!("NoOp({expected})")), "{exten}: {last}\n{call}");
    };
    check("missing", "FAILED");
    check("there", "SUCCESS");
    check("ending", "FAILED");
    // Version 22 takes the blanks away.
    let is_old = pbx.version() == Version::V16;
    check("blank", if is_old { "FAILED" } else { "SUCCESS" });
    check("empty", "FAILED");
    check("folder", "FAILED");
    check("sounds", "FAILED");
    // Nothing is there in Chinese: the English one is played.
    check("language", "SUCCESS");
    check("list", "cut 1");
    // A list of `Playback` goes on.
    check("playback", "cut 0");
    // The daemon complains as it should: nothing of it is of interest here.
    pbx.messages();
}
