//! Numbers and sums of money in English, and numbers in Chinese.

use super::Word;
use crate::number::scanned_with_end;

/// Words for the powers of a thousand.
const POWERS: [(i64, &str); 3] =
    [(1_000_000_000, "billion"), (1_000_000, "million"), (1000, "thousand")];

/// The largest number, which Asterisk no longer says.
const TOO_BIG: i64 = i32::MAX as i64;

/// `1`, `20`, `hundred`...
pub(super) fn cardinal(number: i32) -> Vec<Word> {
    if number == 0 {
        return vec![Word::optional("digits/0")];
    }
    let mut names = Vec::new();
    add_cardinal(i64::from(number), &mut names);
    names.into_iter().map(Word::needed).collect()
}

/// As [`cardinal`], with `and` before what follows hundreds. What is missing is left out.
pub(super) fn british(number: i32) -> Vec<Word> {
    if number == 0 {
        return vec![Word::optional("digits/0")];
    }
    let mut names = Vec::new();
    add_british(i64::from(number), &mut names);
    names.into_iter().map(Word::optional).collect()
}

/// By tens of thousands, with a zero where a place is left out (`zh`). What is missing is left out.
pub(super) fn chinese(number: i32) -> Vec<Word> {
    if number == 0 {
        return vec![Word::optional("digits/0")];
    }
    let mut names = Vec::new();
    add_chinese(i64::from(number), &mut names);
    names.into_iter().map(Word::optional).collect()
}

/// `h-1` for the first, `20` and `h-1` for the twenty-first...; nothing for 0.
pub(super) fn ordinal(number: i32) -> Vec<Word> {
    let mut names = Vec::new();
    let mut number = without_sign(i64::from(number), &mut names);
    if number == TOO_BIG {
        number = 0;
    }
    for (power, word) in POWERS {
        if number >= power {
            add_cardinal(number / power, &mut names);
            number %= power;
            names.push(format!("digits/{}{word}", last(number)));
        }
    }
    if number >= 100 {
        names.push(format!("digits/{}", number / 100));
        number %= 100;
        names.push(format!("digits/{}hundred", last(number)));
    }
    add_last(number, &mut names);
    names.into_iter().map(Word::needed).collect()
}

/// A day or a month as it is counted; what is missing is left out (`ast_say_enumeration`).
pub(super) fn enumeration(number: i64) -> Vec<Word> {
    let mut names = Vec::new();
    add_last(number, &mut names);
    names.into_iter().map(Word::optional).collect()
}

/// Dollars and cents.
pub(super) fn money(cents: i64) -> Vec<Word> {
    let cents = i32::try_from(cents).unwrap_or(i32::MAX);
    let (dollars, rest) = (cents / 100, cents % 100);
    let mut words = Vec::new();
    if cents >= 100 {
        words.extend(cardinal(dollars));
        words.push(Word::needed(match (dollars, rest) {
            (1, 0) => "letters/dollar",
            (1, _) => "letters/dollar_",
            _ => "dollars",
        }));
        if rest > 0 {
            words.push(Word::needed("and"));
        }
    }
    if rest > 0 {
        words.extend(cardinal(rest));
        words.push(Word::needed(if rest == 1 { "cent" } else { "cents" }));
    } else if cents == 0 {
        words.extend([Word::needed("digits/0"), Word::needed("cents")]);
    }
    words
}

/// `12.5` as 1205 cents: Asterisk reads what follows the point as a number of cents.
pub(super) fn cents(text: &[u8]) -> i64 {
    let two_digits = |text: &[u8]| {
        let digits = text.iter().take(2).take_while(|byte| byte.is_ascii_digit());
        digits.fold(0, |sum, byte| sum * 10 + i64::from(byte - b'0'))
    };
    if let Some(rest) = text.strip_prefix(b".") {
        return two_digits(rest);
    }
    let Some((dollars, end)) = scanned_with_end(text, usize::MAX) else { return 0 };
    let rest = text[end..].strip_prefix(b".").map_or(0, two_digits);
    i64::from(dollars) * 100 + rest
}

/// `12.5` as 1250 cents, as Asterisk did before 18, with what floating point makes of it.
pub(super) fn cents_of_double(text: &[u8]) -> i64 {
    let is_part = |byte: &&u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+');
    let text = text.trim_ascii_start();
    let end = text.iter().take_while(is_part).count();
    let written = std::str::from_utf8(&text[..end]).unwrap_or_default();
    let dollars: f64 = written.parse().unwrap_or(0.0);
    #[expect(clippy::cast_possible_truncation, reason = "that is what Asterisk does")]
    let cents = (dollars * 100.0) as i32;
    i64::from(cents)
}

fn without_sign(number: i64, names: &mut Vec<String>) -> i64 {
    if number >= 0 {
        return number;
    }
    names.push("digits/minus".to_owned());
    // The smallest number has no counterpart in C.
    if number == i64::from(i32::MIN) { 0 } else { -number }
}

fn add_cardinal(number: i64, names: &mut Vec<String>) {
    let mut number = without_sign(number, names);
    if number == TOO_BIG {
        return;
    }
    for (power, word) in POWERS {
        if number >= power {
            add_cardinal(number / power, names);
            names.push(format!("digits/{word}"));
            number %= power;
        }
    }
    if number >= 100 {
        names.push(format!("digits/{}", number / 100));
        names.push("digits/hundred".to_owned());
        number %= 100;
    }
    add_below_hundred(number, names);
}

fn add_below_hundred(number: i64, names: &mut Vec<String>) {
    let mut number = number;
    if number >= 20 {
        names.push(format!("digits/{}", number / 10 * 10));
        number %= 10;
    }
    if number > 0 {
        names.push(format!("digits/{number}"));
    }
}

fn add_british(number: i64, names: &mut Vec<String>) {
    let mut number = without_sign(number, names);
    if number >= 1_000_000_000 {
        return;
    }
    for (power, word) in [POWERS[1], POWERS[2]] {
        if number >= power {
            add_british(number / power, names);
            names.push(format!("digits/{word}"));
            number %= power;
            if (1..100).contains(&number) {
                names.push("vm-and".to_owned());
            }
        }
    }
    if number >= 100 {
        names.push(format!("digits/{}", number / 100));
        names.push("digits/hundred".to_owned());
        number %= 100;
        if number > 0 {
            names.push("vm-and".to_owned());
        }
    }
    add_below_hundred(number, names);
}

fn add_chinese(number: i64, names: &mut Vec<String>) {
    let mut number = without_sign(number, names);
    // How many digits the last part had from its first one on; none right after a zero.
    let mut last_digits = None;
    while number > 0 {
        let digits = number.ilog10() + 1;
        // A place was left out: at least one digit of the part before it is 0.
        if number < 1000 && last_digits.is_some_and(|last: u32| last.wrapping_sub(digits) > 1) {
            names.push("digits/0".to_owned());
            last_digits = None;
            continue;
        }
        last_digits = Some(digits);
        number = match number {
            0..10 => {
                names.push(format!("digits/{number}"));
                0
            }
            10..100 => {
                names.push(format!("digits/{}", number / 10 * 10));
                number % 10
            }
            100..1000 => add_place(number, 100, "hundred", names),
            1000..10_000 => add_place(number, 1000, "thousand", names),
            10_000..100_000_000 => {
                add_chinese(number / 10_000, names);
                names.push("digits/wan".to_owned());
                number % 10_000
            }
            100_000_000..1_000_000_000 => {
                add_chinese(number / 100_000_000, names);
                names.push("digits/yi".to_owned());
                number % 100_000_000
            }
            _ => return,
        };
    }
}

/// A digit and its place; what is left.
fn add_place(number: i64, place: i64, word: &str, names: &mut Vec<String>) -> i64 {
    names.push(format!("digits/{}", number / place));
    names.push(format!("digits/{word}"));
    number % place
}

/// The last two digits of an ordinal.
fn add_last(number: i64, names: &mut Vec<String>) {
    let mut number = number;
    if number >= 20 {
        names.push(format!("digits/{}{}", last(number % 10), number / 10 * 10));
        number %= 10;
    }
    if number > 0 {
        names.push(format!("digits/h-{number}"));
    }
}

/// What marks the last word of an ordinal: nothing follows it.
fn last(rest: i64) -> &'static str {
    if rest == 0 { "h-" } else { "" }
}
