//! The cases, each with the bars that it is held against.

use crate::{
    calls::Bench,
    figures::{Spread, print},
};
use std::{
    pin::Pin,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
};

/// A case, by its name on the command line.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    pub(crate) run: fn(Duration) -> Pin<Box<dyn Future<Output = ()>>>,
}

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "store",
        what: "a durable write of 4 KiB to the disk that the store is on",
        run: |_| Box::pin(async { durable_writes() }),
    },
    Case {
        name: "rate-60",
        what: "60 calls a second, about 1,000 reports a second",
        run: |length| Box::pin(rate(60, length, false, (4.0, Some(25.0)))),
    },
    Case {
        name: "rate-100",
        what: "100 calls a second",
        run: |length| Box::pin(rate(100, length, false, (12.0, None))),
    },
    Case {
        name: "tls-40",
        what: "40 calls a second, the PBX over TLS",
        run: |length| Box::pin(rate(40, length, true, (25.0, None))),
    },
    Case {
        name: "reports",
        what: "3,000 reports a second of calls that are up",
        run: |length| Box::pin(reports(3000, length)),
    },
    Case {
        name: "in-flight",
        what: "1,200 calls in flight, killed and started again",
        run: |_| Box::pin(in_flight(1200)),
    },
    Case {
        name: "kills",
        what: "60 calls a second, killed every 2 s, with faults of the PBX",
        run: |length| Box::pin(kills(60, length)),
    },
];

fn durable_writes() {
    use std::io::Write as _;
    let mut file = tempfile::tempfile().unwrap();
    let mut write = |_| {
        let begun = Instant::now();
        file.write_all(&[1; 4096]).unwrap();
        file.sync_data().unwrap();
        begun.elapsed()
    };
    Spread::of((0..200).map(&mut write).collect()).print("write", None, None);
}

/// Calls before figures count: the first ones find everything cold.
const WARM_UP_S: u32 = 3;

async fn rate(calls_per_s: u32, length: Duration, https: bool, bars_ms: (f64, Option<f64>)) {
    let seconds = WARM_UP_S + u32::try_from(length.as_secs()).unwrap();
    let mut bench = Bench::new((calls_per_s * seconds) as usize, &[], https).await;
    bench.server.start().await;
    let warm_at = Instant::now() + Duration::from_secs(WARM_UP_S.into());
    let mut before = None;
    bench
        .call_all(calls_per_s, async |bench: &mut Bench| {
            if before.is_none() && Instant::now() >= warm_at {
                bench.pbx.take_timings();
                before = Some(bench.server.cpu());
            }
        })
        .await;
    let calls = bench.all_over().await;
    let timings = bench.pbx.take_timings();
    let cpu = bench.server.cpu().saturating_sub(before.unwrap());
    let reports = u32::try_from(timings.answers.len()).unwrap();
    Spread::of(timings.reactions).print("entry to transfer", Some(bars_ms.0), bars_ms.1);
    Spread::of(timings.answers).print("report to 200", None, None);
    let cpu_ms = cpu.as_secs_f64() * 1000.0 / f64::from(reports);
    print("processor time per report", cpu_ms, "ms", Some(0.06));
    print("memory at most", bench.server.memory_mib().1, "MiB", None);
    print_mistakes(bench.mistakes(&calls, false));
}

/// Reports of prompts that ended, for calls that are up: each is stored before it is answered.
async fn reports(reports_per_s: u32, length: Duration) {
    let count = 300;
    let mut bench = Bench::silent(count).await;
    bench.server.start().await;
    bench.call_all(100, async |_| {}).await;
    let address = bench.pbx.reports_to().unwrap();
    let (host, path) = address.trim_start_matches("http://").split_once('/').unwrap();
    let requests: Vec<String> = bench
        .pbx
        .calls()
        .iter()
        .map(|call| {
            let body = format!(
                r#"{{"action":"PlayPromptEnd","callid":"{}","call":[{{"outbound":{{"from":"6500","to":"{}","trunk":"SIP-A","outboundid":"{}"}}}}],"ivr":{{"ivrid":"6500"}},"sn":"360000000001"}}"#,
                call.callid,
                call.number.as_str(),
                call.leg
            );
            format!(
                "POST /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
                 Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            )
        })
        .collect();
    let (start, cpu) = (Instant::now(), bench.server.cpu());
    let total = reports_per_s * u32::try_from(length.as_secs()).unwrap();
    let mut sent: JoinSet<Duration> = JoinSet::new();
    for at in 0..total {
        let due = start + Duration::from_secs(1) / reports_per_s * at;
        if due > Instant::now() {
            tokio::time::sleep_until(due.into()).await;
        }
        let (host, request) = (host.to_owned(), requests[at as usize % count].clone());
        sent.spawn(async move {
            let begun = Instant::now();
            let mut stream = TcpStream::connect(host).await.unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await.unwrap();
            assert!(answer.starts_with(b"HTTP/1.1 200"));
            begun.elapsed()
        });
    }
    let took = start.elapsed();
    let answers = Spread::of(sent.join_all().await);
    print("reports a second", f64::from(total) / took.as_secs_f64(), "", None);
    answers.print("report to 200", Some(8.0), None);
    let cpu = bench.server.cpu().saturating_sub(cpu);
    let cpu_ms = cpu.as_secs_f64() * 1000.0 / f64::from(total);
    print("processor time per report", cpu_ms, "ms", Some(0.06));
}

async fn in_flight(count: usize) {
    let mut bench = Bench::silent(count).await;
    print("ready after a first start", ms(bench.server.start().await), "ms", Some(200.0));
    bench.call_all(100, async |_| {}).await;
    let (now, most) = bench.server.memory_mib();
    print("memory with the calls in flight", now, "MiB", Some(40.0));
    print("memory at most", most, "MiB", None);
    bench.server.kill();
    print("ready after a kill", ms(bench.server.start().await), "ms", Some(200.0));
    print("memory after a kill", bench.server.memory_mib().0, "MiB", Some(40.0));
}

/// What the PBX does wrong while the server is killed.
const FAULTS: [&str; 9] = [
    "twice=0.2",
    "swapped=0.1",
    "leg-is-callid=0.5",
    "numbers=0.3",
    "transfer-done-500=0.1",
    "transfer-undone-reset=0.1",
    "dial-done-500=0.1",
    "dial-done-reset=0.1",
    "no-progress=0.1",
];

async fn kills(calls_per_s: u32, length: Duration) {
    let count = calls_per_s * u32::try_from(length.as_secs()).unwrap();
    let mut bench = Bench::new(count as usize, &FAULTS, false).await;
    bench.server.start().await;
    let (mut starts, mut kill_at) = (Vec::new(), Instant::now() + Duration::from_secs(2));
    bench
        .call_all(calls_per_s, async |bench: &mut Bench| {
            if Instant::now() >= kill_at {
                bench.server.kill();
                starts.push(bench.server.start().await);
                kill_at = Instant::now() + Duration::from_secs(2);
            }
        })
        .await;
    let calls = bench.all_over().await;
    print("kills", starts.len().to_string().parse().unwrap(), "", None);
    Spread::of(starts).print("ready after a kill", None, Some(200.0));
    print_mistakes(bench.mistakes(&calls, true));
}

fn print_mistakes([lost, wrong, twice]: [usize; 3]) {
    for (what, count) in [("lost", lost), ("sent wrong", wrong), ("called twice", twice)] {
        print(&format!("calls {what}"), count.to_string().parse().unwrap(), "", Some(0.0));
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
