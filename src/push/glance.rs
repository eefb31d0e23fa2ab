//! One question to a shell on the server instead of many to SFTP: is all there, and nothing else?
//!
//! A script lists the folders, adds what the manifest says (and hashes the files, if asked to), and
//! prints one hash of it all; the same hash is computed here of what the last push would have left.
//! Only when both are equal is anything concluded. The script reads and never writes. Some servers
//! show a shell another folder than SFTP: so SFTP is asked too what size and time the manifest has,
//! and the folder. Must not be needed: a server without a shell, or without these programs, is asked
//! by SFTP.

use super::{
    Error,
    manifest::{self, Manifest, Record},
    path::RelativePath,
    pipeline::Pipeline,
    plan::{self, Remote},
    source::{ContentHash, SourceFile},
    survey::Survey,
    target::{Attributes, Kind, Operation, RefusalKind, Reply, sftp::quoted},
};
use sha2::{Digest as _, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Write as _,
    sync::Arc,
};

/// Longest script: it goes in one packet of 32 KiB, and quoting makes it longer by half at most.
const MAX_SCRIPT_BYTES: usize = 20 * 1024;
/// Content below which reading it back is as fast as asking.
const LITTLE_BYTES: u64 = 64 * 1024;

/// The script that prints size and time of the manifest, those of the folder, and the hash; `None`
/// when the names of folders make it too long. Contents are hashed only when all else is as expected:
/// what others put there may be large.
pub(super) fn script(files: &BTreeMap<RelativePath, SourceFile>, verify: bool) -> Option<String> {
    script_in(&plan::folders(files), verify.then(|| Expected::of(files).hash(files)).as_deref())
}

/// The script for some folders; contents are hashed if the rest has the `expected` hash.
pub(super) fn script_in(
    folders: &BTreeSet<RelativePath>,
    expected: Option<&str>,
) -> Option<String> {
    let folders = folders.iter().map(in_find).collect::<Option<Vec<_>>>()?.join(" ");
    let listed = format!("find {folders} -mindepth 1 -maxdepth 1 -not -path ./$m");
    let state = format!(
        "{{ {listed} \\( -type f -printf 'f %s %T@ %p\\0' -o -printf '%y %p\\0' \\) | sort -z; \
         sed '/^\"run\":\"[0-9a-f]*\",$/d' $m; }} | sha256sum"
    );
    let last = if let Some(expected) = expected {
        format!(
            "h=$({state}) && test \"${{h%% *}}\" = {expected} && {listed} -type f -print0 | \
             {HASH_EACH} | sort -z | sha256sum"
        )
    } else {
        state
    };
    let script = format!(
        "m=.ivrkit-manifest.json; test -f $m && test ! -L $m || exit 3; \
         stat -c '%s %Y' $m . && {last}"
    );
    (script.len() <= MAX_SCRIPT_BYTES).then_some(script)
}

/// Prints the hash and name of each file whose name comes in. OpenSSL knows the processor's own
/// instructions, and `sha256sum` often does not; two of these at once keep their lines apart only if
/// they end them as text. A name that cannot be written so makes another answer, and SFTP is asked.
const HASH_EACH: &str = "{ if command -v openssl >/dev/null 2>&1; \
    then xargs -0 openssl dgst -sha256 -r; else xargs -0 -n 100 -P 2 sha256sum -b --; fi; } | \
    tr '\\n' '\\0'";

/// Prints the hash and name of each file, in any order.
fn hashing<'a>(paths: impl Iterator<Item = &'a RelativePath>) -> Option<String> {
    let names = paths.map(in_shell).collect::<Option<Vec<_>>>()?.join(" ");
    Some(format!("printf '%s\\0' {names} | {HASH_EACH}"))
}

fn in_find(folder: &RelativePath) -> Option<String> {
    if folder == &RelativePath::root() { Some(".".to_owned()) } else { in_shell(folder) }
}

/// A name as a word; one that could be misread by a login's own shell has none.
fn in_shell(path: &RelativePath) -> Option<String> {
    let text = std::str::from_utf8(path.as_bytes()).ok()?;
    (!text.contains(['\n', '!'])).then(|| quoted(&format!("./{text}")))
}

/// What came of the question.
pub(super) enum Glance {
    /// The shell and SFTP agree that the target has exactly what a push of these files leaves behind.
    Same(Box<Survey>),
    /// There is no manifest.
    NeverPushed,
    /// Something differs, or there is no answer.
    Unknown,
}

/// Asks whether the target has exactly what a push of these files leaves behind.
pub(super) fn glance(
    pipeline: &mut Pipeline<'_>,
    files: &BTreeMap<RelativePath, SourceFile>,
    verify: bool,
) -> Result<Glance, Error> {
    let near = pipeline.features().round_trip < super::ssh::NEAR;
    if near && !verify {
        return Ok(Glance::Unknown);
    }
    let Some(script) = script(files, verify) else { return Ok(Glance::Unknown) };
    let looks = [manifest::path(), RelativePath::root()];
    let tickets = looks.map(|path| pipeline.submit(Operation::Look(path)));
    let printed = pipeline.shell(&script)?;
    let mut looked = HashMap::new();
    while !pipeline.is_idle() {
        let (ticket, outcome) = pipeline.complete()?;
        looked.insert(ticket, outcome);
    }
    let [manifest, folder] = tickets.map(|ticket| looked.remove(&ticket));
    if matches!(&manifest, Some(Err(refusal)) if refusal.kind == RefusalKind::Missing) {
        return Ok(Glance::NeverPushed);
    }
    let [manifest, folder] = [manifest, folder].map(|outcome| match outcome {
        Some(Ok(Reply::Attributes(found))) => Some(found),
        _ => None,
    });
    let said = printed.as_deref().and_then(Said::read);
    let (Some(said), Some(manifest), Some(folder)) = (said, manifest, folder) else {
        return Ok(Glance::Unknown);
    };
    let expected = Expected::of(files);
    let hash = if verify { hash_of_contents(files) } else { expected.hash(files) };
    let same = said.is_of(&manifest, &folder) && said.hash == hash;
    if !same {
        return Ok(Glance::Unknown);
    }
    Ok(Glance::Same(Box::new(expected.survey(files, manifest, verify))))
}

/// What the script printed.
struct Said {
    manifest: (u64, u32),
    folder_modified_s: u32,
    hash: String,
}

impl Said {
    fn read(printed: &[u8]) -> Option<Self> {
        let mut lines = std::str::from_utf8(printed).ok()?.lines();
        let mut pair = || {
            let (size, time) = lines.next()?.split_once(' ')?;
            Some((size.parse().ok()?, time.parse().ok()?))
        };
        let (manifest, (_, folder_modified_s)) = (pair()?, pair()?);
        let hash = lines.next()?.split(' ').next()?.to_owned();
        Some(Self { manifest, folder_modified_s, hash })
    }

    /// Whether SFTP sees the same manifest in the same folder.
    fn is_of(&self, manifest: &Attributes, folder: &Attributes) -> bool {
        let (size_bytes, modified_s) = self.manifest;
        let same_folder = folder.kind == Kind::Link
            || (folder.kind == Kind::Folder && folder.modified_s == Some(self.folder_modified_s));
        manifest.kind == Kind::File
            && manifest.size_bytes == Some(size_bytes)
            && manifest.modified_s == Some(modified_s)
            && same_folder
    }
}

/// What a push of these files, and of nothing else before, leaves behind.
struct Expected {
    manifest: Manifest,
}

impl Expected {
    fn of(files: &BTreeMap<RelativePath, SourceFile>) -> Self {
        let record = |file: &SourceFile| Record {
            size_bytes: file.stamp.size_bytes,
            modified_s: file.stamp.modified_s(),
            hash: file.hash,
            put: true,
        };
        let files = files.iter().map(|(path, file)| (path.clone(), record(file))).collect();
        Self { manifest: Manifest { files, run: String::new() } }
    }

    /// The hash that the script prints then.
    fn hash(&self, files: &BTreeMap<RelativePath, SourceFile>) -> String {
        let mut lines: Vec<Vec<u8>> = Vec::new();
        for (path, record) in &self.manifest.files {
            let head = format!("f {} {}.0000000000 ./", record.size_bytes, record.modified_s);
            lines.push([head.as_bytes(), path.as_bytes()].concat());
        }
        for folder in plan::folders(files).iter().filter(|path| **path != RelativePath::root()) {
            lines.push([b"d ./", folder.as_bytes()].concat());
        }
        let mut hasher = Sha256::new();
        update_sorted(&mut hasher, lines);
        // The first piece has the line with the run, which the script leaves out.
        let mut first = true;
        for piece in self.manifest.lines() {
            let run = b"\"run\":\"\",\n";
            let at = piece.windows(run.len()).position(|window| first && window == run);
            let (before, after) =
                at.map_or((&piece[..], &b""[..]), |at| (&piece[..at], &piece[at + run.len()..]));
            first = false;
            hasher.update(before);
            hasher.update(after);
        }
        hex(&hasher.finalize().into())
    }

    fn survey(
        self,
        files: &BTreeMap<RelativePath, SourceFile>,
        manifest: Attributes,
        verify: bool,
    ) -> Survey {
        let folder = Attributes { kind: Kind::Folder, size_bytes: None, modified_s: None };
        let folders = plan::folders(files).into_iter().filter(|path| *path != RelativePath::root());
        let mut found: BTreeMap<_, _> = folders.map(|path| (path, folder)).collect();
        for (path, record) in &self.manifest.files {
            let (size_bytes, modified_s) = (Some(record.size_bytes), Some(record.modified_s));
            let file = Attributes { kind: Kind::File, size_bytes, modified_s };
            found.insert(path.clone(), file);
        }
        let hashes = files.iter().map(|(path, file)| (path.clone(), file.hash));
        let read_back = if verify { hashes.collect() } else { BTreeMap::new() };
        let manifest_now = Arc::new(self.manifest);
        Survey {
            manifest_head: b"{".to_vec(),
            written: Arc::clone(&manifest_now),
            remote: Remote { found, manifest: manifest_now, read_back },
            manifest_entry: Some(manifest),
            ..Survey::default()
        }
    }
}

/// The hash that the script prints when all contents are as expected.
fn hash_of_contents(files: &BTreeMap<RelativePath, SourceFile>) -> String {
    let line = |(path, file): (&RelativePath, &SourceFile)| {
        [hex(&file.hash).as_bytes(), b" *./", path.as_bytes()].concat()
    };
    let mut hasher = Sha256::new();
    update_sorted(&mut hasher, files.iter().map(line).collect());
    hex(&hasher.finalize().into())
}

fn update_sorted(hasher: &mut Sha256, mut lines: Vec<Vec<u8>>) {
    lines.sort_unstable();
    for line in lines {
        hasher.update(line);
        hasher.update([0]);
    }
}

fn hex(hash: &ContentHash) -> String {
    hash.iter().fold(String::with_capacity(64), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes everything");
        text
    })
}

/// Hashes of files as the server computes them, of those that it can: nothing if there is little to
/// hash, no shell, or one that may see another folder.
pub(super) fn hashes(
    pipeline: &mut Pipeline<'_>,
    paths: &[RelativePath],
    survey: &Survey,
) -> Result<BTreeMap<RelativePath, ContentHash>, Error> {
    let mut hashes = BTreeMap::new();
    let found = |path: &RelativePath| survey.remote.found.get(path)?.size_bytes;
    let bytes: u64 = paths.iter().filter_map(found).sum();
    let Some(manifest) = survey.manifest_entry.filter(|_| bytes > LITTLE_BYTES) else {
        return Ok(hashes);
    };
    let mut rest = paths;
    while !rest.is_empty() {
        let (now, later) = rest.split_at(fitting(rest));
        rest = later;
        let Some(hashing) = hashing(now.iter().filter(|path| in_shell(path).is_some())) else {
            continue;
        };
        let script = format!("stat -c '%s %Y' .ivrkit-manifest.json . && {hashing}");
        let Some(printed) = pipeline.shell(&script)? else { return Ok(hashes) };
        let Some((said, lines)) = split_head(&printed) else { return Ok(hashes) };
        let (size_bytes, modified_s) = said;
        if manifest.size_bytes != Some(size_bytes) || manifest.modified_s != Some(modified_s) {
            return Ok(hashes);
        }
        hashes.extend(lines.split(|byte| *byte == 0).filter_map(read_line));
    }
    hashes.retain(|path, _| paths.binary_search(path).is_ok());
    Ok(hashes)
}

/// How many of the names fit into one script, at least one.
fn fitting(paths: &[RelativePath]) -> usize {
    let mut length = 0;
    let over = paths.iter().position(|path| {
        length += path.as_bytes().len() + 6;
        length > MAX_SCRIPT_BYTES
    });
    over.unwrap_or(paths.len()).max(1)
}

/// Size and time of the manifest, and what stands behind the first two lines.
fn split_head(printed: &[u8]) -> Option<((u64, u32), &[u8])> {
    let mut parts = printed.splitn(3, |byte| *byte == b'\n');
    let (first, _, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let (size, time) = std::str::from_utf8(first).ok()?.split_once(' ')?;
    Some(((size.parse().ok()?, time.parse().ok()?), rest))
}

fn read_line(line: &[u8]) -> Option<(RelativePath, ContentHash)> {
    let (hash, name) = line.split_at_checked(64)?;
    let path = RelativePath::new(name.strip_prefix(b" *./")?).ok()?;
    Some((path, manifest::read_hash(std::str::from_utf8(hash).ok()?)?))
}

#[cfg(test)]
mod tests;
