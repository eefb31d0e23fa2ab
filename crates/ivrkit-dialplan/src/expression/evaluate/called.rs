//! Functions that an expression calls by their bare names: `$[FLOOR(1.5)]`.

use super::{Environment, operand::Operand};
use crate::{expression::number::Number, syntax::Kind};
use std::borrow::Cow;

/// What a built-in function makes of its numbers.
enum BuiltIn {
    One(fn(Number) -> Number),
    Two(fn(Number, Number) -> Number),
    /// Takes so many numbers; its value is not computed here.
    Transcendental(usize),
}

pub(super) fn call(
    name: &[u8],
    arguments: Vec<Operand<'_>>,
    environment: &mut dyn Environment,
) -> Operand<'static> {
    let shown = name.escape_ascii();
    let is_name_byte =
        |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    if !name.iter().all(is_name_byte) {
        let text = format!("{shown} cannot be the name of a function");
        environment.complain(Kind::ExpressionFunction, &text);
        return Operand::flag(false);
    }
    let Some(function) = built_in(name) else {
        let arguments: Vec<Cow<'_, [u8]>> =
            arguments.into_iter().map(Operand::into_bytes).collect();
        return asked(name, &arguments.join(&b','), environment);
    };
    if arguments.len() != function.arguments() {
        let text = format!("{shown} is not given the {} it takes", function.arguments());
        environment.complain(Kind::ExpressionArguments, &text);
        return Operand::flag(false);
    }
    let numbers: Option<Vec<Number>> = arguments.iter().map(Operand::number).collect();
    match (function, numbers.as_deref()) {
        (BuiltIn::One(function), Some(&[number])) => Operand::Number(function(number)),
        (BuiltIn::Two(function), Some(&[one, other])) => Operand::Number(function(one, other)),
        (BuiltIn::Transcendental(_), Some(_)) => {
            let text = format!("{shown} in an expression is not computed here; 0 is taken");
            environment.complain(Kind::NotModelled, &text);
            Operand::flag(false)
        }
        _ => {
            // Asterisk takes the bytes of a pointer for a number then.
            let text = format!("{shown} of a text has no certain value in Asterisk; 0 is taken");
            environment.complain(Kind::NotModelled, &text);
            Operand::flag(false)
        }
    }
}

/// A function of the dialplan; what looks like a number becomes one.
fn asked(name: &[u8], arguments: &[u8], environment: &mut dyn Environment) -> Operand<'static> {
    let Some(value) = environment.called(name, arguments) else { return Operand::flag(false) };
    if value.iter().all(|byte| byte.is_ascii_digit() || b"-. \t".contains(byte)) {
        Operand::Number(Number::read(&value))
    } else {
        Operand::made(&value)
    }
}

fn built_in(name: &[u8]) -> Option<BuiltIn> {
    Some(match name {
        b"ABS" => BuiltIn::One(|number| {
            let is_below = number < Number::ZERO;
            if is_below { number.times(Number::from(1).negated()) } else { number }
        }),
        b"FLOOR" => BuiltIn::One(Number::floor),
        b"CEIL" => BuiltIn::One(Number::ceiling),
        b"ROUND" => BuiltIn::One(Number::nearest),
        b"RINT" => BuiltIn::One(Number::nearest_even),
        b"TRUNC" => BuiltIn::One(Number::truncated),
        b"SQRT" => BuiltIn::One(Number::square_root),
        b"REMAINDER" => BuiltIn::Two(Number::remainder),
        b"COS" | b"SIN" | b"TAN" | b"ACOS" | b"ASIN" | b"ATAN" | b"EXP" | b"EXP2" | b"EXP10"
        | b"LOG" | b"LOG2" | b"LOG10" => BuiltIn::Transcendental(1),
        b"ATAN2" | b"POW" => BuiltIn::Transcendental(2),
        _ => return None,
    })
}

impl BuiltIn {
    fn arguments(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Two(_) => 2,
            Self::Transcendental(count) => *count,
        }
    }
}
