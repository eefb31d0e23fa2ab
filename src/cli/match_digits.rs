//! `ivrkit match`: which extension of a dialplan a dialled string reaches.

use crate::{
    dialplan_files,
    error::{Error, Exit},
};
use clap::{Args, ValueEnum};
use ivrkit_dialplan::{
    application::Version,
    dialplan::{
        Dialplan, Extension,
        matching::{self, Answer, Place, Question, Verdict},
    },
};
use serde::{Serialize, Serializer};
use std::{
    borrow::Cow,
    io::{self, Write as _},
    path::PathBuf,
};

/// Says which extension a dialled string reaches, and why.
///
/// Lists what Asterisk tries, in its order: of the plain names those that begin with the digits,
/// then every pattern, the context itself before what it includes. An include with times counts as
/// if it were its time. The exit code is 0 if an extension answers, 1 if none does or Asterisk
/// refuses the file, and 3 when the file cannot be read.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A dialplan, such as extensions.conf.
    file: PathBuf,
    /// The context that the call is in.
    context: String,
    /// What is dialled.
    digits: String,
    /// The caller's number.
    #[arg(long, default_value = "")]
    caller: String,
    /// The priority that the call goes to; each one is looked up anew.
    #[arg(long, default_value_t = 1)]
    priority: i32,
    /// The Asterisk that loads it; docs/show.md names what differs.
    #[arg(long, value_name = "VERSION", default_value = "22",
        value_parser = super::loading_version_parser())]
    asterisk: Version,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// One JSON object: `answer`, `candidates`, `longer`, `can_match`, `match_more`, `switches`.
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let dialplan = dialplan_files::load_as(arguments.asterisk, &arguments.file)?;
    if dialplan.is_refused {
        eprintln!("ivrkit: Asterisk does not load {}", arguments.file.display());
        return Ok(Exit::Found);
    }
    if dialplan.context(arguments.context.as_bytes()).is_none() {
        let Arguments { file, context, .. } = arguments;
        eprintln!("ivrkit: {}: no context `{context}`, see `ivrkit show`", file.display());
        return Ok(Exit::Found);
    }
    let report = Report::of(arguments, &dialplan);
    let mut out = io::stdout().lock();
    super::printed(match arguments.format {
        Format::Text => report.write(&mut out),
        Format::Json => serde_json::to_writer(&mut out, &report)
            .map_err(io::Error::from)
            .and_then(|()| writeln!(out)),
    })?;
    Ok(if report.answer.is_some() { Exit::Done } else { Exit::Found })
}

/// The answer as machines read it.
#[derive(Serialize)]
struct Report<'a> {
    context: &'a str,
    digits: &'a str,
    caller: &'a str,
    priority: i32,
    answer: Option<Named<'a>>,
    candidates: Vec<Tried<'a>>,
    longer: Vec<Named<'a>>,
    can_match: bool,
    match_more: bool,
    switches: Vec<Cow<'a, str>>,
}

/// An extension, with the line of the priority asked for, else of its first one.
#[derive(Serialize)]
struct Named<'a> {
    context: Cow<'a, str>,
    extension: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller: Option<Cow<'a, str>>,
    file: Cow<'a, str>,
    line: u32,
}

#[derive(Serialize)]
struct Tried<'a> {
    #[serde(flatten)]
    named: Named<'a>,
    #[serde(serialize_with = "word")]
    verdict: Verdict,
}

impl<'a> Report<'a> {
    fn of(arguments: &'a Arguments, dialplan: &'a Dialplan) -> Self {
        let Arguments { context, digits, caller, priority, .. } = arguments;
        let question = Question {
            context: context.as_bytes(),
            digits: digits.as_bytes(),
            caller: caller.as_bytes(),
            priority: *priority,
        };
        let answer: Answer<'a, Extension> = matching::answer(dialplan, &question);
        let named = |place: &Place<'a, Extension>| Named::of(dialplan, place, *priority);
        let candidates = answer.candidates.iter();
        Self {
            context,
            digits,
            caller,
            priority: *priority,
            answer: answer.exact().map(named),
            candidates: candidates
                .map(|one| Tried { named: named(&one.place), verdict: one.verdict })
                .collect(),
            longer: answer.longer.iter().map(named).collect(),
            can_match: answer.can_match,
            match_more: answer.match_more(),
            switches: answer.switches.iter().map(|name| String::from_utf8_lossy(name)).collect(),
        }
    }

    fn write(&self, out: &mut impl io::Write) -> io::Result<()> {
        match &self.answer {
            Some(named) => writeln!(out, "{} answers", named.text())?,
            None if self.can_match => writeln!(out, "nothing answers yet")?,
            None => writeln!(out, "nothing answers, now or after more digits")?,
        }
        if !self.candidates.is_empty() {
            writeln!(out, "\ntried in this order:")?;
        }
        let names = self.candidates.iter().map(|tried| tried.named.text());
        let width = names.map(|name| name.chars().count()).max().unwrap_or_default();
        for Tried { named, verdict } in &self.candidates {
            writeln!(out, "  {:<width$}  {}", named.text(), self.reason(*verdict))?;
        }
        if self.match_more {
            writeln!(out, "\nmore digits could reach, so a caller who dials waits:")?;
        }
        for named in &self.longer {
            writeln!(out, "  {}", named.text())?;
        }
        for context in &self.switches {
            writeln!(out, "\nthe switches of {context} are asked first, and may know more")?;
        }
        Ok(())
    }

    fn reason(&self, verdict: Verdict) -> String {
        match verdict {
            Verdict::Answers => "answers".to_owned(),
            Verdict::Shadowed => "would answer, but another one comes before".to_owned(),
            Verdict::OtherDigits => "stands for other digits".to_owned(),
            Verdict::NeedsMore => "needs more digits".to_owned(),
            Verdict::OtherCaller => "asks for another caller".to_owned(),
            Verdict::NoPriority => format!("has no priority {}", self.priority),
        }
    }
}

impl<'a> Named<'a> {
    fn of(dialplan: &'a Dialplan, place: &Place<'a, Extension>, number: i32) -> Self {
        let Extension { key, priorities } = place.extension;
        let asked = priorities.iter().find(|one| one.number == number).unwrap_or(&priorities[0]);
        let caller = key.caller.as_ref();
        Self {
            context: String::from_utf8_lossy(place.context),
            extension: String::from_utf8_lossy(dialplan.files.bytes(priorities[0].name)),
            caller: caller.map(|caller| String::from_utf8_lossy(caller.name())),
            file: String::from_utf8_lossy(dialplan.files.origin(asked.origin)),
            line: asked.line,
        }
    }

    fn text(&self) -> String {
        let Self { context, extension, caller, file, line } = self;
        let caller = caller.as_ref().map(|caller| format!("/{caller}")).unwrap_or_default();
        format!("{extension}{caller} in {context} ({file}:{line})")
    }
}

/// The word for machines.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn word<S: Serializer>(verdict: &Verdict, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match verdict {
        Verdict::Answers => "answers",
        Verdict::Shadowed => "shadowed",
        Verdict::OtherDigits => "other-digits",
        Verdict::NeedsMore => "needs-more",
        Verdict::OtherCaller => "other-caller",
        Verdict::NoPriority => "no-priority",
    })
}
