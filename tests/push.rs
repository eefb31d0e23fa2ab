//! `ivrkit push-media` as a user runs it, against real folders and a real OpenSSH server.
//!
//! One suite that every target passes (`conformance`), what goes wrong in the middle (`faults`,
//! `kills`), what is deleted (`deletion`), how a push goes on and what it tells (`life`), who may
//! connect (`login`), and what makes it fast (`speed`).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "push/conformance.rs"]
mod conformance;
#[path = "push/deletion.rs"]
mod deletion;
#[path = "support/dropbear.rs"]
mod dropbear;
#[path = "push/faults.rs"]
mod faults;
#[path = "push/hostile.rs"]
mod hostile;
#[path = "support/hostile_sftp.rs"]
mod hostile_sftp;
#[path = "push/kills.rs"]
mod kills;
#[path = "push/life.rs"]
mod life;
#[path = "push/login.rs"]
mod login;
#[path = "push/shell.rs"]
mod shell;
#[path = "push/site.rs"]
mod site;
#[path = "push/speed.rs"]
mod speed;
#[path = "push/ssh_config.rs"]
mod ssh_config;
#[path = "support/sshd.rs"]
mod sshd;
