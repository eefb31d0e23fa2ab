//! Files of sound as nobody should write them: each is read whole or refused, and nothing else.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends in a panic")]

#[path = "sound_files/any_bytes.rs"]
mod any_bytes;
#[path = "sound_files/command.rs"]
mod command;
#[path = "sound_files/making.rs"]
mod making;
#[path = "sound_files/table.rs"]
mod table;

use ivrkit::media::{
    self, playable, resample,
    source::{Error, Source},
};
use ivrkit_dialplan::scenario::Profile;
use making::{Case, Verdict};
use std::{collections::HashSet, fs};

fn read(mut source: Source<'_>) -> Result<Vec<f32>, Error> {
    let mut samples = Vec::new();
    while source.read(&mut samples)? {}
    Ok(samples)
}

/// What is wrong with how a file of the table is read, if anything.
fn check(case: &Case) -> Option<String> {
    let found = Source::of(&case.bytes).and_then(read).map(|samples| samples.len());
    let file = tempfile::Builder::new().suffix(".wav").tempfile().unwrap();
    fs::write(file.path(), &case.bytes).unwrap();
    let on_disk = Source::open(file.path()).unwrap().and_then(read).map(|samples| samples.len());
    let prompt = media::convert(&case.bytes);
    let report = playable::examine(&case.bytes, "prompt.wav", Profile::Asterisk);
    let judged_on_disk = playable::examine_file(file.path(), Profile::Asterisk).unwrap();
    // What can be converted is told so.
    let is_cured = report.refusals.iter().any(|finding| finding.cure.contains("media convert"));
    let is_told = report.is_playable() || prompt.is_err() || is_cured;
    let good = match (&case.verdict, &found) {
        (Verdict::Reads(frames), Ok(found)) => {
            let rate_hz = Source::of(&case.bytes).unwrap().rate_hz();
            let sound = 44 + 2 * resample::output_frames(*frames, rate_hz, 8_000);
            let len = prompt.as_ref().map_or(0, Vec::len);
            frames == found && (sound..=sound + 44).contains(&len)
        }
        (Verdict::Refused(words), Err(error)) => {
            prompt.is_err_and(|error| error.to_string().contains(words))
                && error.to_string().contains(words)
        }
        _ => false,
    };
    let same = match (&found, &on_disk) {
        (Ok(memory), Ok(disk)) => memory == disk,
        (Err(memory), Err(disk)) => memory.to_string() == disk.to_string(),
        _ => false,
    };
    let alike = |report: &playable::Report| (report.refusals.clone(), report.warnings.clone());
    let same = same && alike(&report) == alike(&judged_on_disk);
    let found = found.map_or_else(|error| error.to_string(), |frames| format!("{frames} frames"));
    (!good || !same || !is_told)
        .then(|| format!("{}: expected {:?}, found {found}; {report:?}", case.name, case.verdict))
}

#[test]
fn every_file_of_the_table_gets_its_verdict() {
    let table = table::table();
    let names: HashSet<_> = table.iter().map(|case| &case.name).collect();
    assert_eq!(names.len(), table.len(), "every file has a name of its own");
    assert!(table.len() >= 200, "{} files", table.len());
    let wrong: Vec<String> = table.iter().filter_map(check).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), table.len(), wrong.join("\n"));
    let read = table.iter().filter(|case| matches!(case.verdict, Verdict::Reads(_))).count();
    println!("{} files, {read} are read, {} are refused", table.len(), table.len() - read);
}

/// The seeds of the fuzz target: the files of the table that are small enough for it.
fn seeds() -> Vec<Case> {
    table::table().into_iter().filter(|case| case.bytes.len() <= 8_192).collect()
}

#[test]
fn every_seed_of_the_fuzz_target_holds() {
    for case in seeds() {
        println!("{}", case.name);
        any_bytes::check(&case.bytes);
    }
}

/// A seed that is cut off anywhere, or has any byte of its head changed.
#[test]
fn every_seed_holds_when_it_is_damaged() {
    for case in seeds() {
        println!("{}", case.name);
        let bytes = &case.bytes;
        for end in (0..bytes.len()).step_by(37) {
            any_bytes::check(&bytes[..end]);
        }
        for at in (0..bytes.len().min(120)).step_by(3) {
            let mut changed = bytes.clone();
            changed[at] ^= 0xFF;
            any_bytes::check(&changed);
        }
    }
}

#[test]
fn every_finding_of_the_fuzz_target_holds_now() {
    let folder = fs::read_dir("tests/fuzz_findings/sound").expect("the findings are kept there");
    let findings: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    assert!(!findings.is_empty(), "no finding is left");
    for path in findings {
        println!("{}", path.display());
        any_bytes::check(&fs::read(path).unwrap());
    }
}

/// Writes the seeds to the folder that `IVRKIT_SEEDS` names, for `fuzz/run`.
#[test]
#[ignore = "writes files for fuzz/run"]
fn write_seeds() {
    let folder = std::path::PathBuf::from(std::env::var_os("IVRKIT_SEEDS").unwrap());
    for (number, case) in seeds().into_iter().enumerate() {
        fs::write(folder.join(number.to_string()), case.bytes).unwrap();
    }
}
