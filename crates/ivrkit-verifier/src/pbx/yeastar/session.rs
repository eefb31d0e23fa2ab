//! The rules of a Yeastar session: when to log in, what a refusal means, which requests repeat.
//!
//! Knows no HTTP and no clock: it is told what was answered and when.

use super::message::Errno;
use crate::secret;
use ivrkit_dialplan::verification::{Answer, TimeMs};
use secrecy::SecretString;

/// How long the PBX locks an address out after five wrong logins.
const LOCK_MS: TimeMs = 10 * 60 * 1000;
/// Between two tries of a login that nobody answered.
const LOGIN_AGAIN_MS: TimeMs = 1_000;
/// API versions in the order tried: the documents head the login `v1.10` and use `v1.1.0`.
const VERSIONS: [&str; 2] = ["v1.1.0", "v1.10"];

/// Request not supported: another version or endpoint may be.
const NOT_SUPPORTED: u32 = 10003;
const LOCKED: u32 = 20002;
const WRONG_PASSWORD: u32 = 20003;

/// Where a session stands.
#[derive(Debug)]
pub struct Session {
    phase: Phase,
    version: usize,
    logins: u64,
}

#[derive(Debug)]
enum Phase {
    Out { again_at: TimeMs },
    In { token: SecretString },
    Refused { password: SecretString },
    Locked { until: TimeMs },
}

/// A token and which login it came from.
#[derive(Debug, Clone)]
pub struct Token {
    /// As the PBX gave it.
    pub text: SecretString,
    /// Number of the login, from 1.
    pub login: u64,
}

/// Why there is no login now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoLogin {
    /// This very password was refused; sending it again would lock the address out.
    Refused,
    /// The address is locked out.
    Locked,
    /// The last try was a moment ago.
    TooSoon,
}

/// What a login's answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginOutcome {
    /// Logged in.
    In,
    /// Try the next API version at once.
    OtherVersion,
    /// User or password refused.
    Refused,
    /// Locked out.
    Locked,
    /// It did not work this time; the PBX's number if it gave one.
    Failed(u32),
}

/// Why a request was not done, as far as anybody can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It never left: no connection, or no session.
    NotSent,
    /// It left, and no answer that can be read came back.
    Unsure,
    /// The PBX refused by number.
    Refused(u32),
    /// The PBX's web server refused with this HTTP status.
    Status(u16),
}

impl Default for Session {
    fn default() -> Self {
        Self { phase: Phase::Out { again_at: 0 }, version: 0, logins: 0 }
    }
}

impl Session {
    /// The token, while there is one.
    pub fn token(&self) -> Option<Token> {
        match &self.phase {
            Phase::In { token } => Some(Token { text: token.clone(), login: self.logins }),
            _ => None,
        }
    }

    /// The API version in paths, such as `v1.1.0`.
    pub fn version(&self) -> &'static str {
        VERSIONS[self.version]
    }

    /// Whether this password, as its MD5, may be sent now.
    ///
    /// # Errors
    /// Why it may not.
    pub fn may_log_in(&self, now: TimeMs, password: &SecretString) -> Result<(), NoLogin> {
        match &self.phase {
            Phase::Refused { password: refused } if secret::same(refused, password) => {
                Err(NoLogin::Refused)
            }
            Phase::Locked { until } if now < *until => Err(NoLogin::Locked),
            Phase::Out { again_at } if now < *again_at => Err(NoLogin::TooSoon),
            _ => Ok(()),
        }
    }

    /// Takes the answer to a login with this password.
    pub fn login_answered(
        &mut self,
        now: TimeMs,
        password: &SecretString,
        answer: Result<SecretString, Failure>,
    ) -> LoginOutcome {
        match answer {
            Ok(token) => {
                self.logins += 1;
                self.phase = Phase::In { token };
                LoginOutcome::In
            }
            Err(Failure::Refused(NOT_SUPPORTED) | Failure::Status(404))
                if self.version + 1 < VERSIONS.len() =>
            {
                self.version += 1;
                LoginOutcome::OtherVersion
            }
            Err(Failure::Refused(WRONG_PASSWORD)) => {
                self.phase = Phase::Refused { password: password.clone() };
                LoginOutcome::Refused
            }
            Err(Failure::Refused(LOCKED)) => {
                self.phase = Phase::Locked { until: now + LOCK_MS };
                LoginOutcome::Locked
            }
            Err(failure) => {
                self.version = 0;
                self.phase = Phase::Out { again_at: now + LOGIN_AGAIN_MS };
                LoginOutcome::Failed(failure.code())
            }
        }
    }

    /// A request with this token was answered: whether the token is gone, so that a new login and
    /// one repeat are due. The token of an older login says nothing about the present one.
    pub fn token_refused(&mut self, token: &Token, failure: Failure) -> bool {
        let lost = matches!(failure, Failure::Refused(20004..=20006));
        if lost && token.login == self.logins && matches!(self.phase, Phase::In { .. }) {
            self.phase = Phase::Out { again_at: 0 };
        }
        lost
    }
}

impl Failure {
    /// What the machine is told about a request that steers a call.
    pub fn answer(self) -> Answer {
        match self {
            Self::Unsure | Self::Status(500..) => Answer::Unsure,
            Self::Refused(10007) => Answer::NoSuchCall,
            Self::Refused(10015) => Answer::NotYet,
            // Busy line, too often, no hand-over inside the PBX, no memory, no session: later.
            Self::NotSent | Self::Refused(10025 | 10027 | 20002..=20006 | 20010 | 30001) => {
                Answer::NotDone
            }
            Self::Refused(code) => Answer::Refused { code },
            Self::Status(status) => Answer::Refused { code: u32::from(status) },
        }
    }

    /// The number to log.
    pub fn code(self) -> u32 {
        match self {
            Self::Refused(code) => code,
            Self::Status(status) => u32::from(status),
            Self::NotSent | Self::Unsure => 0,
        }
    }
}

impl From<Errno> for Failure {
    fn from(Errno(code): Errno) -> Self {
        Self::Refused(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn md5(text: &str) -> SecretString {
        SecretString::from(text)
    }

    fn log_in(session: &mut Session) {
        session.login_answered(0, &md5("a"), Ok(SecretString::from("t")));
    }

    #[test]
    fn a_refused_password_is_never_sent_again_but_another_is() {
        let mut session = Session::default();
        let refused = Err(Failure::Refused(20003));
        assert_eq!(session.login_answered(0, &md5("a"), refused), LoginOutcome::Refused);
        let a_year_ms = 365 * 24 * 3600 * 1000;
        assert_eq!(session.may_log_in(a_year_ms, &md5("a")), Err(NoLogin::Refused));
        assert_eq!(session.may_log_in(1, &md5("b")), Ok(()));
    }

    #[test]
    fn a_lock_is_waited_for() {
        let mut session = Session::default();
        let locked = Err(Failure::Refused(20002));
        assert_eq!(session.login_answered(5, &md5("a"), locked), LoginOutcome::Locked);
        assert_eq!(session.may_log_in(LOCK_MS, &md5("a")), Err(NoLogin::Locked));
        assert_eq!(session.may_log_in(LOCK_MS + 5, &md5("a")), Ok(()));
    }

    #[test]
    fn the_older_path_is_tried_when_the_newer_is_not_supported() {
        let mut session = Session::default();
        let unsupported = || Err(Failure::Refused(10003));
        assert_eq!(session.version(), "v1.1.0");
        let outcome = session.login_answered(0, &md5("a"), unsupported());
        assert_eq!((outcome, session.version()), (LoginOutcome::OtherVersion, "v1.10"));
        let outcome = session.login_answered(0, &md5("a"), unsupported());
        assert_eq!(outcome, LoginOutcome::Failed(10003));
    }

    #[test]
    fn an_unanswered_login_is_tried_again_a_little_later() {
        let mut session = Session::default();
        session.login_answered(100, &md5("a"), Err(Failure::Unsure));
        assert_eq!(session.may_log_in(200, &md5("a")), Err(NoLogin::TooSoon));
        assert_eq!(session.may_log_in(1_100, &md5("a")), Ok(()));
    }

    #[test]
    fn only_the_present_token_can_be_lost() {
        let mut session = Session::default();
        log_in(&mut session);
        let old = session.token().unwrap();
        assert!(session.token_refused(&old, Failure::Refused(20006)));
        assert!(session.token().is_none());
        log_in(&mut session);
        assert!(session.token_refused(&old, Failure::Refused(20004)), "repeat with the new one");
        assert!(session.token().is_some());
        let token = session.token().unwrap();
        assert!(!session.token_refused(&token, Failure::Refused(10007)));
    }

    #[test]
    fn refusals_mean_what_the_table_says() {
        let check = |failure: Failure, expected| assert_eq!(failure.answer(), expected);
        check(Failure::NotSent, Answer::NotDone);
        check(Failure::Unsure, Answer::Unsure);
        check(Failure::Status(502), Answer::Unsure);
        check(Failure::Status(403), Answer::Refused { code: 403 });
        check(Failure::Refused(10007), Answer::NoSuchCall);
        check(Failure::Refused(10015), Answer::NotYet);
        for code in [10025, 10027, 20010, 30001] {
            check(Failure::Refused(code), Answer::NotDone);
        }
        for code in [10003, 10004, 10006, 10011, 10012, 10024, 10001, 0] {
            check(Failure::Refused(code), Answer::Refused { code });
        }
    }
}
