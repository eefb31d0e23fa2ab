//! Expressions with their values and what is said about them; the values are Asterisk's own.

use super::*;

#[derive(Default)]
struct Heard(Vec<&'static str>);

impl Environment for Heard {
    fn variable(&mut self, _: &[u8]) -> Option<Vec<u8>> {
        None
    }

    fn function(&mut self, _: &[u8], _: &[u8]) -> Option<Vec<u8>> {
        None
    }

    fn called(&mut self, name: &[u8], arguments: &[u8]) -> Option<Vec<u8>> {
        (name == b"LIST").then(|| arguments.to_vec())
    }

    fn complain(&mut self, kind: Kind, _: &str) {
        self.0.push(kind.name());
    }
}

#[track_caller]
fn check(text: &str, value: &str, heard: &[&str]) {
    let mut environment = Heard::default();
    let found = evaluate(text.as_bytes(), &mut environment);
    assert_eq!(String::from_utf8_lossy(&found), value, "{text}");
    assert_eq!(environment.0, heard, "{text}");
}

#[test]
fn numbers_are_numbers_where_one_is_needed() {
    check("", "", &[]);
    check("007", "007", &[]);
    check("007 + 0", "7", &[]);
    check("007 | 1", "7", &[]);
    check("0 | 007", "007", &[]);
    check("1 / 3", "0.333333333333333333", &[]);
    check("7 % 4", "3", &[]);
    check("-0", "-0", &[]);
    check("2 = 2.0", "1", &[]);
    check("2 = \"2\"", "0", &[]);
}

#[test]
fn texts_are_compared_byte_by_byte() {
    check("a < b", "1", &[]);
    check("B < a", "1", &[]);
    check("10 < 9a", "1", &[]);
    check("\"\" = \"\"", "1", &[]);
}

#[test]
fn what_cannot_be_computed_is_complained_about() {
    check("a + 1", "1", &["expr-number"]);
    check("1 + a", "1", &[]);
    check("1 - a", "1", &["expr-number"]);
    check("1 / 0", "2147483647", &["expr-division"]);
    check("5 % 0", "0", &["expr-division"]);
    check("1 +", "0", &["expr-syntax"]);
    check("(a + 1 b", "0", &["expr-number", "expr-syntax"]);
}

#[test]
fn the_place_of_a_mistake_decides_what_is_left() {
    check("= 1", "", &["expr-syntax"]);
    check("1 + 1 2", "2", &["expr-syntax"]);
    check("1 ? 2", "0", &["expr-syntax"]);
    check("a + (1 2", "0", &["expr-syntax"]);
}

#[test]
fn regular_expressions_count_or_take() {
    check("abc : ab", "2", &[]);
    check("abc : bc", "0", &[]);
    check("abc =~ bc", "2", &[]);
    check("abc =~ \"b(.)\"", "c", &[]);
    check("abc : \"x(.)\"", "", &[]);
    check("abc : \"(\"", "", &["expr-regex"]);
    check("\"a\" ~~ \"b\"", "ab", &[]);
}

#[test]
fn both_branches_are_computed() {
    check("1 ? a :: b", "a", &[]);
    check("0 ? a :: b", "b", &[]);
    check("1 ? 2 :: 1 / 0", "2", &["expr-division"]);
}

#[test]
fn functions_are_called() {
    check("FLOOR(1.5) + CEIL(1.5)", "3", &[]);
    check("ROUND(2.5)", "3", &[]);
    check("RINT(2.5)", "2", &[]);
    check("ABS(-2)", "2", &[]);
    check("SQRT(2)", "1.41421356237309505", &[]);
    check("FLOOR(1, 2)", "0", &["expr-arguments"]);
    check("FLOOR(a)", "0", &["not-modelled"]);
    check("COS(0)", "0", &["not-modelled"]);
    check("floor(1)", "0", &["expr-function"]);
    check("LIST(1,a)", "1,a", &[]);
    check("LIST(12) + 1", "13", &[]);
    check("NONE(1)", "0", &[]);
}
