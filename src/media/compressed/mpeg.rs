//! MPEG audio of layers I to III, by nanomp3, frame after frame: where the library would look for the
//! next frame that it understands, the file is refused.
//!
//! What an encoder put before and behind the sound is cut off if the file says how much (the Xing or
//! Info frame with LAME's extension); without it the sound begins some 25 ms late.

use super::{Error, Sound};
use crate::media::{decode::MAX_FLOAT, input::Input};
use nanomp3::{Channels, DecodeError, Decoder, MAX_SAMPLES_PER_FRAME, VbrTag};

const FORMAT: &str = "MP3";
/// What the decoder wants to see of the file: a frame and some after it.
const WINDOW_BYTES: usize = 16 << 10;
/// Samples by which the decoder itself delays, in LAME's count.
const DECODER_DELAY: u64 = 529;
/// Frames at the start of a part of a longer file that need what is not there.
const MAX_FRAMES_WITHOUT_RESERVOIR: u32 = 3;
/// Largest frame: layer II at 384 kbit/s and 32 kHz, with its padding.
const MAX_FRAME_BYTES: usize = 1_729;

/// An open MP3 file.
pub(in crate::media) struct Mpeg<'a> {
    input: Input<'a>,
    decoder: Box<Decoder>,
    samples: Vec<f32>,
    /// Where the next frame begins, and where the last ends.
    at: u64,
    end: u64,
    sound: Sound,
    /// Samples of each channel that are still to be left out.
    skip: u64,
    /// Frames that were read.
    read: u64,
    /// Frames without sound at the start.
    silent: u32,
}

impl<'a> Mpeg<'a> {
    /// Opens the file that begins at byte `start`.
    pub(in crate::media) fn open(mut input: Input<'a>, start: u64) -> Result<Self, Error> {
        let end = end(&mut input, start).map_err(|error| damaged(0, &error.to_string()))?;
        let head = input.at(start, WINDOW_BYTES).map_err(|error| damaged(0, &error.to_string()))?;
        let first = nanomp3::frames(head).next().filter(|frame| frame.offset == 0);
        let first = first.ok_or_else(|| damaged(0, "no frame begins where the first should"))?;
        let tag = VbrTag::parse(first.data);
        let tag_bytes = if tag.is_some() { first.data.len() as u64 } else { 0 };
        let (skip, frames) = tag.map_or((0, None), |tag| extent(tag, first.samples as u64));
        let channels = u16::from(first.channels.num());
        let sound = Sound { rate_hz: first.sample_rate, channels, frames, bits: 0 };
        Ok(Self {
            input,
            decoder: Box::new(Decoder::new()),
            samples: vec![0.0; MAX_SAMPLES_PER_FRAME],
            at: start + tag_bytes,
            end,
            sound,
            skip,
            read: 0,
            silent: 0,
        })
    }

    pub(in crate::media) fn sound(&self) -> Sound {
        self.sound
    }

    /// Appends the sound of the next frame, interleaved; nothing at the end.
    pub(in crate::media) fn read(&mut self, piece: &mut Vec<f32>) -> Result<(), Error> {
        while piece.is_empty() && self.at < self.end && self.sound.frames != Some(self.read) {
            self.frame(piece)?;
        }
        match self.sound.frames {
            Some(expected) if piece.is_empty() && self.read < expected => {
                Err(Error::CutOff { format: FORMAT, frame: self.read, expected: Some(expected) })
            }
            _ => Ok(()),
        }
    }

    fn frame(&mut self, piece: &mut Vec<f32>) -> Result<(), Error> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let at = self.at;
        let bytes = self
            .input
            .at(at, left.min(WINDOW_BYTES))
            .map_err(|error| damaged(self.read, &error.to_string()))?;
        let begins_here = bytes.first() == Some(&0xFF);
        let (consumed, result) = self.decoder.decode(bytes, &mut self.samples);
        self.at += consumed.max(1) as u64;
        match result {
            Ok(_) | Err(DecodeError::ReservoirUnavailable(_))
                if !begins_here || consumed > MAX_FRAME_BYTES =>
            {
                Err(damaged(self.read, &format!("byte {at} belongs to no frame")))
            }
            Ok(info) => self.take(info.samples_produced, info.channels, info.sample_rate, piece),
            Err(DecodeError::ReservoirUnavailable(_)) if self.may_be_silent() => Ok(()),
            Err(DecodeError::NoFrame) if begins_here && left < MAX_FRAME_BYTES => {
                Err(Error::CutOff { format: FORMAT, frame: self.read, expected: self.sound.frames })
            }
            Err(error) => Err(damaged(self.read, &format!("{error}, at byte {at}"))),
        }
    }

    /// The start of a file that was cut out of a longer one has frames without sound.
    fn may_be_silent(&mut self) -> bool {
        self.silent += 1;
        self.read == 0 && self.sound.frames.is_none() && self.silent <= MAX_FRAMES_WITHOUT_RESERVOIR
    }

    fn take(
        &mut self,
        frames: usize,
        channels: Channels,
        rate_hz: u32,
        piece: &mut Vec<f32>,
    ) -> Result<(), Error> {
        if (u16::from(channels.num()), rate_hz) != (self.sound.channels, self.sound.rate_hz) {
            return Err(damaged(self.read, "rate or channels change"));
        }
        let skipped = self.skip.min(frames as u64);
        self.skip -= skipped;
        let left = self.sound.frames.map_or(u64::MAX, |all| all - self.read);
        let taken = (frames as u64 - skipped).min(left);
        let width = usize::from(self.sound.channels);
        let in_samples = |frames: u64| usize::try_from(frames).expect("of one frame") * width;
        let sound = &self.samples[in_samples(skipped)..in_samples(skipped + taken)];
        if sound.iter().any(|sample| !(-MAX_FLOAT..=MAX_FLOAT).contains(sample)) {
            return Err(damaged(self.read, "samples far beyond full scale"));
        }
        piece.extend_from_slice(sound);
        self.read += taken;
        Ok(())
    }
}

impl std::fmt::Debug for Mpeg<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mpeg").field("sound", &self.sound).finish_non_exhaustive()
    }
}

fn damaged(frame: u64, reason: &str) -> Error {
    Error::Damaged { format: FORMAT, frame, reason: reason.to_owned() }
}

/// Samples of each channel to leave out at the start, and how many follow, by the tag.
fn extent(tag: VbrTag, frame_samples: u64) -> (u64, Option<u64>) {
    let all =
        tag.frames.filter(|frames| *frames > 0).map(|frames| u64::from(frames) * frame_samples);
    let Some((delay, padding)) = tag.encoder_delay_padding else { return (0, all) };
    let skip = u64::from(delay) + DECODER_DELAY;
    let behind = u64::from(padding).saturating_sub(DECODER_DELAY);
    (skip, all.map(|all| all.saturating_sub(skip + behind)))
}

/// Where the sound ends: before the tags that stand at the end.
fn end(input: &mut Input<'_>, start: u64) -> std::io::Result<u64> {
    const MAX_TAG_BYTES: u64 = 64 << 10;
    let size = input.size();
    let from = size.saturating_sub(MAX_TAG_BYTES).max(start);
    let count = usize::try_from(size - from).unwrap_or_default();
    let tail = input.at(from, count)?;
    Ok(from + nanomp3::strip_trailing_tags(tail).len() as u64)
}
