//! Comments that speak to ivrkit, `; ivrkit: ...`, and what they stand at.
//!
//! Asterisk sees comments only. What the words mean is decided in [`crate::lint`].

use super::{Place, text::narrow};
use memchr::memmem::Finder;
use std::sync::LazyLock;

/// What such a comment begins with, after `;` and blanks.
const ADDRESS: &[u8] = b"ivrkit:";
/// Made once: most dialplans have a comment in every second line.
static FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(ADDRESS));

/// A comment that speaks to ivrkit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remark {
    /// From its `;` to the end of the comment, without blanks at the end.
    pub place: Place,
    /// Where its words begin, after the colon.
    pub words: u32,
    /// Whether nothing but comments stands in its line.
    pub is_alone: bool,
    /// The line it is about: its own, or the next one with a content if it stands alone; empty at
    /// the end of the file if there is none.
    pub line: Place,
    /// The section it is about, from its header to before the next one in this file. Alone above a
    /// header it is about that section.
    pub section: Place,
}

/// Finds the remarks of one file while that is read.
#[derive(Debug)]
pub(super) struct Remarks {
    file: u32,
    /// Where the section that is being read begins.
    section: u32,
    /// Those that stand alone and wait for the next line.
    waiting: Vec<Remark>,
    /// Those whose section goes on.
    open: Vec<Remark>,
    done: Vec<Remark>,
}

impl Remarks {
    pub(super) fn of(file: u32) -> Self {
        Self { file, section: 0, waiting: Vec::new(), open: Vec::new(), done: Vec::new() }
    }

    /// A line with a content begins; `is_header` if it begins a section.
    pub(super) fn line(&mut self, line: Place, is_header: bool) {
        if is_header {
            self.close(line.start);
            self.section = line.start;
        }
        if self.waiting.is_empty() {
            return;
        }
        for remark in self.waiting.drain(..) {
            let section = Place { start: self.section, ..remark.section };
            self.open.push(Remark { line, section, ..remark });
        }
    }

    /// Looks at the comment that ends a line; `bytes` are those of the comment from its `;` on,
    /// `start` is where that stands. `line` is the line's place, none if it holds comments only.
    pub(super) fn comment(&mut self, bytes: &[u8], start: u32, line: Option<Place>) {
        let mut from = 0;
        while let Some((at, words)) = next_address(bytes, from) {
            let end = next_address(bytes, words).map_or(bytes.len(), |(next, _)| next);
            let end = at + bytes[at..end].trim_ascii_end().len();
            let offset = |at: usize| start + narrow(at);
            let place = Place { file: self.file, start: offset(at), end: offset(end) };
            let section = Place { file: self.file, start: self.section, end: self.section };
            let remark = Remark {
                place,
                words: offset(words.min(end)),
                is_alone: line.is_none(),
                line: line.unwrap_or(place),
                section,
            };
            if line.is_some() { &mut self.open } else { &mut self.waiting }.push(remark);
            from = words;
        }
    }

    /// All remarks in the order of their places, once the file has `len` bytes and no more.
    pub(super) fn finish(mut self, len: usize) -> Vec<Remark> {
        let end = Place { file: self.file, start: narrow(len), end: narrow(len) };
        self.open.extend(self.waiting.drain(..).map(|remark| Remark { line: end, ..remark }));
        self.close(end.start);
        self.done.sort_by_key(|remark| remark.place);
        self.done
    }

    fn close(&mut self, end: u32) {
        self.done.extend(self.open.drain(..).map(|remark| {
            let section = Place { end, ..remark.section };
            Remark { section, ..remark }
        }));
    }
}

/// The next `;`, blanks and address at or after `from`: where the `;` is, and what follows the
/// address.
fn next_address(comment: &[u8], from: usize) -> Option<(usize, usize)> {
    FINDER.find_iter(&comment[from..]).find_map(|found| {
        let found = from + found;
        let before = comment[..found].trim_ascii_end();
        // Any number of `;` may begin a comment.
        let at = before.len() - before.iter().rev().take_while(|&&byte| byte == b';').count();
        (at < before.len() && at >= from).then_some((at, found + ADDRESS.len()))
    })
}

#[cfg(test)]
mod tests {
    use crate::syntax::{Nothing, read};

    /// Each remark as its words, its line and its section.
    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str, &str)]) {
        let document = read(b"x", text.into(), &mut Nothing);
        let shown = |start: u32, end: u32| &text[start as usize..end as usize];
        let found = document.remarks.iter().map(|remark| {
            let line = shown(remark.line.start, remark.line.end);
            let section = shown(remark.section.start, remark.section.end);
            (shown(remark.words, remark.place.end), line, section)
        });
        assert_eq!(found.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_remark_at_the_end_of_a_line_is_about_it() {
        let line = "b=c ; ivrkit: allow(x) why";
        let section = "[a]\nb=c ; ivrkit: allow(x) why\n";
        check(section, &[(" allow(x) why", line, section)]);
        check(
            "[a]\nb=c ;; old ;ivrkit:one; ivrkit: two \n[d]",
            &[
                (
                    "one",
                    "b=c ;; old ;ivrkit:one; ivrkit: two",
                    "[a]\nb=c ;; old ;ivrkit:one; ivrkit: two \n",
                ),
                (
                    " two",
                    "b=c ;; old ;ivrkit:one; ivrkit: two",
                    "[a]\nb=c ;; old ;ivrkit:one; ivrkit: two \n",
                ),
            ],
        );
    }

    #[test]
    fn a_remark_alone_is_about_the_next_line() {
        check(
            "[a]\n; ivrkit: x\n\n; more\nb=c\n",
            &[(" x", "b=c", "[a]\n; ivrkit: x\n\n; more\nb=c\n")],
        );
        check("[a]\n; ivrkit: x\n[d]\ne=f\n", &[(" x", "[d]", "[d]\ne=f\n")]);
        check("[a]\n; ivrkit: x", &[(" x", "", "[a]\n; ivrkit: x")]);
        check("; ivrkit: x\r\n[a]\r\n", &[(" x", "[a]", "[a]\r\n")]);
    }

    #[test]
    fn only_comments_that_begin_so_speak_to_us() {
        check("[a]\nb=ivrkit: x\n", &[]);
        check("[a]\nb=c\\; ivrkit: x\n", &[]);
        check("[a]\n;-- block\n; ivrkit: x\nb=c ; ivrkit: y\n--;\n", &[]);
        check("[a]\nb=c ; see ivrkit: x\n", &[]);
        let line = "b=\\;c ;-- in --; d ; ivrkit: x";
        let text = format!("[a]\n{line}\n");
        check(&text, &[(" x", line, &text)]);
    }
}
