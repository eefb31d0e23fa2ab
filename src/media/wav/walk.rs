//! From chunk to chunk: where `fmt ` and `data` are, whatever stands around them and whatever the
//! sizes say.
//!
//! Must not look at the sound, but for its last bytes and, if its size is unknown, for a second file
//! in it.

use super::{
    Error, Order,
    chunk::{self, Chunk, HEADER_BYTES, Sizes},
};
use crate::media::input::Input;
use std::{collections::HashSet, ops::Range};

/// Most chunks of a file; one has a dozen, those of a cue point each included.
pub(super) const MAX_CHUNKS: usize = 1 << 20;
/// Sizes from here on are placeholders of writers that could not seek back: 0x7FFFF000 (espeak-ng,
/// sox), 0x7FFFFFFF, 0xFFFFFFFF (ffmpeg) and these less a header.
const PLACEHOLDER_MIN: u64 = 0x7FFF_0000;
/// Another placeholder, round in decimal.
const PLACEHOLDER_ROUND: u64 = 2_000_000_000;
/// Most of a `fmt ` chunk that is looked at.
const MAX_FMT_BYTES: usize = 4_096;
/// Most zeros behind everything that pass for padding.
const MAX_PADDING_BYTES: u64 = 1 << 20;
/// How much of the sound is read at a time.
const BLOCK_BYTES: usize = 1 << 16;

/// The two chunks that matter.
pub(super) struct Found {
    pub(super) order: Order,
    pub(super) fmt: Option<Fmt>,
    /// The body of `data`.
    pub(super) data: Option<Range<u64>>,
    /// The header does not say how long `data` is.
    pub(super) is_streamed: bool,
    sizes: Sizes,
}

/// A `fmt ` chunk.
pub(super) struct Fmt {
    pub(super) offset: u64,
    /// Its body, or the beginning of one that is far too long.
    pub(super) body: Vec<u8>,
}

/// Walks the chunks of a file that begins at byte `start`.
pub(super) fn walk(input: &mut Input<'_>, start: u64) -> Result<Found, Error> {
    let is_big = chunk::read::<4>(input, start)? == Some(*b"RIFX");
    let mut found = Found {
        order: if is_big { Order::Big } else { Order::Little },
        fmt: None,
        data: None,
        is_streamed: false,
        sizes: Sizes::default(),
    };
    let mut at = start + 12;
    for _ in 0..MAX_CHUNKS {
        let Some(mut chunk) = Chunk::at(input, found.order, at)? else {
            found.check_rest(input, at)?;
            return Ok(found);
        };
        found.sizes.apply(&mut chunk);
        let body = found.take(input, &chunk)?;
        at = after(input, found.order, &body)?;
    }
    Err(Error::TooManyChunks { offset: at })
}

impl Found {
    /// Notes a chunk and says where its body is.
    fn take(&mut self, input: &mut Input<'_>, chunk: &Chunk) -> Result<Range<u64>, Error> {
        let offset = chunk.offset;
        match &chunk.id {
            b"data" if self.data.is_some() => Err(Error::TwoData { offset }),
            b"data" => {
                let body = self.sound(input, chunk)?;
                self.data = Some(body.clone());
                Ok(body)
            }
            b"RIFF" | b"RIFX" | b"RF64" if self.data.is_some() => Err(Error::TwoFiles { offset }),
            b"fmt " => self.format(input, chunk),
            b"ds64" => {
                let body = chunk.body(input)?;
                self.sizes = Sizes::read(input, chunk)?;
                Ok(body)
            }
            // Metadata behind the sound may be cut off: the sound is whole.
            _ if self.data.is_some() => Ok(chunk.body(input).unwrap_or(offset..input.size())),
            _ => chunk.body(input),
        }
    }

    fn format(&mut self, input: &mut Input<'_>, chunk: &Chunk) -> Result<Range<u64>, Error> {
        let body = chunk.body(input)?;
        let count = usize::try_from(chunk.size).unwrap_or(usize::MAX).min(MAX_FMT_BYTES);
        let found = input.at(body.start, count).map_err(|error| Error::read(body.start, &error))?;
        match &self.fmt {
            Some(first) if first.body != found => {
                return Err(Error::TwoFormats { offset: chunk.offset });
            }
            Some(_) => {}
            None => self.fmt = Some(Fmt { offset: chunk.offset, body: found.to_vec() }),
        }
        Ok(body)
    }

    /// The extent of the sound, whatever the size field holds.
    fn sound(&mut self, input: &mut Input<'_>, chunk: &Chunk) -> Result<Range<u64>, Error> {
        let left = input.size() - chunk.start();
        if chunk.size == 0 {
            // Zero is what a stream leaves there, and what a file without sound says.
            let mut count = 0;
            let few = |_| {
                count += 1;
                count < MAX_CHUNKS
            };
            let silent =
                left < HEADER_BYTES || leads_to_end(input, self.order, chunk.start(), few)?;
            return if silent { Err(Error::EmptyData) } else { self.streamed(input, chunk) };
        }
        match chunk.body(input) {
            Ok(body) => Ok(body),
            Err(_) if chunk.size >= PLACEHOLDER_MIN || chunk.size == PLACEHOLDER_ROUND => {
                self.streamed(input, chunk)
            }
            Err(_) => Err(Error::Truncated { expected: chunk.size, found: left }),
        }
    }

    /// The extent of sound without a size: to the end of the file, less metadata that ends there.
    fn streamed(&mut self, input: &mut Input<'_>, chunk: &Chunk) -> Result<Range<u64>, Error> {
        self.is_streamed = true;
        Ok(chunk.start()..sound_end(input, self.order, chunk.start())?)
    }

    /// What no chunk claims must be padding, or the header is wrong about the sound's size.
    fn check_rest(&self, input: &mut Input<'_>, at: u64) -> Result<(), Error> {
        let count = input.size().saturating_sub(at);
        // Fewer stray bytes than a chunk's header has: a line end added by a transfer, padding.
        let is_padding = count <= MAX_PADDING_BYTES && is_zero(input, at)?;
        if count < HEADER_BYTES || self.data.is_none() || is_padding {
            return Ok(());
        }
        Err(Error::Stray { offset: at, count })
    }
}

/// Where the next chunk begins: an odd chunk has a pad byte, zero as a rule, but some writers forget
/// it and some put rubbish there.
fn after(input: &mut Input<'_>, order: Order, body: &Range<u64>) -> Result<u64, Error> {
    if (body.end - body.start).is_multiple_of(2) {
        return Ok(body.end);
    }
    let pad_byte_is_zero = chunk::read::<1>(input, body.end)?.is_none_or(|byte| byte == [0]);
    let padded = Chunk::at(input, order, body.end + 1)?;
    let is_chunk = Chunk::at(input, order, body.end)?.is_some();
    if pad_byte_is_zero || padded.is_some_and(|chunk| chunk.is_known()) || !is_chunk {
        return Ok(body.end + 1);
    }
    Ok(body.end)
}

/// Nothing but zeros from a byte on.
fn is_zero(input: &mut Input<'_>, from: u64) -> Result<bool, Error> {
    let mut at = from;
    loop {
        let block = input.at(at, BLOCK_BYTES).map_err(|error| Error::read(at, &error))?;
        if block.is_empty() {
            return Ok(true);
        }
        if block.iter().any(|byte| *byte != 0) {
            return Ok(false);
        }
        at += block.len() as u64;
    }
}

/// Where a second RIFF header begins. Sixteen bytes do not match by chance.
pub(super) fn second_file(input: &mut Input<'_>, sound: &Range<u64>) -> Result<Option<u64>, Error> {
    const LENGTH: usize = 16;
    let mut at = sound.start;
    while at < sound.end {
        let block = input.at(at, BLOCK_BYTES).map_err(|error| Error::read(at, &error))?;
        let is_header =
            |window: &[u8]| window.starts_with(b"RIFF") && window[8..].starts_with(b"WAVEfmt ");
        if let Some(found) = block.windows(LENGTH).position(is_header) {
            return Ok(Some(at + found as u64));
        }
        if block.len() < BLOCK_BYTES {
            break;
        }
        at += (block.len() - (LENGTH - 1)) as u64;
    }
    Ok(None)
}

/// Where the sound ends: at the first of the chunks of metadata that lead exactly to the end.
fn sound_end(input: &mut Input<'_>, order: Order, start: u64) -> Result<u64, Error> {
    const MAX_METADATA_BYTES: u64 = 1 << 16;
    let end = input.size();
    // Where chunks begin that do not lead to the end: none is followed twice.
    let mut astray = HashSet::new();
    for at in end.saturating_sub(MAX_METADATA_BYTES).max(start)..end {
        if leads_to_end(input, order, at, |at| astray.insert(at))? {
            return Ok(at);
        }
    }
    Ok(end)
}

/// Known metadata begins at `at`, and its followers, if any, lead exactly to the end. `may_follow` is
/// asked before each.
fn leads_to_end(
    input: &mut Input<'_>,
    order: Order,
    mut at: u64,
    mut may_follow: impl FnMut(u64) -> bool,
) -> Result<bool, Error> {
    let end = input.size();
    while at < end {
        let chunk = Chunk::at(input, order, at)?.filter(Chunk::is_metadata);
        let Some(body) = chunk.and_then(|chunk| chunk.body(input).ok()) else {
            return Ok(false);
        };
        if !may_follow(at) {
            return Ok(false);
        }
        at = (body.end + (body.end - body.start) % 2).min(end);
    }
    Ok(true)
}
