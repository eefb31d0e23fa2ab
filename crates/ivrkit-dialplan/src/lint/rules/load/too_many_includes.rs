//! A context with 128 includes or more.

use crate::{
    diagnostic::Severity,
    dialplan::MAX_INCLUDES,
    lint::{Check, Findings, Group, Origin, Subject, rule::rule},
    syntax::{Kind, Message},
};

rule! {
    /// # What it finds
    /// A context that includes 128 contexts or more.
    ///
    /// # Why it hurts
    /// Asterisk may not ask those beyond: what a caller dials and only they answer is refused.
    ///
    /// # Example
    /// Gather the contexts in a few others, and include those.
    pub(super) static RULE = {
        name: "too-many-includes",
        code: "L039",
        group: Group::Load,
        severity: Severity::Warning,
        origin: Origin::Asterisk,
        fix: None,
        check: Check::Message(&[Kind::TooManyIncludes], check),
    }
}

fn check(subject: &Subject<'_>, message: &Message, findings: &mut Findings<'_>) {
    let text =
        format!("a context with {MAX_INCLUDES} includes or more: those beyond may never be asked");
    findings
        .report(subject.code(message.place), text)
        .help("gather them in a few contexts, and include those");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check_bytes;

    #[test]
    fn the_128th_is_found() {
        let includes = |count: u32| {
            let lines = (0..count).map(|number| format!("include => c{number}\n"));
            ["[a]\n".to_owned()].into_iter().chain(lines).collect::<String>()
        };
        let found = "129:1 a context with 128 includes or more: those beyond may never be asked";
        check_bytes(&RULE, includes(128).as_bytes(), &[found], includes(128).as_bytes());
        check_bytes(&RULE, includes(127).as_bytes(), &[], includes(127).as_bytes());
    }
}
