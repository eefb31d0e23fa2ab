//! Names for findings that stay when lines move.
//!
//! A finding is known by its file, its rule and the text of its line; of several that agree in all
//! three, the first is number 1. Where the line stands and what the message says does not count:
//! both change when lines are added elsewhere.

use super::LocatedFinding;
use sha2::{Digest as _, Sha256};
use std::{collections::HashMap, path::Path};

/// A fingerprint for each finding, in their order: 64 hexadecimal digits, no two alike.
///
/// `name` turns a path into what it is known by, so that the fingerprint is the same on another
/// machine.
pub fn fingerprints(findings: &[LocatedFinding], name: impl Fn(&Path) -> Vec<u8>) -> Vec<String> {
    let mut counts = HashMap::new();
    let all = findings.iter().map(|finding| {
        let key = (finding.path(), finding.rule.code, digest(finding));
        let count = counts.entry(key).or_insert(0_usize);
        *count += 1;
        fingerprint(finding, &name(finding.path()), *count)
    });
    all.collect()
}

fn fingerprint(finding: &LocatedFinding, name: &[u8], count: usize) -> String {
    let mut hash = Sha256::new();
    let count = count.to_string();
    let code = finding.rule.code.as_bytes();
    let line_digest = hexadecimal(digest(finding));
    for part in [name, code, line_digest.as_bytes(), count.as_bytes()] {
        hash.update(part);
        hash.update([0]);
    }
    hexadecimal(&hash.finalize())
}

/// The digest of the line that a finding is in.
///
/// # Panics
/// If it was not kept.
pub(super) fn digest(finding: &LocatedFinding) -> &[u8; 32] {
    finding.line_digest.as_ref().expect("who tells lines by digests has them kept")
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}
