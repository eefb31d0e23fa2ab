//! Lints one dialplan on all cores: a large one is done sooner, and nothing else changes.

use ivrkit_dialplan::lint::{Finding, Reading, Settings};
use rayon::prelude::*;

/// What [`Reading::lint`] finds, in the same order.
pub(super) fn lint(reading: &Reading, settings: &Settings) -> Vec<Finding> {
    let linting = reading.linting(settings);
    // The first parts take longest, so whoever is free takes the next one.
    let parts = (0..linting.parts()).par_bridge();
    let mut found: Vec<_> = parts.map(|number| (number, linting.part(number))).collect();
    found.sort_unstable_by_key(|&(number, _)| number);
    linting.finish(found.into_iter().map(|(_, found)| found).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ivrkit_dialplan::{
        lint::{Group, Level, read},
        syntax::Nothing,
    };
    use std::fmt::Write as _;

    /// Both ways find the same, and something of many rules.
    fn check(text: String, least_rules: usize) {
        let levels = Group::ALL.map(|group| (group.name().to_owned(), Level::On)).into();
        let settings = Settings { levels, ..Settings::default() };
        let reading = read(b"extensions.conf", text.into(), &mut Nothing);
        let found = reading.lint(&settings);
        let mut rules: Vec<_> = found.iter().map(|finding| finding.rule.code).collect();
        rules.sort_unstable();
        rules.dedup();
        assert!(rules.len() >= least_rules, "{rules:?}");
        let shown = |found: &[Finding]| -> Vec<String> {
            let all = found.iter().map(|one| {
                let Finding { rule, severity, place, message, help, notes, fix, .. } = one;
                format!("{} {severity:?} {place:?} {message} {help:?} {notes:?} {fix:?}", rule.name)
            });
            all.collect()
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build();
        let pool = pool.expect("threads can be started");
        for _ in 0..5 {
            let side_by_side = pool.install(|| lint(&reading, &settings));
            assert_eq!(shown(&side_by_side), shown(&found));
        }
    }

    #[test]
    fn a_small_dialplan_has_the_same_findings() {
        check(String::new(), 0);
        check(include_str!("../../tests/seed-script/extensions.conf").to_owned(), 20);
    }

    #[test]
    fn a_dialplan_of_many_parts_has_the_same_findings() {
        let mut text = String::new();
        for at in 0..3_000 {
            let number = at * 7_919 % 3_001;
            write!(
                text,
                "[menu-{number}]\ninclude => menu-{at}\nexten => s,1,Background (menu&{at}.wav)\n\
                 same => n(there),WaitExten(5,t)  \nexten => _{number}X,1,Goto(menu-{at},s,again)\n\
                 same => n,System(echo ${{CALLERID(name)}} $[1 + ])\nexten = {at}XX,2,Dail(SIP/${{EXTEM}})\n"
            )
            .expect("a string takes all");
        }
        check(text, 15);
    }
}
