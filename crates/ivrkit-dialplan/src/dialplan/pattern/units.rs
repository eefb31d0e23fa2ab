//! The places of a pattern: what each of them takes.

/// One place of a pattern.
#[derive(Clone, Copy)]
pub(super) enum Unit<'a> {
    Byte(u8),
    /// `X`, `Z`, `N`: the digits from this one to `9`.
    Digits(u8),
    /// What stands between `[` and `]`.
    Set(&'a [u8]),
    /// `.`: one or more of anything.
    Rest,
    /// `!`: any number of anything, without waiting for it.
    Early,
    /// A `[` without its `]`; what follows it counts as usual.
    Unclosed,
}

/// The places of a pattern, without its `_`.
pub(super) struct Units<'a> {
    text: &'a [u8],
    /// How many bytes from the end the last `]` stands, so that no `[` is searched for in vain.
    closed_until: usize,
}

impl<'a> Units<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        let last = text.iter().rposition(|&byte| byte == b']');
        Self { text, closed_until: last.map_or(text.len(), |last| text.len() - 1 - last) }
    }

    /// What stands up to the next `]`, which is skipped.
    fn set(&mut self) -> Option<&'a [u8]> {
        if self.text.len() <= self.closed_until {
            return None;
        }
        let end = self.text.iter().position(|&byte| byte == b']')?;
        let set = &self.text[..end];
        self.text = &self.text[end + 1..];
        Some(set)
    }
}

impl<'a> Iterator for Units<'a> {
    type Item = Unit<'a>;

    fn next(&mut self) -> Option<Unit<'a>> {
        while let Some((&byte, rest)) = self.text.split_first() {
            self.text = rest;
            return Some(match byte {
                b'-' => continue,
                b'x' | b'X' => Unit::Digits(b'0'),
                b'z' | b'Z' => Unit::Digits(b'1'),
                b'n' | b'N' => Unit::Digits(b'2'),
                b'.' => Unit::Rest,
                b'!' => Unit::Early,
                b'[' => self.set().map_or(Unit::Unclosed, Unit::Set),
                byte => Unit::Byte(byte),
            });
        }
        None
    }
}

impl Unit<'_> {
    /// Whether it takes this byte.
    ///
    /// Asterisk orders the ends of a range as signed bytes here, and as unsigned ones in a key.
    pub(super) fn accepts(self, byte: u8) -> bool {
        match self {
            Unit::Byte(own) => own == byte,
            Unit::Digits(low) => (low..=b'9').contains(&byte),
            Unit::Set(set) => ranges(set).any(|(low, high)| {
                (low.cast_signed()..=high.cast_signed()).contains(&byte.cast_signed())
            }),
            Unit::Rest | Unit::Early => true,
            Unit::Unclosed => false,
        }
    }
}

/// The ranges of a set; a single byte is a range of one, and a `-` at either end is itself.
pub(super) fn ranges(set: &[u8]) -> impl Iterator<Item = (u8, u8)> {
    let mut rest = set;
    std::iter::from_fn(move || {
        let (range, after) = match rest {
            [low, b'-', high, after @ ..] => ((*low, *high), after),
            [byte, after @ ..] => ((*byte, *byte), after),
            [] => return None,
        };
        rest = after;
        Some(range)
    })
}
