//! Where jumps lead.

use super::*;
use crate::{
    lint::{Settings, read},
    syntax::Nothing,
};

const DIALPLAN: &str = "
[menu]
exten => s,1,Answer()
 same => n(again),Background(hello)
exten => 1,1,NoOp()
exten => _2XX,1,NoOp()
 same => n(two),NoOp()
exten => 200,2,NoOp(a step of its own)
exten => _X.,3,NoOp()
include => shared
[shared]
exten => i,1,NoOp()
exten => back,1,Goto(s,again)
[open]
exten => s,1,NoOp()
switch => Realtime
[lost]
exten => s,1,NoOp()
include => nowhere
";

/// Where a target leads for a step of `[context]`: `context,extension,priority`, or what is missing.
#[track_caller]
fn check(context: &str, target: &str, expected: &str) {
    let reading = read(b"extensions.conf", DIALPLAN.into(), &mut Nothing);
    let settings = Settings { external_contexts: vec!["ivrs".into()], ..Settings::default() };
    let subject = Subject::new(&reading, &settings);
    let mut steps = subject.steps();
    let from = steps.find(|step| subject.bytes(step.context.name) == context.as_bytes()).unwrap();
    let target = Target::new(target.as_bytes()).expect("there is a target");
    let found = match subject.resolve(from, target) {
        Resolution::Found(step) => {
            let Step { context, extension, priority, .. } = step;
            let exten = String::from_utf8_lossy(extension.key.pattern.name()).into_owned();
            format!("{},{exten},{}", subject.shown(context.name), priority.number)
        }
        other => format!("{other:?}"),
    };
    assert_eq!(found, expected);
}

#[test]
fn a_target_is_found_as_asterisk_finds_it() {
    check("menu", "s,again", "menu,s,2");
    check("menu", "menu,205,two", "menu,_2XX,2");
    check("menu", "205,3", "menu,_X.,3");
    check("menu", "200,1", "menu,_2XX,1");
    check("menu", "200,2", "menu,200,2");
    check("menu", "i,1", "shared,i,1");
    check("menu", "_2XX,1", "menu,_2XX,1");
    check("menu", "menu,s, 2", "menu,s,2");
}

#[test]
fn a_context_that_is_included_finds_what_the_including_one_has() {
    check("shared", "s,again", "menu,s,2");
    check("shared", "shared,s,1", "NoExtension");
}

#[test]
fn what_is_missing_is_named() {
    check("menu", "nowhere,s,1", "NoContext");
    check("menu", "9,1", "NoExtension");
    check("menu", " 1,1", "NoExtension");
    check("menu", "1,2", "NoPriority");
    check("menu", "s, again", "NoLabel");
    check("menu", "back,2", "NoPriority");
}

#[test]
fn what_the_files_leave_open_is_unknown() {
    check("menu", "${X},1", "Unknown");
    check("menu", "s,${X}", "Unknown");
    check("menu", "${X},s,1", "Unknown");
    check("menu", "ivrs,6500,1", "Unknown");
    check("menu", "9${X},1", "Unknown");
    check("open", "9,1", "Unknown");
    check("open", "s,1", "open,s,1");
    check("lost", "9,1", "Unknown");
}
