//! `ivrkit push-media` as a user runs it, against real folders and a real OpenSSH server.
//!
//! One suite that every target passes (`conformance`), what goes wrong in the middle (`faults`),
//! who may connect (`login`), and what makes it fast (`speed`).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "push/conformance.rs"]
mod conformance;
#[path = "push/faults.rs"]
mod faults;
#[path = "push/login.rs"]
mod login;
#[path = "push/site.rs"]
mod site;
#[path = "push/speed.rs"]
mod speed;
#[path = "support/sshd.rs"]
mod sshd;
