//! `ivrkit codes`: adds and lists the codes that callees are asked for.

use super::server_config;
use crate::{
    error::{Error, Exit},
    files,
};
use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use ivrkit_dialplan::scenario::{Scenario, Verification};
use ivrkit_verifier::{
    Config,
    number::PhoneNumber,
    secret,
    store::codes::{self, Codes, NewCode, State},
};
use secrecy::{ExposeSecret as _, SecretString};
use std::{
    io::{self, IsTerminal as _},
    path::{Path, PathBuf},
    time::Duration,
};

/// Most bytes of a file of codes: some millions of lines.
const MAX_IMPORT_BYTES: u64 = 64 << 20;

/// Issues and lists the codes that callees are asked for; a running server need not be stopped.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Add(Add),
    Import(Import),
    List(List),
}

/// Where codes are kept and what they are for.
#[derive(Debug, Args)]
struct Place {
    /// The scenario, a YAML file.
    #[arg(long, value_name = "FILE")]
    scenario: PathBuf,
    /// The server's configuration, a YAML file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The verification that codes are for; needed when the scenario has several.
    #[arg(long, value_name = "NAME")]
    verification: Option<String>,
    /// For how long codes are good, such as `90s`, `30m`, `12h` or `7d`; the configuration's
    /// `codes.expires_in_s` by default.
    #[arg(long, value_name = "TIME", value_parser = time)]
    expires_in: Option<Duration>,
}

/// Adds one code; it is read from standard input unless an option says otherwise.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("source").args(["code", "code_file", "generate"]))]
struct Add {
    #[command(flatten)]
    place: Place,
    /// Whose code it is: digits, with an optional leading `+`.
    #[arg(long, value_name = "NUMBER", value_parser = PhoneNumber::parse)]
    to: PhoneNumber,
    /// File with the code.
    #[arg(long, value_name = "FILE")]
    code_file: Option<PathBuf>,
    /// Makes up a code of so many digits and prints it, this once.
    #[arg(long, value_name = "DIGITS", value_parser = clap::value_parser!(u8).range(4..=20))]
    generate: Option<u8>,
    /// The code itself. Other users of this machine can read command lines.
    #[arg(long, value_name = "CODE")]
    code: Option<SecretString>,
}

/// Adds the codes of a CSV file with lines `number,code`, all or none.
#[derive(Debug, Args)]
struct Import {
    #[command(flatten)]
    place: Place,
    /// The CSV file, in UTF-8. A first line `number,code` or `to,code` counts as its heading.
    file: PathBuf,
}

/// Lists codes, newest first: masked numbers and states, never the digits.
#[derive(Debug, Args)]
struct List {
    /// The server's configuration, a YAML file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// How the list looks.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
}

/// What every code of one run shares.
struct Issue {
    scenario: String,
    verification: String,
    /// Fewest and most digits that the scenario's entries take.
    digits: (usize, usize),
    expires_in: Duration,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    match &arguments.command {
        Command::Add(arguments) => add(arguments),
        Command::Import(arguments) => import(arguments),
        Command::List(arguments) => list(arguments),
    }
}

fn add(arguments: &Add) -> Result<Exit, Error> {
    let config = server_config(&arguments.place.config)?;
    let issue = issue(&arguments.place, &config)?;
    let digits = match arguments.generate {
        Some(length) => secret::random_digits(length),
        None => given_code(arguments)?,
    };
    let code = issue.code(arguments.to.clone(), digits.clone()).map_err(Error::Code)?;
    Codes::open(&config.store, &config.codes)?.add(&[code], |_| ())?;
    if arguments.generate.is_some() {
        println!("{}", digits.expose_secret());
    }
    eprintln!("added a code for {}", arguments.to);
    Ok(Exit::Done)
}

fn import(arguments: &Import) -> Result<Exit, Error> {
    let config = server_config(&arguments.place.config)?;
    let issue = issue(&arguments.place, &config)?;
    let text = files::read_source_of(&arguments.file, MAX_IMPORT_BYTES)?;
    let codes = parse_csv(&arguments.file, text.text(), &issue)?;
    let mut store = Codes::open(&config.store, &config.codes)?;
    let bar = progress(codes.len());
    store.add(&codes, |done| bar.set_position(done as u64))?;
    bar.finish_and_clear();
    eprintln!("added {} code{}", codes.len(), if codes.len() == 1 { "" } else { "s" });
    Ok(Exit::Done)
}

fn list(arguments: &List) -> Result<Exit, Error> {
    let config = server_config(&arguments.config)?;
    let listed = Codes::open(&config.store, &config.codes)?.list()?;
    match arguments.format {
        Format::Json => {
            println!("{}", serde_json::to_string_pretty(&listed).expect("a list serialises"));
        }
        Format::Text => listed.iter().for_each(show),
    }
    Ok(Exit::Done)
}

fn show(code: &codes::Listed) {
    let state = match code.state {
        State::Good => "good",
        State::Used => "used",
        State::Locked => "locked",
        State::Expired => "expired",
    };
    println!("{:<20} {:<8} until {}  {}", code.to, state, code.expires, code.verification);
}

fn issue(place: &Place, config: &Config) -> Result<Issue, Error> {
    let (_, scenario) = super::sound_scenario(&place.scenario)?;
    let verification = verification(&scenario, place.verification.as_deref())?;
    let entries = scenario.ivrs.values().filter_map(|ivr| ivr.entry.as_ref());
    let entries = entries.filter(|entry| entry.verify == verification);
    let digits = entries.fold((usize::MAX, 0), |(least, most), entry| {
        (least.min(entry.min_digits.into()), most.max(entry.max_digits.into()))
    });
    Ok(Issue {
        scenario: scenario.name,
        verification,
        digits,
        expires_in: place.expires_in.unwrap_or(config.codes.expires_in_s.duration()),
    })
}

fn verification(scenario: &Scenario, named: Option<&str>) -> Result<String, Error> {
    let known = scenario.verifications_by_codes();
    if let Some(one) = named.and_then(|name| scenario.verifications.get(name))
        && one.lookup != Verification::CODES
    {
        return Err(Error::Code(format!(
            "this verification looks entries up in `{}`, not among codes",
            one.lookup
        )));
    }
    match (named, known.as_slice()) {
        (None, []) => Err(Error::Code(
            "the scenario looks no entry up among codes, expected a verification with `lookup: \
             codes`"
                .to_owned(),
        )),
        (Some(name), known) if known.contains(&name) => Ok(name.to_owned()),
        (None, [only]) => Ok((*only).to_owned()),
        (Some(name), _) => Err(Error::Code(format!(
            "the scenario has no verification `{name}`, expected one of: {}",
            known.join(", ")
        ))),
        (None, _) => Err(Error::Code(format!(
            "name the verification with --verification, one of: {}",
            known.join(", ")
        ))),
    }
}

fn given_code(arguments: &Add) -> Result<SecretString, Error> {
    if let Some(code) = &arguments.code {
        eprintln!(
            "warning: other users of this machine can read a code on the command line; \
             --code-file or standard input keep it to you"
        );
        return Ok(code.clone());
    }
    if let Some(file) = &arguments.code_file {
        return Ok(secret::Source::File(file.clone()).read("code", 1)?);
    }
    let text = if io::stdin().is_terminal() {
        rpassword::prompt_password("code: ").map_err(Error::Runtime)?
    } else {
        let mut line = String::new();
        io::stdin().read_line(&mut line).map_err(Error::Runtime)?;
        line
    };
    Ok(SecretString::from(text.trim()))
}

impl Issue {
    /// A code, if callees can type it at all.
    fn code(&self, to: PhoneNumber, digits: SecretString) -> Result<NewCode, String> {
        let (least, most) = self.digits;
        let text = digits.expose_secret();
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("the code has other characters than digits; nobody could type it".into());
        }
        if !(least..=most).contains(&text.len()) {
            let range =
                if least == most { least.to_string() } else { format!("{least} to {most}") };
            return Err(format!("the code has {}; the scenario takes {range}", digit_count(text)));
        }
        Ok(NewCode {
            scenario: self.scenario.clone(),
            verification: self.verification.clone(),
            to,
            digits,
            expires_in: self.expires_in,
        })
    }
}

fn digit_count(code: &str) -> String {
    if code.len() == 1 { "one digit".to_owned() } else { format!("{} digits", code.len()) }
}

/// Every line of the file, or every mistake in it.
fn parse_csv(path: &Path, text: &str, issue: &Issue) -> Result<Vec<NewCode>, Error> {
    const SHOWN: usize = 20;
    let (mut codes, mut mistakes) = (Vec::new(), Vec::new());
    for (line, fields) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let heading = line == 0 && is_heading(fields);
        if heading || fields.trim().is_empty() {
            continue;
        }
        match parse_line(fields, issue) {
            Ok(code) => codes.push(code),
            Err(why) => mistakes.push(format!("{}:{}: {why}", path.display(), line + 1)),
        }
    }
    if mistakes.is_empty() && codes.is_empty() {
        return Err(Error::Code(format!(
            "nothing was imported: {} has no codes, expected lines `number,code`",
            path.display()
        )));
    }
    if mistakes.is_empty() {
        return Ok(codes);
    }
    let count = mistakes.len();
    mistakes.truncate(SHOWN);
    for mistake in &mistakes {
        eprintln!("{mistake}");
    }
    if count > SHOWN {
        eprintln!("and {} more", count - SHOWN);
    }
    let lines = if count == 1 { "line" } else { "lines" };
    Err(Error::Code(format!("nothing was imported: {count} wrong {lines} in {}", path.display())))
}

/// A first line that names the columns; a number holds no letters.
fn is_heading(line: &str) -> bool {
    let plain: String = line.chars().filter(|c| !c.is_whitespace() && *c != '"').collect();
    ["number,code", "to,code"].iter().any(|heading| plain.eq_ignore_ascii_case(heading))
}

fn parse_line(line: &str, issue: &Issue) -> Result<NewCode, String> {
    let fields: Vec<&str> = line.split(',').map(|field| field.trim().trim_matches('"')).collect();
    let [to, code] = fields.as_slice() else {
        let found = if fields.len() == 1 {
            "one field".to_owned()
        } else {
            format!("{} fields", fields.len())
        };
        return Err(format!("found {found}, expected two: number,code"));
    };
    let to = PhoneNumber::parse(to).map_err(|why| format!("number: {why}"))?;
    issue.code(to, SecretString::from(*code))
}

fn progress(count: usize) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} codes").expect("a template");
    ProgressBar::new(count as u64).with_style(style)
}

/// `90s`, `30m`, `12h` or `7d`.
fn time(text: &str) -> Result<Duration, String> {
    let wrong = || format!("found `{text}`, expected a time such as 90s, 30m, 12h or 7d");
    let unit_at = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let (count, unit) = text.split_at(unit_at);
    let count: u64 = count.parse().map_err(|_| wrong())?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    match count.checked_mul(seconds) {
        Some(whole @ 1..=7_776_000) => Ok(Duration::from_secs(whole)),
        _ => Err(format!("found `{text}`, expected 1 second to 90 days")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issue() -> Issue {
        Issue {
            scenario: "driving-test".to_owned(),
            verification: "sms-code".to_owned(),
            digits: (4, 8),
            expires_in: Duration::from_mins(30),
        }
    }

    #[track_caller]
    fn check(line: &str, expected: Result<(&str, &str), &str>) {
        let read = parse_line(line, &issue());
        let read = read.as_ref().map(|code| (code.to.dialled(), code.digits.expose_secret()));
        assert_eq!(read.map_err(String::as_str), expected);
    }

    #[test]
    fn lines_are_read_and_mistakes_do_not_repeat_the_code() {
        check("13900001111,56789", Ok(("13900001111", "56789")));
        check(r#" "+8613900001111" , "0123" "#, Ok(("+8613900001111", "0123")));
        check("13900001111", Err("found one field, expected two: number,code"));
        check("139,567,89", Err("found 3 fields, expected two: number,code"));
        check("139,567", Err("the code has 3 digits; the scenario takes 4 to 8"));
        check("139,", Err("the code has 0 digits; the scenario takes 4 to 8"));
        let six = Issue { digits: (6, 6), ..issue() };
        let why = parse_line("139,5", &six).unwrap_err();
        assert_eq!(why, "the code has one digit; the scenario takes 6");
        check("139,5678x", Err("the code has other characters than digits; nobody could type it"));
        check(
            "x,56789",
            Err("number: character 1 is no digit; expected digits with an optional \
                              leading `+`"),
        );
    }

    #[test]
    fn a_file_with_one_wrong_line_gives_nothing() {
        let text = "to,code\n13900001111,56789\n\n13900002222,5\n";
        assert!(parse_csv(Path::new("codes.csv"), text, &issue()).is_err());
        let text = text.replace(",5\n", ",5555\n");
        for heading in ["to,code", "Number, Code", "\"number\",\"code\""] {
            let text = text.replace("to,code", heading);
            assert_eq!(parse_csv(Path::new("codes.csv"), &text, &issue()).unwrap().len(), 2);
        }
    }

    #[test]
    fn a_file_without_a_code_is_no_import() {
        for text in ["", "\n\n", "number,code\n"] {
            let error = parse_csv(Path::new("codes.csv"), text, &issue()).unwrap_err().to_string();
            assert!(error.contains("codes.csv has no codes, expected lines"), "{error}");
        }
    }

    #[test]
    fn times_have_a_unit() {
        assert_eq!(time("30m"), Ok(Duration::from_mins(30)));
        assert_eq!(time("7d"), Ok(Duration::from_hours(24 * 7)));
        for wrong in ["30", "m", "0s", "1w", "91d", "", "99999999999999999999d", "1.5h"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
