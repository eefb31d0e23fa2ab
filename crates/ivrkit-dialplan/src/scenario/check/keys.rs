//! Keys that make each other wait, and keys that cannot be told from an entry.
//!
//! Asterisk acts on a key at once when nothing longer can begin with it; else it waits for the digit
//! time-out first. With an entry of `min` to `max` digits, an IVR also accepts every string of so
//! many digits, with the end key or (after the time-out) without.

use crate::{
    diagnostic::Diagnostic,
    scenario::{
        KeySequence, code,
        outline::{Entry, Ivr, Outline, Word},
        words::quoted,
    },
};

pub(super) fn check(outline: &Outline, findings: &mut Vec<Diagnostic>) {
    for ivr in &outline.ivrs {
        let keys = ivr.keys.iter().map(|(key, _)| key);
        let mut keys: Vec<_> = keys.filter(|key| KeySequence::new(&key.text).is_some()).collect();
        keys.sort_by_key(|key| &key.text);
        if !ivr.keys_may_wait {
            findings.extend(keys.windows(2).filter_map(waits_for_key));
        }
        let Some(accepted) = ivr.entry.as_ref().and_then(Accepted::new) else { continue };
        findings.extend(keys.iter().filter_map(|key| against_entry(ivr, key, &accepted)));
    }
}

/// The strings of digits that an entry accepts.
struct Accepted {
    min: usize,
    max: usize,
    end_key: char,
}

impl Accepted {
    fn new(entry: &Entry) -> Option<Self> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked range"
        )]
        let digits = |amount: f64| (1.0..=20.0).contains(&amount).then_some(amount as usize);
        Some(Self {
            min: digits(entry.min_digits?.value)?,
            max: digits(entry.max_digits?.value)?,
            end_key: entry.end_key?,
        })
    }

    fn accepts(&self, keys: &str) -> bool {
        let digits = keys.strip_suffix(self.end_key).unwrap_or(keys);
        (self.min..=self.max).contains(&digits.len()) && all_digits(digits)
    }

    /// Whether something longer that the entry accepts begins with these keys.
    fn may_go_on(&self, keys: &str) -> bool {
        all_digits(keys) && keys.len() <= self.max
    }

    /// Whether these keys begin with something that the entry accepts.
    fn is_beginning_of(&self, keys: &str) -> bool {
        let digits = keys.bytes().take_while(u8::is_ascii_digit).count();
        digits >= self.min && keys.len() > self.min
    }
}

fn all_digits(keys: &str) -> bool {
    keys.bytes().all(|key| key.is_ascii_digit())
}

/// Of keys in alphabetical order, one that begins any other begins the next.
fn waits_for_key(pair: &[&Word]) -> Option<Diagnostic> {
    let &[key, longer] = pair else { return None };
    if !longer.text.starts_with(&key.text) {
        return None;
    }
    let message = format!(
        "after {} a caller waits for the digit time-out, because {} begins with it",
        quoted(&key.text),
        quoted(&longer.text)
    );
    Some(Diagnostic::error(code::KEYS_WAIT, key.span, message).with_help(MAY_WAIT))
}

const MAY_WAIT: &str = "choose keys of which none begins another, or write `keys_may_wait: true`";

fn against_entry(ivr: &Ivr, key: &Word, accepted: &Accepted) -> Option<Diagnostic> {
    let shown = quoted(&key.text);
    let mut end_key = [0; 4];
    if key.text == *accepted.end_key.encode_utf8(&mut end_key) {
        let message = format!("the key {shown} also ends the entry");
        return Some(
            Diagnostic::error(code::END_KEY_BOUND, key.span, message)
                .with_help("choose another key, or another `end_key`"),
        );
    }
    if accepted.accepts(&key.text) {
        let message = format!("the keys {shown} are also a possible entry");
        return Some(
            Diagnostic::error(code::KEY_IS_ENTRY, key.span, message)
                .with_help("choose keys that are shorter than `min_digits` or contain `*` or `#`"),
        );
    }
    if ivr.keys_may_wait {
        return None;
    }
    let message = if accepted.may_go_on(&key.text) {
        format!(
            "after {shown} a caller waits for the digit time-out, because an entry may begin with it"
        )
    } else if accepted.is_beginning_of(&key.text) {
        format!("an entry that {shown} begins with waits for the digit time-out")
    } else {
        return None;
    };
    let help =
        "choose keys with which no entry begins, such as `*`, or write `keys_may_wait: true`";
    Some(Diagnostic::error(code::KEYS_WAIT, key.span, message).with_help(help))
}

#[cfg(test)]
mod tests {
    use crate::scenario::tests::check;

    #[test]
    fn a_key_that_begins_another_waits() {
        check(
            r#"
ivrs:
  100:
    prompts: [welcome]
    keys:
      1: 100
#     ^ error[keys-wait]: after `1` a caller waits for the digit time-out, because `12` begins with it
      12: 100
#     ^^ error[keys-wait]: after `12` a caller waits for the digit time-out, because `12#` begins with it
      "12#": hangup
      2: 100
"#,
        );
    }

    #[test]
    fn waiting_can_be_allowed() {
        check(
            r"
ivrs:
  100:
    prompts: [welcome]
    keys: { 1: 100, 12: hangup }
    keys_may_wait: true
",
        );
    }

    #[test]
    fn keys_beside_an_entry() {
        check(
            r##"
ivrs:
  100:
    prompts: [welcome]
    keys:
      3: hangup
#     ^ error[keys-wait]: after `3` a caller waits for the digit time-out, because an entry may begin with it
      "*": hangup
      "#": hangup
#     ^^^ error[end-key-bound]: the key `#` also ends the entry
      1234: hangup
#     ^^^^ error[key-is-entry]: the keys `1234` are also a possible entry
      "98765#": hangup
#     ^^^^^^^^ error[key-is-entry]: the keys `98765#` are also a possible entry
      "0*": hangup
      12#: hangup
      555555555: hangup
#     ^^^^^^^^^ error[keys-wait]: an entry that `555555555` begins with waits for the digit time-out
    entry:
      verify: pin
      min_digits: 4
      max_digits: 6
      hold: { prompts: [welcome] }
verifications:
  pin: { on_match: hangup, on_mismatch: 100 }
"##,
        );
    }

    #[test]
    fn what_allows_waiting_does_not_allow_a_key_that_is_an_entry() {
        check(
            r#"
ivrs:
  100:
    prompts: [welcome]
    keys_may_wait: true
    keys:
      1: hangup
      1234: hangup
#     ^^^^ error[key-is-entry]
      "*": hangup
#     ^^^ error[end-key-bound]
    entry: { verify: pin, min_digits: 4, max_digits: 4, end_key: "*", hold: { prompts: [welcome] } }
verifications:
  pin: { on_match: hangup, on_mismatch: 100 }
"#,
        );
    }
}
