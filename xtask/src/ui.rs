//! What the developer sees: one line per step, and a bar with a clock on what takes long.
//!
//! Everything goes to standard error, so that standard output belongs to what a command answers. Without a terminal the
//! bar is left out and the step's first and last line stay.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::failure::Failure;

/// A step that takes a while.
pub struct Step {
    bar: ProgressBar,
    label: String,
    since: Instant,
}

impl Step {
    /// Says what begins now and starts the clock.
    pub fn begin(label: &str) -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} [{elapsed}] {wide_msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(label.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        if !std::io::stderr().is_terminal() {
            say("begin", &format!("{label} …"));
        }
        Self { bar, label: label.to_owned(), since: Instant::now() }
    }

    /// What it is doing at the moment.
    pub fn note(&self, line: &str) {
        self.bar.set_message(line.trim().to_owned());
    }

    /// The step is through.
    pub fn end(self) {
        self.bar.finish_and_clear();
        say("done", &format!("{} ({:.1} s)", self.label, self.since.elapsed().as_secs_f32()));
    }

    /// The step has failed; the failure is shown by whoever receives it.
    pub fn abandon(self) {
        self.bar.finish_and_clear();
    }
}

/// One line about one thing, the verb or subject in a column of its own.
pub fn say(subject: &str, text: &str) {
    if std::io::stderr().is_terminal() {
        eprintln!("\x1b[1;32m{subject:>12}\x1b[0m {text}");
    } else {
        eprintln!("{subject:>12} {text}");
    }
}

/// Something a developer should know that does not stop the command.
pub fn warn(text: &str) {
    if std::io::stderr().is_terminal() {
        eprintln!("\x1b[1;33m{:>12}\x1b[0m {text}", "warning");
    } else {
        eprintln!("{:>12} {text}", "warning");
    }
}

/// The last words of a command that could not go on.
pub fn failed(failure: &Failure) {
    if std::io::stderr().is_terminal() {
        eprintln!("\x1b[1;31merror\x1b[0m: {failure}");
    } else {
        eprintln!("error: {failure}");
    }
}
