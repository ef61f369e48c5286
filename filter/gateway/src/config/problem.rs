//! A mistake in the configuration: where it stands, what is wrong and what to write instead.
//!
//! Problems are collected, never thrown, so that one run shows them all. A problem never repeats a value that may be a
//! secret.

use std::fmt;

/// One step from a value to a value inside it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Into a mapping, by the key.
    Field(String),
    /// Into a sequence, by the position counted from zero.
    Index(usize),
}

/// The way from the document's root to a value, displayed as `models.chat.targets[0].provider`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(Vec<Step>);

impl Path {
    /// The document itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// The value under `name`.
    #[must_use]
    pub fn field(&self, name: &str) -> Self {
        self.then(Step::Field(name.to_owned()))
    }

    /// The value at `index`.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.then(Step::Index(index))
    }

    /// The steps, outermost first.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Whether `self` is `other` or stands inside it.
    pub fn is_within(&self, other: &Path) -> bool {
        self.0.starts_with(&other.0)
    }

    /// Whether the value stands where a provider's key is configured, so that nothing of it may be repeated.
    pub fn is_key(&self) -> bool {
        let is =
            |position: usize, name: &str| matches!(self.0.get(position), Some(Step::Field(it)) if it == name);
        is(0, "providers") && is(2, "key")
    }

    fn then(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

impl From<Vec<Step>> for Path {
    fn from(steps: Vec<Step>) -> Self {
        Self(steps)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Field(name) => {
                    let dot = if position == 0 { "" } else { "." };
                    // A name with a dot in it is quoted, because the path would read as another one.
                    match name.chars().all(|c| c.is_alphanumeric() || "_-".contains(c)) {
                        true => write!(f, "{dot}{name}")?,
                        false => write!(f, "{dot}{name:?}")?,
                    }
                }
            }
        }
        Ok(())
    }
}

/// Which part of a mapping's entry a problem is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// The name before the colon.
    Key,
    /// What stands after it.
    Value,
}

/// One mistake in the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where the mistake is; for something missing, where it should be.
    pub path: Path,
    /// Which part of the entry is meant.
    pub at: At,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

impl Problem {
    /// A problem with the value at `path`.
    pub fn value(path: Path, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { path, at: At::Value, message: message.into(), help: help.into() }
    }

    /// A problem with the name that `path` ends in.
    pub fn key(path: Path, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { path, at: At::Key, message: message.into(), help: help.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.path, self.message, self.help)
    }
}
