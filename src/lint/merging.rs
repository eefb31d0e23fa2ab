//! Puts together what was found in several dialplans that may share files.

use super::LocatedFinding;
use std::{
    collections::{BTreeSet, HashMap},
    path::{Path, PathBuf},
};

/// The rule about suppressions that nothing needs.
pub(super) const UNUSED: &str = "unused-suppression";

/// What was found in one dialplan.
#[derive(Debug)]
pub struct Linted {
    /// The files that it was read from, as they were found.
    pub files: BTreeSet<PathBuf>,
    /// What was found, sorted: see [`super::located`].
    pub findings: Vec<LocatedFinding>,
}

/// The findings of all dialplans, sorted, each once. What a shared file allows is unused only if
/// none of the dialplans that read the file needs it.
pub fn merged(dialplans: Vec<Linted>) -> Vec<LocatedFinding> {
    let mut readers: HashMap<PathBuf, usize> = HashMap::new();
    let mut unused: HashMap<Spot, usize> = HashMap::new();
    for Linted { files, findings } in &dialplans {
        for file in files {
            *readers.entry(file.clone()).or_default() += 1;
        }
        for finding in findings.iter().filter(|finding| finding.rule.name == UNUSED) {
            *unused.entry(spot(finding)).or_default() += 1;
        }
    }
    let is_needed = |finding: &LocatedFinding| {
        let read = readers.get(finding.path()).copied().unwrap_or(1);
        finding.rule.name == UNUSED && unused.get(&spot(finding)).copied().unwrap_or(0) < read
    };
    let is_one = dialplans.len() == 1;
    let mut dialplans = dialplans.into_iter().map(|one| one.findings);
    // One dialplan is the rule, and its findings stay where they are.
    let mut findings = dialplans.next().unwrap_or_default();
    findings.extend(dialplans.flatten());
    findings.retain(|finding| !is_needed(finding));
    if !is_one {
        LocatedFinding::sort(&mut findings);
    }
    findings
}

/// A place that is the same in every reading of a file.
type Spot = (PathBuf, usize, usize);

fn spot(finding: &LocatedFinding) -> Spot {
    let path: &Path = finding.path();
    (path.to_owned(), finding.place.line, finding.place.column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::{Kept, located};
    use ivrkit_dialplan::{
        lint::{Settings, read},
        syntax::{Contents, Found, Provider},
    };
    use std::sync::Arc;

    const SHARED: &str =
        "exten => 1,1,Answer() ; ivrkit: allow(duplicate-priority) the office has it\n";

    struct Shared;

    impl Provider for Shared {
        fn find(&mut self, _name: &[u8]) -> Vec<Found> {
            let contents = Contents::File(Arc::new(SHARED.into()));
            vec![Found { path: b"shared.conf".to_vec(), contents }]
        }
    }

    fn linted(name: &str, text: &str) -> Linted {
        let reading = read(name.as_bytes(), text.into(), &mut Shared);
        let mut findings = located(&reading, reading.lint(&Settings::default()), Kept::ALL);
        findings.retain(|finding| finding.rule.name == UNUSED);
        Linted { files: [name.into(), "shared.conf".into()].into(), findings }
    }

    #[test]
    fn what_one_dialplan_needs_is_needed() {
        let uses = "[a]\nexten => 1,1,Answer()\n#include shared.conf\n";
        let needless = "[b]\n#include shared.conf\n";
        assert_eq!(linted("a.conf", uses).findings.len(), 0);
        assert_eq!(linted("b.conf", needless).findings.len(), 1);
        let merge = |all: Vec<Linted>| merged(all).len();
        assert_eq!(merge(vec![linted("a.conf", uses), linted("b.conf", needless)]), 0);
        assert_eq!(merge(vec![linted("b.conf", needless), linted("c.conf", needless)]), 1);
    }
}
