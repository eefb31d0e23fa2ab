//! The same option letter twice.

use crate::{
    application::{Syntax, arguments},
    diagnostic::Severity,
    lint::{Call, Check, Findings, Group, Origin, rule::rule},
};

rule! {
    /// # What it finds
    /// An option letter that is given twice.
    ///
    /// # Why it hurts
    /// The last one counts, with its argument; the first does nothing. One of them was probably meant to
    /// be another letter.
    ///
    /// # Example
    /// ```text
    /// same => n,Dial(PJSIP/100,20,tt)
    /// ```
    /// Better: `tT`, if both sides are to transfer.
    pub(super) static RULE = {
        name: "repeated-option",
        code: "A008",
        group: Group::Applications,
        severity: Severity::Hint,
        origin: Origin::Asterisklint,
        fix: None,
        check: Check::CallOf(|application| application.syntax().is_some_and(|syntax| syntax.options_at().is_some()), check),
    }
}

fn check(call: &Call<'_>, findings: &mut Findings<'_>) {
    let Some(entry) = call.entry else { return };
    let Some(at) = entry.syntax(call.version()).and_then(Syntax::options_at) else {
        return;
    };
    if at > 0 && memchr::memchr(b',', call.data()).is_none() {
        return;
    }
    let Some(range) = call.argument(at).filter(|range| range.len() > 1) else { return };
    if !has_letter_twice(&call.data()[range.clone()]) {
        return;
    }
    let options = arguments::options(call.data(), range, arguments::Text::Source);
    for (number, given) in options.given.iter().enumerate() {
        let is_again = options.given[..number].iter().any(|one| one.letter == given.letter);
        if is_again && given.letter.is_ascii_alphabetic() {
            let letter = char::from(given.letter);
            let place = call.data_place(given.at..given.at + 1);
            findings.report(place, format!("the option {letter} is given twice"));
        }
    }
}

/// Whether a letter stands in it twice, wherever: most options are not worth reading.
fn has_letter_twice(options: &[u8]) -> bool {
    let mut seen = 0_u128;
    options.iter().map(|byte| byte & 0x7f).filter(u8::is_ascii_alphabetic).any(|letter| {
        let is_again = seen & (1 << letter) != 0;
        seen |= 1 << letter;
        is_again
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn the_second_is_found() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Dial(PJSIP/1,20,tt)
                                          ^ the option t is given twice
             same => n,Dial(PJSIP/1,20,tT)
            ",
        );
    }
}
