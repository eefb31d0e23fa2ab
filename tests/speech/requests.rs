//! Engines over HTTP: requests of several makers, and every fault of a server.

use crate::{
    room::{Outcome, Room, outcome},
    server::{Answer, Server, sound, status, wav},
};
use base64::Engine as _;
use std::time::Duration;

const KEY: &str = "s3cret-key/+=";
const SAYS: &str = "{ text: '\"请\" <稍后> & 按#' }";

/// A scenario that asks a server; `ADDRESS` stands for it.
fn room(server: &Server, http: &str) -> Room {
    let http = http.replace("ADDRESS", &server.address);
    let tts = format!("tts:\n  engine: http\n  voice: zh-CN-X/1\n  timeout_s: 4\n  http:\n{http}");
    let room = Room::new(&tts, &[("notice", SAYS)]);
    room.write("key.txt", &format!("{KEY}\n"));
    room
}

fn build(room: &Room) -> Outcome {
    let found = outcome(room.command(&[]).env("SPEECH_KEY", KEY));
    for said in [&found.out, &found.err] {
        assert!(!said.contains("s3cret"), "a key was shown: {said}");
    }
    for entry in walkdir::WalkDir::new(room.path(".")) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() && entry.file_name() != "key.txt" {
            let bytes = std::fs::read(entry.path()).unwrap();
            let has_key = bytes.windows(6).any(|six| six == b"s3cret");
            assert!(!has_key, "a key is in {}", entry.path().display());
        }
    }
    found
}

const JSON: &str = "    url: http://ADDRESS/v1/audio/speech
    headers: { Authorization: 'Bearer {{ keys.api }}' }
    json: { model: tts-1, input: '{{ text }}', voice: '{{ voice }}', speed: 1.5 }
    keys: { api: { env: SPEECH_KEY } }
    retries: 3
";

#[test]
fn requests_are_made_as_engines_want_them() {
    let server = Server::start(vec![sound()]);
    let found = build(&room(&server, JSON));
    assert_eq!(found.code, 0, "{found:?}");
    let request = &server.received()[0];
    assert_eq!(request.line, "POST /v1/audio/speech HTTP/1.1");
    assert!(request.headers.contains(&format!("authorization: Bearer {KEY}")), "{request:?}");
    assert!(request.headers.contains(&"content-type: application/json".to_owned()), "{request:?}");
    let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
    let expected = serde_json::json!({
        "model": "tts-1", "input": "\"请\" <稍后> & 按#", "voice": "zh-CN-X/1", "speed": 1.5
    });
    assert_eq!(body, expected);

    let server = Server::start(vec![sound()]);
    let ssml = "    url: http://ADDRESS/cognitiveservices/v1
    headers: { Ocp-Apim-Subscription-Key: '{{ keys.azure }}', X-Microsoft-OutputFormat: riff-24khz-16bit-mono-pcm }
    xml: \"<speak version='1.0' xml:lang='{{ language }}'><voice name='{{ voice }}'>{{ text }}</voice></speak>\"
    keys: { azure: { file: key.txt } }
";
    assert_eq!(build(&room(&server, ssml)).code, 0);
    let request = &server.received()[0];
    assert!(
        request.headers.contains(&"content-type: application/ssml+xml; charset=utf-8".to_owned())
    );
    assert!(request.headers.contains(&format!("ocp-apim-subscription-key: {KEY}")));
    assert_eq!(
        request.body,
        "<speak version='1.0' xml:lang='zh-CN'><voice name='zh-CN-X/1'>&quot;请&quot; &lt;稍后&gt; &amp; 按#</voice></speak>"
    );

    // Bare samples, as ElevenLabs gives them.
    let raw =
        Answer::Whole(200, vec![("Content-Type", "audio/pcm".to_owned())], wav()[44..].to_vec());
    let server = Server::start(vec![raw]);
    let path = "    url: http://ADDRESS/v1/text-to-speech/{{ voice }}?output_format=pcm_24000
    headers: { xi-api-key: '{{ keys.k }}' }
    json: { text: '{{ text }}' }
    keys: { k: { env: SPEECH_KEY } }
    raw_rate_hz: 24000
";
    assert_eq!(build(&room(&server, path)).code, 0);
    assert_eq!(
        server.received()[0].line,
        "POST /v1/text-to-speech/zh-CN-X%2F1?output_format=pcm_24000 HTTP/1.1"
    );

    // A form, and sound in Base64 in JSON.
    let text = base64::engine::general_purpose::STANDARD.encode(wav());
    let json = serde_json::json!({ "data": [{ "audio": text }] }).to_string().into_bytes();
    let json = Answer::Whole(
        200,
        vec![("Content-Type", "application/json; charset=utf-8".to_owned())],
        json,
    );
    let server = Server::start(vec![json]);
    let form = "    url: http://ADDRESS/
    form: { tex: '{{ text }}', tok: '{{ keys.k }}' }
    keys: { k: { env: SPEECH_KEY } }
    audio_at: /data/0/audio
";
    assert_eq!(build(&room(&server, form)).code, 0);
    assert_eq!(
        server.received()[0].body,
        "tex=%22%E8%AF%B7%22%20%3C%E7%A8%8D%E5%90%8E%3E%20%26%20%E6%8C%89%23&tok=s3cret%2Dkey%2F%2B%3D".replace("%2D", "-")
    );
}

/// A server with some faults and then a sound: how often it was asked.
#[track_caller]
fn recovers(faults: &[Answer], requests: usize) {
    let server = Server::start(faults.iter().cloned().chain([sound()]).collect());
    let found = build(&room(&server, JSON));
    assert_eq!(found.code, 0, "{found:?}");
    assert_eq!(server.received().len(), requests);
}

#[test]
fn faults_that_pass_are_tried_again() {
    recovers(&[status(500), status(503)], 3);
    recovers(&[Answer::Cut], 2);
    recovers(&[Answer::Slow(Duration::from_secs(9))], 2);
}

#[test]
fn a_server_that_wants_a_pause_gets_it() {
    let busy = Answer::Whole(429, vec![("Retry-After", "2".to_owned())], Vec::new());
    let server = Server::start(vec![busy, sound()]);
    assert_eq!(build(&room(&server, JSON)).code, 0);
    let received = server.received();
    assert_eq!(received.len(), 2);
    assert!(received[1].at - received[0].at >= Duration::from_millis(1990));
}

/// A fault that stays: how the command ends, what it says, and how often the server was asked.
#[track_caller]
fn fails(fault: Answer, code: i32, expected: &str, requests: usize) {
    let server = Server::start(vec![fault]);
    let room = room(&server, JSON);
    let found = build(&room);
    assert_eq!(found.code, code, "{found:?}");
    assert!(found.err.contains(expected), "`{expected}` is not in {}", found.err);
    assert_eq!(server.received().len(), requests, "{found:?}");
    assert!(!room.path("out").exists());
}

fn typed(code: u16, kind: &str, body: &str) -> Answer {
    Answer::Whole(code, vec![("Content-Type", kind.to_owned())], body.as_bytes().to_vec())
}

#[test]
fn faults_that_stay_are_said() {
    fails(status(500), 7, "answered 500: out of order", 4);
    fails(Answer::Slow(Duration::from_secs(9)), 7, "did not finish within 4 s", 4);
    fails(Answer::Cut, 7, "did not answer to the end", 4);
    let echo = format!("bad key {KEY}");
    fails(typed(401, "text/plain", &echo), 6, "answered 401: bad key ***", 1);
    fails(
        typed(400, "application/json", "{\"error\":\"no voice\"}"),
        7,
        "answered 400: {\"error\":\"no voice\"}",
        1,
    );
    fails(
        typed(200, "text/html", "<html>hello</html>"),
        7,
        "answered with `text/html`, expected sound (`audio/...`): <html>",
        1,
    );
    fails(typed(200, "audio/wav", "not a sound"), 3, "gave no sound that can be used: ", 1);
    fails(Answer::Huge, 3, "gave more than 67108864 bytes", 1);
    let away =
        Answer::Whole(302, vec![("Location", format!("http://evil.example/{KEY}"))], Vec::new());
    fails(away, 7, "answered with a redirection to evil.example", 1);
    let later = Answer::Whole(429, vec![("Retry-After", "86400".to_owned())], Vec::new());
    fails(later, 7, "answered 429", 1);
}

#[test]
fn nobody_there_and_no_key() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = Server::start(vec![sound()]);
    let room = room(
        &server,
        &JSON.replace("ADDRESS", &address.to_string()).replace("retries: 3", "retries: 1"),
    );
    let found = build(&room);
    assert_eq!(found.code, 5, "{found:?}");
    assert!(found.err.contains(&format!("cannot reach {address}")), "{found:?}");
    let found = outcome(room.command(&[]).env_remove("SPEECH_KEY"));
    assert_eq!(found.code, 3, "{found:?}");
    assert!(found.err.contains("the environment variable `SPEECH_KEY` is not set"), "{found:?}");
}

#[test]
fn requests_keep_to_the_rate_and_the_number_at_a_time() {
    let server = Server::start(vec![sound()]);
    let names: Vec<String> = (0..12).map(|at| format!("p{at}")).collect();
    let texts: Vec<String> = (0..12).map(|at| format!("{{ text: 第{at}句 }}")).collect();
    let prompts: Vec<(&str, &str)> =
        names.iter().map(String::as_str).zip(texts.iter().map(String::as_str)).collect();
    let tts = |more: &str| {
        format!(
            "tts: {{ engine: http, concurrency: 3, http: {{ url: 'http://{}/{{{{ text }}}}', method: GET{more} }} }}",
            server.address
        )
    };
    let room = Room::new(&tts(", requests_per_s: 10"), &prompts);
    room.built(&[]);
    let received = server.received();
    assert_eq!(received.len(), 12);
    assert!(
        received[11].at - received[0].at >= Duration::from_millis(1_050),
        "11 pauses of 100 ms"
    );
    assert!(server.peak() <= 3, "{}", server.peak());
}
