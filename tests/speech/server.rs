//! A speech engine over HTTP on loopback that answers as it is told, rightly or not.

use std::{
    io::{BufRead as _, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

/// What a request gets.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// A status, headers and a body.
    Whole(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// The beginning of a sound, then the connection is closed.
    Cut,
    /// Nothing for so long, then the connection is closed.
    Slow(Duration),
    /// A body without end.
    Huge,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) line: String,
    pub(crate) headers: Vec<String>,
    pub(crate) body: String,
    pub(crate) at: Instant,
}

/// A connection, in clear or by TLS.
pub(crate) trait Stream: Read + Write + Send {}
impl<S: Read + Write + Send> Stream for S {}

/// The engine; its answers come in turn, the last one for ever.
pub(crate) struct Server {
    pub(crate) address: String,
    received: Arc<Mutex<Vec<Received>>>,
    connections: Arc<Mutex<usize>>,
    peak: Arc<Mutex<(usize, usize)>>,
}

impl Server {
    pub(crate) fn start(answers: Vec<Answer>) -> Self {
        Self::start_with(answers, |stream| Some(Box::new(stream)))
    }

    /// With what makes a connection fit to talk; none if that failed.
    pub(crate) fn start_with(
        answers: Vec<Answer>,
        accept: impl Fn(TcpStream) -> Option<Box<dyn Stream>> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: listener.local_addr().unwrap().to_string(),
            received: Arc::default(),
            connections: Arc::default(),
            peak: Arc::default(),
        };
        let (received, peak) = (server.received.clone(), server.peak.clone());
        let (connections, accept) = (server.connections.clone(), Arc::new(accept));
        thread::spawn(move || {
            for stream in listener.incoming() {
                *connections.lock().unwrap() += 1;
                let (received, answers, peak) = (received.clone(), answers.clone(), peak.clone());
                let accept = Arc::clone(&accept);
                thread::spawn(move || {
                    let Some(stream) = accept(stream.unwrap()) else { return };
                    serve(stream, &received, &answers, &peak);
                });
            }
        });
        server
    }

    /// How often somebody connected, for whatever it was worth.
    pub(crate) fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// Most requests at the same time.
    pub(crate) fn peak(&self) -> usize {
        self.peak.lock().unwrap().1
    }
}

/// Half a second of sound as an engine sends it.
pub(crate) fn sound() -> Answer {
    Answer::Whole(200, vec![("Content-Type", "audio/wav".to_owned())], wav())
}

pub(crate) fn wav() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 24_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
    (0..12_000).for_each(|at: i32| {
        writer.write_sample(i16::try_from((at * 37) % 9_000).unwrap()).unwrap();
    });
    writer.finalize().unwrap();
    bytes.into_inner()
}

pub(crate) fn status(status: u16) -> Answer {
    Answer::Whole(status, vec![("Content-Type", "text/plain".to_owned())], b"out of order".to_vec())
}

fn serve(
    stream: Box<dyn Stream>,
    received: &Mutex<Vec<Received>>,
    answers: &[Answer],
    peak: &Mutex<(usize, usize)>,
) {
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader) {
        let number = {
            let mut received = received.lock().unwrap();
            received.push(request);
            received.len() - 1
        };
        {
            let mut peak = peak.lock().unwrap();
            peak.0 += 1;
            peak.1 = peak.1.max(peak.0);
        }
        let goes_on = answer(reader.get_mut(), &answers[number.min(answers.len() - 1)]);
        peak.lock().unwrap().0 -= 1;
        if !goes_on {
            return;
        }
    }
}

fn read(reader: &mut BufReader<Box<dyn Stream>>) -> Option<Received> {
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => head.push(line.to_owned()),
        }
    }
    let length = head.iter().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().ok())?
    });
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).unwrap();
    Some(Received { line: head.remove(0), headers: head, body, at: Instant::now() })
}

/// Says whether the connection goes on.
fn answer(stream: &mut dyn Stream, answer: &Answer) -> bool {
    match answer {
        Answer::Whole(status, headers, body) => {
            let line = |text: String, (name, value): &(&str, String)| {
                text + &format!("{name}: {value}\r\n")
            };
            let headers = headers.iter().fold(String::new(), line);
            // So that requests at the same time are seen to be.
            thread::sleep(Duration::from_millis(10));
            let head =
                format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
            stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).is_ok()
        }
        Answer::Cut => {
            let wav = wav();
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\nContent-Length: {}\r\n\r\n",
                wav.len()
            );
            stream.write_all(head.as_bytes()).unwrap();
            stream.write_all(&wav[..wav.len() / 2]).unwrap();
            false
        }
        Answer::Slow(time) => {
            thread::sleep(*time);
            false
        }
        Answer::Huge => {
            let _gone = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\n\r\n");
            while stream.write_all(&[0; 8_192]).is_ok() {}
            false
        }
    }
}
