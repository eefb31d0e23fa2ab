//! `MATH`.

use super::arguments::standard;
use crate::{expression::Environment, syntax::Kind};

/// The operators in the order in which they are looked for; each is the first found anywhere.
const OPERATORS: [&str; 9] = ["*", "/", "%", "^", "AND", "XOR", "OR", ">", "<"];

/// `MATH(number operator number,type)`; the type is `float`, `int`, `hex` or `char`.
pub(super) fn calculated(given: &[u8], environment: &mut dyn Environment) -> Option<Vec<u8>> {
    let arguments = standard(given, 2);
    let mut fail = |what: &str| {
        environment.complain(Kind::FunctionFailed, &format!("MATH {what}"));
        None
    };
    let Some(expression) = arguments.first() else { return fail("takes two numbers") };
    let form = arguments.get(1).map(|form| form.to_ascii_lowercase());
    let form = match form.as_deref() {
        None | Some(b"float" | b"f") => 'f',
        Some(b"int" | b"i") => 'i',
        Some(b"hex" | b"h") => 'x',
        Some(b"char" | b"c") => 'c',
        Some(_) => return fail("gives float, int, hex or char"),
    };
    let (is_negative, expression) = match &expression[..] {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let Some((left, operator, right)) = parts(expression) else {
        return fail("takes two numbers with an operator between them");
    };
    let (Some(left), Some(right)) = (number(left), number(right)) else {
        return fail("takes numbers only");
    };
    let left = if is_negative { 0.0 - left } else { left };
    Some(match applied(left, operator, right) {
        Outcome::Truth(is_so) => if is_so { "TRUE" } else { "FALSE" }.into(),
        Outcome::Number(number) => laid_out(number, form),
    })
}

enum Outcome {
    Number(f64),
    Truth(bool),
}

/// The two sides of the operator.
fn parts(text: &[u8]) -> Option<(&[u8], &'static str, &[u8])> {
    let find = |sought: &str| text.windows(sought.len()).position(|part| part == sought.as_bytes());
    for operator in OPERATORS {
        if let Some(at) = find(operator) {
            let longer = ["<=", "<<", ">=", ">>"];
            let found = longer.into_iter().find(|longer| {
                longer.starts_with(operator) && text[at..].starts_with(longer.as_bytes())
            });
            let operator = found.unwrap_or(operator);
            return Some((&text[..at], operator, &text[at + operator.len()..]));
        }
    }
    if let Some(at) = find("=") {
        let right = text[at + 1..].strip_prefix(b"=")?;
        return Some((&text[..at], "==", right));
    }
    ["+", "-"].into_iter().find_map(|operator| {
        let at = find(operator)?;
        Some((&text[..at], operator, &text[at + 1..]))
    })
}

fn applied(left: f64, operator: &str, right: f64) -> Outcome {
    let (whole_left, whole_right) = (whole(left), whole(right));
    let bits = u32::try_from(whole_right & 31).expect("it is masked");
    Outcome::Number(match operator {
        "*" => left * right,
        "/" if right <= 0.0 => 0.0,
        "/" => left / right,
        "%" if whole_right == 0 => 0.0,
        "%" => f64::from(whole_left.wrapping_rem(whole_right)),
        "^" => left.powf(right),
        "AND" => f64::from(whole_left & whole_right),
        "XOR" => f64::from(whole_left ^ whole_right),
        "OR" => f64::from(whole_left | whole_right),
        "<<" => f64::from(whole_left << bits),
        ">>" => f64::from(whole_left >> bits),
        "+" => left + right,
        "-" => left - right,
        ">" => return Outcome::Truth(left > right),
        "<" => return Outcome::Truth(left < right),
        ">=" => return Outcome::Truth(left >= right),
        "<=" => return Outcome::Truth(left <= right),
        #[expect(clippy::float_cmp, reason = "Asterisk compares them like this")]
        _ => return Outcome::Truth(left == right),
    })
}

fn laid_out(number: f64, form: char) -> Vec<u8> {
    match form {
        'f' if number.is_nan() => (if number.is_sign_negative() { "-nan" } else { "nan" }).into(),
        'f' => format!("{number:.6}").into_bytes(),
        'i' => whole(number).to_string().into_bytes(),
        'x' => {
            let long = if number.abs() < 9.2e18 { number.trunc() } else { 0.0 };
            #[expect(clippy::cast_possible_truncation, reason = "the lower half is what is shown")]
            let low = (long as i64) & 0xffff_ffff;
            format!("{low:x}").into_bytes()
        }
        _ => {
            let low = u8::try_from(whole(number) & 0xff).expect("it is masked");
            if low == 0 { Vec::new() } else { vec![low] }
        }
    }
}

/// As the processor makes an `int` of a `double`: the least one of what does not fit.
fn whole(number: f64) -> i32 {
    let is_in = number > -2_147_483_649.0 && number < 2_147_483_648.0;
    #[expect(clippy::cast_possible_truncation, reason = "it fits")]
    if is_in { number as i32 } else { i32::MIN }
}

/// `sscanf("%30lf")` of a decimal number; what follows it does not count.
pub(crate) fn number(text: &[u8]) -> Option<f64> {
    let text = text.trim_ascii_start();
    let text = &text[..text.len().min(30)];
    let digits = |at: usize| text[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let sign = usize::from(matches!(text.first(), Some(b'-' | b'+')));
    let mut end = sign + digits(sign);
    let mut count = end - sign;
    if text.get(end) == Some(&b'.') {
        let part = digits(end + 1);
        count += part;
        end += 1 + part;
    }
    if count == 0 {
        return None;
    }
    if matches!(text.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(end + 1), Some(b'-' | b'+')));
        let power = digits((end + 1 + sign).min(text.len()));
        if power == 0 {
            // The C library has read too far to turn back.
            return None;
        }
        end += 1 + sign + power;
    }
    std::str::from_utf8(&text[..end]).ok()?.parse().ok()
}
