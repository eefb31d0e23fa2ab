//! What rules of the linter claim of running calls, shown on real Asterisks.

#![allow(clippy::unwrap_used, reason = "test code panics where it cannot go on")]

#[path = "lint_claims/applications.rs"]
mod applications;
#[path = "lint_claims/digits.rs"]
mod digits;
#[path = "lint_claims/expressions.rs"]
mod expressions;
#[path = "lint_claims/flow.rs"]
mod flow;
#[path = "lint_claims/jumps.rs"]
mod jumps;
#[path = "lint_claims/load.rs"]
mod load;
#[path = "lint_claims/prompts.rs"]
mod prompts;
#[path = "lint_claims/security.rs"]
mod security;
mod support;

use support::asterisk::{Asterisk, Version};

#[test]
fn the_claims_hold_on_asterisk_16() {
    hold(Version::V16);
}

#[test]
fn the_claims_hold_on_asterisk_22() {
    hold(Version::V22);
}

fn hold(version: Version) {
    let pbx = Asterisk::start(version, None);
    applications::hold(&pbx);
    digits::hold(&pbx);
    expressions::hold(&pbx);
    flow::hold(&pbx);
    jumps::hold(&pbx);
    load::hold(&pbx);
    prompts::hold(&pbx);
    security::hold(&pbx);
}
