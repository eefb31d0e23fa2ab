//! Prompts for lists of callees: thousands of them, bad rows, and runs that are killed.

use crate::{
    commands::TONE,
    room::{Room, ended, lines, until},
};
use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt as _, process::Command};

/// A program that speaks each sentence as a tone of its own, and counts what it makes.
fn counting(prompt: &str) -> Room {
    let room = Room::new("tts: {}", &[("own", "{ per_callee: true, text: x }")]);
    room.script("tone", TONE);
    // The line is written when the sound is: what is begun and killed was not made.
    let script = format!(
        "#!/bin/sh\ntext=$(cat)\nsum=$(printf %s \"$text\" | cksum | cut -d' ' -f1)\n\
         '{}' - $((200 + sum % 3000)) >\"$0.$$\" && cat \"$0.$$\" && printf '%s\\n' \"$text\" >>'{}'\nrm -f \"$0.$$\"\n",
        room.text("tone"),
        room.text("made"),
    );
    let engine = room.script("engine", &script);
    let tts = format!("tts: {{ engine: command, command: {{ run: ['{engine}'] }} }}");
    room.describe(&tts, &[("own", prompt)]);
    room
}

const OWN: &str = "{ per_callee: true, text: '为您预约{{ date }}{{ subject }}考试' }";
const OWN_PARTS: &str = "{ per_callee: true, parts: [{ text: 为您预约 }, { text: '{{ date }}{{ subject }}' }, { text: 考试 }] }";

/// A list of callees with a number of different texts.
fn list(callees: usize, texts: usize) -> String {
    let mut list = "number,date,subject\n".to_owned();
    for at in 0..callees {
        let text = at % texts;
        list += &format!(
            "{},{}月{}日,科目{}\n",
            13_900_000_000 + at,
            text % 12 + 1,
            text / 12 + 1,
            text % 4 + 1
        );
    }
    list
}

/// How often each sentence was made.
fn made(room: &Room) -> BTreeMap<String, usize> {
    lines(&room.path("made")).into_iter().fold(BTreeMap::new(), |mut made, text| {
        *made.entry(text).or_default() += 1;
        made
    })
}

#[test]
fn sound_that_is_equal_is_made_once_and_the_fixed_parts_too() {
    let room = counting(OWN_PARTS);
    room.write("list.csv", &list(100, 10));
    let found = room.build(&["--callees", &room.text("list.csv")]);
    assert_eq!(found.code, 0, "{found:?}");
    assert!(found.out.starts_with("100 prompts, "), "{found:?}");
    assert_eq!(room.prompts().len(), 100);
    let made = made(&room);
    assert_eq!((made.len(), made.values().max()), (12, Some(&1)), "{made:?}");
    let prompts = room.prompts();
    assert_eq!(prompts["13900000003.wav"], prompts["13900000013.wav"]);
    assert_ne!(prompts["13900000003.wav"], prompts["13900000004.wav"]);
    assert_eq!(crate::room::samples(&prompts["13900000003.wav"]).len(), 3 * 4_000 + 22);
    let manifest = room.manifest();
    assert_eq!(manifest.len(), 100);
    assert_eq!(manifest["13900000000.wav"]["text"], "为您预约1月1日科目1考试");
    let meta = fs::metadata(room.path("out/.ivrkit-media.json")).unwrap();
    assert_eq!(meta.permissions().mode() & 0o777, 0o600, "it names people");
    // One row changes: one sentence is made, one file is written.
    room.write("list.csv", &list(100, 10).replacen("13900000007,8月1日", "13900000007,9月9日", 1));
    let found = room.build(&["--callees", &room.text("list.csv")]);
    assert!(found.out.contains(" 99 unchanged, 1 spoken (1 sentences made, "), "{found:?}");
    // Without its cache the folder itself is enough.
    fs::remove_dir_all(room.path("cache")).unwrap();
    let found = room.build(&["--callees", &room.text("list.csv")]);
    assert!(
        found.out.contains(" 100 unchanged, 0 spoken") || found.out.contains(" 100 unchanged\n"),
        "{found:?}"
    );
}

#[test]
fn without_a_list_the_others_are_built_and_that_is_said() {
    let room = counting(OWN);
    let tts = fs::read_to_string(room.path("exam.yaml")).unwrap();
    let tts = tts.lines().find(|line| line.starts_with("tts:")).unwrap().to_owned();
    room.describe(&tts, &[("notice", "{ text: 请稍后 }"), ("own", OWN)]);
    let found = room.build(&[]);
    assert_eq!(found.code, 0, "{found:?}");
    assert!(
        found.err.contains("prompt `own` is made for a list of callees: --callees"),
        "{found:?}"
    );
    assert_eq!(room.prompts().into_keys().collect::<Vec<_>>(), ["notice.wav"]);
}

const BAD: &str = "号码;date;subject\n13900000001;3月1日;科目二\n;3月1日;科目二\n139x;3月1日;科目二\n\
                   13900000002;;科目二\n13900000001;3月1日;科目二\n13900000003;3月1日;科目二\n\
                   13900000003;3月2日;科目二\n1.39E+10;3月1日;科目二\n13900000004;a;b;c\n13900000005;LONG;x\n";

#[test]
fn bad_rows_are_said_with_their_lines_and_left_out_only_when_asked() {
    let room = counting(OWN);
    room.write("list.csv", &BAD.replace("LONG", &"长".repeat(2_000)));
    let list = room.text("list.csv");
    let found = room.build(&["--callees", &list]);
    assert_eq!(found.code, 3, "{found:?}");
    let rows = [
        "line 3: the number is missing",
        "line 4: the number has other characters than digits",
        "line 5: a value is empty that the template needs: `date`",
        "line 6: the number *******0001 was in line 2 already",
        "line 7: the number *******0003 has another text in line 8",
        "line 8: the number *******0003 has another text in line 7",
        "line 9: the number was rounded by a spreadsheet",
        "line 10: it has 4 columns, expected 3",
        "line 11: the text has 2007 characters, expected at most 1000",
    ];
    for expected in ["9 of 10 rows of ", "so nothing was built"].iter().chain(&rows) {
        assert!(found.err.contains(expected), "`{expected}` is not in {}", found.err);
    }
    assert!(!found.err.contains("139000"), "numbers are masked: {found:?}");
    assert!(!room.path("out").exists() && made(&room).is_empty(), "nothing was begun");

    let found = room.build(&["--callees", &list, "--bad-rows", "skip"]);
    assert_eq!(found.code, 0, "{found:?}");
    for expected in rows {
        assert!(found.err.contains(expected), "`{expected}` is not in {}", found.err);
    }
    assert_eq!(room.prompts().into_keys().collect::<Vec<_>>(), ["13900000001.wav"]);

    for (text, expected) in [
        ("number,day\n139,3\n", "prompt `own` names `date`, which is no column of "),
        (
            "who,date,subject\n139,3,4\n",
            "found the columns `who`, `date`, `subject`, expected one called `number`",
        ),
        ("number,date,subject\n", "has no row that can be used"),
    ] {
        room.write("list.csv", text);
        let found = room.build(&["--callees", &list]);
        assert_eq!(found.code, 3, "{found:?}");
        assert!(found.err.contains(expected), "`{expected}` is not in {}", found.err);
    }
    room.write("list.csv", "who|date|subject\n");
    assert_eq!(room.build(&["--delimiter", "tab"]).code, 2, "it needs a list");
}

#[test]
fn a_killed_build_goes_on_and_makes_nothing_twice() {
    let room = counting(OWN);
    room.write("list.csv", &list(300, 60));
    let arguments = ["--callees", &room.text("list.csv")];
    let mut kills = 0;
    for part in 1..=4 {
        let mut child = room.command(&arguments).spawn().unwrap();
        until("some sounds", || {
            made(&room).len() >= part * 12 || !matches!(child_ended(child.id()), Some(false))
        });
        kills += usize::from(child_ended(child.id()) == Some(false));
        Command::new("kill").args(["-KILL", &child.id().to_string()]).status().unwrap();
        child.wait().unwrap();
        // Whatever is there is whole, and the manifest is true of it.
        room.prompts()
            .values()
            .for_each(|prompt| assert_eq!(crate::room::samples(prompt).len(), 4_022));
        room.manifest();
    }
    assert!(kills > 0, "it was killed at work");
    let found = room.build(&arguments);
    assert_eq!(found.code, 0, "{found:?}");
    assert_eq!(room.prompts().len(), 300);
    assert_eq!(room.manifest().len(), 300);
    assert_eq!(room.hidden(), [".ivrkit-media.json"], "no litter");
    // What the engine had made but not handed over when it was killed is made again.
    let counts = made(&room);
    let again: usize = counts.values().map(|count| count - 1).sum();
    let at_a_time = std::thread::available_parallelism().unwrap().get();
    assert!(again <= kills * at_a_time, "{again} sentences were made twice in {kills} kills");
    assert_eq!(counts.len(), 60);
    // The same as if it had never been killed.
    let prompts = room.prompts();
    fs::remove_dir_all(room.path("out")).unwrap();
    fs::remove_dir_all(room.path("cache")).unwrap();
    assert_eq!(room.build(&arguments).code, 0);
    assert_eq!(room.prompts(), prompts);
}

/// Whether a child of ours has ended; none if it is not there.
fn child_ended(id: u32) -> Option<bool> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    Some(stat.rsplit_once(") ")?.1.starts_with(['Z', 'X']))
}

#[test]
fn a_signal_keeps_what_is_made() {
    let room = counting(OWN);
    room.write("list.csv", &list(300, 300));
    let arguments = ["--callees", &room.text("list.csv")];
    let child = room.command(&arguments).spawn().unwrap();
    until("some sounds", || made(&room).len() >= 10);
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    let found = ended(child);
    assert_eq!(found.code, 130, "{found:?}");
    assert!(found.err.contains(" of 300 prompts are there; run it again to go on"), "{found:?}");
    let there = room.prompts().len();
    assert!((5..300).contains(&there), "{there}");
    assert_eq!(room.manifest().len(), there);
    assert_eq!(room.hidden(), [".ivrkit-media.json"], "no litter");
    let second = room.command(&arguments).spawn().unwrap();
    until("the second build", || room.hidden().len() > 1);
    let third = room.build(&arguments);
    assert_eq!(third.code, 4, "{third:?}");
    assert!(third.err.contains("another build writes to "), "{third:?}");
    assert_eq!(ended(second).code, 0);
    assert_eq!(room.prompts().len(), 300);
}

#[test]
fn one_sentence_that_fails_does_not_stop_the_others() {
    let room = counting(OWN);
    let engine = fs::read_to_string(room.path("engine")).unwrap();
    room.script(
        "engine",
        &engine.replacen(
            "\nsum=",
            "\ncase $text in *7月*) echo no July >&2; exit 3;; esac\nsum=",
            1,
        ),
    );
    room.write("list.csv", &list(48, 12));
    let found = room.build(&["--callees", &room.text("list.csv")]);
    assert_eq!(found.code, 3, "{found:?}");
    assert!(found.err.contains("44 of 48 prompts of callees are there"), "{found:?}");
    assert!(
        found.err.contains("list.csv:8 (*******0006) and 3 more with the same text: "),
        "{found:?}"
    );
    assert!(found.err.contains("ended with exit status: 3: no July"), "{found:?}");
    assert_eq!((room.prompts().len(), room.manifest().len()), (44, 44));
}
