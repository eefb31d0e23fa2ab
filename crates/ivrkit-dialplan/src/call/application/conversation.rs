//! The conversation after the answer, for `Dial` and `Queue` (`ast_bridge_call`).

use super::{
    super::{
        EndedBy, ScriptedOutcome, cause,
        channel::Channel,
        exchange::{Signal, What},
        line::{Line, Woken},
    },
    given::Flags,
};

/// The keys of `features.conf` as they are without one.
const TRANSFER_KEY: u8 = b'#';
pub(super) const DISCONNECT_KEY: u8 = b'*';

/// What ended a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Talked {
    /// The peer hung up, or the time was over.
    Ended,
    /// The caller is gone, or the call is sent elsewhere.
    Gone,
    /// A key that does something that is not modelled.
    NotModelled,
}

/// Talks for as long as is scripted; `limit_ms` is the longest. What the caller does meanwhile is
/// for the peer.
pub(super) async fn talk(
    line: &Line,
    flags: &Flags,
    limit_ms: Option<u64>,
    outcome: &ScriptedOutcome,
) -> Talked {
    if !line.answer(0).await {
        return Talked::Gone;
    }
    line.tell(What::Signal(Signal::PeerAnswers));
    let most_ms = [limit_ms, outcome.talk_ms].into_iter().flatten().min();
    let until_ms = line.with(|channel| most_ms.map(|ms| channel.now_ms.saturating_add(ms)));
    let talked = loop {
        let now_ms = line.with(|channel| channel.now_ms);
        match line.wait(until_ms.map(|until_ms| until_ms - now_ms)).await {
            Woken::Time => break Talked::Ended,
            Woken::Gone => break Talked::Gone,
            Woken::Key(TRANSFER_KEY) if flags.has(b'T') => break Talked::NotModelled,
            Woken::Key(DISCONNECT_KEY) if flags.has(b'H') => {
                line.take_key();
                break Talked::Ended;
            }
            Woken::Key(_) => {}
        }
    };
    line.tell(What::Signal(Signal::PeerLeaves));
    // A call that is sent elsewhere keeps it, too.
    if talked != Talked::NotModelled {
        line.with(|channel| channel.cause = cause::NORMAL_CLEARING);
    }
    if talked == Talked::Ended && outcome.ended_by == EndedBy::Caller {
        line.with(Channel::leave);
        return Talked::Gone;
    }
    talked
}

/// `ANSWEREDTIME` and `DIALEDTIME`: how long the caller's own channel is answered, and there.
pub(super) fn set_durations(line: &Line) {
    let (up_ms, all_ms) = line.with(|channel| {
        let answered_ms = channel.answered_ms.unwrap_or(channel.now_ms);
        (channel.now_ms - answered_ms, channel.now_ms)
    });
    for (name, ms) in [("ANSWEREDTIME", up_ms), ("DIALEDTIME", all_ms)] {
        line.set(name.as_bytes(), (ms / 1000).to_string().as_bytes());
        line.set(format!("{name}_MS").as_bytes(), ms.to_string().as_bytes());
    }
}
