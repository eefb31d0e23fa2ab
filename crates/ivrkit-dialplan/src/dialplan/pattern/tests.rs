//! The order of names and what they match: by example, against slow readings of the rules.

use super::*;
use proptest::prelude::*;

/// `name` or `name/caller`, split at the first `/`.
fn extension(text: &str) -> ExtensionKey {
    let (name, caller) = text.split_once('/').map_or((text, None), |(n, c)| (n, Some(c)));
    ExtensionKey {
        pattern: Pattern::new(name.as_bytes()),
        caller: caller.map(|caller| Pattern::new(caller.as_bytes())),
    }
}

/// Extensions in the order of `dialplan show`; `=` stands between names of the same one.
#[track_caller]
fn check_order(listing: &str) {
    let groups: Vec<Vec<&str>> =
        listing.split_whitespace().map(|group| group.split('=').collect()).collect();
    for (place, group) in groups.iter().enumerate() {
        for (other_place, other_group) in groups.iter().enumerate() {
            for (one, other) in group.iter().flat_map(|a| other_group.iter().map(move |b| (a, b))) {
                let order = extension(one).cmp(&extension(other));
                assert_eq!(order, place.cmp(&other_place), "{one} beside {other}");
                assert_eq!(extension(one) == extension(other), order.is_eq(), "{one} and {other}");
            }
        }
    }
}

/// One answer a dialled string: `.` none, `p` part of it, `=` exactly and no more, `+` exactly and
/// longer, `!` at once.
#[track_caller]
fn check_match(name: &str, expected: &str) {
    let pattern = Pattern::new(name.as_bytes());
    let answers: Vec<String> = expected
        .split_whitespace()
        .map(|pair| {
            let digits = pair.rsplit_once(':').expect("digits:answer").0;
            let answer = match pattern.matches(digits.as_bytes()) {
                Matching::NONE => ".",
                Matching::PARTIAL => "p",
                Matching::EXACT => "=",
                Matching::REST => "+",
                Matching::EARLY => "!",
                other => panic!("{name} says {other:?} to {digits}"),
            };
            format!("{digits}:{answer}")
        })
        .collect();
    assert_eq!(answers.join(" "), expected, "{name}");
}

#[test]
fn listing_order() {
    check_order(
        "#1 *1 +1 1/ 1/2/3 1/555 1/555-1234=1/5551234 1/_55X 1 100 15=1-5 20 A a s t \
         _+X _1XX _1X _1. _1! _1 _[a-] _[a-c] _[1-5] _[2-6] _NXX _N _Z _XX _X. _X! _X _. _! _[]=_",
    );
    check_order("_[1]X=_1X _[12]X=_[21]X _[13]X _[2-9]X=_NX _[0-9]X=_XX=_xx _X=_[5-3]X");
    // A range that runs backwards takes nothing, but its beginning counts.
    check_order("_1 _[1-02] _[2]=_2");
}

#[test]
fn unclosed_set_comes_last() {
    check_order("_1 _[12] _! _ _[12 _[1");
}

#[test]
fn signed_bytes() {
    let sorted = [&b"1\xff"[..], b"1", b"1\x01", b"2\x80", b"2\xfe", b"2"].map(Pattern::new);
    assert!(sorted.is_sorted(), "{sorted:?}");
    assert_eq!(Pattern::new(b"_[\xe9-\xeb]").matches(b"\xea"), Matching::EXACT);
    assert_eq!(Pattern::new(b"_[a-\xe9]").matches(b"b"), Matching::NONE);
}

#[test]
fn blanks_and_dashes() {
    for (name, shown, compared) in [
        ("_X. #", "_X.#", "_X.#"),
        ("_[1 2]-3 4", "_[1 2]-34", "_[1 2]34"),
        ("[1 - 2]", "[1-2]", "[12]"),
        ("_[1-2 - 3", "_[1-2 - 3", "_[1-2 - 3"),
        ("-_[1-3]", "-_[1-3]", "_[13]"),
        ("1\t2", "1\t2", "1\t2"),
        ("12\x003", "12", "12"),
    ] {
        let pattern = Pattern::new(name.as_bytes());
        assert_eq!((pattern.name(), pattern.compared()), (shown.as_bytes(), compared.as_bytes()));
    }
}

#[test]
fn plain_names() {
    check_match("100", ":p 1:p 10:p 100:= 1-0-0:= 1000:. 2:. _:.");
    check_match("1-2-3", "123:= 1-23:= 12:p");
    check_match("abc", "abc:= ABC:.");
    check_match("[1]", "1:. [1]:=");
    check_match("", ":= 1:.");
}

#[test]
fn classes() {
    check_match("_XZN", "012:= 002:. 011:. 0:p a:.");
    check_match("_xzn", "012:= xzn:.");
    check_match("_4-X", "45:= 4-5:= 4-:p");
    check_match("_next", "2e0t:= next:.");
    check_match("_", ":= 1:.");
}

#[test]
fn sets() {
    check_match("_1[1-3-5]", "11:= 13:= 14:. 15:= 1-:p");
    check_match("_2[^1]", "21:= 22:. 2^:=");
    check_match("_4[1-]", "41:= 4-:p");
    check_match("_5[3-1]", "5:p 51:. 52:. 53:.");
    check_match("_6[]", "6:p 61:. 6]:.");
    check_match("_6[]7", "6:p 67:=");
    check_match("_7[a-cX]", "7a:= 7X:= 7x:. 71:.");
    check_match("_8[1 2]", "81:= 8:p");
    check_match("_9[12", "9:p 91:.");
}

#[test]
fn wildcards() {
    check_match("_X.#", "1:p 12:+ 12#:+ #:.");
    check_match("_4!", ":p 4:! 45:! 5:.");
    check_match("_.", ":p 1:+");
    check_match("_!", ":! 1:!");
    check_match("_1/2", "1:= 12:.");
}

#[test]
fn the_pattern_itself() {
    let says = |name: &str, digits: &str| Pattern::new(name.as_bytes()).matches(digits.as_bytes());
    for (name, digits) in [("_X.", "_x."), ("_1-2", "_12"), ("_[0-9]", "_X")] {
        assert_eq!(says(name, digits), Matching { exact: true, ..Matching::NONE });
    }
    assert_eq!(says("_X.", "_Z."), Matching::NONE);
    assert_eq!(says("_X!", "-_X!"), Matching::NONE);
}

#[test]
fn callers() {
    let asks =
        |name: &str, number: &str| Pattern::new(name.as_bytes()).matches_caller(number.as_bytes());
    assert!(asks("55", "55") && asks("_5X", "57") && asks("", "") && asks("-", ""));
    assert!(!asks("55", "") && !asks("", "55") && !asks("_5X", "67") && !asks("_!", ""));
}

/// Asterisk's order, one place after the other as its words tell it.
fn slow_order(left: &[u8], right: &[u8]) -> Ordering {
    let signed = |name: &[u8]| -> Vec<i8> {
        name.iter().map(|byte| byte.cast_signed()).chain([0]).collect()
    };
    match (left.first() == Some(&b'_'), right.first() == Some(&b'_')) {
        (false, false) => signed(left).cmp(&signed(right)),
        (true, true) => slow_places(&left[1..]).cmp(&slow_places(&right[1..])),
        (left, right) => left.cmp(&right),
    }
}

/// How many bytes each place takes, the lowest that is named, and which they are.
fn slow_places(pattern: &[u8]) -> Vec<(usize, u8, Vec<u8>)> {
    let mut places = Vec::new();
    let mut at = 0;
    while at < pattern.len() {
        let close = pattern[at..].iter().position(|&byte| byte == b']').map(|close| at + close);
        let (place, after) = match (pattern[at], close) {
            (b'-', _) => (None, at + 1),
            (b'.', _) => (Some((1000, 0, vec![])), at + 1),
            (b'!', _) => (Some((1001, 0, vec![])), at + 1),
            (b'[', None) => (Some((1003, 0, vec![])), at + 1),
            (b'[', Some(close)) => {
                let members = slow_set(&pattern[at + 1..close], |low, byte, high| {
                    low <= byte && byte <= high
                });
                let lowest = slow_lowest(&pattern[at + 1..close]);
                let place = (!members.is_empty()).then_some((members.len(), lowest, members));
                (place, close + 1)
            }
            (byte, _) => {
                let members = slow_class(byte);
                (Some((members.len(), members[0], members)), at + 1)
            }
        };
        places.extend(place);
        at = after;
    }
    places.push((1002, 0, vec![]));
    places
}

fn slow_lowest(set: &[u8]) -> u8 {
    match set {
        [low, b'-', _, rest @ ..] | [low, rest @ ..] => slow_lowest(rest).min(*low),
        [] => u8::MAX,
    }
}

fn slow_class(byte: u8) -> Vec<u8> {
    match byte.to_ascii_uppercase() {
        b'X' => b"0123456789".to_vec(),
        b'Z' => b"123456789".to_vec(),
        b'N' => b"23456789".to_vec(),
        _ => vec![byte],
    }
}

fn slow_set(set: &[u8], within: fn(u8, u8, u8) -> bool) -> Vec<u8> {
    let mut members = std::collections::BTreeSet::new();
    let mut at = 0;
    while at < set.len() {
        let is_range = at + 2 < set.len() && set[at + 1] == b'-';
        let high = if is_range { set[at + 2] } else { set[at] };
        members.extend((1..=255).filter(|&byte| within(set[at], byte, high)));
        at += if is_range { 3 } else { 1 };
    }
    members.into_iter().collect()
}

/// Whether a pattern is exactly this string, tried place by place with every way to go on.
fn slow_exact(pattern: &[u8], digits: &[u8]) -> bool {
    match (pattern, digits) {
        ([b'-', rest @ ..], _) => slow_exact(rest, digits),
        ([] | [b'/', ..], _) => digits.is_empty(),
        ([b'!', ..], _) => true,
        ([b'.', ..], _) => !digits.is_empty(),
        (_, []) => false,
        ([b'[', rest @ ..], [digit, others @ ..]) => {
            let Some(close) = rest.iter().position(|&byte| byte == b']') else { return false };
            let (set, rest) = (&rest[..close], &rest[close + 1..]);
            let members = slow_set(set, |low, byte, high| {
                low.cast_signed() <= byte.cast_signed() && byte.cast_signed() <= high.cast_signed()
            });
            if set.is_empty() {
                slow_exact(rest, digits)
            } else {
                members.contains(digit) && slow_exact(rest, others)
            }
        }
        ([place, rest @ ..], [digit, others @ ..]) => {
            slow_class(*place).contains(digit) && slow_exact(rest, others)
        }
    }
}

fn name() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        "_?([0-3xXzZnN.!#a/-]|\\[[0-3X-]{0,5}\\]|\\[|\\]){0,6}".prop_map(String::into_bytes),
        "_[13XZN.!]{0,4}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..12),
        prop::collection::vec(any::<u8>(), 0..12).prop_map(|tail| [b"_[".to_vec(), tail].concat()),
    ]
}

fn digits() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof!["[0-3#a-]{0,6}".prop_map(String::into_bytes), name()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn order_agrees_with_the_slow_one(left in name(), right in name()) {
        let (left, right) = (Pattern::new(&left), Pattern::new(&right));
        prop_assert_eq!(left.cmp(&right), slow_order(left.compared(), right.compared()));
    }

    #[test]
    fn order_is_total(a in name(), b in name(), c in name(), caller in prop::option::of(name())) {
        let key = |name: &[u8], caller: Option<&Vec<u8>>| ExtensionKey {
            pattern: Pattern::new(name),
            caller: caller.map(|caller| Pattern::new(caller)),
        };
        let mut keys = [key(&a, None), key(&b, caller.as_ref()), key(&c, None)];
        prop_assert_eq!(keys[0].cmp(&keys[1]), keys[1].cmp(&keys[0]).reverse());
        keys.sort();
        prop_assert!(keys[0] <= keys[1] && keys[1] <= keys[2] && keys[0] <= keys[2]);
        prop_assert_eq!(keys[0] == keys[2], keys[0].cmp(&keys[2]).is_eq());
    }

    #[test]
    fn matches_agree_with_the_slow_ones(name in name(), dialled in digits()) {
        let pattern = Pattern::new(&name);
        let matching = pattern.matches(&dialled);
        let text: Vec<u8> = until_zero(&dialled).iter().copied().filter(|&b| b != b'-').collect();
        let itself = pattern.is_pattern()
            && until_zero(&dialled).first() == Some(&b'_')
            && slow_order(pattern.compared(), until_zero(&dialled)).is_eq();
        let exact = match pattern.compared().strip_prefix(b"_") {
            Some(places) => slow_exact(places, &text),
            None => pattern.compared() == text,
        };
        prop_assert_eq!(matching.exact, exact || itself);
        prop_assert_eq!(matching.can_match, exact || matching.match_more == More::Yes);
    }

    #[test]
    fn more_means_that_a_prefix_can_match(name in "_?[0-3XZN#]{0,5}[.!]?", extra in 0..10u8) {
        let pattern = Pattern::new(name.as_bytes());
        let places = name.trim_start_matches('_').trim_end_matches(['.', '!']);
        let mut dialled: Vec<u8> = places
            .bytes()
            .map(|byte| if pattern.is_pattern() && byte.is_ascii_uppercase() { b'2' } else { byte })
            .collect();
        prop_assume!(pattern.is_pattern() || places.len() + 1 > name.len());
        for end in 0..dialled.len() {
            prop_assert_eq!(pattern.matches(&dialled[..end]), Matching::PARTIAL);
        }
        dialled.push(b'0' + extra);
        let longer = match name.as_bytes() {
            [b'_', .., b'.'] => Matching::REST,
            [b'_', .., b'!'] => Matching::EARLY,
            _ => Matching::NONE,
        };
        prop_assert_eq!(pattern.matches(&dialled), longer);
    }
}

#[test]
fn long_names_take_linear_time() {
    let unclosed = [b"_".to_vec(), vec![b'['; 1_000_000]].concat();
    let sets = [b"_".to_vec(), b"[1-3]".repeat(200_000)].concat();
    for name in [unclosed, sets, vec![b'-'; 1_000_000]] {
        let pattern = Pattern::new(&name);
        assert_eq!(pattern.cmp(&Pattern::new(&name)), Ordering::Equal);
        assert!(!pattern.matches(&vec![b'2'; 1_000_000]).exact);
        assert!(pattern.matches(&name).exact || !pattern.is_pattern());
    }
}
