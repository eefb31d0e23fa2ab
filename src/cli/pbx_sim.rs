//! `ivrkit pbx-sim`: the PBX's side of the API.

use crate::{
    cli,
    error::{Error, Exit},
    files,
    simulation::Subject,
};
use clap::{Args, ValueEnum};
use ivrkit_dialplan::{
    application::Version,
    call::Pbx,
    scenario::{Reading, Scenario},
};
use ivrkit_verifier::pbx::simulated::{
    DEFAULT_PASSWORD, DEFAULT_USER, Event, Lengths, Script, Settings, Simulator,
};
use std::{
    collections::BTreeMap,
    io::{self, Write as _},
    path::{Path, PathBuf},
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::broadcast::{Receiver, error::RecvError},
};

/// Plays the PBX's side of the API, with scripted callees.
///
/// Calls run through the dialplan that `ivrkit render` writes for the scenario, or through another
/// one.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The scenario whose IVRs calls walk through.
    scenario: PathBuf,
    /// A dialplan in place of the rendered one; the contexts that the PBX owns are added.
    #[arg(long, value_name = "FILE")]
    dialplan: Option<PathBuf>,
    /// Port to listen on, on the loopback address; 0 takes a free one.
    #[arg(long, value_name = "N", default_value_t = 8088)]
    port: u16,
    /// API user.
    #[arg(long, value_name = "NAME", default_value = DEFAULT_USER)]
    user: String,
    /// File with the API password in its first line; else the environment variable
    /// `IVRKIT_PBX_PASSWORD`, else `ivrkit-pbx-sim`.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// What callees do: YAML as docs/pbx-sim.md describes it. Without it, they pick up and are
    /// silent.
    #[arg(long, value_name = "FILE")]
    callees: Option<PathBuf>,
    /// Folder of built WAV files, whose lengths prompts then have; else lengths are estimated.
    #[arg(long, value_name = "DIR")]
    media: Option<PathBuf>,
    /// How many times faster than life calls run.
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = super::speed)]
    speed: f64,
    /// What the PBX does wrong, such as `twice` or `lost=0.1`; can be repeated.
    #[arg(long = "fault", value_name = "NAME[=VALUE]")]
    faults: Vec<String>,
    /// Seed of the dice for faults with a chance.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How events are printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// How events are printed.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// A readable line for each event.
    Text,
    /// A JSON object for each event, after one with the address.
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let (reading, scenario) = cli::sound_scenario(&arguments.scenario)?;
    let settings = settings(arguments)?;
    let pbx = pbx(arguments, &reading, &scenario)?;
    warn_of_strange_ivrs(&scenario, &settings);
    let runtime = tokio::runtime::Runtime::new().map_err(Error::Runtime)?;
    runtime.block_on(async {
        let (host, seed) = (settings.host, settings.seed);
        tracing::debug!(%host, seed, "simulated PBX starts");
        let simulator = Simulator::start(scenario, &pbx, settings).await?;
        let events = simulator.events();
        announce(arguments, &simulator);
        tokio::select! {
            () = print(events, arguments.format) => {}
            stopped = stop_signal() => stopped.map_err(Error::Runtime)?,
        }
        simulator.shutdown().await;
        Ok(Exit::Done)
    })
}

/// The dialplan that calls run through.
fn pbx(arguments: &Arguments, reading: &Reading, scenario: &Scenario) -> Result<Pbx, Error> {
    let (scenario, version) = (scenario.clone(), Version::newest());
    let Some(path) = &arguments.dialplan else {
        return Ok(Subject::of_read(&reading.source, scenario, None, None, version)?.pbx);
    };
    let ivrs: Vec<String> = scenario.ivrs.keys().map(|ivr| format!("ivr_{ivr}")).collect();
    let pbx = Subject::by_hand(path, scenario, version)?.pbx;
    for context in ivrs.iter().filter(|ivr| pbx.dialplan().context(ivr.as_bytes()).is_none()) {
        eprintln!("warning: {} has no context {context}; calls end there", path.display());
    }
    Ok(pbx)
}

/// A callee who waits for an IVR that does not exist would be silent for ever.
fn warn_of_strange_ivrs(scenario: &Scenario, settings: &Settings) {
    let known = |ivr: &str| scenario.ivrs.keys().any(|number| number.as_str() == ivr);
    for ivr in settings.callees.ivrs().into_iter().filter(|ivr| !known(ivr)) {
        eprintln!("warning: the scenario has no IVR {ivr}; what callees do there never happens");
    }
}

/// Lengths of the WAV files in a folder, by file name without ending.
///
/// # Errors
///
/// The folder or a WAV file in it cannot be read.
pub(crate) fn prompt_lengths(folder: &Path) -> Result<Lengths, Error> {
    let read_error = |source| files::Error::Read { path: folder.to_owned(), source };
    let mut lengths = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(read_error)? {
        let path = entry.map_err(read_error)?.path();
        let (Some(stem), Some("wav")) = (
            path.file_stem().and_then(|stem| stem.to_str()),
            path.extension().and_then(|ending| ending.to_str()),
        ) else {
            continue;
        };
        lengths.insert(stem.to_owned(), wav_length_ms(&path)?);
    }
    Ok(Lengths::Measured(lengths))
}

fn wav_length_ms(path: &Path) -> Result<u64, Error> {
    let wav = hound::WavReader::open(path).map_err(|error| {
        let source = match error {
            hound::Error::IoError(source) => source,
            other => io::Error::new(io::ErrorKind::InvalidData, other),
        };
        files::Error::Read { path: path.to_owned(), source }
    })?;
    Ok(u64::from(wav.duration()) * 1000 / u64::from(wav.spec().sample_rate.max(1)))
}

fn settings(arguments: &Arguments) -> Result<Settings, Error> {
    let script = match &arguments.callees {
        Some(path) => Script::read(&files::read_source(path)?)?,
        None => Script::default(),
    };
    let lengths = match &arguments.media {
        Some(folder) => prompt_lengths(folder)?,
        None => Lengths::Estimated,
    };
    Ok(Settings {
        port: arguments.port,
        user: arguments.user.clone(),
        password: password(arguments)?.into(),
        callees: script.callees,
        faults: script.faults.with(arguments.faults.iter().map(String::as_str))?,
        seed: arguments.seed,
        speed: arguments.speed,
        lengths,
        ..Settings::default()
    })
}

fn password(arguments: &Arguments) -> Result<String, Error> {
    if let Some(path) = &arguments.password_file {
        let source = files::read_source(path)?;
        return Ok(source.text().lines().next().unwrap_or_default().to_owned());
    }
    Ok(std::env::var("IVRKIT_PBX_PASSWORD").unwrap_or_else(|_| DEFAULT_PASSWORD.to_owned()))
}

/// The first line, which a program that started this one waits for.
fn announce(arguments: &Arguments, simulator: &Simulator) {
    let (address, seed) = (simulator.address(), arguments.seed);
    let line = match arguments.format {
        Format::Text => format!("simulated PBX on http://{address}, user {}, seed {seed}", arguments.user),
        Format::Json => serde_json::json!({
            "event": "listening", "address": address.to_string(), "user": arguments.user, "seed": seed,
        })
        .to_string(),
    };
    // Who closed standard output does not want to read.
    let _ = writeln!(io::stdout(), "{line}");
}

async fn print(mut events: Receiver<Event>, format: Format) {
    loop {
        let line = match events.recv().await {
            Ok(event) => match format {
                Format::Text => event.to_string(),
                Format::Json => serde_json::to_string(&event).expect("events are JSON"),
            },
            Err(RecvError::Lagged(count)) => {
                tracing::warn!(count, "events were not printed: standard output is too slow");
                continue;
            }
            Err(RecvError::Closed) => return,
        };
        let _ = writeln!(io::stdout(), "{line}");
    }
}

async fn stop_signal() -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
