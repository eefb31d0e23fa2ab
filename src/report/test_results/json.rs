//! For machines: one JSON object; docs/testing.md describes each field.

use crate::{
    report::transcript::Events,
    test_run::{Outcome, Suite, TestResult},
};
use serde_json::{Value, json};
use std::io;

/// Writes the results as one JSON object on a line.
///
/// # Errors
/// Those of `out`.
pub fn write_json(out: &mut impl io::Write, outcome: &Outcome) -> io::Result<()> {
    let tests: Vec<Value> = outcome
        .suites
        .iter()
        .flat_map(|suite| suite.results.iter().map(move |result| test(suite, result)))
        .collect();
    let failed = outcome.failed();
    let errors: Vec<String> = outcome.errors.iter().map(ToString::to_string).collect();
    let value = json!({
        "passed": tests.len() - failed, "failed": failed, "errors": errors, "tests": tests,
    });
    serde_json::to_writer(&mut *out, &value)?;
    writeln!(out)
}

fn test(suite: &Suite, result: &TestResult) -> Value {
    let failures: Vec<Value> = result
        .failures
        .iter()
        .map(|failure| {
            let mut value = json!({
                "expectation": failure.expectation, "line": failure.line,
                "message": failure.message,
            });
            if let Some(comparison) = &failure.comparison {
                value["expected"] = json!(comparison.expected);
                value["found"] = json!(comparison.found);
                value["expected_at"] = json!(comparison.expected_at);
                value["found_at"] = json!(comparison.found_at);
            }
            value
        })
        .collect();
    let mut value = json!({
        "file": suite.path.to_string_lossy(), "line": result.line, "name": result.name,
        "passed": failures.is_empty(), "failures": failures,
        "length_s": std::time::Duration::from_millis(result.length_ms).as_secs_f64(),
    });
    if let Some(profile) = suite.profile {
        value["profile"] = json!(profile.name());
    }
    if let Some(record) = &result.record {
        let files = &suite.subject.pbx.dialplan().files;
        value["events"] = json!(Events::new(files, &record.happenings));
    }
    value
}
