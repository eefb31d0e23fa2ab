//! `$[...]` with the operators that a name can sensibly use at load: numbers, comparisons, logic.

/// Evaluates an expression whose variables are expanded; none if it is no such expression.
pub(super) fn evaluate(text: &[u8]) -> Option<Vec<u8>> {
    if text.trim_ascii().is_empty() {
        return Some(Vec::new());
    }
    let mut parser = Parser { rest: text, depth: 0 };
    let value = parser.binary(0)?;
    parser.skip();
    parser.rest.is_empty().then(|| value.into_bytes())
}

/// How deep parentheses may stand in each other.
const MAX_DEPTH: usize = 100;

/// Operators by how loosely they bind; the longer ones of a level first.
const LEVELS: [&[&str]; 5] =
    [&["|"], &["&"], &["!=", ">=", "<=", "=", ">", "<"], &["+", "-"], &["*", "/", "%"]];

struct Parser<'a> {
    rest: &'a [u8],
    depth: usize,
}

#[derive(Debug, Clone)]
enum Value {
    Number(i64),
    Text(Vec<u8>),
}

impl Parser<'_> {
    fn binary(&mut self, level: usize) -> Option<Value> {
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        while let Some(operator) = self.operator(operators) {
            let right = self.binary(level + 1)?;
            left = left.combined(operator, &right)?;
        }
        Some(left)
    }

    fn operator(&mut self, operators: &[&'static str]) -> Option<&'static str> {
        self.skip();
        let found = operators.iter().find(|one| self.rest.starts_with(one.as_bytes()))?;
        self.rest = &self.rest[found.len()..];
        Some(found)
    }

    fn unary(&mut self) -> Option<Value> {
        self.skip();
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let value = match self.rest {
            [b'(', rest @ ..] => {
                self.rest = rest;
                let value = self.binary(0)?;
                self.skip();
                self.rest = self.rest.strip_prefix(b")")?;
                value
            }
            [b'-', rest @ ..] => {
                self.rest = rest;
                Value::Number(self.unary()?.number()?.checked_neg()?)
            }
            [b'!', rest @ ..] => {
                self.rest = rest;
                Value::flag(!self.unary()?.is_true())
            }
            _ => self.token()?,
        };
        self.depth -= 1;
        Some(value)
    }

    fn token(&mut self) -> Option<Value> {
        if let [b'"', rest @ ..] = self.rest {
            let end = rest.iter().position(|&byte| byte == b'"')?;
            let text = [b"\"", &rest[..end], b"\""].concat();
            self.rest = &rest[end + 1..];
            return Some(Value::Text(text));
        }
        let ends = |byte: &u8| *byte <= b' ' || b"|&=><!+-*/%()?:~\"".contains(byte);
        let end = self.rest.iter().position(ends).unwrap_or(self.rest.len());
        let (token, rest) = self.rest.split_at(end);
        self.rest = rest;
        (end > 0).then(|| Value::Text(token.to_vec()))
    }

    fn skip(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }
}

impl Value {
    fn flag(is_so: bool) -> Self {
        Self::Number(i64::from(is_so))
    }

    fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => std::str::from_utf8(text).ok()?.parse().ok(),
        }
    }

    fn is_true(&self) -> bool {
        match self {
            Self::Number(number) => *number != 0,
            Self::Text(text) => !matches!(text.as_slice(), b"" | b"0" | b"\"\""),
        }
    }

    fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Number(number) => number.to_string().into_bytes(),
            Self::Text(text) => text,
        }
    }

    fn combined(self, operator: &str, right: &Self) -> Option<Self> {
        let calculated = |operation: fn(i64, i64) -> Option<i64>| {
            operation(self.number()?, right.number()?).map(Self::Number)
        };
        let order = || match (self.number(), right.number()) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => self.clone().into_bytes().cmp(&right.clone().into_bytes()),
        };
        match operator {
            "+" => calculated(i64::checked_add),
            "-" => calculated(i64::checked_sub),
            "*" => calculated(i64::checked_mul),
            "/" => calculated(i64::checked_div),
            "%" => calculated(i64::checked_rem),
            "=" => Some(Self::flag(order().is_eq())),
            "!=" => Some(Self::flag(order().is_ne())),
            "<" => Some(Self::flag(order().is_lt())),
            ">" => Some(Self::flag(order().is_gt())),
            "<=" => Some(Self::flag(order().is_le())),
            ">=" => Some(Self::flag(order().is_ge())),
            "|" => Some(if self.is_true() { self } else { right.clone() }),
            _ => Some(if self.is_true() && right.is_true() { self } else { Self::Number(0) }),
        }
    }
}
