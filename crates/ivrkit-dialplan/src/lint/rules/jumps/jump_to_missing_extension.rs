//! A jump to an extension that is not there.

use crate::{
    application::target::{Form, Role},
    diagnostic::Severity,
    lint::{Call, Check, Edit, Findings, Fix, Group, Jump, Origin, Resolution, Safety, rule::rule},
    syntax::Place,
};

rule! {
    /// # What it finds
    /// A jump to an extension that neither the context nor what it includes has. A jump without a context
    /// is looked for in every context that a call can be in there.
    ///
    /// # Why it hurts
    /// The call goes to `i` if the context has one, else it is "sent to invalid extension" and ends.
    ///
    /// # Example
    /// ```text
    /// [menu]
    /// exten => s,1,Goto(t,1)
    /// ```
    /// without a `t` in [menu] cuts the caller off. Add the extension. For a `t` in the same context
    /// `--unsafe-fixes` adds one that hangs up: what comes behind it, such as a `h`, takes place then.
    pub(super) static RULE = {
        name: "jump-to-missing-extension",
        code: "J002",
        group: Group::Jumps,
        severity: Severity::Error,
        origin: Origin::Asterisklint,
        fix: Some(Safety::Unsafe),
        check: Check::Jumps(check),
    }
}

fn check(call: &Call<'_>, jumps: &[Jump<'_>], findings: &mut Findings<'_>) {
    for jump in jumps {
        // Keys and events that lead to `a`, `o`, `talk` or `h` go there only if it exists.
        let is_optional = jump.form() == Form::Implied && jump.role() != Role::Jump;
        if is_optional || !matches!(jump.resolution(), Resolution::NoExtension) {
            continue;
        }
        let [context, ..] = jump.parts();
        let exten = jump.exten();
        let [_, exten_place, _] = jump.places();
        let subject = call.step.subject;
        let context = match context.map(<[u8]>::trim_ascii).filter(|context| !context.is_empty()) {
            Some(context) => String::from_utf8_lossy(context).into_owned(),
            None => subject.shown(call.step.context.name),
        };
        let exten = exten.unwrap_or_else(|| call.step.extension.key.pattern.name());
        let exten = String::from_utf8_lossy(exten);
        let place = exten_place.filter(|place| place.start < place.end).unwrap_or(jump.place());
        let place = if place.start < place.end { place } else { call.application_place() };
        let message = format!("[{context}] has no extension {}", exten.trim());
        let finding = findings.report(place, message);
        if exten.trim() == "t" && context == subject.shown(call.step.context.name) {
            finding.fix = hangup(call);
        }
    }
}

/// Adds a `t` below the last line of the section that a call stands in, if nothing continues that.
fn hangup(call: &Call<'_>) -> Option<Fix> {
    let subject = call.step.subject;
    let (section, _) = subject.setting(call.step.priority.place)?;
    let name = subject.bytes(section.name);
    let same_name = subject.sections.iter().filter(|one| subject.bytes(one.name) == name);
    let last = section.settings.iter().map(|one| one.place).max()?;
    if section.is_template || same_name.count() > 1 {
        return None;
    }
    let line = subject.removable(last)?;
    let text = subject.at(line);
    let end = if text.ends_with(b"\r\n") { "\r\n" } else { "\n" };
    let before = if text.ends_with(b"\n") { "" } else { end };
    let arrow = if memchr::memmem::find(text, b"=>").is_some() { "=>" } else { "=" };
    let text = format!("{before}exten {arrow} t,1,Hangup(){end}").into_bytes();
    let place = Place { start: line.end, ..line };
    let title = "hang up in an extension t".to_owned();
    Some(Fix { title, safety: Safety::Unsafe, edits: vec![Edit { place, text }] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn neither_it_nor_what_it_includes_has_it() {
        check(
            &RULE,
            "
            [menu]
            include => keys
            exten => s,1,Goto(t,1)
                              ^ [menu] has no extension t
             same => n,Goto(menu,5,1)
                                 ^ [menu] has no extension 5
             same => n,Goto(menu,1,1)
             same => n,Goto(menu,${X},1)
            [keys]
            exten => 1,1,Hangup()
            ",
        );
    }

    #[test]
    fn a_call_may_be_in_another_context() {
        check(
            &RULE,
            "
            [outer]
            include => inner
            exten => t,1,Hangup()
            [inner]
            exten => s,1,Goto(t,1)
            ",
        );
    }

    #[test]
    fn a_time_out_hangs_up() {
        check_fix(
            &RULE,
            "
            [menu]
            exten = s,1,WaitExten(5)
            exten = s,n,Goto(t, 1)
            exten = 1,1,NoOp()

            [other]
            exten = s,1,NoOp()
            ",
            "
            [menu]
            exten = s,1,WaitExten(5)
            exten = s,n,Goto(t, 1)
            exten = 1,1,NoOp()
            exten = t,1,Hangup()

            [other]
            exten = s,1,NoOp()
            ",
        );
    }

    #[test]
    fn keys_that_lead_nowhere_are_no_jumps() {
        check(
            &RULE,
            "
            [menu]
            exten => 1,1,VoiceMail(100)
             same => n,VoiceMailMain(100)
             same => n,BackgroundDetect(hello)
             same => n,Dial(PJSIP/100,20,e)
             same => n,RaiseException(broken)
                       ^^^^^^^^^^^^^^ [menu] has no extension e
            ",
        );
    }
}
