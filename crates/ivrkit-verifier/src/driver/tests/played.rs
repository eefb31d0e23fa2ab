//! A PBX played in virtual time, with callees who type what their scripts say.

use super::{super::acting::Effect, Event};
use crate::{
    lookup::Question,
    pbx::{Listed, Party, Told},
};
use ivrkit_dialplan::{
    scenario::Number,
    verification::{Answer, Digits, Direction, Input, Leg, Report, TimeMs, Verdict},
};
use std::collections::{BTreeMap, HashMap, HashSet};

/// How long the dialplan holds a callee before it asks again.
const HOLD_MS: TimeMs = 40_000;

/// The PBX and its callees.
pub(super) struct Played {
    pub(super) dice: fastrand::Rng,
    pub(super) callees: HashMap<String, Vec<&'static str>>,
    pub(super) calls: Vec<Line>,
    /// Numbers of which one dial got lost; a dial is repeated once, so a second must not.
    undialled: HashSet<String>,
    faulty: bool,
    agenda: BTreeMap<(TimeMs, u64), Item>,
    items: u64,
    /// Grows with each crash: answers to those who asked before are lost.
    askers: u32,
}

/// One call on the PBX.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) number: String,
    /// The IVRs that it was in; a transfer that is repeated before the callee types counts once.
    pub(super) visited: Vec<String>,
    id: String,
    leg: String,
    up: bool,
    answered: bool,
    /// Grows with each move: what was planned before it no longer happens.
    moves: u32,
    keys: u32,
    typed: usize,
    /// `typed` at the last move.
    typed_before: Option<usize>,
}

/// What the loop hears of.
pub(super) enum Happening {
    Report(Told),
    Answer(Event),
    Start((String, u32)),
}

enum Item {
    Happening(Happening),
    AnswerTo(u32, Event),
    Effect(u32, Effect),
    Deed(usize, u32, Deed),
}

#[derive(Clone, Copy)]
enum Deed {
    Ring,
    Answer,
    Fail,
    MenuKey,
    PromptEnd(&'static str),
    Key(char),
    Entry(&'static str),
    HoldOver(&'static str),
    HangUp,
}

/// What becomes of a request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Done,
    DoneUnsure,
    UndoneUnsure,
    NotDone,
}

impl Played {
    pub(super) fn new(seed: u64, faulty: bool) -> Self {
        Self {
            dice: fastrand::Rng::with_seed(seed),
            callees: HashMap::new(),
            calls: Vec::new(),
            undialled: HashSet::new(),
            faulty,
            agenda: BTreeMap::new(),
            items: 0,
            askers: 0,
        }
    }

    pub(super) fn next(&self) -> Option<TimeMs> {
        self.agenda.first_key_value().map(|((at, _), _)| *at)
    }

    /// The next thing that the loop hears of until `now`.
    pub(super) fn take(&mut self, now: TimeMs) -> Option<Happening> {
        while let Some(entry) = self.agenda.first_entry().filter(|entry| entry.key().0 <= now) {
            let ((at, _), item) = entry.remove_entry();
            match item {
                Item::Happening(happening) => return Some(happening),
                Item::AnswerTo(askers, event) if askers == self.askers => {
                    return Some(Happening::Answer(event));
                }
                Item::AnswerTo(..) => {}
                Item::Effect(askers, effect) => self.act(at, askers, effect),
                Item::Deed(line, moves, deed) => {
                    if self.calls[line].up && self.calls[line].moves == moves {
                        self.happen(at, line, deed);
                    }
                }
            }
        }
        None
    }

    pub(super) fn start(&mut self, at: TimeMs, number: &(String, u32)) {
        self.put(at, Item::Happening(Happening::Start(number.clone())));
    }

    /// A request of the loop, on its way.
    pub(super) fn ask(&mut self, now: TimeMs, effect: Effect) {
        let at = now + self.dice.u64(1..40);
        self.put(at, Item::Effect(self.askers, effect));
    }

    /// Whether a request of a dying process never arrives.
    pub(super) fn gets_lost(&mut self, effect: &Effect) -> bool {
        self.dice.bool() && self.may_lose(std::slice::from_ref(effect))
    }

    /// Whether all of these may get lost, and counts them as lost if so.
    pub(super) fn may_lose(&mut self, effects: &[Effect]) -> bool {
        let dialled = effects.iter().filter_map(|effect| match effect {
            Effect::Dial { to, .. } => Some(to.dialled().to_owned()),
            _ => None,
        });
        let dialled: Vec<String> = dialled.collect();
        let may = !dialled.iter().any(|number| self.undialled.contains(number));
        if may {
            self.undialled.extend(dialled);
        }
        may
    }

    pub(super) fn again(&mut self, at: TimeMs, told: Told) {
        self.put(at, Item::Happening(Happening::Report(told)));
    }

    pub(super) fn forget_askers(&mut self) {
        self.askers += 1;
    }

    fn put(&mut self, at: TimeMs, item: Item) {
        self.items += 1;
        self.agenda.insert((at, self.items), item);
    }

    fn plan(&mut self, at: TimeMs, line: usize, deed: Deed) {
        let moves = self.calls[line].moves;
        self.put(at, Item::Deed(line, moves, deed));
    }

    fn fate(&mut self) -> Fate {
        let fates = [Fate::DoneUnsure, Fate::UndoneUnsure, Fate::NotDone];
        let at = self.dice.usize(0..10);
        fates.get(at).copied().filter(|_| self.faulty).unwrap_or(Fate::Done)
    }

    fn act(&mut self, now: TimeMs, askers: u32, effect: Effect) {
        let event = match effect {
            Effect::Dial { call, to, .. } => {
                Event::Back(call, Input::DialAnswered(self.dial(now, to.dialled())))
            }
            Effect::Transfer { call, request, leg, to, .. } => {
                let answer = self.steer(now, &leg, Some(&to));
                Event::Back(call, Input::Steered { request, answer })
            }
            Effect::HangUp { call, request, leg, .. } => {
                let answer = self.steer(now, &leg, None);
                Event::Back(call, Input::Steered { request, answer })
            }
            Effect::LookUp { question, .. } => {
                let input = self.look_up(&question);
                let at = now + self.dice.u64(1..3_000);
                return self.put(at, Item::AnswerTo(askers, Event::Back(question.call, input)));
            }
            Effect::List { calls } => Event::Listed { calls, listed: Some(self.list()) },
        };
        let at = now + self.dice.u64(1..300);
        self.put(at, Item::AnswerTo(askers, event));
    }

    /// A database that is asked beside the loop; now and then it has no answer.
    fn look_up(&mut self, question: &Question) -> Input {
        let lookup = question.lookup;
        let is_right = question.digits.expose() == super::RIGHT;
        let verdict = if is_right { Verdict::Match } else { Verdict::Mismatch };
        if self.faulty && self.dice.u8(0..4) == 0 {
            return Input::LookedUp { lookup, verdict: Verdict::Unavailable };
        }
        Input::LookedUp { lookup, verdict }
    }

    fn dial(&mut self, now: TimeMs, number: &str) -> Result<String, Answer> {
        let fate = match self.fate() {
            fate @ (Fate::Done | Fate::DoneUnsure) => fate,
            _ if !self.undialled.insert(number.to_owned()) => Fate::Done,
            fate => fate,
        };
        match fate {
            Fate::UndoneUnsure => return Err(Answer::Unsure),
            Fate::NotDone => return Err(Answer::NotDone),
            Fate::Done | Fate::DoneUnsure => {}
        }
        let at = self.calls.len();
        self.calls.push(Line {
            number: number.to_owned(),
            visited: Vec::new(),
            id: format!("C{at}"),
            leg: format!("L{at}"),
            up: true,
            answered: false,
            moves: 0,
            keys: 0,
            typed: 0,
            typed_before: None,
        });
        let busy = self.callees[number].first() == Some(&"busy");
        if busy {
            self.plan(now + 20, at, Deed::Fail);
        } else {
            self.plan(now + 20, at, Deed::Ring);
            self.plan(now + 1_500, at, Deed::Answer);
        }
        if fate == Fate::Done { Ok(format!("C{at}")) } else { Err(Answer::Unsure) }
    }

    fn steer(&mut self, now: TimeMs, leg: &Leg, to: Option<&Number>) -> Result<(), Answer> {
        let named = |line: &Line| line.up && [&line.id, &line.leg].contains(&&leg.to_string());
        let Some(at) = self.calls.iter().position(named) else { return Err(Answer::NoSuchCall) };
        let fate = self.fate();
        match fate {
            Fate::UndoneUnsure => return Err(Answer::Unsure),
            Fate::NotDone => return Err(Answer::NotDone),
            Fate::Done | Fate::DoneUnsure => {}
        }
        match to.map(Number::as_str) {
            None => self.end(now, at),
            Some("6502") => self.enter(now, at, "6502"),
            Some("6503") => self.enter(now, at, "6503"),
            Some(other) => panic!("sent to {other}"),
        }
        if fate == Fate::Done { Ok(()) } else { Err(Answer::Unsure) }
    }

    fn list(&self) -> Vec<Listed> {
        let up = self.calls.iter().filter(|line| line.up);
        let listed = up.map(|line| Listed {
            party: line.party(),
            leg: Leg::new(&line.leg),
            answered: line.answered,
        });
        listed.collect()
    }

    fn enter(&mut self, now: TimeMs, at: usize, ivr: &'static str) {
        let line = &mut self.calls[at];
        line.moves += 1;
        let again = line.visited.last().is_some_and(|last| last == ivr)
            && line.typed_before == Some(line.typed);
        if !again {
            line.visited.push(ivr.to_owned());
        }
        line.typed_before = Some(line.typed);
        self.ask_callee(now, at, ivr);
    }

    fn ask_callee(&mut self, now: TimeMs, at: usize, ivr: &'static str) {
        match ivr {
            "6500" => return self.plan(now + 2_000, at, Deed::MenuKey),
            "6502" => self.plan(now + 3_000, at, Deed::HangUp),
            _ => match self.callees[&self.calls[at].number].get(self.calls[at].typed).copied() {
                None => self.plan(now + 20_000, at, Deed::HangUp),
                Some(entry) => {
                    let mut time = now + 2_500;
                    for key in entry.chars().chain(['#']) {
                        self.plan(time, at, Deed::Key(key));
                        time += 60;
                    }
                    self.plan(time, at, Deed::Entry(entry));
                    self.plan(time + HOLD_MS, at, Deed::HoldOver(ivr));
                }
            },
        }
        self.plan(now + 1_500, at, Deed::PromptEnd(ivr));
    }

    fn happen(&mut self, now: TimeMs, at: usize, deed: Deed) {
        match deed {
            Deed::Ring => self.tell(now, at, Report::Ringing),
            Deed::Answer => {
                self.calls[at].answered = true;
                self.tell(now, at, Report::Answered);
                self.enter(now, at, "6500");
            }
            Deed::Fail => {
                self.calls[at].up = false;
                self.tell(now, at, Report::NotReached("User busy".to_owned()));
            }
            Deed::MenuKey => {
                self.press(now, at, '1');
                self.enter(now, at, "6501");
            }
            Deed::PromptEnd(ivr) => {
                let ivr = Number::new(ivr).unwrap();
                self.tell(now, at, Report::PromptEnded(ivr));
            }
            Deed::Key(key) => self.press(now, at, key),
            Deed::Entry(entry) => {
                self.calls[at].typed += 1;
                self.tell(now, at, Report::Entry(Digits::new(entry)));
            }
            Deed::HoldOver(ivr) => {
                let line = &mut self.calls[at];
                line.moves += 1;
                line.typed -= 1;
                self.ask_callee(now, at, ivr);
            }
            Deed::HangUp => self.end(now, at),
        }
    }

    fn press(&mut self, now: TimeMs, at: usize, key: char) {
        let sequence = Some(self.calls[at].keys);
        self.calls[at].keys += 1;
        self.tell(now, at, Report::Key { key, sequence });
    }

    /// The end of a call is reported twice.
    fn end(&mut self, now: TimeMs, at: usize) {
        self.calls[at].up = false;
        self.tell(now, at, Report::Ended);
        let later = self.dice.u64(0..200);
        self.tell(now + later, at, Report::Ended);
    }

    fn tell(&mut self, now: TimeMs, at: usize, report: Report) {
        let line = &self.calls[at];
        let told = Told { call: line.id.clone(), ours: None, parties: vec![line.party()], report };
        let late = if self.faulty { self.dice.u64(0..50) } else { 0 };
        if self.faulty && self.dice.u8(0..10) == 0 {
            let later = now + self.dice.u64(50..600);
            self.again(later, told.clone());
        }
        self.again(now + late, told);
    }
}

impl Line {
    fn party(&self) -> Party {
        Party {
            direction: Direction::Outbound,
            from: "6500".to_owned(),
            to: self.number.clone(),
            leg: Some(Leg::new(&self.leg)),
        }
    }
}
