//! Calls that take no time, as lines, for tests of applications.

use crate::{
    application::Version,
    call::{What, testing::events},
};

/// Runs a call on Asterisk 16 and 22 and compares what happens: a line `context,exten,priority
/// application(data)` for each step, `event NAME field: value`, `log LEVEL text`, `not modelled
/// NAME`, and last `end context,exten,priority` with `, cause N` if there is one. What comes later
/// than at once begins with its seconds.
pub(in crate::call) fn check(dialplan: &str, exten: &str, expected: &[&str]) {
    check_on(Version::V16, dialplan, exten, "", expected);
    check_on(Version::V22, dialplan, exten, "", expected);
}

/// The same on one version, with what the caller does.
pub(in crate::call) fn check_on(
    version: Version,
    dialplan: &str,
    exten: &str,
    keys: &str,
    lines: &[&str],
) {
    let found = lines_of(version, dialplan, exten, keys, |what| !is_complaint(what));
    assert_eq!(found, lines, "\n{dialplan}\n{exten} {keys} on {version}");
}

/// What Asterisk complains about, in our words, on both versions.
pub(in crate::call) fn check_complaints(dialplan: &str, exten: &str, expected: &[&str]) {
    for version in [Version::V16, Version::V22] {
        let found = lines_of(version, dialplan, exten, "", is_complaint);
        assert_eq!(found, expected, "\n{dialplan}\n{exten} on {version}");
    }
}

fn is_complaint(what: &What) -> bool {
    matches!(what, What::Complaint { .. })
}

fn lines_of(
    version: Version,
    dialplan: &str,
    exten: &str,
    keys: &str,
    wanted: fn(&What) -> bool,
) -> Vec<String> {
    let events = events(version, dialplan, exten, keys);
    let wanted = events.into_iter().filter(|event| wanted(&event.what));
    wanted
        .filter_map(|event| {
            let line = line(&event.what)?;
            let (seconds, ms) = (event.at_ms / 1000, event.at_ms % 1000);
            Some(if event.at_ms == 0 { line } else { format!("{seconds}.{ms:03} {line}") })
        })
        .collect()
}

fn line(what: &What) -> Option<String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Some(match what {
        What::Step { context, exten, priority, application, data, .. } => {
            format!("{},{},{priority} {application}({})", text(context), text(exten), text(data))
        }
        What::UserEvent { name, fields } => {
            let field =
                |(name, value): &(Vec<u8>, Vec<u8>)| format!(" {}: {}", text(name), text(value));
            let fields: Vec<String> = fields.iter().map(field).collect();
            format!("event {}{}", text(name), fields.join(","))
        }
        What::Logged { level, text: logged } => format!("log {level} {}", text(logged)),
        What::Complaint { text, .. } => text.clone(),
        What::Ended { why: crate::call::Why::NotModelled(name), .. } => {
            format!("not modelled {name}")
        }
        What::Ended { cause, context, exten, priority, .. } => {
            let cause = if *cause == 0 { String::new() } else { format!(", cause {cause}") };
            format!("end {},{},{priority}{cause}", text(context), text(exten))
        }
        _ => return None,
    })
}
