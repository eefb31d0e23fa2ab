//! Each function with what it is given, its value, and what is said.

use super::*;
use crate::syntax::Kind;

/// Knows a few variables and writes down what it hears.
#[derive(Default)]
struct Listener(Vec<&'static str>);

impl Environment for Listener {
    fn variable(&mut self, name: &[u8]) -> Option<Vec<u8>> {
        let value: &[u8] = match name {
            b"DASHES" => b"x-y-z",
            b"LIST" => b"a,b,,c",
            b"WORD" => b"abcabc",
            _ => return None,
        };
        Some(value.to_vec())
    }

    fn function(&mut self, name: &[u8], given: &[u8]) -> Option<Vec<u8>> {
        match call(name, given, self) {
            Called::Value(value) => Some(value),
            Called::Failed | Called::NotModelled => None,
        }
    }

    fn called(&mut self, _: &[u8], _: &[u8]) -> Option<Vec<u8>> {
        None
    }

    fn complain(&mut self, kind: Kind, _: &str) {
        self.0.push(kind.name());
    }
}

/// `NAME(given)`, its value, nothing if it fails, and what is said.
#[track_caller]
fn check(text: &str, value: Option<&str>, heard: &[&str]) {
    let (name, given) = text.strip_suffix(')').and_then(|text| text.split_once('(')).unwrap();
    let mut listener = Listener::default();
    let found = match call(name.as_bytes(), given.as_bytes(), &mut listener) {
        Called::Value(value) => Some(String::from_utf8_lossy(&value).into_owned()),
        Called::Failed => None,
        Called::NotModelled => panic!("{text} is not modelled"),
    };
    assert_eq!(found.as_deref(), value, "{text}");
    assert_eq!(listener.0, heard, "{text}");
}

#[test]
fn lists() {
    check("CUT(DASHES,-,2)", Some("y"), &[]);
    check("CUT(DASHES,-,2-)", Some("y-z"), &[]);
    check("CUT(DASHES,-,-2)", Some("x-y"), &[]);
    check("CUT(DASHES,-,1&3)", Some("x-z"), &[]);
    check("CUT(DASHES,-,3&1)", Some("z"), &[]);
    check("CUT(DASHES,-,2&1)", Some("y"), &["func-failed"]);
    check("CUT(LIST,\\,,2)", Some("b"), &[]);
    check("CUT(DASHES,-)", None, &["func-failed"]);
    check("CUT(DASHES,-,a)", None, &["func-failed"]);
    check("FIELDQTY(DASHES,-)", Some("3"), &[]);
    check("FIELDQTY(NONE,-)", Some("0"), &[]);
    check("FIELDNUM(DASHES,-,Z)", Some("3"), &[]);
    check("FIELDNUM(DASHES,-,q)", Some("0"), &[]);
    check("LISTFILTER(DASHES,-,y)", Some("x-z"), &[]);
    check("REPLACE(WORD,ab,x)", Some("xxcxxc"), &[]);
    check("REPLACE(WORD,b)", Some("acac"), &[]);
    check("STRREPLACE(WORD,bc,Z,1)", Some("aZabc"), &[]);
    check("STRREPLACE(WORD,bc)", Some("aa"), &[]);
}

#[test]
fn texts() {
    check("LEN(abc)", Some("3"), &[]);
    check("FILTER(0-9,a1b2)", Some("12"), &[]);
    check("FILTER(a-c\\x31,1a2d)", Some("1a"), &[]);
    check("FILTER(9-0,5)", Some(""), &["func-failed"]);
    check("FILTER(a)", None, &["func-failed"]);
    check("REGEX(\"^a.c$\" abc)", Some("1"), &[]);
    check("REGEX(\"(\" abc)", None, &["func-failed"]);
    check("REGEX(abc)", None, &["func-failed"]);
    check("QUOTE(a\"b)", Some("\"a\\\"b\""), &[]);
    check("TRIM( a b\t)", Some("a b"), &[]);
    check("LTRIM( a )", Some("a "), &[]);
    check("RTRIM( a )", Some(" a"), &[]);
    check("RTRIM(  )", Some(" "), &[]);
    check("TRIM(  )", Some(""), &[]);
    check("TRIM()", None, &[]);
    check("KEYPADHASH(Les-1)", Some("5371"), &[]);
}

#[test]
fn conditions() {
    check("IF(1?a:b)", Some("a"), &[]);
    check("IF(0?a:b)", Some("b"), &[]);
    check("IF(x? a : b)", Some("a"), &[]);
    check("IF(1?:b)", Some(""), &[]);
    check("IF(?a:b)", None, &[]);
    check("EXISTS()", Some("0"), &[]);
    check("ISNULL()", Some("1"), &[]);
}

#[test]
fn calculations() {
    check("MATH(1+2)", Some("3.000000"), &[]);
    check("MATH(7/2,int)", Some("3"), &[]);
    check("MATH(-7%4,i)", Some("-3"), &[]);
    check("MATH(255+0,hex)", Some("ff"), &[]);
    check("MATH(3>2)", Some("TRUE"), &[]);
    check("MATH(1<<4,int)", Some("16"), &[]);
    check("MATH(6AND3,int)", Some("2"), &[]);
    check("MATH(1=1)", None, &["func-failed"]);
    check("MATH(a+1)", None, &["func-failed"]);
    check("DIGIT_SUM(8-5x9)", Some("22"), &[]);
    check("DIGIT_SUM()", None, &["func-failed"]);
}

#[test]
fn printing_and_addresses() {
    check("SPRINTF(%05d|%s|%-4x|%.2f,42,ab,255,1.005)", Some("00042|ab|ff  |1.00"), &[]);
    check("SPRINTF(%d,a)", None, &["func-failed"]);
    check("URIENCODE(a b&c)", Some("a%20b%26c"), &[]);
    check("URIDECODE(a%20b%2)", Some("a b%2"), &[]);
}
