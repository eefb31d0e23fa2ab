//! Dialplans of many shapes: what people have, and what would be slow if anything were.

use std::fmt::Write as _;

/// A kind of dialplan.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    /// What stands above the lines.
    head: &'static str,
    /// Appends the line of a number, of so many.
    line: fn(&mut String, usize, usize) -> std::fmt::Result,
}

impl Shape {
    /// A dialplan of about so many lines.
    pub(crate) fn text(&self, lines: usize) -> Vec<u8> {
        let mut text = String::with_capacity(lines * 48);
        text.push_str(self.head);
        for at in 0..lines {
            (self.line)(&mut text, at, lines).expect("a string takes all");
            text.push('\n');
        }
        text.shrink_to_fit();
        text.into_bytes()
    }
}

const ONE: &str = "[all]\nexten => s,1,Answer()\n";

/// All of them; the first two are what the bar is about.
pub(crate) const SHAPES: &[Shape] = &[
    Shape { name: "many-contexts", head: "", line: |text, at, _| many_contexts(text, at) },
    Shape { name: "one-context", head: "[all]\n", line: |text, at, _| one_context(text, at) },
    Shape {
        name: "one-extension",
        head: ONE,
        line: |text, at, _| write!(text, "same => n,NoOp(one more step, which is number {at})"),
    },
    Shape {
        name: "falling-priorities",
        head: ONE,
        line: |text, at, all| write!(text, "exten => s,{},NoOp(one more step)", all - at + 1),
    },
    Shape {
        name: "labels",
        head: ONE,
        line: |text, at, _| write!(text, "same => n(label-{at}),NoOp(one more step)"),
    },
    Shape {
        name: "falling-same-label",
        head: ONE,
        line: |text, at, all| {
            let label = if at % 2 == 0 { "(again)" } else { "" };
            write!(text, "exten => s,{}{label},NoOp(one more step)", all - at + 1)
        },
    },
    Shape {
        name: "patterns",
        head: ONE,
        line: |text, at, _| write!(text, "exten => _{at}X.,1,Goto(s,1)"),
    },
    Shape {
        name: "patterns-late",
        head: ONE,
        line: |text, at, _| write!(text, "exten => _NXX{},1,Goto(s,1)", scattered(at)),
    },
    Shape {
        name: "patterns-of-sets",
        head: ONE,
        line: |text, at, _| {
            let digit = |place: u32| at / 8_usize.pow(place) % 8 + 1;
            write!(text, "exten => _")?;
            (0..8).try_for_each(|place| write!(text, "[0-{}]", digit(place)))?;
            write!(text, ",1,Goto(s,1)")
        },
    },
    Shape {
        name: "open-brackets",
        head: ONE,
        line: |text, at, _| write!(text, "exten => _{at}[12,1,Goto(s,1)\n[all]"),
    },
    Shape {
        name: "scattered-names",
        head: ONE,
        line: |text, at, _| write!(text, "exten => {},1,Dial(PJSIP/{at},30)", scattered(at)),
    },
    Shape {
        name: "callers",
        head: ONE,
        line: |text, at, _| write!(text, "exten => 100/{},1,Dial(PJSIP/{at},30)", scattered(at)),
    },
    Shape {
        name: "hints",
        head: ONE,
        line: |text, at, _| write!(text, "exten => {at},hint,PJSIP/{at}&Custom:DND{at}"),
    },
    Shape {
        name: "labels-found",
        head: "[all]\nexten => _X.,1(there),Answer()\n",
        line: |text, at, _| write!(text, "exten => {},there,NoOp(by its label)", scattered(at)),
    },
    Shape {
        name: "labels-in-vain",
        head: ONE,
        line: |text, at, all| {
            if at < all / 2 {
                write!(text, "exten => _NXX{}X,1,NoOp(one more)", scattered(at))
            } else {
                write!(text, "exten => 2{},there,NoOp(by no label)", scattered(at))
            }
        },
    },
    Shape {
        name: "labels-mixed",
        head: ONE,
        line: |text, at, _| match at % 2 {
            0 => {
                write!(text, "exten => _[1-5]{}X/_[2-4]{at},1(here),NoOp(one more)", scattered(at))
            }
            _ => write!(text, "exten => 1{}/3{at},here,NoOp(by its label)", scattered(at)),
        },
    },
    Shape {
        name: "includes",
        head: ONE,
        line: |text, at, _| write!(text, "include => other-{at}"),
    },
    Shape {
        name: "timed-includes",
        head: ONE,
        line: |text, at, _| match at % 2 {
            0 => write!(text, "include => other-{at},9:00-17:00,mon-fri,*,*"),
            _ => write!(text, "exten => s,there,NoOp(by no label)"),
        },
    },
    Shape { name: "ignorepats", head: ONE, line: |text, at, _| write!(text, "ignorepat => {at}") },
    Shape {
        name: "switches",
        head: ONE,
        line: |text, at, _| write!(text, "switch => Realtime/all@table-{at}"),
    },
    Shape { name: "contexts", head: "", line: |text, at, _| write!(text, "[context-{at}]") },
    Shape {
        name: "contexts-again",
        head: "[context-0]\n",
        line: |text, at, _| match at % 3 {
            0 => write!(text, "[context-{}]", scattered(at) % 1_000),
            1 => write!(text, "exten => {at},1,NoOp(in some of them)"),
            _ => write!(text, "[Context-0](+)"),
        },
    },
    Shape {
        name: "duplicates",
        head: ONE,
        line: |text, _, _| write!(text, "exten => s,1,NoOp(there already)"),
    },
    Shape {
        name: "no-dialplan",
        head: ONE,
        line: |text, at, _| write!(text, "line {at} has no sign"),
    },
    Shape {
        name: "variables",
        head: "[globals]\nA=12\n[all]\n",
        line: |text, at, _| write!(text, "exten => ${{A}}{at},1,Dial(PJSIP/${{A}})"),
    },
    Shape {
        name: "added-text",
        head: "[all]\nexten => s,1,NoOp(",
        line: |text, _, _| write!(text, "exten += and more text"),
    },
    Shape {
        name: "added-names",
        head: ONE,
        line: |text, at, _| match at % 2 {
            0 => write!(text, "exten => {at},1,NoOp(one)"),
            _ => write!(text, "exten += and more text"),
        },
    },
    Shape {
        name: "templates",
        head: TEMPLATE,
        line: |text, at, _| match at % 10 {
            0 => write!(text, "[context-{at}](shared)"),
            step => write!(text, "exten => {at},{step},NoOp(its own)"),
        },
    },
    Shape {
        name: "comments",
        head: ONE,
        line: |text, at, _| match at % 4 {
            0 => write!(text, "; a line about number {at}"),
            1 => write!(text, "exten => {at},1,NoOp(a\\;b\\;c) ; and what it does"),
            2 => write!(text, ";-- out of use:"),
            _ => write!(text, "exten => {at},1,NoOp(gone) --;"),
        },
    },
];

const TEMPLATE: &str = "[shared](!)\nexten => h,1,Hangup()\nexten => i,1,Playback(invalid)\n";

/// Ten lines each, of the kinds that most contexts have.
fn many_contexts(text: &mut String, at: usize) -> std::fmt::Result {
    let number = at / 10;
    match at % 10 {
        0 => write!(text, "[from-{number}]"),
        1 => write!(text, "include => from-0"),
        2 => write!(text, "exten => {number},1,NoOp(a call to ${{EXTEN}} from ${{CALLERID(num)}})"),
        3 => write!(text, "same => n,Set(CDR(userfield)=${{CALLERID(num)}})"),
        4 => write!(text, "same => n(again),Background(custom/menu-{number}&custom/menu-choose)"),
        5 => write!(text, "same => n,WaitExten(5)"),
        6 => write!(text, "exten => _{number}X,1,Goto(from-{number},${{EXTEN:1}},1)"),
        7 => write!(text, "exten => t,1,Goto(again) ; once more"),
        8 => write!(text, "exten => h,1,Hangup() ; done"),
        _ => Ok(()),
    }
}

fn one_context(text: &mut String, at: usize) -> std::fmt::Result {
    match at % 2 {
        0 => write!(text, "exten => {at},1,Dial(PJSIP/{at},30,tTkK)"),
        _ => write!(text, "same => n,Voicemail({}@default,u)", at - 1),
    }
}

/// Numbers that do not come in order.
fn scattered(at: usize) -> usize {
    at.wrapping_mul(7_368_787) % 100_000_007
}
