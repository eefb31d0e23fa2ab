//! `Set`, `MSet` and `ImportVar`: variables, and functions that are written to.

use super::{super::line::Line, Outcome};
use crate::application::arguments::{Text, split_at, unquoted};
use std::borrow::Cow;

/// Most pairs of one `MSet`; the last has all that is left.
const MAX_PAIRS: usize = 99;

/// `Set(name=value)`; all before the first `=` is the name, all after it the value.
pub(super) fn set(line: &Line, data: &[u8]) -> Outcome {
    if let Some(at) = data.iter().position(|&byte| byte == b'=') {
        assign(line, &data[..at], &data[at + 1..]);
    } else if data.is_empty() {
        line.complain(None, "Set is given nothing".to_owned());
    } else {
        line.complain(None, "Set is given no =".to_owned());
    }
    Outcome::Next
}

/// `MSet(name=value,...)`; quotes and backslashes go.
pub(super) fn set_all(line: &Line, data: &[u8]) -> Outcome {
    if data.is_empty() {
        line.complain(None, "MSet is given nothing".to_owned());
    }
    let pairs = split_at(data, b',', MAX_PAIRS, Text::Expanded);
    for (at, range) in pairs.into_iter().enumerate() {
        let pair = &data[range];
        let pair = if at + 1 < MAX_PAIRS { unquoted(pair) } else { pair.into() };
        if let [name, value] = &split_at(&pair, b'=', 2, Text::Expanded)[..] {
            assign(line, &unquoted(&pair[name.clone()]), &pair[value.clone()]);
        } else {
            let shown = pair.escape_ascii();
            line.complain(None, format!("MSet skips {shown}, which has no ="));
        }
    }
    Outcome::Next
}

fn assign(line: &Line, name: &[u8], value: &[u8]) {
    if name.contains(&b' ') {
        let shown = name.escape_ascii();
        line.complain(None, format!("a variable's name has blanks: \"{shown}\""));
    }
    line.set(name, value);
}

/// `ImportVar(name=channel,variable)` of Asterisk 16: a variable of another channel. There is no
/// channel but this one, and that of a channel which does not exist is empty.
pub(super) fn import(line: &Line, data: &[u8]) -> Outcome {
    if data.is_empty() {
        line.complain(None, "ImportVar is given nothing".to_owned());
        return Outcome::Next;
    }
    line.complain(None, "ImportVar is deprecated".to_owned());
    let mut halves = data.splitn(2, |&byte| byte == b'=');
    let (name, source) = (halves.next().unwrap_or_default(), halves.next());
    let mut source = source.unwrap_or_default().splitn(2, |&byte| byte == b',');
    let (Some(channel), Some(variable)) = (source.next(), source.next()) else {
        return Outcome::Next;
    };
    let is_own = line.with(|own| {
        let setup = &own.setup;
        channel.eq_ignore_ascii_case(&setup.channel)
            || channel.eq_ignore_ascii_case(&setup.unique_id)
    });
    let wanted = [b"${", variable, b"}"].concat();
    let value = if is_own { line.substitute(&wanted) } else { Cow::default() };
    line.set(name, &value);
    Outcome::Next
}

#[cfg(test)]
mod tests {
    use crate::{
        application::Version,
        call::application::testing::{check, check_complaints, check_on},
    };

    #[test]
    fn all_before_the_first_equals_sign_is_the_name() {
        let dialplan = "[m]\nexten => s,1,Set(A = 1)\nsame => n,NoOp([${A}][${A }])\n\
            same => n,Set( B=1)\nsame => n,NoOp([${B}])\nsame => n,Set(C=\"x y\")\n\
            same => n,NoOp([${C}])\nsame => n,Set(D=1,E=2)\nsame => n,NoOp([${D}][${E}])\n\
            same => n,Set(F)\nsame => n,Set()\nsame => n,Set(TIMEOUT(digit) = 3)\n\
            same => n,NoOp(${TIMEOUT(digit)})\n";
        let expected = [
            "m,s,1 Set(A = 1)",
            "m,s,2 NoOp([][ 1])",
            "m,s,3 Set( B=1)",
            "m,s,4 NoOp([])",
            "m,s,5 Set(C=\"x y\")",
            "m,s,6 NoOp([\"x y\"])",
            "m,s,7 Set(D=1,E=2)",
            "m,s,8 NoOp([1,E=2][])",
            "m,s,9 Set(F)",
            "m,s,10 Set()",
            "m,s,11 Set(TIMEOUT(digit) = 3)",
            "m,s,12 NoOp(5.000)",
            "end m,s,13",
        ];
        check(dialplan, "s", &expected);
        let complaints = [
            "a variable's name has blanks: \"A \"",
            "a variable's name has blanks: \" B\"",
            "Set is given no =",
            "Set is given nothing",
            "a variable's name has blanks: \"TIMEOUT(digit) \"",
        ];
        check_complaints(dialplan, "s", &complaints);
    }

    #[test]
    fn several_are_set_without_quotes() {
        let dialplan = "[m]\nexten => s,1,MSet(A=1,B=\"x,y\",C= 3 ,D,E==5,F=)\n\
            same => n,NoOp(${A}|${B}|${C}|${D}|${E}|${F})\nsame => n,MSet()\n\
            same => n,MSet(A=2,,B\\,=4,\"C=6\",G=[1,2])\nsame => n,NoOp(${A}|${B,}|${C}|${G})\n\
            same => n,MSet(A=\"a\"b\\c,B=\\\"q\\\")\nsame => n,NoOp(${A}|${B})\n";
        let expected = [
            "m,s,1 MSet(A=1,B=\"x,y\",C= 3 ,D,E==5,F=)",
            "m,s,2 NoOp(1|x,y| 3 ||=5|)",
            "m,s,3 MSet()",
            "m,s,4 MSet(A=2,,B\\,=4,\"C=6\",G=[1,2])",
            "m,s,5 NoOp(2|4|6|[1,2])",
            "m,s,6 MSet(A=\"a\"b\\c,B=\\\"q\\\")",
            "m,s,7 NoOp(abc|\"q\")",
            "end m,s,8",
        ];
        check(dialplan, "s", &expected);
        let complaints = [
            "MSet skips D, which has no =",
            "MSet is given nothing",
            "MSet skips , which has no =",
        ];
        check_complaints(dialplan, "s", &complaints);
    }

    #[test]
    fn variables_of_this_channel_and_of_none_are_imported() {
        let dialplan = "[m]\nexten => s,1,ImportVar(A=Nope/1,B)\nsame => n,Set(B=bee)\n\
            same => n,ImportVar(C=${CHANNEL},B)\nsame => n,ImportVar(D=${CHANNEL})\n\
            same => n,ImportVar()\nsame => n,NoOp([${A}][${C}][${D}])\n";
        let expected = [
            "m,s,1 ImportVar(A=Nope/1,B)",
            "m,s,2 Set(B=bee)",
            "m,s,3 ImportVar(C=Simulated/1,B)",
            "m,s,4 ImportVar(D=Simulated/1)",
            "m,s,5 ImportVar()",
            "m,s,6 NoOp([][bee][])",
            "end m,s,7",
        ];
        check_on(Version::V16, dialplan, "s", "", &expected);
        check_on(Version::V22, dialplan, "s", "", &["end m,s,1"]);
    }
}
