//! Dialplans and callers made by chance, from a seed: menus, loops, subroutines and keys.
//!
//! Every way through them waits or counts its rounds, so that no call runs for ever.

use super::case::{Case, CaseCall};
use fastrand::Rng;
use std::collections::BTreeMap;

/// After so many visits of menus a call ends.
const MAX_ROUNDS: usize = 3;

/// Extensions by which keys are taken.
const KEYS: [&str; 20] = [
    "1", "2", "3", "12", "123", "0", "*", "#", "_X", "_XX", "_XXX", "_XXX#", "_[1-3]X", "_X.",
    "_Z!", "_NX", "_*X", "_5.", "_1X!", "_[4-69]",
];

/// Values and conditions are made of these.
const VALUES: [&str; 26] = [
    "${EXTEN}",
    "${CONTEXT}",
    "${PRIORITY}",
    "${ROUND}",
    "${V}",
    "[${V:1}]",
    "${V:-1}",
    "${L}",
    "${CUT(L,-,2)}",
    "${LEN(${V})}",
    "${FILTER(0-9,${V}${L})}",
    "$[${N} + 1]",
    "$[${N} * 2 - 3]",
    "$[${N} / 4]",
    "${TOUPPER(${L})}",
    "${IF($[${N} > 3]?big:small)}",
    "${INVALID_EXTEN}",
    "${CALLERID(num)}",
    "${GOSUB_RETVAL}",
    "${READSTATUS}",
    "${ISNULL(${V})}",
    "${FIELDQTY(L,-)}",
    "${STRREPLACE(L,-,+)}",
    "$[\"${V}\" = \"1\"]",
    "$[${V}1 & 1]",
    "x",
];
const CONDITIONS: [&str; 12] = [
    "$[${ROUND} = 1]",
    "$[${ROUND} > 1]",
    "$[\"${V}\" = \"1\"]",
    "$[${LEN(${V})} > 1]",
    "${ISNULL(${V})}",
    "0",
    "1",
    "",
    "$[${N} % 2]",
    "$[\"${EXTEN}\" = \"s\"]",
    "${EXISTS(${INVALID_EXTEN})}",
    "$[${N} >= 2 & ${ROUND} < 3]",
];

/// The lines of one extension.
struct Extension {
    name: String,
    lines: Vec<String>,
}

impl Extension {
    fn new(name: &str) -> Self {
        Self { name: name.to_owned(), lines: Vec::new() }
    }

    fn step(&mut self, application: impl Into<String>) {
        self.labelled("", application);
    }

    fn labelled(&mut self, label: &str, application: impl Into<String>) {
        let label = if label.is_empty() { String::new() } else { format!("({label})") };
        let head = match self.lines.len() {
            0 => format!("exten => {},1{label}", self.name),
            _ => format!("same => n{label}"),
        };
        self.lines.push(format!("{head},{}", application.into()));
    }
}

/// What a context is made with.
struct Maker<'a> {
    rng: &'a mut Rng,
    contexts: &'a [String],
    labels: usize,
}

/// So many cases; the same ones for the same seed.
pub(crate) fn cases(seed: u64, count: usize) -> Vec<Case> {
    (0..count)
        .map(|number| case(&mut Rng::with_seed(seed ^ (number as u64) << 32), seed, number))
        .collect()
}

fn case(rng: &mut Rng, seed: u64, number: usize) -> Case {
    let name = format!("made-{seed}-{number}");
    let contexts: Vec<String> = (0..rng.usize(2..=5)).map(|at| format!("{name}-{at}")).collect();
    let mut dialplan = String::new();
    for at in 0..contexts.len() {
        let mut maker = Maker { rng, contexts: &contexts, labels: 0 };
        dialplan += &maker.context(at);
    }
    let calls = (0..rng.usize(1..=3)).map(|_| call(rng, &contexts[0])).collect();
    Case {
        name,
        title: format!("Made by chance, seed {seed}, number {number}"),
        versions: Vec::new(),
        differs: None,
        general: String::new(),
        sounds: BTreeMap::new(),
        outcomes: Vec::new(),
        dialplan,
        calls,
    }
}

/// A caller who presses some keys, waits now and then, and may hang up.
fn call(rng: &mut Rng, context: &str) -> CaseCall {
    let mut words = Vec::new();
    for _ in 0..rng.usize(0..6) {
        words.push(format!("wait {:.2}", rng.f64() * 2.6 + 0.3));
        let keys = (0..rng.usize(1..=3))
            .map(|_| pick(rng, &["1", "2", "3", "1", "2", "5", "9", "0", "#", "*"]));
        words.push(keys.collect());
    }
    if rng.u8(0..4) == 0 {
        words.push(format!("wait {:.2} hangup", rng.f64() * 4.0 + 0.4));
    }
    CaseCall {
        context: context.to_owned(),
        exten: "s".to_owned(),
        keys: words.join(" "),
        caller_id: pick(rng, &["", "5551234", "\"Anna\" <77>"]).to_owned(),
        variables: if rng.bool() {
            BTreeMap::from([("V".to_owned(), "12".to_owned())])
        } else {
            BTreeMap::new()
        },
    }
}

fn pick<'a>(rng: &mut Rng, choices: &[&'a str]) -> &'a str {
    choices[rng.usize(..choices.len())]
}

impl Maker<'_> {
    fn context(&mut self, at: usize) -> String {
        let mut extensions = vec![self.menu(at)];
        for name in self.some_keys() {
            extensions.push(self.ending(name));
        }
        for (name, chance) in [("i", 70), ("t", 50), ("e", 15), ("h", 40)] {
            if self.rng.u8(..100) < chance {
                extensions.push(if name == "h" { self.last_words() } else { self.ending(name) });
            }
        }
        extensions.push(self.subroutine());
        let lines = extensions.into_iter().flat_map(|extension| extension.lines);
        let mut text = format!("[{}]\n", self.contexts[at]);
        if self.rng.u8(..4) == 0 && at + 1 < self.contexts.len() {
            text += &format!("include => {}\n", self.contexts[at + 1]);
        }
        text + &lines.collect::<Vec<_>>().join("\n") + "\n"
    }

    fn some_keys(&mut self) -> Vec<&'static str> {
        let mut keys = KEYS.to_vec();
        self.rng.shuffle(&mut keys);
        keys.truncate(self.rng.usize(1..=5));
        keys
    }

    /// The extension s: counts its rounds, says something, waits for keys.
    fn menu(&mut self, at: usize) -> Extension {
        let mut menu = Extension::new("s");
        menu.step("Set(ROUND=$[0${ROUND} + 1])");
        menu.step(format!("GotoIf($[${{ROUND}} > {MAX_ROUNDS}]?bye)"));
        if at == 0 {
            menu.step("MSet(N=4,L=a-b2-c)");
        }
        if self.rng.u8(..4) > 0 {
            let seconds = pick(self.rng, &["1", "1.5", "0.7", "2"]);
            menu.step(format!("Set(TIMEOUT(digit)={seconds})"));
        }
        for _ in 0..self.rng.usize(1..=4) {
            self.steps(&mut menu);
        }
        menu.step(format!(
            "Background(/snd/{})",
            pick(self.rng, &["0.5", "1", "2", "1&/snd/0.5", "none"])
        ));
        let seconds = pick(self.rng, &["1", "2", "1.5", "2.5"]);
        menu.step(format!("WaitExten({seconds})"));
        for _ in 0..self.rng.usize(0..=2) {
            self.steps(&mut menu);
        }
        if self.rng.bool() {
            let next = self.somewhere("s");
            menu.step(next);
        }
        // The call ends here in any case: an included context may have further steps of s.
        menu.labelled("bye", format!("NoOp({})", self.value()));
        menu.step(pick(self.rng, &["Hangup()", "Hangup(17)"]));
        menu
    }

    /// One thing that a menu does, in one or more steps.
    fn steps(&mut self, to: &mut Extension) {
        let (value, condition) = (self.value(), pick(self.rng, &CONDITIONS));
        match self.rng.u8(..16) {
            0 | 1 => to.step(format!("NoOp({value} {})", self.value())),
            2 => to.step(format!("Set(V={value})")),
            3 => to.step(format!("Set(N=$[${{N}} + {}])", self.rng.u8(1..4))),
            4 => to.step(format!("Background(/snd/{})", pick(self.rng, &["0.3", "0.5", "1"]))),
            5 => to.step(format!("Playback(/snd/{})", pick(self.rng, &["0.3", "0.5", "none"]))),
            6 => to.step(format!("Wait({})", pick(self.rng, &["0.3", "0.5", "1"]))),
            7 => to.step(format!("ExecIf({condition}?Set(V={value}):NoOp(no))")),
            8 => to.step(format!("UserEvent(Made,A: {value},Round: ${{ROUND}})")),
            9 => self.jump_ahead(to, condition),
            10 => to.step(format!("Gosub(sub,1({value},{}))", self.rng.u8(..9))),
            11 => self.repeat(to),
            12 => {
                to.step(format!("Read(V,/snd/0.5,{},,1,1)", self.rng.u8(1..4)));
                to.step("NoOp(${V} ${READSTATUS})");
            }
            13 => to.step(format!("Set(TIMEOUT(response)={})", pick(self.rng, &["1", "2"]))),
            14 => to.step(format!("ExecIf({condition}?Background(/snd/0.5))")),
            _ => to.step(format!("GosubIf({condition}?sub,1(a):sub,1(b,c))")),
        }
    }

    fn value(&mut self) -> &'static str {
        pick(self.rng, &VALUES)
    }

    fn jump_ahead(&mut self, to: &mut Extension, condition: &str) {
        self.labels += 1;
        let label = format!("on{}", self.labels);
        to.step(format!("GotoIf({condition}?{label})"));
        to.step(format!("NoOp({})", self.value()));
        to.labelled(&label, format!("NoOp({})", self.value()));
    }

    fn repeat(&mut self, to: &mut Extension) {
        to.step("Set(I=0)");
        to.step(format!("While($[${{I}} < {}])", self.rng.u8(1..4)));
        to.step("Set(I=$[${I} + 1])");
        match self.rng.u8(..3) {
            0 => to.step("Background(/snd/0.3)"),
            1 => to.step(format!(
                "ExecIf($[${{I}} = 2]?{}())",
                pick(self.rng, &["ExitWhile", "ContinueWhile"])
            )),
            _ => to.step(format!("NoOp({} ${{I}})", self.value())),
        }
        to.step("EndWhile()");
    }

    /// An extension that a key, a time-out or a wrong number leads to.
    fn ending(&mut self, name: &str) -> Extension {
        let mut ending = Extension::new(name);
        ending.step(format!("NoOp({name} ${{EXTEN}} {})", self.value()));
        if self.rng.bool() {
            ending.step(format!("Set(V={})", self.value()));
        }
        if self.rng.u8(..3) == 0 {
            ending.step(format!("Playback(/snd/{})", pick(self.rng, &["0.3", "0.5"])));
        }
        if self.rng.u8(..3) > 0 {
            let next = self.somewhere(name);
            ending.step(next);
        }
        ending
    }

    /// To a menu, which counts its rounds, or out of the call.
    fn somewhere(&mut self, from: &str) -> String {
        let context = &self.contexts[self.rng.usize(..self.contexts.len())];
        match self.rng.u8(..10) {
            0 => "Hangup()".to_owned(),
            1 => "Hangup(21)".to_owned(),
            2 | 3 => "Goto(s,1)".to_owned(),
            // What is nowhere leads to i or e again.
            4 if !matches!(from, "i" | "e") => "Goto(nowhere,1)".to_owned(),
            5 => format!("GotoIf($[${{ROUND}} < 2]?{context},s,1)"),
            6 => "Goto(s,bye)".to_owned(),
            _ => format!("Goto({context},s,1)"),
        }
    }

    fn subroutine(&mut self) -> Extension {
        let mut sub = Extension::new("sub");
        sub.step("NoOp(${ARG1} ${ARG2} ${ARGC})");
        match self.rng.u8(..4) {
            0 => sub.step("Set(LOCAL(V)=inner)"),
            1 => sub.step("Set(L=${L}-${ARG1})"),
            2 => sub.step("Playback(/snd/0.3)"),
            _ => sub.step("NoOp(${V})"),
        }
        sub.step(format!("Return({})", self.value()));
        sub
    }

    fn last_words(&mut self) -> Extension {
        let mut last = Extension::new("h");
        last.step(format!("NoOp(h {} ${{HANGUPCAUSE}})", self.value()));
        if self.rng.bool() {
            last.step("UserEvent(Ended,Round: ${ROUND})");
        }
        last
    }
}
