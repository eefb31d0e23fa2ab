//! What a file is, by its first bytes: names lie.
//!
//! Must not read more than the head of a file, nor judge whether it is whole.

use super::input::Input;
use std::io;

/// How many bytes of a file are looked at.
const HEAD_BYTES: usize = 512;
/// Most ID3 tags that are skipped: more than one is a mishap, many are a trap.
const MAX_TAGS: usize = 8;
/// Bytes of an ID3 tag's header.
const TAG_HEADER_BYTES: usize = 10;

/// What the first bytes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// RIFF/WAVE, with its sisters in big-endian order and with 64-bit sizes.
    Wave,
    /// FLAC, not inside Ogg.
    Flac,
    /// MPEG audio of layer I, II or III.
    Mpeg,
    /// No byte at all.
    Empty,
    /// Anything else, in words that follow "found".
    Other(&'static str),
}

impl Kind {
    /// What a file is, and where that begins: ID3 tags in front of it are skipped, as taggers put
    /// them before anything.
    pub(super) fn of(input: &mut Input<'_>) -> io::Result<(Self, u64)> {
        let mut start = 0;
        for _ in 0..MAX_TAGS {
            let head = input.at(start, HEAD_BYTES)?;
            let Some(tag_bytes) = tag(head) else {
                let kind = Self::of_head(head);
                let tagged = start > 0 && matches!(kind, Self::Other(_) | Self::Empty);
                return Ok((
                    if tagged { Self::Other("an ID3 tag without sound") } else { kind },
                    start,
                ));
            };
            start += tag_bytes;
        }
        Ok((Self::Other("many ID3 tags"), start))
    }

    /// In words that follow "found".
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Wave => "a WAV file",
            Self::Flac => "a FLAC file",
            Self::Mpeg => "an MP3 file",
            Self::Empty => "nothing",
            Self::Other(name) => name,
        }
    }

    /// Whether its sound can be read here.
    pub(super) fn is_read(self) -> bool {
        match self {
            Self::Wave => true,
            Self::Flac | Self::Mpeg => cfg!(feature = "compressed-sources"),
            Self::Empty | Self::Other(_) => false,
        }
    }

    fn of_head(head: &[u8]) -> Self {
        const SIGNATURES: [(&[u8], &str); 12] = [
            (b"riff\x2E\x91\xCF\x11", "a Sony Wave64 file"),
            (b"OggS", "an Ogg file"),
            (b"FORM", "an AIFF file"),
            (b".snd", "an AU file"),
            (b"#!AMR", "an AMR file"),
            (b"\x1A\x45\xDF\xA3", "a WebM or Matroska file"),
            (b"caff", "a CAF file"),
            (b"\x30\x26\xB2\x75", "a WMA file"),
            (b"RIFF", "a RIFF file that is not WAVE"),
            (b"PK\x03\x04", "a ZIP archive"),
            (b"\x1F\x8B", "a gzip archive"),
            (b"\xEF\xBB\xBFRIFF", "a WAV file that was saved as text, which destroys it"),
        ];
        if head.is_empty() {
            return Self::Empty;
        }
        let is_wave = matches!(head.get(..4), Some(b"RIFF" | b"RIFX" | b"RF64" | b"BW64"));
        if is_wave && head.get(8..12) == Some(b"WAVE") {
            return Self::Wave;
        }
        if head.starts_with(b"fLaC") {
            return Self::Flac;
        }
        if head.starts_with(b"OggS") {
            return in_ogg(head);
        }
        if let Some((_, name)) = SIGNATURES.iter().find(|(start, _)| head.starts_with(start)) {
            return Self::Other(name);
        }
        unsigned(head)
    }
}

/// Bytes of the ID3 tag that begins here. Its size has seven bits in each byte.
fn tag(head: &[u8]) -> Option<u64> {
    let header: &[u8; TAG_HEADER_BYTES] = head.first_chunk()?;
    let [b'I', b'D', b'3', _, _, flags, size @ ..] = header else { return None };
    if size.iter().any(|byte| byte & 0x80 != 0) {
        return None;
    }
    let body = size.iter().fold(0_u64, |sum, byte| sum << 7 | u64::from(*byte));
    let has_footer = flags & 0x10 != 0;
    Some(body + TAG_HEADER_BYTES as u64 * if has_footer { 2 } else { 1 })
}

/// The first packet of an Ogg file says what is inside.
fn in_ogg(head: &[u8]) -> Kind {
    const INSIDE: [(&[u8], Kind); 5] = [
        (b"\x01vorbis", Kind::Other("an Ogg Vorbis file")),
        (b"OpusHead", Kind::Other("an Ogg Opus file")),
        (b"Speex   ", Kind::Other("an Ogg Speex file")),
        (b"\x7FFLAC", Kind::Other("a FLAC file inside Ogg")),
        (b"\x80theora", Kind::Other("an Ogg video")),
    ];
    let segments = usize::from(head.get(26).copied().unwrap_or_default());
    let packet = head.get(27 + segments..).unwrap_or_default();
    let inside = INSIDE.iter().find(|(start, _)| packet.starts_with(start));
    inside.map_or(Kind::Other("an Ogg file"), |(_, kind)| *kind)
}

/// Files without a signature: MPEG frames, MP4 boxes, text.
fn unsigned(head: &[u8]) -> Kind {
    if let [0xFF, second, third, ..] = *head
        && second & 0xE0 == 0xE0
    {
        let (version, layer) = (second >> 3 & 3, second >> 1 & 3);
        let possible = version != 1 && layer != 0 && third >> 4 != 15 && third >> 2 & 3 != 3;
        return if possible { Kind::Mpeg } else { Kind::Other("an AAC stream") };
    }
    if head.get(4..8) == Some(b"ftyp") {
        return Kind::Other("an MP4 file");
    }
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The last character may be cut by the length looked at.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => "",
    };
    let printable = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\u{FEFF}');
    let is_text = !text.is_empty() && text.chars().all(printable);
    Kind::Other(if is_text { "a text file" } else { "unknown bytes" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_called_by_their_own_name() {
        let mut opus = b"OggS".to_vec();
        opus.resize(26, 0);
        opus.extend(b"\x01\x13OpusHead");
        for (bytes, expected) in [
            (b"".as_slice(), Kind::Empty),
            (b"RIFF\0\0\0\0WAVE", Kind::Wave),
            (b"RF64\xFF\xFF\xFF\xFFWAVE", Kind::Wave),
            (b"RIFX\0\0\0\0WAVE", Kind::Wave),
            (b"RIFF\0\0\0\0AVI ", Kind::Other("a RIFF file that is not WAVE")),
            (b"fLaC\0\0\0\x22", Kind::Flac),
            (&opus, Kind::Other("an Ogg Opus file")),
            (b"OggS\0\x02", Kind::Other("an Ogg file")),
            (b"\xFF\xFB\x90\x64\0", Kind::Mpeg),
            (b"\xFF\xF1\x50\x80", Kind::Other("an AAC stream")),
            (b"\0\0\0\x20ftypM4A ", Kind::Other("an MP4 file")),
            ("请稍后\n".as_bytes(), Kind::Other("a text file")),
            (b"\x00\x01\x02\x03", Kind::Other("unknown bytes")),
        ] {
            assert_eq!(Kind::of(&mut Input::of(bytes)).unwrap(), (expected, 0));
        }
    }

    #[test]
    fn tags_in_front_are_skipped() {
        let tag = b"ID3\x04\0\0\0\0\0\x03abc";
        for (rest, expected) in [
            (b"RIFF\0\0\0\0WAVE".as_slice(), Kind::Wave),
            (b"\xFF\xFB\x90\x64", Kind::Mpeg),
            (b"", Kind::Other("an ID3 tag without sound")),
        ] {
            let bytes = [tag, rest].concat();
            assert_eq!(Kind::of(&mut Input::of(&bytes)).unwrap(), (expected, 13));
        }
        let many = tag.repeat(1_000);
        assert_eq!(Kind::of(&mut Input::of(&many)).unwrap().0, Kind::Other("many ID3 tags"));
    }
}
