//! Logging in: a key that was named, the agent's keys, the user's own keys, a password.
//!
//! Each is tried and what came of it is told. Must not keep or show a secret beyond the process.

use super::{
    Error,
    private_key::{Protection, protection},
    said,
};
use secrecy::{ExposeSecret as _, SecretString};
use ssh2::{ErrorCode, KeyboardInteractivePrompt, Prompt, Session};
use std::{
    collections::HashMap,
    fmt, fs,
    path::{Path, PathBuf},
};

/// Keys in a user's folder that are tried when none is named.
const USUAL_KEYS: [&str; 3] = ["id_ed25519", "id_ecdsa", "id_rsa"];
/// Largest private key that is read; one of 16,384 bits has 13 KB.
const MAX_KEY_BYTES: u64 = 256 * 1024;

/// What a user can log in with.
pub struct Credentials {
    /// A private key to use, and no other.
    pub identity: Option<PathBuf>,
    /// The passphrase of private keys.
    pub passphrase: Option<SecretString>,
    /// The password.
    pub password: Option<SecretString>,
    /// Asks the user for a secret; `None` when there is nobody to ask.
    pub ask: fn(&str) -> Option<SecretString>,
    /// What was asked for already, so that a connection made again does not ask again.
    pub answers: HashMap<String, SecretString>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("identity", &self.identity).finish_non_exhaustive()
    }
}

impl Credentials {
    /// The same for further connections to the same server, which ask nobody anything.
    pub(super) fn for_more(&self) -> Self {
        Self {
            identity: self.identity.clone(),
            passphrase: self.passphrase.clone(),
            password: self.password.clone(),
            ask: |_| None,
            answers: self.answers.clone(),
        }
    }

    fn ask(&mut self, question: String) -> Option<SecretString> {
        if let Some(answer) = self.answers.get(&question) {
            return Some(answer.clone());
        }
        let answer = (self.ask)(&question)?;
        self.answers.insert(question, answer.clone());
        Some(answer)
    }
}

/// Logs in.
pub(super) fn log_in(
    session: &Session,
    user: &str,
    peer: &str,
    credentials: &mut Credentials,
) -> Result<(), Error> {
    let mut login = Login { session, user, peer, tried: Vec::new() };
    if login.try_keys(credentials)? {
        return Ok(());
    }
    // Asks the server without offering anything; some let one in at that. A key that is taken
    // spares this round trip.
    let methods = session.auth_methods(user).unwrap_or_default().to_owned();
    if session.authenticated() || login.try_password(&methods, credentials) {
        return Ok(());
    }
    let tried = if login.tried.is_empty() {
        "there is no key and no password to offer; use --identity, an agent, IVRKIT_SSH_PASSWORD or \
         --password-file"
            .to_owned()
    } else {
        login.tried.join(", ")
    };
    let methods = if methods.is_empty() { "no method".to_owned() } else { methods };
    let methods = super::super::path::printable(methods.as_bytes());
    Err(Error::Login { peer: peer.to_owned(), user: user.to_owned(), tried, methods })
}

struct Login<'a> {
    session: &'a Session,
    user: &'a str,
    peer: &'a str,
    tried: Vec<String>,
}

impl Login<'_> {
    fn try_keys(&mut self, credentials: &mut Credentials) -> Result<bool, Error> {
        if let Some(path) = credentials.identity.clone() {
            return self.try_file(&path, credentials);
        }
        if self.try_agent() {
            return Ok(true);
        }
        let Some(home) = std::env::home_dir() else { return Ok(false) };
        for name in USUAL_KEYS {
            let path = home.join(".ssh").join(name);
            if !path.is_file() {
                continue;
            }
            // A key that nobody named and that cannot be used is no reason to give up.
            match self.try_file(&path, credentials) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(error) => self.tried.push(error.to_string()),
            }
        }
        Ok(false)
    }

    fn try_agent(&mut self) -> bool {
        let Ok(mut agent) = self.session.agent() else { return false };
        if agent.connect().is_err() || agent.list_identities().is_err() {
            return false;
        }
        for key in agent.identities().unwrap_or_default() {
            let outcome = agent.userauth(self.user, &key);
            let name = super::super::path::printable(key.comment().as_bytes());
            if self.take(&format!("the agent's key {name}"), outcome) {
                return true;
            }
        }
        false
    }

    fn try_file(&mut self, path: &Path, credentials: &mut Credentials) -> Result<bool, Error> {
        let unusable =
            |reason: &str| Error::Identity { path: path.to_owned(), reason: reason.to_owned() };
        let key = read_key(path).map_err(|reason| unusable(&reason))?;
        let (passphrase, wrong) = match protection(key.as_bytes()) {
            Protection::NoKey => return Err(unusable("it holds no private key")),
            Protection::Open => (None, "its format is unknown or it is damaged"),
            Protection::Encrypted => {
                let given = credentials.passphrase.clone();
                let question = format!("Passphrase of {}: ", path.display());
                let given = given.or_else(|| credentials.ask(question));
                let missing = "it is encrypted; give its passphrase in IVRKIT_SSH_PASSPHRASE, or \
                               add the key to an agent";
                (Some(given.ok_or_else(|| unusable(missing))?), "the passphrase is wrong")
            }
        };
        let passphrase = passphrase.as_ref().map(SecretString::expose_secret);
        let outcome = self.session.userauth_pubkey_memory(self.user, None, &key, passphrase);
        if outcome.as_ref().is_err_and(is_unreadable_key) {
            return Err(unusable(wrong));
        }
        Ok(self.take(&format!("the key {}", path.display()), outcome))
    }

    fn try_password(&mut self, methods: &str, credentials: &mut Credentials) -> bool {
        let takes = |method: &str| methods.split(',').any(|taken| taken == method);
        if !takes("password") && !takes("keyboard-interactive") {
            return false;
        }
        let given = credentials.password.clone();
        let question = format!("Password of {} on {}: ", self.user, self.peer);
        let Some(password) = given.or_else(|| credentials.ask(question)) else { return false };
        let outcome = if takes("password") {
            self.session.userauth_password(self.user, password.expose_secret())
        } else {
            self.session.userauth_keyboard_interactive(self.user, &mut Answer(password))
        };
        self.take("the password", outcome)
    }

    fn take(&mut self, what: &str, outcome: Result<(), ssh2::Error>) -> bool {
        match outcome {
            Ok(()) => true,
            Err(error) => {
                let refused = matches!(error.code(), ErrorCode::Session(-18 | -19));
                let reason = if refused { "refused".to_owned() } else { said(&error) };
                self.tried.push(format!("{what}: {reason}"));
                false
            }
        }
    }
}

fn read_key(path: &Path) -> Result<String, String> {
    let metadata = fs::metadata(path).map_err(|error| error.to_string())?;
    if !metadata.is_file() || metadata.len() > MAX_KEY_BYTES {
        return Err("it is no file of a private key's size".to_owned());
    }
    fs::read_to_string(path).map_err(|error| error.to_string())
}

/// libssh2 could not read the key: `LIBSSH2_ERROR_FILE`, `_KEYFILE_AUTH_FAILED` or `_DECRYPT`-like
/// failures before anything was sent.
fn is_unreadable_key(error: &ssh2::Error) -> bool {
    matches!(error.code(), ErrorCode::Session(-16 | -48 | -1 | -33 | -10 | -6))
}

/// Answers whatever a server asks by the password, as logins without a terminal do.
struct Answer(SecretString);

impl KeyboardInteractivePrompt for Answer {
    fn prompt(&mut self, _user: &str, _words: &str, prompts: &[Prompt<'_>]) -> Vec<String> {
        prompts.iter().map(|_| self.0.expose_secret().to_owned()).collect()
    }
}
