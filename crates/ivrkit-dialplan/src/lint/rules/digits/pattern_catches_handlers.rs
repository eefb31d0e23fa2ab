//! A pattern that takes `h`, `i` or `t`.

use crate::{
    diagnostic::Severity,
    dialplan::pattern::{Language, Tail},
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
};

rule! {
    /// # What it finds
    /// A pattern that takes a name with a meaning of its own: `h`, `i`, `t` and others, which the
    /// context does not have otherwise. Of `_.` and `_!` Asterisk warns itself.
    ///
    /// # Why it hurts
    /// When a call ends, Asterisk looks for `h`; when a key is wrong, for `i`. The pattern answers:
    /// its steps run again, on a dead channel, or with `i` for the number that was dialled.
    ///
    /// # Example
    /// ```text
    /// exten => _[0-9a-z]!,1,Dial(PJSIP/${EXTEN})
    /// ```
    /// Better, with at least two places where names are meant:
    /// ```text
    /// exten => _[a-z][a-z].,1,Dial(PJSIP/${EXTEN})
    /// ```
    pub(super) static RULE = {
        name: "pattern-catches-handlers",
        code: "D011",
        group: Group::Digits,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for context in &subject.dialplan.contexts {
        for extension in &context.extensions {
            let pattern = &extension.key.pattern;
            // Both hold for few patterns only, and are cheaper than what follows.
            if !pattern.is_pattern() || !takes_letters(pattern.compared()) {
                continue;
            }
            let language = Language::new(pattern);
            if language.places.is_empty() || language.places.len() > 1 {
                continue;
            }
            let is_taken = |name: u8| {
                language.places[0].has(name)
                    && language.tail != Tail::More
                    && !context.extensions.iter().any(|one| one.key.pattern.name() == [name])
            };
            let taken: Vec<_> = b"hitaoeT"
                .iter()
                .filter(|&&name| is_taken(name))
                .map(|&name| char::from(name))
                .collect();
            let Some(last) = taken.last() else { continue };
            let is_one = taken.len() == 1 || language.places[0].only().is_some();
            if is_one {
                // A letter alone is written for what it is.
                continue;
            }
            let others: Vec<_> =
                taken[..taken.len() - 1].iter().map(|name| format!("`{name}`")).collect();
            findings.report(
                extension.priorities[0].place,
                format!("this pattern takes {} and `{last}` too", others.join(", ")),
            );
        }
    }
}

/// Whether the first place of a pattern is a set with something that is no digit: only these take
/// several letters.
fn takes_letters(pattern: &[u8]) -> bool {
    let Some(set) = pattern.strip_prefix(b"_[") else { return false };
    let is_letter = |byte: &u8| *byte >= b'A';
    set.iter().take_while(|&&byte| byte != b']').any(is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn sets_with_letters_take_handlers() {
        check(
            &RULE,
            "
            [a]
            exten => _[0-9a-z]!,1,NoOp()
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this pattern takes `i`, `t`, `a`, `o` and `e` too
            exten => h,1,NoOp()
            exten => _[a-z].,1,NoOp()
            exten => _[bc],1,NoOp()
            exten => _[0-9]!,1,NoOp()
            exten => _[h],1,NoOp()
            ",
        );
    }
}
