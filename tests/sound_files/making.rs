//! Sound files with every byte in our hands: chunks that lie, headers that contradict themselves.

/// What one file of the table must come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is read: so many frames at the file's own rate.
    Reads(usize),
    /// It is refused, with these words among others.
    Refused(&'static str),
}

/// A file of the table.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) verdict: Verdict,
}

/// Frames of [`sound`].
pub(crate) const FRAMES: usize = 400;

/// 16-bit samples without a zero among them, so that no end can be mistaken for silence.
pub(crate) fn sound() -> Vec<u8> {
    (0..FRAMES).flat_map(|at| [7, if at % 2 == 0 { 0x12 } else { 0xE8 }]).collect()
}

/// A chunk that says this size, with this body and no pad byte.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "chunk names are written as b\"fmt \"")]
pub(crate) fn raw(id: &[u8; 4], size: u32, body: &[u8]) -> Vec<u8> {
    [id.as_slice(), &size.to_le_bytes(), body].concat()
}

/// A tidy chunk.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "chunk names are written as b\"fmt \"")]
pub(crate) fn tidy(id: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut chunk = raw(id, u32::try_from(body.len()).unwrap(), body);
    chunk.resize(chunk.len().next_multiple_of(2), 0);
    chunk
}

/// A RIFF/WAVE file of these chunks.
pub(crate) fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    let body = [b"WAVE".to_vec(), chunks.concat()].concat();
    raw(b"RIFF", u32::try_from(body.len()).unwrap(), &body)
}

/// The fields of a `fmt ` chunk, each as it may lie.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fmt {
    pub(crate) tag: u16,
    pub(crate) channels: u16,
    pub(crate) rate_hz: u32,
    pub(crate) bytes_a_second: u32,
    pub(crate) frame_bytes: u16,
    pub(crate) bits: u16,
}

/// 8 kHz, mono, 16 bits.
pub(crate) const TELEPHONE: Fmt =
    Fmt { tag: 1, channels: 1, rate_hz: 8_000, bytes_a_second: 16_000, frame_bytes: 2, bits: 16 };

impl Fmt {
    /// Integers of these bits in as many bytes as they need.
    pub(crate) fn pcm(channels: u16, rate_hz: u32, bits: u16) -> Self {
        Self::of(1, channels, rate_hz, bits)
    }

    pub(crate) fn of(tag: u16, channels: u16, rate_hz: u32, bits: u16) -> Self {
        let frame_bytes = channels.wrapping_mul(bits.div_ceil(8));
        let bytes_a_second = rate_hz.wrapping_mul(frame_bytes.into());
        Self { tag, channels, rate_hz, bytes_a_second, frame_bytes, bits }
    }

    pub(crate) fn body(self) -> Vec<u8> {
        [
            self.tag.to_le_bytes().as_slice(),
            &self.channels.to_le_bytes(),
            &self.rate_hz.to_le_bytes(),
            &self.bytes_a_second.to_le_bytes(),
            &self.frame_bytes.to_le_bytes(),
            &self.bits.to_le_bytes(),
        ]
        .concat()
    }

    pub(crate) fn chunk(self) -> Vec<u8> {
        tidy(b"fmt ", &self.body())
    }

    /// As `WAVE_FORMAT_EXTENSIBLE`: these valid bits, this mask of channels, this sub-format.
    pub(crate) fn extensible(self, valid_bits: u16, mask: u32, sub_tag: u16) -> Vec<u8> {
        let mut body = Self { tag: 0xFFFE, ..self }.body();
        body.extend(22_u16.to_le_bytes());
        body.extend(valid_bits.to_le_bytes());
        body.extend(mask.to_le_bytes());
        body.extend(sub_tag.to_le_bytes());
        body.extend([0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]);
        tidy(b"fmt ", &body)
    }

    /// The file with this sound.
    pub(crate) fn file(self, data: &[u8]) -> Vec<u8> {
        riff(&[self.chunk(), tidy(b"data", data)])
    }
}

/// A file of 64-bit sizes: `ds64` says `data_bytes`, and `data` says to look there.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "chunk names are written as b\"fmt \"")]
pub(crate) fn rf64(
    magic: &[u8; 4],
    data_bytes: u64,
    chunks_before: &[Vec<u8>],
    data: &[u8],
) -> Vec<u8> {
    let mut sizes =
        [0_u64, data_bytes, 0].iter().flat_map(|size| size.to_le_bytes()).collect::<Vec<_>>();
    sizes.extend(0_u32.to_le_bytes());
    let chunks = [tidy(b"ds64", &sizes), chunks_before.concat(), TELEPHONE.chunk()].concat();
    [raw(magic, u32::MAX, b"WAVE"), chunks, raw(b"data", u32::MAX, data)].concat()
}

/// The same file in big-endian order, for samples of so many bytes.
pub(crate) fn rifx(fmt: Fmt, data: &[u8], sample_bytes: usize) -> Vec<u8> {
    let turned = |bytes: &[u8]| bytes.iter().rev().copied().collect::<Vec<u8>>();
    let little = fmt.body();
    let fields: Vec<u8> = [0..2, 2..4, 4..8, 8..12, 12..14, 14..16]
        .into_iter()
        .flat_map(|at| turned(&little[at]))
        .collect();
    let data: Vec<u8> = data.chunks(sample_bytes).flat_map(turned).collect();
    let chunk = |id: &[u8; 4], body: &[u8]| {
        [id.as_slice(), &u32::try_from(body.len()).unwrap().to_be_bytes(), body].concat()
    };
    let body = [b"WAVE".to_vec(), chunk(b"fmt ", &fields), chunk(b"data", &data)].concat();
    chunk(b"RIFX", &body)
}
