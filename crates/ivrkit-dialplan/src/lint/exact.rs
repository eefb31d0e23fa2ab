//! Fixes whose place is only nearly known.
//!
//! Where an escape or a comment within a line was taken out, no file holds the text as Asterisk
//! reads it, and a finding in it has the whole line as its place. That is good enough to look at,
//! but a fix there would replace all of the line.

use super::{Finding, Reading};
use crate::syntax::Place;
use std::collections::HashSet;

/// Takes away the fixes that would change a whole line in place of a text within it.
pub(super) fn keep_exact_fixes(reading: &Reading, found: &mut [Finding]) {
    if found.iter().all(|finding| finding.fix.is_none()) {
        return;
    }
    let inexact = inexact(reading);
    for finding in found {
        let edits = finding.fix.iter().flat_map(|fix| &fix.edits);
        if edits.into_iter().any(|edit| inexact.contains(&edit.place)) {
            finding.fix = None;
        }
    }
}

/// The lines with a text that no file has as it is.
fn inexact(reading: &Reading) -> HashSet<Place> {
    let files = &reading.dialplan.files;
    let settings = reading.sections.iter().flat_map(|section| &section.settings);
    let settings = settings.map(|one| (one.place, [one.name, one.value]));
    let extensions = reading.dialplan.contexts.iter().flat_map(|context| &context.extensions);
    let steps = extensions.flat_map(|extension| &extension.priorities);
    let steps = steps.map(|one| (one.place, [one.application, one.data]));
    let is_derived = |texts: &[_]| texts.iter().any(|&text| files.place(text).is_none());
    settings.chain(steps).filter(|(_, texts)| is_derived(texts)).map(|(place, _)| place).collect()
}

#[cfg(test)]
mod tests {
    use crate::{
        lint::{Settings, read},
        syntax::Nothing,
    };

    #[test]
    fn a_fix_never_replaces_more_than_it_says() {
        let check = |line: &str, has_fix: bool| {
            let text = format!("[a]\nexten => 1,1,Answer()\n{line}\n");
            let found = read(b"x", text.into(), &mut Nothing).lint(&Settings::default());
            let of_rule = found.iter().find(|finding| finding.rule.code == "A001");
            let finding = of_rule.expect("there is a blank before a parenthesis");
            assert_eq!(finding.fix.is_some(), has_fix, "{line}");
        };
        check(" same => n,Set (X=1)", true);
        check(" same => n,Set (X=1) ; comment", true);
        check(" same => n,Set (X=1) ;-- block --;", false);
        check(";-- block --; same => n,Set (X=1)", false);
        check(" same => n,Set (X=\\;1)", false);
    }
}
