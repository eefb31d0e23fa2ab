//! The floors of the house, held against the manifests and the sources.
//!
//! ARCHITECTURE.md says what each floor may use and must never hold; this is where it is enforced.

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn metadata() -> Metadata {
    MetadataCommand::new().current_dir(root()).exec().expect("cargo metadata runs")
}

/// Names of all that a crate links, directly or not, without what only its build or tests use.
fn links(metadata: &Metadata, name: &str) -> BTreeSet<String> {
    let names: HashMap<&PackageId, &str> =
        metadata.packages.iter().map(|package| (&package.id, package.name.as_str())).collect();
    let resolve = metadata.resolve.as_ref().expect("the dependencies are resolved");
    let nodes: HashMap<&PackageId, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let start = metadata.packages.iter().find(|package| package.name.as_str() == name);
    let mut todo = vec![&start.expect("the crate is in the workspace").id];
    let mut seen = HashSet::new();
    while let Some(id) = todo.pop() {
        let linked = nodes[id].deps.iter().filter(|dependency| {
            dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal)
        });
        todo.extend(linked.map(|dependency| &dependency.pkg).filter(|&id| seen.insert(id)));
    }
    seen.into_iter().map(|id| names[id].to_owned()).collect()
}

/// Holds one floor against what it may use of ours and what it must never link.
fn check(name: &str, ours_allowed: &[&str], never: &[&str]) {
    let links = links(&metadata(), name);
    let ours: Vec<&str> =
        links.iter().map(String::as_str).filter(|link| link.starts_with("ivrkit")).collect();
    assert_eq!(ours, ours_allowed, "what {name} uses of ours");
    let forbidden: Vec<&&str> = never.iter().filter(|never| links.contains(**never)).collect();
    assert!(forbidden.is_empty(), "{name} must never link {forbidden:?}");
}

#[test]
fn the_core_uses_nothing_of_ours_and_touches_nothing() {
    check(
        "ivrkit-dialplan",
        &[],
        &["tokio", "hyper", "rusqlite", "ssh2", "openssl", "clap", "minijinja", "hound", "rand"],
    );
}

#[test]
fn the_verifier_uses_the_core_only_and_no_workshop_tools() {
    check("ivrkit-verifier", &["ivrkit-dialplan"], &["clap", "minijinja", "hound", "ssh2"]);
}

#[test]
fn the_workshop_stands_on_both() {
    check("ivrkit", &["ivrkit-dialplan", "ivrkit-verifier"], &[]);
}

fn sources(folder: &str) -> Vec<PathBuf> {
    let files: Vec<PathBuf> = walkdir::WalkDir::new(root().join(folder))
        .into_iter()
        .map(|entry| entry.expect("the sources can be walked").into_path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .collect();
    assert!(!files.is_empty(), "{folder} has sources");
    files
}

#[test]
fn the_core_names_no_files_sockets_clocks_or_threads() {
    let banned = [
        "std::fs",
        "std::net",
        "std::env",
        "std::process",
        "std::thread",
        "std::io",
        "Instant::now",
        "SystemTime",
    ];
    for path in sources("crates/ivrkit-dialplan/src") {
        let text = fs::read_to_string(&path).expect("a source can be read");
        for name in banned {
            assert!(!text.contains(name), "{} names {name}", path.display());
        }
    }
}

#[test]
fn every_file_says_first_what_it_is_for() {
    for folder in ["src", "crates", "tests"] {
        for path in sources(folder) {
            let text = fs::read_to_string(&path).expect("a source can be read");
            assert!(text.starts_with("//!"), "{} begins without `//!`", path.display());
        }
    }
}

#[test]
fn every_crate_says_first_what_it_must_not_do() {
    for lib in
        ["src/lib.rs", "crates/ivrkit-dialplan/src/lib.rs", "crates/ivrkit-verifier/src/lib.rs"]
    {
        let text = fs::read_to_string(root().join(lib)).expect("a source can be read");
        let head: String = text.lines().take_while(|line| line.starts_with("//!")).collect();
        assert!(head.to_lowercase().contains("must not"), "{lib} does not say what it must not do");
    }
}

/// The number and the first word of each variant of `Exit`, as the code has them.
fn exit_codes() -> Vec<u8> {
    let text = fs::read_to_string(root().join("src/error.rs")).expect("a source can be read");
    let body = text.split("pub enum Exit {").nth(1).and_then(|rest| rest.split('}').next());
    body.expect("the enum is there")
        .lines()
        .filter_map(|line| line.trim().trim_end_matches(',').split_once(" = "))
        .map(|(_, code)| code.parse().expect("a code is a number"))
        .collect()
}

#[test]
fn both_readmes_document_every_exit_code() {
    for readme in ["README.md", "README.zh-CN.md"] {
        let text = fs::read_to_string(root().join(readme)).expect("the README can be read");
        let documented: Vec<u8> = text
            .lines()
            .filter_map(|line| line.strip_prefix("| ")?.split(" |").next()?.trim().parse().ok())
            .collect();
        assert_eq!(documented, exit_codes(), "the table of exit codes in {readme}");
    }
}

#[test]
fn every_dependency_has_its_reason() {
    let metadata = metadata();
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("the page can be read");
    let table = text.split("## What we build on").nth(1).expect("the section is there");
    let named: HashSet<&str> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" |").next())
        .flat_map(|cell| cell.split(", "))
        .collect();
    for package in metadata.workspace_packages() {
        let linked = package.dependencies.iter().filter(|dependency| {
            dependency.kind == DependencyKind::Normal && !dependency.name.starts_with("ivrkit")
        });
        for dependency in linked {
            assert!(
                named.contains(dependency.name.as_str()),
                "{} of {} stands in no row of ARCHITECTURE.md, \"What we build on\"",
                dependency.name,
                package.name
            );
        }
    }
}
