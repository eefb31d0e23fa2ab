//! Sounds that are played.

use crate::lint::Rule;

mod blank_in_sound_name;
mod constant_exten_in_sound;
mod empty_sound_in_list;
mod folder_as_sound;
mod missing_sound;
mod refused_sound_name;
mod repeated_sound;
mod sound_missing_in_language;
mod sound_outside_media;
mod sound_with_ending;
mod sounds_folder_in_name;
mod unplayable_sound;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[
    &blank_in_sound_name::RULE,
    &constant_exten_in_sound::RULE,
    &empty_sound_in_list::RULE,
    &folder_as_sound::RULE,
    &missing_sound::RULE,
    &refused_sound_name::RULE,
    &repeated_sound::RULE,
    &sound_missing_in_language::RULE,
    &sound_outside_media::RULE,
    &sound_with_ending::RULE,
    &sounds_folder_in_name::RULE,
    &unplayable_sound::RULE,
];

#[cfg(test)]
mod tests {
    use crate::lint::{
        Settings,
        sounds::{Folder, Sounds},
    };

    /// Settings of a PBX that has these files in a folder at that place.
    pub(super) fn with_sounds(at: Option<&str>, files: &[&str]) -> Settings {
        let mut folder = Folder::new(at.map(|at| at.as_bytes().to_vec()));
        for file in files {
            folder.add(file.as_bytes(), None);
        }
        let sounds = Sounds { folders: vec![folder], ..Sounds::default() };
        Settings { sounds: Some(sounds), ..Settings::default() }
    }
}
