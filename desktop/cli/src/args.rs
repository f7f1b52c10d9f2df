//! The command line.

use std::{
    num::{NonZeroU32, NonZeroUsize},
    ops::RangeInclusive,
    path::PathBuf,
    time::Duration,
};

use clap::{Parser, Subcommand, ValueHint};
use maneiro_api::{JobId, RetryPolicy, account::MailLanguage, limits::MAX_FOCUS_CHARS};
use maneiro_core::{languages::Languages, reading::ReadOptions, worker::PageLimits};
use time::{Date, format_description::well_known::Iso8601};

const AFTER_HELP: &str = "\
Environment:
  MANEIRO_CLOUD_URL   URL of the cloud, as --cloud
  MANEIRO_TOKEN       session token, instead of the one in the keychain
  MANEIRO_OUTBOX      folder of an embedded cloud's mails, as signup --outbox
  MANEIRO_PASSWORD    password of the account for signup and login, instead of a prompt
  MANEIRO_STORE_KEY   key of the local store, 64 hexadecimal digits, instead of the one in the keychain
  MANEIRO_DATA_DIR    folder of the local store

Exit codes:
  0 success   1 internal error   2 usage error   3 unusable file   4 not signed in or not permitted
  5 cloud unreachable   6 limit reached   7 local store or disk error   8 refused by the cloud
  9 analysis failed   130 interrupted";

/// Turns patient records into analyses in which every statement can be traced to its page.
#[derive(Debug, Parser)]
#[command(name = "maneiro", version, after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// URL of the cloud
    #[arg(long, global = true, env = "MANEIRO_CLOUD_URL", value_name = "URL", hide_env_values = true)]
    pub(crate) cloud: Option<String>,
    /// How long to retry a cloud that does not respond, in seconds [default: 60 for analyze, else 5]
    #[arg(long, global = true, value_name = "SECONDS")]
    pub(crate) retry_for: Option<u32>,
    /// Print one JSON document on standard output and errors as JSON on standard error
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: CliCommand,
}

impl Args {
    /// `--retry-for`, or the command's default.
    pub(crate) fn retry_policy(&self) -> RetryPolicy {
        let default = if matches!(self.command, CliCommand::Analyze(_)) { 60 } else { 5 };
        RetryPolicy::with_total_delay(Duration::from_secs(self.retry_for.unwrap_or(default).into()))
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum CliCommand {
    /// Register a clinic with its first admin, and sign in
    Signup(SignupArgs),
    /// Sign in
    Login(LoginArgs),
    /// Sign out
    Logout,
    /// Show the signed-in user and the use of the plan
    Whoami,
    /// Read a file on this machine and print its text; nothing is uploaded
    Read(ReadArgs),
    /// Write a searchable PDF of a scanned file on this machine; the file itself is not changed
    SearchablePdf(SearchablePdfArgs),
    /// Read files, upload their pages to the cloud, and show the analysis
    Analyze(AnalyzeArgs),
    /// List the clinic's analyses, newest first
    Jobs(JobsArgs),
    /// Show the result of an analysis
    Report(ReportArgs),
    /// Run an analysis on this machine alone, of a synthetic sample record or a file
    Demo(DemoArgs),
    /// Print the licences of this program and of the lists of terms that it uses
    Licences,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SignupArgs {
    /// Name of the clinic
    #[arg(long)]
    pub(crate) clinic: String,
    /// Your name
    #[arg(long)]
    pub(crate) name: String,
    /// Your e-mail address
    #[arg(long)]
    pub(crate) email: String,
    /// Language of the mail with the code
    #[arg(long, value_parser = parse_mail_language, value_name = "en|es", default_value = "en")]
    pub(crate) mail_language: MailLanguage,
    /// Take the mailed code from this folder, DIR/outbox of `maneiro-cloud serve --embedded DIR`, instead of asking for it
    #[arg(long, env = "MANEIRO_OUTBOX", value_name = "DIR", value_hint = ValueHint::DirPath, hide_env_values = true)]
    pub(crate) outbox: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) sign_in: SignInArgs,
}

fn parse_mail_language(text: &str) -> Result<MailLanguage, &'static str> {
    match text {
        "en" => Ok(MailLanguage::En),
        "es" => Ok(MailLanguage::Es),
        _ => Err("must be en or es"),
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct LoginArgs {
    /// Your e-mail address
    #[arg(long)]
    pub(crate) email: String,
    #[command(flatten)]
    pub(crate) sign_in: SignInArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SignInArgs {
    /// Read the password from standard input
    #[arg(long)]
    pub(crate) password_stdin: bool,
    /// Print the session token instead of storing it in the keychain
    #[arg(long, conflicts_with = "json")]
    pub(crate) print_token: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ReadingArgs {
    /// Language of scans, by the name of its Tesseract model, such as deu; of several, the most likely first, such as
    /// deu+eng. A file that was read in other languages is read again [default: eng]
    #[arg(long = "language", value_name = "MODEL")]
    languages: Vec<Languages>,
    /// Number of pages to read in parallel [default: one per core]
    #[arg(long, value_name = "N")]
    workers: Option<NonZeroUsize>,
    /// Memory limit of a page, besides the file itself
    #[arg(long, value_name = "MIB", default_value = "1024")]
    page_memory: NonZeroU32,
    /// Time limit of a page
    #[arg(long, value_name = "SECONDS", default_value = "60")]
    page_timeout: NonZeroU32,
    /// Retry pages that could not be read before
    #[arg(long)]
    retry_unreadable: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct FilePasswordArgs {
    /// Read the password of an encrypted file from standard input
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

impl ReadingArgs {
    /// `worker` is the binary that becomes a page worker.
    pub(crate) fn options(&self, worker: PathBuf) -> ReadOptions {
        let default = ReadOptions::new(worker);
        ReadOptions {
            workers: self.workers.unwrap_or(default.workers),
            limits: PageLimits {
                memory_mib: self.page_memory,
                time: Duration::from_secs(self.page_timeout.get().into()),
            },
            languages: Languages::merge(self.languages.clone()),
            retry_unreadable: self.retry_unreadable,
            ..default
        }
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct ReadArgs {
    /// A PDF, or a PNG, JPEG or TIFF image
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Pages to read, such as 3 or 1-5 [default: all]
    #[arg(long, value_name = "PAGES", value_parser = parse_page_range)]
    pub(crate) pages: Option<RangeInclusive<u32>>,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) password: FilePasswordArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SearchablePdfArgs {
    /// A PDF, or a PNG, JPEG or TIFF image
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Path of the searchable PDF
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) out: PathBuf,
    /// Replace an existing file
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct AnalyzeArgs {
    /// The files of one patient's record, in their order
    #[arg(required = true, value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,
    /// What the analysis should focus on, such as "left shoulder after the 2024 fall"
    #[arg(long, value_name = "TEXT", value_parser = parse_focus)]
    pub(crate) focus: Option<String>,
    /// First date of interest, such as 2024-03-01
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    pub(crate) from: Option<Date>,
    /// Last date of interest
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    pub(crate) to: Option<Date>,
    /// Title of the record [default: the first file's name]
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// Upload the original files too, encrypted
    #[arg(long)]
    pub(crate) include_originals: bool,
    /// Request a new analysis even if there is one of these files, focus and dates
    #[arg(long)]
    pub(crate) rerun: bool,
    /// Write report.pdf, report.md and report.json to this folder
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) password: FilePasswordArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct JobsArgs {
    /// Number of analyses to list
    #[arg(long, value_name = "N", default_value = "20")]
    pub(crate) limit: NonZeroU32,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ReportArgs {
    /// Job of the analysis, as `maneiro jobs` lists it
    pub(crate) job: JobId,
    /// Write report.pdf, report.md and report.json to this folder
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DemoArgs {
    /// File to analyse instead of the sample record
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: Option<PathBuf>,
    /// Folder of report.pdf, report.md and report.json
    #[arg(long, value_name = "DIR", default_value = "maneiro-out", value_hint = ValueHint::DirPath)]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) password: FilePasswordArgs,
}

fn parse_page_range(text: &str) -> Result<RangeInclusive<u32>, &'static str> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (first.trim().parse(), last.trim().parse()) {
        (Ok(first @ 1..), Ok(last)) if first <= last => Ok(first..=last),
        _ => Err("must be a page such as 3, or a range such as 1-5"),
    }
}

fn parse_date(text: &str) -> Result<Date, &'static str> {
    Date::parse(text, &Iso8601::DATE).map_err(|_| "must be a date such as 2024-03-01")
}

fn parse_focus(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("must not be empty".to_owned()),
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
    fn the_command_line_is_valid() {
        Args::command().debug_assert();
    }

    #[test]
    fn pages_are_a_number_or_a_range() {
        assert_eq!(parse_page_range("3"), Ok(3..=3));
        assert_eq!(parse_page_range("1-5"), Ok(1..=5));
        for wrong in ["", "0", "5-1", "a", "1-", "-3", "1-2-3"] {
            assert!(parse_page_range(wrong).is_err(), "{wrong}");
        }
    }
}
