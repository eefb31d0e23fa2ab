//! A `.` pattern in a menu.

use crate::{
    diagnostic::Severity,
    dialplan::pattern::{Language, Tail},
    lint::{Check, Findings, Group, Origin, Subject, menu::is_dialled, rule::rule},
};

rule! {
    /// # What it finds
    /// A pattern that ends with `.` in a context where callers type.
    ///
    /// # Why it hurts
    /// There is always room for one more key, so every caller waits for the digit time-out after
    /// the last one, 5 s unless `TIMEOUT(digit)` was set. No key ends the entry, `#` neither.
    ///
    /// # Example
    /// ```text
    /// exten => s,1,Background(enter-your-code)
    /// exten => s,n,WaitExten(10)
    /// exten => _X.,1,Goto(check-code,${EXTEN},1)
    /// ```
    /// Write a pattern for each length that there is, with `#` and without: `_XXXX`, `_XXXX#`.
    /// Or ask with `Read(CODE,enter-your-code,8)`, which `#` ends.
    pub(super) static RULE = {
        name: "entry-without-end",
        code: "D010",
        group: Group::Digits,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: None,
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for (at, menu) in subject.menus().all() {
        let context = &subject.dialplan.contexts[at];
        for extension in context.extensions.iter().filter(|one| is_dialled(one)) {
            let pattern = &extension.key.pattern;
            let language = Language::new(pattern);
            if language.tail != Tail::More {
                continue;
            }
            let least = language.places.len() + 1;
            let shown = pattern.name().escape_ascii();
            findings
                .report(
                    extension.priorities[0].place,
                    format!(
                        "who types for `{shown}` waits {} after the last key, and any entry of \
                         {least} keys or more is taken",
                        menu.timeout
                    ),
                )
                .help("write a pattern of its own for each length, as `_XXXX` and `_XXXX#`")
                .note(menu.place, "callers type here");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn everybody_waits_for_the_time_out() {
        check(
            &RULE,
            "
            [menu]
            exten => s,1,Set(TIMEOUT(digit)=3)
             same => n,Background(code)
            exten => _X.#,1,NoOp()
            ^^^^^^^^^^^^^^^^^^^^^^ who types for `_X.#` waits 3 s after the last key, and any entry of 2 keys or more is taken
            exten => _X.#,2,NoOp()
            exten => _XXX!,1,NoOp()
            exten => _name.,1,NoOp()
            [internal]
            exten => _X.,1,NoOp()
            [other]
            exten => s,1,Background(code,,,typed)
            exten => _1.,1,NoOp()
            [typed]
            exten => _9.,1,NoOp()
            ^^^^^^^^^^^^^^^^^^^^^ who types for `_9.` waits for the digit time-out after the last key, and any entry of 2 keys or more is taken
            ",
        );
    }
}
