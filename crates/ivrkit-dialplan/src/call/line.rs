//! The connection between a call's channel and the world: what arrives, and waiting for it.

use super::{
    channel::Channel,
    exchange::{Event, Input, SoundEnd, What, Why},
    setup::Pbx,
};
use crate::syntax::Kind;
use std::{
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context as TaskContext, Poll},
};

/// A channel on its PBX, as applications see it.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) pbx: Arc<Pbx>,
    channel: Mutex<Channel>,
    waiting: Mutex<Waiting>,
}

/// What ended a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Woken {
    /// Its time is over.
    Time,
    /// The caller let go of a key.
    Key(u8),
    /// The channel is asked to stop: see [`HangUp`](super::channel::HangUp).
    Gone,
}

#[derive(Debug, Default)]
struct Waiting {
    /// Whether anything waits, and until when.
    until_ms: Option<u64>,
    /// What ended the wait.
    woken: Option<Woken>,
}

impl Line {
    pub(super) fn new(pbx: Arc<Pbx>, channel: Channel) -> Self {
        Self { pbx, channel: Mutex::new(channel), waiting: Mutex::default() }
    }

    /// Looks at the channel or changes it. The closure must not ask the line for anything.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut Channel) -> T) -> T {
        act(&mut self.channel.try_lock().expect("one thread, and no closure asks the line"))
    }

    fn waiting<T>(&self, act: impl FnOnce(&mut Waiting) -> T) -> T {
        act(&mut self.waiting.try_lock().expect("one thread, and no closure asks the line"))
    }

    /// Whether the simulation has ended, because nobody knows how the call would go on.
    pub(super) fn is_stopped(&self) -> bool {
        self.with(|channel| channel.is_stopped)
    }

    /// Writes down what happens.
    pub(super) fn tell(&self, what: What) {
        self.with(|channel| channel.tell(what));
    }

    /// Writes down what Asterisk would complain about.
    pub(super) fn complain(&self, kind: Option<Kind>, text: String) {
        self.tell(What::Complaint { kind, text });
    }

    /// The next moment at which something happens by itself.
    pub(super) fn wake_at_ms(&self) -> Option<u64> {
        let until_ms = self.waiting(|waiting| waiting.until_ms)?;
        Some(self.with(|channel| {
            let limit_ms = channel.setup.limits.time_ms;
            let absolute_ms = channel.absolute_ms.unwrap_or(u64::MAX);
            until_ms.min(limit_ms).min(absolute_ms).max(channel.now_ms)
        }))
    }

    /// The moment of [`Self::wake_at_ms`] has come.
    pub(super) fn time_out(&self) {
        let Some(now_ms) = self.wake_at_ms() else { return };
        let is_gone = self.with(|channel| {
            channel.now_ms = now_ms;
            if now_ms >= channel.setup.limits.time_ms {
                channel.stop(Why::TooLong);
            } else if channel.absolute_ms.is_some_and(|at_ms| at_ms <= now_ms) {
                channel.absolute_ms = None;
                channel.hangup.is_timed_out = true;
            }
            channel.hangup.is_asked()
        });
        self.wake(if is_gone { Woken::Gone } else { Woken::Time });
    }

    /// Something comes from outside.
    pub(super) fn arrive(&self, at_ms: u64, input: Input) {
        let woken = self.with(|channel| {
            channel.now_ms = channel.now_ms.max(at_ms);
            match input {
                Input::Key(key) => {
                    channel.tell(What::Key { key, is_heard: false });
                    return Woken::Key(key);
                }
                Input::HangUp => channel.leave(),
                Input::Redirect(to) => channel.redirect(to),
            }
            Woken::Gone
        });
        self.wake(woken);
    }

    fn wake(&self, woken: Woken) {
        self.waiting(|waiting| waiting.woken = Some(woken));
    }

    /// The key that came just now is taken; until this is said it counts as lost.
    pub(super) fn take_key(&self) {
        self.with(|channel| {
            if let Some(Event { what: What::Key { is_heard, .. }, .. }) = channel.events.back_mut()
            {
                *is_heard = true;
            }
        });
    }

    /// Waits for a key, at most so long; none stands for ever.
    pub(super) async fn wait_for_key(&self, most_ms: Option<u64>) -> Woken {
        let woken = self.wait(most_ms).await;
        if let Woken::Key(_) = woken {
            self.take_key();
        }
        woken
    }

    /// Waits so long; keys are lost. Whether the channel may go on.
    pub(super) async fn sleep(&self, ms: u64) -> bool {
        let until_ms = self.with(|channel| channel.now_ms.saturating_add(ms));
        loop {
            match self.wait_until(until_ms).await {
                Woken::Time => return true,
                Woken::Key(_) => {}
                Woken::Gone => return false,
            }
        }
    }

    /// Waits until the channel is asked to stop; keys are lost.
    pub(super) async fn sleep_for_ever(&self) {
        while self.wait(None).await != Woken::Gone {}
    }

    /// Answers a call that is not answered yet, and waits so long; keys are kept for what follows.
    /// Whether the channel may go on. Its voice is taken to come at once, so that nothing else is
    /// waited for.
    pub(super) async fn answer(&self, delay_ms: u64) -> bool {
        let may_go_on = self.with(|channel| {
            let may_go_on = !channel.hangup.is_asked();
            if may_go_on && !channel.is_answered {
                channel.is_answered = true;
                channel.tell(What::Answered);
            }
            may_go_on
        });
        may_go_on && (delay_ms == 0 || self.keep_keys(delay_ms).await)
    }

    /// Waits so long, and keeps the keys that come. Whether the channel may go on.
    async fn keep_keys(&self, ms: u64) -> bool {
        let until_ms = self.with(|channel| channel.now_ms.saturating_add(ms));
        let mut keys = Vec::new();
        let may_go_on = loop {
            match self.wait_until(until_ms).await {
                Woken::Time => break true,
                Woken::Key(key) => {
                    self.take_key();
                    keys.push(key);
                }
                Woken::Gone => break false,
            }
        };
        self.with(|channel| channel.kept_keys.extend(keys));
        may_go_on
    }

    /// Plays a sound. A key for which `stops` holds ends it; other keys are lost.
    pub(super) async fn play(
        &self,
        name: &[u8],
        language: &[u8],
        stops: &(dyn Fn(u8) -> bool + Sync),
    ) -> Played {
        let ended = |end| What::SoundEnds { name: name.to_vec(), end };
        let Some(length_ms) = self.pbx.sounds.length_ms(name, language) else {
            self.tell(ended(SoundEnd::Missing));
            return Played::Missing;
        };
        let until_ms = self.with(|channel| {
            (!channel.hangup.is_asked()).then(|| {
                channel.tell(What::SoundBegins { name: name.to_vec() });
                channel.now_ms.saturating_add(length_ms)
            })
        });
        let Some(until_ms) = until_ms else { return Played::Refused };
        loop {
            let (end, played) = match self.wait_until(until_ms).await {
                Woken::Time => (SoundEnd::Whole, Played::Whole),
                Woken::Key(key) if stops(key) => {
                    self.take_key();
                    (SoundEnd::CutShort, Played::Key(key))
                }
                Woken::Key(_) => continue,
                Woken::Gone => (SoundEnd::CutShort, Played::Gone),
            };
            self.tell(ended(end));
            return played;
        }
    }

    /// Whether there is a sound.
    pub(super) fn has_sound(&self, name: &[u8], language: &[u8]) -> bool {
        self.pbx.sounds.length_ms(name, language).is_some()
    }

    /// Nobody knows how the call would go on: this is not modelled.
    pub(super) fn not_modelled(&self, what: &str) {
        self.with(|channel| channel.stop(Why::NotModelled(what.to_owned())));
    }

    /// Waits for anything, at most so long; none stands for ever. A key counts as lost unless
    /// [`Self::take_key`] follows.
    pub(super) async fn wait(&self, most_ms: Option<u64>) -> Woken {
        let until_ms = most_ms.map_or(u64::MAX, |most_ms| {
            self.with(|channel| channel.now_ms.saturating_add(most_ms))
        });
        self.wait_until(until_ms).await
    }

    /// Waits for anything until a moment, as [`Self::wait`] does.
    async fn wait_until(&self, until_ms: u64) -> Woken {
        let at_once = self.with(|channel| {
            if channel.hangup.is_asked() {
                return Some(Woken::Gone);
            }
            channel.kept_keys.pop_front().map(Woken::Key)
        });
        if let Some(woken) = at_once {
            return woken;
        }
        let waiting = Waiting { until_ms: Some(until_ms), woken: None };
        self.waiting(|own| *own = waiting);
        Wait { line: self }.await
    }
}

/// What came of a sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Played {
    Whole,
    Missing,
    Key(u8),
    /// The channel was asked to stop before it began: the sound fails, as one that is missing.
    Refused,
    /// The channel is asked to stop in the middle of it.
    Gone,
}

/// Ends when the line was woken.
struct Wait<'a> {
    line: &'a Line,
}

impl Future for Wait<'_> {
    type Output = Woken;

    fn poll(self: Pin<&mut Self>, _: &mut TaskContext<'_>) -> Poll<Woken> {
        self.line.waiting(|waiting| {
            waiting.woken.take().map_or(Poll::Pending, |woken| {
                *waiting = Waiting::default();
                Poll::Ready(woken)
            })
        })
    }
}
