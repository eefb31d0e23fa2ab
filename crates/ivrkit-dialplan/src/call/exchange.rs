//! What goes into a simulated call and what comes out of it.

use crate::syntax::{Kind, Place};
use std::{borrow::Cow, sync::Arc};

/// Something that is done to a call from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The caller let go of a key: `0-9`, `*`, `#`, `A-D`.
    Key(u8),
    /// The caller hung up.
    HangUp,
    /// Somebody else sends the call to another place, such as an application server.
    Redirect(Redirect),
}

/// A place that a call is sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// The context.
    pub context: Vec<u8>,
    /// The extension.
    pub exten: Vec<u8>,
    /// The priority, from 1.
    pub priority: i32,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Milliseconds since the call began.
    pub at_ms: u64,
    /// What.
    pub what: What,
}

/// What can happen in a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A priority was executed.
    Step {
        /// The context of the channel, which may differ from the one that holds the step.
        context: Arc<[u8]>,
        /// The extension of the channel.
        exten: Arc<[u8]>,
        /// The priority.
        priority: i32,
        /// The application as Asterisk spells it.
        application: Cow<'static, str>,
        /// What it is given, with everything replaced.
        data: Vec<u8>,
        /// The line that says so.
        place: Place,
    },
    /// The call was answered.
    Answered,
    /// The caller began to hear a sound.
    SoundBegins {
        /// Its name as the dialplan says it.
        name: Vec<u8>,
    },
    /// A sound ended for the caller, or there was none.
    SoundEnds {
        /// Its name as the dialplan says it.
        name: Vec<u8>,
        /// How it ended.
        end: SoundEnd,
    },
    /// The caller let go of a key.
    Key {
        /// Which one.
        key: u8,
        /// Whether anything takes it; others are lost.
        is_heard: bool,
    },
    /// What the PBX tells or lets the caller hear besides sounds.
    Signal(Signal),
    /// Somebody else sent the call to another place.
    Redirected(Redirect),
    /// An event for whoever listens to the PBX.
    UserEvent {
        /// Its name.
        name: Vec<u8>,
        /// Its fields, in order, as Asterisk writes them.
        fields: Vec<(Vec<u8>, Vec<u8>)>,
    },
    /// A line that the dialplan writes to the log.
    Logged {
        /// The level it asks for.
        level: String,
        /// The text.
        text: Vec<u8>,
    },
    /// What Asterisk complains about while the call runs.
    Complaint {
        /// What kind; none where the text says it all.
        kind: Option<Kind>,
        /// In our words.
        text: String,
    },
    /// The call is over.
    Ended {
        /// Asterisk's cause of the hang-up, after Q.850; 0 for none, 16 for a normal one.
        cause: u32,
        /// Where the channel was: context, extension, priority.
        context: Vec<u8>,
        /// The extension.
        exten: Vec<u8>,
        /// The priority.
        priority: i32,
        /// What ended it.
        why: Why,
    },
}

/// What a PBX tells or lets a caller hear besides sounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signal {
    /// It rings at the other end.
    Ringing,
    /// There is something to hear before the answer.
    Progress,
    /// The number is complete.
    Proceeding,
    /// The busy tone.
    Busy,
    /// The congestion tone.
    Congestion,
    /// Music on hold begins.
    Music {
        /// Its class; empty for the channel's own.
        class: Vec<u8>,
    },
    /// Music on hold ends.
    MusicEnds,
    /// A tone begins, such as `dial` or `440+480/2000`.
    Tone {
        /// As the dialplan says it.
        tone: Vec<u8>,
    },
    /// The tone ends.
    ToneEnds,
    /// A key that the PBX presses for the caller to hear.
    Key(u8),
    /// A telephone, a queue or the like answers.
    PeerAnswers,
    /// The conversation with it ends.
    PeerLeaves,
    /// An application that the caller does not notice did its work: a recording begins, a header
    /// is added.
    Unnoticed {
        /// The application as Asterisk spells it.
        application: String,
    },
}

/// How a sound ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SoundEnd {
    /// It was played to its end.
    Whole,
    /// A key, a hang-up or a redirect cut it short.
    CutShort,
    /// There is no such sound in a form that the PBX plays.
    Missing,
}

/// What ended a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// An application ended it, such as `Hangup`.
    Application,
    /// There was no further priority.
    FellOff,
    /// It was sent, or typed its way, to where nothing is.
    NoExtension,
    /// No key came, and nothing says what then.
    NoTimeout,
    /// The caller hung up.
    Caller,
    /// `TIMEOUT(absolute)` ran out.
    AbsoluteTimeout,
    /// The application, function or variable of that name is not modelled, or has no scripted
    /// outcome. What Asterisk would do from here on is not known.
    NotModelled(String),
    /// More steps than [`Limits::steps`](super::Limits), or steps and variables that were given more
    /// than 64 MiB in all.
    TooManySteps,
    /// Longer than [`Limits::time_ms`](super::Limits).
    TooLong,
}
