//! Asking for passwords: without echo on a terminal, else from standard input or the environment. Kept nowhere.

use std::io::{self, BufRead as _, IsTerminal as _};

use secrecy::{ExposeSecret, SecretString};

use crate::failure::Failure;

/// The password of an account: from standard input if that was said, else `MANEIRO_PASSWORD`, else asked for.
pub(crate) fn account(from_stdin: bool, repeat: bool) -> Result<SecretString, Failure> {
    if from_stdin {
        return first_line();
    }
    if let Some(password) = variable("MANEIRO_PASSWORD") {
        return Ok(password);
    }
    let password = ask("Password: ")?.ok_or_else(|| {
        Failure::usage(
            "password_needed",
            "there is no terminal to ask for the password; give it with --password-stdin or MANEIRO_PASSWORD",
        )
    })?;
    if repeat {
        let again = ask("Once more: ")?;
        if again.as_ref().map(ExposeSecret::expose_secret) != Some(password.expose_secret()) {
            return Err(Failure::usage("passwords_differ", "the two passwords differ"));
        }
    }
    Ok(password)
}

/// Asks for the password of a file; none without a terminal.
pub(crate) fn of_file(name: &str) -> Result<Option<SecretString>, Failure> {
    ask(&format!("Password of {name}: "))
}

/// The first line of standard input.
pub(crate) fn first_line() -> Result<SecretString, Failure> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(Failure::output)?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned().into())
}

/// A secret of the environment; an empty one is none.
pub(crate) fn variable(name: &str) -> Option<SecretString> {
    std::env::var(name).ok().filter(|value| !value.is_empty()).map(SecretString::from)
}

fn ask(prompt: &str) -> Result<Option<SecretString>, Failure> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(None);
    }
    let password = rpassword::prompt_password(prompt)
        .map_err(|_| Failure::usage("password_needed", "the password could not be read from the terminal"))?;
    Ok(Some(password.into()))
}
