//! The shipped scenario, another one made of it, and their dialplans.

use ivrkit::render::{self, Options};
use ivrkit_dialplan::{
    scenario::{self, EndKey, KeySequence, Number, Profile, Scenario, Seconds, Target},
    source::Source,
};

/// How long [`quick`] holds a call in 6501, in seconds; the scenario's own hold is long for a test.
pub(crate) const HOLD_S: f64 = 3.0;

pub(crate) fn shipped() -> Scenario {
    let text = include_str!("../../scenarios/driving-test.yaml");
    scenario::read(Source::new("driving-test.yaml", text)).scenario.expect("it is sound")
}

/// The shipped scenario with a short hold, another end key and outcome in 6503, and in 6500 a longer
/// wait and keys of which one begins another.
pub(crate) fn quick() -> Scenario {
    let mut scenario = shipped();
    let mut ivr = |number: &str, change: fn(&mut scenario::Ivr)| {
        change(scenario.ivrs.get_mut(number).expect("the scenario has it"));
    };
    ivr("6500", |ivr| {
        ivr.keys.insert(KeySequence::new("2").unwrap(), Target::Hangup);
        ivr.keys.insert(KeySequence::new("29").unwrap(), Target::Ivr(Number::new("6503").unwrap()));
        ivr.keys_may_wait = true;
        ivr.wait_s = Seconds::new(2.0).unwrap();
    });
    ivr("6501", |ivr| {
        ivr.entry.as_mut().unwrap().hold.limit_s = Seconds::new(HOLD_S).unwrap();
    });
    ivr("6503", |ivr| {
        let entry = ivr.entry.as_mut().unwrap();
        entry.hold.limit_s = Seconds::new(1.0).unwrap();
        entry.end_key = EndKey::Star;
        entry.on_no_verdict = Target::Hangup;
        ivr.digit_timeout_s = Seconds::new(2.5).unwrap();
    });
    scenario
}

/// The dialplan of a scenario; `pbx_contexts` is what the PBX brings along for `yeastar-s`.
pub(crate) fn dialplan(scenario: &Scenario, profile: Profile, pbx_contexts: &str) -> String {
    let options = Options { profile: Some(profile), ..Options::of(&Source::new("test.yaml", "")) };
    let text = render::render(scenario, &options).unwrap();
    match profile {
        Profile::YeastarS => text + pbx_contexts,
        Profile::Asterisk => text,
    }
}
