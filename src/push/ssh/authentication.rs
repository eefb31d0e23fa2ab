//! Logging in: a key that was named, the agent's keys, the user's own keys, a password.
//!
//! Each is tried and what came of it is told. Must not keep or show a secret beyond the process.

use super::{
    Error,
    destination::Destination,
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
    /// For a host on the way: keys and questions, but no password that was given for the end.
    pub(super) fn for_hop(&self) -> Self {
        Self {
            identity: None,
            passphrase: self.passphrase.clone(),
            password: None,
            ask: self.ask,
            answers: self.answers.clone(),
        }
    }

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

    /// Keeps what was asked for on the way.
    pub(super) fn remember(&mut self, hop: Self) {
        self.answers = hop.answers;
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
    destination: &Destination,
    credentials: &mut Credentials,
) -> Result<(), Error> {
    let Destination { user, peer, .. } = destination;
    let mut login = Login { session, user, peer, destination, tried: Vec::new() };
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
        "there is no key and no password to offer; use --key, an agent, IVRKIT_SSH_PASSWORD or \
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
    destination: &'a Destination,
    tried: Vec<String>,
}

impl Login<'_> {
    fn try_keys(&mut self, credentials: &mut Credentials) -> Result<bool, Error> {
        if let Some(path) = credentials.identity.clone() {
            return self.try_file(&path, credentials);
        }
        let config = &self.destination.config;
        let usual = || {
            let home = std::env::home_dir().unwrap_or_default();
            USUAL_KEYS.map(|name| home.join(".ssh").join(name)).to_vec()
        };
        let named = !config.identity_files.is_empty();
        let files = if named { config.identity_files.clone() } else { usual() };
        let only = config.identities_only.unwrap_or(false).then_some(&files[..]);
        if self.try_agent(only) {
            return Ok(true);
        }
        for path in files.into_iter().filter(|path| path.is_file()) {
            // A key that nobody named and that cannot be used is no reason to give up.
            match self.try_file(&path, credentials) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(error) => self.tried.push(error.to_string()),
            }
        }
        Ok(false)
    }

    /// Tries the agent's keys, those of some files first; no others if `only` these may be used.
    fn try_agent(&mut self, only: Option<&[PathBuf]>) -> bool {
        let Ok(mut agent) = self.session.agent() else { return false };
        match self.destination.config.identity_agent.as_deref() {
            Some("none") => return false,
            Some("SSH_AUTH_SOCK") | None => {}
            Some(path) if agent.set_identity_path(Path::new(path)).is_err() => return false,
            Some(_) => {}
        }
        if agent.connect().is_err() || agent.list_identities().is_err() {
            return false;
        }
        let allowed =
            only.map(|files| files.iter().filter_map(|path| public_key(path)).collect::<Vec<_>>());
        for key in agent.identities().unwrap_or_default() {
            if allowed.as_ref().is_some_and(|allowed| !allowed.iter().any(|one| one == key.blob()))
            {
                continue;
            }
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

/// The public key beside a private one, which tells it apart among those of an agent.
fn public_key(path: &Path) -> Option<Vec<u8>> {
    let path = if path.extension().is_some_and(|ending| ending == "pub") {
        path.to_owned()
    } else {
        let mut name = path.as_os_str().to_owned();
        name.push(".pub");
        PathBuf::from(name)
    };
    let text = fs::read_to_string(path).ok()?;
    openssl::base64::decode_block(text.split_whitespace().nth(1)?).ok()
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
