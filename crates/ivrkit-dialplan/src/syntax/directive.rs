//! Lines that begin with `#`: `#include`, `#tryinclude`, and `#exec`, which is never run.

use super::{
    Kind, MAX_INCLUDE_DEPTH, MAX_INCLUDED_BYTES, MAX_INCLUDES,
    provider::Contents,
    reader::{Line, Reader, Stop},
    text::strip,
};

impl Reader<'_> {
    pub(super) fn directive(&mut self, line: Line) -> Result<(), Stop> {
        let bytes = self.bytes(line.text)[1..].to_vec();
        // The comparison is one of signed bytes: those over 127 end the word too.
        let end = bytes.iter().position(|byte| !(b'!'..0x80).contains(byte)).unwrap_or(bytes.len());
        let word = bytes[..end].to_ascii_lowercase();
        let argument = bytes.get(end + 1..).unwrap_or_default();
        let (from, to) = strip(argument);
        let argument = &argument[from..to];
        let must_exist = match word.as_slice() {
            b"include" => true,
            b"tryinclude" => false,
            b"exec" => {
                self.say(Kind::Exec, line, "#exec is not run, the line is skipped");
                return Ok(());
            }
            _ => {
                let shown = bytes[..end].escape_ascii();
                let text = format!("unknown directive #{shown}, the line is skipped");
                self.say(Kind::UnknownHash, line, text);
                return Ok(());
            }
        };
        if argument.is_empty() {
            self.say(Kind::HashArgument, line, "no file is named, the line is skipped");
            return Ok(());
        }
        self.include(line, unquoted(argument), must_exist)
    }

    fn include(&mut self, line: Line, name: &[u8], must_exist: bool) -> Result<(), Stop> {
        let alias = self.alias(line, name);
        let exists = if self.depth > MAX_INCLUDE_DEPTH {
            let text = format!("files include each other deeper than {MAX_INCLUDE_DEPTH} levels");
            self.say(Kind::IncludeDepth, line, text);
            false
        } else {
            self.read_found(line, name, alias.as_deref())?
        };
        if exists || !must_exist {
            return Ok(());
        }
        let text = format!("the file {} is not there", name.escape_ascii());
        let help = "use #tryinclude if it need not exist; names are relative to the folder of the \
                    main file";
        Err(self.refuse(Kind::FileMissing, line, text, help))
    }

    /// The name of a file's second and further readings.
    fn alias(&mut self, line: Line, name: &[u8]) -> Option<Vec<u8>> {
        let Some(count) = self.included.get_mut(name) else {
            self.included.insert(name.to_vec(), 0);
            return None;
        };
        *count += 1;
        let alias = [name, format!("~~{count}").as_bytes()].concat();
        self.included.entry(alias.clone()).or_insert(0);
        let shown = name.escape_ascii();
        let text =
            format!("{shown} is included once more; its lines are listed under another name");
        self.say(Kind::FileTwice, line, text);
        Some(alias)
    }

    /// Reads every file of a name; whether there was one.
    fn read_found(&mut self, line: Line, name: &[u8], alias: Option<&[u8]>) -> Result<bool, Stop> {
        // Its lines go on in the section that was begun last, wherever that was.
        let outer = (self.open, self.origin);
        self.open = self.current;
        self.depth += 1;
        let mut turn = super::reader::Turn::default();
        let mut count = 0;
        for found in self.provider.find(name) {
            let bytes = match found.contents {
                Contents::File(bytes) => bytes,
                Contents::Unreadable => continue,
                Contents::NotAFile | Contents::TooLarge => {
                    let what = match found.contents {
                        Contents::NotAFile => "no regular file",
                        _ => "too large for a configuration",
                    };
                    let text = format!("{} is {what}, it is skipped", found.path.escape_ascii());
                    self.say(Kind::NotAFile, line, text);
                    continue;
                }
            };
            count += 1;
            self.included_files += 1;
            self.included_bytes += bytes.len();
            if self.included_files > MAX_INCLUDES || self.included_bytes > MAX_INCLUDED_BYTES {
                let text = format!(
                    "more than {MAX_INCLUDES} files or {MAX_INCLUDED_BYTES} bytes are included"
                );
                self.say(Kind::Limit, line, text);
                return Err(Stop::Limit);
            }
            self.origin = self.document.files.add_origin(alias.unwrap_or(&found.path));
            match self.read_file(&found.path, &bytes, &mut turn) {
                Ok(()) => {}
                // What is wrong in an included file ends that file, and the rest of a wildcard.
                // Asterisk forgets to count such a level down.
                Err(Stop::File) => {
                    (self.open, self.origin) = outer;
                    return Ok(true);
                }
                Err(Stop::Limit) => return Err(Stop::Limit),
            }
        }
        self.depth -= 1;
        (self.open, self.origin) = outer;
        Ok(count > 0)
    }
}

/// Without `"..."` or `<...>` around it; a mark on one side only stays.
fn unquoted(name: &[u8]) -> &[u8] {
    match name {
        [b'"', inner @ .., b'"'] | [b'<', inner @ .., b'>'] => inner,
        [b'"'] => b"",
        name => name,
    }
}
