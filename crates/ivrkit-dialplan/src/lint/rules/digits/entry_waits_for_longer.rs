//! An extension of a menu that others begin with.

use crate::{
    diagnostic::Severity,
    dialplan::{
        Extension,
        pattern::{Class, Language, Pattern, Tail},
    },
    lint::{
        Check, Findings, Group, Origin, Subject,
        menu::{Menu, dialled_tail, is_dialled},
        rule::rule,
        target::Look,
    },
};

rule! {
    /// # What it finds
    /// In a context where callers type, an extension that is the beginning of another one: `1`
    /// beside `12` or `_1XX`.
    ///
    /// # Why it hurts
    /// After `1` Asterisk cannot know whether more follows. It waits for the digit time-out, 5 s
    /// unless `TIMEOUT(digit)` was set, and the caller hears nothing meanwhile. Many press again.
    ///
    /// # Example
    /// ```text
    /// exten => s,1,Background(menu)
    /// exten => s,n,WaitExten(5)
    /// exten => 1,1,Goto(sales,s,1)
    /// exten => _1XX,1,Dial(PJSIP/${EXTEN})
    /// ```
    /// Let menu keys and extensions begin with different keys, end entries with a key (`_1XX#`), or
    /// put the numbers into a context of their own behind a key. An extension beside which the same
    /// with `#` or `*` stands is not reported: its callers need not wait.
    pub(super) static RULE = {
        name: "entry-waits-for-longer",
        code: "D009",
        group: Group::Digits,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

/// Most extensions that are named in one finding.
const MOST_NAMED: usize = 3;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for (at, menu) in subject.menus().all() {
        let context = &subject.dialplan.contexts[at];
        for extension in context.extensions.iter().filter(|one| is_dialled(one)) {
            report(subject, (at, menu), extension, findings);
        }
    }
}

fn report(
    subject: &Subject<'_>,
    (at, menu): (usize, Menu),
    extension: &Extension,
    findings: &mut Findings<'_>,
) {
    let language = Language::new(&extension.key.pattern);
    if language.tail != Tail::End || extension.key.caller.is_some() {
        return;
    }
    let longer = longer(subject, at, &language);
    let Some(first) = longer.first() else { return };
    if is_ended_by_key(subject, at, &language) {
        return;
    }
    let shown = |pattern: &Pattern| format!("`{}`", pattern.name().escape_ascii());
    let mut names: Vec<_> =
        longer.iter().take(MOST_NAMED).map(|one| shown(&one.key.pattern)).collect();
    if longer.len() > MOST_NAMED {
        names.push("others".to_owned());
    }
    let place = extension.priorities.iter().find(|one| one.number == 1);
    let place = place.expect("what is dialled has a first step").place;
    let own = shown(&extension.key.pattern);
    findings
        .report(
            place,
            format!(
                "who types {own} waits {}, for {} could follow",
                menu.timeout,
                names.join(" and ")
            ),
        )
        .help("let the two begin with different keys, or end entries with `#`")
        .note(first.priorities[0].place, format!("{} begins with {own}", names[0]))
        .note(menu.place, "callers type here");
}

/// The extensions that begin with what is typed, one more at most than are named.
fn longer<'a>(subject: &Subject<'a>, at: usize, typed: &Language) -> Vec<&'a Extension> {
    let mut longer = Vec::new();
    let asked = Language { tail: Tail::More, ..typed.clone() };
    subject.index().search(subject, at, &asked, &mut |look| {
        if let Look::Extension(context, extension) = look {
            let extension = &subject.dialplan.contexts[context].extensions[extension];
            let is_variant = extension.key.caller.is_some();
            // What ends with `!` is taken at once if nothing else could follow.
            let is_waited_for = || dialled_tail(extension).is_some_and(|tail| tail != Tail::Any);
            if !is_variant && is_waited_for() {
                longer.push(extension);
            }
        }
        longer.len() <= MOST_NAMED
    });
    longer
}

/// Whether the same with `#` or `*` after it is an extension too.
fn is_ended_by_key(subject: &Subject<'_>, at: usize, typed: &Language) -> bool {
    let mut ended = typed.clone();
    ended.places.push(Class::NONE);
    b"#*".iter().any(|&key| {
        *ended.places.last_mut().expect("it was put there") = Class::of(key);
        let mut is_found = false;
        subject.index().search(subject, at, &ended, &mut |look| {
            if let Look::Extension(context, extension) = look {
                let pattern = &subject.dialplan.contexts[context].extensions[extension].key.pattern;
                let language = Language::new(pattern);
                is_found |= language.tail == Tail::End && language.covers(&ended);
            }
            !is_found
        });
        is_found
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_key_that_begins_a_number_waits() {
        check(
            &RULE,
            "
            [menu]
            exten => s,1,Background(menu)
             same => n,WaitExten(5)
            exten => 1,1,NoOp()
            ^^^^^^^^^^^^^^^^^^^ who types `1` waits 5 s, for `_1XX` could follow
            exten => 2,1,NoOp()
            exten => _1XX,1,NoOp()
            exten => 3,1,NoOp()
            ^^^^^^^^^^^^^^^^^^^ who types `3` waits 5 s, for `31` could follow
            include => more
            [more]
            exten => 31,1,NoOp()
            ",
        );
    }

    #[test]
    fn the_time_out_is_the_one_that_was_set() {
        check(
            &RULE,
            "
            [menu]
            exten => s,1,Set(TIMEOUT(digit)=2.5)
             same => n,WaitExten(5)
            exten => _12,1,NoOp()
            ^^^^^^^^^^^^^^^^^^^^^ who types `_12` waits 2.5 s, for `_X.` could follow
            exten => _X.,1,NoOp()
            [elsewhere]
            exten => s,1,WaitExten(5)
            exten => 1,1,NoOp()
            ^^^^^^^^^^^^^^^^^^^ who types `1` waits for the digit time-out, for `12` could follow
            exten => 12,1,NoOp()
            ",
        );
    }

    #[test]
    fn nobody_waits_where_nobody_types_or_a_key_ends_it() {
        check(
            &RULE,
            "
            [internal]
            exten => 1,1,NoOp()
            exten => _1XX,1,NoOp()
            [menu]
            exten => s,1,WaitExten(5)
            exten => _XX,1,NoOp()
            exten => _XX#,1,NoOp()
            exten => _XXX,1,NoOp()
            exten => _XXX#,1,NoOp()
            exten => t,1,NoOp()
            exten => two,1,NoOp()
            exten => _9!,1,NoOp()
            ",
        );
    }
}
