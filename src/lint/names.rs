//! Names that look alike, with their places.

use super::spot::Spot;
use ivrkit_dialplan::{
    lint::{
        Reading,
        alike::{self, Difference, NameKind},
    },
    syntax::Lines,
};
use serde::Serialize;
use std::io::{self, Write};

/// Two names that look alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// What they are of.
    pub kind: NameKind,
    /// How they differ.
    pub difference: Difference,
    /// The two, in the order of their places.
    pub names: [Spot; 2],
}

/// The pairs of a dialplan.
pub fn pairs(reading: &Reading) -> Vec<Pair> {
    let mut lines = Lines::new(&reading.dialplan.files);
    let pairs = alike::alike(reading).into_iter().map(|one| Pair {
        kind: one.kind,
        difference: one.difference,
        names: one.names.map(|named| Spot::of(&mut lines, &named.name, named.place)),
    });
    pairs.collect()
}

/// Writes a line for each pair.
///
/// # Errors
/// Those of `out`.
pub fn write_text(out: &mut impl Write, pairs: &[Pair]) -> io::Result<()> {
    for Pair { kind, difference, names } in pairs {
        let kind = match kind {
            NameKind::Context => "contexts",
            NameKind::Extension => "extensions",
            NameKind::Label => "labels",
            NameKind::Variable => "variables",
        };
        let difference = match difference {
            Difference::Case => "case",
            Difference::Letter => "one letter",
        };
        let [left, right] = names.each_ref().map(|Spot { name, file, line, column }| {
            format!("`{}` ({file}:{line}:{column})", name.escape_debug())
        });
        writeln!(out, "{kind} {left} and {right} differ in {difference}")?;
    }
    Ok(())
}

/// Writes a JSON array of objects with `kind`, `difference` and `names`, two objects with `name`,
/// `file`, `line`, `column`; and a newline.
///
/// # Errors
/// Those of `out`.
pub fn write_json(out: &mut impl Write, pairs: &[Pair]) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, pairs)?;
    writeln!(out)
}
