//! The linter: what is wrong with a dialplan, whether Asterisk says so or not.
//!
//! [`read`] reads a dialplan and keeps its lines; [`Reading::lint`] holds it against the
//! [rules](rules::ALL), one file for each. Nothing is decided here about how findings look or which
//! exit code they cause, and no file is read: sound files, too, are told in the [`Settings`].

pub mod alike;
pub mod modules;
pub mod neighbours;
pub mod rules;
pub mod sounds;

mod call;
mod condition;
mod exact;
mod extension_line;
mod finding;
mod flow;
mod free_text;
mod jump;
mod linting;
mod meant;
mod menu;
mod nearest;
mod note;
mod numbered;
mod remembered;
mod rule;
mod semicolon;
mod settings;
mod spelling;
mod subject;
mod substitutions;
mod suppression;
mod taint;
mod target;
#[cfg(test)]
mod testing;
mod variables;
mod wrapped;
mod written;

pub use call::{Application, Call, Step};
use condition::may_have_conditions;
pub use condition::{Condition, conditions};
pub use extension_line::ExtensionLine;
pub use finding::{Edit, Finding, Findings, Fix, Note, Safety};
pub use jump::{Jump, jumps};
pub use linting::Linting;
pub(crate) use menu::{TypedInto, is_dialled, typed_into};
pub use neighbours::Neighbours;
pub use rule::{Check, Group, Origin, Rule};
pub use settings::{Level, Settings};
pub use sounds::{Played, Sounds};
pub use subject::Subject;
pub(crate) use subject::shown;
pub use substitutions::{Substitution, Substitutions};
pub use target::{Resolution, Target};
pub use variables::{Similar, Variables};
pub use written::{Signs, Written};

use crate::{
    dialplan::{self, Dialplan},
    syntax::{self, Place, Provider, Remark, Section},
};

/// A dialplan and the lines it was loaded from.
#[derive(Debug)]
pub struct Reading {
    /// The sections with their lines, templates and `[globals]` too.
    pub sections: Vec<Section>,
    /// Comments that speak to ivrkit.
    pub remarks: Vec<Remark>,
    /// What Asterisk makes of them.
    pub dialplan: Dialplan,
}

/// Reads a dialplan from its main file and what that includes; see [`dialplan::load`].
pub fn read(name: &[u8], bytes: Vec<u8>, provider: &mut dyn Provider) -> Reading {
    let mut document = syntax::read(name, bytes, provider);
    let sections = std::mem::take(&mut document.sections);
    let remarks = std::mem::take(&mut document.remarks);
    let dialplan = dialplan::load_sections(document, &sections);
    Reading { sections, remarks, dialplan }
}

impl Reading {
    /// What the rules that are on find and the dialplan does not allow, in the order of the places.
    pub fn lint(&self, settings: &Settings) -> Vec<Finding> {
        let linting = self.linting(settings);
        let parts = (0..linting.parts()).map(|number| linting.part(number)).collect();
        linting.finish(parts)
    }

    /// The same in parts, which can be done side by side.
    pub fn linting<'a>(&'a self, settings: &'a Settings) -> Linting<'a> {
        Linting::new(self, settings)
    }

    /// The places of secrets, which nobody may show: whether the rule that tells of them is on or
    /// not, and allowed ones too.
    ///
    /// # Panics
    /// If the rule that knows them were gone from the list of rules.
    pub fn secrets(&self) -> Vec<Place> {
        let settings = Settings::default();
        let subject = Subject::new(self, &settings);
        let rule = rules::find("plaintext-password").expect("it is a rule");
        let mut found = Vec::new();
        linting::look(&subject, rule.check, &mut Findings::new(rule, rule.severity, &mut found));
        found.iter().filter(|finding| finding.is_secret).map(|finding| finding.place).collect()
    }
}
