//! Look-ups of entries: one suite that every kind of look-up passes, on real databases, and what
//! becomes of entries when those fail.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "lookups/calls.rs"]
mod calls;
#[path = "lookups/conformance.rs"]
mod conformance;
#[path = "support/databases.rs"]
mod databases;
#[path = "lookups/faults.rs"]
mod faults;
#[path = "support/server.rs"]
mod server;
#[path = "support/service.rs"]
mod service;
#[path = "lookups/site.rs"]
mod site;
