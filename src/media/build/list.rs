//! Lists of callees: a CSV file with a row for each, as spreadsheets write it.
//!
//! Finds every mistake of every row. Must not repeat a callee's number or data in a message, nor
//! guess at what a damaged number was.

use super::sources::masked;
use crate::files;
use csv::{ByteRecord, ReaderBuilder};
use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

/// Most bytes of a list: a million callees.
const MAX_LIST_BYTES: u64 = 128 << 20;
/// Digits of a number that can be dialled, with a trunk prefix.
const DIGITS: std::ops::RangeInclusive<usize> = 2..=20;
/// What the column of the numbers is called.
const NUMBER_NAMES: [&str; 14] = [
    "number",
    "to",
    "callee",
    "phone",
    "phone number",
    "mobile",
    "telephone",
    "号码",
    "手机",
    "手机号",
    "手机号码",
    "电话",
    "电话号码",
    "被叫号码",
];

/// A list of callees to be read.
#[derive(Debug, Clone)]
pub struct CalleeList {
    /// The CSV file.
    pub path: PathBuf,
    /// What separates columns; found out from the first line by default.
    pub delimiter: Option<u8>,
    /// Heading of the column that has the numbers; a usual one by default.
    pub number_column: Option<String>,
    /// What becomes of rows that cannot be used.
    pub bad_rows: BadRows,
}

/// What becomes of rows that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BadRows {
    /// Nothing is built until they are corrected.
    #[default]
    Fail,
    /// They are said and left out.
    Skip,
}

/// A list that cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] files::Error),
    /// Its heading or encoding is wrong.
    #[error("{}:{line}: {problem}", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: u64,
        /// What was found and expected.
        problem: String,
    },
}

/// A row that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// Line in the file, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No number.
    #[error("the number is missing")]
    NoNumber,
    /// Something that a file name of digits cannot be made of.
    #[error("the number has other characters than digits; write it as the PBX shows it")]
    NotDigits,
    /// What a spreadsheet makes of long numbers.
    #[error("the number was rounded by a spreadsheet; format its column as text and fill it anew")]
    Rounded,
    /// Too few or too many digits.
    #[error(
        "the number has {0} digit{plural}, expected {least} to {most}",
        plural = if *.0 == 1 { "" } else { "s" },
        least = DIGITS.start(),
        most = DIGITS.end()
    )]
    Length(usize),
    /// The same number and text again.
    #[error("the number {number} was in line {first} already")]
    Repeated {
        /// The number, masked.
        number: String,
        /// Line of the first.
        first: u64,
    },
    /// The same number with another text: which one is right cannot be known.
    #[error("the number {number} has another text in line {other}")]
    Contradiction {
        /// The number, masked.
        number: String,
        /// Line of the other.
        other: u64,
    },
    /// More columns than the heading has.
    #[error("it has {found} columns, expected {expected}; put values with separators in quotes")]
    Columns {
        /// How many there are.
        found: usize,
        /// How many the heading has.
        expected: usize,
    },
    /// Not UTF-8.
    #[error("it is not UTF-8; save the file as \"CSV UTF-8\"")]
    NotUtf8,
    /// A quote that is not closed, or a value of several lines.
    #[error("a value has a line break or control character; is a quote not closed?")]
    Control,
    /// The template has no value for something.
    #[error("{0}")]
    Template(String),
    /// More than anybody listens to.
    #[error("the text has {0} characters, expected at most {max}", max = super::callees::MAX_TEXT_CHARACTERS)]
    TooLong(usize),
    /// Nothing to be said.
    #[error("the text is empty")]
    Silent,
}

/// A row that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// Line in the file, from 1.
    pub(super) line: u64,
    /// The number: digits.
    pub(super) number: String,
    /// The values that are not empty, by heading.
    pub(super) values: BTreeMap<String, String>,
}

/// A list that was read.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// The headings.
    pub(super) columns: Vec<String>,
    /// The rows that can be used.
    pub(super) good: Vec<Row>,
    /// Those that cannot, in the order of the file.
    pub(super) bad: Vec<BadRow>,
}

/// Reads a list.
pub(super) fn read(list: &CalleeList) -> Result<Rows, Error> {
    let bytes = files::read_bytes(&list.path, MAX_LIST_BYTES)?;
    parse(&bytes, list)
}

fn parse(bytes: &[u8], list: &CalleeList) -> Result<Rows, Error> {
    let form = |line, problem: String| Error::Form { path: list.path.clone(), line, problem };
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        let problem = "the file is UTF-16, expected UTF-8; save it as \"CSV UTF-8\"".to_owned();
        return Err(form(1, problem));
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let delimiter = list.delimiter.unwrap_or_else(|| delimiter(bytes));
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(false)
        .from_reader(bytes);
    let mut records = reader.byte_records();
    let heading = records.next().transpose().map_err(|error| form(1, error.to_string()))?;
    let heading =
        heading.ok_or_else(|| form(1, "the file is empty, expected a heading".to_owned()))?;
    let columns = columns(&heading).map_err(|problem| form(1, problem))?;
    let number_at = number_column(&columns, list.number_column.as_deref())
        .map_err(|problem| form(1, problem))?;
    let mut rows = Rows { columns, ..Rows::default() };
    let mut lines = Lines { bytes, offset: 0, line: 1 };
    for record in records {
        let record = record.map_err(|error| form(0, error.to_string()))?;
        let line = lines.at(record.position().map_or(0, csv::Position::byte));
        if record.iter().all(<[u8]>::is_empty) {
            continue;
        }
        match row(&record, line, &rows.columns, number_at) {
            Ok(row) => rows.good.push(row),
            Err(fault) => rows.bad.push(BadRow { line, fault }),
        }
    }
    Ok(rows)
}

/// Counts lines. The reader's own count is behind by one where lines end in CR and LF, and does not
/// see the blank lines that it skips.
struct Lines<'a> {
    bytes: &'a [u8],
    offset: usize,
    line: u64,
}

impl Lines<'_> {
    /// Line of the first row at or after an offset; offsets come in ascending order.
    fn at(&mut self, offset: u64) -> u64 {
        let wanted = usize::try_from(offset).unwrap_or(usize::MAX);
        while let Some(&byte) = self.bytes.get(self.offset) {
            let is_end = matches!(byte, b'\r' | b'\n');
            if self.offset >= wanted && !is_end {
                break;
            }
            let is_half = byte == b'\r' && self.bytes.get(self.offset + 1) == Some(&b'\n');
            self.line += u64::from(is_end && !is_half);
            self.offset += 1;
        }
        self.line
    }
}

/// The most frequent of the usual separators in the first line, outside quotes.
fn delimiter(bytes: &[u8]) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut is_quoted = false;
    for &byte in bytes.iter().take_while(|byte| !matches!(byte, b'\n' | b'\r')) {
        is_quoted ^= byte == b'"';
        counts.iter_mut().filter(|(one, _)| *one == byte && !is_quoted).for_each(|(_, n)| *n += 1);
    }
    // Of equals the first counts, which is the comma.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(one, _)| *one)
}

fn columns(heading: &ByteRecord) -> Result<Vec<String>, String> {
    let mut columns: Vec<String> = Vec::with_capacity(heading.len());
    for name in heading {
        let name = std::str::from_utf8(name)
            .map_err(|_| "the heading is not UTF-8; save the file as \"CSV UTF-8\"".to_owned())?
            .trim();
        if !name.is_empty() && columns.iter().any(|other| other == name) {
            return Err(format!("the column `{name}` is there twice"));
        }
        columns.push(name.to_owned());
    }
    Ok(columns)
}

fn number_column(columns: &[String], named: Option<&str>) -> Result<usize, String> {
    let is_it = |column: &String| match named {
        Some(name) => column == name,
        None => NUMBER_NAMES.contains(&column.to_lowercase().as_str()),
    };
    columns.iter().position(is_it).ok_or_else(|| {
        let wanted = named.unwrap_or(NUMBER_NAMES[0]);
        // A list without a heading has somebody's number in its first line.
        let has_heading = columns.iter().all(|name| !name.bytes().any(|byte| byte.is_ascii_digit()));
        if has_heading {
            let columns = columns.join("`, `");
            format!("found the columns `{columns}`, expected one called `{wanted}`; or name it with --number-column")
        } else {
            format!("expected a heading, with a column called `{wanted}`")
        }
    })
}

fn row(record: &ByteRecord, line: u64, columns: &[String], number_at: usize) -> Result<Row, Fault> {
    let filled = record.iter().rposition(|value| !value.is_empty()).map_or(0, |at| at + 1);
    if filled > columns.len() {
        return Err(Fault::Columns { found: record.len(), expected: columns.len() });
    }
    let mut values = BTreeMap::new();
    let mut number = "";
    for (at, value) in record.iter().enumerate().take(columns.len()) {
        let value = std::str::from_utf8(value).map_err(|_| Fault::NotUtf8)?.trim();
        if value.chars().any(char::is_control) {
            return Err(Fault::Control);
        }
        if at == number_at {
            number = value;
        }
        if !value.is_empty() && !columns[at].is_empty() {
            values.insert(columns[at].clone(), value.to_owned());
        }
    }
    let number = checked(number)?.to_owned();
    Ok(Row { line, number, values })
}

fn checked(number: &str) -> Result<&str, Fault> {
    if number.is_empty() {
        return Err(Fault::NoNumber);
    }
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        let exponent = number.to_lowercase();
        let is_rounded = exponent.split_once("e+").is_some_and(|(mantissa, exponent)| {
            mantissa.parse::<f64>().is_ok() && exponent.parse::<u8>().is_ok()
        });
        return Err(if is_rounded { Fault::Rounded } else { Fault::NotDigits });
    }
    if DIGITS.contains(&number.len()) { Ok(number) } else { Err(Fault::Length(number.len())) }
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.fault)
    }
}

impl Row {
    /// The row as messages show it.
    pub(super) fn shown(&self, list: &Path) -> String {
        format!("{}:{} ({})", list.display(), self.line, masked(&self.number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> CalleeList {
        CalleeList {
            path: "list.csv".into(),
            delimiter: None,
            number_column: None,
            bad_rows: BadRows::Fail,
        }
    }

    /// Good rows as `number:value|value`, bad ones as `line fault`.
    #[track_caller]
    fn check(text: &[u8], expected: &[&str]) {
        let rows = match parse(text, &list()) {
            Ok(rows) => rows,
            Err(error) => return assert_eq!([error.to_string().as_str()], expected),
        };
        let good = rows.good.iter().map(|row| {
            let values: Vec<_> = row.values.values().map(String::as_str).collect();
            format!("{}: {}", row.line, values.join("|"))
        });
        let found: Vec<_> = good.chain(rows.bad.iter().map(ToString::to_string)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn rows_are_read_as_spreadsheets_write_them() {
        check(b"number,date\n139,3\n140,4\n", &["2: 3|139", "3: 4|140"]);
        check("\u{feff}号码;日期\r\n139;3月12日\r\n".as_bytes(), &["2: 139|3月12日"]);
        check(b"number\tdate\n139\t\"3, or 4\"\n", &["2: 3, or 4|139"]);
        check(b"date,Number\n\"say \"\"hi\"\"\", 139 \n\n,,\n", &["2: 139|say \"hi\""]);
        check(b"\"a;b;c\",number\nx,139\n", &["2: x|139"]);
        check(b"number\r\n139\r\n\r\n140\r\n", &["2: 139", "4: 140"]);
        check(b"\xEF\xBB\xBFnumber\r139\r140", &["2: 139", "3: 140"]);
    }

    #[test]
    fn every_bad_row_is_found() {
        check(
            b"number,date\n,3\n13x,3\n1.39E+10,3\n1,3\n139,3,4\n139,\xFF\n139,\"3\n4\"\n139\n",
            &[
                "10: 139",
                "line 2: the number is missing",
                "line 3: the number has other characters than digits; write it as the PBX shows it",
                "line 4: the number was rounded by a spreadsheet; format its column as text and fill it anew",
                "line 5: the number has 1 digit, expected 2 to 20",
                "line 6: it has 3 columns, expected 2; put values with separators in quotes",
                "line 7: it is not UTF-8; save the file as \"CSV UTF-8\"",
                "line 8: a value has a line break or control character; is a quote not closed?",
            ],
        );
    }

    #[test]
    fn lists_that_cannot_be_used() {
        check(b"", &["list.csv:1: the file is empty, expected a heading"]);
        check(
            b"\xFF\xFEn\0",
            &["list.csv:1: the file is UTF-16, expected UTF-8; save it as \"CSV UTF-8\""],
        );
        check(b"a,a\n", &["list.csv:1: the column `a` is there twice"]);
        check(
            b"name,date\n",
            &[
                "list.csv:1: found the columns `name`, `date`, expected one called `number`; or name it with --number-column",
            ],
        );
        check(
            b"13900001111,3\n",
            &["list.csv:1: expected a heading, with a column called `number`"],
        );
        check(
            b"\xC4\xE3,number\n",
            &["list.csv:1: the heading is not UTF-8; save the file as \"CSV UTF-8\""],
        );
    }
}
