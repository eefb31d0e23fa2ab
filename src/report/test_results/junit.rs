//! `JUnit` XML, which every CI server shows: a suite for each test file and kind of PBX.

use super::{suite_name, text::rows};
use crate::{
    report::transcript,
    test_run::{Outcome, Suite, TestResult},
};
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};
use std::{io, time::Duration};

/// Lines of the call that are shown before a failure.
const CALL_AROUND: usize = 12;

/// Writes the document and a newline.
///
/// # Errors
/// Those of `out`.
pub fn write_junit(out: &mut impl io::Write, outcome: &Outcome) -> io::Result<()> {
    let mut xml = Writer::new_with_indent(&mut *out, b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let suites = xml.create_element("testsuites").with_attributes([
        ("name", "ivrkit test"),
        ("tests", outcome.results().count().to_string().as_str()),
        ("failures", outcome.failed().to_string().as_str()),
        ("errors", outcome.errors.len().to_string().as_str()),
        ("time", seconds(outcome.took).as_str()),
    ]);
    suites.write_inner_content(|xml| {
        outcome.suites.iter().try_for_each(|one| suite(xml, one))?;
        if outcome.errors.is_empty() {
            return Ok(());
        }
        let errors = xml.create_element("testsuite").with_attributes([
            ("name", "tests that could not be run"),
            ("tests", outcome.errors.len().to_string().as_str()),
            ("errors", outcome.errors.len().to_string().as_str()),
        ]);
        errors.write_inner_content(|xml| {
            outcome.errors.iter().try_for_each(|error| {
                let case = xml.create_element("testcase").with_attribute(("name", "load"));
                case.write_inner_content(|xml| {
                    let message = clean(&error.to_string());
                    let element = xml.create_element("error");
                    element.with_attribute(("message", message.as_str())).write_empty()?;
                    Ok(())
                })?;
                Ok(())
            })
        })?;
        Ok(())
    })?;
    writeln!(out)
}

fn suite<W: io::Write>(xml: &mut Writer<W>, suite: &Suite) -> io::Result<()> {
    let failed = suite.results.iter().filter(|result| !result.failures.is_empty()).count();
    let took = suite.results.iter().map(|result| result.took).sum();
    let name = clean(&suite_name(suite));
    let element = xml.create_element("testsuite").with_attributes([
        ("name", name.as_str()),
        ("tests", suite.results.len().to_string().as_str()),
        ("failures", failed.to_string().as_str()),
        ("errors", "0"),
        ("time", seconds(took).as_str()),
    ]);
    element.write_inner_content(|xml| {
        suite.results.iter().try_for_each(|result| case(xml, suite, &name, result))
    })?;
    Ok(())
}

fn case<W: io::Write>(
    xml: &mut Writer<W>,
    suite: &Suite,
    class: &str,
    result: &TestResult,
) -> io::Result<()> {
    let (name, file) = (clean(&result.name), clean(&suite.path.to_string_lossy()));
    let element = xml.create_element("testcase").with_attributes([
        ("name", name.as_str()),
        ("classname", class),
        ("file", file.as_str()),
        ("line", result.line.to_string().as_str()),
        ("time", seconds(result.took).as_str()),
    ]);
    if result.failures.is_empty() {
        element.write_empty()?;
        return Ok(());
    }
    element.write_inner_content(|xml| {
        result.failures.iter().try_for_each(|failure| {
            let mut body = format!("{file}:{}: {}\n", failure.line, failure.message);
            for row in failure.comparison.iter().flat_map(rows) {
                body.push_str(&format!("  {row}\n"));
            }
            if let (Some(at), Some(record)) = (failure.at, &result.record) {
                for line in transcript::excerpt(&record.happenings, at, CALL_AROUND) {
                    body.push_str(&format!("  {line}\n"));
                }
            }
            let message = clean(&failure.message);
            let element = xml
                .create_element("failure")
                .with_attributes([("type", failure.expectation), ("message", message.as_str())]);
            element.write_text_content(BytesText::new(clean(body.trim_end()).as_str()))?;
            Ok(())
        })
    })?;
    Ok(())
}

fn seconds(time: Duration) -> String {
    format!("{:.6}", time.as_secs_f64())
}

/// A text of characters that XML 1.0 can hold.
fn clean(text: &str) -> String {
    let is_held = |c: char| {
        matches!(c, '\n' | '\t') || !(c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'))
    };
    text.chars().map(|c| if is_held(c) { c } else { '\u{fffd}' }).collect()
}
