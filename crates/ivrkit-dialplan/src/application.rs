//! Asterisk's applications and dialplan functions: which version has which, and what each does.
//!
//! [`application`] and [`function`] find an entry of the catalogue; [`arguments`] splits what an
//! application is given as Asterisk splits it; [`target`] finds the places that a call can go to,
//! [`behaviour`] says how an application affects the call, [`technology`] which channel
//! technologies there are and [`third_party`] what other people's modules bring along.
//!
//! The JSON files beside this one are written by `tests/asterisk/catalogue`, which asks the real
//! daemons; `tests/catalogue.rs` holds the two against each other. Must not guess: what is not
//! known of a version is [`Presence::Unknown`], and a rule stays silent on it.

pub mod arguments;
pub mod behaviour;
pub mod target;
pub mod technology;
pub mod third_party;

mod by_name;
mod catalogue;
mod version;

pub use catalogue::{
    Access, Argument, Entry, Known, Module, OptionLetter, Presence, Syntax, application,
    applications, function, functions, module, modules, nearest_application, nearest_function,
};
pub use version::{UnknownVersion, Version};

pub(crate) use by_name::ByName;
pub(crate) use catalogue::letters;
