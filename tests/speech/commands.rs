//! Any program as an engine, and all that such programs do wrong.

use crate::room::{Room, ended, lines, until};
use std::{fs, process::Command};

/// A program that writes half a second of tone as a WAV: `tone FILE|- HERTZ`.
pub(crate) const TONE: &str = r#"#!/usr/bin/env python3
import math, struct, sys
out, hertz = sys.argv[1], float(sys.argv[2])
data = b"".join(struct.pack("<h", int(9000 * math.sin(2 * math.pi * hertz * i / 8000))) for i in range(4000))
wav = b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
wav += b"data" + struct.pack("<I", len(data)) + data
if sys.argv[3:] == ["raw"]:
    wav = data
(sys.stdout.buffer if out == "-" else open(out, "wb")).write(wav)
"#;

fn room(script: &str, run: &str) -> Room {
    let room = Room::new("tts: {}", &[("notice", "{ text: \"$(id); 'x' \\\"y\\\" 请\" }")]);
    room.script("tone", TONE);
    let script = script.replace("TONE", &room.text("tone")).replace("LOG", &room.text("log"));
    room.script("engine", &script);
    let run = run.replace("ENGINE", &room.text("engine"));
    room.describe(
        &format!("tts: {{ engine: command, voice: anna, timeout_s: 30, command: {run} }}"),
        &[("notice", "{ text: \"$(id); 'x' \\\"y\\\" 请\" }")],
    );
    room
}

#[test]
fn text_comes_as_input_or_argument_and_sound_as_output_or_file() {
    let said = "$(id); 'x' \"y\" 请";
    for (script, run) in [
        ("#!/bin/sh\ncat >LOG\nTONE - 440\n", "{ run: [ENGINE] }"),
        (
            "#!/bin/sh\nprintf %s \"$2\" >LOG\nTONE - 440\n",
            "{ run: [ENGINE, --text, '{{ text }}'] }",
        ),
        ("#!/bin/sh\ncat >LOG\nTONE \"$1\" 440\n", "{ run: [ENGINE, '{{ output }}'] }"),
        (
            "#!/bin/sh\nprintf %s \"$2\" >LOG\nTONE ${1#--out=} 440; yes | head -c 200000\n",
            "{ run: [ENGINE, '--out={{ output }}', '{{ text }}', '{{ voice }}-{{ language }}'] }",
        ),
        ("#!/bin/sh\ncat >LOG\nTONE - 440 raw\n", "{ run: [ENGINE], raw_rate_hz: 8000 }"),
    ] {
        let room = room(script, run);
        room.built(&[]);
        assert_eq!(fs::read_to_string(room.path("log")).unwrap(), said, "{run}");
        assert_eq!(crate::room::samples(&room.prompts()["notice.wav"]).len(), 4_022, "{run}");
        room.manifest();
    }
}

#[track_caller]
fn check(script: &str, run: &str, expected: &str) {
    let room = room(script, run);
    let found = room.build(&[]);
    assert_eq!(found.code, 3, "{found:?}");
    assert!(found.err.contains(expected), "`{expected}` is not in {}", found.err);
    assert!(!room.path("out").exists());
    let kept = walkdir::WalkDir::new(room.path("cache")).into_iter().filter_map(Result::ok);
    assert_eq!(kept.filter(|entry| entry.file_type().is_file()).count(), 0, "nothing bad is kept");
}

#[test]
fn programs_that_fail() {
    let run = "{ run: [ENGINE] }";
    check(
        "#!/bin/sh\necho 'no such  voice' >&2; exit 3\n",
        run,
        "ended with exit status: 3: no such voice",
    );
    check("#!/bin/sh\nkill -9 $$\n", run, "ended with signal: 9 (SIGKILL)");
    check(
        "#!/bin/sh\necho this is no sound\n",
        run,
        "gave no sound that can be used: found a text file",
    );
    check("#!/bin/sh\nexit 0\n", run, "gave no sound that can be used: ");
    check("#!/bin/sh\ncat /dev/zero\n", run, "gave more than 67108864 bytes for one sentence");
    check(
        "#!/bin/sh\nexit 0\n",
        "{ run: [ENGINE, '{{ output }}'] }",
        "it did not write the file `{{ output }}`",
    );
    check(
        "#!/bin/sh\n",
        "{ run: [/nowhere/engine] }",
        "cannot run `/nowhere/engine`: No such file",
    );
    check(
        "#!/bin/sh\n",
        "{ run: [ENGINE, '{{ txt }}'] }",
        "cannot fill `command.run` of `tts`: it names a value",
    );
    check(
        "#!/bin/sh\ncat >/dev/null; TONE - 440 raw | head -c 7\n",
        "{ run: [ENGINE], raw_rate_hz: 8000 }",
        "7 bytes are no samples",
    );
}

#[test]
fn a_program_that_hangs_is_ended_with_all_it_started() {
    for hang in [
        "sleep 600 & echo $! >LOG; sleep 600",
        "sleep 600 & echo $! >LOG; exec sleep 600",
        "sleep 600 & echo $! >LOG",
    ] {
        let script = format!("#!/bin/sh\n{hang}\n");
        let room = room(&script, "{ run: [ENGINE] }");
        let hasty = fs::read_to_string(room.path("exam.yaml")).unwrap();
        room.write("exam.yaml", &hasty.replace("timeout_s: 30", "timeout_s: 2"));
        let found = room.build(&[]);
        assert_eq!(found.code, 3, "{found:?}");
        assert!(found.err.contains("did not finish within 2 s"), "{found:?}");
        let child = lines(&room.path("log")).remove(0);
        until("the end of the grandchild", || !is_running(&child));
    }
}

#[test]
fn a_signal_ends_the_build_in_an_orderly_way() {
    let room = room("#!/bin/sh\nsleep 600 & echo $! >LOG; wait\n", "{ run: [ENGINE] }");
    room.describe(
        &format!("tts: {{ engine: command, command: {{ run: ['{}'] }} }}", room.text("engine")),
        &[("notice", "{ text: a }")],
    );
    let child = room.command(&[]).spawn().unwrap();
    until("the engine", || !lines(&room.path("log")).is_empty());
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let found = ended(child);
    assert_eq!(found.code, 130, "{found:?}");
    assert!(found.err.contains("interrupted: 0 of 1 prompts"), "{found:?}");
    let grandchild = lines(&room.path("log")).remove(0);
    until("the end of the grandchild", || !is_running(&grandchild));
    assert!(!room.path("out").exists(), "nothing is left");
}

fn is_running(id: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

#[test]
fn another_version_speaks_anew() {
    let room = room("#!/bin/sh\necho x >>LOG; TONE - 440\n", "{ run: [ENGINE] }");
    room.script("version", "#!/bin/sh\necho 1\n");
    let version = room.text("version");
    let tts = format!(
        "tts: {{ engine: command, command: {{ run: ['{}'], version: ['{version}'] }} }}",
        room.text("engine")
    );
    room.describe(&tts, &[("notice", "{ text: a }")]);
    room.built(&[]);
    room.built(&[]);
    assert_eq!(lines(&room.path("log")).len(), 1);
    room.script("version", "#!/bin/sh\necho 2\n");
    room.built(&[]);
    assert_eq!(lines(&room.path("log")).len(), 2);
}
