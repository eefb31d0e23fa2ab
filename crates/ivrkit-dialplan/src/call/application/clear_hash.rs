//! `ClearHash(name)`: forgets the fields of a hash, which are variables `~HASH~name~field~`.

use super::{super::line::Line, Outcome};

/// Most bytes of the beginning of such a variable that are compared.
const MAX_PREFIX_BYTES: usize = 79;

/// Removes them all.
pub(super) fn run(line: &Line, name: &[u8]) -> Outcome {
    let mut prefix = [b"~HASH~", name, b"~"].concat();
    prefix.truncate(MAX_PREFIX_BYTES);
    line.with(|channel| channel.variables.remove_where(|name| name.starts_with(&prefix)));
    Outcome::Next
}

#[cfg(test)]
mod tests {
    use crate::call::application::testing::check;

    #[test]
    fn one_hash_is_forgotten() {
        let dialplan = "[m]\nexten => s,1,Set(~HASH~h~a~=1)\nsame => n,Set(~HASH~hh~a~=2)\n\
            same => n,ClearHash(h)\nsame => n,NoOp([${~HASH~h~a~}][${~HASH~hh~a~}])\n";
        let expected = [
            "m,s,1 Set(~HASH~h~a~=1)",
            "m,s,2 Set(~HASH~hh~a~=2)",
            "m,s,3 ClearHash(h)",
            "m,s,4 NoOp([][2])",
            "end m,s,5",
        ];
        check(dialplan, "s", &expected);
    }
}
