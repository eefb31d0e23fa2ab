//! Digits that are typed after a prompt, for `Read` and `Authenticate` (`ast_readstring` of
//! Asterisk's `main/channel.c`, `ast_app_getdata_terminator` of `main/app.c`).

use super::{
    super::line::{Line, Played, Woken},
    sound_list::SoundList,
};

/// How long is waited for a digit between two prompts.
const BETWEEN_PROMPTS_MS: u64 = 50;

/// Digits that were typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) digits: Vec<u8>,
    pub(super) end: End,
}

/// What ended them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// There are as many as wanted, or a key that ends them was pressed.
    Complete,
    /// Nothing but a key that ends them was pressed.
    EmptyEnded,
    Timeout,
    /// The channel is asked to stop.
    Gone,
    /// The last prompt is missing, so that nothing was waited for.
    NoPrompt,
}

/// How digits are to be typed.
pub(super) struct Wanted<'a> {
    /// The prompts, as `a&b`; empty for none.
    pub(super) prompts: &'a [u8],
    /// How many digits at the most, from 1.
    pub(super) most: usize,
    /// How long is waited for each digit; none for the channel's time-outs.
    pub(super) timeout_ms: Option<u64>,
    /// The keys that end the digits and are no part of them.
    pub(super) enders: &'a [u8],
}

/// Plays the prompts and takes digits, during them, too.
pub(super) async fn read(line: &Line, wanted: &Wanted<'_>) -> Entry {
    let (language, response_ms, digit_ms) = line.with(|channel| {
        let language = channel.setup.language.clone();
        (language, channel.response_timeout_ms, channel.digit_timeout_ms)
    });
    let mut entry = Entry { digits: Vec::new(), end: End::NoPrompt };
    let mut prompts = SoundList::new(wanted.prompts, line.pbx.version);
    while let Some(prompt) = prompts.next() {
        let waits = if prompts.is_last() {
            (wanted.timeout_ms.unwrap_or(response_ms), wanted.timeout_ms.unwrap_or(digit_ms))
        } else {
            (BETWEEN_PROMPTS_MS, digit_ms)
        };
        let typed = match play(line, prompt, &language).await {
            Played::Missing => {
                entry.end = End::NoPrompt;
                continue;
            }
            Played::Refused | Played::Gone => return Entry { digits: Vec::new(), end: End::Gone },
            Played::Key(key) => Some(key),
            Played::Whole => None,
        };
        entry = collect(line, wanted, waits, typed).await;
        if !entry.digits.is_empty() || matches!(entry.end, End::EmptyEnded | End::Gone) {
            break;
        }
    }
    entry
}

async fn play(line: &Line, prompt: &[u8], language: &[u8]) -> Played {
    if prompt.is_empty() { Played::Whole } else { line.play(prompt, language, &|_| true).await }
}

/// Takes digits; `waits` are for the first one and for each further one.
async fn collect(line: &Line, wanted: &Wanted<'_>, waits: (u64, u64), typed: Option<u8>) -> Entry {
    let mut digits = Vec::new();
    let mut next = typed;
    let mut wait_ms = waits.0;
    let end = loop {
        let key = match next.take() {
            Some(key) => key,
            None => match line.wait_for_key(Some(wait_ms)).await {
                Woken::Key(key) => key,
                Woken::Time => break End::Timeout,
                Woken::Gone => break End::Gone,
            },
        };
        if wanted.enders.contains(&key) {
            break if digits.is_empty() { End::EmptyEnded } else { End::Complete };
        }
        digits.push(key);
        if digits.len() >= wanted.most {
            break End::Complete;
        }
        wait_ms = waits.1;
    };
    Entry { digits, end }
}
