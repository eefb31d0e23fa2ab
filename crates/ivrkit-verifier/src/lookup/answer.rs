//! What the rows of a statement say about an entry.

use super::{
    Failure,
    question::Parameter,
    statement::{Dialect, Statement},
};
use crate::config::{Matching, Query};
use ivrkit_dialplan::verification::{Digits, Verdict};
use subtle::{Choice, ConstantTimeEq as _};

/// Most rows that a statement may give for one entry. A statement that gives more has lost its
/// condition, and would take anybody's code.
pub(super) const MAX_ROWS: usize = 100;

/// The value of the column that is compared, in one row.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Cell {
    Text(String),
    Integer(i64),
    Nothing,
}

/// An operator's statement and what its rows mean.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) statement: Statement,
    matching: Matching,
    column: Option<String>,
}

impl Reading {
    /// Reads the statement of a section.
    pub(super) fn of(query: &Query<'_>, dialect: Dialect, values: &[&str]) -> Result<Self, String> {
        let statement = Statement::read(query.sql, dialect, values)
            .map_err(|mistake| format!("`query`: {mistake}"))?;
        if query.matching == Matching::Row && !statement.names(&[Parameter::Digits]) {
            return Err("`query` does not name `:digits`, so that with `match: row` whatever is \
                        typed would be right"
                .to_owned());
        }
        if query.matching == Matching::Row && query.column.is_some() {
            return Err("found `column` beside `match: row`, expected one of them".to_owned());
        }
        Ok(Self { statement, matching: query.matching, column: query.column.map(str::to_owned) })
    }

    /// What somebody may regret of the statement itself.
    pub(super) fn warnings(&self) -> Vec<String> {
        let of_person =
            [Parameter::Callee, Parameter::CalleeDigits, Parameter::Caller, Parameter::Call];
        let mut warnings = Vec::new();
        if !self.statement.names(&of_person) {
            let text = "`query` names neither `:callee` nor `:caller` nor `:call`: a code is good \
                        for everybody";
            warnings.push(text.to_owned());
        }
        warnings
    }

    /// Whether any row says that the digits are right.
    pub(super) fn is_by_row(&self) -> bool {
        self.matching == Matching::Row
    }

    /// The column to compare, of those that the statement gives; nothing with `match: row`.
    pub(super) fn column(
        &self,
        names: &[&str],
        wanted: Option<&str>,
    ) -> Result<Option<usize>, Failure> {
        if self.is_by_row() {
            return match wanted {
                None => Ok(None),
                Some(wanted) => Err(Failure::Lasting(format!(
                    "the scenario wants column `{wanted}`, but the look-up has `match: row`"
                ))),
            };
        }
        let found = match (wanted.or(self.column.as_deref()), names) {
            (None, [_]) => Some(0),
            (None, _) => None,
            (Some(wanted), names) => names
                .iter()
                .position(|name| *name == wanted)
                .or_else(|| names.iter().position(|name| name.eq_ignore_ascii_case(wanted))),
        };
        found.map(Some).ok_or_else(|| {
            let given = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>();
            let given = if given.is_empty() { "none".to_owned() } else { given.join(", ") };
            Failure::Lasting(match wanted.or(self.column.as_deref()) {
                Some(wanted) => {
                    format!("`query` gives no column `{wanted}`; it gives {given}")
                }
                None => format!("name the column of the code with `column`; `query` gives {given}"),
            })
        })
    }
}

/// Compares the digits with every row, in a time that does not tell which one was right.
pub(super) fn judge(rows: &[Cell], digits: &Digits) -> Verdict {
    let same = rows.iter().fold(Choice::from(0), |same, cell| same | is_same(cell, digits));
    if same.into() { Verdict::Match } else { Verdict::Mismatch }
}

/// A verdict of how many rows there are.
pub(super) fn judge_count(rows: u64) -> Verdict {
    if rows > 0 { Verdict::Match } else { Verdict::Mismatch }
}

/// There are more rows than one person has codes.
pub(super) fn too_many() -> Failure {
    Failure::Lasting(format!(
        "`query` gave more than {MAX_ROWS} rows for one entry; its condition is too wide"
    ))
}

fn is_same(cell: &Cell, digits: &Digits) -> Choice {
    let text = match cell {
        // `CHAR(n)` is filled up with blanks.
        Cell::Text(text) => text.trim_end_matches(' ').to_owned(),
        Cell::Integer(number) => number.to_string(),
        Cell::Nothing => return Choice::from(0),
    };
    text.as_bytes().ct_eq(digits.expose().as_bytes())
}

/// A server's words without what may be a number or a code in them.
pub(super) fn masked(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_digit() { '#' } else { c }).take(300).collect()
}

/// A warning of a column that cannot hold every code.
pub(super) fn integer_column(name: &str, kind: &str) -> String {
    format!(
        "column `{name}` is of type {kind}: a code such as 0012 is kept as 12 there and can never \
         be entered; a column of text keeps it"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rows: &[Cell], digits: &str, expected: Verdict) {
        assert_eq!(judge(rows, &Digits::new(digits)), expected);
    }

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    #[test]
    fn any_row_may_be_right_and_the_text_must_be_the_same() {
        check(&[], "0012", Verdict::Mismatch);
        check(&[text("0012")], "0012", Verdict::Match);
        check(&[text("9"), text("0012"), Cell::Nothing], "0012", Verdict::Match);
        check(&[text("0012   ")], "0012", Verdict::Match);
        check(&[text(" 0012")], "0012", Verdict::Mismatch);
        check(&[text("12")], "0012", Verdict::Mismatch);
        check(&[text("00123")], "0012", Verdict::Mismatch);
        check(&[Cell::Integer(12)], "0012", Verdict::Mismatch);
        check(&[Cell::Integer(4711)], "4711", Verdict::Match);
        check(&[Cell::Integer(-4711)], "4711", Verdict::Mismatch);
        check(&[Cell::Nothing], "", Verdict::Mismatch);
        check(&[text("")], "0", Verdict::Mismatch);
    }

    fn reading(sql: &str, matching: Matching, column: Option<&str>) -> Result<Reading, String> {
        Reading::of(&Query { sql, matching, column }, Dialect::Postgres, &[])
    }

    #[test]
    fn the_column_is_the_only_one_or_a_named_one() {
        let chosen = |column, names: &[&str], wanted| {
            let reading = reading("SELECT :callee", Matching::Column, column).unwrap();
            reading.column(names, wanted).map_err(|failure| failure.to_string())
        };
        assert_eq!(chosen(None, &["a"], None), Ok(Some(0)));
        assert_eq!(chosen(Some("b"), &["a", "b"], None), Ok(Some(1)));
        assert_eq!(chosen(Some("b"), &["a", "b"], Some("A")), Ok(Some(0)));
        assert_eq!(
            chosen(None, &["a", "b"], None),
            Err("name the column of the code with `column`; `query` gives `a`, `b`".to_owned())
        );
        assert_eq!(
            chosen(Some("c"), &[], None),
            Err("`query` gives no column `c`; it gives none".to_owned())
        );
    }

    #[test]
    fn a_statement_for_which_everything_is_right_is_refused() {
        let by_row = |sql| reading(sql, Matching::Row, None).map(drop);
        assert!(by_row("SELECT 1 FROM c WHERE phone = :callee").is_err());
        assert_eq!(by_row("SELECT 1 FROM c WHERE phone = :callee AND code = :digits"), Ok(()));
        let shared = reading("SELECT pin FROM setting", Matching::Column, None).unwrap();
        assert!(shared.warnings()[0].contains("good for everybody"));
    }

    #[test]
    fn nothing_typed_is_in_what_a_server_says() {
        let said = "invalid input syntax for type date: \"13900001111\"";
        assert_eq!(masked(said), "invalid input syntax for type date: \"###########\"");
    }
}
