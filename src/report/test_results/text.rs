//! For people: each test that failed, with what was expected and the call around it, and a summary.

use super::suite_name;
use crate::{
    report::{Look, transcript},
    test_run::{Outcome, Suite, TestResult},
};
use ivrkit_dialplan::scenario_test::{Comparison, Failure};
use std::io;

/// Rows of a comparison that are shown before and after the first difference.
const AROUND: usize = 5;
/// Lines of the call that are shown before a failure.
const CALL_AROUND: usize = 8;

/// Writes the failures and one line about all tests.
///
/// # Errors
/// Those of `out`.
pub fn write_text(
    out: &mut impl io::Write,
    outcome: &Outcome,
    look: Look,
    tells_speed: bool,
) -> io::Result<()> {
    for suite in &outcome.suites {
        for result in suite.results.iter().filter(|result| !result.failures.is_empty()) {
            failed(out, suite, result, look)?;
        }
    }
    let (failed, all) = (outcome.failed(), outcome.results().count());
    let passed = all - failed;
    let s = if all == 1 { "" } else { "s" };
    write!(out, "{all} test{s}, {passed} passed, {failed} failed")?;
    if tells_speed && all > 0 {
        let took_s = outcome.took.as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "nobody has so many tests")]
        let per_s = all as f64 / took_s.max(1e-6);
        write!(out, " in {took_s:.3} s, {per_s:.0} calls a second")?;
    }
    writeln!(out)
}

fn failed(
    out: &mut impl io::Write,
    suite: &Suite,
    result: &TestResult,
    look: Look,
) -> io::Result<()> {
    let (red, plain) = match look {
        Look::Plain => ("", ""),
        Look::Coloured => ("\x1b[31;1m", "\x1b[0m"),
    };
    writeln!(out, "{red}FAILED{plain} {}: {}", suite_name(suite), result.name)?;
    for failure in &result.failures {
        let path = suite.path.display();
        writeln!(out, "  {path}:{}: {}: {}", failure.line, failure.expectation, failure.message)?;
        if let Some(comparison) = &failure.comparison {
            for row in rows(comparison) {
                writeln!(out, "      {row}")?;
            }
        }
    }
    let first = result.failures.iter().find_map(|failure: &Failure| failure.at);
    if let (Some(at), Some(record)) = (first, &result.record) {
        writeln!(out, "  the call there:")?;
        for line in transcript::excerpt(&record.happenings, at, CALL_AROUND) {
            writeln!(out, "    {line}")?;
        }
    }
    writeln!(out)
}

/// The two lists side by side, around the first difference, which is marked in each.
pub(super) fn rows(comparison: &Comparison) -> Vec<String> {
    let Comparison { expected, found, expected_at, found_at } = comparison;
    let from = expected_at.min(found_at).saturating_sub(AROUND);
    let to = expected_at.max(found_at) + AROUND + 1;
    let cells = |list: &[String], marked: usize| -> Vec<String> {
        let mut cells: Vec<String> = list
            .iter()
            .enumerate()
            .map(|(at, text)| format!("{} {text}", if at == marked { ">" } else { " " }))
            .collect();
        if marked >= list.len() {
            cells.push("> (end)".to_owned());
        }
        cells
    };
    let (expected, found) = (cells(expected, *expected_at), cells(found, *found_at));
    let last = to.min(expected.len().max(found.len()));
    let cell = |list: &[String], at: usize| list.get(at).cloned().unwrap_or_default();
    let width =
        (from..last).map(|at| cell(&expected, at).chars().count()).max().unwrap_or(0).max(10);
    let mut rows = vec![format!("{:width$}    found", "  expected")];
    if from > 0 {
        rows.push(format!("{:width$}    …", "  …"));
    }
    for at in from..last {
        let (left, right) = (cell(&expected, at), cell(&found, at));
        let missing = " ".repeat(width - left.chars().count());
        rows.push(format!("{left}{missing}  {right}").trim_end().to_owned());
    }
    if last < expected.len().max(found.len()) {
        rows.push(format!("{:width$}    …", "  …"));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_stand_side_by_side_with_the_first_difference_marked() {
        let list = |text: &str| text.split(' ').map(str::to_owned).collect();
        let comparison = Comparison {
            expected: list("notice ... ok"),
            found: list("notice confirm"),
            expected_at: 2,
            found_at: 2,
        };
        assert_eq!(
            rows(&comparison),
            [
                "  expected    found",
                "  notice      notice",
                "  ...         confirm",
                "> ok        > (end)"
            ]
        );
        let comparison = Comparison {
            expected: list("a b c d e f g h i j k l m n"),
            found: list("a b c d e f g H i j k l m n"),
            expected_at: 7,
            found_at: 7,
        };
        let rows = rows(&comparison);
        assert_eq!(rows.len(), 1 + 1 + 11 + 1);
        assert_eq!(rows[7], "> h         > H");
        assert_eq!(rows[1], "  …           …");
    }
}
