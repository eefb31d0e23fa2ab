//! File names that a dialplan or a PBX cannot take.

use ivrkit_dialplan::scenario::Profile;

/// What is wrong with a file name, if anything.
pub(super) fn refusal(name: &str, profile: Profile) -> Option<String> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    if stem.is_empty() {
        return Some("the name has nothing before its ending".to_owned());
    }
    let bad = stem.chars().find(|c| !is_usable(*c, profile))?;
    Some(format!("the name holds {bad:?}, which {}", why(bad, profile)))
}

/// Yeastar takes no special characters at all; a dialplan only those that mean nothing there.
fn is_usable(c: char, profile: Profile) -> bool {
    match profile {
        Profile::YeastarS => c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'),
        Profile::Asterisk => !c.is_control() && !"&,;|\"\\$()[]{} ".contains(c),
    }
}

fn why(bad: char, profile: Profile) -> &'static str {
    match (bad, profile) {
        ('&', _) => "joins file names in a dialplan",
        ('+', Profile::YeastarS) => "joins prompt names in the PBX's API",
        (_, Profile::YeastarS) => "a Yeastar S-series does not take in names",
        (_, Profile::Asterisk) => "has a meaning of its own in a dialplan",
    }
}
