//! Pictures of call flows: from files to a graph, and from a graph to Mermaid, DOT, SVG or HTML.
//!
//! What a graph holds is decided in `ivrkit_dialplan::graph`; here files are read, the linter's
//! findings are added, and each form has a file that writes it. Must not say where calls go.

mod dot;
mod html;
mod layout;
mod mermaid;
mod svg;
mod symbol;
mod transcript;
mod wrap;

use crate::media::manifest::{self, Manifest};
use crate::{
    error::Exit,
    files,
    lint::{
        Kept, LocatedFinding,
        config::Configs,
        inputs::{self, Dialplan, Kind, Rendering},
        located,
        run::{self, Options as LintOptions},
    },
};
use clap::ValueEnum;
use ivrkit_dialplan::{
    application::Version,
    graph::{Graph, LineKind, Mark, Spot, Visit, dialplan, scenario},
    lint::{Finding, Settings, Subject},
    scenario::{Profile, Scenario},
    syntax::Lines,
};
use std::{
    collections::HashMap,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
};

/// Most nodes of a picture that is laid out here: of more nobody could find anything.
const MAX_LAID_OUT: usize = 300;
/// Most edges that Mermaid draws unless its page says otherwise.
const MAX_MERMAID_EDGES: usize = 500;
/// Most nodes of what another program lays out.
const MAX_NODES: usize = 5_000;

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// For Markdown pages that show Mermaid diagrams.
    Mermaid,
    /// For Graphviz.
    Dot,
    /// A picture.
    Svg,
    /// A page with the picture and the list of findings.
    Html,
}

/// What is drawn, and how much is said about it.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The context that calls begin in; all of the dialplan by default.
    pub context: Option<String>,
    /// The transcript of a call that is shown.
    pub path: Option<PathBuf>,
    /// Whether findings are marked.
    pub has_findings: bool,
    /// The kind of PBX that a scenario is rendered for; its own by default.
    pub profile: Option<Profile>,
    /// The Asterisk that the dialplan is for.
    pub asterisk: Option<Version>,
    /// The folder that prompts were built into; a dialplan shows what they say.
    pub media: Option<PathBuf>,
}

/// A picture that cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The dialplan or the scenario cannot be used.
    #[error(transparent)]
    Input(#[from] inputs::Error),
    /// The transcript cannot be used.
    #[error(transparent)]
    Transcript(#[from] transcript::Error),
    /// Asterisk loads nothing.
    #[error("cannot draw {}: Asterisk does not load it; see `ivrkit show`", path.display())]
    NotLoaded {
        /// The dialplan.
        path: PathBuf,
    },
    /// Nothing to draw.
    #[error("cannot draw {}: it has no extensions", path.display())]
    Nothing {
        /// The dialplan.
        path: PathBuf,
    },
    /// The context that is asked for is not there.
    #[error("there is no context `{context}` in {}; known: {known}", path.display())]
    NoContext {
        /// The dialplan.
        path: PathBuf,
        /// What was asked for.
        context: String,
        /// Those there are.
        known: String,
    },
    /// The manifest of the prompts cannot be used.
    #[error("cannot use the manifest of {}: {source}", folder.display())]
    Manifest {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: manifest::Error,
    },
    /// Nothing was built into the folder.
    #[error("{} has no manifest of built prompts; `ivrkit media build` writes one", .0.display())]
    NotBuilt(PathBuf),
    /// A scenario has no contexts.
    #[error("--context is for dialplans; {} is a scenario", path.display())]
    ContextOfScenario {
        /// The scenario.
        path: PathBuf,
    },
    /// No step of the transcript is in the picture.
    #[error("none of the {count} steps of {} is in the picture: is it of another dialplan?", path.display())]
    OtherPath {
        /// The transcript.
        path: PathBuf,
        /// How many steps it has.
        count: usize,
    },
    /// Nobody could read the picture.
    #[error(
        "the picture would have {found} {what}, more than the {max} that {form} can show; draw what \
         one context reaches with --context{advice}"
    )]
    TooLarge {
        /// How many there would be.
        found: usize,
        /// Of what.
        what: &'static str,
        /// How many there may be.
        max: usize,
        /// The form that was asked for.
        form: &'static str,
        /// What else could be done.
        advice: &'static str,
    },
}

impl Error {
    /// The exit code this ends a command with.
    pub fn exit(&self) -> Exit {
        match self {
            Self::ContextOfScenario { .. } => Exit::Usage,
            _ => Exit::Input,
        }
    }
}

/// Whether a file is a scenario; else it is taken for a dialplan.
///
/// # Errors
/// A file that cannot be read, or is neither of both.
pub fn is_scenario(path: &Path) -> Result<bool, Error> {
    Ok(inputs::kind(path)? == Kind::Scenario)
}

/// The graph of a dialplan.
///
/// # Errors
/// A file that cannot be used, or does not have what the options name.
pub fn of_dialplan(path: &Path, options: &Options) -> Result<Graph, Error> {
    let (dialplan, settings) = single(path, options, vec![Profile::Asterisk])?;
    let reading = &dialplan.reading;
    if reading.dialplan.is_refused {
        return Err(Error::NotLoaded { path: path.to_owned() });
    }
    let found = if options.has_findings { reading.lint(&settings) } else { Vec::new() };
    let subject = Subject::new(reading, &settings);
    let title = title(path);
    let begin = options.context.as_deref();
    let mut drawn = dialplan::of(&subject, &title, &reading.secrets(), begin);
    if drawn.graph.nodes.is_empty() {
        return Err(Error::Nothing { path: path.to_owned() });
    }
    let group = begin.map(|name| group(&drawn, path, name)).transpose()?;
    if let Some(folder) = &options.media {
        add_texts(&mut drawn.graph, folder)?;
    }
    for (finding, located) in with_places(&dialplan, &found) {
        let node = drawn.node_at(finding.place);
        drawn.graph.mark(mark(&located, node));
    }
    follow_call(options, |visits| {
        let spots: Vec<_> = visits.iter().map(|visit| drawn.find(visit)).collect();
        drawn.graph.follow(&spots)
    })?;
    let mut graph = drawn.graph;
    if let Some(group) = group {
        graph.limit_to(group);
    }
    Ok(graph)
}

/// The graph of a scenario that was read from a file.
///
/// # Errors
/// A scenario that cannot be rendered, or a transcript that cannot be used.
pub fn of_scenario(path: &Path, scenario: &Scenario, options: &Options) -> Result<Graph, Error> {
    if options.context.is_some() {
        return Err(Error::ContextOfScenario { path: path.to_owned() });
    }
    let mut drawn = scenario::of(scenario);
    if options.has_findings {
        let profile = options.profile.unwrap_or(scenario.profile);
        let (dialplan, settings) = single(path, options, vec![profile])?;
        let found = dialplan.reading.lint(&settings);
        let contexts = Contexts::of(&dialplan);
        for (finding, located) in with_places(&dialplan, &found) {
            let node = contexts.at(finding).and_then(|context| drawn.node_of_context(context));
            drawn.graph.mark(mark(&located, node));
        }
    }
    follow_call(options, |visits| {
        let spots: Vec<Option<Spot>> = visits.iter().map(|visit| drawn.find(visit)).collect();
        drawn.graph.follow(&spots)
    })?;
    Ok(drawn.graph)
}

/// Adds what the prompts say that a dialplan plays, as the build recorded it.
fn add_texts(graph: &mut Graph, folder: &Path) -> Result<(), Error> {
    let manifest = Manifest::read(folder)
        .map_err(|source| Error::Manifest { folder: folder.to_owned(), source })?
        .ok_or_else(|| Error::NotBuilt(folder.to_owned()))?;
    let text = |name: &str| manifest.files.get(&format!("{name}.wav"))?.text.as_deref();
    let lines = graph.nodes.iter_mut().flat_map(|node| &mut node.lines);
    for line in lines.filter(|line| line.kind == LineKind::Prompt) {
        let Some((application, names)) = line.text.split_once(": ") else { continue };
        let said = names.split(" & ").map(|name| match text(name) {
            Some(text) => format!("{name}: {text}"),
            None => name.to_owned(),
        });
        let said = said.collect::<Vec<_>>().join(" & ");
        line.text = format!("{application}: {said}");
    }
    Ok(())
}

/// Writes a graph: the same text for the same graph.
///
/// # Errors
/// [`Error::TooLarge`].
pub fn write(graph: &Graph, form: Form) -> Result<String, Error> {
    check_size(graph, form)?;
    Ok(match form {
        Form::Mermaid => mermaid::write(graph),
        Form::Dot => dot::write(graph),
        Form::Svg => svg::write(graph),
        Form::Html => html::write(graph),
    })
}

fn check_size(graph: &Graph, form: Form) -> Result<(), Error> {
    let (nodes, edges) = (graph.nodes.len(), graph.edges.len());
    let other = ", or use --format dot and Graphviz";
    let (found, what, max, form, advice) = match form {
        Form::Mermaid if nodes <= MAX_NODES => {
            (edges, "edges", MAX_MERMAID_EDGES, "Mermaid", other)
        }
        Form::Svg => (nodes, "boxes", MAX_LAID_OUT, "SVG", other),
        Form::Html => (nodes, "boxes", MAX_LAID_OUT, "a page", other),
        Form::Mermaid | Form::Dot => (nodes, "boxes", MAX_NODES, "any program", ""),
    };
    if found > max {
        return Err(Error::TooLarge { found, what, max, form, advice });
    }
    Ok(())
}

/// Reads the one dialplan that a file is, or is rendered to.
fn single(
    path: &Path,
    options: &Options,
    profiles: Vec<Profile>,
) -> Result<(Dialplan, Settings), Error> {
    let lint = LintOptions {
        asterisk: options.asterisk,
        rendering: Rendering { profiles, templates: None },
        ..LintOptions::default()
    };
    let read = run::single(path, &mut Configs::default(), &lint)?;
    read.into_iter().next().ok_or_else(|| Error::Nothing { path: path.to_owned() })
}

fn title(path: &Path) -> String {
    path.file_name()
        .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into())
}

fn group(drawn: &dialplan::DialplanGraph<'_>, path: &Path, context: &str) -> Result<usize, Error> {
    /// How many known contexts an error names.
    const MAX_NAMED: usize = 12;
    drawn.group(context).ok_or_else(|| {
        let names = drawn.graph.groups.iter().map(|group| group.name.as_str());
        let mut known = names.take(MAX_NAMED).collect::<Vec<_>>().join(", ");
        if drawn.graph.groups.len() > MAX_NAMED {
            known.push_str(", ...");
        }
        Error::NoContext { path: path.to_owned(), context: context.to_owned(), known }
    })
}

/// The findings as people read them, each with the one it was made of.
fn with_places<'a>(
    dialplan: &'a Dialplan,
    found: &'a [Finding],
) -> Vec<(&'a Finding, LocatedFinding)> {
    let mut lines = Lines::new(&dialplan.reading.dialplan.files);
    let mut places = HashMap::new();
    for finding in found {
        let at = lines.excerpt(finding.place);
        let place = (at.file.to_vec(), at.line, at.column(), finding.rule.code);
        places.entry(place).or_insert(finding);
    }
    let all = located(&dialplan.reading, found.to_vec(), Kept::NONE);
    let all = all.into_iter().filter_map(|one| {
        let file = one.place.path.as_os_str().as_bytes().to_vec();
        let place = (file, one.place.line, one.place.column, one.rule.code);
        Some((*places.get(&place)?, one))
    });
    all.collect()
}

fn mark(finding: &LocatedFinding, node: Option<usize>) -> Mark {
    let name = title(&finding.place.path);
    Mark {
        severity: finding.severity,
        rule: finding.rule.name.to_owned(),
        message: finding.message.clone().into_owned(),
        help: finding.help.as_deref().map(str::to_owned),
        place: format!("{name}:{}", finding.place.line),
        node,
    }
}

/// Shows the call of the transcript, if there is one.
fn follow_call(options: &Options, follow: impl FnOnce(&[Visit]) -> usize) -> Result<(), Error> {
    let Some(path) = &options.path else { return Ok(()) };
    let visits = transcript::read(path)?;
    if follow(&visits) == 0 {
        return Err(Error::OtherPath { path: path.clone(), count: visits.len() });
    }
    Ok(())
}

/// Which context each line of a dialplan belongs to.
struct Contexts<'a> {
    /// The file, where the section begins, and its name.
    sections: Vec<(u32, u32, &'a [u8])>,
}

impl<'a> Contexts<'a> {
    fn of(dialplan: &'a Dialplan) -> Self {
        let files = &dialplan.reading.dialplan.files;
        let sections = dialplan.reading.sections.iter();
        let placed = sections.filter_map(|one| {
            let place = files.place(one.name)?;
            Some((place.file, place.start, files.bytes(one.name)))
        });
        let mut sections: Vec<_> = placed.collect();
        sections.sort_unstable();
        Self { sections }
    }

    fn at(&self, finding: &Finding) -> Option<&'a str> {
        let place = (finding.place.file, finding.place.start);
        let after = self.sections.partition_point(|one| (one.0, one.1) <= place);
        let (file, _, name) = *self.sections.get(after.checked_sub(1)?)?;
        (file == place.0).then(|| std::str::from_utf8(name).ok()).flatten()
    }
}

/// Reads a text file for a picture.
fn read_text(path: &Path, limit: u64) -> Result<String, files::Error> {
    Ok(files::read_source_of(path, limit)?.text().to_owned())
}
