//! The companion runtime of ivrkit: PBX clients, look-ups, the call store and the HTTP server.
//!
//! Must not hold the command line, templates, audio or uploads, nor decide where a call goes: that
//! is [`ivrkit_dialplan::verification`]'s.

pub mod pbx;
