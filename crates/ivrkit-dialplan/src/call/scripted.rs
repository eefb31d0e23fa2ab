//! What a test or a user says will come of applications and functions that cannot run here.
//!
//! What an outcome means for the call is with the applications: here are its form, and which one
//! is taken when.

use super::line::Line;

/// What comes of an application that is not run, such as `Dial` or `AGI`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScriptedOutcome {
    /// The application's name; letter case does not count.
    pub application: String,
    /// What its data must contain; empty for anything.
    pub data_contains: Vec<u8>,
    /// How often it comes to this before the next outcome that fits is taken; none for ever.
    pub times: Option<u32>,
    /// What the application's own status variable becomes, such as `DIALSTATUS` of `Dial`; none for
    /// what means that all went well: `ANSWER` of `Dial`, else `SUCCESS` or its like.
    pub status: Option<String>,
    /// How long it takes in milliseconds until it comes to the status; none for at once, or, if
    /// nobody answers a `Dial`, for as long as it rings.
    pub takes_ms: Option<u64>,
    /// How long is talked after an answer, in milliseconds; none if the peer does not hang up.
    pub talk_ms: Option<u64>,
    /// Who ends it.
    pub ended_by: EndedBy,
    /// The hang-up cause that the channel is left with; none for what the status brings with it.
    pub cause: Option<u32>,
    /// The variables and functions that it sets, after the status.
    pub sets: Vec<(Vec<u8>, Vec<u8>)>,
    /// Where the call goes on, as `Goto` is told, such as a script of `AGI` may set; none for the
    /// next priority.
    pub goes_to: Option<Vec<u8>>,
}

/// Who ends a call within a scripted application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EndedBy {
    /// The other end, or the application itself. Whether the call goes on then is the
    /// application's business.
    #[default]
    Peer,
    /// The application ends the call whatever its status is.
    Application,
    /// The caller hangs up at that moment.
    Caller,
}

/// What a function is worth that cannot be asked here, such as `ODBC_LOOKUP` or `CURL`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScriptedFunction {
    /// The function as it is asked for, `DB(codes/1)`, or its name alone for whatever arguments.
    pub call: Vec<u8>,
    /// Its value.
    pub value: Vec<u8>,
    /// How often it has this value before the next one that fits is taken; none for ever.
    pub times: Option<u32>,
}

impl ScriptedOutcome {
    /// An application that does its work at once, and all goes well.
    pub fn of(application: &str) -> Self {
        Self { application: application.to_owned(), ..Self::default() }
    }

    fn is_of(&self, application: &[u8]) -> bool {
        self.application.as_bytes().eq_ignore_ascii_case(application)
    }
}

impl ScriptedFunction {
    fn is_for(&self, name: &[u8]) -> bool {
        let open = self.call.iter().position(|&byte| byte == b'(').unwrap_or(self.call.len());
        self.call[..open] == *name
    }

    fn fits(&self, name: &[u8], arguments: &[u8]) -> bool {
        let rest = self.call.strip_prefix(name);
        rest.is_some_and(|rest| {
            let given = rest.strip_prefix(b"(").and_then(|rest| rest.strip_suffix(b")"));
            rest.is_empty() || given == Some(arguments)
        })
    }
}

impl Line {
    /// Whether there are outcomes for an application, used up or not.
    pub(super) fn has_outcomes(&self, application: &[u8]) -> bool {
        self.with(|channel| {
            let outcomes = &channel.setup.outcomes;
            outcomes.iter().any(|one| one.is_of(application))
        })
    }

    /// What comes of an application with its data; each time that is asked counts as one.
    pub(super) fn take_outcome(&self, application: &[u8], data: &[u8]) -> Option<ScriptedOutcome> {
        self.with(|channel| {
            let (outcomes, taken) = (&channel.setup.outcomes, &mut channel.outcomes_taken);
            let mut all = outcomes.iter().zip(taken);
            let (outcome, taken) = all.find(|(one, taken)| {
                one.is_of(application)
                    && contains(data, &one.data_contains)
                    && one.times.is_none_or(|times| **taken < times)
            })?;
            *taken = taken.saturating_add(1);
            Some(outcome.clone())
        })
    }

    /// Whether any value is scripted for a function.
    pub(super) fn is_scripted(&self, function: &[u8]) -> bool {
        self.with(|channel| channel.setup.functions.iter().any(|one| one.is_for(function)))
    }

    /// The value that is scripted for a function; each time that is asked counts as one.
    pub(super) fn scripted_value(&self, function: &[u8], arguments: &[u8]) -> Option<Vec<u8>> {
        self.with(|channel| {
            let (values, taken) = (&channel.setup.functions, &mut channel.values_taken);
            let mut all = values.iter().zip(taken);
            let (value, taken) = all.find(|(one, taken)| {
                one.fits(function, arguments) && one.times.is_none_or(|times| **taken < times)
            })?;
            *taken = taken.saturating_add(1);
            Some(value.value.clone())
        })
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(text, part).is_some()
}
