//! Commands as text: quoted so that whatever a name or a file holds is never taken for shell.
//!
//! The functions that are called here stand in `server.sh`. Must not send anything.

use std::fmt::Write as _;

/// What defines the functions; needs a mark of its own in front.
const PRELUDE: &str = include_str!("server.sh");

/// How bytes are written as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Base 64.
    Base64,
    /// Octal numbers for `printf`.
    Octal,
}

/// The functions, and the words that set the mark.
pub(super) fn prelude(mark: &str) -> String {
    let lines = PRELUDE.lines().filter(|line| !line.starts_with('#'));
    let mut text = format!("mark={mark}\n");
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// A call whose answer ends with the mark and the status. The shell must not read the files that
/// follow as its own input, and a call that is cut off in the middle is no command at all.
pub(super) fn framed(call: &[u8], mark: &str) -> Vec<u8> {
    let end = format!("\n}} </dev/null 2>&1\necho \"\n{mark} $?\"\n");
    [b"{\n", call, end.as_bytes()].concat()
}

/// A function with its arguments.
pub(super) fn call(function: &str, arguments: &[&[u8]]) -> Vec<u8> {
    let mut text = function.as_bytes().to_vec();
    for argument in arguments {
        text.push(b' ');
        quote(argument, &mut text);
    }
    text
}

/// Between single quotes nothing means anything but the quote itself.
fn quote(argument: &[u8], text: &mut Vec<u8>) {
    text.push(b'\'');
    for byte in argument {
        match byte {
            b'\'' => text.extend(br"'\''"),
            byte => text.push(*byte),
        }
    }
    text.push(b'\'');
}

/// A path that no tool can take for an option.
pub(super) fn plain(path: &[u8]) -> Vec<u8> {
    match path {
        [b'/', ..] => path.to_vec(),
        b"" => b".".to_vec(),
        path => [b"./", path].concat(),
    }
}

/// Bytes as text without quotes, blanks or a leading dash.
pub(super) fn encode(bytes: &[u8], encoding: Encoding) -> String {
    match encoding {
        Encoding::Base64 => openssl::base64::encode_block(bytes),
        Encoding::Octal => bytes.iter().fold(String::new(), |mut text, byte| {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' => text.push(char::from(*byte)),
                byte => write!(text, "\\{byte:03o}").expect("a String takes everything"),
            }
            text
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    /// What a real shell makes of it.
    fn check(script: &[u8], expected: &[u8]) {
        use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};
        let output = Command::new("sh").arg("-c").arg(OsStr::from_bytes(script)).output().unwrap();
        assert_eq!(output.stdout, expected, "{}", String::from_utf8_lossy(script));
    }

    #[test]
    fn arguments_arrive_as_they_are() {
        let all: Vec<u8> = (1..=255).collect();
        check(&call("printf %s", &[&all]), &all);
        check(&call("printf %s,", &[b"a'b", b"$(id) `id`", b"", b"\n"]), b"a'b,$(id) `id`,,\n,");
    }

    #[test]
    fn bytes_as_octal_numbers_are_printed_as_they_were() {
        let all: Vec<u8> = (0..=255).collect();
        check(&call("printf", &[encode(&all, Encoding::Octal).as_bytes()]), &all);
        check(b"printf 'a\\1011'", b"aA1");
    }

    #[test]
    fn a_path_is_never_an_option() {
        assert_eq!(plain(b"-rf"), b"./-rf");
        assert_eq!(plain(b"/srv"), b"/srv");
        assert_eq!(plain(b""), b".");
    }
}
