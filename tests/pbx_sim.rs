//! `ivrkit pbx-sim` as a process: its first line, its events, its end, and what it says of bad input.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as expected")]

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

const SCENARIO: &str = "crates/ivrkit-verifier/tests/fixtures/simulated.yaml";

/// A running simulator; killed if a test ends early.
struct Running {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut child = command(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    fn line(&mut self) -> String {
        self.lines.next().unwrap().unwrap()
    }

    /// Sends a signal by its name; gives the exit code.
    fn stop(mut self, signal: &str) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ivrkit"));
    command.arg("pbx-sim").args(arguments);
    command
}

/// Sends a request and gives the whole answer.
fn post(address: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(stream, "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{body}")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn prints_its_address_then_a_line_for_each_event_and_ends_on_a_signal() {
    let mut simulator = Running::start(&[SCENARIO, "--port", "0", "--speed", "100", "--seed", "7"]);
    let first = simulator.line();
    let address = first.strip_prefix("simulated PBX on http://").unwrap();
    let (address, rest) = address.split_once(',').unwrap();
    assert_eq!(rest, " user ivrkit, seed 7");
    let answer = post(address, "/simulator/dial_in", r#"{"from":"13900001111"}"#);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let shown: Vec<_> = (0..4).map(|_| simulator.line()).collect();
    assert_eq!(shown[0], "    0.00 s  13900001111    dialled, for IVR 6500");
    assert_eq!(shown[2], "    0.00 s  13900001111    enters IVR 6500 (call begins)");
    assert_eq!(shown[3], "    4.06 s  13900001111    has heard the prompts of 6500 (play 1)");
    assert_eq!(simulator.stop("-TERM"), Some(0));
}

#[test]
fn json_lines_and_lengths_of_real_files() {
    let folder = tempfile::tempdir().unwrap();
    for (name, samples) in [("notice", 8000), ("confirm", 4000), ("500", 2000)] {
        write_wav(&folder.path().join(format!("{name}.wav")), samples);
    }
    fs::write(folder.path().join("readme.txt"), "not a prompt").unwrap();
    let callees = folder.path().join("callees.yaml");
    fs::write(&callees, "callees:\n  500: { dials_in_after_s: 1, do: [\"6500: 2\"] }\n").unwrap();
    let arguments = [SCENARIO, "--port", "0", "--speed", "100", "--format", "json", "--media"];
    let media = folder.path().to_str().unwrap();
    let mut simulator = Running::start(
        &[&arguments[..], &[media, "--callees", callees.to_str().unwrap()]].concat(),
    );
    assert!(simulator.line().starts_with(r#"{"address":"127.0.0.1:"#));
    let heard = loop {
        let line = simulator.line();
        if line.contains("heard") {
            break line;
        }
    };
    assert!(heard.contains(r#""number":"500","direction":"inbound","at_ms":1750,"#), "{heard}");
    assert_eq!(simulator.stop("-INT"), Some(0));
}

#[test]
fn a_dialplan_by_hand_runs_in_place_of_the_rendered_one() {
    let folder = tempfile::tempdir().unwrap();
    let dialplan = folder.path().join("extensions.conf");
    let main = "[ivr_6500]\nexten => 6500,1,Answer()\nsame => n,Wait(2)\n#include more.conf\n";
    fs::write(&dialplan, main).unwrap();
    let more = "same => n,UserEvent(DtmfEndString,Info: 4711#)\nsame => n,Goto(ivrs,6501,1)\n\
                [ivr_6501]\nexten => 6501,1,UserEvent(PlayPromptEnd,Ivrid: 6501)\n\
                same => n,Dial(SIP/1000)\n";
    fs::write(folder.path().join("more.conf"), more).unwrap();
    let arguments = [SCENARIO, "--port", "0", "--speed", "100", "--dialplan"];
    let mut simulator = Running::start(&[&arguments[..], &[dialplan.to_str().unwrap()]].concat());
    let first = simulator.line();
    let address = first.strip_prefix("simulated PBX on http://").unwrap().split(',').next();
    post(address.unwrap(), "/simulator/dial_in", r#"{"from":"500"}"#);
    let shown: Vec<_> = (0..9).map(|_| simulator.line()).collect();
    assert_eq!(
        shown[2..],
        [
            "    0.00 s  500            enters IVR 6500 (call begins)",
            "    2.00 s  500            has entered 4711 in 6500, ended by the key #",
            "    2.00 s  500            is on hold in 6500",
            "    2.00 s  500            enters IVR 6501 (dialplan)",
            "    2.00 s  500            has heard the prompts of 6501 (play 1)",
            "    2.00 s  500            comes to what is not simulated: Dial",
            "    2.00 s  500            ends: the simulation goes no further",
        ]
    );
    assert_eq!(simulator.stop("-TERM"), Some(0));
}

fn write_wav(path: &Path, samples: u32) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(path, spec).unwrap();
    for _ in 0..samples {
        wav.write_sample(0_i16).unwrap();
    }
    wav.finalize().unwrap();
}

#[test]
fn a_script_for_an_ivr_that_is_not_there_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let callees = folder.path().join("callees.yaml");
    fs::write(&callees, "default: { do: [\"6500: 1\", \"6519: 12#\"] }\n").unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    // The port is taken, so that the command ends by itself after the warning.
    let (_, message) =
        refused(&[SCENARIO, "--port", &port, "--callees", callees.to_str().unwrap()]);
    assert!(message.starts_with("warning: the scenario has no IVR 6519; "), "{message}");
    assert_eq!(message.matches("warning").count(), 1, "{message}");
}

/// Runs with bad input; gives exit code and standard error.
fn refused(arguments: &[&str]) -> (Option<i32>, String) {
    let output = command(arguments).stdin(Stdio::null()).output().unwrap();
    assert!(output.stdout.is_empty());
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn bad_input_is_one_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().to_str().unwrap();
    let callees = folder.path().join("callees.yaml");
    fs::write(&callees, "callees:\n  \"139\":\n    do:\n      - \"6501: 12x4\"\n").unwrap();
    let callees = callees.to_str().unwrap();
    let text = folder.path().join("text");
    fs::create_dir(&text).unwrap();
    fs::write(text.join("notice.wav"), "no audio").unwrap();
    for (arguments, code, expected) in [
        (&["missing.yaml"][..], 3, "missing.yaml"),
        (&[here], 3, "it is a folder, expected a file"),
        (&[SCENARIO, "--callees", here], 3, "it is a folder, expected a file"),
        (&[SCENARIO, "--callees", callees], 3, "found `x` in a step for IVR 6501"),
        (&[SCENARIO, "--callees", callees], 3, "at line 4 column 9"),
        (&[SCENARIO, "--dialplan", "missing.conf"], 3, "cannot read missing.conf"),
        (&[SCENARIO, "--dialplan", here], 3, "it is a folder, expected a file"),
        (&[SCENARIO, "--media", "missing"], 3, "cannot read missing"),
        (&[SCENARIO, "--media", text.to_str().unwrap()], 3, "notice.wav"),
        (&[SCENARIO, "--password-file", "missing"], 3, "cannot read missing"),
        (&[SCENARIO, "--fault", "twise"], 2, "unknown field `twise`, expected one of `twice`"),
        (&[SCENARIO, "--speed", "0"], 2, "expected a factor of 0.01 to 1000"),
        (&[SCENARIO, "--port", "70000"], 2, "70000"),
    ] {
        let (found, message) = refused(arguments);
        assert!(
            found == Some(code) && message.contains(expected),
            "{arguments:?}: {found:?} {message}"
        );
    }
}

#[test]
fn a_taken_port_is_an_error_of_the_server() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, message) = refused(&[SCENARIO, "--port", &port]);
    assert_eq!(code, Some(8));
    assert!(message.contains(&format!("cannot listen on 127.0.0.1:{port}: ")), "{message}");
}
