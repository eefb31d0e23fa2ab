//! Whatever Asterisk complains about at load, the linter finds something on that line.

#![allow(clippy::unwrap_used, reason = "test code panics where it cannot go on")]

#[path = "support/probes.rs"]
mod probes;

use ivrkit::dialplan_files::Folder;
use ivrkit_dialplan::{
    lint::{self, Reading, Settings},
    syntax::{Kind, Lines, Message},
};
use std::{collections::HashSet, fs, os::unix::ffi::OsStrExt as _, path::Path};

#[test]
fn every_complaint_of_the_probes_has_a_finding_on_its_line() {
    let mut count = 0;
    for probe in probes::all() {
        let reading = read(&probe.folder.join("extensions.conf"));
        let found = found_lines(&reading);
        // What is not modelled is said by us, not by Asterisk.
        let said = reading.dialplan.messages.iter();
        for message in said.filter(|message| message.kind != Kind::NotModelled) {
            count += 1;
            let lines = lines(&reading, message);
            let is_found = lines.iter().any(|line| found.contains(line));
            assert!(is_found, "{}: {message:?} among {found:?}", probe.name);
        }
    }
    assert!(count >= 150, "{count} messages");
}

fn read(path: &Path) -> Reading {
    let bytes = fs::read(path).unwrap();
    lint::read(path.as_os_str().as_bytes(), bytes, &mut Folder::of(path))
}

/// File and line of everything that is found.
fn found_lines(reading: &Reading) -> HashSet<(Vec<u8>, usize)> {
    let mut lines = Lines::new(&reading.dialplan.files);
    let found = reading.lint(&Settings::default());
    let places = found.iter().map(|finding| lines.excerpt(finding.place));
    places.map(|at| (at.file.to_vec(), at.line)).collect()
}

/// The line that a message points at, and the one that Asterisk names: a comment without an end is
/// noticed at the end of the file, and named by the line that opens it. After a stray `--;` no line
/// is named.
fn lines(reading: &Reading, message: &Message) -> Vec<(Vec<u8>, usize)> {
    let at = Lines::new(&reading.dialplan.files).excerpt(message.place);
    if message.line == 0 {
        let bytes = &reading.dialplan.files.file(message.place.file).bytes;
        let stray = bytes.split(|&byte| byte == b'\n').position(|line| {
            line.windows(3).any(|three| three == b"--;")
                && !line.windows(3).any(|three| three == b";--")
        });
        return vec![(at.file.to_vec(), stray.unwrap() + 1)];
    }
    vec![(at.file.to_vec(), at.line), (at.file.to_vec(), message.line as usize)]
}
