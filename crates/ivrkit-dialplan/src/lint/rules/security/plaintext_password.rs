//! A password in the dialplan.

use crate::{
    application::arguments::{self, Text},
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, Subject, rule::rule},
};
use std::ops::Range;

rule! {
    /// # What it finds
    /// A password that stands in the dialplan itself: that of `Authenticate`, `DISA` or `MYSQL(Connect ...)`, a
    /// variable whose name says so, a token within an address. The value is not shown in any report.
    ///
    /// # Why it hurts
    /// Dialplans are copied, sent to suppliers and kept in repositories, and `dialplan show` prints them. Everybody
    /// who has ever seen one has the password, and nobody changes it.
    ///
    /// # Example
    /// ```text
    /// same => n,Authenticate(4711)
    /// ```
    /// Better, keep it where only Asterisk reads it:
    /// ```text
    /// same => n,Authenticate(${DB(codes/door)})
    /// ```
    /// or in a file that is named in `Authenticate(/etc/asterisk/door.codes)`.
    pub(super) static RULE = {
        name: "plaintext-password",
        code: "S014",
        group: Group::Security,
        severity: Severity::Hint,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

/// What names of variables that hold a secret have in them.
const SECRET_NAMES: [&[u8]; 6] =
    [b"PASSWORD", b"PASSWD", b"SECRET", b"APIKEY", b"API_KEY", b"TOKEN"];
/// Parameters of addresses that are secrets.
const SECRET_PARAMETERS: [&[u8]; 6] =
    [b"token=", b"apikey=", b"api_key=", b"password=", b"passwd=", b"secret="];
/// Shorter values are rather switches than secrets.
const SHORTEST: usize = 4;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let is_globals = |name| subject.bytes(name).eq_ignore_ascii_case(b"globals");
    for section in subject.sections.iter().filter(|section| is_globals(section.name)) {
        for line in &section.settings {
            if is_secret_name(subject.bytes(line.name)) && is_written(subject.bytes(line.value)) {
                let place = subject.dialplan.files.place(line.value).unwrap_or(line.place);
                tell(place, findings);
            }
        }
    }
    for step in subject.steps() {
        if !may_hold_secret(
            subject.bytes(step.priority.application),
            subject.bytes(step.priority.data),
        ) {
            continue;
        }
        for call in step.calls() {
            if let Some(range) = secret(&call) {
                tell(call.data_place(range), findings);
            }
        }
    }
}

fn tell(place: crate::syntax::Place, findings: &mut Findings<'_>) {
    let finding = findings.report(place, "a password stands in the dialplan");
    finding.help("keep it in Asterisk's database or in a file of its own").secret();
}

/// Most steps are not worth a closer look.
fn may_hold_secret(application: &[u8], data: &[u8]) -> bool {
    let asks: [&[u8]; 5] = [b"Authenticate", b"DISA", b"MYSQL", b"ExecIf", b"Exec"];
    // With a blank behind it there is no such application, and the password is one all the same.
    asks.iter().any(|name| application.trim_ascii().eq_ignore_ascii_case(name))
        || (memchr::memchr(b'=', data).is_some()
            && (is_secret_name(data) || memchr::memmem::find(data, b"://").is_some()))
}

/// Where a call has a secret in what it is given.
fn secret(call: &Call<'_>) -> Option<Range<usize>> {
    let data = call.data();
    if is(call, "Authenticate") || is(call, "DISA") {
        let first = call.arguments().into_iter().next()?;
        let code = data[first.clone()].trim_ascii();
        let is_code = !code.is_empty() && code.iter().all(u8::is_ascii_alphanumeric);
        return is_code.then_some(first);
    }
    if is(call, "MYSQL") {
        return password_of_connect(data);
    }
    if is(call, "Set") {
        let equals = memchr::memchr(b'=', data)?;
        let is_one = is_secret_name(&data[..equals]) && is_written(&data[equals + 1..]);
        return if is_one { Some(equals + 1..data.len()) } else { secret_parameter(data) };
    }
    secret_parameter(data)
}

fn is(call: &Call<'_>, name: &str) -> bool {
    call.name().trim_ascii().eq_ignore_ascii_case(name.as_bytes())
}

/// `Connect id host user password database`.
fn password_of_connect(data: &[u8]) -> Option<Range<usize>> {
    let words = arguments::split_plain(data, b' ', usize::MAX, Text::Source);
    let mut words = words.into_iter().filter(|word| !word.is_empty());
    if !data[words.next()?].eq_ignore_ascii_case(b"Connect") {
        return None;
    }
    words.nth(3).filter(|word| is_written(&data[word.clone()]))
}

/// The value of a parameter of an address.
fn secret_parameter(data: &[u8]) -> Option<Range<usize>> {
    let address = memchr::memmem::find(data, b"://")?;
    let lower = data.to_ascii_lowercase();
    SECRET_PARAMETERS.iter().find_map(|name| {
        let at = address + memchr::memmem::find(&lower[address..], name)? + name.len();
        let is_end = |byte: &u8| b"&),} \"'".contains(byte);
        let length = data[at..].iter().position(is_end).unwrap_or(data.len() - at);
        is_written(&data[at..at + length]).then_some(at..at + length)
    })
}

/// Whether a name, or anything in a text, is called as secrets are; every step is asked twice.
fn is_secret_name(name: &[u8]) -> bool {
    let begins = |text: &[u8], one: &[u8]| {
        text.get(..one.len()).is_some_and(|start| start.eq_ignore_ascii_case(one))
    };
    let is_first = |byte: u8| matches!(byte.to_ascii_uppercase(), b'P' | b'S' | b'A' | b'T');
    (0..name.len())
        .filter(|&at| is_first(name[at]))
        .any(|at| SECRET_NAMES.iter().any(|one| begins(&name[at..], one)))
}

/// Whether a value stands here as it is.
fn is_written(value: &[u8]) -> bool {
    value.trim_ascii().len() >= SHORTEST && memchr::memchr(b'$', value).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn passwords_do_not_belong_here() {
        check(
            &RULE,
            "
            [globals]
            DB_PASSWORD=abcd1234
                        ^^^^^^^^ a password stands in the dialplan
            [a]
            exten => 1,1,Authenticate(4711)
                                      ^^^^ a password stands in the dialplan
             same => n,DISA(4711,out)
                            ^^^^ a password stands in the dialplan
             same => n,Authenticate (4711)
                                     ^^^^ a password stands in the dialplan
             same => n,Set(API_TOKEN=abcdef)
                                     ^^^^^^ a password stands in the dialplan
             same => n,Set(R=${CURL(http://x/?token=abcdef&n=1)})
                                                    ^^^^^^ a password stands in the dialplan
             same => n,MYSQL(Connect c localhost asterisk abcdef calls)
                                                          ^^^^^^ a password stands in the dialplan
            ",
        );
    }

    #[test]
    fn those_kept_elsewhere_are_fine() {
        check(
            &RULE,
            "
            [globals]
            TRUNK=abcd1234
            DB_PASSWORD=
            [a]
            exten => 1,1,Authenticate(${DB(codes/door)})
             same => n,Authenticate(/etc/asterisk/codes)
             same => n,Set(PASSWORD=${DB(a/b)})
             same => n,DISA(no-password,out)
             same => n,Set(R=${CURL(http://x/?token=${TOKEN}&n=1)})
             same => n,MYSQL(Connect c localhost asterisk ${PASSWORD} calls)
            ",
        );
    }

    #[test]
    fn its_place_is_secret() {
        let text = b"[a]\nexten => 1,1,Authenticate(8273)\n".to_vec();
        let reading = crate::lint::read(b"x.conf", text, &mut crate::syntax::Nothing);
        let found = reading.lint(&crate::lint::Settings::default());
        let own = found.iter().find(|one| one.rule.name == RULE.name).expect("it is found");
        assert!(own.is_secret && !format!("{own:?}").contains("8273"));
    }
}
