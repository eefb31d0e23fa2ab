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

/// Classes of events from which a call is followed.
pub(super) const EVENTS: &str = "call,dialplan,dtmf,user";

/// Longest time for a call.
const CALL_LIMIT: Duration = Duration::from_secs(150);

/// From what was waited for to what is done then. A call that is taken away in the very instant in
/// which a sound is being opened makes the daemon complain.
const PAUSE: Duration = Duration::from_millis(200);

/// Dialplan of the far half. `SCRIPT` holds its steps: `w` and seconds to wait, keys to press, `h`
/// to hang up, or `r` and a place, all with `^` before them, to send the other half elsewhere.
/// Version 16 waits for the first sound when it answers, at most 0.5 s: that is taken off the first
/// wait.
pub(crate) const FAR_LEG: &str = r#"
[ivrkit-far-leg]
exten => s,1,Set(BEGAN=${STRFTIME(,,%s.%3q)})
 same => n,Answer(,i)
 same => n,Set(LATE=$[${STRFTIME(,,%s.%3q)} - ${BEGAN}])
 same => n(next),Set(STEP=${SHIFT(SCRIPT,|)})
 same => n,GotoIf($["${STEP}" = ""]?listen)
 same => n,GotoIf($["${STEP:0:1}" = "r"]?redirect)
 same => n,GotoIf($["${STEP:0:1}" = "h"]?hangup)
 same => n,GotoIf($["${STEP:0:1}" = "w"]?wait)
 same => n,SendDTMF(${STEP},100,100)
 same => n,Goto(next)
 same => n(wait),Wait($[${STEP:1} - ${LATE}])
 same => n,Set(LATE=0)
 same => n,Goto(next)
 same => n(redirect),ChannelRedirect(${CHANNEL:0:-1}1,${CUT(STEP,^,2)},${CUT(STEP,^,3)},${CUT(STEP,^,4)})
 same => n,Goto(next)
 same => n(hangup),Hangup()
 same => n(listen),Wait(600)
"#;

/// A call to make.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Dial<'a> {
    pub(crate) context: &'a str,
    pub(crate) exten: &'a str,
    /// What the far half does, in words: keys to press one after the other, or `wait SECONDS`.
    /// Example: `wait 1.5 5678# wait 2 1`. Each key is held for 100 ms, with 100 ms between. Time
    /// counts from the answer, which is when the first step runs. The word `hangup` is the caller
    /// hanging up; `redirect CONTEXT,EXTENSION,PRIORITY` sends the call elsewhere as the manager's
    /// action does (needs the module `app_channelredirect`).
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
    /// The caller hung up.
    CallerHangup,
    /// The call was sent elsewhere from outside.
    Redirect { place: String },
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
        manager.events(EVENTS);
        let refusal = originate(&mut manager, dial, &id, &far_id);
        let deadline = Instant::now() + CALL_LIMIT;
        let trace = Trace::begin(refusal);
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
        std::thread::sleep(PAUSE);
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
        std::thread::sleep(PAUSE);
        self.manager.action("Hangup", &[("Channel", self.channel.as_str()), ("Cause", "16")]);
    }

    /// Waits until the call has ended.
    pub(crate) fn end(mut self) -> Trace {
        while !self.trace.is_over() {
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
    /// Empty, or all there is of a call that could not be begun.
    pub(crate) fn begin(refusal: Option<String>) -> Self {
        let failed = |reason| Event { at_s: 0.0, what: What::Failed(reason) };
        Self { events: refusal.map(failed).into_iter().collect() }
    }

    /// Whether nothing can follow.
    pub(crate) fn is_over(&self) -> bool {
        let last = self.events.last();
        last.is_some_and(|event| matches!(event.what, What::Hangup { .. } | What::Failed(_)))
    }

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
        let sounds = |event: &Event| match &event.what {
            What::Step { application, data, .. } => sounds_begun(application, data),
            _ => Vec::new(),
        };
        self.events.iter().flat_map(sounds).collect()
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
            Self::CallerHangup => f.write_str("the caller hangs up"),
            Self::Redirect { place } => write!(f, "redirect to {place}"),
            Self::Hangup { cause, place } => write!(f, "hangup {cause} at {place}"),
            Self::Failed(reason) => write!(f, "failed: {reason}"),
        }
    }
}

/// Begins a call whose halves get these ids; what the daemon says if it refuses.
pub(super) fn originate(
    manager: &mut Manager,
    dial: &Dial<'_>,
    id: &str,
    far_id: &str,
) -> Option<String> {
    let mut variables = vec![format!("SCRIPT={}", script(dial.keys))];
    variables.extend(dial.variables.iter().map(|(name, value)| format!("{name}={value}")));
    let mut fields = vec![
        ("Channel", "Local/s@ivrkit-far-leg/n"),
        ("Context", dial.context),
        ("Exten", dial.exten),
        ("Priority", "1"),
        ("ChannelId", id),
        ("OtherChannelId", far_id),
        ("Async", "true"),
        ("Timeout", "20000"),
    ];
    if !dial.caller_id.is_empty() {
        fields.push(("CallerID", dial.caller_id));
    }
    fields.extend(variables.iter().map(|variable| ("Variable", variable.as_str())));
    let reply = manager.action("Originate", &fields);
    (reply.field("Response") != "Success").then(|| reply.field("Message").to_owned())
}

/// `wait 1.5 56#` as the far half reads it: `w1.5|56#`.
fn script(keys: &str) -> String {
    let mut steps = Vec::new();
    let mut words = keys.split_whitespace();
    while let Some(word) = words.next() {
        match word {
            "wait" => {
                let seconds = words.next().expect("`wait` is followed by seconds");
                seconds.parse::<f64>().expect("seconds are a number");
                steps.push(format!("w{seconds}"));
            }
            "redirect" => {
                let place = words.next().expect("`redirect` is followed by a place");
                steps.push(format!("r^{}", place.replace(',', "^")));
            }
            "hangup" => steps.push("h".to_owned()),
            keys => {
                let is_key = |key| "0123456789*#ABCD".contains(key);
                assert!(keys.chars().all(is_key), "not keys: {keys}");
                steps.push(keys.to_owned());
            }
        }
    }
    steps.join("|")
}

pub(super) fn what(packet: &Packet) -> Option<What> {
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

/// The sounds that a step begins one after the other, by itself or as what `ExecIf` does.
pub(crate) fn sounds_begun(application: &str, data: &str) -> Vec<String> {
    let files = match application {
        "BackGround" | "Playback" => Some(data),
        "ExecIf" => played(data),
        _ => None,
    };
    files.iter().flat_map(|files| files.split('&')).map(str::to_owned).collect()
}

/// What `COND?Playback(FILES):Playback(FILES)` plays, when COND is 1 or 0.
fn played(data: &str) -> Option<&str> {
    let (condition, then) = data.split_once('?')?;
    let (then, otherwise) = then.split_once(':').unwrap_or((then, ""));
    let branch = if condition == "1" { then } else { otherwise };
    branch.strip_prefix("Playback(")?.strip_suffix(')')
}
