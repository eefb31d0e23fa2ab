//! A menu without `i`.

use crate::{
    diagnostic::Severity,
    dialplan::pattern::{Class, Language, Tail},
    lint::{
        Check, Findings, Group, Origin, Resolution, Subject, menu::is_dialled, rule::rule,
        target::Look,
    },
};

rule! {
    /// # What it finds
    /// A context where callers type, with keys that begin no extension of it and neither `i` nor `e` to
    /// catch them, through its includes either.
    ///
    /// # Why it hurts
    /// A key that leads nowhere ends the call at once, without a word. One slip of the finger, and the
    /// caller has to dial again.
    ///
    /// # Example
    /// ```text
    /// [menu]
    /// exten => s,1,Background(press-1)
    ///  same => n,WaitExten(5)
    /// exten => 1,1,Goto(sales,s,1)
    /// ```
    /// Better:
    /// ```text
    /// exten => i,1,Playback(invalid)
    ///  same => n,Goto(s,1)
    /// ```
    pub(super) static RULE = {
        name: "wrong-key-ends-call",
        code: "F004",
        group: Group::Flow,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for (context, menu) in subject.menus().all() {
        let has = |name: &[u8]| {
            let found = subject.resolve_priority(context, &Language::exactly(name), 1);
            matches!(found, Resolution::Found(_) | Resolution::Unknown)
        };
        if has(b"i") || has(b"e") {
            continue;
        }
        let Keys::Some(key) = wrong_key(subject, context) else { continue };
        let name = subject.shown(subject.dialplan.contexts[context].name);
        findings
            .report(
                menu.place,
                format!("a wrong key, such as `{key}`, ends the call: [{name}] has no `i`"),
            )
            .help("add `exten => i,1,...` that says so and leads back");
    }
}

/// The keys that begin no extension of a context.
enum Keys {
    /// There is one.
    Some(char),
    /// There is none, no extension that a caller could type, or no telling.
    None,
}

fn wrong_key(subject: &Subject<'_>, context: usize) -> Keys {
    let mut has_extension = false;
    for key in "123456789*#0".chars() {
        let asked = Language {
            places: vec![Class::of(u8::try_from(key).expect("keys are ASCII"))],
            tail: Tail::Any,
            is_empty: false,
        };
        let mut is_known = false;
        let mut is_beginning = false;
        subject.index().search(subject, context, &asked, &mut |look| {
            match look {
                Look::Unknown => is_known = true,
                Look::Extension(context, extension) => {
                    let extension = &subject.dialplan.contexts[context].extensions[extension];
                    is_beginning |= is_dialled(extension);
                }
            }
            !is_known && !is_beginning
        });
        if is_known {
            return Keys::None;
        }
        has_extension |= is_beginning;
        if !is_beginning && (has_extension || has_dialled(subject, context)) {
            return Keys::Some(key);
        }
    }
    Keys::None
}

/// Whether a caller can type any extension of a context at all.
fn has_dialled(subject: &Subject<'_>, context: usize) -> bool {
    let asked = Language { places: Vec::new(), tail: Tail::More, is_empty: false };
    let mut is_found = false;
    subject.index().search(subject, context, &asked, &mut |look| {
        if let Look::Extension(context, extension) = look {
            is_found |= is_dialled(&subject.dialplan.contexts[context].extensions[extension]);
        }
        !is_found
    });
    is_found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_menu_needs_a_place_for_wrong_keys() {
        check(
            &RULE,
            "
            [menu]
            exten => s,1,Background(menu)
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ a wrong key, such as `2`, ends the call: [menu] has no `i`
             same => n,WaitExten(5)
            exten => 1,1,NoOp()
            exten => t,1,NoOp()
            ",
        );
    }

    #[test]
    fn others_are_left_alone() {
        check(
            &RULE,
            "
            [with-i]
            exten => s,1,WaitExten(5)
            exten => 1,1,NoOp()
            include => handlers
            [handlers]
            exten => i,1,NoOp()
            [every-key]
            exten => s,1,WaitExten(5)
            exten => _[0-9*#],1,NoOp()
            [no-keys]
            exten => s,1,WaitExten(5)
            [asks-others]
            exten => s,1,WaitExten(5)
            exten => 1,1,NoOp()
            switch => Realtime
            [no-menu]
            exten => 1,1,NoOp()
            ",
        );
    }
}
