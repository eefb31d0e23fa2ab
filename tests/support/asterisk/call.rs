//! A call on a pair of Local channels, and what happened in it.
//!
//! One half runs the dialplan under test. The far half answers, presses keys as real DTMF and then
//! listens until it is hung up. Times are the daemon's own.

use super::manager::{Manager, Packet};
use std::{
    fmt,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

/// Longest time for a call.
const CALL_LIMIT: Duration = Duration::from_secs(150);

/// Dialplan of the far half. `SCRIPT` holds its steps: `w` and seconds to wait, or keys to press.
pub(crate) const FAR_LEG: &str = r#"
[ivrkit-far-leg]
exten => s,1,Answer(,i)
 same => n(next),Set(STEP=${SHIFT(SCRIPT,|)})
 same => n,GotoIf($["${STEP}" = ""]?listen)
 same => n,ExecIf($["${STEP:0:1}" = "w"]?Wait(${STEP:1}):SendDTMF(${STEP},100,100))
 same => n,Goto(next)
 same => n(listen),Wait(600)
"#;

/// A call to make.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Dial<'a> {
    pub(crate) context: &'a str,
    pub(crate) exten: &'a str,
    /// What the far half does, in words: keys to press one after the other, or `wait SECONDS`.
    /// Example: `wait 1.5 5678# wait 2 1`. Each key is held for 100 ms, with 100 ms between. Time
    /// counts from when the far half hears the first sound, at most 0.5 s after the answer.
    pub(crate) keys: &'a str,
    /// `CALLERID(num)` of the half that runs the dialplan; empty for none.
    pub(crate) caller_id: &'a str,
    /// Channel variables of the half that runs the dialplan, without commas.
    pub(crate) variables: &'a [(&'a str, &'a str)],
}

/// A call that runs.
pub(crate) struct Call {
    manager: Manager,
    id: String,
    channel: String,
    started_at: Option<f64>,
    deadline: Instant,
    trace: Trace,
}

/// What happened in a call, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trace {
    pub(crate) events: Vec<Event>,
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// Seconds since the first step.
    pub(crate) at_s: f64,
    pub(crate) what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    /// A priority was executed. `place` is `context,extension,priority`; the data has its
    /// variables filled in.
    Step { place: String, application: String, data: String },
    /// A key went down at the far end.
    Press(String),
    /// It came up.
    Release(String),
    /// `UserEvent`: its name and its own fields.
    UserEvent { name: String, fields: Vec<(String, String)> },
    /// The end: hang-up cause, and where the channel was.
    Hangup { cause: u32, place: String },
    /// The call could not be begun.
    Failed(String),
}

impl Call {
    pub(super) fn begin(mut manager: Manager, dial: &Dial<'_>) -> Self {
        static CALLS: AtomicUsize = AtomicUsize::new(0);
        let number = CALLS.fetch_add(1, Ordering::Relaxed);
        let (id, far_id) = (format!("near-{number}"), format!("far-{number}"));
        manager.events("call,dialplan,dtmf,user");
        let mut variables = vec![format!("SCRIPT={}", script(dial.keys))];
        variables.extend(dial.variables.iter().map(|(name, value)| format!("{name}={value}")));
        let mut fields = vec![
            ("Channel", "Local/s@ivrkit-far-leg/n"),
            ("Context", dial.context),
            ("Exten", dial.exten),
            ("Priority", "1"),
            ("ChannelId", &id),
            ("OtherChannelId", &far_id),
            ("Async", "true"),
            ("Timeout", "20000"),
        ];
        if !dial.caller_id.is_empty() {
            fields.push(("CallerID", dial.caller_id));
        }
        fields.extend(variables.iter().map(|variable| ("Variable", variable.as_str())));
        let reply = manager.action("Originate", &fields);
        let deadline = Instant::now() + CALL_LIMIT;
        let mut trace = Trace::default();
        if reply.field("Response") != "Success" {
            trace
                .events
                .push(Event { at_s: 0.0, what: What::Failed(reply.field("Message").to_owned()) });
        }
        Self { manager, id, channel: String::new(), started_at: None, deadline, trace }
    }

    /// Waits until something happens for which `wanted` holds, and says when it was.
    pub(crate) fn wait_for(&mut self, wanted: impl Fn(&What) -> bool) -> f64 {
        loop {
            let event = self.advance();
            assert!(
                !matches!(event.what, What::Hangup { .. } | What::Failed(_)),
                "the call ended before what was waited for:\n{}",
                self.trace
            );
            if wanted(&event.what) {
                return event.at_s;
            }
        }
    }

    /// Sends the call elsewhere, as an application does through the manager interface.
    pub(crate) fn redirect(&mut self, context: &str, exten: &str) {
        let fields = [
            ("Channel", self.channel.as_str()),
            ("Context", context),
            ("Exten", exten),
            ("Priority", "1"),
        ];
        let reply = self.manager.action("Redirect", &fields);
        assert_eq!(reply.field("Response"), "Success", "redirect: {}", reply.field("Message"));
    }

    /// Hangs up, as a callee does.
    pub(crate) fn hang_up(&mut self) {
        self.manager.action("Hangup", &[("Channel", self.channel.as_str()), ("Cause", "16")]);
    }

    /// Waits until the call has ended.
    pub(crate) fn end(mut self) -> Trace {
        let over = |event: &Event| matches!(event.what, What::Hangup { .. } | What::Failed(_));
        while !self.trace.events.last().is_some_and(over) {
            self.advance();
        }
        self.trace
    }

    /// The next event of this call.
    fn advance(&mut self) -> Event {
        loop {
            let Some(packet) = self.manager.event(self.deadline) else {
                panic!("the call does not end:\n{}", self.trace);
            };
            if packet.field("Uniqueid") == self.id
                && let Some(what) = what(&packet)
            {
                let now: f64 = packet.field("Timestamp").parse().expect("events carry their time");
                let at_s = now - *self.started_at.get_or_insert(now);
                if !packet.field("Channel").is_empty() {
                    packet.field("Channel").clone_into(&mut self.channel);
                }
                let event = Event { at_s, what };
                self.trace.events.push(event.clone());
                return event;
            }
        }
    }
}

impl Trace {
    /// The steps as `context,extension,priority Application(data)`.
    pub(crate) fn steps(&self) -> Vec<String> {
        let text = |event: &Event| match &event.what {
            What::Step { .. } => Some(event.what.to_string()),
            _ => None,
        };
        self.events.iter().filter_map(text).collect()
    }

    /// The extensions of one context that were reached at their first priority, in order.
    pub(crate) fn visits(&self, context: &str) -> Vec<String> {
        let visit = |event: &Event| match &event.what {
            What::Step { place, .. } => match place.split(',').collect::<Vec<_>>()[..] {
                [found, exten, "1"] if found == context => Some(exten.to_owned()),
                _ => None,
            },
            _ => None,
        };
        self.events.iter().filter_map(visit).collect()
    }

    /// The sounds that were begun, in order.
    pub(crate) fn sounds(&self) -> Vec<String> {
        let sound = |event: &Event| match &event.what {
            What::Step { application, data, .. }
                if matches!(application.as_str(), "BackGround" | "Playback") =>
            {
                Some(data.clone())
            }
            _ => None,
        };
        self.events.iter().filter_map(sound).collect()
    }

    /// Values of one field of the user events of one name.
    pub(crate) fn user_events(&self, name: &str, field: &str) -> Vec<String> {
        let value = |event: &Event| match &event.what {
            What::UserEvent { name: found, fields } if found == name => {
                fields.iter().find(|(key, _)| key == field).map(|(_, value)| value.clone())
            }
            _ => None,
        };
        self.events.iter().filter_map(value).collect()
    }

    /// Seconds from the first event for which `from` holds to the next one for which `to` holds.
    pub(crate) fn span_s(
        &self,
        from: impl Fn(&What) -> bool,
        to: impl Fn(&What) -> bool,
    ) -> Option<f64> {
        let mut rest = self.events.iter().skip_while(|event| !from(&event.what));
        let begin = rest.next()?.at_s;
        Some(rest.find(|event| to(&event.what))?.at_s - begin)
    }

    /// The hang-up cause, and where the call was at its end.
    pub(crate) fn hangup(&self) -> (u32, &str) {
        match self.events.last().map(|event| &event.what) {
            Some(What::Hangup { cause, place }) => (*cause, place),
            _ => panic!("the call has not ended:\n{self}"),
        }
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.events.iter().try_for_each(|event| writeln!(f, "{:8.3} {}", event.at_s, event.what))
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step { place, application, data } => write!(f, "{place} {application}({data})"),
            Self::Press(key) => write!(f, "press {key}"),
            Self::Release(key) => write!(f, "release {key}"),
            Self::UserEvent { name, fields } => write!(f, "event {name} {fields:?}"),
            Self::Hangup { cause, place } => write!(f, "hangup {cause} at {place}"),
            Self::Failed(reason) => write!(f, "failed: {reason}"),
        }
    }
}

/// `wait 1.5 56#` as the far half reads it: `w1.5|56#`.
fn script(keys: &str) -> String {
    let mut steps = Vec::new();
    let mut words = keys.split_whitespace();
    while let Some(word) = words.next() {
        if word == "wait" {
            let seconds = words.next().expect("`wait` is followed by seconds");
            seconds.parse::<f64>().expect("seconds are a number");
            steps.push(format!("w{seconds}"));
        } else {
            assert!(word.chars().all(|key| "0123456789*#ABCD".contains(key)), "not keys: {word}");
            steps.push(word.to_owned());
        }
    }
    steps.join("|")
}

fn what(packet: &Packet) -> Option<What> {
    let place = ["Context", "Exten", "Priority"].map(|name| packet.field(name)).join(",");
    match packet.field("Event") {
        // Originate's own step comes before the dialplan's first.
        "Newexten" if packet.field("Application") != "AppDial2" => Some(What::Step {
            place: ["Context", "Extension", "Priority"].map(|name| packet.field(name)).join(","),
            application: packet.field("Application").to_owned(),
            data: packet.field("AppData").to_owned(),
        }),
        "DTMFBegin" if packet.field("Direction") == "Received" => {
            Some(What::Press(packet.field("Digit").to_owned()))
        }
        "DTMFEnd" if packet.field("Direction") == "Received" => {
            Some(What::Release(packet.field("Digit").to_owned()))
        }
        "UserEvent" => {
            let fields = packet.0.iter().skip_while(|(key, _)| key != "UserEvent").skip(1);
            let name = packet.field("UserEvent").to_owned();
            Some(What::UserEvent { name, fields: fields.cloned().collect() })
        }
        "Hangup" => Some(What::Hangup { cause: packet.field("Cause").parse().unwrap_or(0), place }),
        _ => None,
    }
}
