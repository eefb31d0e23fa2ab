//! What a rule is: its names, its manual page and the function that looks.

use super::{
    Application, Call, ExtensionLine, Findings, Jump, Played, Safety, Subject, Substitutions,
    Written,
};
use crate::{
    diagnostic::Severity,
    dialplan::Context,
    syntax::{File, Kind, Message, Section, Setting},
};
use serde::Serialize;

/// A rule that dialplans are held against.
#[derive(Debug)]
pub struct Rule {
    /// Kebab-case name of the bad pattern, such that "allow NAME" reads well; never reused.
    pub name: &'static str,
    /// Letter of the group and three digits; never reused.
    pub code: &'static str,
    /// What it is about.
    pub group: Group,
    /// How much a finding matters unless the settings say otherwise.
    pub severity: Severity,
    /// Where the rule comes from.
    pub origin: Origin,
    /// Whether it can mend what it finds, at best.
    pub fix: Option<Safety>,
    /// Its manual page in Markdown: the doc comment in its file.
    pub explanation: &'static str,
    /// How it looks.
    pub check: Check,
}

/// What rules are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// What Asterisk itself says while it loads. Codes begin with L.
    Load,
    /// Where a call goes on, and where it falls off the end. F.
    Flow,
    /// Which extension answers what a caller types, and how long that takes. D.
    Digits,
    /// Targets of Goto and of all else that jumps. J.
    Jumps,
    /// Sounds. P.
    Prompts,
    /// What a caller can make the PBX do. S.
    Security,
    /// `${...}` and `$[...]`. E.
    Expressions,
    /// Applications, functions and what they are given. A.
    Applications,
    /// What other versions of Asterisk lack. V.
    Versions,
    /// How the text is written; off unless asked for. Y.
    Style,
}

/// Where a rule comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Asterisk says it itself at load.
    Asterisk,
    /// `asterisklint` has it too.
    Asterisklint,
    /// No other tool has it.
    New,
}

/// How a rule looks at a dialplan. Each function is called for each thing of its kind.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// At what Asterisk says of these kinds.
    Message(&'static [Kind], fn(&Subject<'_>, &Message, &mut Findings<'_>)),
    /// At each file as it is, however often it is read; the number is that of [`crate::syntax::Place::file`].
    File(fn(&Subject<'_>, u32, &File, &mut Findings<'_>)),
    /// At each line of a file, however often the file is read.
    Written(fn(&Written<'_>, &mut Findings<'_>)),
    /// At each `name = value`, of templates and `[globals]` too.
    Line(fn(&Subject<'_>, &Section, &Setting, &mut Findings<'_>)),
    /// At each `exten` and `same` line of contexts and templates.
    Extension(fn(&ExtensionLine<'_>, &mut Findings<'_>)),
    /// At each call of an application, those inside of other calls too.
    Call(fn(&Call<'_>, &mut Findings<'_>)),
    /// At each call of the applications that the first function picks. It is asked once for each
    /// name, and so most rules cost most calls nothing.
    CallOf(fn(&Application<'_>) -> bool, fn(&Call<'_>, &mut Findings<'_>)),
    /// At each call of an application that names places of the dialplan, and these places.
    Jumps(fn(&Call<'_>, &[Jump<'_>], &mut Findings<'_>)),
    /// At each call of an application whose data holds a `$`.
    Substitutions(fn(&Call<'_>, &Substitutions, &mut Findings<'_>)),
    /// At each call that plays sounds by their names.
    Sounds(fn(&Played<'_>, &mut Findings<'_>)),
    /// At each context.
    Context(fn(&Subject<'_>, &Context, &mut Findings<'_>)),
    /// At the whole.
    Dialplan(fn(&Subject<'_>, &mut Findings<'_>)),
    /// At the comments that allow findings, once all others have looked; `suppression` does it.
    Suppression,
}

impl Check {
    pub(super) fn is_on_calls(self) -> bool {
        matches!(
            self,
            Self::Call(_)
                | Self::CallOf(..)
                | Self::Jumps(_)
                | Self::Sounds(_)
                | Self::Substitutions(_)
        )
    }
}

impl Group {
    /// All groups.
    pub const ALL: [Self; 10] = [
        Self::Load,
        Self::Flow,
        Self::Digits,
        Self::Jumps,
        Self::Prompts,
        Self::Security,
        Self::Expressions,
        Self::Applications,
        Self::Versions,
        Self::Style,
    ];

    /// Its name, as settings and machines have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Flow => "flow",
            Self::Digits => "digits",
            Self::Jumps => "jumps",
            Self::Prompts => "prompts",
            Self::Security => "security",
            Self::Expressions => "expressions",
            Self::Applications => "applications",
            Self::Versions => "versions",
            Self::Style => "style",
        }
    }

    /// The letter that the codes of its rules begin with.
    pub fn letter(self) -> char {
        match self {
            Self::Load => 'L',
            Self::Flow => 'F',
            Self::Digits => 'D',
            Self::Jumps => 'J',
            Self::Prompts => 'P',
            Self::Security => 'S',
            Self::Expressions => 'E',
            Self::Applications => 'A',
            Self::Versions => 'V',
            Self::Style => 'Y',
        }
    }

    /// Whether its rules look unless the settings say otherwise.
    pub fn is_on(self) -> bool {
        self != Self::Style
    }
}

/// Defines a rule; its doc comment becomes the manual page that `ivrkit explain` prints.
macro_rules! rule {
    (
        $(#[doc = $line:literal])+
        $visibility:vis static $rule:ident = {
            $($field:ident: $value:expr,)+
        }
    ) => {
        $(#[doc = $line])+
        $visibility static $rule: $crate::lint::Rule = $crate::lint::Rule {
            explanation: concat!($($line, "\n",)+),
            $($field: $value,)+
        };
    };
}
pub(super) use rule;
