//! What keys do to sounds.

use super::check;

#[test]
fn any_key_stops_a_background() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,NoOp(start)\n\
        same => n,Background(/snd/2)\n\
        same => n,WaitExten(3)\n\
        same => n,NoOp(after WaitExten)\n\
        exten => 1,1,NoOp(one)\n\
        exten => 23,1,NoOp(23)\n\
        exten => i,1,NoOp(i ${INVALID_EXTEN})\n\
    ";
    check(
        DIALPLAN,
        "s",
        "wait 1 1",
        &[
            "0.00 m,s,1 NoOp(start)",
            "0.00 m,s,2 BackGround(/snd/2)",
            "1.10 digit 1",
            "1.10 m,1,1 NoOp(one)",
            "1.10 end, cause 0, at m,1,2",
        ],
    );
    check(
        DIALPLAN,
        "s",
        "wait 1 2",
        &[
            "0.00 m,s,1 NoOp(start)",
            "0.00 m,s,2 BackGround(/snd/2)",
            "1.10 digit 2",
            "6.10 m,i,1 NoOp(i 2)",
            "6.10 end, cause 0, at m,i,2",
        ],
    );
    check(
        DIALPLAN,
        "s",
        "wait 1 9",
        &[
            "0.00 m,s,1 NoOp(start)",
            "0.00 m,s,2 BackGround(/snd/2)",
            "1.10 digit 9",
            "1.10 m,i,1 NoOp(i 9)",
            "1.10 end, cause 0, at m,i,2",
        ],
    );
    check(
        DIALPLAN,
        "s",
        "wait 2.5 1",
        &[
            "0.00 m,s,1 NoOp(start)",
            "0.00 m,s,2 BackGround(/snd/2)",
            "2.00 m,s,3 WaitExten(3)",
            "2.60 digit 1",
            "2.60 m,1,1 NoOp(one)",
            "2.60 end, cause 0, at m,1,2",
        ],
    );
}

#[test]
fn with_m_only_a_one_digit_extension_stops_it() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,Background(/snd/2,m)\n\
        same => n,WaitExten(3)\n\
        exten => 1,1,NoOp(one)\n\
        exten => 23,1,NoOp(23)\n\
    ";
    check(
        DIALPLAN,
        "s",
        "wait 1 1",
        &[
            "0.00 m,s,1 BackGround(/snd/2,m)",
            "1.10 digit 1",
            "1.10 m,1,1 NoOp(one)",
            "1.10 end, cause 0, at m,1,2",
        ],
    );
    check(
        DIALPLAN,
        "s",
        "wait 1 2",
        &[
            "0.00 m,s,1 BackGround(/snd/2,m)",
            "1.10 digit 2",
            "2.00 m,s,2 WaitExten(3)",
            "5.00 end, cause 0, at m,s,2",
        ],
    );
    check(
        DIALPLAN,
        "s",
        "wait 1 9",
        &[
            "0.00 m,s,1 BackGround(/snd/2,m)",
            "1.10 digit 9",
            "2.00 m,s,2 WaitExten(3)",
            "5.00 end, cause 0, at m,s,2",
        ],
    );
}

#[test]
fn the_keys_may_be_those_of_another_context() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,Background(/snd/2,,,n)\n\
        same => n,NoOp(end)\n\
        exten => 1,1,NoOp(m one)\n\
        [n]\n\
        exten => 1,1,NoOp(n one)\n\
    ";
    check(
        DIALPLAN,
        "s",
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
fn several_sounds_follow_each_other() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,Background(/snd/1&/snd/1)\n\
        same => n,NoOp(end)\n\
        exten => 1,1,NoOp(one)\n\
    ";
    check(
        DIALPLAN,
        "s",
        "",
        &[
            "0.00 m,s,1 BackGround(/snd/1&/snd/1)",
            "2.00 m,s,2 NoOp(end)",
            "2.00 end, cause 0, at m,s,3",
        ],
    );
    check(
        DIALPLAN,
        "s",
        "wait 1.5 1",
        &[
            "0.00 m,s,1 BackGround(/snd/1&/snd/1)",
            "1.60 digit 1",
            "1.60 m,1,1 NoOp(one)",
            "1.60 end, cause 0, at m,1,2",
        ],
    );
}

#[test]
fn keys_are_lost_while_nothing_takes_them() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,Playback(/snd/2)\n\
        same => n,WaitExten(2)\n\
        same => n,NoOp(none)\n\
        exten => 1,1,NoOp(one)\n\
        [n]\n\
        exten => s,1,Wait(2)\n\
        same => n,WaitExten(2)\n\
        same => n,NoOp(none)\n\
        exten => 1,1,NoOp(one)\n\
    ";
    check(
        DIALPLAN,
        "s",
        "wait 1 1",
        &[
            "0.00 m,s,1 Playback(/snd/2)",
            "1.10 digit 1",
            "2.00 m,s,2 WaitExten(2)",
            "4.00 m,s,3 NoOp(none)",
            "4.00 end, cause 0, at m,s,4",
        ],
    );
    check(
        DIALPLAN,
        "n,s",
        "wait 1 1",
        &[
            "0.00 n,s,1 Wait(2)",
            "1.10 digit 1",
            "2.00 n,s,2 WaitExten(2)",
            "4.00 n,s,3 NoOp(none)",
            "4.00 end, cause 0, at n,s,4",
        ],
    );
}

#[test]
fn a_missing_sound_ends_the_list() {
    const DIALPLAN: &str = "\
        [m]\n\
        exten => s,1,Background(/snd/none)\n\
        same => n,NoOp(${BACKGROUNDSTATUS})\n\
        same => n,Playback(/snd/none)\n\
        same => n,NoOp(${PLAYBACKSTATUS})\n\
        same => n,Background(/snd/none&/snd/1)\n\
        same => n,NoOp(${BACKGROUNDSTATUS})\n\
        same => n,Background(/snd/1.wav)\n\
        same => n,NoOp(${BACKGROUNDSTATUS})\n\
    ";
    check(
        DIALPLAN,
        "s",
        "",
        &[
            "0.00 m,s,1 BackGround(/snd/none)",
            "0.00 m,s,2 NoOp(FAILED)",
            "0.00 m,s,3 Playback(/snd/none)",
            "0.00 m,s,4 NoOp(FAILED)",
            "0.00 m,s,5 BackGround(/snd/none&/snd/1)",
            "0.00 m,s,6 NoOp(FAILED)",
            "0.00 m,s,7 BackGround(/snd/1.wav)",
            "0.00 m,s,8 NoOp(FAILED)",
            "0.00 end, cause 0, at m,s,9",
        ],
    );
}
