//! The rules of a session on the manager interface, without a connection and without a clock.
//!
//! Bytes and times go in; bytes to send, answers to requests and reports come out. One session is
//! kept for all connections to a PBX, for what it knows of channels outlives a connection.
//!
//! Login is by challenge, so that the password itself never goes over the line. Events may come
//! between a request and its answer, and the entries of a list are events with the request's id.

use super::{
    channels::{Channels, dial_action, unique_id},
    packet::{Action, Broken, Decoder, Packet},
};
use crate::{
    number::PhoneNumber,
    pbx::{Listed, Told},
};
use ivrkit_dialplan::{
    scenario::Number,
    verification::{Answer, Leg, TimeMs},
};
use md5::{Digest as _, Md5};
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::{HashMap, VecDeque};

/// Classes of events that are asked for: `system` for `FullyBooted`, `call` for what becomes of
/// channels, `user` for what the dialplan says, `dtmf` for single keys.
const EVENTS: &str = "system,call,user,dtmf";
/// How long `FullyBooted` is waited for. A user who may not read the class `system` never gets it.
const BOOT_MS: TimeMs = 5_000;
/// Most entries of a list.
const MAX_LISTED: usize = 200_000;

/// How calls are dialled and where they are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routes {
    /// The channel to dial, with `{number}` in it.
    pub channel: String,
    /// The context in which each IVR's number is an extension, for calls that are dialled. A transfer
    /// goes to the IVR's own context, `ivr_<number>`: there whatever digits a Redirect finds half typed
    /// lead into the IVR, while elsewhere they would be looked for as an extension.
    pub context: String,
    /// What the callee sees as the caller; the channel's own when left out.
    pub caller_id: Option<String>,
    /// How long a callee's telephone rings, in milliseconds.
    pub ring_limit_ms: u64,
}

/// What is asked of the PBX.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Dial a callee into an IVR.
    Dial {
        /// Our id of the call.
        call: String,
        /// The IVR.
        ivr: Number,
        /// The callee.
        to: PhoneNumber,
    },
    /// Send a call to an IVR.
    Transfer {
        /// The call's channel, by its unique id.
        leg: Leg,
        /// The IVR.
        to: Number,
    },
    /// End a call.
    HangUp {
        /// The call's channel, by its unique id.
        leg: Leg,
    },
    /// List our calls.
    Calls,
    /// List the extensions of the context of IVRs.
    Ivrs,
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// It was done.
    Done,
    /// Our calls.
    Calls(Vec<Listed>),
    /// The numbers of the IVRs.
    Ivrs(Vec<String>),
    /// It was not done.
    Refused(Answer),
}

/// Something that happened, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// Logged in, and Asterisk is up: requests may be made.
    Up,
    /// User or password were refused.
    Refused,
    /// A report of a call.
    Told(Told),
    /// The answer to the request of this number.
    Answered(u64, Reply),
}

/// A session; see the module. It has no `Debug`: what is to be sent holds the key of a login.
#[expect(missing_debug_implementations, reason = "it would show secrets")]
pub struct Session {
    routes: Routes,
    username: String,
    password: SecretString,
    channels: Channels,
    decoder: Decoder,
    phase: Phase,
    waiting: HashMap<String, Waiting>,
    count: u64,
    to_send: Vec<u8>,
    happened: VecDeque<Happening>,
    heard_at: TimeMs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// There is no connection.
    Away,
    /// The challenge was asked for.
    Challenging,
    /// The key was sent.
    LoggingIn,
    /// Logged in; Asterisk may still be starting.
    Booting { until: TimeMs },
    /// Requests may be made.
    Up,
    /// Refused; nothing more comes of this connection.
    Refused,
}

/// What an answer is for.
#[derive(Debug)]
struct Waiting {
    number: u64,
    list: Option<List>,
}

#[derive(Debug)]
enum List {
    Calls(Vec<Listed>),
    Ivrs(Vec<String>),
}

impl Session {
    /// A session without a connection, for a user of `manager.conf`.
    pub fn new(routes: Routes, username: String) -> Self {
        Self {
            routes,
            username,
            password: SecretString::default(),
            channels: Channels::default(),
            decoder: Decoder::default(),
            phase: Phase::Away,
            waiting: HashMap::new(),
            count: 0,
            to_send: Vec::new(),
            happened: VecDeque::new(),
            heard_at: 0,
        }
    }

    /// There is a connection: begins to log in with this password.
    pub fn connected(&mut self, now: TimeMs, password: SecretString) {
        self.password = password;
        self.decoder = Decoder::default();
        self.to_send.clear();
        self.heard_at = now;
        self.phase = Phase::Challenging;
        self.send(Action::new("Challenge", LOGIN_ID).with("AuthType", "MD5"));
    }

    /// The connection is gone: what was asked and not answered is of unknown fate.
    pub fn disconnected(&mut self) {
        self.phase = Phase::Away;
        self.to_send.clear();
        for (_, waiting) in self.waiting.drain() {
            let reply = Reply::Refused(Answer::Unsure);
            self.happened.push_back(Happening::Answered(waiting.number, reply));
        }
    }

    /// Whether requests may be made.
    pub fn is_up(&self) -> bool {
        self.phase == Phase::Up
    }

    /// When the other side was last heard.
    pub fn heard_at(&self) -> TimeMs {
        self.heard_at
    }

    /// When [`Session::wake`] is wanted.
    pub fn wake_at(&self) -> Option<TimeMs> {
        match self.phase {
            Phase::Booting { until } => Some(until),
            _ => None,
        }
    }

    /// The time has come.
    pub fn wake(&mut self, now: TimeMs) {
        if self.wake_at().is_some_and(|at| at <= now) {
            self.up();
        }
    }

    /// Asks for something; its answer comes with the number that this gives.
    pub fn request(&mut self, request: &Request) -> u64 {
        self.count += 1;
        let number = self.count;
        if !self.is_up() {
            let reply = Reply::Refused(Answer::NotDone);
            self.happened.push_back(Happening::Answered(number, reply));
            return number;
        }
        let id = match request {
            Request::Dial { call, .. } => dial_action(call, number),
            _ => format!("ivrkit-{number}"),
        };
        let list = match request {
            Request::Calls => Some(List::Calls(Vec::new())),
            Request::Ivrs => Some(List::Ivrs(Vec::new())),
            _ => None,
        };
        self.send(self.action(request, &id));
        self.waiting.insert(id, Waiting { number, list });
        number
    }

    /// Nobody waits for this answer any more.
    pub fn forget(&mut self, number: u64) {
        self.waiting.retain(|_, waiting| waiting.number != number);
    }

    /// Asks for a sign of life.
    pub fn ping(&mut self) {
        self.send(Action::new("Ping", PING_ID));
    }

    /// Bytes have come.
    ///
    /// # Errors
    /// [`Broken`] when they are no manager interface.
    pub fn receive(&mut self, now: TimeMs, bytes: &[u8]) -> Result<(), Broken> {
        self.heard_at = now;
        for packet in self.decoder.push(bytes)? {
            self.take(now, &packet);
        }
        Ok(())
    }

    /// What is to be sent now; empty when there is nothing.
    pub fn take_bytes(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.to_send)
    }

    /// The next thing that happened.
    pub fn poll(&mut self) -> Option<Happening> {
        self.happened.pop_front()
    }

    fn take(&mut self, now: TimeMs, packet: &Packet) {
        let id = packet.field("ActionID");
        if packet.is_response() && !packet.is_event("OriginateResponse") {
            match id {
                LOGIN_ID => self.login_answered(now, packet),
                PING_ID => {}
                _ => self.answered(id, packet),
            }
        } else if packet.is_event("FullyBooted") {
            if matches!(self.phase, Phase::Booting { .. }) {
                self.up();
            }
        } else if self.waiting.get(id).is_some_and(|waiting| waiting.list.is_some()) {
            self.list_entry(id, packet);
        } else {
            let told = self.channels.heard(packet);
            self.happened.extend(told.into_iter().map(Happening::Told));
        }
    }

    fn login_answered(&mut self, now: TimeMs, packet: &Packet) {
        let success = packet.field("Response").eq_ignore_ascii_case("Success");
        match self.phase {
            Phase::Challenging if success => {
                self.phase = Phase::LoggingIn;
                let mut hash = Md5::new();
                hash.update(packet.field("Challenge"));
                hash.update(self.password.expose_secret());
                let key = crate::secret::hex(&hash.finalize());
                self.send(
                    Action::new("Login", LOGIN_ID)
                        .with("AuthType", "MD5")
                        .with("Username", &self.username)
                        .with("Key", &key)
                        .with("Events", EVENTS),
                );
            }
            Phase::LoggingIn if success => self.phase = Phase::Booting { until: now + BOOT_MS },
            Phase::Challenging | Phase::LoggingIn => {
                self.phase = Phase::Refused;
                self.happened.push_back(Happening::Refused);
            }
            _ => {}
        }
    }

    fn up(&mut self) {
        self.phase = Phase::Up;
        self.happened.push_back(Happening::Up);
    }

    fn answered(&mut self, id: &str, packet: &Packet) {
        let success = packet.field("Response").eq_ignore_ascii_case("Success");
        // A list begins with a response and ends with an event.
        if success && self.waiting.get(id).is_some_and(|waiting| waiting.list.is_some()) {
            return;
        }
        let Some(waiting) = self.waiting.remove(id) else { return };
        let reply =
            if success { Reply::Done } else { Reply::Refused(refusal(packet.field("Message"))) };
        self.happened.push_back(Happening::Answered(waiting.number, reply));
    }

    fn list_entry(&mut self, id: &str, packet: &Packet) {
        if packet.field("EventList").eq_ignore_ascii_case("Complete") {
            let Some(Waiting { number, list: Some(list) }) = self.waiting.remove(id) else {
                return;
            };
            let reply = match list {
                List::Calls(calls) => Reply::Calls(calls),
                List::Ivrs(ivrs) => Reply::Ivrs(ivrs),
            };
            self.happened.push_back(Happening::Answered(number, reply));
            return;
        }
        let Some(Waiting { list: Some(list), .. }) = self.waiting.get_mut(id) else { return };
        match list {
            List::Calls(calls) if calls.len() < MAX_LISTED => {
                calls.extend(self.channels.listed(packet));
            }
            List::Ivrs(ivrs) if ivrs.len() < MAX_LISTED => {
                let extension = packet.field("Extension");
                if !extension.is_empty() {
                    ivrs.push(extension.to_owned());
                }
            }
            _ => {}
        }
    }

    fn action(&self, request: &Request, id: &str) -> Action {
        let Routes { channel, context, caller_id, ring_limit_ms } = &self.routes;
        match request {
            Request::Dial { call, ivr, to } => {
                let action = Action::new("Originate", id)
                    .with("Channel", &channel.replace("{number}", to.dialled()))
                    .with("Context", context)
                    .with("Exten", ivr.as_str())
                    .with("Priority", "1")
                    .with("Timeout", &ring_limit_ms.to_string())
                    .with("Async", "true")
                    .with("ChannelId", &unique_id(call))
                    .with("Variable", &format!("IVRKIT_CALLEE={}", to.digits()));
                match caller_id {
                    Some(caller_id) => action.with("CallerID", caller_id),
                    None => action,
                }
            }
            Request::Transfer { leg, to } => Action::new("Redirect", id)
                .with("Channel", leg.as_str())
                .with("Context", &format!("ivr_{to}"))
                .with("Exten", to.as_str())
                .with("Priority", "1"),
            Request::HangUp { leg } => {
                Action::new("Hangup", id).with("Channel", leg.as_str()).with("Cause", "16")
            }
            Request::Calls => Action::new("Status", id),
            Request::Ivrs => Action::new("ShowDialPlan", id).with("Context", context),
        }
    }

    fn send(&mut self, action: Action) {
        self.to_send.extend(action.into_bytes());
    }
}

const LOGIN_ID: &str = "ivrkit-login";
const PING_ID: &str = "ivrkit-ping";

/// What a refusal means, by its message; AMI has no numbers for them.
fn refusal(message: &str) -> Answer {
    let message = message.to_ascii_lowercase();
    // A channel that is hanging up is "not up".
    let gone = ["channel does not exist", "no such channel", "channel not up"];
    if gone.iter().any(|text| message.contains(text)) {
        return Answer::NoSuchCall;
    }
    Answer::Refused { code: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        let routes = Routes {
            channel: "PJSIP/{number}@trunk".into(),
            context: "ivrs".into(),
            caller_id: None,
            ring_limit_ms: 30_000,
        };
        Session::new(routes, "ivrkit".into())
    }

    /// A session that is logged in.
    fn up() -> Session {
        let mut session = session();
        session.connected(0, SecretString::from("secret"));
        session
            .receive(1, b"Asterisk Call Manager/5.0.2\r\nResponse: Success\r\nActionID: ivrkit-login\r\nChallenge: 123\r\n\r\n")
            .unwrap();
        session.receive(2, b"Response: Success\r\nActionID: ivrkit-login\r\n\r\n").unwrap();
        session.receive(3, b"Event: FullyBooted\r\n\r\n").unwrap();
        assert_eq!(session.poll(), Some(Happening::Up));
        session.take_bytes();
        session
    }

    fn sent(session: &mut Session) -> String {
        String::from_utf8(session.take_bytes()).unwrap().replace("\r\n", "|")
    }

    #[test]
    fn the_password_itself_is_never_sent() {
        let mut session = session();
        session.connected(0, SecretString::from("secret"));
        assert_eq!(sent(&mut session), "Action: Challenge|ActionID: ivrkit-login|AuthType: MD5||");
        let challenge = b"Response: Success\r\nActionID: ivrkit-login\r\nChallenge: 123\r\n\r\n";
        session.receive(1, challenge).unwrap();
        let login = sent(&mut session);
        // md5 of "123secret"
        assert!(login.contains("|Key: ad4f596c85c6fd9fad1cbd30efb611c2|"), "{login}");
        assert!(!login.contains("secret|"), "{login}");
    }

    #[test]
    fn requests_before_asterisk_is_up_are_not_done() {
        let mut session = session();
        session.connected(0, SecretString::from("secret"));
        let number = session.request(&Request::Calls);
        let reply = Reply::Refused(Answer::NotDone);
        assert_eq!(session.poll(), Some(Happening::Answered(number, reply)));
    }

    #[test]
    fn a_lost_connection_leaves_requests_unsure() {
        let mut session = up();
        let number = session.request(&Request::HangUp { leg: Leg::new("ivrkit-a") });
        session.disconnected();
        let reply = Reply::Refused(Answer::Unsure);
        assert_eq!(session.poll(), Some(Happening::Answered(number, reply)));
    }

    #[test]
    fn a_dial_names_the_call_and_its_callee() {
        let mut session = up();
        session.request(&Request::Dial {
            call: "a1".into(),
            ivr: Number::new("6500").unwrap(),
            to: PhoneNumber::parse("+86 13900001111").unwrap(),
        });
        assert_eq!(
            sent(&mut session),
            "Action: Originate|ActionID: ivrkit-dial-a1-1|Channel: PJSIP/+8613900001111@trunk|\
             Context: ivrs|Exten: 6500|Priority: 1|Timeout: 30000|Async: true|\
             ChannelId: ivrkit-a1|Variable: IVRKIT_CALLEE=8613900001111||"
        );
    }

    #[test]
    fn refusals_are_told_apart() {
        for (message, expected) in [
            ("Channel does not exist: ivrkit-a1", Answer::NoSuchCall),
            ("No such channel", Answer::NoSuchCall),
            ("Redirect failed, channel not up.", Answer::NoSuchCall),
            ("Permission denied", Answer::Refused { code: 0 }),
        ] {
            let mut session = up();
            let number = session.request(&Request::HangUp { leg: Leg::new("ivrkit-a1") });
            let answer = format!(
                "Response: Error\r\nActionID: ivrkit-{number}\r\nMessage: {message}\r\n\r\n"
            );
            session.receive(9, answer.as_bytes()).unwrap();
            let reply = Reply::Refused(expected);
            assert_eq!(session.poll(), Some(Happening::Answered(number, reply)), "{message}");
        }
    }

    #[test]
    fn a_list_is_whole_when_its_end_has_come() {
        let mut session = up();
        let number = session.request(&Request::Calls);
        let id = format!("ActionID: ivrkit-{number}\r\n");
        let list = format!(
            "Response: Success\r\n{id}EventList: start\r\n\r\n\
             Event: Status\r\n{id}Uniqueid: ivrkit-a1\r\nChannelState: 6\r\n\r\n\
             Event: Status\r\n{id}Uniqueid: 17.9\r\nContext: from-trunk\r\n\r\n"
        );
        session.receive(9, list.as_bytes()).unwrap();
        assert_eq!(session.poll(), None);
        let end = format!("Event: StatusComplete\r\n{id}EventList: Complete\r\n\r\n");
        session.receive(9, end.as_bytes()).unwrap();
        let Some(Happening::Answered(_, Reply::Calls(calls))) = session.poll() else { panic!() };
        assert_eq!(calls.len(), 1);
        assert_eq!((calls[0].leg.as_str(), calls[0].answered), ("ivrkit-a1", true));
    }

    #[test]
    fn without_the_class_system_it_is_up_after_a_while() {
        let mut session = session();
        session.connected(0, SecretString::from("secret"));
        for _ in 0..2 {
            let ok = b"Response: Success\r\nActionID: ivrkit-login\r\nChallenge: 1\r\n\r\n";
            session.receive(10, ok).unwrap();
        }
        assert_eq!(session.wake_at(), Some(10 + BOOT_MS));
        session.wake(10 + BOOT_MS);
        assert_eq!(session.poll(), Some(Happening::Up));
    }
}
