//! What lies around a dialplan, for the rules that look beyond it: sounds, and the configuration
//! files beside it.
//!
//! Media folders are read once, however many dialplans they are for. Must not decide what is a
//! mistake.

use super::{
    inputs::{self, Input, Kind},
    neighbours,
    run::Options,
    sounds::{self, MediaFolder},
};
use ivrkit_dialplan::{
    lint::{Settings, Sounds},
    scenario::Profile,
};
use std::collections::HashMap;

/// What was read for all inputs.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    /// None for folders that cannot be read.
    sounds: HashMap<Vec<MediaFolder>, Option<Sounds>>,
}

impl Surroundings {
    /// Reads the media folders that the inputs are linted with; what cannot be read is added to
    /// `errors`.
    pub(super) fn of(inputs: &[Input], options: &Options, errors: &mut Vec<inputs::Error>) -> Self {
        let mut sounds = HashMap::new();
        for input in inputs {
            let folders = folders(input, options);
            if folders.is_empty() || sounds.contains_key(folders) {
                continue;
            }
            let read = sounds::read(folders, profile(options));
            let read = read.map_err(|error| errors.push(error.into())).ok();
            sounds.insert(folders.to_vec(), read);
        }
        Self { sounds }
    }

    /// Adds to the settings of an input what lies around it.
    pub(super) fn tell(
        &self,
        settings: &mut Settings,
        input: &Input,
        options: &Options,
    ) -> Result<(), inputs::Error> {
        let are_stock_installed = options.stock_sounds.or(input.config.stock_sounds);
        let known = self.sounds.get(folders(input, options)).cloned().flatten();
        settings.sounds = known.map(|sounds| Sounds { are_stock_installed, ..sounds });
        if input.kind == Kind::Dialplan {
            settings.neighbours = Some(neighbours::read(&input.path)?);
        }
        Ok(())
    }
}

/// Those of the command line in place of those of the configuration.
fn folders<'a>(input: &'a Input, options: &'a Options) -> &'a [MediaFolder] {
    if options.media.is_empty() { &input.config.media } else { &options.media }
}

/// The PBX whose demands on sounds count: the one that was named.
fn profile(options: &Options) -> Profile {
    match options.rendering.profiles.as_slice() {
        [one] => *one,
        _ => Profile::Asterisk,
    }
}
