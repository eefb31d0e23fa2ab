//! Hang-up causes: their numbers, after Q.850, and their names in Asterisk (`main/channel.c`,
//! `include/asterisk/causes.h`).

/// A normal end.
pub(super) const NORMAL_CLEARING: u32 = 16;
/// The other end is busy.
pub(super) const USER_BUSY: u32 = 17;
/// There is no line free.
pub(super) const CONGESTION: u32 = 34;

/// In Asterisk's order, which decides if one name begins another.
const NAMES: &[(u32, &[u8])] = &[
    (1, b"UNALLOCATED"),
    (2, b"NO_ROUTE_TRANSIT_NET"),
    (3, b"NO_ROUTE_DESTINATION"),
    (5, b"MISDIALLED_TRUNK_PREFIX"),
    (6, b"CHANNEL_UNACCEPTABLE"),
    (7, b"CALL_AWARDED_DELIVERED"),
    (8, b"PRE_EMPTED"),
    (14, b"NUMBER_PORTED_NOT_HERE"),
    (16, b"NORMAL_CLEARING"),
    (17, b"USER_BUSY"),
    (18, b"NO_USER_RESPONSE"),
    (19, b"NO_ANSWER"),
    (20, b"SUBSCRIBER_ABSENT"),
    (21, b"CALL_REJECTED"),
    (22, b"NUMBER_CHANGED"),
    (23, b"REDIRECTED_TO_NEW_DESTINATION"),
    (26, b"ANSWERED_ELSEWHERE"),
    (27, b"DESTINATION_OUT_OF_ORDER"),
    (28, b"INVALID_NUMBER_FORMAT"),
    (29, b"FACILITY_REJECTED"),
    (30, b"RESPONSE_TO_STATUS_ENQUIRY"),
    (31, b"NORMAL_UNSPECIFIED"),
    (34, b"NORMAL_CIRCUIT_CONGESTION"),
    (38, b"NETWORK_OUT_OF_ORDER"),
    (41, b"NORMAL_TEMPORARY_FAILURE"),
    (42, b"SWITCH_CONGESTION"),
    (43, b"ACCESS_INFO_DISCARDED"),
    (44, b"REQUESTED_CHAN_UNAVAIL"),
    (50, b"FACILITY_NOT_SUBSCRIBED"),
    (52, b"OUTGOING_CALL_BARRED"),
    (54, b"INCOMING_CALL_BARRED"),
    (57, b"BEARERCAPABILITY_NOTAUTH"),
    (58, b"BEARERCAPABILITY_NOTAVAIL"),
    (65, b"BEARERCAPABILITY_NOTIMPL"),
    (66, b"CHAN_NOT_IMPLEMENTED"),
    (69, b"FACILITY_NOT_IMPLEMENTED"),
    (81, b"INVALID_CALL_REFERENCE"),
    (88, b"INCOMPATIBLE_DESTINATION"),
    (95, b"INVALID_MSG_UNSPECIFIED"),
    (96, b"MANDATORY_IE_MISSING"),
    (97, b"MESSAGE_TYPE_NONEXIST"),
    (98, b"WRONG_MESSAGE"),
    (99, b"IE_NONEXIST"),
    (100, b"INVALID_IE_CONTENTS"),
    (101, b"WRONG_CALL_STATE"),
    (102, b"RECOVERY_ON_TIMER_EXPIRE"),
    (103, b"MANDATORY_IE_LENGTH_ERROR"),
    (111, b"PROTOCOL_ERROR"),
    (127, b"INTERWORKING"),
];

/// The cause that a text begins with the name of (`ast_str2cause`); letter case does not count.
pub(super) fn named(text: &[u8]) -> Option<u32> {
    let begins = |name: &[u8]| {
        text.get(..name.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(name))
    };
    NAMES.iter().find(|(_, name)| begins(name)).map(|&(cause, _)| cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_go_on() {
        assert_eq!(named(b"USER_BUSY"), Some(USER_BUSY));
        assert_eq!(named(b"user_busy, and more"), Some(USER_BUSY));
        assert_eq!(named(b"NO_ANSWER"), Some(19));
        assert_eq!(named(b"BUSY"), None);
        assert_eq!(named(b" USER_BUSY"), None);
        assert_eq!(named(b"17"), None);
    }
}
