//! `ivrkit explain`: the manual page of a rule.

use crate::{
    error::{Error, Exit},
    lint::{manual, rule_names::nearest},
    report::Look,
};
use clap::Args;
use ivrkit_dialplan::lint::{Rule, rules};
use std::io;

/// Explains a rule of the linter: what it finds, why it hurts, and the better form.
///
/// `ivrkit rules` lists all of them.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Its name, such as `duplicate-priority`, or its code.
    #[arg(value_parser = rule)]
    rule: &'static Rule,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let mut out = io::stdout().lock();
    let look = Look::of(&out);
    super::printed(manual::write_page(&mut out, arguments.rule, look))?;
    Ok(Exit::Done)
}

fn rule(word: &str) -> Result<&'static Rule, String> {
    rules::find(word).ok_or_else(|| match nearest(word, rules::ALL.iter().map(|rule| rule.name)) {
        Some(nearest) => format!("there is no such rule, did you mean `{nearest}`?"),
        None => "there is no such rule, see `ivrkit rules`".to_owned(),
    })
}
