//! Blanks around the arrow in some lines only.

use crate::{
    diagnostic::Severity,
    lint::{
        Check, Edit, Findings, Fix, Group, Origin, Safety, Subject, Written, rule::rule, wrapped,
    },
    syntax::{File, Place},
};

rule! {
    /// # What it finds
    /// `exten =>1`, `exten=> 1` or `exten=>1` in a file whose other lines have a blank on both
    /// sides of the arrow.
    ///
    /// # Why it hurts
    /// Asterisk does not mind. Searching a file for `exten => 1` misses the others.
    ///
    /// # Example
    /// ```text
    /// exten => 6500,1,Answer()
    /// exten=>6500,n,Hangup()
    /// ```
    /// Better:
    /// ```text
    /// exten => 6500,1,Answer()
    /// exten => 6500,n,Hangup()
    /// ```
    pub(super) static RULE = {
        name: "uneven-blanks",
        code: "Y008",
        group: Group::Style,
        severity: Severity::Hint,
        origin: Origin::Asterisklint,
        fix: Some(Safety::Safe),
        check: Check::File(check),
    }
}

fn check(subject: &Subject<'_>, number: u32, file: &File, findings: &mut Findings<'_>) {
    let (mut even, mut uneven) = (0, Vec::new());
    for line in Written::all(subject, number, file) {
        let code = line.code();
        let Some(equals) = memchr::memchr(b'=', code) else { continue };
        let word = code[..equals].trim_ascii_end();
        let is_known = wrapped::DIRECTIVES.iter().any(|one| word.eq_ignore_ascii_case(one));
        let end = equals + 1 + usize::from(code.get(equals + 1) == Some(&b'>'));
        if !is_known || end == code.len() {
            continue;
        }
        let has_before = code[equals - 1].is_ascii_whitespace();
        let has_after = code[end].is_ascii_whitespace();
        if has_before && has_after {
            even += 1;
        } else {
            let place = line.place(line.code.start + equals..line.code.start + end);
            uneven.push((place, has_before, has_after));
        }
    }
    if even < uneven.len() {
        return;
    }
    for (place, has_before, has_after) in uneven {
        let lacking = [(place.start, has_before), (place.end, has_after)];
        let edits = lacking.into_iter().filter(|(_, has_blank)| !has_blank).map(|(at, _)| {
            let place = Place { start: at, end: at, ..place };
            Edit { place, text: b" ".to_vec() }
        });
        let text = "the arrows of the other lines have a blank on both sides";
        let finding = findings.report(place, text);
        let title = "put blanks around it".to_owned();
        finding.fix = Some(Fix { title, safety: Safety::Safe, edits: edits.collect() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn the_many_win() {
        check(
            &RULE,
            "
                [a]
                exten => 1,1,Answer()
                exten =>1,2,Wait(1)
                      ^^ the arrows of the other lines have a blank on both sides
                exten  =  1,3,Hangup()
                ",
        );
        check(
            &RULE,
            "
                [a]
                exten=>1,1,Answer()
                exten=>1,2,Wait(1)
                exten => 1,3,Hangup()
                ",
        );
    }

    #[test]
    fn they_get_blanks() {
        check_fix(
            &RULE,
            "
                [a]
                exten => 1,1,Answer()
                exten=>1,2,Wait(1)
                include => b
                include= c
                ",
            "
                [a]
                exten => 1,1,Answer()
                exten => 1,2,Wait(1)
                include => b
                include = c
                ",
        );
    }
}
