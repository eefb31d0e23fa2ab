//! Yeastar S-series PBXs over their API v1.1.0.
//!
//! [`message`] has the shapes and their tolerant reading, [`session`] the rules of login, token and
//! answers without any input or output, [`client`] the HTTP. The protocol as the vendor's API guides
//! and examples describe it, and the oddities seen, stand at the places that deal with them.

pub mod client;
pub mod message;
pub mod session;

pub use client::Client;
