//! A menu that begins anew for ever.

use crate::{
    application::{
        arguments::Text,
        target::{self, Part, Role},
    },
    diagnostic::Severity,
    dialplan::pattern::{Language, Tail},
    lint::{
        Check, Findings, Group, Origin, Step, Subject,
        flow::{Trait, Way},
        menu::is_dialled,
        rule::rule,
    },
};
use std::collections::{HashMap, HashSet};

rule! {
    /// # What it finds
    /// Two kinds of loops around a step where callers type. One that no way leads out of but a key: who
    /// types nothing hears the prompts again and again. And entries of several keys that always lead back
    /// to the menu they were typed in, without a counter: whoever types hears what there is to hear, and is
    /// asked again, as often as he likes.
    ///
    /// A jump into a context that no file shows is taken to come back if exactly one context has an
    /// extension of that name and it is the menu's.
    ///
    /// # Why it hurts
    /// Nobody but the caller can end such a call. A telephone that lies in a drawer keeps a channel and a
    /// trunk busy all night; and a code may be guessed as often as the caller has patience.
    ///
    /// # Example
    /// ```text
    /// exten => s,1,Background(press-1)
    ///  same => n,WaitExten(5)
    ///  same => n,Goto(s,1)
    /// ```
    /// Better, with a counter:
    /// ```text
    /// exten => s,1,Set(ROUND=0)
    ///  same => n(ask),Set(ROUND=$[${ROUND} + 1])
    ///  same => n,Background(press-1)
    ///  same => n,WaitExten(5)
    ///  same => n,GotoIf($[${ROUND} < 3]?ask)
    ///  same => n,Hangup()
    /// ```
    pub(super) static RULE = {
        name: "endless-menu",
        code: "F007",
        group: Group::Flow,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    if sets_absolute_timeout(subject) {
        return;
    }
    let flow = subject.flow();
    for steps in flow.closed_loops() {
        let Some(&wait) = steps.iter().find(|&&step| flow.traits(step).has(Trait::Collects)) else {
            continue;
        };
        let last = steps[steps.len() - 1];
        findings
            .report(
                flow.step(subject, last).priority.place,
                "who types nothing hears this for ever: no way leads out of the loop but a key",
            )
            .help("count the rounds and hang up after some")
            .note(flow.step(subject, wait).priority.place, "callers type here");
    }
    let menus = std::cell::LazyCell::new(|| Loops::new(subject));
    let mut told = HashSet::new();
    for number in 0..flow.len() {
        if is_entry(subject, flow.step(subject, number))
            && let Some((last, is_elsewhere)) =
                menus.follow(number).filter(|end| told.insert(end.0))
        {
            report(subject, (number, last), is_elsewhere, findings);
        }
    }
}

/// Whether any call is given a longest time; then no loop is for ever.
fn sets_absolute_timeout(subject: &Subject<'_>) -> bool {
    let name = b"TIMEOUT(absolute)";
    subject.steps().any(|step| {
        let start = subject.bytes(step.priority.data).get(..name.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(name))
    })
}

/// Whether a step begins what several keys are typed for.
fn is_entry(subject: &Subject<'_>, step: Step<'_>) -> bool {
    let pattern = &step.extension.key.pattern;
    let is_menu = || {
        let context = subject.context_number(subject.bytes(step.context.name));
        context.is_some_and(|context| subject.menus().of(context).is_some())
    };
    step.priority.number == 1 && pattern.is_pattern() && is_menu() && {
        let language = Language::new(pattern);
        language.places.len() + usize::from(language.tail == Tail::More) >= 2
            && is_dialled(step.extension)
    }
}

struct Loops<'a> {
    subject: &'a Subject<'a>,
    /// The contexts that have a plain extension, by its name; none if there are several.
    by_name: HashMap<&'a [u8], Option<usize>>,
}

impl<'a> Loops<'a> {
    fn new(subject: &'a Subject<'a>) -> Self {
        let mut by_name = HashMap::new();
        for (at, context) in subject.dialplan.contexts.iter().enumerate() {
            for extension in
                context.extensions.iter().take_while(|one| !one.key.pattern.is_pattern())
            {
                let known = by_name.entry(extension.key.pattern.name()).or_insert(Some(at));
                *known = known.filter(|&known| known == at);
            }
        }
        Self { subject, by_name }
    }

    /// Follows an entry as long as nothing decides where it goes: the last step if it comes back,
    /// and whether it does so through a context that no file shows.
    fn follow(&self, entry: usize) -> Option<(usize, bool)> {
        /// Most steps that are looked at.
        const MOST: usize = 200;
        let flow = self.subject.flow();
        let context = flow.at(entry).context;
        let mut number = entry;
        for _ in 0..MOST {
            let traits = flow.traits(number);
            let last = flow.step(self.subject, number);
            if traits.has_any(&[Trait::MayEnd, Trait::Ends, Trait::FallsOff, Trait::Collects]) {
                return None;
            }
            let edge = match flow.edges(number) {
                [one] if matches!(one.way, Way::Next | Way::Jump) => *one,
                [] if self.come_back(last) == Some(context as usize) => {
                    return Some((number, true));
                }
                _ => return None,
            };
            if edge.way == Way::Jump && self.asks(edge.to as usize, context) {
                return Some((number, false));
            }
            number = edge.to as usize;
        }
        None
    }

    /// Whether the call is asked for keys again in this context, if it goes on from a step of it as
    /// a silent caller does.
    fn asks(&self, from: usize, context: u32) -> bool {
        /// Most steps before a menu asks.
        const MOST: usize = 50;
        let flow = self.subject.flow();
        let mut number = from;
        for _ in 0..MOST {
            let traits = flow.traits(number);
            if flow.at(number).context != context {
                return false;
            }
            if traits.has(Trait::Collects) {
                return true;
            }
            if traits.has_any(&[Trait::MayEnd, Trait::Ends, Trait::Open]) {
                return false;
            }
            match flow.edges(number) {
                [one] if matches!(one.way, Way::Next | Way::Jump) => number = one.to as usize,
                _ => return false,
            }
        }
        false
    }

    /// The context that has the extension to which a step jumps in a context that no file shows.
    fn come_back(&self, step: Step<'_>) -> Option<usize> {
        let data = self.subject.bytes(step.priority.data);
        let name = self.subject.bytes(step.priority.application).trim_ascii_end();
        let targets = target::targets(name, data, self.subject.settings.version, Text::Source);
        let [target] = targets.as_slice() else { return None };
        let (Role::Jump, Part::Given(_), Part::Given(_)) =
            (target.role, &target.context, &target.exten)
        else {
            return None;
        };
        let context = target.context.bytes(data)?;
        let is_elsewhere = self.subject.context_number(context.trim_ascii()).is_none();
        let exten = target.exten.bytes(data)?.trim_ascii();
        is_elsewhere.then(|| self.by_name.get(exten).copied().flatten())?
    }
}

fn report(
    subject: &Subject<'_>,
    (entry, last): (usize, usize),
    is_elsewhere: bool,
    findings: &mut Findings<'_>,
) {
    let flow = subject.flow();
    let (first, last) = (flow.step(subject, entry), flow.step(subject, last));
    let name = first.extension.key.pattern.name().escape_ascii();
    let message = if is_elsewhere {
        format!(
            "after each entry for `{name}` the call comes back to this menu, if the context leads \
             to the extension of that name, without a limit"
        )
    } else {
        format!("after each entry for `{name}` the menu begins anew, without a limit")
    };
    findings
        .report(last.priority.place, message)
        .help("count the entries and hang up after some")
        .note(first.priority.place, "entries begin here");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_silent_caller_hears_it_for_ever() {
        check(
            &RULE,
            "
            [a]
            exten => s,1,Answer()
             same => n(ask),Background(menu)
             same => n,WaitExten(5)
             same => n,Goto(ask)
             ^^^^^^^^^^^^^^^^^^^ who types nothing hears this for ever: no way leads out of the loop but a key
            exten => 1,1,Hangup()
            [b]
            exten => s,1,Background(menu)
             same => n,WaitExten(5)
            exten => t,1,Goto(s,1)
            ^^^^^^^^^^^^^^^^^^^^^^ who types nothing hears this for ever: no way leads out of the loop but a key
            ",
        );
    }

    #[test]
    fn entries_lead_back_for_ever() {
        check(
            &RULE,
            "
            [ivr_6501]
            exten => 6501,1,Background(code)
             same => n,WaitExten(4)
             same => n,Hangup()
            exten => _XX.,1,UserEvent(Code,Info: ${EXTEN})
             same => n,Playback(hold)
             same => n,Goto(pbx, 6501,1)
             ^^^^^^^^^^^^^^^^^^^^^^^^^^^ after each entry for `_XX.` the call comes back to this menu, if the context leads to the extension of that name, without a limit
            exten => _X#,1,Playback(hold)
             same => n,Goto(6501,1)
             ^^^^^^^^^^^^^^^^^^^^^^ after each entry for `_X#` the menu begins anew, without a limit
            ",
        );
    }

    #[test]
    fn a_jump_of_many_entries_is_told_once() {
        check(
            &RULE,
            "
            [a]
            exten => s,1,WaitExten(4)
            exten => _XX,1,NoOp(${EXTEN})
            exten => _XX#,1,NoOp(${EXTEN})
            exten => _X.,2,Goto(s,1)
            ^^^^^^^^^^^^^^^^^^^^^^^^ after each entry for `_XX#` the menu begins anew, without a limit
            ",
        );
    }

    #[test]
    fn a_way_out_is_enough() {
        check(
            &RULE,
            "
            [counted]
            exten => s,1,Background(menu)
             same => n,WaitExten(5)
             same => n,GotoIf($[${ROUND} < 3]?s,1)
            exten => _XX,1,GotoIf($[${TRIES} < 3]?s,1)
             same => n,Hangup()
            [hold]
            exten => s,1,MusicOnHold()
             same => n,Goto(s,1)
            [other]
            exten => s,1,WaitExten(5)
             same => n,Hangup()
            exten => _XX,1,Goto(pbx,${EXTEN},1)
            exten => _XXX,1,Goto(pbx,nobody,1)
            exten => _XXXX,1,Goto(hold,s,1)
            ",
        );
        check(
            &RULE,
            "
            [timed]
            exten => s,1,Set(TIMEOUT(absolute)=60)
             same => n(ask),WaitExten(5)
             same => n,Goto(ask)
            ",
        );
    }
}
