//! The rendered dialplan on real Asterisk.

mod support;

use support::asterisk::{Asterisk, Version};

/// A dialplan that says nothing about ivrkit: whether the harness tells what happens.
#[test]
fn the_harness_tells_steps_keys_events_and_complaints() {
    for version in Version::ALL {
        let asterisk = Asterisk::start(version, None);
        let messages = asterisk.load(
            "[menu]\nexten => s,1,WaitExten(5)\nexten => 12,1,UserEvent(Typed,Info: ${EXTEN})\n \
             same => n,Hangup(17)\nexten => broken,1,NoOp(x\n",
        );
        let [message] = &messages[..] else { panic!("{messages:?}") };
        assert!(message.complains() && message.text.contains("No closing parenthesis"));
        let trace = asterisk.call("menu", "s", "wait 0.2 12");
        assert_eq!(
            trace.steps(),
            [
                "menu,s,1 WaitExten(5)",
                "menu,12,1 UserEvent(Typed,Info: 12)",
                "menu,12,2 Hangup(17)"
            ],
            "{trace}"
        );
        assert_eq!(trace.user_events("Typed", "Info"), ["12"]);
        assert_eq!(trace.hangup(), (17, "menu,12,2"));
        assert_eq!(asterisk.messages(), []);
    }
}
