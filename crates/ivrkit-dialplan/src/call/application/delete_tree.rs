//! `DBdeltree(family/keys)`: removes all keys below a path of Asterisk's own data base.

use super::{super::line::Line, Outcome};
use crate::application::Version;

/// Removes the key of that path and all below it. Asterisk compares with `LIKE`: letter case does
/// not count, `_` stands for any character and `%` for any number of them.
pub(super) fn run(line: &Line, path: &[u8]) -> Outcome {
    let mut parts = path.splitn(2, |&byte| byte == b'/');
    let family = parts.next().unwrap_or_default();
    let keys = parts.next().filter(|keys| !keys.is_empty());
    // Older versions remove everything then.
    if family.is_empty() && keys.is_some() && line.pbx.version >= Version::V18 {
        line.complain(None, "DBdeltree is given keys without a family".to_owned());
        return Outcome::Next;
    }
    let pattern = match (family, keys) {
        (b"", _) => b"%".to_vec(),
        (family, None) => [family, b"/%"].concat(),
        (family, Some(keys)) => [family, b"/", keys, b"/%"].concat(),
    };
    line.with(|channel| {
        channel.facts.database.retain(|key, _| !is_like(&[key, &b"/"[..]].concat(), &pattern));
    });
    Outcome::Next
}

fn is_like(text: &[u8], pattern: &[u8]) -> bool {
    match (pattern, text) {
        ([], text) => text.is_empty(),
        ([b'%'], _) => true,
        ([b'%', rest @ ..], text) => (0..=text.len()).any(|at| is_like(&text[at..], rest)),
        ([b'_', pattern @ ..], [_, text @ ..]) => is_like(text, pattern),
        ([wanted, pattern @ ..], [byte, text @ ..]) => {
            wanted.eq_ignore_ascii_case(byte) && is_like(text, pattern)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        application::Version,
        call::application::testing::{check, check_on},
    };

    #[test]
    fn what_is_below_a_path_goes() {
        let sets = "exten => s,1,Set(DB(ivr/a)=1)\nsame => n,Set(DB(ivr/b/c)=2)\n\
            same => n,Set(DB(ivrs/a)=3)\n";
        let check_left = |path: &str, expected: &str| {
            let dialplan = format!(
                "[m]\n{sets}same => n,DBdeltree({path})\n\
                 same => n,NoOp([${{DB(ivr/a)}}][${{DB(ivr/b/c)}}][${{DB(ivrs/a)}}])\n"
            );
            let removal = format!("m,s,4 DBdeltree({path})");
            let left = format!("m,s,5 NoOp({expected})");
            let expected = [
                "m,s,1 Set(DB(ivr/a)=1)",
                "m,s,2 Set(DB(ivr/b/c)=2)",
                "m,s,3 Set(DB(ivrs/a)=3)",
                &removal,
                &left,
                "end m,s,6",
            ];
            check(&dialplan, "s", &expected);
        };
        check_left("ivr", "[][][3]");
        check_left("ivr/", "[][][3]");
        check_left("ivr/b", "[1][][3]");
        check_left("ivr/a", "[][2][3]");
        check_left("IVR/B", "[1][][3]");
        check_left("i_r/_", "[][][3]");
        check_left("iv%s", "[1][2][]");
        check_left("iv", "[1][2][3]");
        check_left("", "[][][]");
    }

    #[test]
    fn keys_without_a_family_mean_everything_in_old_versions() {
        let dialplan = "[m]\nexten => s,1,Set(DB(a/b)=1)\nsame => n,DBdeltree(/b)\n\
            same => n,NoOp([${DB(a/b)}])\n";
        let check_left = |version, left: &str| {
            let left = format!("m,s,3 NoOp({left})");
            let expected = ["m,s,1 Set(DB(a/b)=1)", "m,s,2 DBdeltree(/b)", &left, "end m,s,4"];
            check_on(version, dialplan, "s", "", &expected);
        };
        check_left(Version::V16, "[]");
        check_left(Version::V22, "[1]");
    }
}
