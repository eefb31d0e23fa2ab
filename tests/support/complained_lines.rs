//! Which lines findings stand on, and which lines Asterisk complains about.

use ivrkit::dialplan_files::Folder;
use ivrkit_dialplan::{
    lint::{self, Finding, Reading},
    syntax::{Lines, Message},
};
use std::{collections::HashSet, fs, os::unix::ffi::OsStrExt as _, path::Path};

/// File and line.
pub(crate) type Line = (Vec<u8>, usize);

/// A dialplan with what it includes.
pub(crate) fn read(path: &Path) -> Reading {
    let bytes = fs::read(path).unwrap();
    lint::read(path.as_os_str().as_bytes(), bytes, &mut Folder::of(path))
}

/// Where each finding stands.
pub(crate) fn found_lines(reading: &Reading, found: &[Finding]) -> HashSet<Line> {
    let mut lines = Lines::new(&reading.dialplan.files);
    let places = found.iter().map(|finding| lines.excerpt(finding.place));
    places.map(|at| (at.file.to_vec(), at.line)).collect()
}

/// The line that a message points at, and the one that Asterisk names: a comment without an end is
/// noticed at the end of the file, and named by the line that opens it. After a stray `--;` no line
/// is named.
pub(crate) fn lines(reading: &Reading, message: &Message) -> Vec<Line> {
    let at = Lines::new(&reading.dialplan.files).excerpt(message.place);
    if message.line == 0 {
        let bytes = &reading.dialplan.files.file(message.place.file).bytes;
        let stray = bytes.split(|&byte| byte == b'\n').position(|line| {
            line.windows(3).any(|three| three == b"--;")
                && !line.windows(3).any(|three| three == b";--")
        });
        let named = stray.map(|stray| (at.file.to_vec(), stray + 1));
        return named.into_iter().chain([(at.file.to_vec(), at.line)]).collect();
    }
    vec![(at.file.to_vec(), at.line), (at.file.to_vec(), message.line as usize)]
}
