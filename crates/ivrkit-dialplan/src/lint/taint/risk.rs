//! What can be at risk, and which characters it takes.

use super::Taint;
use crate::{application::behaviour::Danger, dialplan::pattern::Class};

/// What a caller's text can do where it gets to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::lint) enum Risk {
    /// A shell runs it.
    Shell,
    /// A database runs it.
    Sql,
    /// It becomes a part of an address that is asked for.
    Url,
    /// It adds a callee or options to `Dial`.
    Dial,
    /// It is the number that a trunk is given.
    Trunk,
    /// It names a file.
    File,
    /// It names a program or script.
    Program,
    /// It names an application.
    Application,
    /// It is expanded again.
    Evaluation,
    /// It becomes a header.
    Header,
    /// It names a context, or can get before one.
    Context,
    /// It is the password that is asked for.
    Password,
}

impl Risk {
    /// The risk behind a danger; those of applications and their names are looked at by themselves.
    pub(super) fn of(danger: Danger) -> Option<Self> {
        Some(match danger {
            Danger::Shell => Self::Shell,
            Danger::Sql => Self::Sql,
            Danger::Url => Self::Url,
            Danger::Dial => Self::Dial,
            Danger::File => Self::File,
            Danger::Program => Self::Program,
            Danger::Evaluation => Self::Evaluation,
            Danger::Header => Self::Header,
            Danger::Application => return None,
        })
    }

    /// Whether a value can do harm here.
    pub(super) fn is_run(self, taint: &Taint) -> bool {
        let starts_a_name = !taint.begins_with_digit;
        match self {
            Self::Trunk => taint.is_long && taint.class.meets(self.bytes()),
            Self::Application | Self::Context => starts_a_name && taint.class.meets(self.bytes()),
            _ => taint.class.meets(self.bytes()),
        }
    }

    /// The characters that do the harm.
    fn bytes(self) -> Class {
        let text: &[u8] = match self {
            Self::Shell => b";|&$`<>\n",
            Self::Sql => b"'\";",
            Self::Url => b"&?/%@",
            Self::Dial => b"&,/",
            Self::Trunk => b"0123456789",
            Self::File | Self::Program => b"/",
            Self::Application => b"a",
            Self::Evaluation => b"$",
            Self::Header => b"\n",
            Self::Context => b",",
            Self::Password => return Class::ALL,
        };
        Class::of_bytes(text.iter().copied())
    }
}
