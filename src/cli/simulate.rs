//! `ivrkit simulate`: one call through a dialplan.

use crate::{
    error::{Error, Exit},
    lint::sounds::MediaFolder,
    report::{self, transcript},
    simulation::{self, Subject, add_media},
};
use clap::{Args, ValueEnum, builder::NonEmptyStringValueParser};
use ivrkit_dialplan::{
    application::Version,
    call::{ScriptedOutcome, Setup, What, Why},
    rehearsal::{
        CallerId, Delays, Happened, KEY_MS, LookupAnswer, Lookups, Moment, Record, Rehearsal,
        Script, Server, SoundLengths,
    },
    scenario::Profile,
    verification::{Direction, Verdict},
};
use std::{
    ffi::OsString,
    io::{self, Write as _},
    path::PathBuf,
    sync::Arc,
};

/// Where calls enter the IVRs of a scenario.
const IVRS: &str = "ivrs";

/// Runs a call through a dialplan under a virtual clock and tells what happens.
///
/// FILE is a dialplan with all that it includes, or a scenario, which is rendered first; the contexts
/// that its PBX owns are stood in for. Nothing is run and nothing is dialled: what `Dial`, `System`
/// and their like come to is said with --outcome. The exit code is 0 when the call was simulated to
/// its end, 1 when it came to something that is not simulated or Asterisk would not load the file, 2
/// when the command line is wrong, and 3 when a file cannot be read.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The dialplan, such as extensions.conf, or the scenario, a `.yaml` file.
    file: PathBuf,
    /// Context where the call enters; for a scenario `ivrs` by default.
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    context: Option<String>,
    /// Extension where the call enters: `s` by default, for a scenario its first IVR.
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    exten: Option<String>,
    /// Priority where the call enters.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(i32).range(1..))]
    priority: i32,
    /// What the caller does: `wait 2; 1; after password; 56789#; hangup`. See docs/simulate.md.
    #[arg(long, value_name = "SCRIPT", default_value = "", value_parser = script)]
    dtmf: Script,
    /// How the call is written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The caller: `NUMBER`, or `NAME <NUMBER>`.
    #[arg(long, value_name = "ID")]
    caller_id: Option<String>,
    /// A channel variable that the call begins with. Can be given more than once.
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
    /// When the call begins, with the PBX's offset from UTC: `2026-01-05T10:00:00+08:00`.
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    at: Option<Moment>,
    /// Folder with the sounds of the PBX, whose lengths count, and where the PBX has it; for a
    /// scenario its media folder by default.
    #[arg(long, value_name = "DIR[=PLACE]")]
    media: Vec<OsString>,
    /// Length of all other sounds.
    #[arg(long, value_name = "N", default_value_t = 3.0, value_parser = seconds)]
    sound_seconds: f64,
    /// What comes of an application that cannot run here: `Dial=BUSY`. Can be given more than once.
    #[arg(long, value_name = "APPLICATION=STATUS", value_parser = outcome)]
    outcome: Vec<ScriptedOutcome>,
    /// For a scenario: what the server's look-up says of an entry: `match`, `mismatch`, `unavailable`
    /// or `never`; the server takes part then. Can be given more than once.
    #[arg(long, value_name = "DIGITS=VERDICT", value_parser = lookup)]
    lookup: Vec<(String, LookupAnswer)>,
    /// The Asterisk that runs the call: 16 or 22.
    #[arg(long, value_name = "VERSION", default_value = "22", value_parser = version)]
    asterisk: Version,
    /// Kind of PBX that a scenario is rendered for; its own by default.
    #[arg(long, value_name = "NAME", value_parser = super::render::profile_parser())]
    profile: Option<Profile>,
    /// Milliseconds for which a key is held, and of the pause after it.
    #[arg(long, value_name = "MS", default_value_t = KEY_MS,
          value_parser = clap::value_parser!(u64).range(1..=60_000))]
    key_ms: u64,
    /// Seed of the random functions.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each thing that happens.
    Text,
    /// One JSON object: `file`, `length_s`, `events`.
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let subject = arguments.subject()?;
    let setup = arguments.setup(&subject)?;
    let record = arguments.record(&subject, setup)?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = match arguments.format {
        Format::Text => {
            let look = report::Look::of(&io::stdout());
            transcript::write_transcript(&mut out, &record.happenings, look)
        }
        Format::Json => {
            let files = &subject.pbx.dialplan().files;
            let file = arguments.file.to_string_lossy();
            transcript::write_json(&mut out, &file, files, &record)
        }
    };
    super::printed(written.and_then(|()| out.flush()))?;
    if let Some(undone) = &record.undone {
        eprintln!("ivrkit: the call was over before the caller could do `{undone}`");
    }
    let is_known = !matches!(ended(&record), Some(Why::NotModelled(_)));
    Ok(if is_known { Exit::Done } else { Exit::Found })
}

impl Arguments {
    fn subject(&self) -> Result<Subject, Error> {
        let subject = if simulation::is_scenario(&self.file) {
            Subject::of_scenario(&self.file, self.profile, None, self.asterisk)
        } else {
            Subject::of_dialplan(&self.file, self.asterisk)
        };
        Ok(subject?)
    }

    fn setup(&self, subject: &Subject) -> Result<Setup, Error> {
        let first = subject.scenario.as_ref().and_then(|scenario| {
            scenario.calls.outbound.as_ref().or(scenario.calls.inbound.as_ref())
        });
        let usual = if first.is_some() { IVRS } else { "default" };
        let context = self.context.as_deref().unwrap_or(usual);
        let dialplan = subject.pbx.dialplan();
        let mut names = dialplan.contexts.iter().map(|one| dialplan.files.bytes(one.name));
        if !names.any(|name| name == context.as_bytes()) {
            let (context, path) = (context.to_owned(), self.file.clone());
            return Err(simulation::Error::NoContext { context, path }.into());
        }
        let first = first.map_or("s", |number| number.as_str());
        let exten = self.exten.as_deref().unwrap_or(if context == IVRS { first } else { "s" });
        let caller = self.caller_id.as_deref().map(CallerId::parse).unwrap_or_default();
        let moment =
            self.at.unwrap_or(Moment { epoch_s: Setup::default().epoch_s, utc_offset_s: 0 });
        let variables = self.set.iter();
        let variables = variables.map(|(name, value)| (name.clone().into(), value.clone().into()));
        Ok(Setup {
            context: context.into(),
            exten: exten.into(),
            priority: self.priority,
            caller_number: caller.number,
            caller_name: caller.name,
            variables: variables.collect(),
            epoch_s: moment.epoch_s,
            utc_offset_s: moment.utc_offset_s,
            seed: self.seed,
            outcomes: self.outcome.clone(),
            ..Setup::default()
        })
    }

    fn sounds(&self, subject: &Subject) -> Result<SoundLengths, Error> {
        let others_ms = ms(self.sound_seconds);
        let mut lengths = match &subject.scenario {
            Some(scenario) => SoundLengths::of_prompts(scenario, others_ms),
            None => SoundLengths { others_ms, ..SoundLengths::default() },
        };
        for media in &self.media {
            let mut folder = MediaFolder::of(media);
            let root = subject.scenario.as_ref().map(|scenario| scenario.media.root.clone());
            folder.at = folder.at.or(root);
            let profile = subject.profile.unwrap_or(Profile::Asterisk);
            add_media(&mut lengths, &folder, profile)?;
        }
        Ok(lengths)
    }

    fn record(&self, subject: &Subject, setup: Setup) -> Result<Record, Error> {
        let sounds = self.sounds(subject)?;
        let mut by_digits: std::collections::BTreeMap<_, _> = self.lookup.iter().cloned().collect();
        let other = by_digits.remove("other");
        let lookup = Lookups { by_digits, other };
        let scenario = subject.scenario.as_ref().filter(|_| !self.lookup.is_empty());
        let server = scenario.map(|scenario| Server {
            scenario,
            direction: match scenario.calls.outbound {
                Some(_) => Direction::Outbound,
                None => Direction::Inbound,
            },
            lookup: &lookup,
            delays: Delays::default(),
        });
        let rehearsal = Rehearsal {
            pbx: Arc::new(subject.pbx.with_sounds(Arc::new(sounds))),
            setup,
            script: &self.dtmf,
            key_ms: self.key_ms,
            server,
        };
        Ok(rehearsal.run())
    }
}

/// What ended a call.
fn ended(record: &Record) -> Option<&Why> {
    match &record.end()?.what {
        Happened::Call(What::Ended { why, .. }) => Some(why),
        _ => None,
    }
}

fn script(text: &str) -> Result<Script, String> {
    Script::parse(text).map_err(|error| format!("{error} (character {})", error.at + 1))
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    if name.is_empty() {
        Err("expected a name before `=`".to_owned())
    } else {
        Ok((name.into(), value.into()))
    }
}

fn moment(text: &str) -> Result<Moment, String> {
    Moment::parse(text).ok_or_else(|| {
        "expected a moment with its offset, such as 2026-01-05T10:00:00+08:00".to_owned()
    })
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds = text.parse().ok().filter(|seconds| (0.0..=86_400.0).contains(seconds));
    seconds.ok_or_else(|| "expected seconds from 0 to 86400".to_owned())
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to a day fits")]
fn ms(seconds: f64) -> u64 {
    (seconds * 1000.0).round() as u64
}

fn outcome(text: &str) -> Result<ScriptedOutcome, String> {
    let (application, status) = pair(text)?;
    Ok(ScriptedOutcome { status: Some(status), ..ScriptedOutcome::of(&application) })
}

fn lookup(text: &str) -> Result<(String, LookupAnswer), String> {
    let (digits, verdict) = pair(text)?;
    let answer = match verdict.as_str() {
        "match" => LookupAnswer::Verdict(Verdict::Match),
        "mismatch" => LookupAnswer::Verdict(Verdict::Mismatch),
        "unavailable" => LookupAnswer::Verdict(Verdict::Unavailable),
        "never" => LookupAnswer::Never,
        _ => return Err("expected `match`, `mismatch`, `unavailable` or `never`".to_owned()),
    };
    Ok((digits, answer))
}

/// Calls are simulated as these two run them.
fn version(text: &str) -> Result<Version, String> {
    match text {
        "16" => Ok(Version::V16),
        "22" => Ok(Version::V22),
        _ => Err("expected 16 or 22".to_owned()),
    }
}
