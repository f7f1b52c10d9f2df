//! Output for people and programs: progress on a terminal, results on standard output, notes and errors on standard error.
//! With `--json`, one document and nothing else.

use std::{
    borrow::Cow,
    io::{self, IsTerminal as _, Write as _},
    process::ExitCode,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use serde::Serialize;
use textwrap::{WordSeparator, WordSplitter};

use crate::failure::Failure;

/// The width that text is wrapped at.
pub(crate) const MAX_COLUMNS: usize = 80;

#[derive(Debug)]
pub(crate) struct Ui {
    is_json: bool,
    shows_progress: bool,
    /// A note for when the work begins. An error before that is shown alone.
    pending_note: Mutex<Option<String>>,
}

impl Ui {
    pub(crate) fn new(json: bool) -> Self {
        Self {
            is_json: json,
            shows_progress: !json && io::stderr().is_terminal(),
            pending_note: Mutex::new(None),
        }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.is_json
    }

    /// Writes a result. A closed pipe, as of `head`, is not an error.
    pub(crate) fn print(&self, text: &str) -> Result<(), Failure> {
        let mut output = io::stdout().lock();
        match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            done => done.map_err(Failure::output),
        }
    }

    /// Writes the one JSON document.
    pub(crate) fn print_json(&self, document: &impl Serialize) -> Result<(), Failure> {
        let mut text = serde_json::to_string_pretty(document).expect("wire types have string keys");
        text.push('\n');
        self.print(&text)
    }

    /// Shows a note to people.
    pub(crate) fn note(&self, text: &str) {
        if !self.is_json {
            for line in wrap(&format!("note: {text}"), MAX_COLUMNS, "      ") {
                eprintln!("{line}");
            }
        }
    }

    /// Shows a note as soon as the work begins.
    pub(crate) fn note_later(&self, text: String) {
        *self.pending_note.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
    }

    /// To be called when the work begins.
    pub(crate) fn show_pending_note(&self, bar: &ProgressBar) {
        if let Some(text) = self.pending_note.lock().unwrap_or_else(PoisonError::into_inner).take() {
            bar.suspend(|| self.note(&text));
        }
    }

    /// Shows people one line about a finished step.
    pub(crate) fn show_step(&self, step: &str, text: &str) {
        if !self.is_json {
            eprintln!("  {step:<10}  {text}");
        }
    }

    /// A bar that counts pages, shown on a terminal. See [`set_start`].
    pub(crate) fn page_bar(&self, step: &str) -> ProgressBar {
        let bar = self.progress_bar(step);
        set_start(&bar, 0);
        bar
    }

    /// A spinner for a step that cannot be counted, shown on a terminal.
    pub(crate) fn spinner(&self, step: &str, text: &str) -> ProgressBar {
        let bar = self.progress_bar(step);
        bar.set_style(
            ProgressStyle::with_template("  {prefix:<10}  {spinner} {msg}")
                .expect("the template is constant and sound"),
        );
        bar.set_message(text.to_owned());
        bar
    }

    fn progress_bar(&self, step: &str) -> ProgressBar {
        let target =
            if self.shows_progress { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        bar.set_prefix(step.to_owned());
        if self.shows_progress {
            bar.enable_steady_tick(Duration::from_millis(120));
        }
        bar
    }

    /// Shows why the command failed, and returns its exit code.
    pub(crate) fn show_failure(&self, failure: &Failure) -> ExitCode {
        if self.is_json {
            eprintln!("{}", failure.json());
        } else {
            eprintln!("{}", failure.text());
        }
        ExitCode::from(failure.exit_code())
    }
}

/// Starts the bar at the pages that were done before. They count as done, but not for speed and time left.
pub(crate) fn set_start(bar: &ProgressBar, before: u64) {
    bar.set_style(
        ProgressStyle::with_template("  {prefix:<10}  {bar:24.cyan/dim}  {pos}/{len} pages  {pace}")
            .expect("the template is constant and sound")
            .with_key("pace", move |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                let done = state.pos().saturating_sub(before);
                let remaining = state.len().unwrap_or(0).saturating_sub(state.pos());
                let _ = write!(out, "{}", format_pace(done, remaining, state.elapsed()));
            })
            .progress_chars("━━─"),
    );
    bar.set_position(before);
}

/// Speed and time left after `done` pages in `elapsed`. Empty before the first page.
fn format_pace(done: u64, remaining: u64, elapsed: Duration) -> String {
    if done == 0 {
        return String::new();
    }
    #[expect(clippy::cast_precision_loss, reason = "page counts are far below 2^52")]
    let (done, remaining) = (done as f64, remaining as f64);
    let pages_per_second = done / elapsed.as_secs_f64().max(0.001);
    let time_left = Duration::from_secs_f64(remaining / pages_per_second);
    format!("{pages_per_second:.1} pages/s  {} left", format_duration(time_left))
}

fn format_duration(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}

/// Lines of at most `width` columns, broken at spaces. Lines after the first begin with `indent`.
pub(crate) fn wrap(text: &str, width: usize, indent: &str) -> Vec<String> {
    let options = textwrap::Options::new(width)
        .subsequent_indent(indent)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    textwrap::wrap(&words.join(" "), options).into_iter().map(Cow::into_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_wrapped_between_words_with_an_indent() {
        assert_eq!(wrap("1. aaa bbb ccc", 10, "   "), ["1. aaa bbb", "   ccc"]);
        assert_eq!(wrap("aaaaaaaaaaaaaaa b", 10, "  "), ["aaaaaaaaaaaaaaa", "  b"]);
        assert_eq!(wrap("aaa bbb [p.\u{a0}7]", 13, "  "), ["aaa bbb", "  [p.\u{a0}7]"]);
        assert_eq!(wrap("", 10, "  "), [""]);
    }

    #[test]
    fn pages_of_earlier_runs_do_not_count_for_the_speed() {
        assert_eq!(format_pace(0, 200, Duration::from_secs(3)), "");
        assert_eq!(format_pace(10, 90, Duration::from_secs(20)), "0.5 pages/s  3 min left");
        assert_eq!(format_pace(100, 50, Duration::from_secs(25)), "4.0 pages/s  12 s left");
    }
}
