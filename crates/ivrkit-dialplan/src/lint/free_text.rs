//! Which applications take a text for people, in which any character may be meant.

/// Applications whose data is a text for people, or may be.
const APPLICATIONS: [&str; 8] =
    ["NoOp", "Verbose", "Log", "Set", "MSet", "SendText", "UserEvent", "System"];

/// Whether the application of an `exten` or `same` line takes a text for people.
pub(super) fn is(value: &[u8]) -> bool {
    let Some(open) = value.iter().position(|&byte| byte == b'(') else { return false };
    let name = value[..open].rsplit(|&byte| byte == b',').next().unwrap_or_default();
    let name = name.trim_ascii();
    APPLICATIONS.iter().any(|one| name.eq_ignore_ascii_case(one.as_bytes()))
}
