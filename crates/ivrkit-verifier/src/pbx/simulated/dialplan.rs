//! The dialplan of the simulated PBX: what is given to it, and the contexts that it owns itself.
//!
//! Must not render scenarios: who starts the simulator brings the text.

use ivrkit_dialplan::{
    dialplan::{self, Dialplan},
    scenario::{Profile, Scenario},
    syntax::{Contents, Found, Provider},
};
use std::sync::Arc;

/// The name of the file that the PBX's own contexts stand in.
pub const OWN_FILE: &str = "ivrkit-beside.conf";

/// The contexts that a PBX of this kind owns, as far as a rendered dialplan needs them.
pub fn own_contexts(scenario: &Scenario, profile: Profile) -> String {
    if profile != Profile::YeastarS {
        return String::new();
    }
    let ivrs =
        scenario.ivrs.keys().map(|ivr| format!("exten => {ivr},1,Goto(ivr_{ivr},{ivr},1)\n"));
    format!("[ivrs]\n{}[always-Hangup]\nexten => h,1,Hangup()\n", ivrs.collect::<String>())
}

/// Loads a dialplan under a name, and behind it what the PBX owns, as the file [`OWN_FILE`]. What
/// stands in both counts as it is given first. Other files that it includes come from `others`.
pub fn load(name: &[u8], text: &[u8], own: &str, others: &mut dyn Provider) -> Dialplan {
    let include = format!("\n#include \"{OWN_FILE}\"\n");
    let text = [text, include.as_bytes()].concat();
    let mut files = Beside { own: Arc::new(own.as_bytes().to_vec()), others };
    dialplan::load(name, text, &mut files)
}

struct Beside<'a> {
    own: Arc<Vec<u8>>,
    others: &'a mut dyn Provider,
}

impl Provider for Beside<'_> {
    fn find(&mut self, name: &[u8]) -> Vec<Found> {
        if name != OWN_FILE.as_bytes() {
            return self.others.find(name);
        }
        let contents = Contents::File(Arc::clone(&self.own));
        vec![Found { path: name.to_vec(), contents }]
    }
}
