//! `Set` of a function that can only be read, or that does not exist.

use crate::{
    application::{function, nearest_function, third_party::is_configured_function},
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, rule::rule},
};

rule! {
    /// # What it finds
    /// `Set(NAME(...)=...)` with a function that cannot be set, or that no Asterisk has.
    ///
    /// # Why it hurts
    /// Asterisk logs an error when a call comes by and sets nothing. A time-out stays at its default, a
    /// caller id is not what was meant.
    ///
    /// # Example
    /// ```text
    /// same => n,Set(TIMEOUTS(digit)=3)
    /// ```
    /// Better:
    /// ```text
    /// same => n,Set(TIMEOUT(digit)=3)
    /// ```
    pub(super) static RULE = {
        name: "unwritable-function",
        code: "A014",
        group: Group::Applications,
        severity: Severity::Error,
        origin: Origin::Asterisklint,
        fix: None,
        check: Check::CallOf(|application| application.is("Set"), check),
    }
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let data = call.data();
    let Some(equals) = memchr::memchr(b'=', data) else { return };
    let Some(open) = memchr::memchr(b'(', &data[..equals]) else { return };
    // Blanks before the name belong to it; a rule of their own tells that.
    let name = &data[..open];
    let is_name =
        !name.is_empty() && name.iter().all(|&byte| byte.is_ascii_alphanumeric() || byte == b'_');
    // Without a `)` before the `=` it is a variable of a strange name.
    if !is_name || data[..equals].last() != Some(&b')') || is_configured_function(name) {
        return;
    }
    let place = call.data_place(0..open);
    let shown = String::from_utf8_lossy(name);
    match function(name) {
        None => {
            let message = format!("there is no function {shown}: nothing is set");
            let finding = findings.report(place, message);
            match nearest_function(name, call.version()) {
                Some(meant) => {
                    finding.help(format!("{} is the nearest that there is", meant.name()));
                }
                None => finding.severity = Severity::Warning,
            }
        }
        Some(entry) => {
            if entry.access(call.version()).is_some_and(|access| !access.is_writable()) {
                findings.report(place, format!("{shown} can be read, not set"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn what_cannot_be_set_is_found() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Set(TIMEOUTS(digit)=3)
                             ^^^^^^^^ there is no function TIMEOUTS: nothing is set
             same => n,Set(LEN(x)=3)
                           ^^^ LEN can be read, not set
             same => n,Set(TIMEOUT(digit)=3)
             same => n,Set(A=B(c)=d)
            ",
        );
    }
}
