//! Has a real Asterisk load a folder with a dialplan, and keeps what it lists and says.

use super::{asterisk::Asterisk, complaints, probes::Loaded};
use std::{fs, path::Path};

/// What is loaded between two probes: it takes back what the one before has set, and is listed if
/// the next one is refused.
const BLANK: &str = "[general]\nclearglobalvars=yes\nextenpatternmatchnew=no\noverrideswitch=\n\
                     [blank]\nexten => blank,1,NoOp\n";

/// Loads the `extensions.conf` of a folder in a daemon that holds nothing else.
pub(crate) fn loaded(pbx: &Asterisk, folder: &Path) -> Loaded {
    let etc = pbx.etc();
    fs::write(etc.join("extensions.conf"), BLANK).unwrap();
    pbx.command("dialplan reload");
    pbx.messages();
    copy(folder, &etc);
    pbx.command("dialplan reload");
    let messages = pbx.messages().iter().map(complaints::complaint).collect();
    let show = pbx.manager().command_bytes("dialplan show");
    for entry in fs::read_dir(folder).unwrap() {
        let path = etc.join(entry.unwrap().file_name());
        let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        removed.unwrap();
    }
    let is_refused = show.windows(7).any(|part| part == b"'blank'");
    Loaded { show: if is_refused { Vec::new() } else { show }, messages }
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from).min_depth(1).sort_by_file_name() {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
