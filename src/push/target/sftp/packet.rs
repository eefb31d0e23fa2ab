//! Packets of SFTP version 3, as bytes and as values.
//!
//! Facts: draft-ietf-secsh-filexfer-02; the extensions of OpenSSH from its file `PROTOCOL`. Must not
//! know what a packet is sent for, and must not trust a length that came from the other side.

/// Version of the protocol that is spoken.
pub(super) const VERSION: u32 = 3;
/// Largest packet that is taken from a server; OpenSSH sends at most 256 KiB.
pub(super) const MAX_PACKET_BYTES: usize = 512 * 1024;

const INIT: u8 = 1;
const VERSION_REPLY: u8 = 2;
const OPEN: u8 = 3;
const CLOSE: u8 = 4;
const READ: u8 = 5;
const WRITE: u8 = 6;
const LSTAT: u8 = 7;
const FSTAT: u8 = 8;
const FSETSTAT: u8 = 10;
const OPENDIR: u8 = 11;
const READDIR: u8 = 12;
const REMOVE: u8 = 13;
const MKDIR: u8 = 14;
const RMDIR: u8 = 15;
const RENAME: u8 = 18;
const STATUS: u8 = 101;
const HANDLE: u8 = 102;
const DATA: u8 = 103;
const NAME: u8 = 104;
const ATTRS: u8 = 105;
const EXTENDED: u8 = 200;
const EXTENDED_REPLY: u8 = 201;

const ATTR_SIZE: u32 = 0x1;
const ATTR_OWNER: u32 = 0x2;
const ATTR_PERMISSIONS: u32 = 0x4;
const ATTR_TIMES: u32 = 0x8;
const ATTR_EXTENDED: u32 = 0x8000_0000;

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OpenMode {
    /// For reading.
    Read,
    /// For writing, without cutting it.
    Write,
    /// Made for writing; refused when the name is taken.
    CreateNew,
}

impl OpenMode {
    fn flags(self) -> u32 {
        const READ: u32 = 0x1;
        const WRITE: u32 = 0x2;
        const CREATE: u32 = 0x8;
        const EXCLUSIVE: u32 = 0x20;
        match self {
            Self::Read => READ,
            Self::Write => WRITE,
            Self::CreateNew => WRITE | CREATE | EXCLUSIVE,
        }
    }
}

/// What is asked of the server. Paths and handles are bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Request<'a> {
    Open {
        path: &'a [u8],
        mode: OpenMode,
        permissions: u32,
    },
    Close {
        handle: &'a [u8],
    },
    Read {
        handle: &'a [u8],
        offset_bytes: u64,
        length_bytes: u32,
    },
    Write {
        handle: &'a [u8],
        offset_bytes: u64,
        bytes: &'a [u8],
    },
    Inspect {
        handle: &'a [u8],
    },
    SetAttributes {
        handle: &'a [u8],
        permissions: u32,
        modified_s: u32,
    },
    OpenFolder {
        path: &'a [u8],
    },
    ReadFolder {
        handle: &'a [u8],
    },
    /// Attributes of what has a name, links not followed.
    Look {
        path: &'a [u8],
    },
    Remove {
        path: &'a [u8],
    },
    MakeFolder {
        path: &'a [u8],
    },
    RemoveFolder {
        path: &'a [u8],
    },
    Rename {
        from: &'a [u8],
        to: &'a [u8],
    },
    /// `posix-rename@openssh.com`: in place of what has the new name, in one step.
    PosixRename {
        from: &'a [u8],
        to: &'a [u8],
    },
    /// `statvfs@openssh.com`
    FileSystem {
        path: &'a [u8],
    },
    /// `fsync@openssh.com`
    Sync {
        handle: &'a [u8],
    },
    /// `limits@openssh.com`
    Limits,
}

/// What the server answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Response {
    Status {
        code: u32,
        message: Vec<u8>,
    },
    Handle(Vec<u8>),
    Data(Vec<u8>),
    Names(Vec<(Vec<u8>, FileAttributes)>),
    Attributes(FileAttributes),
    /// Body of an answer to an extension.
    Extended(Vec<u8>),
}

/// Attributes of a file, each only if the server says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct FileAttributes {
    pub(super) size_bytes: Option<u64>,
    pub(super) permissions: Option<u32>,
    pub(super) modified_s: Option<u32>,
}

/// The server's hello: its version, and its extensions with their versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hello {
    pub(super) version: u32,
    pub(super) extensions: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Bytes that are no packet of this protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    /// The packet ends before its content does.
    #[error("a packet ends too early")]
    Short,
    /// The length can be none.
    #[error("a packet claims {0} bytes")]
    Length(usize),
    /// No answer has that type.
    #[error("a packet has the unknown type {0}")]
    Type(u8),
}

/// Appends the client's hello.
pub(super) fn encode_hello(out: &mut Vec<u8>) {
    packet(out, |out| {
        out.push(INIT);
        out.extend(VERSION.to_be_bytes());
    });
}

/// Appends a request.
pub(super) fn encode(id: u32, request: &Request<'_>, out: &mut Vec<u8>) {
    packet(out, |out| {
        out.push(request.kind());
        out.extend(id.to_be_bytes());
        request.write_body(out);
    });
}

impl Request<'_> {
    fn kind(&self) -> u8 {
        match self {
            Self::Open { .. } => OPEN,
            Self::Close { .. } => CLOSE,
            Self::Read { .. } => READ,
            Self::Write { .. } => WRITE,
            Self::Inspect { .. } => FSTAT,
            Self::Look { .. } => LSTAT,
            Self::SetAttributes { .. } => FSETSTAT,
            Self::OpenFolder { .. } => OPENDIR,
            Self::ReadFolder { .. } => READDIR,
            Self::Remove { .. } => REMOVE,
            Self::MakeFolder { .. } => MKDIR,
            Self::RemoveFolder { .. } => RMDIR,
            Self::Rename { .. } => RENAME,
            Self::PosixRename { .. }
            | Self::FileSystem { .. }
            | Self::Sync { .. }
            | Self::Limits => EXTENDED,
        }
    }

    fn write_body(&self, out: &mut Vec<u8>) {
        match self {
            Self::Open { path, mode, permissions } => {
                string(out, path);
                out.extend(mode.flags().to_be_bytes());
                out.extend(ATTR_PERMISSIONS.to_be_bytes());
                out.extend(permissions.to_be_bytes());
            }
            Self::Close { handle } | Self::Inspect { handle } | Self::ReadFolder { handle } => {
                string(out, handle);
            }
            Self::Read { handle, offset_bytes, length_bytes } => {
                string(out, handle);
                out.extend(offset_bytes.to_be_bytes());
                out.extend(length_bytes.to_be_bytes());
            }
            Self::Write { handle, offset_bytes, bytes } => {
                string(out, handle);
                out.extend(offset_bytes.to_be_bytes());
                string(out, bytes);
            }
            Self::SetAttributes { handle, permissions, modified_s } => {
                string(out, handle);
                out.extend((ATTR_PERMISSIONS | ATTR_TIMES).to_be_bytes());
                out.extend(permissions.to_be_bytes());
                // Time of access, then of modification.
                out.extend(modified_s.to_be_bytes());
                out.extend(modified_s.to_be_bytes());
            }
            Self::OpenFolder { path }
            | Self::Look { path }
            | Self::Remove { path }
            | Self::RemoveFolder { path } => string(out, path),
            Self::MakeFolder { path } => {
                string(out, path);
                out.extend(0_u32.to_be_bytes());
            }
            Self::Rename { from, to } => {
                string(out, from);
                string(out, to);
            }
            Self::PosixRename { from, to } => {
                string(out, b"posix-rename@openssh.com");
                string(out, from);
                string(out, to);
            }
            Self::FileSystem { path } => {
                string(out, b"statvfs@openssh.com");
                string(out, path);
            }
            Self::Sync { handle } => {
                string(out, b"fsync@openssh.com");
                string(out, handle);
            }
            Self::Limits => string(out, b"limits@openssh.com"),
        }
    }
}

/// Appends what `body` writes, behind its length.
fn packet(out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend([0; 4]);
    body(out);
    let length = u32::try_from(out.len() - start - 4).expect("a packet is far below 4 GiB");
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
}

fn string(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).expect("a string is far below 4 GiB");
    out.extend(length.to_be_bytes());
    out.extend(bytes);
}

/// Splits the first packet off `bytes`: its body and how many bytes it took; `None` while it is not
/// whole.
pub(super) fn split(bytes: &[u8]) -> Result<Option<(&[u8], usize)>, Malformed> {
    let Some((length, rest)) = bytes.split_first_chunk::<4>() else { return Ok(None) };
    let length = u32::from_be_bytes(*length) as usize;
    if length == 0 || length > MAX_PACKET_BYTES {
        return Err(Malformed::Length(length));
    }
    Ok(rest.get(..length).map(|body| (body, 4 + length)))
}

/// Reads the server's hello.
pub(super) fn decode_hello(body: &[u8]) -> Result<Hello, Malformed> {
    let mut body = Fields(body);
    match body.byte()? {
        VERSION_REPLY => {}
        other => return Err(Malformed::Type(other)),
    }
    let version = body.u32()?;
    let mut extensions = Vec::new();
    while !body.0.is_empty() {
        extensions.push((body.string()?.to_vec(), body.string()?.to_vec()));
    }
    Ok(Hello { version, extensions })
}

/// Reads an answer and the id of its request.
pub(super) fn decode(body: &[u8]) -> Result<(u32, Response), Malformed> {
    let mut body = Fields(body);
    let kind = body.byte()?;
    let id = body.u32()?;
    let response = match kind {
        STATUS => {
            let code = body.u32()?;
            // Some servers leave the message out.
            let message = body.string().unwrap_or_default().to_vec();
            Response::Status { code, message }
        }
        HANDLE => Response::Handle(body.string()?.to_vec()),
        DATA => Response::Data(body.string()?.to_vec()),
        NAME => Response::Names(names(&mut body)?),
        ATTRS => Response::Attributes(body.attributes()?),
        EXTENDED_REPLY => Response::Extended(body.0.to_vec()),
        other => return Err(Malformed::Type(other)),
    };
    Ok((id, response))
}

fn names(body: &mut Fields<'_>) -> Result<Vec<(Vec<u8>, FileAttributes)>, Malformed> {
    let count = body.u32()?;
    // The count is the server's claim: memory is taken for what comes, not for what is claimed.
    let mut names = Vec::new();
    for _ in 0..count {
        let name = body.string()?.to_vec();
        body.string()?;
        names.push((name, body.attributes()?));
    }
    Ok(names)
}

/// The rest of a packet.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    fn byte(&mut self) -> Result<u8, Malformed> {
        let (first, rest) = self.0.split_first().ok_or(Malformed::Short)?;
        self.0 = rest;
        Ok(*first)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Malformed> {
        let (first, rest) = self.0.split_first_chunk().ok_or(Malformed::Short)?;
        self.0 = rest;
        Ok(u32::from_be_bytes(*first))
    }

    pub(super) fn u64(&mut self) -> Result<u64, Malformed> {
        let (first, rest) = self.0.split_first_chunk().ok_or(Malformed::Short)?;
        self.0 = rest;
        Ok(u64::from_be_bytes(*first))
    }

    fn string(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.u32()? as usize;
        let (first, rest) = self.0.split_at_checked(length).ok_or(Malformed::Short)?;
        self.0 = rest;
        Ok(first)
    }

    fn attributes(&mut self) -> Result<FileAttributes, Malformed> {
        let flags = self.u32()?;
        let mut attributes = FileAttributes::default();
        if flags & ATTR_SIZE != 0 {
            attributes.size_bytes = Some(self.u64()?);
        }
        if flags & ATTR_OWNER != 0 {
            self.u64()?;
        }
        if flags & ATTR_PERMISSIONS != 0 {
            attributes.permissions = Some(self.u32()?);
        }
        if flags & ATTR_TIMES != 0 {
            self.u32()?;
            attributes.modified_s = Some(self.u32()?);
        }
        if flags & ATTR_EXTENDED != 0 {
            for _ in 0..self.u32()? {
                self.string()?;
                self.string()?;
            }
        }
        Ok(attributes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(request: &Request<'_>, expected: &[u8]) {
        let mut out = Vec::new();
        encode(7, request, &mut out);
        let (body, taken) = split(&out).unwrap().unwrap();
        assert_eq!(taken, out.len());
        assert_eq!(body[1..5], [0, 0, 0, 7]);
        assert_eq!([&body[..1], &body[5..]].concat(), expected, "{request:?}");
    }

    #[test]
    fn requests_are_laid_out_as_the_draft_says() {
        check(
            &Request::Open { path: b"a", mode: OpenMode::CreateNew, permissions: 0o644 },
            b"\x03\0\0\0\x01a\0\0\0\x2a\0\0\0\x04\0\0\x01\xa4",
        );
        check(&Request::Close { handle: b"h" }, b"\x04\0\0\0\x01h");
        check(
            &Request::Write { handle: b"h", offset_bytes: 258, bytes: b"xy" },
            b"\x06\0\0\0\x01h\0\0\0\0\0\0\x01\x02\0\0\0\x02xy",
        );
        check(
            &Request::SetAttributes { handle: b"h", permissions: 0o644, modified_s: 5 },
            b"\x0a\0\0\0\x01h\0\0\0\x0c\0\0\x01\xa4\0\0\0\x05\0\0\0\x05",
        );
        check(&Request::Look { path: b"a" }, b"\x07\0\0\0\x01a");
        check(&Request::MakeFolder { path: b"d" }, b"\x0e\0\0\0\x01d\0\0\0\0");
        check(
            &Request::PosixRename { from: b"a", to: b"b" },
            b"\xc8\0\0\0\x18posix-rename@openssh.com\0\0\0\x01a\0\0\0\x01b",
        );
        check(&Request::Limits, b"\xc8\0\0\0\x12limits@openssh.com");
    }

    #[test]
    fn answers_are_read_as_the_draft_says() {
        let status = b"\x65\0\0\0\x09\0\0\0\x04\0\0\0\x07Failure\0\0\0\0";
        let expected = Response::Status { code: 4, message: b"Failure".to_vec() };
        assert_eq!(decode(status), Ok((9, expected)));
        let bare = b"\x65\0\0\0\x09\0\0\0\x04";
        assert_eq!(decode(bare), Ok((9, Response::Status { code: 4, message: Vec::new() })));
        let names = b"\x68\0\0\0\x01\0\0\0\x01\0\0\0\x01a\0\0\0\x02-r\0\0\0\x0d\
            \0\0\0\0\0\0\0\x05\0\0\x81\xa4\0\0\0\x01\0\0\0\x02";
        let attributes = FileAttributes {
            size_bytes: Some(5),
            permissions: Some(0o100_644),
            modified_s: Some(2),
        };
        assert_eq!(decode(names), Ok((1, Response::Names(vec![(b"a".to_vec(), attributes)]))));
    }

    #[test]
    fn a_hello_lists_extensions() {
        let hello = decode_hello(b"\x02\0\0\0\x03\0\0\0\x01a\0\0\0\x011").unwrap();
        assert_eq!(hello.version, 3);
        assert_eq!(hello.extensions, [(b"a".to_vec(), b"1".to_vec())]);
    }

    #[test]
    fn a_claim_is_not_believed() {
        assert_eq!(split(b"\0\0\0\0"), Err(Malformed::Length(0)));
        assert_eq!(split(b"This is a shell"), Err(Malformed::Length(0x5468_6973)));
        assert_eq!(split(b"\0\0\0\x05\x65"), Ok(None));
        assert_eq!(decode(b"\x68\0\0\0\x01\xff\xff\xff\xff\0\0\0\x01a"), Err(Malformed::Short));
        assert_eq!(decode(b"\x67\0\0\0\x01\xff\xff\xff\xffabc"), Err(Malformed::Short));
        assert_eq!(decode(b"\x07\0\0\0\x01"), Err(Malformed::Type(7)));
    }

    proptest! {
        #[test]
        fn no_bytes_from_a_server_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = split(&bytes);
            let _ = decode(&bytes);
            let _ = decode_hello(&bytes);
        }
    }
}
