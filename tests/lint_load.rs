//! Whatever Asterisk complains about at load, the linter finds something on that line.

#![allow(clippy::unwrap_used, reason = "test code panics where it cannot go on")]

#[path = "support/complained_lines.rs"]
mod complained_lines;
#[path = "support/probes.rs"]
mod probes;

use complained_lines::{found_lines, lines, read};
use ivrkit_dialplan::{lint::Settings, syntax::Kind};

#[test]
fn every_complaint_of_the_probes_has_a_finding_on_its_line() {
    let mut count = 0;
    for probe in probes::all() {
        let reading = read(&probe.folder.join("extensions.conf"));
        let found = found_lines(&reading, &reading.lint(&Settings::default()));
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
