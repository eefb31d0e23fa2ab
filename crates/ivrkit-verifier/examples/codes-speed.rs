//! How long it takes to import codes and to look entries up among them.
//!
//! `cargo run --release -p ivrkit -p ivrkit-verifier --example codes-speed [COUNT]`

use ivrkit_dialplan::verification::{Digits, Direction, Verdict};
use ivrkit_verifier::{
    config,
    lookup::Question,
    number::PhoneNumber,
    store::codes::{Codes, NewCode},
};
use std::{
    collections::BTreeMap,
    error::Error,
    fs,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Entries that are looked up; each second one is right.
const ENTRIES: usize = 20_000;
/// Entries of one transaction, as the server takes them.
const BATCH: usize = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let count: usize = std::env::args().nth(1).map_or(Ok(1_000_000), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("key"), "0123456789abcdef0123456789abcdef")?;
    let store = format!("{{ file: {0}/verify.db, key_file: {0}/key }}", folder.path().display());
    let store: config::Store = serde_yaml::from_str(&store)?;
    let mut codes = Codes::open(&store, &config::Codes::default())?;

    let issued: Vec<NewCode> = (0..count).map(code).collect();
    let begin = Instant::now();
    codes.add(&issued, |_| ())?;
    println!("{count} codes imported in {:.2} s", begin.elapsed().as_secs_f64());

    let mut times = look_up(&mut codes, count)?;
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 1000].as_secs_f64() * 1e6;
    println!(
        "{} entries looked up: p50 {:.1} us, p99 {:.1} us, p99.9 {:.1} us",
        times.len(),
        at(500),
        at(990),
        at(999)
    );
    Ok(())
}

/// Looks entries up all over the codes; gives how long each took, without the commit, which the
/// server shares among many.
fn look_up(codes: &mut Codes, count: usize) -> Result<Vec<Duration>, Box<dyn Error>> {
    let questions: Vec<Question> =
        (0..ENTRIES).map(|at| question(at, count)).collect::<Result<_, _>>()?;
    let mut times = Vec::with_capacity(ENTRIES);
    let mut right = 0;
    for batch in questions.chunks(BATCH) {
        let begin = std::cell::Cell::new(Instant::now());
        let asked = batch.iter().inspect(|_| begin.set(Instant::now()));
        codes.judge(asked, |verdict| {
            times.push(begin.get().elapsed());
            right += usize::from(verdict == Verdict::Match);
        })?;
    }
    if right != ENTRIES / 2 {
        return Err(format!("{right} entries were right, expected {}", ENTRIES / 2).into());
    }
    Ok(times)
}

fn code(at: usize) -> NewCode {
    NewCode {
        scenario: "driving-test".to_owned(),
        verification: "sms-code".to_owned(),
        to: PhoneNumber::reported(&number(at)),
        digits: format!("{:06}", at % 1_000_000).into(),
        expires_in: Duration::from_hours(1),
    }
}

/// An entry of somebody far from the one before; each second one is wrong.
fn question(at: usize, count: usize) -> Result<Question, Box<dyn Error>> {
    let whose = at * 7_919 % count;
    let wrong = if at.is_multiple_of(2) { "" } else { "9" };
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok(Question {
        call: format!("call-{at}"),
        lookup: 1,
        scenario: "driving-test".to_owned(),
        verification: "sms-code".to_owned(),
        direction: Direction::Outbound,
        number: PhoneNumber::reported(&number(whose)),
        digits: Digits::new(format!("{:06}{wrong}", whose % 1_000_000)),
        column: None,
        values: BTreeMap::new(),
        now_ms: u64::try_from(now.as_millis())?,
    })
}

fn number(at: usize) -> String {
    format!("139{at:08}")
}
