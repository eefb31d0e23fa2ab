//! Applications and functions that come with modules which are not part of Asterisk.
//!
//! A dialplan that uses them is right where their module is installed, which nobody can see from
//! here: an unknown name that stands in this list is worth a warning, not an error. Must not hold
//! anything that Asterisk itself has or had.

use super::function;

/// An application or function of somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThirdParty {
    /// Its name as its maker spells it.
    pub name: &'static str,
    /// What brings it.
    pub product: &'static str,
}

const APPLICATIONS: &[ThirdParty] = &[
    of("CELLimit", "app_cel_limit"),
    of("Conference", "app_conference"),
    of("DongleSendPDU", "chan_dongle"),
    of("DongleSendSMS", "chan_dongle"),
    of("DongleSendUSSD", "chan_dongle"),
    of("DongleStatus", "chan_dongle"),
    of("Flite", "app_flite"),
    of("Konference", "app_konference"),
    of("KSendSMS", "Khomp"),
    of("MRCPRecog", "UniMRCP"),
    of("MRCPRecogVerif", "UniMRCP"),
    of("MRCPSynth", "UniMRCP"),
    of("MRCPVerif", "UniMRCP"),
    of("NVBackgroundDetect", "app_nv_backgrounddetect"),
    of("NVFaxDetect", "app_nv_faxdetect"),
    of("Picotts", "app_picotts"),
    of("QuectelSendSMS", "chan_quectel"),
    of("QuectelStatus", "chan_quectel"),
    of("Rpt", "app_rpt"),
    of("RxFAX", "spandsp's app_rxfax"),
    of("SCCPBarge", "chan_sccp"),
    of("SetCalledParty", "chan_sccp"),
    of("SetMessage", "chan_sccp"),
    of("SpeechActivity", "app_speech_activity"),
    of("Swift", "app_swift"),
    of("SynthAndRecog", "UniMRCP"),
    of("TxFAX", "spandsp's app_txfax"),
];

const fn of(name: &'static str, product: &'static str) -> ThirdParty {
    ThirdParty { name, product }
}

/// The application of that name; letter case does not count.
pub fn third_party_application(name: &[u8]) -> Option<&'static ThirdParty> {
    APPLICATIONS.iter().find(|one| one.name.as_bytes().eq_ignore_ascii_case(name))
}

/// Whether a function of that name may come from `func_odbc.conf`, whose sections are functions
/// with `ODBC_` before their names unless it says otherwise.
pub fn is_configured_function(name: &[u8]) -> bool {
    name.starts_with(b"ODBC_") && function(name).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::application;

    #[test]
    fn nothing_of_asterisk_is_in_the_list() {
        for one in APPLICATIONS {
            assert!(application(one.name.as_bytes()).is_none(), "{}", one.name);
        }
    }

    #[test]
    fn functions_of_a_configuration_are_known_by_their_prefix() {
        assert!(is_configured_function(b"ODBC_SQL"));
        assert!(!is_configured_function(b"ODBC_FETCH"));
        assert!(!is_configured_function(b"odbc_sql"));
    }

    #[test]
    fn names_are_found_in_any_case() {
        let product = |name: &[u8]| third_party_application(name).map(|one| one.product);
        assert_eq!(product(b"mrcpsynth"), Some("UniMRCP"));
        assert_eq!(product(b"Dial"), None);
        assert!(APPLICATIONS.is_sorted_by_key(|one| one.name.to_lowercase()));
    }
}
