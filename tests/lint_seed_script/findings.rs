//! Every finding on the script as written.

use crate::{PBX, Script};
use serde_json::Value;
use std::collections::BTreeMap;

/// Where each rule finds something, each line as often as it does.
const FOUND: &[(&str, &[u64])] = &[
    // The blank before `(`, in applications, those that `ExecIf` runs, and functions.
    (
        "blank-before-parenthesis",
        &[
            3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 40, 41, 42, 44, 45, 46,
            47, 48, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60,
        ],
    ),
    ("blank-in-nested-application", &[15, 16, 18, 44, 45, 46, 46, 56, 57, 59]),
    ("blank-in-function-name", &[3, 9, 15, 16, 18, 44, 45, 52, 56, 57, 59]),
    // Jumps: a blank before the extension, `ivr_s` beside `ivrs`, and no `t` in 6500.
    ("blank-in-target", &[21, 42, 47, 62, 83, 88]),
    ("jump-to-missing-context", &[42]),
    ("jump-to-missing-extension", &[17]),
    // `n` that goes on from another extension, and where silence leads then.
    ("duplicate-priority", &[43, 84]),
    ("silence-ends-call", &[35, 76]),
    // `_X.#`: `#` ends nothing, and any two keys are a code.
    ("dead-characters-after-wildcard", &[36, 40, 77]),
    ("entry-without-end", &[36, 77]),
    ("entry-waits-for-longer", &[25, 66]),
    // No `i`, but an `unknown`.
    ("wrong-key-ends-call", &[4, 27, 53, 68]),
    ("made-up-handler", &[22, 48, 63, 89]),
    // Conditions: `$[` forgotten, and nothing left to compare if the variable is empty.
    ("forgotten-expression", &[85, 86, 87]),
    ("vanishing-operand", &[15, 16, 18, 19, 20, 34, 35, 44, 45, 46, 56, 57, 59, 60, 61, 75, 76]),
    // The callee's own file, which is everybody's.
    ("constant-exten-in-sound", &[5, 11]),
    // `//` is no comment.
    ("slash-comment", &[4, 5, 6, 10, 11, 12, 27, 31, 37, 38, 39, 40, 53, 68, 72, 78, 79, 80, 81]),
    // Names of fields: `Ivrid` and `IvrId`, and a blank before each.
    ("drifting-event-field", &[54]),
    ("blank-before-event-field", &[7, 13, 28, 32, 36, 54, 69, 73, 77]),
    // After the hold music it begins anew.
    ("endless-menu", &[42, 83]),
];

/// The causes, where the rule's name alone does not say them.
const CAUSES: &[(u64, &str, &str)] = &[
    (3, "blank-before-parenthesis", "there is no application `Set `: the call ends here"),
    (3, "blank-in-function-name", "there is no function `TIMEOUT `: nothing is set"),
    (5, "constant-exten-in-sound", "this is always `6500`: everybody hears the same"),
    (17, "jump-to-missing-extension", "[ivr_6500] has no extension t"),
    (21, "blank-in-target", "the blank belongs to the name: there is no extension ` 6501`"),
    (
        36,
        "dead-characters-after-wildcard",
        "nothing after `.` counts, this is `_X.`: `#` does not end what is typed, and everybody \
         waits for the digit time-out",
    ),
    (
        36,
        "entry-without-end",
        "who types for `_X.#` waits 3 s after the last key, and any entry of 2 keys or more is taken",
    ),
    (42, "jump-to-missing-context", "there is no context [ivr_s]"),
    (43, "duplicate-priority", "`n` went on from `_X.#` on line 42 and is 8, which line 32 has"),
    (84, "duplicate-priority", "`n` went on from `_X.#` on line 83 and is 8, which line 73 has"),
    (
        85,
        "forgotten-expression",
        "`${Ivr2outbound} = yes]` is no comparison without `$[...]`: it is always true",
    ),
];

#[test]
fn each_defect_is_found_on_its_line_and_nothing_beside() {
    let found = Script::new(PBX).findings();
    assert_eq!(by_rule(&found), expected(&[]));
    for &(line, rule, message) in CAUSES {
        let at = |one: &&Value| one["line"] == line && one["rule"] == rule;
        let told = found.iter().find(at).unwrap_or_else(|| panic!("{rule} on line {line}"));
        assert_eq!(told["message"], message, "{rule} on line {line}");
    }
    let drift = found.iter().find(|one| one["rule"] == "jump-to-missing-context").unwrap();
    assert_eq!(drift["help"], "[ivrs] is the nearest that there is");
}

/// Nobody has told the linter of `ivrs` and `always-Hangup` then.
#[test]
fn contexts_of_the_pbx_are_missed_if_nobody_names_them() {
    let found = Script::new("").findings();
    assert_eq!(by_rule(&found), expected(EXTERNAL));
}

/// What changes then: each jump there is one to nowhere.
const EXTERNAL: &[(&str, &[u64])] = &[("jump-to-missing-context", &[21, 42, 47, 62, 83, 88])];

/// No step is an `Answer`, but `Background` answers before anybody is waited for.
#[test]
fn calls_that_come_in_here_are_answered_by_their_prompts() {
    let entries = "entry-contexts = [\"ivr_6500\", \"ivr_6501\", \"ivr_6502\", \"ivr_6503\"]\n";
    let found = Script::new(&format!("{PBX}{entries}")).findings();
    assert_eq!(by_rule(&found), expected(&[]));
}

/// docs/lint.md shows two of them as they are printed.
#[test]
fn the_documentation_shows_what_is_printed() {
    let page = include_str!("../../docs/lint.md");
    let (_, printed) = Script::new(PBX).lint(&["--format", "human"]);
    for (rule, line) in [("D001", 36), ("L024", 43)] {
        let is_it = |block: &&str| {
            block.contains(&format!("error[{rule} "))
                && block.contains(&format!("--> extensions.conf:{line}:"))
        };
        let block = printed.split("\n\n").find(is_it).unwrap();
        assert!(page.contains(block.trim_end()), "docs/lint.md lacks:\n{block}");
    }
}

impl Script {
    fn findings(&self) -> Vec<Value> {
        let (code, found) = self.lint(&["--format", "json"]);
        assert_eq!(code, 1, "there are errors");
        serde_json::from_str(&found).unwrap()
    }
}

/// The lines by rule.
fn by_rule(found: &[Value]) -> BTreeMap<&str, Vec<u64>> {
    let mut by_rule: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for one in found {
        let rule = one["rule"].as_str().unwrap();
        by_rule.entry(rule).or_default().push(one["line"].as_u64().unwrap());
    }
    by_rule
}

/// What is expected, with other lines for some rules.
fn expected(others: &[(&'static str, &[u64])]) -> BTreeMap<&'static str, Vec<u64>> {
    let all = FOUND.iter().chain(others);
    all.map(|&(rule, lines)| (rule, lines.to_vec())).collect()
}
