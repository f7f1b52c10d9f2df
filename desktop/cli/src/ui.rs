//! What people and programs see: progress on a terminal, results on standard output, notes and errors on standard
//! error. With `--json` one document, and nothing else.

use std::{
    io::{self, IsTerminal as _, Write as _},
    process::ExitCode,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use serde::Serialize;

use crate::failure::Failure;

/// How to show things.
#[derive(Debug)]
pub(crate) struct Ui {
    json: bool,
    bars: bool,
    /// What to say once the work has begun: before that, an error is to stand alone.
    announced: Mutex<Option<String>>,
}

impl Ui {
    pub(crate) fn new(json: bool) -> Self {
        Self { json, bars: !json && io::stderr().is_terminal(), announced: Mutex::new(None) }
    }

    /// Whether programs are reading.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Writes a result. A reader that has had enough, such as `head`, is no error.
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

    /// Says something that is worth knowing, to people.
    pub(crate) fn note(&self, text: &str) {
        if !self.json {
            for line in wrapped(&format!("note: {text}"), 80, 6) {
                eprintln!("{line}");
            }
        }
    }

    /// Says something that is worth knowing as soon as the work begins.
    pub(crate) fn announce(&self, text: String) {
        *self.announced.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
    }

    /// The work begins.
    pub(crate) fn begins(&self, bar: &ProgressBar) {
        if let Some(text) = self.announced.lock().unwrap_or_else(PoisonError::into_inner).take() {
            bar.suspend(|| self.note(&text));
        }
    }

    /// One line about what was done, to people.
    pub(crate) fn done(&self, what: &str, text: &str) {
        if !self.json {
            eprintln!("  {what:<10}  {text}");
        }
    }

    /// A bar that counts pages, if somebody watches. See [`counts_from`].
    pub(crate) fn pages(&self, what: &str) -> ProgressBar {
        let bar = self.bar(what);
        counts_from(&bar, 0);
        bar
    }

    /// A sign of life for what cannot be counted, if somebody watches.
    pub(crate) fn spinner(&self, what: &str, text: &str) -> ProgressBar {
        let bar = self.bar(what);
        bar.set_style(
            ProgressStyle::with_template("  {prefix:<10}  {spinner} {msg}")
                .expect("the template is constant and sound"),
        );
        bar.set_message(text.to_owned());
        bar
    }

    fn bar(&self, what: &str) -> ProgressBar {
        let target = if self.bars { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        bar.set_prefix(what.to_owned());
        if self.bars {
            bar.enable_steady_tick(Duration::from_millis(120));
        }
        bar
    }

    /// Shows why the command failed, and gives its exit code.
    pub(crate) fn fail(&self, failure: &Failure) -> ExitCode {
        if self.json {
            eprintln!("{}", failure.json());
        } else {
            eprintln!("{}", failure.sentence());
        }
        ExitCode::from(failure.exit())
    }
}

/// Starts the bar at pages that were done before. They are shown as done, and flatter neither speed nor time left.
pub(crate) fn counts_from(bar: &ProgressBar, before: u64) {
    bar.set_style(
        ProgressStyle::with_template("  {prefix:<10}  {bar:24.cyan/dim}  {pos}/{len} pages  {pace}")
            .expect("the template is constant and sound")
            .with_key("pace", move |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                let now = state.pos().saturating_sub(before);
                let left = state.len().unwrap_or(0).saturating_sub(state.pos());
                let _ = write!(out, "{}", pace(now, left, state.elapsed()));
            })
            .progress_chars("━━─"),
    );
    bar.set_position(before);
}

/// Speed and time left after `done` pages in `elapsed`; nothing before the first.
fn pace(done: u64, left: u64, elapsed: Duration) -> String {
    if done == 0 {
        return String::new();
    }
    #[expect(clippy::cast_precision_loss, reason = "page counts are far below 2^52")]
    let (done, left) = (done as f64, left as f64);
    let speed = done / elapsed.as_secs_f64().max(0.001);
    format!("{speed:.1} pages/s  {} left", in_words(Duration::from_secs_f64(left / speed)))
}

/// A duration as people say it.
fn in_words(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}

/// Lines of at most `width` columns; those after the first begin with `indent` spaces.
pub(crate) fn wrapped(text: &str, width: usize, indent: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let blank = line.trim().is_empty();
        if !blank && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
        } else if !blank {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_broken_between_words_and_hangs_under_its_beginning() {
        assert_eq!(wrapped("1. aaa bbb ccc", 10, 3), ["1. aaa bbb", "   ccc"]);
        assert_eq!(wrapped("aaaaaaaaaaaaaaa b", 10, 2), ["aaaaaaaaaaaaaaa", "  b"]);
        assert_eq!(wrapped("", 10, 2), [""]);
    }

    #[test]
    fn speed_and_time_left_come_from_the_pages_of_this_reading() {
        assert_eq!(pace(0, 200, Duration::from_secs(3)), "");
        assert_eq!(pace(10, 90, Duration::from_secs(20)), "0.5 pages/s  3 min left");
        assert_eq!(pace(100, 50, Duration::from_secs(25)), "4.0 pages/s  12 s left");
    }
}
