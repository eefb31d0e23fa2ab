//! The modules that dialplans need, with the first place of each use.

use super::spot::Spot;
use ivrkit_dialplan::{
    application::Version,
    lint::{
        Reading,
        modules::{self, Use as Used},
    },
    syntax::Lines,
};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    io::{self, Write},
};

/// The modules that dialplans need.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Modules {
    /// What is used of each, by the module's name without `.so`.
    pub modules: BTreeMap<&'static str, Vec<Use>>,
    /// Applications and functions of no known module.
    pub unknown: Vec<Use>,
}

/// Something that is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Use {
    /// Its name, and where it is used first.
    #[serde(flatten)]
    pub first: Spot,
    /// How often it is used.
    pub count: usize,
}

impl Modules {
    /// The modules of a dialplan.
    pub fn of(reading: &Reading, version: Version) -> Self {
        let needed = modules::needed(reading, version);
        let mut lines = Lines::new(&reading.dialplan.files);
        let mut all = |uses: Vec<Used>| -> Vec<Use> {
            let uses = uses.into_iter();
            let use_of = |one: Used| Use {
                first: Spot::of(&mut lines, one.name.as_bytes(), one.place),
                count: one.count,
            };
            uses.map(use_of).collect()
        };
        Self {
            modules: needed.modules.into_iter().map(|(module, uses)| (module, all(uses))).collect(),
            unknown: all(needed.unknown),
        }
    }

    /// Adds what another dialplan needs.
    pub fn add(&mut self, other: Self) {
        for (module, uses) in other.modules {
            add_all(self.modules.entry(module).or_default(), uses);
        }
        add_all(&mut self.unknown, other.unknown);
    }

    /// Writes lines for `modules.conf`.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_text(&self, out: &mut impl Write, version: Version) -> io::Result<()> {
        writeln!(out, "; what the dialplan needs of Asterisk {version}")?;
        for (module, uses) in &self.modules {
            let uses: Vec<_> = uses.iter().map(Use::text).collect();
            writeln!(out, "load = {module}.so ; {}", uses.join("; "))?;
        }
        for one in &self.unknown {
            writeln!(out, "; no known module has {}", one.text())?;
        }
        Ok(())
    }

    /// Writes a JSON object with `modules` (an object of arrays by module) and `unknown` (an array);
    /// each use has `name`, `file`, `line`, `column`, `count`.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_json(&self, out: &mut impl Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        writeln!(out)
    }
}

impl Use {
    fn text(&self) -> String {
        let Spot { name, file, line, .. } = &self.first;
        let (name, file) = (name.escape_debug(), file.escape_debug());
        match self.count {
            1 => format!("{name}, {file}:{line}"),
            count => format!("{name}, {count} times, first {file}:{line}"),
        }
    }
}

fn add_all(uses: &mut Vec<Use>, more: Vec<Use>) {
    for one in more {
        match uses.iter_mut().find(|known| known.first.name == one.first.name) {
            Some(known) => known.count += one.count,
            None => uses.push(one),
        }
    }
}
