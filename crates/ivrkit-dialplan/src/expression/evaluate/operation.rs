//! What the operators make of their operands.

use super::{Environment, operand::Operand};
use crate::{
    expression::{BinaryOperator, UnaryOperator, number::Number},
    posix_regex::{Mistake, PosixRegex},
    syntax::Kind,
};
use std::{borrow::Cow, cmp::Ordering};

/// What a division by 0 gives.
const INT_MAX: u64 = 2_147_483_647;

pub(super) fn unary(
    operator: UnaryOperator,
    operand: Operand<'_>,
    environment: &mut dyn Environment,
) -> Operand<'static> {
    match operator {
        UnaryOperator::Negate => match operand.number() {
            Some(number) => {
                report_least(number, environment);
                Operand::Number(number.negated())
            }
            None => no_number(environment),
        },
        UnaryOperator::Not => Operand::flag(match operand {
            Operand::Number(number) => number.is_zero(),
            // Only the digits at its beginning count.
            Operand::Numeric(text) | Operand::Text(text) => crate::number::parsed(&text) == 0,
        }),
    }
}

pub(super) fn binary<'a>(
    operator: BinaryOperator,
    left: Operand<'a>,
    right: Operand<'a>,
    environment: &mut dyn Environment,
) -> Operand<'a> {
    use BinaryOperator as B;
    match operator {
        B::Or if left.is_zero_or_empty() => right,
        B::And if left.is_zero_or_empty() || right.is_zero_or_empty() => Operand::flag(false),
        B::Or | B::And => left.into_number(),
        B::Equal => compared(left, right, |order| order == Some(Ordering::Equal)),
        B::NotEqual => compared(left, right, |order| order != Some(Ordering::Equal)),
        B::Greater => compared(left, right, |order| order.is_some_and(Ordering::is_gt)),
        B::Less => compared(left, right, |order| order.is_some_and(Ordering::is_lt)),
        B::GreaterOrEqual => compared(left, right, |order| order.is_some_and(Ordering::is_ge)),
        B::LessOrEqual => compared(left, right, |order| order.is_some_and(Ordering::is_le)),
        B::Add => sum(&left, &right, environment),
        B::Subtract => difference(&left, &right, environment),
        B::Multiply => product(&left, &right, environment),
        B::Divide => quotient(&left, &right, environment),
        B::Remainder => remainder(&left, right, environment),
        B::MatchStart => matched(left, right, true, environment),
        B::Match => matched(left, right, false, environment),
        B::Join => Operand::made(&[left.into_unquoted(), right.into_unquoted()].concat()),
    }
}

/// As numbers if both look like numbers, of which some have no order; else byte by byte, which is
/// the order of a PBX whose language is C or C.UTF-8.
fn compared(
    left: Operand<'_>,
    right: Operand<'_>,
    holds: fn(Option<Ordering>) -> bool,
) -> Operand<'static> {
    let order = if left.is_text() || right.is_text() {
        Some(left.into_bytes().cmp(&right.into_bytes()))
    } else {
        left.number().partial_cmp(&right.number())
    };
    Operand::flag(holds(order))
}

/// A text counts as nothing; only one on the left is complained about.
fn sum(
    left: &Operand<'_>,
    right: &Operand<'_>,
    environment: &mut dyn Environment,
) -> Operand<'static> {
    match (left.number(), right.number()) {
        (Some(left), Some(right)) => Operand::Number(left.plus(right)),
        (Some(left), None) => Operand::Number(left),
        (None, Some(right)) => {
            no_number(environment);
            Operand::Number(right)
        }
        (None, None) => no_number(environment),
    }
}

fn difference(
    left: &Operand<'_>,
    right: &Operand<'_>,
    environment: &mut dyn Environment,
) -> Operand<'static> {
    match (left.number(), right.number()) {
        (Some(left), Some(right)) => {
            report_least(right, environment);
            Operand::Number(left.minus(right))
        }
        (Some(left), None) => {
            no_number(environment);
            Operand::Number(left)
        }
        (None, Some(right)) => {
            no_number(environment);
            Operand::Number(Number::ZERO.minus(right))
        }
        (None, None) => no_number(environment),
    }
}

fn product(
    left: &Operand<'_>,
    right: &Operand<'_>,
    environment: &mut dyn Environment,
) -> Operand<'static> {
    let (Some(left), Some(right)) = (left.number(), right.number()) else {
        return no_number(environment);
    };
    let product = left.times(right);
    // A product that was rounded does not give the factor back, which Asterisk takes for this.
    if !left.is_zero() && product.divided(left) != right {
        environment.complain(Kind::ExpressionOverflow, "a product that is not exact");
    }
    Operand::Number(product)
}

fn quotient(
    left: &Operand<'_>,
    right: &Operand<'_>,
    environment: &mut dyn Environment,
) -> Operand<'static> {
    let Some(left) = left.number() else { return no_number(environment) };
    let most = Operand::Number(Number::from(INT_MAX));
    match right.number() {
        None => {
            no_number(environment);
            most
        }
        Some(right) if right.is_zero() => {
            environment.complain(Kind::ExpressionDivision, "division by 0 in an expression");
            most
        }
        Some(right) => Operand::Number(left.divided(right)),
    }
}

fn remainder<'a>(
    left: &Operand<'_>,
    right: Operand<'a>,
    environment: &mut dyn Environment,
) -> Operand<'a> {
    match (left.number(), right.number()) {
        (Some(_), Some(divisor)) if divisor.is_zero() => {
            environment.complain(Kind::ExpressionDivision, "division by 0 in an expression");
            right.into_number()
        }
        (Some(left), Some(right)) => Operand::Number(left.modulo(right)),
        _ => no_number(environment),
    }
}

/// How many bytes match, or what the first group of the pattern took.
fn matched(
    text: Operand<'_>,
    pattern: Operand<'_>,
    at_start: bool,
    environment: &mut dyn Environment,
) -> Operand<'static> {
    let (text, pattern) = (text.into_unquoted(), pattern.into_unquoted());
    if !text.is_ascii() || !pattern.is_ascii() {
        let what = "what a letter beyond ASCII matches depends on the language of the PBX";
        environment.complain(Kind::NotModelled, what);
    }
    let regex = match PosixRegex::new(&pattern, false) {
        Ok(regex) => regex,
        Err(mistake) => {
            let shown = pattern.escape_ascii();
            let (kind, why) = match mistake {
                Mistake::Refused(why) => (Kind::ExpressionRegex, why),
                Mistake::Unsupported => (Kind::NotModelled, "not computed here"),
            };
            environment.complain(kind, &format!("the regular expression {shown}: {why}"));
            return Operand::Text(Cow::default());
        }
    };
    match regex.find(&text).filter(|found| !at_start || found.start == 0) {
        Some(found) => match found.first_group {
            Some((start, end)) => Operand::made(&text[start..end]),
            None => Operand::Number(Number::from(count(found.end - found.start))),
        },
        None if regex.groups() == 0 => Operand::flag(false),
        None => Operand::Text(Cow::default()),
    }
}

fn count(bytes: usize) -> u64 {
    u64::try_from(bytes).expect("a length fits")
}

fn no_number(environment: &mut dyn Environment) -> Operand<'static> {
    environment.complain(Kind::ExpressionNumber, "a text where an expression needs a number");
    Operand::flag(false)
}

/// Asterisk looks for the least number of 64 bits where it subtracts.
fn report_least(number: Number, environment: &mut dyn Environment) {
    if number == Number::from(1 << 63).negated() {
        environment.complain(Kind::ExpressionOverflow, "the least number of 64 bits");
    }
}
