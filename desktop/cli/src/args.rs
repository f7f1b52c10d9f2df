//! What can be said on the command line.

use std::{
    num::{NonZeroU32, NonZeroUsize},
    ops::RangeInclusive,
    path::PathBuf,
    time::Duration,
};

use clap::{Args as Arguments, Parser, Subcommand, ValueHint};
use maneiro_api::{JobId, limits::MAX_FOCUS_CHARS};
use maneiro_core::{languages::Languages, reading::Options, worker::PageLimits};
use time::{Date, format_description::well_known::Iso8601};

const AFTER_HELP: &str = "\
Environment:
  MANEIRO_CLOUD_URL   the cloud's address, as --cloud
  MANEIRO_TOKEN       a session's token, instead of the one in the keychain
  MANEIRO_PASSWORD    the account's password for signup and login, instead of asking
  MANEIRO_STORE_KEY   the local store's key, 64 hexadecimal digits, instead of the one in the keychain
  MANEIRO_DATA_DIR    the folder of the local store

Exit codes:
  0 done   1 fault   2 usage   3 a file cannot be used   4 not signed in or not allowed
  5 cloud unreachable   6 limit reached   7 local store or disk   8 refused by the cloud
  9 the analysis failed   130 stopped";

/// Turns patient records into analyses in which every statement can be followed to its page.
#[derive(Debug, Parser)]
#[command(name = "maneiro", version, after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// The cloud's address
    #[arg(long, global = true, env = "MANEIRO_CLOUD_URL", value_name = "URL", hide_env_values = true)]
    pub(crate) cloud: Option<String>,
    /// For how long a cloud that does not answer is tried again, in seconds [default: 60 for analyze, else 5]
    #[arg(long, global = true, value_name = "SECONDS")]
    pub(crate) retry_for: Option<u32>,
    /// One JSON document on standard output, errors as JSON on standard error, nothing else
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Args {
    /// `--retry-for`, or what suits the command.
    pub(crate) fn patience(&self) -> Duration {
        let usual = if matches!(self.command, Command::Analyze(_)) { 60 } else { 5 };
        Duration::from_secs(self.retry_for.unwrap_or(usual).into())
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a clinic with its first admin, and sign in
    Signup(Signup),
    /// Sign in
    Login(Login),
    /// End the session
    Logout,
    /// Who is signed in, and what is left of the plan
    Whoami,
    /// Read a file on this machine; nothing leaves it
    Read(Read),
    /// Make a searchable copy of a scanned file on this machine; the file itself stays as it is
    Copy(Copy),
    /// Read files, send their pages to the cloud, and get the analysis
    Analyze(Analyze),
    /// The clinic's analyses, newest first
    Jobs(Jobs),
    /// The result of an analysis
    Report(Report),
    /// The whole job on this machine alone, on a synthetic sample record or a file
    Demo(Demo),
}

#[derive(Debug, Arguments)]
pub(crate) struct Signup {
    /// The clinic's name
    #[arg(long)]
    pub(crate) clinic: String,
    /// Your name
    #[arg(long)]
    pub(crate) name: String,
    /// Your e-mail address
    #[arg(long)]
    pub(crate) email: String,
    #[command(flatten)]
    pub(crate) sign_in: SignIn,
}

#[derive(Debug, Arguments)]
pub(crate) struct Login {
    /// Your e-mail address
    #[arg(long)]
    pub(crate) email: String,
    #[command(flatten)]
    pub(crate) sign_in: SignIn,
}

#[derive(Debug, Arguments)]
pub(crate) struct SignIn {
    /// Take the password from standard input instead of asking
    #[arg(long)]
    pub(crate) password_stdin: bool,
    /// Print the session's token instead of keeping it in the keychain
    #[arg(long, conflicts_with = "json")]
    pub(crate) print_token: bool,
}

#[derive(Debug, Arguments)]
pub(crate) struct Reading {
    /// The language that scans are in, by the name of Tesseract's model, such as deu; of several, the likeliest first,
    /// such as deu+eng. A file that was read in other languages is read anew [default: eng]
    #[arg(long = "language", value_name = "MODEL")]
    languages: Vec<Languages>,
    /// How many pages are read side by side [default: one per core]
    #[arg(long, value_name = "N")]
    workers: Option<NonZeroUsize>,
    /// How much memory one page may take, beside the file itself
    #[arg(long, value_name = "MIB", default_value = "1024")]
    page_memory: NonZeroU32,
    /// How long one page may take
    #[arg(long, value_name = "SECONDS", default_value = "60")]
    page_seconds: NonZeroU32,
    /// Try pages again that could not be read before
    #[arg(long)]
    retry_unreadable: bool,
}

#[derive(Debug, Arguments)]
pub(crate) struct Password {
    /// Take the password of a protected file from standard input instead of asking
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

impl Reading {
    /// The same for the core; `worker` is the binary that becomes a page worker.
    pub(crate) fn options(&self, worker: PathBuf) -> Options {
        let usual = Options::new(worker);
        Options {
            workers: self.workers.unwrap_or(usual.workers),
            limits: PageLimits {
                memory_mib: self.page_memory,
                time: Duration::from_secs(self.page_seconds.get().into()),
            },
            languages: Languages::of(self.languages.clone()),
            retry_unreadable: self.retry_unreadable,
            ..usual
        }
    }
}

#[derive(Debug, Arguments)]
pub(crate) struct Read {
    /// A PDF, or a PNG, JPEG or TIFF image
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Only these pages, such as 3 or 1-5
    #[arg(long, value_name = "PAGES", value_parser = page_range)]
    pub(crate) pages: Option<RangeInclusive<u32>>,
    #[command(flatten)]
    pub(crate) reading: Reading,
    #[command(flatten)]
    pub(crate) password: Password,
}

#[derive(Debug, Arguments)]
pub(crate) struct Copy {
    /// A PDF, or a PNG, JPEG or TIFF image
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Where the copy is written, a PDF
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) out: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Debug, Arguments)]
pub(crate) struct Analyze {
    /// The files of one patient's record, in their order
    #[arg(required = true, value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,
    /// What to look at in particular, such as "left shoulder after the 2024 fall"
    #[arg(long, value_name = "TEXT", value_parser = focus)]
    pub(crate) focus: Option<String>,
    /// The first day to look at, such as 2024-03-01
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) from: Option<Date>,
    /// The last day to look at
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) to: Option<Date>,
    /// What to call the record [default: the first file's name]
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// Send the original files too, sealed
    #[arg(long)]
    pub(crate) originals: bool,
    /// Ask for a new analysis although there is one of these files, focus and days
    #[arg(long)]
    pub(crate) again: bool,
    /// Write report.pdf, report.md and analysis.json here
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: Reading,
    #[command(flatten)]
    pub(crate) password: Password,
}

#[derive(Debug, Arguments)]
pub(crate) struct Jobs {
    /// How many to show
    #[arg(long, value_name = "N", default_value = "20")]
    pub(crate) limit: NonZeroU32,
}

#[derive(Debug, Arguments)]
pub(crate) struct Report {
    /// The analysis's job, as `maneiro jobs` lists it
    pub(crate) job: JobId,
    /// Write report.pdf, report.md and analysis.json here
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Arguments)]
pub(crate) struct Demo {
    /// A file to use instead of the sample record
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: Option<PathBuf>,
    /// Where report.pdf, report.md and analysis.json are written
    #[arg(long, value_name = "DIR", default_value = "maneiro-out", value_hint = ValueHint::DirPath)]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) reading: Reading,
    #[command(flatten)]
    pub(crate) password: Password,
}

fn page_range(text: &str) -> Result<RangeInclusive<u32>, &'static str> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (first.trim().parse(), last.trim().parse()) {
        (Ok(first @ 1..), Ok(last)) if first <= last => Ok(first..=last),
        _ => Err("must be a page, or the first and last of several, such as 1-5"),
    }
}

fn date(text: &str) -> Result<Date, &'static str> {
    Date::parse(text, &Iso8601::DATE).map_err(|_| "must be a day such as 2024-03-01")
}

fn focus(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("must say something".to_owned()),
        text if text.chars().count() > MAX_FOCUS_CHARS => {
            Err(format!("must have at most {MAX_FOCUS_CHARS} characters"))
        }
        text => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn pages_are_one_or_a_range() {
        assert_eq!(page_range("3"), Ok(3..=3));
        assert_eq!(page_range("1-5"), Ok(1..=5));
        for wrong in ["", "0", "5-1", "a", "1-", "-3", "1-2-3"] {
            assert!(page_range(wrong).is_err(), "{wrong}");
        }
    }
}
