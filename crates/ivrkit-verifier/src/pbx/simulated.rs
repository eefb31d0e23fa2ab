//! A simulated PBX.

mod callee;
mod event;
mod fault;
mod keypad;
mod length;
mod person;
mod value;
mod walk;
