//! A stock Asterisk over its manager interface (AMI), running a dialplan that ivrkit rendered.
//!
//! [`packet`] frames what goes over the line, [`channels`] makes reports of events, [`session`] holds
//! the rules of login, requests and lists without any input or output, [`client`] the connection.
//! Facts about AMI are Asterisk's own documentation and source (`main/manager.c`), seen on 16 and 22.

pub mod channels;
pub mod client;
pub mod packet;
pub mod session;

pub use client::Client;
