//! What every step returns when it cannot go on: what failed, and what the developer can do about it.
//!
//! Both halves are always there; a failure without a remedy cannot be built.

use std::fmt;

/// The result of a step.
pub type Outcome<T> = Result<T, Failure>;

/// A step that failed, with the way out of it.
#[derive(Debug)]
pub struct Failure {
    /// What failed, with the facts.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

impl Failure {
    /// A failure that says what happened and how to get past it.
    pub fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}\n  what to do: {}", self.what, self.remedy)
    }
}

/// Turns the error of a library into a [`Failure`] at the place that knows what was being done.
pub trait OrFail<T> {
    /// `what` names the action that failed; the cause is added to it.
    fn or_fail(self, what: impl fmt::Display, remedy: &str) -> Outcome<T>;
}

impl<T, E: fmt::Display> OrFail<T> for Result<T, E> {
    fn or_fail(self, what: impl fmt::Display, remedy: &str) -> Outcome<T> {
        self.map_err(|cause| Failure::new(format!("{what}: {cause}"), remedy))
    }
}

/// The remedy for files and folders that cannot be read or written.
pub const CHECK_FOLDER: &str =
    "check that the folder can be written and that the disk is not full, then run it again";
