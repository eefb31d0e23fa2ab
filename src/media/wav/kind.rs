//! What a file is, by its first bytes: a WAV, or what was renamed to look like one.

/// What the first bytes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A RIFF/WAVE file with sizes in little-endian order and 32 bits.
    Wave,
    /// No byte at all.
    Empty,
    /// Anything else, in words that follow "found".
    Other(&'static str),
}

impl Kind {
    pub(super) fn of(bytes: &[u8]) -> Self {
        const SIGNATURES: [(&[u8], &str); 12] = [
            (b"RF64", "an RF64 file (WAV with 64-bit sizes)"),
            (b"BW64", "a BW64 file (WAV with 64-bit sizes)"),
            (b"RIFX", "a RIFX file (WAV in big-endian order)"),
            (b"riff\x2E\x91\xCF\x11", "a Sony Wave64 file"),
            (b"OggS", "an Ogg file"),
            (b"fLaC", "a FLAC file"),
            (b"ID3", "an MP3 file"),
            (b"FORM", "an AIFF file"),
            (b".snd", "an AU file"),
            (b"#!AMR", "an AMR file"),
            (b"\x1A\x45\xDF\xA3", "a WebM or Matroska file"),
            (b"RIFF", "a RIFF file that is not WAVE"),
        ];
        if bytes.is_empty() {
            return Self::Empty;
        }
        if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WAVE") {
            return Self::Wave;
        }
        if let Some((_, name)) = SIGNATURES.iter().find(|(start, _)| bytes.starts_with(start)) {
            return Self::Other(name);
        }
        Self::Other(unsigned(bytes))
    }
}

/// Files without a signature: MPEG frames, MP4 boxes, text.
fn unsigned(bytes: &[u8]) -> &'static str {
    const LOOKED_AT: usize = 512;
    if bytes.len() > 3 && bytes[0] == 0xFF && bytes[1] & 0xE0 == 0xE0 {
        return "an MP3 or AAC stream";
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        return "an MP4 file";
    }
    let head = &bytes[..bytes.len().min(LOOKED_AT)];
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The last character may be cut by the length looked at.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => "",
    };
    let printable = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\u{FEFF}');
    if !text.is_empty() && text.chars().all(printable) { "a text file" } else { "unknown bytes" }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn renamed_files_are_called_by_their_name() {
        for (bytes, expected) in [
            (b"".as_slice(), Kind::Empty),
            (b"RIFF\0\0\0\0WAVE", Kind::Wave),
            (b"RIFF\0\0\0\0AVI ", Kind::Other("a RIFF file that is not WAVE")),
            (b"RF64\xFF\xFF\xFF\xFFWAVE", Kind::Other("an RF64 file (WAV with 64-bit sizes)")),
            (b"\xFF\xFB\x90\x64\0", Kind::Other("an MP3 or AAC stream")),
            (b"\0\0\0\x20ftypM4A ", Kind::Other("an MP4 file")),
            ("请稍后\n".as_bytes(), Kind::Other("a text file")),
            (b"\x00\x01\x02\x03", Kind::Other("unknown bytes")),
        ] {
            assert_eq!(Kind::of(bytes), expected);
        }
    }
}
