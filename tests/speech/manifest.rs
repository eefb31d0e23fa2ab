//! Who reads the manifest of a build: `graph`, `lint` and `push-media`.

use crate::room::{Room, outcome};
use std::{
    fs,
    process::{Command, Stdio},
};

const DIALPLAN: &str = "[ivr]\nexten = 6500,1,Answer()\n same = n,Background(/tmp/media/networkdisk1/notice)\n \
                        same = n,Playback(/tmp/media/networkdisk1/bye)\n same = n,Hangup()\n";

fn run(arguments: &[&str]) -> crate::room::Outcome {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ivrkit"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    outcome(&mut command)
}

#[test]
fn pictures_show_what_prompts_say_and_pushes_what_has_changed() {
    let room = Room::new("tts: {}", &[("notice", "{ text: 请稍后 }"), ("bye", "{ text: 再见 }")]);
    room.built(&[]);
    room.write("extensions.conf", DIALPLAN);
    let (dialplan, out) = (room.text("extensions.conf"), room.text("out"));
    let drawn = run(&["graph", &dialplan, "--media", &out]);
    assert_eq!(drawn.code, 0, "{drawn:?}");
    assert!(drawn.out.contains("Background#58; notice#58; 请稍后"), "{drawn:?}");
    assert!(drawn.out.contains("Playback#58; bye#58; 再见"), "{drawn:?}");
    let none = run(&["graph", &dialplan, "--media", &room.text("sources")]);
    assert_eq!(none.code, 3, "{none:?}");
    assert!(none.err.contains("has no manifest of built prompts"), "{none:?}");

    let target = room.text("share");
    let push = || run(&["push-media", &out, "--to", &target, "--mkdir"]);
    assert_eq!(push().err, "");
    fs::write(room.path("out/bye.wav"), b"something else").unwrap();
    let found = push();
    assert_eq!(found.code, 0, "{found:?}");
    assert!(found.err.contains("1 of 2 built prompts are missing or changed"), "{found:?}");
    assert!(!room.path("share/.ivrkit-media.json").exists(), "it names people");
}
