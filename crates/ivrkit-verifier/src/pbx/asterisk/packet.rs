//! Packets of the manager interface: lines `Name: value`, ended by an empty line.
//!
//! Knows neither actions nor events. Names are compared without case and blanks, because a blank
//! behind a comma in a dialplan's `UserEvent` becomes part of the name.

use std::fmt;

/// Longest line that is read. Asterisk's own lines have some hundred bytes; output of a dialplan can
/// be longer.
const MAX_LINE_BYTES: usize = 64 * 1024;
/// Most fields of a packet.
const MAX_FIELDS: usize = 1024;
/// Longest line that Asterisk reads; it throws longer ones away.
pub const MAX_SENT_BYTES: usize = 1024;

/// A response or an event. `Debug` shows no values: keys and codes are among them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Packet(pub(super) Vec<(String, String)>);

/// What is sent to Asterisk.
#[derive(Clone)]
pub struct Action(String);

/// Bytes that are no manager interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A line without an end.
    #[error("a line of more than {MAX_LINE_BYTES} bytes")]
    Line,
    /// A packet without an end.
    #[error("a packet of more than {MAX_FIELDS} fields")]
    Packet,
}

/// Puts packets together from whatever pieces arrive.
#[derive(Default)]
pub struct Decoder {
    line: Vec<u8>,
    packet: Packet,
    greeted: bool,
}

impl Decoder {
    /// Takes bytes as they come; gives the packets that they complete.
    ///
    /// # Errors
    /// [`Broken`] when the other side is no Asterisk or has gone mad; the connection is of no use
    /// then.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Packet>, Broken> {
        let mut packets = Vec::new();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(piece);
            if self.line.len() > MAX_LINE_BYTES {
                return Err(Broken::Line);
            }
            if piece.ends_with(b"\n") {
                let line = std::mem::take(&mut self.line);
                packets.extend(self.line_ended(&line)?);
            }
        }
        Ok(packets)
    }

    fn line_ended(&mut self, line: &[u8]) -> Result<Option<Packet>, Broken> {
        let line = String::from_utf8_lossy(line);
        let line = line.trim_end_matches(['\r', '\n']);
        // The first line is a greeting with the version of the interface, and no packet.
        if !std::mem::replace(&mut self.greeted, true) && line.starts_with("Asterisk Call Manager")
        {
            return Ok(None);
        }
        if line.is_empty() {
            let packet = std::mem::take(&mut self.packet);
            return Ok((!packet.0.is_empty()).then_some(packet));
        }
        if self.packet.0.len() == MAX_FIELDS {
            return Err(Broken::Packet);
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        self.packet.0.push((name.trim().to_owned(), value.trim().to_owned()));
        Ok(None)
    }
}

impl Packet {
    /// The first field of that name; empty if there is none.
    pub fn field(&self, name: &str) -> &str {
        let field = self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        field.map_or("", |(_, value)| value)
    }

    /// Whether it is an event of that name.
    pub fn is_event(&self, name: &str) -> bool {
        self.field("Event").eq_ignore_ascii_case(name)
    }

    /// Whether it answers an action.
    pub fn is_response(&self) -> bool {
        !self.field("Response").is_empty()
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Packet {
    fn from(fields: [(&str, &str); N]) -> Self {
        Self(fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into())
    }
}

impl fmt::Debug for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).collect();
        write!(f, "<packet {}>", names.join(" "))
    }
}

impl Action {
    /// An action; `id` comes back in its response.
    pub fn new(name: &str, id: &str) -> Self {
        Self(String::new()).with("Action", name).with("ActionID", id)
    }

    /// Adds a field. A value cannot begin a line of its own: control characters are left out.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        let plain = value.chars().filter(|character| !character.is_control());
        self.0.extend([name, ": "]);
        self.0.extend(plain);
        self.0.push_str("\r\n");
        self
    }

    /// What goes over the line.
    pub fn into_bytes(mut self) -> Vec<u8> {
        self.0.push_str("\r\n");
        self.0.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STREAM: &str = "Asterisk Call Manager/5.0.2\r\nResponse: Success\r\nActionID: a-1\r\n\r\n\
        Event: UserEvent\r\nUserEvent: DtmfEndString\r\n Info: 56789#\r\n\r\n\r\n";

    fn decode(pieces: &[&[u8]]) -> Vec<Packet> {
        let mut decoder = Decoder::default();
        pieces.iter().flat_map(|piece| decoder.push(piece).unwrap()).collect()
    }

    #[test]
    fn packets_are_told_apart_and_their_names_trimmed() {
        let packets = decode(&[STREAM.as_bytes()]);
        assert_eq!(packets.len(), 2);
        assert!(packets[0].is_response() && packets[0].field("actionid") == "a-1");
        assert!(packets[1].is_event("userevent") && packets[1].field("info") == "56789#");
        assert!(!format!("{packets:?}").contains("56789"));
    }

    #[test]
    fn a_value_begins_no_line_of_its_own() {
        let action = Action::new("Redirect", "1").with("Channel", "x\r\nAction: Command\n");
        let text = String::from_utf8(action.into_bytes()).unwrap();
        assert_eq!(text, "Action: Redirect\r\nActionID: 1\r\nChannel: xAction: Command\r\n\r\n");
    }

    #[test]
    fn a_line_or_packet_without_an_end_is_broken() {
        let long = vec![b'x'; MAX_LINE_BYTES + 1];
        assert_eq!(Decoder::default().push(&long), Err(Broken::Line));
        let many = "A: b\r\n".repeat(MAX_FIELDS + 1);
        assert_eq!(Decoder::default().push(many.as_bytes()), Err(Broken::Packet));
    }

    proptest! {
        #[test]
        fn it_does_not_matter_how_bytes_are_cut(cuts in proptest::collection::vec(0..STREAM.len(), 0..8)) {
            let mut cuts = cuts;
            cuts.sort_unstable();
            let mut pieces = Vec::new();
            let mut from = 0;
            for cut in cuts.into_iter().chain([STREAM.len()]) {
                pieces.push(&STREAM.as_bytes()[from..cut]);
                from = cut;
            }
            prop_assert_eq!(decode(&pieces), decode(&[STREAM.as_bytes()]));
        }
    }
}
