//! A caller's text in an address.

use super::tell_origin;
use crate::{
    diagnostic::Severity,
    lint::{Check, Findings, Group, Origin, Safety, Subject, rule::rule, taint::Risk},
};

rule! {
    /// # What it finds
    /// A text that the caller controls within the address that `CURL` and its kin ask for, without
    /// `URIENCODE`.
    ///
    /// # Why it hurts
    /// A caller whose name is `x&vip=1` adds a parameter of his own, and one whose name is `../admin` asks for
    /// another page, from within your network. A name with a blank makes a broken request, so that honest
    /// callers fail too.
    ///
    /// # Example
    /// ```text
    /// same => n,Set(R=${CURL(https://crm.example/who?name=${CALLERID(name)})})
    /// ```
    /// Better:
    /// ```text
    /// same => n,Set(R=${CURL(https://crm.example/who?name=${URIENCODE(${CALLERID(name)})})})
    /// ```
    pub(super) static RULE = {
        name: "url-injection",
        code: "S004",
        group: Group::Security,
        severity: Severity::Warning,
        origin: Origin::New,
        fix: Some(Safety::Unsafe),
        check: Check::Dialplan(check),
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for hit in subject.taints().hits(Risk::Url) {
        let message = format!("callers change with `{}` what {} asks for", hit.written, hit.sink);
        let finding = findings.report(hit.place, message);
        let encoded = format!("${{URIENCODE({})}}", hit.written);
        finding.help(format!("write {encoded}"));
        if hit.is_exact {
            finding.fix(Safety::Unsafe, "escape it", hit.place, encoded);
        }
        tell_origin(hit, finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn an_address_needs_escapes() {
        check(
            &RULE,
            "
            [a]
            exten => 1,1,Set(R=${CURL(http://x/?n=${CALLERID(name)})})
                                                  ^^^^^^^^^^^^^^^^^ callers change with `${CALLERID(name)}` what CURL asks for
             same => n,Set(R=${CURL(http://x/?n=${URIENCODE(${CALLERID(name)})})})
             same => n,Set(R=${CURL(http://x/,n=${FILTER(0-9,${CALLERID(num)})})})
            ",
        );
    }

    #[test]
    fn it_is_escaped() {
        check_fix(
            &RULE,
            "
            [a]
            exten => 1,1,Set(R=${CURL(http://x/?n=${CALLERID(name)})})
            ",
            "
            [a]
            exten => 1,1,Set(R=${CURL(http://x/?n=${URIENCODE(${CALLERID(name)})})})
            ",
        );
    }
}
