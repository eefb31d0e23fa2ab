//! What the steps and events of a dialplan say of a call's way through IVRs.
//!
//! An IVR is entered at `ivr_NUMBER,NUMBER,1`. That it starts over, and what led a call on, is read
//! from the extensions of its contexts as rendered dialplans name them: `s` begins, `t` is silence,
//! `i` a wrong key, `hold` the wait for a verdict and `replay` the start-over; anything else was
//! typed. What the dialplan tells the PBX are the events `PlayPromptEnd` and `DtmfEndString`. Must
//! not run calls.

use super::event::{Cause, End, Happening, Keys};
use ivrkit_dialplan::{
    call::{What, Why},
    rehearsal::{is_ivr, ivr_entered},
    scenario::Number,
};

/// A call's way so far.
#[derive(Debug)]
pub(super) struct Course {
    /// The IVR that was entered last.
    ivr: Option<Number>,
    /// What would lead on from here.
    cause: Cause,
    /// How often the prompts were heard to their end since the IVR began.
    plays: u8,
    /// The menu of the IVR has begun; if it begins again, the IVR starts over.
    has_begun: bool,
    /// The IVR is about to start over.
    is_replayed: bool,
}

impl Course {
    /// A call that is about to enter the dialplan.
    pub(super) fn new(cause: Cause) -> Self {
        Self { ivr: None, cause, plays: 0, has_begun: false, is_replayed: false }
    }

    /// The IVR that the call is in.
    pub(super) fn ivr(&self) -> Option<&Number> {
        self.ivr.as_ref()
    }

    /// Takes notice of something in the call; what it means, if it means anything.
    pub(super) fn follow(&mut self, what: &What) -> Option<Happening> {
        match what {
            What::Step { context, exten, priority, .. } => self.step(context, exten, *priority),
            What::UserEvent { name, fields } => self.event(name, fields),
            What::Redirected(_) => {
                self.cause = Cause::Transfer;
                None
            }
            _ => None,
        }
    }

    /// Why a call ended that nobody hung up.
    pub(super) fn end(&self, why: &Why) -> End {
        match why {
            Why::NotModelled(_) | Why::TooManySteps | Why::TooLong => End::Simulation,
            Why::NoTimeout => End::Timeout,
            Why::NoExtension | Why::AbsoluteTimeout => End::Dialplan,
            Why::Caller => End::Callee,
            Why::Application | Why::FellOff if self.is_replayed => End::Replays,
            Why::Application | Why::FellOff => match self.cause {
                Cause::Timeout => End::Timeout,
                Cause::Key => End::Key,
                Cause::WrongKey => End::WrongKey,
                Cause::NoVerdict => End::NoVerdict,
                Cause::Begin | Cause::Transfer | Cause::Dialplan => End::Dialplan,
            },
        }
    }

    fn step(&mut self, context: &[u8], exten: &[u8], priority: i32) -> Option<Happening> {
        if let Some(ivr) = ivr_entered(context, exten, priority) {
            let entered =
                Happening::Entered { ivr: ivr.to_string(), cause: self.cause, again: false };
            *self = Self { ivr: Some(ivr), ..Self::new(Cause::Dialplan) };
            return Some(entered);
        }
        let ivr = self.ivr.as_ref().filter(|ivr| is_ivr(context, ivr.as_str()))?;
        if priority != 1 {
            return None;
        }
        match exten {
            b"s" if self.has_begun => {
                let again =
                    Happening::Entered { ivr: ivr.to_string(), cause: self.cause, again: true };
                (self.cause, self.plays, self.is_replayed) = (Cause::Dialplan, 0, false);
                return Some(again);
            }
            b"s" => self.has_begun = true,
            b"t" => self.cause = Cause::Timeout,
            b"i" => self.cause = Cause::WrongKey,
            b"hold" => self.cause = Cause::NoVerdict,
            b"replay" => self.is_replayed = true,
            b"hangup" | b"h" => {}
            _ => self.cause = Cause::Key,
        }
        None
    }

    fn event(&mut self, name: &[u8], fields: &[(Vec<u8>, Vec<u8>)]) -> Option<Happening> {
        match name {
            b"PlayPromptEnd" => {
                self.plays = self.plays.saturating_add(1);
                Some(Happening::Heard { ivr: field(fields, "Ivrid")?, play: self.plays })
            }
            b"DtmfEndString" => {
                let typed = field(fields, "Info")?;
                let end_key = typed.chars().next_back().filter(|key| matches!(key, '#' | '*'));
                let digits = Keys::new(typed.strip_suffix(['#', '*']).unwrap_or(&typed));
                let ivr = self.ivr.as_ref().map_or_else(String::new, ToString::to_string);
                Some(Happening::Entry { ivr, digits, end_key })
            }
            _ => None,
        }
    }
}

/// What a field of an event says; none if it says nothing.
fn field(fields: &[(Vec<u8>, Vec<u8>)], wanted: &str) -> Option<String> {
    let (_, value) =
        fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted.as_bytes()))?;
    let value = value.trim_ascii();
    (!value.is_empty()).then(|| String::from_utf8_lossy(value).into_owned())
}
