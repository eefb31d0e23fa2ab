//! How long the sounds of a media folder are.

use super::Error;
use crate::{
    files,
    lint::sounds::{self, MediaFolder},
    media::playable,
};
use ivrkit_dialplan::{rehearsal::SoundLengths, scenario::Profile};
use rayon::prelude::*;
use std::{os::unix::ffi::OsStrExt as _, path::Path};

/// Adds the sounds of a folder: by their names within it, and by those below the place that it has on
/// the PBX. Below that place there is nothing else then. What the PBX does not play is missing.
///
/// # Errors
/// The folder or a file in it cannot be read.
pub fn add_media(
    lengths: &mut SoundLengths,
    folder: &MediaFolder,
    profile: Profile,
) -> Result<(), Error> {
    let paths = sounds::sounds_below(&folder.path)?;
    let read = paths.par_iter().map(|path| length_ms(path, profile));
    let read = read.collect::<Result<Vec<_>, files::Error>>()?;
    let place = folder.at.as_ref().map(|place| place.trim_end_matches('/'));
    if let Some(place) = place {
        let below = format!("{place}/").into_bytes();
        lengths.by_name.retain(|name, _| !name.starts_with(&below));
        lengths.known_below.retain(|known| known != place.as_bytes());
        lengths.known_below.push(place.as_bytes().to_vec());
        lengths.callees_ms = None;
    }
    for (path, length_ms) in paths.iter().zip(read) {
        let name = path.strip_prefix(&folder.path).unwrap_or(path).with_extension("");
        let name = name.as_os_str().as_bytes();
        if let Some(place) = place {
            lengths.by_name.insert([place.as_bytes(), b"/", name].concat(), length_ms);
        }
        // Of two forms of one sound, the one that can be played counts.
        let known = lengths.by_name.entry(name.to_vec()).or_insert(length_ms);
        *known = known.or(length_ms);
    }
    Ok(())
}

/// What the PBX plays of a file, in milliseconds; none if it plays nothing.
fn length_ms(path: &Path, profile: Profile) -> Result<Option<u64>, files::Error> {
    let report = playable::examine_file(path, profile)?;
    let played_ms = u64::try_from(report.played.as_millis()).unwrap_or(u64::MAX);
    Ok((report.opens && played_ms > 0).then_some(played_ms))
}
