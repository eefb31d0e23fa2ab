//! Numbers: random ones, and variables that count.

use super::{arguments, failed, number_text};
use crate::{
    call::line::Line,
    function::{Called, calculation},
    number::{scanned, scanned_with_end},
};

/// `RAND(from,to)`, both included; without them any number that is not negative.
pub(super) fn random(line: &Line, given: &[u8]) -> Called {
    let [from, to] = arguments(given);
    let (from, to) = (scanned(&from, 30).unwrap_or(0), scanned(&to, 30).unwrap_or(i32::MAX));
    let (low, high) = (i64::from(from.min(to)), i64::from(from.max(to)));
    let drawn = line.with(|channel| next(&mut channel.facts.random)) >> 33;
    let drawn = i64::try_from(drawn).expect("31 bits fit");
    number_text(low + drawn % (high - low + 1))
}

/// `MIN(number,number)` and `MAX(number,number)`.
pub(super) fn extreme(line: &Line, given: &[u8], is_it: fn(f64, f64) -> bool) -> Called {
    let [one, other] = arguments::<2>(given);
    let given: Vec<&Vec<u8>> = [&one, &other].into_iter().filter(|one| !one.is_empty()).collect();
    let numbers: Option<Vec<f64>> = given.iter().map(|text| calculation::number(text)).collect();
    match numbers.as_deref() {
        Some(&[number]) => Called::Value(laid_out(number)),
        Some(&[one, other]) => Called::Value(laid_out(if is_it(one, other) { one } else { other })),
        _ => failed(line, "MIN and MAX take numbers"),
    }
}

/// `ABS(number)`.
pub(super) fn absolute(line: &Line, given: &[u8]) -> Called {
    match calculation::number(given) {
        Some(number) => Called::Value(laid_out(number.abs())),
        None => failed(line, "ABS takes a number"),
    }
}

/// Whole numbers without a point.
fn laid_out(number: f64) -> Vec<u8> {
    let is_whole = number.fract() == 0.0 && number.abs() < f64::from(i32::MAX);
    (if is_whole { format!("{number:.0}") } else { format!("{number:.6}") }).into_bytes()
}

/// `INC(name)` and `DEC(name)`: the variable counts on.
pub(super) fn changed(line: &Line, name: &[u8], step: i32) -> Called {
    let value = line.with(|channel| {
        let own = channel.variables.value(name);
        let value = own.or_else(|| channel.global(&line.pbx.dialplan.globals, name));
        value.map(<[u8]>::to_vec)
    });
    let number = value.as_deref().and_then(|value| scanned_with_end(value, 30));
    let is_number = number.zip(value).is_some_and(|((_, end), value)| end == value.len());
    let Some((number, _)) = number.filter(|_| is_number) else {
        return failed(line, "INC and DEC take the name of a variable that is a number");
    };
    let number = number.wrapping_add(step);
    line.set(name, number.to_string().as_bytes());
    number_text(number)
}

/// The next of a row of numbers that look random: `SplitMix64` of Steele, Lea and Flood, 2014.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
