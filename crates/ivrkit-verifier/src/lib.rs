//! The companion runtime of ivrkit: PBX clients, look-ups, the call store and the HTTP server.
//!
//! [`serve()`] runs the application server: it logs in to the PBX, starts calls when asked to, takes
//! the PBX's reports and steers each call where the
//! [verification machine](ivrkit_dialplan::verification) says. Rooms, from the outside in:
//! [`http`] (what others send us), [`driver`] (the one event loop), [`pbx`] (what we send the PBX),
//! [`lookup`] (right or wrong), [`store`] (what survives a crash).
//!
//! Must not hold the command line, templates, audio or uploads, nor decide where a call goes: that
//! is the machine's.

mod clock;
pub mod config;
mod crypto;
pub mod driver;
pub mod http;
pub mod lookup;
mod metrics;
pub mod number;
pub mod pbx;
pub mod remote;
pub mod secret;
mod serve;
pub mod shutdown;
pub mod store;
mod web;

pub use config::Config;
pub use serve::{Error, Running, serve};
