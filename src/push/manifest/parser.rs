//! Reads a manifest while it comes, so that its text is never whole in memory.
//!
//! ivrkit writes a line for each file, and is read line by line; what somebody laid out otherwise is
//! kept and read at the end. Must not believe more of it than [`Manifest::parse`] does.

use super::{Distrust, Line, Manifest, Record, VERSION};
use crate::push::path::RelativePath;

/// A manifest of ours has the lines before those of its files within so many bytes.
const MAX_HEAD_BYTES: usize = 256;

/// A manifest on its way.
pub(in crate::push) struct Parser<'a> {
    /// Gives the name that is kept instead of an equal one.
    known: &'a dyn Fn(RelativePath) -> RelativePath,
    stage: Stage,
    /// What was not read yet.
    text: Vec<u8>,
    manifest: Manifest,
}

#[derive(Debug, PartialEq, Eq)]
enum Stage {
    /// The lines before those of the files.
    Head,
    Files,
    End,
    OtherLayout,
    Failed(Distrust),
}

impl<'a> Parser<'a> {
    /// Nothing came yet. Of equal names the one that `known` gives is kept.
    pub(in crate::push) fn new(known: &'a dyn Fn(RelativePath) -> RelativePath) -> Self {
        Self { known, stage: Stage::Head, text: Vec::new(), manifest: Manifest::default() }
    }

    /// Takes the next bytes.
    pub(in crate::push) fn take(&mut self, bytes: &[u8]) {
        if matches!(self.stage, Stage::Failed(_)) {
            return;
        }
        self.text.extend_from_slice(bytes);
        if self.stage == Stage::Head {
            self.read_head();
        }
        if self.stage == Stage::Files {
            let text = std::mem::take(&mut self.text);
            let read = self.read_files(&text);
            self.text.extend_from_slice(&text[read..]);
        }
    }

    /// What it says, when everything came.
    ///
    /// # Errors
    /// When nothing of it can be believed.
    pub(in crate::push) fn finish(self) -> Result<Manifest, Distrust> {
        let unreadable = |reason: &str| Err(Distrust::Unreadable(reason.to_owned()));
        match self.stage {
            Stage::Head | Stage::OtherLayout => Manifest::parse(&self.text),
            Stage::Files => unreadable("it ends too early"),
            Stage::End if self.text.trim_ascii() == b"]}" => Ok(self.manifest),
            Stage::End => unreadable("something stands behind its end"),
            Stage::Failed(distrust) => Err(distrust),
        }
    }

    fn read_head(&mut self) {
        let mut lines = self.text.splitn(4, |byte| *byte == b'\n');
        let head = [lines.next(), lines.next(), lines.next()];
        let [Some(version), Some(run), Some(files)] = head else {
            return self.give_up_head();
        };
        let Some(rest) = lines.next() else { return self.give_up_head() };
        let run = run.strip_prefix(b"\"run\":").and_then(|run| run.strip_suffix(b","));
        let run = run.and_then(|run| serde_json::from_slice(run).ok());
        let ours = version == format!("{{\"version\":{VERSION},").as_bytes();
        let (Some(run), b"\"files\":[", true) = (run, files, ours) else {
            self.stage = Stage::OtherLayout;
            return;
        };
        self.manifest.run = run;
        self.text = rest.to_vec();
        self.stage = Stage::Files;
    }

    fn give_up_head(&mut self) {
        if self.text.len() > MAX_HEAD_BYTES {
            self.stage = Stage::OtherLayout;
        }
    }

    /// Reads whole lines: how many bytes they had.
    fn read_files(&mut self, text: &[u8]) -> usize {
        let mut read = 0;
        while let Some(length) = text[read..].iter().position(|byte| *byte == b'\n') {
            let line = &text[read..read + length];
            if line.starts_with(b"]") {
                self.stage = Stage::End;
                break;
            }
            read += length + 1;
            match serde_json::from_slice::<Line<'_>>(line.strip_suffix(b",").unwrap_or(line)) {
                Ok(line) => self.keep(line.read()),
                // An empty list has an empty line.
                Err(_) if line.is_empty() => {}
                Err(error) => {
                    let reason = crate::push::path::printable(error.to_string().as_bytes());
                    self.stage = Stage::Failed(Distrust::Unreadable(reason));
                    return text.len();
                }
            }
        }
        read
    }

    fn keep(&mut self, line: Option<(RelativePath, Record)>) {
        if let Some((path, record)) = line {
            self.manifest.files.insert((self.known)(path), record);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(count: u8) -> Manifest {
        let record = |put| Record { size_bytes: 7, modified_s: 9, hash: [0xab; 32], put };
        let path = |index: u8| RelativePath::new(format!("a/{index:03}%\n")).unwrap();
        let files = (1..=count).map(|index| (path(index), record(index % 2 == 0)));
        Manifest { files: files.collect(), run: "\"run\"\n".to_owned() }
    }

    fn text(manifest: &Manifest) -> Vec<u8> {
        manifest.lines().flatten().collect()
    }

    /// Reads a text in pieces of every size.
    fn check(text: &[u8], expected: &Result<Manifest, &str>) {
        for size in [1, 7, 100, text.len().max(1)] {
            let mut parser = Parser::new(&|path| path);
            text.chunks(size).for_each(|piece| parser.take(piece));
            match (parser.finish(), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, *expected),
                (Err(found), Err(words)) => {
                    assert!(found.to_string().contains(words), "{found}, expected {words}");
                }
                (found, expected) => panic!("{found:?}, expected {expected:?}"),
            }
        }
    }

    #[test]
    fn what_is_written_is_read_in_pieces_of_any_size() {
        for count in [0, 1, 2, 100] {
            check(&text(&manifest(count)), &Ok(manifest(count)));
        }
    }

    #[test]
    fn another_layout_is_read_too() {
        let document: serde_json::Value = serde_json::from_slice(&text(&manifest(3))).unwrap();
        check(document.to_string().as_bytes(), &Ok(manifest(3)));
        let pretty = serde_json::to_string_pretty(&document).unwrap();
        check(pretty.as_bytes(), &Ok(manifest(3)));
    }

    #[test]
    fn what_is_cut_off_or_broken_is_not_believed() {
        let whole = text(&manifest(3));
        check(b"", &Err("cannot be read"));
        check(&whole[..whole.len() - 3], &Err("ends too early"));
        check(&whole[..whole.len() - 30], &Err("ends too early"));
        check(&[&whole[..], b"x"].concat(), &Err("behind its end"));
        let broken = String::from_utf8(whole).unwrap().replacen("\"path\"", "\"pat", 1);
        check(broken.as_bytes(), &Err("cannot be read"));
        check(b"{\"version\":2,\n\"run\":\"\",\n\"files\":[\n]}\n", &Err("version 2"));
    }
}
