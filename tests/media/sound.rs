//! WAV files as tests need them: any encoding, any header, any chunk around the sound.

use std::f64::consts::TAU;

/// How samples are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Pcm(u16),
    Float(u16),
    ALaw,
    ULaw,
}

/// A WAV file to be; what is not set is as a tidy writer does it.
#[derive(Debug, Clone)]
pub(crate) struct Wav {
    pub(crate) encoding: Encoding,
    pub(crate) channels: u16,
    pub(crate) rate_hz: u32,
    pub(crate) extensible: bool,
    /// Chunks between `fmt ` and `data`, as they stand in the file.
    pub(crate) before: Vec<u8>,
    /// Chunks behind `data`.
    pub(crate) after: Vec<u8>,
    /// What the header says, if not the truth.
    pub(crate) data_size: Option<u32>,
    /// Name of the outermost chunk.
    pub(crate) magic: &'static [u8; 4],
}

impl Default for Wav {
    fn default() -> Self {
        Self {
            encoding: Encoding::Pcm(16),
            channels: 1,
            rate_hz: 8_000,
            extensible: false,
            before: Vec::new(),
            after: Vec::new(),
            data_size: None,
            magic: b"RIFF",
        }
    }
}

impl Wav {
    pub(crate) fn at(rate_hz: u32) -> Self {
        Self { rate_hz, ..Self::default() }
    }

    /// The file with these frames on every channel; full scale is 1.0.
    pub(crate) fn of(&self, mono: &[f64]) -> Vec<u8> {
        let width = usize::from(self.channels);
        self.with(&mono.iter().flat_map(|sample| vec![*sample; width]).collect::<Vec<_>>())
    }

    /// The file with these interleaved samples.
    pub(crate) fn with(&self, samples: &[f64]) -> Vec<u8> {
        let data: Vec<u8> =
            samples.iter().flat_map(|sample| self.encoding.bytes(*sample)).collect();
        self.with_data(&data)
    }

    /// The file with this body of the `data` chunk.
    pub(crate) fn with_data(&self, data: &[u8]) -> Vec<u8> {
        let size = self.data_size.unwrap_or(u32::try_from(data.len()).unwrap());
        let mut body = b"WAVE".to_vec();
        body.extend(chunk(*b"fmt ", &self.fmt()));
        body.extend(&self.before);
        body.extend(b"data");
        body.extend(size.to_le_bytes());
        body.extend(data);
        if data.len() % 2 == 1 {
            body.push(0);
        }
        body.extend(&self.after);
        chunk(*self.magic, &body)
    }

    fn fmt(&self) -> Vec<u8> {
        let (tag, bits) = self.encoding.tag_and_bits();
        let frame_bytes = self.channels * bits / 8;
        let outer = if self.extensible { 0xFFFE } else { tag };
        let mut fmt = [outer.to_le_bytes(), self.channels.to_le_bytes()].concat();
        fmt.extend(self.rate_hz.to_le_bytes());
        fmt.extend((self.rate_hz * u32::from(frame_bytes)).to_le_bytes());
        fmt.extend([frame_bytes.to_le_bytes(), bits.to_le_bytes()].concat());
        if self.extensible {
            fmt.extend([[22, 0], bits.to_le_bytes(), [4, 0], [0, 0], tag.to_le_bytes()].concat());
            fmt.extend([0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]);
        }
        fmt
    }
}

impl Encoding {
    fn tag_and_bits(self) -> (u16, u16) {
        match self {
            Self::Pcm(bits) => (1, bits),
            Self::Float(bits) => (3, bits),
            Self::ALaw => (6, 8),
            Self::ULaw => (7, 8),
        }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating casts")]
    fn bytes(self, sample: f64) -> Vec<u8> {
        match self {
            Self::Pcm(8) => vec![(sample * 128.0 + 128.0).round() as u8],
            Self::Pcm(16) => ((sample * 32_768.0).round() as i16).to_le_bytes().to_vec(),
            Self::Pcm(24) => {
                let limited = (sample * 8_388_608.0).round().clamp(-8_388_608.0, 8_388_607.0);
                (limited as i32).to_le_bytes()[..3].to_vec()
            }
            Self::Pcm(32) => ((sample * 2_147_483_648.0).round() as i32).to_le_bytes().to_vec(),
            Self::Float(32) => (sample as f32).to_le_bytes().to_vec(),
            Self::Float(64) => sample.to_le_bytes().to_vec(),
            Self::ALaw => vec![a_law((sample * 32_768.0).round() as i16)],
            Self::ULaw => vec![u_law((sample * 32_768.0).round() as i16)],
            other => panic!("no such encoding: {other:?}"),
        }
    }
}

/// The G.711 compressor for A-law, from the table of its segments.
fn a_law(sample: i16) -> u8 {
    let sign = if sample < 0 { 0 } else { 0x80 };
    let size = i32::from(if sample < 0 { !sample } else { sample });
    let segment = (0..8).rev().find(|s| *s == 0 || size >= 128 << s).unwrap();
    let step = if segment == 0 { size >> 4 } else { (size >> (segment + 3)) & 0x0F };
    (sign | u8::try_from(segment << 4 | step).unwrap()) ^ 0x55
}

/// The G.711 compressor for u-law.
fn u_law(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let size = i32::from(sample).abs().min(32_635) + 132;
    let segment = (0..8).rev().find(|s| size >= 128 << s).unwrap();
    let step = (size >> (segment + 3)) & 0x0F;
    !(sign | u8::try_from(segment << 4 | step).unwrap())
}

/// A chunk with its pad byte.
pub(crate) fn chunk(id: [u8; 4], body: &[u8]) -> Vec<u8> {
    let mut bytes = id.to_vec();
    bytes.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
    bytes.extend(body);
    if body.len() % 2 == 1 {
        bytes.push(0);
    }
    bytes
}

/// A tone of this level (1.0 is full scale), with edges of a quarter of a second that rise softly.
pub(crate) fn tone(rate_hz: u32, seconds: f64, hertz: f64, level: f64) -> Vec<f64> {
    tones(rate_hz, seconds, &[hertz], level)
}

/// Several tones at once, each of this level.
pub(crate) fn tones(rate_hz: u32, seconds: f64, hertz: &[f64], level: f64) -> Vec<f64> {
    sampled(rate_hz, seconds, |t| {
        let edge = (t.min(seconds - t) / 0.25).clamp(0.0, 1.0);
        let gain = level * (0.5 - 0.5 * (edge * TAU / 2.0).cos());
        gain * hertz.iter().map(|hertz| (TAU * hertz * t).sin()).sum::<f64>()
    })
}

/// A sound as a function of time.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "short sounds")]
pub(crate) fn sampled(rate_hz: u32, seconds: f64, sound: impl Fn(f64) -> f64) -> Vec<f64> {
    let frames = (seconds * f64::from(rate_hz)).round() as u32;
    (0..frames).map(|i| sound(f64::from(i) / f64::from(rate_hz))).collect()
}

/// Samples without order, the same in every run: a linear congruential generator (Knuth's MMIX).
pub(crate) fn noise(frames: usize, level: f64) -> Vec<f64> {
    let mut state = 1_u64;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(state >> 33).unwrap()) / f64::from(1_u32 << 30) - 1.0
    };
    (0..frames).map(|_| level * next()).collect()
}
