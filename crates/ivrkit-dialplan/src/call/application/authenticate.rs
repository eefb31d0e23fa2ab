//! `Authenticate(password,options,digits,sounds)`: asks for a password, three times at the most.

use super::{
    super::line::{Line, Played},
    Outcome,
    entry::{self, End, Wanted},
    given::Given,
};
use crate::number::parsed;

/// Most digits of a password.
const MOST_DIGITS: usize = 254;
const ATTEMPTS: u32 = 3;

/// Goes on with the right password, else ends the call. Passwords in a file or the database are
/// not modelled.
pub(super) async fn run(line: &Line, data: &[u8]) -> Outcome {
    if data.is_empty() {
        line.complain(None, "Authenticate is given no password".to_owned());
        return Outcome::HangUp;
    }
    if !line.answer(0).await {
        return Outcome::HangUp;
    }
    let given = Given::new(data, 4);
    let password = given.text(0);
    if password.starts_with(b"/") {
        line.not_modelled("Authenticate with a file or the database");
        return Outcome::HangUp;
    }
    let most = usize::try_from(parsed(&given.text(2))).unwrap_or(0);
    let most = if (1..=MOST_DIGITS).contains(&most) { most } else { MOST_DIGITS };
    let own_prompt = given.text(3);
    let first: &[u8] = if own_prompt.is_empty() { b"agent-pass" } else { &own_prompt };
    let language = line.with(|channel| channel.setup.language.clone());
    if !asks(line, &password, first, most).await {
        line.play(b"vm-goodbye", &language, &|_| false).await;
        return Outcome::HangUp;
    }
    if given.flags(1).has(b'a') {
        line.set(b"CHANNEL(accountcode)", &password);
    }
    // Without this sound the call ends, as Asterisk has it.
    match line.play(b"auth-thankyou", &language, &|_| false).await {
        Played::Whole | Played::Key(_) => Outcome::Next,
        Played::Missing | Played::Refused | Played::Gone => Outcome::HangUp,
    }
}

/// Whether the right password was typed.
async fn asks(line: &Line, password: &[u8], first: &[u8], most: usize) -> bool {
    let mut prompts = first;
    for _ in 0..ATTEMPTS {
        let wanted = Wanted { prompts, most, timeout_ms: None, enders: b"#" };
        let entry = entry::read(line, &wanted).await;
        match entry.end {
            End::Gone | End::NoPrompt => return false,
            _ if entry.digits == password => return true,
            _ => prompts = b"auth-incorrect",
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::super::trial::Trial;

    const LOCKED: &str = "[m]\nexten => s,1,Authenticate(42)\nsame => n,NoOp(in)\n";

    #[test]
    fn the_right_password_opens() {
        Trial::of(LOCKED).heard().check(
            "42#",
            &[
                "0.00 m,s,1 Authenticate(42)",
                "0.00 hears agent-pass",
                "0.10 digit 4",
                "0.10 stops agent-pass",
                "0.30 digit 2",
                "0.50 digit #",
                "0.50 hears auth-thankyou",
                "1.00 m,s,2 NoOp(in)",
                "1.00 end, cause 0, at m,s,3",
            ],
        );
    }

    #[test]
    fn three_wrong_ones_end_the_call() {
        Trial::of("[m]\nexten => s,1,Authenticate(42,,1)\n").heard().check(
            "123",
            &[
                "0.00 m,s,1 Authenticate(42,,1)",
                "0.00 hears agent-pass",
                "0.10 digit 1",
                "0.10 stops agent-pass",
                "0.10 hears auth-incorrect",
                "0.30 digit 2",
                "0.30 stops auth-incorrect",
                "0.30 hears auth-incorrect",
                "0.50 digit 3",
                "0.50 stops auth-incorrect",
                "0.50 hears vm-goodbye",
                "1.00 end, cause 0, at m,s,1",
            ],
        );
    }

    #[test]
    fn files_are_not_modelled() {
        Trial::of("[m]\nexten => s,1,Authenticate(/etc/codes)\n").check(
            "",
            &[
                "0.00 m,s,1 Authenticate(/etc/codes)",
                "0.00 end, cause 0, at m,s,1, not modelled: Authenticate with a file or the database",
            ],
        );
    }
}
