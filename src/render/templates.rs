//! The templates: built in, and replaced one by one by the files of a folder.
//!
//! Must not know what a dialplan is.

use super::{Error, escape, page::Page};
use crate::files;
use minijinja::{
    AutoEscape, Environment, UndefinedBehavior, Value, syntax::SyntaxConfig, value::Serde,
};
use std::{
    collections::BTreeMap,
    error::Error as _,
    io::ErrorKind,
    path::{Path, PathBuf},
};

/// The template that a dialplan is rendered from; it imports the one of the profile.
const MAIN: &str = "dialplan.conf.j2";

const BUILT_IN: &[(&str, &str)] = &[
    (MAIN, include_str!("../../templates/dialplan.conf.j2")),
    ("asterisk.conf.j2", include_str!("../../templates/asterisk.conf.j2")),
    ("yeastar-s.conf.j2", include_str!("../../templates/yeastar-s.conf.j2")),
];

/// A set of templates, ready to render.
pub(super) struct Templates {
    environment: Environment<'static>,
    /// The files that replace built-in templates, by name.
    replaced: BTreeMap<String, PathBuf>,
}

/// The names that a folder can replace, for messages.
pub(super) fn names() -> String {
    BUILT_IN.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

impl Templates {
    /// The built-in templates, with those of the folder in place of their namesakes.
    pub(super) fn new(folder: Option<&Path>) -> Result<Self, Error> {
        let mut sources: BTreeMap<String, String> =
            BUILT_IN.iter().map(|&(name, text)| (name.to_owned(), text.to_owned())).collect();
        let replaced = folder.map(template_files).transpose()?.unwrap_or_default();
        for (name, path) in &replaced {
            sources.insert(name.clone(), files::read_source(path)?.text().to_owned());
        }
        let mut templates = Self { environment: environment(), replaced };
        for (name, text) in sources {
            let added = templates.environment.add_template_owned(name, text);
            added.map_err(|error| templates.error(&error))?;
        }
        Ok(templates)
    }

    /// Renders the dialplan.
    pub(super) fn render(&self, page: &Page) -> Result<String, Error> {
        let template = self.environment.get_template(MAIN).expect("it is built in");
        template.render(Value::from(Serde(page))).map_err(|error| self.error(&error))
    }

    /// The innermost place is where the mistake is; the outer ones only lead to it.
    fn error(&self, error: &minijinja::Error) -> Error {
        let mut innermost = error;
        while let Some(source) = innermost.source().and_then(|source| source.downcast_ref()) {
            innermost = source;
        }
        let name = innermost.name().or(error.name()).unwrap_or(MAIN);
        let template = self.replaced.get(name).map(|path| path.display().to_string());
        let kind = innermost.kind();
        Error::Template {
            template: template.unwrap_or_else(|| name.to_owned()),
            line: innermost.line().or(error.line()).unwrap_or(0),
            problem: innermost.detail().map_or(kind.to_string(), |what| format!("{kind}: {what}")),
        }
    }
}

/// The files of the folder that end in `.j2`, at least one of which replaces a built-in template; the
/// others can be included from it.
fn template_files(folder: &Path) -> Result<BTreeMap<String, PathBuf>, Error> {
    let failed = |source: std::io::Error| match source.kind() {
        ErrorKind::NotADirectory => Error::NotAFolder { path: folder.to_owned() },
        _ => files::Error::Read { path: folder.to_owned(), source }.into(),
    };
    let mut found = BTreeMap::new();
    for entry in folder.read_dir().map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.path().extension().is_some_and(|ending| ending == "j2") {
            found.insert(entry.file_name().to_string_lossy().into_owned(), entry.path());
        }
    }
    if BUILT_IN.iter().any(|(name, _)| found.contains_key(*name)) {
        Ok(found)
    } else {
        Err(Error::NothingReplaced { path: folder.to_owned() })
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build();
    environment.set_syntax(syntax.expect("the usual delimiters do not clash"));
    // With escaping on, what a macro wrote is not escaped a second time.
    environment.set_auto_escape_callback(|_| AutoEscape::Custom("dialplan".into()));
    environment.set_debug(true);
    escape::install(&mut environment);
    environment
}
