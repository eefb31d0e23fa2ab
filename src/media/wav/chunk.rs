//! Chunks: a name, a size and a body, in little-endian order or big-endian (RIFX), with sizes of 32
//! bits or of 64 that stand in a chunk of their own (RF64, BW64).
//!
//! Source for `ds64`: EBU Tech 3306 and ITU-R BS.2088. Must not know what a chunk holds otherwise.

use super::Error;
use crate::media::input::Input;
use std::ops::Range;

/// Bytes of a chunk's header.
pub(super) const HEADER_BYTES: u64 = 8;
/// The size that stands for one in `ds64`.
const IN_DS64: u32 = u32::MAX;
/// Bytes of `ds64` before its table, and of a row of the table.
const DS64_BYTES: u64 = 28;
const ROW_BYTES: usize = 12;
/// Most rows of the table that are read; files have none as a rule.
const MAX_ROWS: u64 = 256;

/// Names that chunks of WAV files have in practice.
const KNOWN: [&[u8; 4]; 17] = [
    b"fmt ", b"data", b"LIST", b"bext", b"cue ", b"fact", b"id3 ", b"ID3 ", b"iXML", b"_PMX",
    b"JUNK", b"PAD ", b"smpl", b"C2PA", b"axml", b"chna", b"ds64",
];

/// Which byte of a number comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The lowest, as in nearly every file.
    Little,
    /// The highest: RIFX.
    Big,
}

impl Order {
    pub(super) fn u16(self, bytes: [u8; 2]) -> u16 {
        if self == Self::Little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) }
    }

    pub(super) fn u32(self, bytes: [u8; 4]) -> u32 {
        if self == Self::Little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) }
    }
}

/// A chunk's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) id: [u8; 4],
    /// Where it begins in the file.
    pub(super) offset: u64,
    /// What it says, with the help of `ds64`.
    pub(super) size: u64,
}

impl Chunk {
    /// The chunk that begins at `offset`, if what stands there looks like one.
    pub(super) fn at(
        input: &mut Input<'_>,
        order: Order,
        offset: u64,
    ) -> Result<Option<Self>, Error> {
        let Some(header) = read::<8>(input, offset)? else { return Ok(None) };
        let [a, b, c, d, size @ ..] = header;
        let id = [a, b, c, d];
        let is_name = id.iter().all(|byte| (0x20..0x7F).contains(byte));
        Ok(is_name.then_some(Self { id, offset, size: order.u32(size).into() }))
    }

    pub(super) fn is_known(&self) -> bool {
        KNOWN.contains(&&self.id)
    }

    /// Known, and neither sound nor what says how that is written.
    pub(super) fn is_metadata(&self) -> bool {
        self.is_known() && !matches!(&self.id, b"fmt " | b"data")
    }

    pub(super) fn name(&self) -> String {
        String::from_utf8_lossy(&self.id).into_owned()
    }

    pub(super) fn start(&self) -> u64 {
        self.offset + HEADER_BYTES
    }

    /// Where its body is, if the file has all of it.
    pub(super) fn body(&self, input: &Input<'_>) -> Result<Range<u64>, Error> {
        let left = input.size().saturating_sub(self.start());
        if self.size > left {
            let (id, offset, size) = (self.name(), self.offset, self.size);
            return Err(Error::Overrun { id, offset, size, left });
        }
        Ok(self.start()..self.start() + self.size)
    }
}

/// Sizes of more than 32 bits.
#[derive(Debug, Default)]
pub(super) struct Sizes {
    data: Option<u64>,
    others: Vec<([u8; 4], u64)>,
}

impl Sizes {
    /// Reads the chunk `ds64`: the sizes of the file, of `data` and of the samples, and a table of
    /// further chunks.
    pub(super) fn read(input: &mut Input<'_>, chunk: &Chunk) -> Result<Self, Error> {
        let short = Error::ShortSizes { offset: chunk.offset, found: chunk.size };
        let [.., b0, b1, b2, b3, b4, b5, b6, b7, _, _, _, _, _, _, _, _, r0, r1, r2, r3] =
            match read::<28>(input, chunk.start())? {
                Some(fields) if chunk.size >= DS64_BYTES => fields,
                _ => return Err(short),
            };
        let rows = u64::from(u32::from_le_bytes([r0, r1, r2, r3]));
        let room = (chunk.size - DS64_BYTES) / ROW_BYTES as u64;
        let mut others = Vec::new();
        for row in 0..rows.min(room).min(MAX_ROWS) {
            let at = chunk.start() + DS64_BYTES + row * ROW_BYTES as u64;
            let Some([a, b, c, d, size @ ..]) = read::<ROW_BYTES>(input, at)? else { break };
            others.push(([a, b, c, d], u64::from_le_bytes(size)));
        }
        Ok(Self { data: Some(u64::from_le_bytes([b0, b1, b2, b3, b4, b5, b6, b7])), others })
    }

    /// Completes a chunk's size.
    pub(super) fn apply(&self, chunk: &mut Chunk) {
        let row = self.others.iter().find(|(id, _)| *id == chunk.id);
        let size = row.map(|(_, size)| *size).or(self.data.filter(|_| &chunk.id == b"data"));
        if let (true, Some(size)) = (chunk.size == u64::from(IN_DS64), size) {
            chunk.size = size;
        }
    }
}

/// So many bytes from `offset` on, if there are as many.
pub(super) fn read<const COUNT: usize>(
    input: &mut Input<'_>,
    offset: u64,
) -> Result<Option<[u8; COUNT]>, Error> {
    let bytes = input.at(offset, COUNT).map_err(|error| Error::read(offset, &error))?;
    Ok(bytes.first_chunk().copied())
}
