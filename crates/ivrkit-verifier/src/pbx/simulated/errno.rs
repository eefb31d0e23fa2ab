//! The error numbers of the API that the simulator answers with.

/// Why a request is refused; the discriminants are the documented numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub(super) enum Errno {
    /// The body is XML.
    XmlBody = 10002,
    /// No such version or endpoint.
    NotSupported = 10003,
    /// A required parameter is missing or empty.
    EmptyParameter = 10004,
    /// No such extension.
    NoExtension = 10006,
    /// No such call.
    NoCall = 10007,
    /// No such number to transfer to.
    NoNumber = 10011,
    /// No such IVR.
    NoIvr = 10012,
    /// The call is not connected yet.
    NotConnected = 10015,
    /// The extension may not dial out.
    NotPermitted = 10024,
    /// The body is not JSON.
    NotJson = 20000,
    /// The method is not POST.
    NotPost = 20001,
    /// The source address is locked.
    Locked = 20002,
    /// Wrong user or password.
    WrongLogin = 20003,
    /// Unknown token.
    UnknownToken = 20004,
    /// No token.
    NoToken = 20005,
    /// The token has timed out.
    ExpiredToken = 20006,
    /// A body is missing.
    NoData = 20007,
    /// Not a port.
    BadPort = 20008,
    /// The request has no name.
    NoName = 20009,
    /// The heartbeat's address cannot be used.
    BadHeartbeat = 20011,
}

impl Errno {
    /// The documented number.
    pub(super) fn number(self) -> u16 {
        self as u16
    }
}
