//! How scripts and tests name sounds, places and IVRs.

use crate::scenario::Number;

/// Whether a sound that the dialplan names is the one that a test names: by its whole name, or by
/// the last part of it.
pub fn is_sound(played: &[u8], name: &str) -> bool {
    played == name.as_bytes() || played.rsplit(|&byte| byte == b'/').next() == Some(name.as_bytes())
}

/// Whether a step is at a place: `context`, `context,exten` or `context,exten,priority`; the number
/// of an IVR stands for any context of it.
pub fn is_place(context: &[u8], exten: &[u8], priority: i32, place: &str) -> bool {
    let mut parts = place.splitn(3, ',');
    let is_context =
        parts.next().is_some_and(|name| context == name.as_bytes() || is_ivr(context, name));
    is_context
        && parts.next().is_none_or(|name| exten == name.as_bytes())
        && parts.next().is_none_or(|number| number.parse() == Ok(priority))
}

/// Whether a context is one of those that an IVR has in a rendered dialplan.
pub fn is_ivr(context: &[u8], number: &str) -> bool {
    let rest = context.strip_prefix(b"ivr_").and_then(|rest| rest.strip_prefix(number.as_bytes()));
    matches!(rest, Some(b"" | b"-menu"))
}

/// The IVR that a step enters: a rendered dialplan does so at `ivr_NUMBER,NUMBER,1`.
pub fn ivr_entered(context: &[u8], exten: &[u8], priority: i32) -> Option<Number> {
    if priority != 1 {
        return None;
    }
    let number = context.strip_prefix(b"ivr_").filter(|&number| number == exten)?;
    std::str::from_utf8(number).ok().and_then(Number::new)
}

/// A caller id as one writes it: `NUMBER`, or `NAME <NUMBER>`, the name in quotes or not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallerId {
    /// The number.
    pub number: Option<Vec<u8>>,
    /// The name.
    pub name: Option<Vec<u8>>,
}

impl CallerId {
    /// Reads a caller id; whatever has no `<` is a number.
    pub fn parse(text: &str) -> Self {
        let given = |text: &str| {
            let text = text.trim().trim_matches('"');
            (!text.is_empty()).then(|| text.as_bytes().to_vec())
        };
        match text.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
            Some((name, number)) => Self { number: given(number), name: given(name) },
            None => Self { number: given(text), name: None },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sounds_are_named_whole_or_by_their_last_part() {
        assert!(is_sound(b"/tmp/media/ok", "ok"));
        assert!(is_sound(b"/tmp/media/ok", "/tmp/media/ok"));
        assert!(is_sound(b"custom/ok", "custom/ok"));
        assert!(!is_sound(b"/tmp/media/ok", "media/ok"));
        assert!(!is_sound(b"/tmp/media/not-ok", "ok"));
    }

    #[test]
    fn places_are_named_as_far_as_it_matters() {
        let check = |place: &str, expected: bool| {
            assert_eq!(is_place(b"ivr_6501-menu", b"s", 3, place), expected, "{place}");
        };
        check("ivr_6501-menu", true);
        check("6501", true);
        check("650", false);
        check("6501,s", true);
        check("6501,hold", false);
        check("ivr_6501-menu,s,3", true);
        check("ivr_6501-menu,s,4", false);
        check("ivr_6501", false);
    }

    #[test]
    fn a_caller_has_a_number_and_perhaps_a_name() {
        let check = |text: &str, number: Option<&str>, name: Option<&str>| {
            let bytes = |text: Option<&str>| text.map(|text| text.as_bytes().to_vec());
            let expected = CallerId { number: bytes(number), name: bytes(name) };
            assert_eq!(CallerId::parse(text), expected, "{text}");
        };
        check("13900001111", Some("13900001111"), None);
        check("\"Ana B\" <139>", Some("139"), Some("Ana B"));
        check("Ana <139>", Some("139"), Some("Ana"));
        check("Ana <>", None, Some("Ana"));
        check("", None, None);
    }

    #[test]
    fn an_ivr_is_entered_at_its_number() {
        assert_eq!(ivr_entered(b"ivr_6501", b"6501", 1), Number::new("6501"));
        assert_eq!(ivr_entered(b"ivr_6501", b"6501", 2), None);
        assert_eq!(ivr_entered(b"ivr_6501-menu", b"6501", 1), None);
        assert_eq!(ivr_entered(b"ivrs", b"6501", 1), None);
    }
}
