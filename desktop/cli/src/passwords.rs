//! Reads passwords and mailed codes: from a terminal without echo, from standard input, or from the environment. Stores none.

use std::io::{self, BufRead as _, IsTerminal as _};

use secrecy::{ExposeSecret, SecretString};

use crate::failure::Failure;

/// The password of an account: from standard input on request, else from `MANEIRO_PASSWORD`, else from the terminal.
pub(crate) fn account_password(from_stdin: bool, confirm: bool) -> Result<SecretString, Failure> {
    if from_stdin {
        return read_first_line();
    }
    if let Some(password) = secret_variable("MANEIRO_PASSWORD") {
        return Ok(password);
    }
    let password = prompt("Password: ")?.ok_or_else(|| {
        Failure::usage(
            "password_required",
            "no terminal to ask for the password; use --password-stdin or MANEIRO_PASSWORD",
        )
    })?;
    if confirm {
        let repeated = prompt("Repeat password: ")?;
        if repeated.as_ref().map(ExposeSecret::expose_secret) != Some(password.expose_secret()) {
            return Err(Failure::usage("password_mismatch", "the two passwords differ"));
        }
    }
    Ok(password)
}

/// Asks for the code that was mailed to an address.
pub(crate) fn mailed_code(email: &str) -> Result<SecretString, Failure> {
    prompt(&format!("Code in the mail to {email}: "))?.ok_or_else(|| {
        Failure::usage(
            "code_required",
            "no terminal to ask for the mailed code; use --outbox with an embedded cloud",
        )
    })
}

/// Asks for the password of a file; none without a terminal.
pub(crate) fn file_password(name: &str) -> Result<Option<SecretString>, Failure> {
    prompt(&format!("Password of {name}: "))
}

/// The first line of standard input.
pub(crate) fn read_first_line() -> Result<SecretString, Failure> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(Failure::output)?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned().into())
}

/// A secret from the environment. An empty variable counts as unset.
pub(crate) fn secret_variable(name: &str) -> Option<SecretString> {
    std::env::var(name).ok().filter(|value| !value.is_empty()).map(SecretString::from)
}

fn prompt(text: &str) -> Result<Option<SecretString>, Failure> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(None);
    }
    let password = rpassword::prompt_password(text).map_err(|_| {
        Failure::usage("password_required", "the password could not be read from the terminal")
    })?;
    Ok(Some(password.into()))
}
