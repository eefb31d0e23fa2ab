//! Comments: `;` to the end of the line, and `;-- --;` across lines.
//!
//! Follows Asterisk byte by byte, the odd cases too: `\;` is a `;`, quotes protect nothing, and a
//! `--;` outside a block hides what follows.

use memchr::memchr;
use std::borrow::Cow;

/// Most blocks that may stand in each other.
const MAX_NESTED: i32 = 128;

/// The state that goes on from line to line.
#[derive(Debug, Default)]
pub(super) struct Comments {
    /// Open blocks; below zero after a stray `--;`.
    depth: i32,
    /// Line of each open block.
    opened: Vec<u32>,
    /// Where the comment that ends the last line begins in it.
    line_comment: Option<usize>,
}

/// What is left of a line.
#[derive(Debug)]
pub(super) enum Left<'a> {
    /// All of it lies in a comment.
    Nothing,
    /// A part of the line as it stands.
    Part { start: usize, end: usize },
    /// A text that the line does not hold in one piece.
    Changed(Cow<'a, [u8]>),
}

impl Comments {
    /// Whether a block is open, or a stray `--;` hides the lines.
    pub(super) fn is_open(&self) -> bool {
        self.depth != 0
    }

    /// The line of the innermost open block; 0 after a stray `--;`, as Asterisk says.
    pub(super) fn opened_at(&self) -> u32 {
        self.opened.last().copied().unwrap_or(0)
    }

    /// Where the comment to the end of the line taken last begins in it, if it has one.
    pub(super) fn line_comment(&self) -> Option<usize> {
        self.line_comment
    }

    /// Takes the comments out of a line; `too_deep` is called for each block that opens too deep.
    pub(super) fn take_out<'a>(
        &mut self,
        line: &'a [u8],
        number: u32,
        mut too_deep: impl FnMut(),
    ) -> Left<'a> {
        self.line_comment = None;
        if memchr(b';', line).is_none() {
            return match self.depth {
                0 => Left::Part { start: 0, end: line.len() },
                _ => Left::Nothing,
            };
        }
        let mut scan = Scan::new(line, self.depth == 0);
        while let Some(at) = scan.next_semicolon() {
            if at > scan.from && scan.text[at - 1] == b'\\' {
                scan.unescape(at);
            } else if scan.opens_block(at) {
                if self.depth < MAX_NESTED {
                    self.depth += 1;
                    if self.depth > 0 {
                        self.opened.push(number);
                    }
                    scan.cut(at);
                    scan.from = at + 3;
                } else {
                    // Asterisk would look at this place for ever.
                    too_deep();
                    scan.from = at + 1;
                }
            } else if scan.closes_block(at) {
                self.depth -= 1;
                self.opened.pop();
                scan.from = at + 1;
                if self.depth == 0 {
                    scan.resume();
                }
            } else if self.depth == 0 {
                self.line_comment = Some(at + scan.removed);
                scan.cut(at);
                break;
            } else {
                scan.from = at + 1;
            }
        }
        scan.left()
    }
}

/// One line on its way; `from` is where the next `;` is looked for.
struct Scan<'a> {
    text: Cow<'a, [u8]>,
    from: usize,
    /// How many bytes of the line were taken out before that.
    removed: usize,
    /// Where what is kept begins; none while all of it was comment.
    begin: Option<usize>,
    /// Where it ends, if not with the line.
    end: Option<usize>,
}

impl<'a> Scan<'a> {
    fn new(line: &'a [u8], keeps: bool) -> Self {
        Self {
            text: Cow::Borrowed(line),
            from: 0,
            removed: 0,
            begin: keeps.then_some(0),
            end: None,
        }
    }

    fn next_semicolon(&self) -> Option<usize> {
        let rest = self.text.get(self.from..)?;
        memchr(b';', rest).map(|at| self.from + at)
    }

    fn unescape(&mut self, at: usize) {
        self.text.to_mut().remove(at - 1);
        self.removed += 1;
        self.from = at;
    }

    fn opens_block(&self, at: usize) -> bool {
        self.text[at + 1..].starts_with(b"--") && self.text.get(at + 3) != Some(&b'-')
    }

    fn closes_block(&self, at: usize) -> bool {
        at >= self.from + 2 && self.text[..at].ends_with(b"--")
    }

    /// What follows is comment.
    fn cut(&mut self, at: usize) {
        if self.begin.is_some() && self.end.is_none() {
            self.end = Some(at);
        }
    }

    /// The last block has ended: what follows counts again.
    fn resume(&mut self) {
        match (self.begin, self.end) {
            (None, _) => self.begin = Some(self.from),
            (Some(_), Some(end)) => {
                self.text.to_mut().drain(end..self.from);
                self.removed += self.from - end;
                (self.from, self.end) = (end, None);
            }
            // The block began on a line above this one, or it is a stray end within a comment.
            (Some(_), None) => {}
        }
    }

    fn left(self) -> Left<'a> {
        let Some(start) = self.begin else { return Left::Nothing };
        let end = self.end.unwrap_or(self.text.len());
        match self.text {
            Cow::Borrowed(_) => Left::Part { start, end },
            Cow::Owned(text) => Left::Changed(Cow::Owned(text[start..end].to_vec())),
        }
    }
}
