//! Cases whose dialplans are not written for them: the shipped scenario as it is rendered, and the
//! script that ivrkit began with.

use super::case::{Case, CaseCall};
use crate::support::scenario::{dialplan, quick, shipped};
use ivrkit_dialplan::scenario::Profile;
use std::collections::BTreeMap;

/// A callee whose own prompt is there.
const CALLEE: &str = "13800001111";

/// The prompts and their lengths in seconds. `6500` is what the old script plays for `${EXTEN}`.
const PROMPTS: [(&str, f64); 9] = [
    ("notice", 1.5),
    ("6500", 1.0),
    (CALLEE, 1.0),
    ("confirm", 0.5),
    ("password", 1.5),
    ("password1", 1.5),
    ("holdon", 0.5),
    ("macroform-the_simplicity", 0.6),
    ("ok", 2.0),
];

/// What the PBX brings along, reduced to what a call needs.
const PBX_CONTEXTS: &str = "
[ivrs]
exten => _650[0-3],1,Goto(ivr_${EXTEN},${EXTEN},1)
[always-Hangup]
exten => h,1,Hangup()
exten => s,1,Hangup()
";

/// Calls to the scenario as it is shipped: the number called, and what the caller does.
const SHIPPED_CALLS: [(&str, &str); 14] = [
    ("6500", ""),
    ("6500", "wait 0.9 1"),
    ("6500", "wait 3.8 1 wait 3.5 56789# wait 3 redirect ivrs,6502,1"),
    ("6500", "wait 1.2 9 wait 1 1 wait 1 1234# wait 2 hangup"),
    ("6500", "wait 2 hangup"),
    ("6501", ""),
    ("6501", "wait 0.9 56789# wait 3 redirect ivrs,6502,1"),
    (
        "6501",
        "wait 0.9 1234# wait 3 redirect ivrs,6503,1 wait 1 87654321# wait 1 redirect ivrs,6502,1",
    ),
    ("6501", "wait 0.9 56789 wait 5 hangup"),
    ("6501", "wait 2.5 5 wait 2 6 wait 2 7 wait 2 8 wait 2 # wait 1 hangup"),
    ("6501", "wait 0.9 12# wait 1 12# wait 1 12#"),
    ("6502", "wait 1 5"),
    ("6503", "wait 2.5 1234567890 wait 1 hangup"),
    ("6503", "wait 8.3 4321# wait 1.2 hangup"),
];

/// Calls to the scenario with a short hold and keys of which one begins another, see [`quick`].
const QUICK_CALLS: [(&str, &str); 12] = [
    ("6500", "wait 0.9 29"),
    ("6500", "wait 0.9 2"),
    ("6500", "wait 0.9 6"),
    ("6500", "wait 0.9 9 wait 0.9 9 wait 0.9 9"),
    ("6500", "wait 0.9 9"),
    ("6501", "wait 0.9 6501 wait 4 hangup"),
    ("6501", "wait 0.9 5678#"),
    ("6501", "wait 0.9 5678# wait 1.8 redirect ivrs,6502,1"),
    (
        "6501",
        "wait 0.9 12# wait 0.9 12# wait 0.9 5678# wait 1.8 redirect ivrs,6503,1 wait 0.9 12# wait 0.9 12#",
    ),
    ("6503", "wait 0.9 5678*"),
    ("6503", "wait 0.9 5678# wait 3 1*"),
    ("6503", "wait 0.9 5678 wait 3 hangup"),
];

/// Calls to the script that ivrkit began with.
const SCRIPT_CALLS: [(&str, &str, &str); 18] = [
    ("ivrs", "6500", ""),
    ("ivrs", "6500", "wait 0.7 1"),
    ("ivrs", "6500", "wait 3.4 1"),
    ("ivrs", "6500", "wait 0.7 9"),
    ("ivrs", "6500", "wait 0.7 1 wait 2.5 56789# wait 6 hangup"),
    ("ivrs", "6500", "wait 7.4 1 wait 1 hangup"),
    ("ivrs", "6501", ""),
    ("ivrs", "6501", "wait 0.5 56789# wait 8 hangup"),
    ("ivrs", "6501", "wait 2.5 56789# wait 8 hangup"),
    ("ivrs", "6501", "wait 0.5 56789 wait 8 hangup"),
    ("ivrs", "6501", "wait 2.5 5 wait 3.6 6"),
    ("ivrs", "6501", "wait 2.5 5 wait 2 6 wait 2 7 wait 2 # wait 4.5 hangup"),
    ("ivrs", "6501", "wait 2.5 #"),
    ("ivrs", "6501", "wait 2.5 5# wait 4.5 hangup"),
    ("ivrs", "6502", ""),
    ("ivrs", "6503", "wait 2.5 56789# wait 8 hangup"),
    ("ivrs", "6503", ""),
    ("ivr_6501", "t", ""),
];

/// The rendered scenario in both profiles, and the script in its three forms.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for profile in [Profile::YeastarS, Profile::Asterisk] {
        for (form, scenario, calls) in
            [("shipped", shipped(), &SHIPPED_CALLS[..]), ("quick", quick(), &QUICK_CALLS[..])]
        {
            let title = format!("The scenario driving-test, {form}, rendered for {profile}");
            let calls = calls.iter().map(|&(exten, keys)| ("ivrs", exten, keys));
            let name = format!("rendered-{form}-{profile}");
            cases.push(case(name, title, dialplan(&scenario, profile, PBX_CONTEXTS), calls));
        }
    }
    let text = include_str!("../../seed-script/extensions.conf");
    let forms = [
        ("literal", "as it was written", text.to_owned()),
        ("clean", "without blanks before brackets", without_blanks(text)),
        ("fixed", "with jumps that arrive", with_jumps(text)),
    ];
    for (form, words, text) in forms {
        let title = format!("The script that ivrkit began with, {words}");
        let dialplan = format!("{text}{PBX_CONTEXTS}");
        cases.push(case(format!("script-{form}"), title, dialplan, SCRIPT_CALLS.into_iter()));
    }
    cases
}

fn case<'a>(
    name: String,
    title: String,
    dialplan: String,
    calls: impl Iterator<Item = (&'a str, &'a str, &'a str)>,
) -> Case {
    let mut calls: Vec<CaseCall> = calls
        .map(|(context, exten, keys)| CaseCall {
            context: context.to_owned(),
            exten: exten.to_owned(),
            keys: keys.to_owned(),
            caller_id: CALLEE.to_owned(),
            variables: BTreeMap::new(),
        })
        .collect();
    // The PBX's marks, and a call without a number.
    let marks = [("Ivr2outbound", "yes"), ("CHANDISABLERECORD", "yes")];
    let marks = marks.map(|(name, value)| (name.to_owned(), value.to_owned()));
    calls.push(CaseCall { variables: marks.into(), ..calls[1].clone() });
    calls.push(CaseCall { caller_id: String::new(), ..calls[0].clone() });
    calls.push(CaseCall { caller_id: format!("+{CALLEE}"), ..calls[1].clone() });
    let sounds =
        PROMPTS.map(|(name, length_s)| (format!("/tmp/media/networkdisk1/{name}"), length_s));
    Case {
        name,
        title,
        versions: Vec::new(),
        differs: None,
        general: String::new(),
        sounds: sounds.into(),
        outcomes: Vec::new(),
        dialplan,
        calls,
    }
}

/// The script without the blanks that make other names of its applications and patterns.
fn without_blanks(script: &str) -> String {
    script.replace(" (", "(").replace("_X. #", "_X.#")
}

/// The same, and its jumps without blanks and to contexts that are there.
fn with_jumps(script: &str) -> String {
    let mend = |line: &str| match line.split_once("Goto(") {
        Some((head, rest)) => format!("{head}Goto({}", rest.replace(", ", ",")),
        None => line.to_owned(),
    };
    let lines: Vec<String> = without_blanks(script).lines().map(mend).collect();
    lines.join("\n").replace("Goto(ivr_s,", "Goto(ivrs,")
}
