//! The place that prompts are uploaded to: a folder, or an SFTP address without a password.
//!
//! Messages never repeat an address that holds a password.

use crate::{
    diagnostic::Diagnostic,
    scenario::{
        code,
        outline::{Outline, Word},
        words::quoted,
    },
};

const EXPECTED: &str = "a folder or `sftp://user@host[:port]/path`";

pub(super) fn check(outline: &Outline, findings: &mut Vec<Diagnostic>) {
    let Some(word) = &outline.media.push_to else { return };
    let error = |message: String| Diagnostic::error(code::PUSH_TO, word.span, message);
    if has_password(&word.text) {
        let message = "found a password in `push_to`, expected an address without one";
        findings.push(
            Diagnostic::error(code::PUSH_PASSWORD, word.span, message)
                .with_help("remove it and use a key or an agent: scenarios are shared and shown"),
        );
        return;
    }
    if let Some((found, help)) = refused(word) {
        let message = format!("found {found}, expected {EXPECTED}");
        findings.push(error(message).with_optional_help(help.map(str::to_owned)));
    }
}

/// Whether a text has the form `scheme://user:password@host`.
fn has_password(text: &str) -> bool {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'))
}

fn refused(word: &Word) -> Option<(String, Option<&'static str>)> {
    let text = word.text.as_str();
    let shown = quoted(text);
    if text.chars().any(char::is_control) {
        return Some((format!("a control character in {shown}"), None));
    }
    match text.split_once("://") {
        Some(("sftp" | "scp", address)) => {
            address_refused(address).map(|what| (format!("{what} in {shown}"), None))
        }
        Some(("file", _)) => Some((format!("the address {shown}"), Some("write the folder alone"))),
        Some(_) => Some((
            format!("the address {shown}"),
            Some("other protocols are reached through a folder that the share is mounted on"),
        )),
        None => folder_refused(text).map(|help| (shown, Some(help))),
    }
}

/// What is wrong with `user@host[:port]/path`.
fn address_refused(address: &str) -> Option<&'static str> {
    let Some((authority, path)) = address.split_once('/') else { return Some("no path") };
    let Some((user, host)) = authority.rsplit_once('@') else { return Some("no user") };
    let (host, port) = match host.rsplit_once(':') {
        Some((host, port)) if !host.starts_with('[') || host.ends_with(']') => (host, Some(port)),
        _ => (host, None),
    };
    if user.is_empty() {
        return Some("no user");
    }
    if host.is_empty() || host == "[]" || host.contains(char::is_whitespace) {
        return Some("no host");
    }
    if port.is_some_and(|port| !port.parse().is_ok_and(|port: u16| port > 0)) {
        return Some("a port that is not 1 to 65535");
    }
    path.trim_matches('/').is_empty().then_some("no path")
}

fn folder_refused(text: &str) -> Option<&'static str> {
    let first = text.split('/').next().unwrap_or_default();
    if first.contains('@') && first.contains(':') {
        return Some("write the address as `sftp://user@host/path`");
    }
    if text.contains('\\') {
        return Some("mount the share and write the folder that it is mounted on");
    }
    text.starts_with('~').then_some("`~` is for shells only; write the folder out")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{scenario::tests::check, source::Span};

    fn form(text: &str, expected: Option<&str>) {
        let word = Word { text: text.to_owned(), span: Span::default() };
        let found = refused(&word).map(|(found, _)| found);
        assert_eq!(found.as_deref(), expected, "{text}");
    }

    #[test]
    fn forms_of_targets() {
        form("/mnt/share", None);
        form("../out", None);
        form("sftp://pbx@192.0.2.1/media", None);
        form("sftp://pbx@nas.example:2222/volume1/share", None);
        form("scp://pbx@nas.example:2222/volume1/share", None);
        form("sftp://pbx@[2001:db8::1]:22/media", None);
        form("sftp://pbx@[2001:db8::1]/media", None);
        form("sftp://192.0.2.1/media", Some("no user in `sftp://192.0.2.1/media`"));
        form("sftp://pbx@/media", Some("no host in `sftp://pbx@/media`"));
        form("sftp://pbx@host", Some("no path in `sftp://pbx@host`"));
        form("sftp://pbx@host/", Some("no path in `sftp://pbx@host/`"));
        form("sftp://pbx@h:0/m", Some("a port that is not 1 to 65535 in `sftp://pbx@h:0/m`"));
        form(
            "sftp://pbx@h:70000/m",
            Some("a port that is not 1 to 65535 in `sftp://pbx@h:70000/m`"),
        );
        form("smb://nas/share", Some("the address `smb://nas/share`"));
        form("file:///mnt/share", Some("the address `file:///mnt/share`"));
        form("pbx@host:/media", Some("`pbx@host:/media`"));
        form(r"\\nas\share", Some(r"`\\nas\share`"));
        form("~/share", Some("`~/share`"));
    }

    #[test]
    fn targets_in_a_scenario() {
        check(
            r"
media:
  root: /tmp/media/networkdisk1
  source: prompts
  push_to: ftp://pbx@192.0.2.1/media
#          ^^^^^^^^^^^^^^^^^^^^^^^^^ error[push-to]: found the address `ftp://pbx@192.0.2.1/media`, expected a folder or `sftp://user@host[:port]/path`
",
        );
    }

    #[test]
    fn a_password_is_refused_and_not_repeated() {
        check(
            r"
media:
  root: /tmp/media/networkdisk1
  source: prompts
  push_to: sftp://pbx:secret@192.0.2.1/media
#          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[push-password]: found a password in `push_to`, expected an address without one
",
        );
    }
}
