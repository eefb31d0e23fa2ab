//! Channel technologies: what stands before the `/` of `Dial`'s callee, by version.
//!
//! Names are those that the drivers in Asterisk's source register; `modules.json` knows which
//! version has which driver. Must not parse dial strings.

use super::{Presence, Version, module};
use std::sync::LazyLock;

/// A channel technology.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Technology {
    /// Its name as Asterisk spells it.
    pub name: &'static str,
    /// The modules that bring it, one of which must be loaded; none for a part of Asterisk itself.
    pub modules: &'static [&'static str],
    /// Whether it is Asterisk's own; of other people's no version is known.
    pub is_own: bool,
    /// What replaces it in newer versions.
    pub replacement: Option<&'static str>,
}

const TECHNOLOGIES: &[Technology] = &[
    own("Agent", &["chan_agent"]).replaced_by("the application AgentRequest"),
    own("AudioSocket", &["chan_audiosocket"]),
    own("Console", &["chan_console", "chan_alsa", "chan_oss"]),
    own("DAHDI", &["chan_dahdi"]),
    own("Gtalk", &["chan_gtalk"]).replaced_by("Motif"),
    own("H323", &["chan_h323"]).replaced_by("OOH323"),
    own("IAX2", &["chan_iax2"]),
    own("Jingle", &["chan_jingle"]).replaced_by("Motif"),
    own("Local", &[]),
    own("MGCP", &["chan_mgcp"]),
    own("mISDN", &["chan_misdn"]),
    own("Mobile", &["chan_mobile"]),
    own("Motif", &["chan_motif"]),
    own("MulticastRTP", &["chan_rtp", "chan_multicast_rtp"]),
    own("NBS", &["chan_nbs"]),
    own("OOH323", &["chan_ooh323"]),
    own("Phone", &["chan_phone"]),
    own("PJSIP", &["chan_pjsip"]),
    own("SIP", &["chan_sip"]).replaced_by("PJSIP"),
    own("Skinny", &["chan_skinny"]),
    own("UnicastRTP", &["chan_rtp"]),
    own("USTM", &["chan_unistim"]),
    own("vpb", &["chan_vpb"]),
    own("WebSocket", &["chan_websocket"]),
    own("Zap", &["chan_zap"]).replaced_by("DAHDI"),
    foreign("CAPI", &["chan_capi"]),
    foreign("Dongle", &["chan_dongle"]),
    foreign("Khomp", &["chan_khomp"]),
    foreign("Quectel", &["chan_quectel"]),
    foreign("SCCP", &["chan_sccp"]),
    foreign("Sebi", &["chan_sebi"]),
];

/// The presence of each of them in each version: dialplans name technologies again and again.
static PRESENCES: LazyLock<Vec<[(Version, Presence); Version::ALL.len()]>> = LazyLock::new(|| {
    let of_each =
        |one: &Technology| Version::ALL.map(|version| (version, one.presence_of_modules(version)));
    TECHNOLOGIES.iter().map(of_each).collect()
});

const fn own(name: &'static str, modules: &'static [&'static str]) -> Technology {
    Technology { name, modules, is_own: true, replacement: None }
}

const fn foreign(name: &'static str, modules: &'static [&'static str]) -> Technology {
    Technology { name, modules, is_own: false, replacement: None }
}

/// The technology of that name; letter case does not count, as in Asterisk.
pub fn technology(name: &[u8]) -> Option<&'static Technology> {
    TECHNOLOGIES.iter().find(|one| one.name.as_bytes().eq_ignore_ascii_case(name))
}

/// All of them, by name.
pub fn technologies() -> &'static [Technology] {
    TECHNOLOGIES
}

impl Technology {
    const fn replaced_by(mut self, what: &'static str) -> Self {
        self.replacement = Some(what);
        self
    }

    /// Whether a version has it: whether it has one of its modules.
    pub fn presence(&self, version: Version) -> Presence {
        let at = TECHNOLOGIES.iter().position(|one| one.name == self.name);
        let known = at.and_then(|at| PRESENCES.get(at)?.iter().find(|one| one.0 == version));
        known.map_or_else(|| self.presence_of_modules(version), |one| one.1)
    }

    fn presence_of_modules(&self, version: Version) -> Presence {
        if !self.is_own {
            return Presence::Unknown;
        }
        if self.modules.is_empty() {
            return Presence::There;
        }
        let known = self.modules.iter().filter_map(|name| module(name));
        let mut found = known.map(|module| module.presence(version)).peekable();
        // What no known version has was gone before the first of them.
        let first = *found.peek().unwrap_or(&Presence::Gone { since: Version::ALL[0] });
        if found.any(|one| one == Presence::There) { Presence::There } else { first }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn technologies_come_and_go_with_their_modules() {
        let check = |name: &str, version, expected| {
            let found = technology(name.as_bytes()).map(|one| one.presence(version));
            assert_eq!(found, Some(expected), "{name} in {version}");
        };
        check("sip", Version::V20, Presence::There);
        check("SIP", Version::V22, Presence::Gone { since: Version::V22 });
        check("PJSIP", Version::V13, Presence::There);
        check("Local", Version::V13, Presence::There);
        check("AudioSocket", Version::V16, Presence::NotYet { since: Version::V18 });
        check("Console", Version::V22, Presence::There);
        check("MulticastRTP", Version::V22, Presence::There);
        check("vpb", Version::V20, Presence::Gone { since: Version::V20 });
        check("Zap", Version::V13, Presence::Gone { since: Version::V13 });
        check("SCCP", Version::V22, Presence::Unknown);
        assert_eq!(technology(b"Carrier-Pigeon"), None);
    }

    #[test]
    fn names_are_sorted_and_differ_by_more_than_case() {
        let names: Vec<String> = technologies()
            .iter()
            .filter(|one| one.is_own)
            .map(|one| one.name.to_lowercase())
            .collect();
        assert!(names.is_sorted(), "{names:?}");
        for name in technologies() {
            assert_eq!(technology(name.name.as_bytes()).map(|one| one.name), Some(name.name));
        }
    }
}
