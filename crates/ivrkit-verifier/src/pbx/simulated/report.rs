//! What the PBX reports, in both formats.
//!
//! Members stand in the order in which the documents show them. Must not send anything.

use super::{
    event::Direction,
    json::{Content, Members},
    session::Format,
};

/// A report that waits to be sent; its format is chosen when it is, by the login of that time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Report {
    pub(super) action: &'static str,
    pub(super) callid: String,
    pub(super) party: Option<Party>,
    /// The party stands in the report itself in every format.
    pub(super) flat: bool,
    pub(super) rest: Members,
    /// Serial number of the PBX.
    pub(super) sn: String,
    pub(super) flaws: Flaws,
}

/// The outside party of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Party {
    pub(super) direction: Direction,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) trunk: String,
    pub(super) leg: String,
}

/// What is wrong with a report on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flaws {
    pub(super) numbers: bool,
    pub(super) trailing_comma: bool,
}

impl Report {
    /// Whether it tells a whole entry.
    pub(super) fn is_entry(&self) -> bool {
        self.rest.0.iter().any(|(name, _)| *name == "infos")
    }

    /// The body, in the format of a login.
    pub(super) fn body(&self, format: Format) -> String {
        let mut members =
            Members::default().text("action", self.action).text("callid", self.callid.clone());
        if let Some(party) = &self.party {
            let (name, content) = party.member();
            members = if self.flat || format == Format::Flat {
                members.with(name, content)
            } else {
                members.with("call", Content::List(vec![Members::default().with(name, content)]))
            };
        }
        members.0.extend(self.rest.0.iter().cloned());
        members = members.text("sn", self.sn.clone());
        if self.flaws.numbers {
            members = members.with_numbers();
        }
        let mut body = members.to_json();
        if self.flaws.trailing_comma {
            body.insert(body.len() - 1, ',');
        }
        body
    }
}

impl Party {
    fn member(&self) -> (&'static str, Content) {
        let (name, id) = match self.direction {
            Direction::Outbound => ("outbound", "outboundid"),
            Direction::Inbound => ("inbound", "inboundid"),
        };
        (name, Content::Object(self.members().text(id, self.leg.clone())))
    }

    fn members(&self) -> Members {
        Members::default()
            .text("from", self.from.clone())
            .text("to", self.to.clone())
            .text("trunk", self.trunk.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(action: &'static str, rest: Members) -> Report {
        let party = Party {
            direction: Direction::Outbound,
            from: "6500".to_owned(),
            to: "13900001111".to_owned(),
            trunk: "SIP-A".to_owned(),
            leg: "1770000000.43".to_owned(),
        };
        Report {
            action,
            callid: "1770000000.41".to_owned(),
            party: Some(party),
            flat: false,
            rest,
            sn: "360000000001".to_owned(),
            flaws: Flaws::default(),
        }
    }

    #[test]
    fn format_1_0_2_has_an_array_of_parties() {
        assert_eq!(
            report("ANSWERED", Members::default()).body(Format::Array),
            concat!(
                r#"{"action":"ANSWERED","callid":"1770000000.41","call":[{"outbound":{"from":"6500","#,
                r#""to":"13900001111","trunk":"SIP-A","outboundid":"1770000000.43"}}],"sn":"360000000001"}"#
            )
        );
    }

    #[test]
    fn format_1_0_0_has_the_party_in_the_report() {
        let rest = Members::default().text("info", "7").text("flag", "3");
        assert_eq!(
            report("DTMF", rest).body(Format::Flat),
            concat!(
                r#"{"action":"DTMF","callid":"1770000000.41","outbound":{"from":"6500","#,
                r#""to":"13900001111","trunk":"SIP-A","outboundid":"1770000000.43"},"#,
                r#""info":"7","flag":"3","sn":"360000000001"}"#
            )
        );
    }

    #[test]
    fn some_reports_are_flat_in_both_formats() {
        let failed = Report {
            flat: true,
            ..report("CallFailed", Members::default().text("reason", "486 Busy Here"))
        };
        assert_eq!(failed.body(Format::Array), failed.body(Format::Flat));
        assert!(failed.body(Format::Array).contains(r#""outbound":{"from":"6500""#));
    }

    #[test]
    fn flaws_change_the_writing_only() {
        let mut dtmf = report("DTMF", Members::default().text("info", "7").text("flag", "3"));
        dtmf.flaws.numbers = true;
        assert!(dtmf.body(Format::Array).ends_with(r#""info":7,"flag":3,"sn":360000000001}"#));
        dtmf.flaws = Flaws { trailing_comma: true, numbers: false };
        assert!(dtmf.body(Format::Array).ends_with(r#""flag":"3","sn":"360000000001",}"#));
    }

    #[test]
    fn an_inbound_party() {
        let mut inbound = report("BYE", Members::default());
        inbound.party.as_mut().unwrap().direction = Direction::Inbound;
        let body = inbound.body(Format::Array);
        assert!(body.contains(r#""call":[{"inbound":{"from":"6500""#), "{body}");
        assert!(body.contains(r#""inboundid":"1770000000.43"}}]"#), "{body}");
    }
}
