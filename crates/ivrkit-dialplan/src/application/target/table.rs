//! One row for each place that an application, a function or a variable names.

use super::{Condition, Form, Nested, Part, Role, Target, label};
use crate::application::{
    Version,
    arguments::{self, Text},
    behaviour::{Place, given_option, ranges},
    by_name::ByName,
};
use std::{ops::Range, sync::LazyLock};

/// Where a place stands.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) source: Source,
    pub(super) role: Role,
}

/// How to find a place in data.
pub(super) enum Source {
    /// A label somewhere in the data, with `(arguments)` if the role is a subroutine.
    Label(Place, Form),
    /// `condition?label:label`.
    Branches,
    /// A name with arguments behind the delimiter.
    Routine(Place, Form, u8),
    /// `condition?macro:macro`.
    MacroBranches,
    /// A context for the caller's digits; the second one counts if that is not given.
    Context(Place, Part),
    /// Arguments that are context, extension and priority.
    Parts([Option<usize>; 3]),
    /// `extension@context`.
    ExtenAtContext,
    /// Said by the application itself: context, extension.
    Implied(Part, Part),
    /// The same if an option is given.
    ImpliedBy(u8, Part, Part),
    /// `Originate`: its arguments name a place if its second one is `exten`.
    Originated,
}

/// How an application's data holds other applications.
#[derive(Debug, Clone, Copy)]
pub(super) enum Inner {
    /// All of it is `application(data)`.
    All,
    /// `condition?application(data):application(data)`.
    Branches,
    /// `times?application(data)`.
    Timed,
    /// From that argument on it is the data of `Dial`.
    Dial(usize),
    /// `Originate`: the third argument is an application if the second one is `app`.
    Originated,
}

pub(super) const ROWS: &[Row] = &[
    row("Goto", Source::Label(Place::All, Form::Comma), Role::Jump),
    row("GotoIf", Source::Branches, Role::Jump),
    row("GotoIfTime", Source::Branches, Role::Jump),
    row("Gosub", Source::Label(Place::All, Form::Comma), Role::Subroutine),
    row("GosubIf", Source::Branches, Role::Subroutine),
    row("Macro", Source::Routine(Place::All, Form::Macro, b','), Role::Macro),
    row("MacroExclusive", Source::Routine(Place::All, Form::Macro, b','), Role::Macro),
    row("MacroIf", Source::MacroBranches, Role::Macro),
    row("RaiseException", Source::Implied(Part::Current, Part::Fixed("e")), Role::Jump),
    row("Dial", predial(b'b'), Role::PeerSubroutine),
    row("Dial", predial(b'B'), Role::Subroutine),
    row("Dial", jump(b'F'), Role::PeerGoesOn),
    row("Dial", jump(b'G'), Role::Both),
    row("Dial", Source::Routine(Place::Option(b'M'), Form::Macro, b'^'), Role::PeerSubroutine),
    row("Dial", Source::Routine(Place::Option(b'U'), Form::Routine, b'^'), Role::PeerSubroutine),
    row("Dial", Source::ImpliedBy(b'd', Part::Variable("EXITCONTEXT"), Part::Digits), Role::Exit),
    row("Dial", Source::ImpliedBy(b'e', Part::Current, Part::Fixed("h")), Role::PeerGoesOn),
    row("RetryDial", Source::Implied(Part::Variable("EXITCONTEXT"), Part::Digits), Role::Exit),
    row("Queue", predial(b'b'), Role::PeerSubroutine),
    row("Queue", predial(b'B'), Role::Subroutine),
    row("Queue", jump(b'F'), Role::PeerGoesOn),
    row("Queue", Source::Routine(Place::Named("macro"), Form::Macro, b','), Role::PeerSubroutine),
    row("Queue", Source::Routine(Place::Named("gosub"), Form::Routine, b','), Role::PeerSubroutine),
    row("Page", predial(b'b'), Role::PeerSubroutine),
    row("Page", predial(b'B'), Role::Subroutine),
    row("FollowMe", predial(b'b'), Role::PeerSubroutine),
    row("FollowMe", predial(b'B'), Role::Subroutine),
    row("Originate", predial(b'b'), Role::PeerSubroutine),
    row("Originate", predial(b'B'), Role::Subroutine),
    row("Originate", Source::Originated, Role::NewCall),
    row("Bridge", jump(b'F'), Role::PeerGoesOn),
    row("BackGround", Source::Context(Place::Argument(3), Part::Current), Role::Digits),
    row("WaitExten", Source::Implied(Part::Current, Part::Digits), Role::Digits),
    row("DISA", Source::Context(Place::Argument(1), Part::Fixed("disa")), Role::Digits),
    row("Directory", Source::Context(Place::Argument(1), Part::Current), Role::Digits),
    row("BackgroundDetect", Source::Implied(Part::Current, Part::Fixed("talk")), Role::Exit),
    row("BackgroundDetect", Source::Implied(Part::Current, Part::Digits), Role::Digits),
    row("VoiceMail", Source::Implied(Part::Current, Part::Fixed("a")), Role::Exit),
    row("VoiceMail", Source::Implied(Part::Current, Part::Fixed("o")), Role::Exit),
    row("VoiceMail", Source::Label(Place::Option(b'd'), Form::Context), Role::Digits),
    row("VoiceMailMain", Source::Implied(Part::Current, Part::Fixed("a")), Role::Exit),
    row(
        "MeetMe",
        Source::ImpliedBy(b'X', Part::Variable("MEETME_EXIT_CONTEXT"), Part::Digits),
        Role::Exit,
    ),
    row(
        "ChanSpy",
        Source::ImpliedBy(b'X', Part::Variable("SPY_EXIT_CONTEXT"), Part::Digits),
        Role::Exit,
    ),
    row(
        "ExtenSpy",
        Source::ImpliedBy(b'X', Part::Variable("SPY_EXIT_CONTEXT"), Part::Digits),
        Role::Exit,
    ),
    row("Park", Source::Label(Place::Option(b'c'), Form::Comma), Role::ComeBack),
    row("ParkAndAnnounce", Source::Label(Place::Option(b'c'), Form::Comma), Role::ComeBack),
    row("ChannelRedirect", Source::Label(Place::From(1), Form::Comma), Role::OtherCall),
    row("BlindTransfer", Source::Parts([Some(1), Some(0), None]), Role::OtherCall),
    row(
        "AttendedTransfer",
        Source::Implied(Part::Variable("TRANSFER_CONTEXT"), Part::Current),
        Role::OtherCall,
    ),
    row("PrivacyManager", Source::Context(Place::Argument(3), Part::Digits), Role::Question),
    row("ReadExten", Source::Context(Place::Argument(2), Part::Current), Role::Question),
];

pub(super) const FUNCTIONS: &[Row] = &[
    row("DIALPLAN_EXISTS", Source::Parts([Some(0), Some(1), Some(2)]), Role::Question),
    row("VALID_EXTEN", Source::Parts([Some(0), Some(1), Some(2)]), Role::Question),
    row("EVAL_EXTEN", Source::Label(Place::All, Form::Comma), Role::Question),
    row("EVAL_SUB", Source::Label(Place::All, Form::Comma), Role::Subroutine),
    row("PERIODIC_HOOK", Source::Parts([Some(0), Some(1), None]), Role::NewCall),
    row("HINT", Source::ExtenAtContext, Role::Question),
    row("EXTENSION_STATE", Source::ExtenAtContext, Role::Question),
];

/// Places that are named by setting a variable.
pub(super) const VARIABLES: &[Row] = &[
    row("GOTO_ON_BLINDXFR", Source::Label(Place::All, Form::Caret), Role::ComeBack),
    row("CHANNEL(hangup_handler_push)", Source::Label(Place::All, Form::Comma), Role::Handler),
    row("CHANNEL(hangup_handler_wipe)", Source::Label(Place::All, Form::Comma), Role::Handler),
    row("CHANNEL(hangup_handler_pop)", Source::Label(Place::All, Form::Comma), Role::Handler),
    row("CONNECTED_LINE_SEND_SUB", Source::Label(Place::All, Form::Comma), Role::PeerSubroutine),
    row("REDIRECTING_SEND_SUB", Source::Label(Place::All, Form::Comma), Role::PeerSubroutine),
    row("EXITCONTEXT", Source::Context(Place::All, Part::Current), Role::Exit),
    row("MEETME_EXIT_CONTEXT", Source::Context(Place::All, Part::Current), Role::Exit),
    row("SPY_EXIT_CONTEXT", Source::Context(Place::All, Part::Current), Role::Exit),
    row("TRANSFER_CONTEXT", Source::Context(Place::All, Part::Current), Role::OtherCall),
    row("FORWARD_CONTEXT", Source::Context(Place::All, Part::Current), Role::OtherCall),
];

const INNER: &[(&str, Inner)] = &[
    ("Exec", Inner::All),
    ("TryExec", Inner::All),
    ("ExecIf", Inner::Branches),
    ("ExecIfTime", Inner::Timed),
    ("RetryDial", Inner::Dial(3)),
    ("Originate", Inner::Originated),
];

static BY_NAME: LazyLock<ByName<Vec<&'static Row>>> =
    LazyLock::new(|| ROWS.iter().map(|row| (row.name, row)).collect());

const fn row(name: &'static str, source: Source, role: Role) -> Row {
    Row { name, source, role }
}

/// `context^exten^priority(arguments)`, which `Gosub` runs before the call.
const fn predial(letter: u8) -> Source {
    Source::Label(Place::Option(letter), Form::Caret)
}

/// `context^exten^priority`.
const fn jump(letter: u8) -> Source {
    Source::Label(Place::Option(letter), Form::Caret)
}

/// The rows of an application; letter case does not count.
pub(super) fn rows(application: &[u8]) -> impl Iterator<Item = &'static Row> {
    BY_NAME.find(application).into_iter().flatten().copied()
}

/// How an application's data holds other applications, if it does.
pub(super) fn inner(application: &[u8]) -> Option<Inner> {
    let row = INNER.iter().find(|row| row.0.as_bytes().eq_ignore_ascii_case(application));
    row.map(|row| row.1)
}

impl Source {
    /// Whether data can name such a place: most options have letters that are nowhere in most data.
    pub(super) fn may_be_in(&self, data: &[u8]) -> bool {
        match self {
            Self::Label(Place::Option(letter), _)
            | Self::Routine(Place::Option(letter), ..)
            | Self::ImpliedBy(letter, ..) => memchr::memchr(*letter, data).is_some(),
            _ => true,
        }
    }

    /// The places in the data of the row of that name.
    pub(super) fn targets(
        &self,
        name: &str,
        role: Role,
        data: &[u8],
        version: Version,
        text: Text,
    ) -> Vec<Target> {
        let at = |place| ranges(name, place, data, version, text).into_iter();
        match self {
            Self::Label(place, Form::Context) => {
                at(*place).filter_map(|range| label::context(range, role)).collect()
            }
            Self::Label(place, form) => {
                at(*place).filter_map(|range| one_label(data, range, *form, role, text)).collect()
            }
            Self::Branches => branches(data, role, text),
            Self::Routine(place, form, delimiter) => at(*place)
                .filter_map(|range| label::routine(data, range, *form, *delimiter, role, text))
                .collect(),
            Self::MacroBranches => macro_branches(data, text),
            Self::Context(place, otherwise) => {
                let given = at(*place).find_map(|range| label::context(range, role));
                vec![given.unwrap_or_else(|| implied(otherwise.clone(), Part::Digits, role))]
            }
            Self::Parts(places) => parts(data, *places, role, text).into_iter().collect(),
            Self::ExtenAtContext => exten_at_context(data, role, text).into_iter().collect(),
            Self::Implied(context, exten) => vec![implied(context.clone(), exten.clone(), role)],
            Self::ImpliedBy(letter, context, exten) => {
                has_option(name, *letter, data, version, text)
                    .then(|| implied(context.clone(), exten.clone(), role))
                    .into_iter()
                    .collect()
            }
            Self::Originated => originated(data, role, text).into_iter().collect(),
        }
    }
}

impl Inner {
    /// The applications that the data holds.
    pub(super) fn calls(self, data: &[u8], text: Text) -> Vec<Nested> {
        let all = 0..data.len();
        match self {
            Self::All => vec![call(data, all, Condition::Always, text)],
            Self::Branches => label::branches(data, true, text)
                .into_iter()
                .map(|(range, when)| {
                    let condition = if when { Condition::True } else { Condition::False };
                    call(data, range, condition, text)
                })
                .collect(),
            Self::Timed => label::pieces(data, all, b'?', 2, text)
                .into_iter()
                .skip(1)
                .map(|range| call(data, range, Condition::True, text))
                .collect(),
            Self::Dial(from) => rest(data, from, text)
                .map(|data| {
                    let application = Part::Fixed("Dial");
                    Nested { application, data, condition: Condition::Always }
                })
                .into_iter()
                .collect(),
            Self::Originated => originated_application(data, text).into_iter().collect(),
        }
    }
}

/// `application(data)`, or its name alone.
fn call(data: &[u8], range: Range<usize>, condition: Condition, text: Text) -> Nested {
    let open = arguments::find_plain(&data[range.clone()], b'(', text);
    let Some(open) = open.map(|open| range.start + open) else {
        let nothing = range.end..range.end;
        return Nested { application: Part::Given(range), data: nothing, condition };
    };
    let close = data[open..range.end].iter().rposition(|&byte| byte == b')');
    let end = close.map_or(range.end, |close| open + close);
    Nested { application: Part::Given(range.start..open), data: open + 1..end, condition }
}

fn one_label(
    data: &[u8],
    range: Range<usize>,
    form: Form,
    role: Role,
    text: Text,
) -> Option<Target> {
    match role {
        Role::Subroutine | Role::PeerSubroutine | Role::Handler => {
            label::subroutine(data, range, form, role, text)
        }
        _ => label::label(data, range, form, role, text),
    }
}

fn branches(data: &[u8], role: Role, text: Text) -> Vec<Target> {
    let is_subroutine = role == Role::Subroutine;
    let sides = label::branches(data, is_subroutine, text).into_iter();
    let found = sides.filter_map(|(range, when)| {
        if is_subroutine {
            let role = Role::SubroutineBranch { when };
            label::subroutine(data, range, Form::Comma, role, text)
        } else {
            label::label(data, range, Form::Comma, Role::Branch { when }, text)
        }
    });
    found.collect()
}

fn macro_branches(data: &[u8], text: Text) -> Vec<Target> {
    let sides = label::branches(data, false, text).into_iter();
    sides
        .filter_map(|(range, when)| {
            label::routine(data, range, Form::Macro, b',', Role::MacroBranch { when }, text)
        })
        .collect()
}

/// Arguments that are parts; what is left out is the current one, and priority 1.
fn parts(data: &[u8], places: [Option<usize>; 3], role: Role, text: Text) -> Option<Target> {
    let split = arguments::split(data, text);
    let given = |place: Option<usize>| place.and_then(|at| split.get(at).cloned());
    let [context, exten, priority] = places.map(given);
    let known = [&context, &exten, &priority];
    let start = known.iter().filter_map(|one| one.as_ref().map(|range| range.start)).min()?;
    let end = known.iter().filter_map(|one| one.as_ref().map(|range| range.end)).max()?;
    let part = |range: Option<Range<usize>>| range.map_or(Part::Current, Part::Given);
    Some(Target {
        whole: start..end,
        context: part(context),
        exten: part(exten),
        priority: priority.map_or(Part::Fixed("1"), Part::Given),
        arguments: None,
        form: Form::Arguments,
        role,
    })
}

fn exten_at_context(data: &[u8], role: Role, text: Text) -> Option<Target> {
    let whole = arguments::nth(data, 0, text)?;
    let parts = label::pieces(data, whole.clone(), b'@', 2, text);
    Some(Target {
        context: parts.get(1).cloned().map_or(Part::Current, Part::Given),
        exten: Part::Given(parts[0].clone()),
        priority: Part::Current,
        arguments: None,
        form: Form::Arguments,
        whole,
        role,
    })
}

fn implied(context: Part, exten: Part, role: Role) -> Target {
    let (whole, priority, form) = (0..0, Part::Fixed("1"), Form::Implied);
    Target { whole, context, exten, priority, arguments: None, form, role }
}

fn has_option(name: &str, letter: u8, data: &[u8], version: Version, text: Text) -> bool {
    given_option(name, letter, data, version, text).is_some()
}

/// The second argument of `Originate` says what the third to fifth are.
fn originated(data: &[u8], role: Role, text: Text) -> Option<Target> {
    let split = arguments::split(data, text);
    let is_exten = data[split.get(1)?.clone()].eq_ignore_ascii_case(b"exten");
    let mut target = parts(data, [Some(2), Some(3), Some(4)], role, text).filter(|_| is_exten)?;
    let is_left_out = |part: &Part| part.bytes(data).is_none_or(<[u8]>::is_empty);
    if is_left_out(&target.exten) {
        target.exten = Part::Fixed("s");
    }
    if is_left_out(&target.priority) {
        target.priority = Part::Fixed("1");
    }
    Some(target)
}

fn originated_application(data: &[u8], text: Text) -> Option<Nested> {
    let split = arguments::split(data, text);
    let is_application = data[split.get(1)?.clone()].eq_ignore_ascii_case(b"app");
    let application = split.get(2).filter(|_| is_application)?.clone();
    let nothing = application.end..application.end;
    let inner = split.get(3).cloned().unwrap_or(nothing);
    Some(Nested {
        application: Part::Given(application),
        data: inner,
        condition: Condition::NewCall,
    })
}

/// All arguments from that one on.
fn rest(data: &[u8], from: usize, text: Text) -> Option<Range<usize>> {
    arguments::split_at(data, b',', from + 1, text).get(from).cloned()
}
