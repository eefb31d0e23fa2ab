//! Logins, tokens and the address for reports.
//!
//! Time is an argument. Where the documents leave something open, the harder case for an
//! application is taken: the last login alone decides where reports go, and a heartbeat without a
//! path sends them to the root.

use super::{errno::Errno, json::Parameters};
use axum::http::Uri;
use md5::{Digest as _, Md5};
use std::{
    collections::HashMap,
    fmt::{self, Write as _},
    net::IpAddr,
    time::{Duration, Instant},
};
use subtle::ConstantTimeEq as _;

/// How the PBX treats logins and tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sessions {
    /// How long a token lives without being prolonged.
    pub token_life: Duration,
    /// Whether requests and delivered reports prolong it, beside heartbeats.
    pub prolonged_by_traffic: bool,
    /// How many refused logins in a row lock their source address.
    pub lock_after: u32,
    /// For how long.
    pub lock: Duration,
}

impl Default for Sessions {
    /// As documented: 30 minutes, prolonged by traffic; five refusals lock for ten minutes.
    fn default() -> Self {
        Self {
            token_life: Duration::from_mins(30),
            prolonged_by_traffic: true,
            lock_after: 5,
            lock: Duration::from_mins(10),
        }
    }
}

/// The shape of reports, chosen at login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Parties stand in the report itself.
    Flat,
    /// Parties stand in the array `call`.
    Array,
}

/// Where reports go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) uri: Uri,
    pub(super) format: Format,
}

/// The state of all logins.
pub(super) struct Desk {
    rules: Sessions,
    user: String,
    password_md5: String,
    /// When each token dies; dead ones stay, to be told from unknown ones.
    tokens: HashMap<String, Instant>,
    /// The token of the last login, and where its reports go.
    current: Option<(String, Target)>,
    refusals: HashMap<IpAddr, Refusals>,
}

#[derive(Default)]
struct Refusals {
    in_a_row: u32,
    locked_until: Option<Instant>,
}

impl Desk {
    pub(super) fn new(rules: Sessions, user: &str, password: &str) -> Self {
        Self {
            rules,
            user: user.to_owned(),
            password_md5: hex(&Md5::digest(password)),
            tokens: HashMap::new(),
            current: None,
            refusals: HashMap::new(),
        }
    }

    /// `login`: gives a new token.
    pub(super) fn log_in(
        &mut self,
        from: IpAddr,
        parameters: &Parameters,
        now: Instant,
    ) -> Result<String, Errno> {
        self.pass_lock(from, now)?;
        let user = parameters.text("username").ok_or(Errno::EmptyParameter)?;
        let password = parameters.text("password").ok_or(Errno::EmptyParameter)?;
        let port = parameters.text("port").ok_or(Errno::EmptyParameter)?;
        let known = user == self.user
            && bool::from(password.as_bytes().ct_eq(self.password_md5.as_bytes()));
        if !known {
            self.refuse(from, now);
            return Err(Errno::WrongLogin);
        }
        self.refusals.remove(&from);
        let absolute = parameters.text("urltag").as_deref() == Some("1");
        let url = parameters.text("url");
        let uri =
            report_uri(&host(from), &port, url.as_deref(), absolute)?.ok_or(Errno::NotSupported)?;
        let format = match parameters.text("version").as_deref() {
            Some("1.0.1" | "1.0.2") => Format::Array,
            _ => Format::Flat,
        };
        let token = new_token();
        self.tokens.insert(token.clone(), now + self.rules.token_life);
        self.current = Some((token.clone(), Target { uri, format }));
        Ok(token)
    }

    /// Lets a request pass that carries this token.
    pub(super) fn pass(&mut self, token: Option<&str>, now: Instant) -> Result<(), Errno> {
        let token = token.filter(|token| !token.is_empty()).ok_or(Errno::NoToken)?;
        let dies = self.tokens.get_mut(token).ok_or(Errno::UnknownToken)?;
        if *dies <= now {
            return Err(Errno::ExpiredToken);
        }
        if self.rules.prolonged_by_traffic {
            *dies = now + self.rules.token_life;
        }
        Ok(())
    }

    /// `heartbeat`: prolongs the token and sets the address for reports.
    pub(super) fn beat(
        &mut self,
        token: Option<&str>,
        parameters: &Parameters,
        now: Instant,
    ) -> Result<(), Errno> {
        self.pass(token, now)?;
        let token = token.unwrap_or_default();
        let address = parameters.text("ipaddr").ok_or(Errno::EmptyParameter)?;
        let port = parameters.text("port").ok_or(Errno::EmptyParameter)?;
        let absolute =
            ["urlflag", "urltag"].iter().any(|name| parameters.text(name).as_deref() == Some("1"));
        let url = parameters.text("url");
        let uri =
            report_uri(&address, &port, url.as_deref(), absolute)?.ok_or(Errno::BadHeartbeat)?;
        self.tokens.insert(token.to_owned(), now + self.rules.token_life);
        if let Some((current, target)) = &mut self.current
            && current == token
        {
            target.uri = uri;
        }
        Ok(())
    }

    /// `logout`: the token is forgotten.
    pub(super) fn log_out(&mut self, token: Option<&str>, now: Instant) -> Result<(), Errno> {
        self.pass(token, now)?;
        self.tokens.remove(token.unwrap_or_default());
        Ok(())
    }

    /// Where reports go now; `None` when the last login's token is gone.
    pub(super) fn target(&self, now: Instant) -> Option<Target> {
        let (token, target) = self.current.as_ref()?;
        self.tokens.get(token).is_some_and(|dies| *dies > now).then(|| target.clone())
    }

    /// A report was taken: that counts as traffic.
    pub(super) fn report_taken(&mut self, now: Instant) {
        if self.rules.prolonged_by_traffic
            && let Some((token, _)) = &self.current
            && let Some(dies) = self.tokens.get_mut(token)
            && *dies > now
        {
            *dies = now + self.rules.token_life;
        }
    }

    /// The API service restarted: no token is known any more.
    pub(super) fn forget_tokens(&mut self) {
        self.tokens.clear();
        self.current = None;
    }

    fn pass_lock(&mut self, from: IpAddr, now: Instant) -> Result<(), Errno> {
        let Some(until) = self.refusals.get(&from).and_then(|refusals| refusals.locked_until)
        else {
            return Ok(());
        };
        if now < until {
            return Err(Errno::Locked);
        }
        self.refusals.remove(&from);
        Ok(())
    }

    fn refuse(&mut self, from: IpAddr, now: Instant) {
        let refusals = self.refusals.entry(from).or_default();
        refusals.in_a_row += 1;
        if refusals.in_a_row >= self.rules.lock_after {
            refusals.locked_until = Some(now + self.rules.lock);
        }
    }
}

impl fmt::Debug for Desk {
    /// Neither the password nor tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("rules", &self.rules).finish_non_exhaustive()
    }
}

/// The address for reports; `Ok(None)` if it cannot be one, such as HTTPS, which the PBX does not
/// push over.
fn report_uri(
    host: &str,
    port: &str,
    url: Option<&str>,
    absolute: bool,
) -> Result<Option<Uri>, Errno> {
    let port: u16 = port.parse().ok().filter(|port| *port > 0).ok_or(Errno::BadPort)?;
    let text = match url {
        Some(url) if absolute => {
            let url = url.strip_prefix("http://").unwrap_or(url);
            let (authority, path) = url.split_once('/').unwrap_or((url, ""));
            let has_port =
                authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
            let port = if has_port { String::new() } else { format!(":{port}") };
            format!("http://{authority}{port}/{path}")
        }
        relative => {
            let path = relative.unwrap_or_default().trim_start_matches('/');
            format!("http://{host}:{port}/{path}")
        }
    };
    Ok(text.parse::<Uri>().ok().filter(|uri| uri.host().is_some_and(|host| !host.is_empty())))
}

fn host(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

fn new_token() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the system has random bytes");
    hex(&bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes all text");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 20));
    const THERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 21));
    /// MD5 of `secret`.
    const SECRET: &str = "5ebe2294ecd0e0f08eab7690d2a6ee69";

    fn desk() -> Desk {
        Desk::new(Sessions::default(), "verifier", "secret")
    }

    fn parameters(json: &str) -> Parameters {
        Parameters::read(json.as_bytes()).unwrap()
    }

    fn login(rest: &str) -> Parameters {
        parameters(&format!(r#"{{"username":"verifier","password":"{SECRET}"{rest}}}"#))
    }

    /// Where reports go after a login with these parameters.
    fn check_target(rest: &str, expected: Result<&str, Errno>) {
        let now = Instant::now();
        let mut desk = desk();
        let found =
            desk.log_in(HERE, &login(rest), now).map(|_| desk.target(now).unwrap().uri.to_string());
        assert_eq!(found, expected.map(str::to_owned), "{rest}");
    }

    #[test]
    fn the_address_for_reports() {
        check_target(r#","port":"8260""#, Ok("http://192.0.2.20:8260/"));
        check_target(
            r#","port":8260,"url":"hook/4c1e","urltag":"0""#,
            Ok("http://192.0.2.20:8260/hook/4c1e"),
        );
        check_target(r#","port":"8260","url":"/hook""#, Ok("http://192.0.2.20:8260/hook"));
        check_target(
            r#","port":"8260","url":"198.51.100.1:9000/hook","urltag":"1""#,
            Ok("http://198.51.100.1:9000/hook"),
        );
        check_target(
            r#","port":"8260","url":"http://app.example/hook","urltag":1"#,
            Ok("http://app.example:8260/hook"),
        );
        check_target(
            r#","port":"8260","url":"https://app.example/","urltag":"1""#,
            Err(Errno::NotSupported),
        );
        check_target(r#","port":"0""#, Err(Errno::BadPort));
        check_target(r#","port":"65536""#, Err(Errno::BadPort));
        check_target("", Err(Errno::EmptyParameter));
    }

    #[test]
    fn five_refused_logins_lock_the_address() {
        let now = Instant::now();
        let mut desk = desk();
        let wrong = parameters(r#"{"username":"verifier","password":"x","port":"1"}"#);
        for _ in 0..5 {
            assert_eq!(desk.log_in(HERE, &wrong, now), Err(Errno::WrongLogin));
        }
        let right = login(r#","port":"8260""#);
        assert_eq!(desk.log_in(HERE, &right, now), Err(Errno::Locked));
        assert!(desk.log_in(THERE, &right, now).is_ok());
        let just_before = now + Duration::from_secs(599);
        assert_eq!(desk.log_in(HERE, &right, just_before), Err(Errno::Locked));
        assert!(desk.log_in(HERE, &right, now + Duration::from_mins(10)).is_ok());
    }

    #[test]
    fn a_good_login_ends_the_row_of_refusals() {
        let now = Instant::now();
        let mut desk = desk();
        let wrong = parameters(r#"{"username":"other","password":"x","port":"1"}"#);
        for _ in 0..3 {
            for _ in 0..4 {
                assert_eq!(desk.log_in(HERE, &wrong, now), Err(Errno::WrongLogin));
            }
            desk.log_in(HERE, &login(r#","port":"8260""#), now).unwrap();
        }
    }

    #[test]
    fn a_token_lives_half_an_hour_from_its_last_traffic() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut desk = desk();
        let token = desk.log_in(HERE, &login(r#","port":"8260""#), start).unwrap();
        assert_eq!(token.len(), 32);
        assert_eq!(desk.pass(None, start), Err(Errno::NoToken));
        assert_eq!(desk.pass(Some(""), start), Err(Errno::NoToken));
        assert_eq!(desk.pass(Some("x"), start), Err(Errno::UnknownToken));
        desk.pass(Some(&token), at(1799)).unwrap();
        desk.report_taken(at(3500));
        desk.pass(Some(&token), at(5299)).unwrap();
        assert!(desk.target(at(7000)).is_some());
        assert_eq!(desk.pass(Some(&token), at(7099)), Err(Errno::ExpiredToken));
        assert_eq!(desk.target(at(7099)), None);
    }

    #[test]
    fn heartbeats_alone_prolong_it_if_traffic_does_not() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let rules = Sessions { prolonged_by_traffic: false, ..Sessions::default() };
        let mut desk = Desk::new(rules, "verifier", "secret");
        let token = desk.log_in(HERE, &login(r#","port":"8260""#), start).unwrap();
        desk.pass(Some(&token), at(1000)).unwrap();
        desk.report_taken(at(1100));
        let beat = parameters(r#"{"ipaddr":"192.0.2.9","port":"8261","url":"x","urlflag":"0"}"#);
        desk.beat(Some(&token), &beat, at(1200)).unwrap();
        assert_eq!(desk.target(at(2999)).unwrap().uri, "http://192.0.2.9:8261/x");
        assert_eq!(desk.pass(Some(&token), at(3000)), Err(Errno::ExpiredToken));
    }

    #[test]
    fn heartbeats_need_an_address() {
        let now = Instant::now();
        let mut desk = desk();
        let token = desk.log_in(HERE, &login(r#","port":"8260""#), now).unwrap();
        let mut beat = |json: &str| desk.beat(Some(&token), &parameters(json), now);
        assert_eq!(beat("{}"), Err(Errno::EmptyParameter));
        assert_eq!(beat(r#"{"ipaddr":"192.0.2.9","port":"x"}"#), Err(Errno::BadPort));
        assert_eq!(beat(r#"{"ipaddr":"a b","port":"1"}"#), Err(Errno::BadHeartbeat));
        assert_eq!(beat(r#"{"ipaddr":"192.0.2.9","port":"1"}"#), Ok(()));
    }

    #[test]
    fn the_last_login_has_the_reports_and_silence_follows_its_logout() {
        let now = Instant::now();
        let mut desk = desk();
        let first = desk.log_in(HERE, &login(r#","port":"1""#), now).unwrap();
        let second = desk.log_in(THERE, &login(r#","port":"2","version":"1.0.2""#), now).unwrap();
        let target = desk.target(now).unwrap();
        assert_eq!(
            (target.uri.to_string().as_str(), target.format),
            ("http://192.0.2.21:2/", Format::Array)
        );
        let beat = parameters(r#"{"ipaddr":"192.0.2.20","port":"3"}"#);
        desk.beat(Some(&first), &beat, now).unwrap();
        assert_eq!(desk.target(now).unwrap().uri, "http://192.0.2.21:2/");
        desk.log_out(Some(&second), now).unwrap();
        assert_eq!(desk.target(now), None);
        desk.pass(Some(&first), now).unwrap();
        desk.forget_tokens();
        assert_eq!(desk.pass(Some(&first), now), Err(Errno::UnknownToken));
    }
}
