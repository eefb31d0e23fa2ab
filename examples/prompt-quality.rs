//! Measures the conversion of prompts against other tools: `cargo run --example prompt-quality`.
//!
//! Worst figures of 36 kinds of sources for ivrkit, and for sox and ffmpeg if they are installed, as
//! the table of docs/prompts.md. The measuring is that of the tests.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on ends in a panic")]

#[path = "../tests/media/measure.rs"]
mod measure;
#[path = "../tests/media/sound.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod sound;

use measure::{Figures, combinations, measure};
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

/// A tool and its arguments; `IN` and `OUT` stand for the files.
const TOOLS: [(&str, &str); 4] = [
    ("sox", "sox IN -r 8000 -c 1 -b 16 OUT"),
    ("sox -D", "sox -D IN -r 8000 -c 1 -b 16 OUT"),
    ("ffmpeg swr", "ffmpeg -v error -y -i IN -ar 8000 -ac 1 -c:a pcm_s16le OUT"),
    (
        "ffmpeg soxr",
        "ffmpeg -v error -y -i IN -af aresample=resampler=soxr -ar 8000 -ac 1 -c:a pcm_s16le OUT",
    ),
];

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let mut columns =
        vec![("ivrkit", worst(&|bytes| samples(&ivrkit::media::convert(bytes).unwrap())))];
    for (name, command) in TOOLS {
        let program = command.split(' ').next().unwrap();
        if Command::new(program).arg("--help").output().is_ok() {
            columns.push((name, worst(&|bytes| by_tool(command, folder.path(), bytes))));
        }
    }
    print_table(&columns);
}

fn worst(convert: &dyn Fn(&[u8]) -> Vec<i16>) -> Figures {
    let all = combinations().into_iter().map(|source| measure(&source, convert));
    all.reduce(Figures::worst).unwrap()
}

fn by_tool(command: &str, folder: &Path, bytes: &[u8]) -> Vec<i16> {
    let (source, out) = (folder.join("in.wav"), folder.join("out.wav"));
    fs::write(&source, bytes).unwrap();
    let words: Vec<String> = command
        .split(' ')
        .map(|word| match word {
            "IN" => source.display().to_string(),
            "OUT" => out.display().to_string(),
            _ => word.to_owned(),
        })
        .collect();
    let mut tool = Command::new(&words[0]);
    let status = tool.args(&words[1..]).stderr(Stdio::null()).status().unwrap();
    assert!(status.success(), "{command}");
    samples(&fs::read(out).unwrap())
}

fn samples(bytes: &[u8]) -> Vec<i16> {
    hound::WavReader::new(bytes).unwrap().samples().map(Result::unwrap).collect()
}

fn print_table(columns: &[(&str, Figures)]) {
    let names: Vec<_> = columns.iter().map(|(name, _)| format!(" {name} |")).collect();
    let names = names.concat();
    println!("| |{names}\n|---|{}", "---|".repeat(columns.len()));
    let row = |title: &str, figure: &dyn Fn(&Figures) -> f64, digits: usize| {
        let cells: Vec<_> =
            columns.iter().map(|(_, figures)| format!(" {:.digits$} |", figure(figures))).collect();
        let cells = cells.concat();
        println!("| {title} |{cells}");
    };
    row("gain error, dB", &|f| f.gain_error_db, 4);
    row("flatness 100-3400 Hz, dB", &|f| f.flatness_db, 4);
    row("at 3.6 kHz, dB", &|f| f.at_3600_db, 2);
    row("at 3.8 kHz, dB", &|f| f.at_3800_db, 2);
    row("worst image, dB", &|f| f.image_db, 0);
    row("THD+N at -1 dBFS, dB", &|f| f.thdn_loud_db, 1);
    row("THD+N at -60 dBFS, dB", &|f| f.thdn_soft_db, 1);
    row("length error, samples", &|f| f.length_error, 2);
    row("delay, us", &|f| f.delay_us, 3);
    row("silence becomes, LSB", &|f| f.silence_lsb, 0);
    row("DC, LSB", &|f| f.dc_lsb, 3);
}
