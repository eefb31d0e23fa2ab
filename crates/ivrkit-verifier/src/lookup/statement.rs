//! An operator's SQL with named parameters (`:callee`) as the server takes it, with places.
//!
//! Knows just as much of SQL as tells what is no parameter: texts, quoted names, comments, casts.
//! Values never come near the text.

use super::question::Parameter;

/// Which SQL is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// SQLite's.
    Sqlite,
    /// PostgreSQL's.
    Postgres,
    /// That of MariaDB and MySQL.
    MariaDb,
}

/// A statement with places for its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement {
    /// The text for the server.
    pub(super) text: String,
    /// What goes into each place, in their order.
    pub(super) parameters: Vec<Parameter>,
}

/// What is wrong with a statement before any server has seen it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Mistake {
    #[error("found the unknown parameter `:{name}`; there are {known}")]
    Unknown { name: String, known: String },
    #[error("found `{found}`, a place without a name; name the parameter, such as `:callee`")]
    Nameless { found: String },
    #[error("{what} is not closed")]
    Open { what: &'static str },
    #[error("found a second statement after `;`, expected one")]
    Several,
}

/// The text that is still to be read, and what was made of it.
struct Reader<'a> {
    rest: &'a str,
    dialect: Dialect,
    /// The character before `rest`.
    last: char,
    done: Statement,
}

impl Statement {
    /// Reads an operator's statement; `values` are the names that scenarios add.
    pub(super) fn read(sql: &str, dialect: Dialect, values: &[&str]) -> Result<Self, Mistake> {
        let done = Self { text: String::with_capacity(sql.len()), parameters: Vec::new() };
        let mut reader = Reader { rest: sql, dialect, last: ' ', done };
        while !reader.rest.is_empty() {
            reader.piece(values)?;
        }
        Ok(reader.done)
    }

    /// Whether it has one of these.
    pub(super) fn names(&self, any: &[Parameter]) -> bool {
        self.parameters.iter().any(|parameter| any.contains(parameter))
    }
}

impl Reader<'_> {
    /// Takes one text, name, comment, parameter or character.
    fn piece(&mut self, values: &[&str]) -> Result<(), Mistake> {
        let maria = self.dialect == Dialect::MariaDb;
        let postgres = self.dialect == Dialect::Postgres;
        let first = self.rest.chars().next().expect("there is a rest");
        match first {
            '\'' => self.quoted('\'', maria || self.after_e(), "a text in `'`"),
            '"' => self.quoted('"', maria, "a name in `\"`"),
            '`' if !postgres => self.quoted('`', false, "a name in `` ` ``"),
            '[' if self.dialect == Dialect::Sqlite => self.until("]", "a name in `[`"),
            '#' if maria => {
                self.line();
                Ok(())
            }
            '-' if self.begins_line_comment() => {
                self.line();
                Ok(())
            }
            '/' if self.rest.starts_with("/*") => self.comment(),
            '$' if postgres && !is_word(self.last) => self.dollar(),
            '?' if !postgres => Err(Mistake::Nameless { found: "?".to_owned() }),
            ';' => self.end(),
            ':' => self.colon(values),
            _ => {
                self.copy(first.len_utf8());
                Ok(())
            }
        }
    }

    fn copy(&mut self, length: usize) {
        let (taken, rest) = self.rest.split_at(length);
        self.last = taken.chars().next_back().unwrap_or(self.last);
        self.done.text.push_str(taken);
        self.rest = rest;
    }

    /// Whether the quote before us opens PostgreSQL's text with escapes, `E'...'`.
    fn after_e(&self) -> bool {
        let mut before = self.done.text.chars().rev();
        self.dialect == Dialect::Postgres
            && matches!(before.next(), Some('e' | 'E'))
            && !before.next().is_some_and(is_word)
    }

    /// What stands in quotes; a doubled quote is one of it, and so is one after `\` where that
    /// escapes.
    fn quoted(&mut self, quote: char, escapes: bool, what: &'static str) -> Result<(), Mistake> {
        let mut characters = self.rest.char_indices().skip(1).peekable();
        while let Some((at, character)) = characters.next() {
            let mut is_doubled = || characters.peek().is_some_and(|(_, c)| *c == quote);
            if (character == '\\' && escapes) || (character == quote && is_doubled()) {
                characters.next();
            } else if character == quote {
                self.copy(at + quote.len_utf8());
                return Ok(());
            }
        }
        Err(Mistake::Open { what })
    }

    fn until(&mut self, end: &str, what: &'static str) -> Result<(), Mistake> {
        let at = self.rest.find(end).ok_or(Mistake::Open { what })?;
        self.copy(at + end.len());
        Ok(())
    }

    fn begins_line_comment(&self) -> bool {
        // MariaDB wants a blank behind: `5--3` is arithmetic there.
        let behind = self.rest.strip_prefix("--").map(|rest| rest.chars().next());
        behind.is_some_and(|behind| {
            self.dialect != Dialect::MariaDb
                || behind.is_none_or(|c| c.is_whitespace() || c.is_control())
        })
    }

    fn line(&mut self) {
        self.copy(self.rest.find('\n').unwrap_or(self.rest.len()));
    }

    /// A comment; PostgreSQL's may hold others.
    fn comment(&mut self) -> Result<(), Mistake> {
        let what = "a comment";
        if self.dialect != Dialect::Postgres {
            let end = self.rest[2..].find("*/").ok_or(Mistake::Open { what })?;
            self.copy(end + 4);
            return Ok(());
        }
        let (mut depth, mut at) = (1, 2);
        while depth > 0 {
            let rest = &self.rest[at..];
            let open = rest.find("/*").unwrap_or(usize::MAX);
            let close = rest.find("*/").ok_or(Mistake::Open { what })?;
            depth = if open < close { depth + 1 } else { depth - 1 };
            at += open.min(close) + 2;
        }
        self.copy(at);
        Ok(())
    }

    /// PostgreSQL's `$$...$$` and `$tag$...$tag$`.
    fn dollar(&mut self) -> Result<(), Mistake> {
        let name = self.rest[1..].chars().take_while(|c| is_word(*c)).map(char::len_utf8).sum();
        let tag = &self.rest[..=name];
        if self.rest[tag.len()..].starts_with('$') {
            let tag = &self.rest[..=tag.len()];
            let what = "a text in `$`";
            let end = self.rest[tag.len()..].find(tag).ok_or(Mistake::Open { what })?;
            self.copy(end + 2 * tag.len());
            return Ok(());
        }
        if name > 0 {
            return Err(Mistake::Nameless { found: tag.to_owned() });
        }
        self.copy(1);
        Ok(())
    }

    /// The statement's end: behind it only blanks and comments may stand.
    fn end(&mut self) -> Result<(), Mistake> {
        let kept = self.done.text.len();
        self.rest = &self.rest[1..];
        while let Some(first) = self.rest.chars().next() {
            match first {
                c if c.is_whitespace() || c == ';' => self.copy(c.len_utf8()),
                '-' if self.begins_line_comment() => self.line(),
                '#' if self.dialect == Dialect::MariaDb => self.line(),
                '/' if self.rest.starts_with("/*") => self.comment()?,
                _ => return Err(Mistake::Several),
            }
        }
        self.done.text.truncate(kept);
        Ok(())
    }

    /// A parameter, unless it is a cast (`::`), an assignment (`:=`) or part of a slice (`[1:n]`).
    fn colon(&mut self, values: &[&str]) -> Result<(), Mistake> {
        let behind = &self.rest[1..];
        if behind.starts_with([':', '=']) {
            self.copy(2);
            return Ok(());
        }
        let length = behind.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let name = &behind[..length];
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if !is_name || is_word(self.last) || self.last == ']' {
            self.copy(1);
            return Ok(());
        }
        let parameter = Parameter::named(name, values).ok_or_else(|| Mistake::Unknown {
            name: name.to_owned(),
            known: Parameter::known(values),
        })?;
        self.rest = &behind[length..];
        self.last = 'x';
        self.place(parameter);
        Ok(())
    }

    fn place(&mut self, parameter: Parameter) {
        // Each use has a place of its own, for each may be of another type.
        let number = self.done.parameters.len() + 1;
        let text = match self.dialect {
            Dialect::Postgres => format!("${number}"),
            // A time in the session's zone, as `NOW()` is.
            Dialect::MariaDb if parameter == Parameter::Now => "FROM_UNIXTIME(?)".to_owned(),
            Dialect::MariaDb | Dialect::Sqlite => "?".to_owned(),
        };
        self.done.text.push_str(&text);
        self.done.parameters.push(parameter);
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [Dialect; 3] = [Dialect::Sqlite, Dialect::Postgres, Dialect::MariaDb];

    /// Reads a statement; gives its text and the names of its parameters, or the mistake.
    fn read(dialect: Dialect, sql: &str) -> String {
        match Statement::read(sql, dialect, &["course"]) {
            Err(mistake) => mistake.to_string(),
            Ok(Statement { text, parameters }) => {
                let names: Vec<_> = parameters.iter().map(Parameter::name).collect();
                format!("{text} <- {}", names.join(" "))
            }
        }
    }

    #[track_caller]
    fn check(dialect: Dialect, sql: &str, expected: &str) {
        assert_eq!(read(dialect, sql), expected);
    }

    /// The same in every dialect: nothing in it is a parameter.
    #[track_caller]
    fn check_none(sql: &str) {
        for dialect in ALL {
            check(dialect, sql, &format!("{sql} <- "));
        }
    }

    #[test]
    fn parameters_become_places() {
        let sql = "SELECT code FROM c WHERE phone = :callee AND expires_at > :now AND k=:course;";
        check(
            Dialect::Postgres,
            sql,
            "SELECT code FROM c WHERE phone = $1 AND expires_at > $2 AND k=$3 <- callee now course",
        );
        check(
            Dialect::Sqlite,
            sql,
            "SELECT code FROM c WHERE phone = ? AND expires_at > ? AND k=? <- callee now course",
        );
        check(
            Dialect::MariaDb,
            sql,
            "SELECT code FROM c WHERE phone = ? AND expires_at > FROM_UNIXTIME(?) AND k=? <- \
             callee now course",
        );
        check(Dialect::Postgres, "(:callee,:callee)", "($1,$2) <- callee callee");
    }

    #[test]
    fn texts_names_and_comments_hold_no_parameters() {
        check_none("SELECT ':callee', 'it''s :callee', \":callee\"\"\", a -- :callee");
        check_none("SELECT a -- it's :callee\n FROM t");
        check_none("SELECT a /* it's :callee */ FROM t");
        check_none("SELECT a::text, a :: text");
        check(
            Dialect::MariaDb,
            "SELECT `:callee` # it's :callee",
            "SELECT `:callee` # it's :callee <- ",
        );
        check(Dialect::MariaDb, r"SELECT '\':callee', :callee", r"SELECT '\':callee', ? <- callee");
        check(Dialect::Postgres, r"SELECT '\', :callee", r"SELECT '\', $1 <- callee");
        check(
            Dialect::Postgres,
            r"SELECT E'\':callee', :callee",
            r"SELECT E'\':callee', $1 <- callee",
        );
        check(Dialect::Postgres, r"SELECT lane'\', :callee", r"SELECT lane'\', $1 <- callee");
        check(Dialect::Postgres, "/* /* :a */ :b */ :callee", "/* /* :a */ :b */ $1 <- callee");
        check(Dialect::MariaDb, "/* /* :a */ :callee", "/* /* :a */ ? <- callee");
        check(
            Dialect::Postgres,
            "$$:a$$ $x$ :b $$ $x$ :callee",
            "$$:a$$ $x$ :b $$ $x$ $1 <- callee",
        );
        check(
            Dialect::Sqlite,
            "SELECT [it's :callee], :callee",
            "SELECT [it's :callee], ? <- callee",
        );
        check(Dialect::MariaDb, "SELECT 5--:callee", "SELECT 5--? <- callee");
    }

    #[test]
    fn casts_slices_and_assignments_are_no_parameters() {
        check(Dialect::Postgres, "a[1:n] :callee::text", "a[1:n] $1::text <- callee");
        check(Dialect::MariaDb, "SELECT @a:=1, @b := :callee", "SELECT @a:=1, @b := ? <- callee");
        check(Dialect::Postgres, "SELECT a ? 'b'", "SELECT a ? 'b' <- ");
    }

    #[test]
    fn mistakes_are_told() {
        for dialect in ALL {
            let said = read(dialect, "SELECT :calee");
            assert!(said.starts_with("found the unknown parameter `:calee`; there are `:callee`"));
            assert!(said.ends_with("`:course`"), "{said}");
            check(dialect, "SELECT 'a", "a text in `'` is not closed");
            check(dialect, "SELECT /* a", "a comment is not closed");
            check(
                dialect,
                "SELECT 1; DROP TABLE t",
                "found a second statement after `;`, expected one",
            );
            check(dialect, "SELECT 1 ; -- x\n /* y */ ;", "SELECT 1  <- ");
        }
        let nameless = "a place without a name; name the parameter, such as `:callee`";
        check(Dialect::MariaDb, "SELECT ?", &format!("found `?`, {nameless}"));
        check(Dialect::Postgres, "SELECT $1", &format!("found `$1`, {nameless}"));
    }

    proptest! {
        /// Whatever is written is read without a panic; what has no parameters stays as it is.
        #[test]
        fn anything_is_read(sql in r#"([ a-z:;'"`$#?\[\]\\/*-]|:callee|/\*|\*/|--|\$\$|é){0,30}"#) {
            for dialect in ALL {
                if let Ok(read) = Statement::read(&sql, dialect, &[]) {
                    prop_assert!(read.parameters.len() <= sql.matches(":callee").count());
                    if read.parameters.is_empty() {
                        prop_assert!(sql.starts_with(&read.text), "{sql:?} {:?}", read.text);
                    }
                }
            }
        }
    }
}
